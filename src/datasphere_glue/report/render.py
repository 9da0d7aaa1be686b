"""A run as text for a terminal: the most important first, no colour needed to understand it."""

from collections.abc import Iterator
from typing import Final

from datasphere_glue.errors import excerpt
from datasphere_glue.plan.change import Action, Change, ChangeKind, DatabaseChange, FieldChange
from datasphere_glue.report.run import Facts, Run, reading, table_counts
from datasphere_glue.report.terminal import visible

_SIGNS: Final = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.RESTORE: "^",
    Action.DEPRECATE: "x",
    Action.DELETE: "-",
}
_KIND_SIGNS: Final = {ChangeKind.BREAKING: "!", ChangeKind.RENAMED: ">"}
_TOLD_NOTES: Final = frozenset(
    {
        *("SCHEMA_HELD", "ASSET_RENAMED", "COLUMN_RENAMED", "RENAME_TAGS"),
        *("LEFT_BEHIND", "GONE_SPACE_LISTED", "DATABASE_LEFT", "ROLLED_BACK"),
    }
)
"""Notes that ask a person for a decision; the others are for the record."""

_EDITS: Final = {"conflict": "conflict", "drift": "edited in Glue", "set_back": "edited in Glue"}
_MAX_CHANGES: Final = 40
_MAX_FIELDS: Final = 6
_MAX_ISSUES: Final = 12
_WIDTH: Final = 100


def text(run: Run, facts: Facts) -> str:
    """Return the account of a run: what changes, what is wrong, what to do next, the status."""
    return "\n".join(visible(line) for line in _lines(run, facts))


def _lines(run: Run, facts: Facts) -> Iterator[str]:
    yield f"datasphere-glue {run.action}  tenant={facts.tenant}  run={facts.run_id}"
    yield _source_line(run, facts)
    yield ""
    if run.action == "doctor":
        yield from _doctor_lines(run, facts)
    changes = run.plan.changes
    for change in changes[:_MAX_CHANGES]:
        yield from _change_lines(change)
    if len(changes) > _MAX_CHANGES:
        yield f"  ... and {len(changes) - _MAX_CHANGES} more changes (all of them in the report)"
    yield from _conflict_lines(run)
    yield from _note_lines(run)
    for issue in run.issues[:_MAX_ISSUES]:
        yield f"  ? {issue.subject}  {issue.code}: {issue.message}"
        yield f"      -> {issue.remedy}"
    if len(run.issues) > _MAX_ISSUES:
        yield f"  ... and {len(run.issues) - _MAX_ISSUES} more (all of them in the report)"
    yield ""
    yield from _closing(run, facts)


def _conflict_lines(run: Run) -> Iterator[str]:
    conflicts = run.plan.conflicts
    for conflict in conflicts[:_MAX_ISSUES]:
        place = f"{conflict.database}.{conflict.table}" if conflict.table else conflict.database
        yield f"  < {place}  {conflict.field}: {_EDITS[conflict.kind]}"
        yield f"      {'kept' if conflict.kept else 'set back'} {_value(conflict.catalog)}"
        yield f"      Datasphere: {_value(conflict.source)}"
    if len(conflicts) > _MAX_ISSUES:
        yield f"  ... and {len(conflicts) - _MAX_ISSUES} more edits (all of them in the report)"


def _note_lines(run: Run) -> Iterator[str]:
    notes = [note for note in run.plan.notes if note.code in _TOLD_NOTES]
    for note in notes[:_MAX_ISSUES]:
        yield f"  i {note.subject}  {note.code}: {note.message}"
        yield f"      -> {note.remedy}"
    if len(notes) > _MAX_ISSUES:
        yield f"  ... and {len(notes) - _MAX_ISSUES} more notes (all of them in the report)"


def _doctor_lines(run: Run, facts: Facts) -> Iterator[str]:
    yield f"  AWS identity  {facts.actor or 'unknown (STS did not answer)'}"
    expires = facts.client_expires or "unknown (the secret may say so: expires_on)"
    yield f"  OAuth client  expires on {expires}"
    for listing in run.listings:
        told = f"{len(listing.listed)} assets" if listing.complete else "not readable"
        yield f"  space {listing.space}  {told} -> {run.databases.get(listing.space, '?')}"


def _source_line(run: Run, facts: Facts) -> str:
    complete = sum(listing.complete for listing in run.listings)
    told = reading(run, facts)
    known = f" and {told['reused']} known to be unchanged" if told["reused"] else ""
    since = f"; all since {facts.oldest[:16]}" if facts.oldest else ""
    calls = ", ".join(f"{count} {name}" for name, count in facts.calls.items())
    return (
        f"{len(run.listings)} spaces ({complete} complete),"
        f" {told['read']} assets read{known}{since};"
        f" calls: {calls or 'none'}; {facts.duration_ms / 1000:.1f} s"
    )


def _change_lines(change: Change) -> Iterator[str]:
    sign = _KIND_SIGNS.get(change.kind, _SIGNS[change.action])
    if isinstance(change, DatabaseChange):
        yield f"  {sign} {change.database}  (database of space {change.space})"
    else:
        columns = len(change.after.columns) if change.after else 0
        size = f", {columns} columns" if change.action is Action.CREATE else ""
        yield f"  {sign} {change.database}.{change.table}  {change.reason}{size}"
    for field in change.fields[:_MAX_FIELDS]:
        yield from _field_lines(field)
    if len(change.fields) > _MAX_FIELDS:
        yield f"      ... and {len(change.fields) - _MAX_FIELDS} more fields"


def _field_lines(field: FieldChange) -> Iterator[str]:
    line = f"      {field.field}: {_value(field.before)} -> {_value(field.after)}"
    if len(line) <= _WIDTH:
        yield line
    else:
        yield f"      {field.field}:"
        yield f"        {_value(field.before)}"
        yield f"        -> {_value(field.after)}"


def _value(value: str | None) -> str:
    return "(none)" if value is None else f'"{excerpt(value, 60)}"'


def _closing(run: Run, facts: Facts) -> Iterator[str]:
    counts = table_counts(run)
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    if run.action != "doctor":
        yield f"Tables: {told or 'none'}"
    if run.digest:
        yield f"Plan: sha256:{run.digest}"
    if facts.report:
        yield f"Report: {facts.report}"
    yield f"Status: {run.status}"
