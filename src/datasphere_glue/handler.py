"""The entry point of Lambda: an event in, a result out. Decides nothing."""

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, assert_never

from datasphere_glue import bootstrap
from datasphere_glue.errors import RunEnded, RunFailed, RunHalted
from datasphere_glue.events.parsing import is_queue_batch, parse
from datasphere_glue.events.sqs import CoalescedRequest, coalesced_requests
from datasphere_glue.outcome.answer import answer_of
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.runs import lifecycle, telemetry
from datasphere_glue.runs.context import ReadRequest
from datasphere_glue.runs.ports import Caller, seconds_left
from datasphere_glue.secrecy import SECRETS

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Carry out the run of an event and return its result (design 1.4).

    A queue batch leads to one run for each space. The answer names the messages whose run failed
    or did not finish (possibly all), so that SQS delivers only those again.

    Raises:
        RunFailed: settings, configuration or event are invalid, or an unexpected error occurred.
        RunHalted: a guard refused, or credentials or permissions failed.

    """
    if is_queue_batch(event):
        return _queue(event, context)
    return _answer(lambda: parse(event), Caller.of(context))


def _queue(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return the partial batch response of Powertools, after one run for each space."""
    from aws_lambda_powertools.utilities.batch import (  # noqa: PLC0415 - 115 ms for batches alone
        BatchProcessor,
        EventType,
        process_partial_response,
    )

    coalesced_by_id = {
        message_id: coalesced
        for coalesced in coalesced_requests(event["Records"])
        for message_id in coalesced.messages
    }

    @cache
    def time_limit() -> float | None:
        return seconds_left(context)

    @cache
    def finished(coalesced: CoalescedRequest) -> bool:
        return _finished(coalesced.request, lambda: Caller.of(context, time_limit()))

    def process_record(record: "SQSRecord") -> None:
        if not finished(coalesced_by_id[record.message_id]):
            raise _UnfinishedMessageError

    # A batch whose messages all fail is reported message by message, too.
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event, process_record, processor))


class _UnfinishedMessageError(Exception):
    """SQS must deliver the message again. Powertools logs this error: it quotes no message."""


def _finished(read_request: ReadRequest, caller: Callable[[], Caller]) -> bool:
    """Carry out a run; return False if it failed, halted or stayed PENDING."""
    try:
        answer = _answer(read_request, caller())
    except RunEnded:
        return False
    except Exception:  # noqa: BLE001 - Powertools would drop the traceback of any error
        telemetry.logger.exception({"event": "error"})
        return False
    return bool(answer["status"] != Status.PENDING)


def _answer(read_event: ReadRequest, caller: Caller) -> dict[str, Any]:
    result = lifecycle.execute_run(read_event, os.environ, caller, bootstrap)
    telemetry.record_run(result)
    answer: dict[str, Any] = SECRETS.mask_value(answer_of(result))
    match result.status:
        case Status.FAILED:
            raise RunFailed(_message(result), answer)
        case Status.HALTED:
            raise RunHalted(_message(result), answer)
        case Status.SUCCESS | Status.NO_CHANGES | Status.PENDING | Status.DEGRADED:
            return answer
        case _:
            assert_never(result.status)


def _message(result: Result) -> str:
    issues = "; ".join(f"{issue.subject}: {issue.message}" for issue in result.issues[:5])
    return SECRETS.mask_text(f"{result.status}: {issues}")
