"""Lambda's door: an event in, a result out. Decides nothing."""

import os
from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from datasphere_glue import telemetry, wiring
from datasphere_glue.errors import RunFailed, RunHalted
from datasphere_glue.events import is_queue_batch, parse, parse_message
from datasphere_glue.report.run import Run, Status, result
from datasphere_glue.wiring import Door, ReadRequest


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Carry out the run that an event asks for and return its result (design 1.4).

    A queue batch is worked off message by message and returns what failed, be it all of it, so
    that only that is delivered again.

    Raises:
        RunFailed: settings, configuration or event are invalid, or something unexpected happened.
        RunHalted: a guard refused, or credentials or permissions failed.

    """
    if is_queue_batch(event):
        return _queue(event, context)
    return _answer(lambda: parse(event), context)


def _queue(event: dict[str, Any], context: Any) -> dict[str, Any]:
    def handle(record: SQSRecord) -> dict[str, Any]:
        return _answer(lambda: parse_message(record.body), context)

    answer = process_partial_response(
        event=event,
        record_handler=handle,
        processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
        context=context,
    )
    return dict(answer)


def _answer(read_event: ReadRequest, context: Any) -> dict[str, Any]:
    run, facts = wiring.perform(read_event, os.environ, Door.of(context))
    telemetry.record_run(run, facts)
    answer = result(run, facts)
    ended = {Status.FAILED: RunFailed, Status.HALTED: RunHalted}.get(run.status)
    if ended is not None:
        raise ended(_told(run), answer)
    return answer


def _told(run: Run) -> str:
    issues = "; ".join(f"{issue.subject}: {issue.message}" for issue in run.issues[:5])
    return f"{run.status}: {issues}"
