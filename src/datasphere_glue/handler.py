"""Lambda's door: an event in, a result out. Decides nothing."""

import os
from typing import Any

from datasphere_glue import bootstrap
from datasphere_glue.errors import RunEnded, RunFailed, RunHalted
from datasphere_glue.events.parsing import is_queue_batch, parse
from datasphere_glue.events.sqs import coalesced_requests
from datasphere_glue.outcome.answer import answer_of
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.runs import lifecycle, telemetry
from datasphere_glue.runs.caller import Caller
from datasphere_glue.runs.lifecycle import ReadRequest


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Carry out the run that an event asks for and return its result (design 1.4).

    A queue batch is worked off space by space, with one run for all messages about it. It returns
    the messages whose run failed or came to no end, be it all of them, so that only those are
    delivered again.

    Raises:
        RunFailed: settings, configuration or event are invalid, or something unexpected happened.
        RunHalted: a guard refused, or credentials or permissions failed.

    """
    if is_queue_batch(event):
        return _queue(event, context)
    return _answer(lambda: parse(event), context)


def _queue(event: dict[str, Any], context: Any) -> dict[str, Any]:
    records, left = event["Records"], set[str]()
    for errand in coalesced_requests(records):
        try:
            answer = _answer(errand.request, context)
        except RunEnded:
            left.update(errand.messages)
        else:
            # What the time did not suffice for is to be delivered again.
            left.update(errand.messages if answer["status"] == Status.PENDING else ())
    failed = [record["messageId"] for record in records if str(record["messageId"]) in left]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _answer(read_event: ReadRequest, context: Any) -> dict[str, Any]:
    result = lifecycle.execute_run(read_event, os.environ, Caller.of(context), bootstrap)
    telemetry.record_run(result)
    answer = answer_of(result)
    ended = {Status.FAILED: RunFailed, Status.HALTED: RunHalted}.get(result.status)
    if ended is not None:
        raise ended(_message(result), answer)
    return answer


def _message(result: Result) -> str:
    issues = "; ".join(f"{issue.subject}: {issue.message}" for issue in result.issues[:5])
    return f"{result.status}: {issues}"
