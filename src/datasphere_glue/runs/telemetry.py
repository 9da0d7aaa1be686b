"""Logs and metrics of the deployed function, by AWS Lambda Powertools; no other module logs.

Custom log content is nested under one key each: names such as `name`, `message` or `args` are
attributes of Python's log records and may not be overwritten. Metrics carry no asset names as
dimensions: each distinct value would be a custom metric of its own.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from datasphere_glue.errors import SyncError
from datasphere_glue.evidence.records import records, security_events, shortened
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.outcome.run import (
    Result,
    Status,
    database_counts,
    reading,
    result_value,
    table_counts,
)
from datasphere_glue.plan.change import OutcomeStatus, TableChange
from datasphere_glue.secrecy import SECRETS

SERVICE: Final = "datasphere-glue"
_DEPLOYED_ON: Final = table_key("deployed_on")
NAMESPACE: Final = "DatasphereGlue"
_LOGGED_VALUE: Final = 1_000
logger = Logger(service=SERVICE)


class SecretFilter(logging.Filter):
    """Masks tokens and secrets in every text of the log, tracebacks included."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask message, arguments and traceback; always return True.

        The traceback becomes part of the message, since the formatter would write it unmasked.
        """
        if record.args:
            record.msg, record.args = record.getMessage(), None
        if record.exc_info:
            message = record.msg if isinstance(record.msg, dict) else {"event": str(record.msg)}
            trace = logging.Formatter().formatException(record.exc_info)
            record.msg, record.exc_info = {**message, "traceback": trace}, None
        record.msg = SECRETS.mask_logged(record.msg)
        return True


def masked(text: str) -> str:
    """Return the text with each secret and each likely token or secret replaced by `***`."""
    return str(SECRETS.mask_logged(text))


logger.addFilter(SecretFilter())


def record_run(result: Result) -> None:
    """Write one audit line per change, one line for the run, and its metrics.

    The correlation id is that of the event, so that a run can be found from its cause.
    """
    context = result.context
    logger.set_correlation_id(context.cause or context.run_id)
    for record in records(result):
        logger.info({"event": "change", "audit": shortened(record, _LOGGED_VALUE)})
    for event in security_events(result):
        logger.error({"event": "security", "audit": event})
    if result.error is not None and not isinstance(result.error, SyncError):
        logger.error({"event": "error"}, exc_info=result.error)
    summary = result_value(result)
    succeeded = result.status in {Status.SUCCESS, Status.NO_CHANGES}
    line = {"event": "run", "actor": result.actor, "trigger": context.trigger, "result": summary}
    line |= {"step": context.step} if context.step else {}
    line |= {"audit_head": result.audit_head} if result.audit_head else {}
    (logger.info if succeeded else logger.warning)(line)
    # A divided run counts once: its last step measures the whole run.
    if context.step in {None, "finish"}:
        _measure(result)


def _measure(result: Result) -> None:
    context, costs = result.context, result.costs
    metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
    metrics.add_dimension("tenant", context.tenant or "unknown")
    if context.environment:
        metrics.add_dimension("environment", context.environment)
    for status in Status:
        metrics.add_metric(f"Run{status}", MetricUnit.Count, float(result.status is status))
    for name, count in table_counts(result).items():
        metrics.add_metric(f"Tables{name.title()}", MetricUnit.Count, count)
    metrics.add_metric("DatabasesCreated", MetricUnit.Count, database_counts(result)["created"])
    metrics.add_metric("SpacesIncomplete", MetricUnit.Count, _incomplete(result))
    counts = reading(result)
    for name in ("read", "reused", "left"):
        metrics.add_metric(f"Assets{name.title()}", MetricUnit.Count, counts[name])
    started = datetime.fromisoformat(context.started) if context.started else None
    if result.oldest_read and started:
        age = started - datetime.fromisoformat(result.oldest_read)
        metrics.add_metric("OldestRead", MetricUnit.Seconds, age.total_seconds())
    if result.client_expires and started:
        remaining = result.client_expires - started.date()
        metrics.add_metric("ClientDaysLeft", MetricUnit.Count, remaining.days)
    if (lag := _lag(result)) is not None:
        metrics.add_metric("LagMinutes", MetricUnit.NoUnit, round(lag / 60, 1))
    for name, count in costs.calls.items():
        metrics.add_metric(f"Calls_{name}", MetricUnit.Count, count)
    metrics.add_metric("Duration", MetricUnit.Milliseconds, costs.duration_ms)
    metrics.add_metadata("run_id", context.run_id)
    metrics.flush_metrics()


def _lag(result: Result) -> float | None:
    """Return the longest time in seconds from a deployment in Datasphere to its write into Glue.

    Only deployments that the table did not have yet count; None without any.
    """
    if not result.context.started:
        return None
    duration = timedelta(milliseconds=result.costs.duration_ms)
    ended = datetime.fromisoformat(result.context.started) + duration
    moments = (
        _deployed(outcome.change)
        for outcome in result.outcomes
        if outcome.result is OutcomeStatus.DONE and isinstance(outcome.change, TableChange)
    )
    lags = [(ended - moment).total_seconds() for moment in moments if moment is not None]
    return max(0.0, *lags) if lags else None


def _deployed(change: TableChange) -> datetime | None:
    if change.before is None or change.after is None:
        return None
    now, then = (side.parameter(_DEPLOYED_ON) for side in (change.after, change.before))
    try:
        moment = datetime.fromisoformat(now or "")
    except ValueError:
        return None
    return moment if now != then and moment.tzinfo else None


def _incomplete(result: Result) -> int:
    return sum(not listing.complete for listing in result.listings)
