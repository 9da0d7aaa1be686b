"""Audit records: who did what to which table, why, and what came of it; and who was refused."""

from collections.abc import Iterator
from typing import Any, Final

from datasphere_glue.errors import CredentialsRejected, PermissionDenied
from datasphere_glue.plan.change import Change, Outcome
from datasphere_glue.report.run import Facts, Run, as_issue, issue_value

_LOGGED_FIELDS: Final = 50
_REFUSALS: Final = (CredentialsRejected, PermissionDenied)


def records(run: Run, facts: Facts) -> Iterator[dict[str, Any]]:
    """Yield one record per change that was tried or left untried here, in plan order."""
    for outcome in run.own:
        yield _record(outcome, facts)


def security_events(run: Run, facts: Facts) -> Iterator[dict[str, Any]]:
    """Yield one record per refusal of an identity or a permission that stopped the run.

    Nothing was written after it; a run goes on by itself once the remedy is done.
    """
    refusals = [as_issue(run.error)] if isinstance(run.error, _REFUSALS) else []
    refusals += (o.error for o in run.own if o.halts and o.error is not None)
    for issue in dict.fromkeys(refusals):
        yield {**_about(facts), "event": "security", "error": issue_value(issue)}


def _record(outcome: Outcome, facts: Facts) -> dict[str, Any]:
    change = outcome.change
    return {
        **_about(facts),
        "event": "change",
        "space": change.space,
        "asset": change.asset,
        "database": change.database,
        "table": change.table,
        "action": str(change.action),
        "kind": str(change.kind),
        "reason": change.reason,
        "fields": changed_fields(change),
        "outcome": str(outcome.result),
        "verified": outcome.verified,
        "attempts": outcome.attempts,
        "error": issue_value(outcome.error) if outcome.error else None,
    }


def _about(facts: Facts) -> dict[str, Any]:
    return {
        "run_id": facts.run_id,
        "started": facts.started,
        "trigger": facts.trigger,
        "cause": facts.cause,
        "actor": facts.actor,
        "tenant": facts.tenant,
        "config_hash": facts.config_hash,
    }


def changed_fields(change: Change) -> list[dict[str, str | None]]:
    """Return the changed attributes with before and after; a creation or deletion lists none."""
    return [
        {"field": field.field, "before": field.before, "after": field.after}
        for field in change.fields
    ]


def shortened(record: dict[str, Any], limit: int) -> dict[str, Any]:
    """Return a record that fits a log line: values of at most `limit` characters, 50 fields.

    `fields_left_out` counts what is missing then; CloudWatch takes 256 KB a line.
    """
    fields = [
        {key: _cut(value, limit) for key, value in field.items()}
        for field in record["fields"][:_LOGGED_FIELDS]
    ]
    left_out = len(record["fields"]) - len(fields)
    return record | {"fields": fields} | ({"fields_left_out": left_out} if left_out else {})


def _cut(value: str | None, limit: int) -> str | None:
    return value if value is None or len(value) <= limit else value[: limit - 1] + "…"
