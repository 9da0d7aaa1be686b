"""Audit records: who did what to which table, why, and what came of it; and who was refused.

Every run leaves a file of them: a record of the run itself, then one for each refusal and for each
change. docs/audit.md and docs/audit.schema.json say what every key means.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, Final

from datasphere_glue import __version__
from datasphere_glue.errors import CredentialsRejected, EvidenceAltered, PermissionDenied
from datasphere_glue.evidence.hashed_lines import chain_records
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.outcome.run import Facts, Run, as_issue, issue_value, table_counts
from datasphere_glue.plan.change import Change, Outcome, TableChange

SCHEMA: Final = "datasphere-glue/audit/2"
_LOGGED_FIELDS: Final = 50
_REFUSALS: Final = (CredentialsRejected, PermissionDenied, EvidenceAltered)
_STAMPS: Final = {
    name: table_key(name) for name in ("changed_on", "deployed_on", "changed_by", "fingerprint")
}

Places = Mapping[tuple[str, str | None], Mapping[str, Any]]
"""Where the whole change stands, by database and table."""


def file_lines(run: Run, facts: Facts, images: Places) -> Callable[[], Iterator[bytes]]:
    """Return what yields the audit file of a run, as often as it is asked."""

    def lines() -> Iterator[bytes]:
        told = (security_events(run, facts), records(run, facts, images))
        return chain_records(chain([_run_record(run, facts)], *told))

    return lines


def records(run: Run, facts: Facts, images: Places | None = None) -> Iterator[dict[str, Any]]:
    """Yield one record per change that was tried or left untried here, in plan order.

    Each tells where its image is, unless nobody knows of any.
    """
    about = _about(run, facts)
    for outcome in run.own:
        name = outcome.change.key
        image = {} if images is None else {"image": images.get(name)}
        yield {**about, **_record(outcome), **image}


def security_events(run: Run, facts: Facts) -> Iterator[dict[str, Any]]:
    """Yield one record per refusal of an identity or a permission that stopped the run.

    Nothing was written after it; a run goes on by itself once the remedy is done.
    """
    refusals = [as_issue(run.error)] if isinstance(run.error, _REFUSALS) else []
    refusals += (o.error for o in run.own if o.halts and o.error is not None)
    for issue in dict.fromkeys(refusals):
        yield {**_about(run, facts), "event": "security", "error": issue_value(issue)}


def _run_record(run: Run, facts: Facts) -> dict[str, Any]:
    return {
        **_about(run, facts),
        "event": "run",
        "action": run.action,
        "step": facts.step,
        "status": str(run.status),
        "counts": table_counts(run),
        "changes": len(run.own),
        "error": issue_value(as_issue(run.error)) if run.error else None,
    }


def _record(outcome: Outcome) -> dict[str, Any]:
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
    """Return what tells the version of the asset at the source; a database has none."""
    if not isinstance(change, TableChange):
        return None
    table = change.after or change.before
    return {name: table.parameter(key) if table else None for name, key in _STAMPS.items()}


def _about(run: Run, facts: Facts) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "run_id": facts.run_id,
        "started": facts.started,
        "trigger": facts.trigger,
        "cause": facts.cause,
        "actor": facts.actor,
        "tenant": facts.tenant,
        "environment": facts.environment,
        "version": __version__,
        "config_hash": facts.config_hash,
        "plan_digest": run.digest,
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
