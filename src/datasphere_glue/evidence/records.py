"""Audit records: actor, change, table, reason and outcome of each write; and every refusal.

Every run writes a file of them: a record of the run itself, then one for each refusal and for each
change. docs/audit.md and docs/audit.schema.json define every key.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, Final

from datasphere_glue import __version__
from datasphere_glue.errors import CredentialsRejected, EvidenceAltered, PermissionDenied
from datasphere_glue.evidence.hashed_lines import chain_records
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.outcome.run import Result, as_issue, issue_value, table_counts
from datasphere_glue.plan.change import Change, Outcome, TableChange

SCHEMA: Final = "datasphere-glue/audit/2"
_LOGGED_FIELDS: Final = 50
_REFUSALS: Final = (CredentialsRejected, PermissionDenied, EvidenceAltered)
_STAMPS: Final = {
    name: table_key(name) for name in ("changed_on", "deployed_on", "changed_by", "fingerprint")
}

Places = Mapping[tuple[str, str | None], Mapping[str, Any]]
"""Place of the complete change (`file`, `line`), by database and table."""


def file_lines(result: Result, images: Places) -> Callable[[], Iterator[bytes]]:
    """Return a function that yields the lines of the audit file of a run at each call."""

    def lines() -> Iterator[bytes]:
        return chain_records(
            chain([_run_record(result)], security_events(result), records(result, images))
        )

    return lines


def records(result: Result, images: Places | None = None) -> Iterator[dict[str, Any]]:
    """Yield one record per change that was tried or left untried here, in plan order.

    With `images`, each record has the place of its before-image.
    """
    run_fields = _run_fields(result)
    for outcome in result.unrecorded:
        name = outcome.change.key
        image = {} if images is None else {"image": images.get(name)}
        yield {**run_fields, **_change_fields(outcome), **image}


def security_events(result: Result) -> Iterator[dict[str, Any]]:
    """Yield one record per refusal of an identity or a permission that stopped the run.

    Nothing was written after it; the next run continues once the remedy is applied.
    """
    refusals = [as_issue(result.error)] if isinstance(result.error, _REFUSALS) else []
    refusals += (o.error for o in result.unrecorded if o.halts and o.error is not None)
    for issue in dict.fromkeys(refusals):
        yield {**_run_fields(result), "event": "security", "error": issue_value(issue)}


def _run_record(result: Result) -> dict[str, Any]:
    return {
        **_run_fields(result),
        "event": "run",
        "action": str(result.action),
        "step": result.context.step,
        "writer": result.context.writer,
        "status": str(result.status),
        "counts": table_counts(result),
        "changes": len(result.unrecorded),
        "error": issue_value(as_issue(result.error)) if result.error else None,
    }


def _change_fields(outcome: Outcome) -> dict[str, Any]:
    change = outcome.change
    return {
        "event": "change",
        "space": change.space,
        "asset": change.asset,
        "database": change.database,
        "table": change.table,
        "action": str(change.action),
        "kind": str(change.kind),
        "reason": change.reason,
        "source": _source(change),
        "fields": changed_fields(change),
        "outcome": str(outcome.result),
        "verified": outcome.verified,
        "attempts": outcome.attempts,
        "error": issue_value(outcome.error) if outcome.error else None,
    }


def _source(change: Change) -> dict[str, str | None] | None:
    """Return the version of the asset at the source; None for a database."""
    if not isinstance(change, TableChange):
        return None
    table = change.after or change.before
    return {name: table.parameter(key) if table else None for name, key in _STAMPS.items()}


def _run_fields(result: Result) -> dict[str, Any]:
    context = result.context
    return {
        "schema": SCHEMA,
        "run_id": context.run_id,
        "started": context.started,
        "trigger": context.trigger,
        "cause": context.cause,
        "actor": result.actor,
        "tenant": context.tenant,
        "environment": context.environment,
        "version": __version__,
        "config_hash": context.config_digest,
        "plan_digest": result.digest,
    }


def changed_fields(change: Change) -> list[dict[str, str | None]]:
    """Return the changed attributes with before and after; a creation or deletion lists none."""
    return [
        {"field": field.field, "before": field.before, "after": field.after}
        for field in change.fields
    ]


def shortened(record: dict[str, Any], limit: int) -> dict[str, Any]:
    """Return a record that fits a log line: values of at most `limit` characters, 50 fields.

    `fields_left_out` is the number of omitted fields. CloudWatch accepts 256 KB per line.
    """
    fields = [
        {key: _cut(value, limit) for key, value in field.items()}
        for field in record["fields"][:_LOGGED_FIELDS]
    ]
    left_out = len(record["fields"]) - len(fields)
    return record | {"fields": fields} | ({"fields_left_out": left_out} if left_out else {})


def _cut(value: str | None, limit: int) -> str | None:
    return value if value is None or len(value) <= limit else value[: limit - 1] + "…"
