"""A run as text for a terminal: the most important first, no colour needed to understand it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from datasphere_glue.errors import excerpt
from datasphere_glue.plan.change import Action, Change, DatabaseChange, FieldChange
from datasphere_glue.report.run import Facts, Run, table_counts

_SIGNS: Final = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.RESTORE: "^",
    Action.DEPRECATE: "x",
    Action.DELETE: "-",
}
_MAX_CHANGES: Final = 40
_MAX_FIELDS: Final = 6
_MAX_ISSUES: Final = 12
_WIDTH: Final = 100
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def text(run: Run, facts: Facts) -> str:
    """Return the account of a run: what changes, what is wrong, what to do next, the status."""
    return "\n".join(_visible(line) for line in _lines(run, facts))


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
        kind = "conflict" if conflict.both else "edited in Glue"
        yield f"  < {conflict.database}.{conflict.table}  {conflict.field}: {kind}"
        yield f"      kept {_value(conflict.catalog)}"
        yield f"      Datasphere: {_value(conflict.source)}"
    if len(conflicts) > _MAX_ISSUES:
        yield f"  ... and {len(conflicts) - _MAX_ISSUES} more edits (all of them in the report)"


def _doctor_lines(run: Run, facts: Facts) -> Iterator[str]:
    yield f"  AWS identity  {facts.actor or 'unknown (STS did not answer)'}"
    for listing in run.listings:
        told = f"{len(listing.listed)} assets" if listing.complete else "not readable"
        yield f"  space {listing.space}  {told} -> {run.databases.get(listing.space, '?')}"


def _source_line(run: Run, facts: Facts) -> str:
    complete = sum(listing.complete for listing in run.listings)
    read = sum(listing.read for listing in run.listings)
    calls = ", ".join(f"{count} {name}" for name, count in facts.calls.items())
    return (
        f"{len(run.listings)} spaces ({complete} complete), {read} assets read;"
        f" calls: {calls or 'none'}; {facts.duration_ms / 1000:.1f} s"
    )


def _change_lines(change: Change) -> Iterator[str]:
    sign = _SIGNS[change.action]
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


def _visible(text: str) -> str:
    """Return the text with control characters replaced: a label must not steer a terminal."""
    return _CONTROL.sub("\ufffd", text)


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


def table_text(described: Mapping[str, Any]) -> str:
    """Return one table as `show` prints it: its context, then its columns."""
    lines = [f"{described['database']}.{described['table']}"]
    lines += [f"  {key}: {value}" for key, value in described["context"].items()]
    lines.append(f"  {len(described['columns'])} columns")
    for column in described["columns"]:
        facts = ", ".join(f"{key}={value}" for key, value in column["context"].items())
        lines.append(f"    {column['name']}  {column['type']}  {column['comment'] or ''}".rstrip())
        if facts:
            lines.append(f"        {facts}")
    return "\n".join(_visible(line) for line in lines)
