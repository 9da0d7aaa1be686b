"""The way back: what undoes the changes of a run, wherever nothing was changed since.

A table goes back to exactly what it was before, with everything in it that is not ours. One that
is neither as the run left it nor as it was before is somebody's work by now: it is left alone and
told. The guard against removals does not apply here: nothing is deleted but tables which that very
run created and which carry our marker.

The record of a run may have been forged. So nothing is written but over what carries our marker,
and what is gone comes back only if it carried it, too. Where nothing proves the record, no more is
done than to put back a table of ours as another state of a table of ours.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from datasphere_glue.errors import ConcurrentChange, excerpt
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue, by_subject
from datasphere_glue.model.table import Catalog, CurrentTable, Database, Table
from datasphere_glue.plan.change import (
    ORDER,
    Change,
    ChangeAction,
    DatabaseChange,
    FieldChange,
    Plan,
    TableChange,
)
from datasphere_glue.plan.fields import APPLIED, FINGERPRINT, leaf_path, leaf_text, leaves
from datasphere_glue.plan.merge import field_changes, fields
from datasphere_glue.plan.schema import column_changes

UNPROVEN: Final = Issue(
    IssueCode.ROLLBACK_UNPROVEN,
    "the audit chain does not hold the before-images of this run, so nothing proves them: tables"
    " of ours go back to what the images say, and no table is deleted, created or given up",
)
_BACK: Final = {
    ChangeAction.DEPRECATE: ChangeAction.RESTORE,
    ChangeAction.RESTORE: ChangeAction.DEPRECATE,
}
_DERIVED: Final = frozenset({f"parameters.{APPLIED}", f"parameters.{FINGERPRINT}"})
_NAMED: Final = 4
"""Differing fields that a conflict names with both values; the rest is counted."""

_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Origin:
    """The run that is undone, and the tenant whose tables may be written.

    `proven` tells whether the record of the run is what it was when it was made.
    """

    run_id: str
    tenant: str
    proven: bool = True


def reverse(done: Iterable[Change], catalog: Catalog, origin: Origin) -> Plan:
    """Return the plan that puts back what the changes of a run made different.

    What is as it was already needs nothing. What was changed since is `skipped`, with both values.
    Databases are never deleted.
    """
    databases = {db.name: db for db in catalog.databases}
    tables = {(c.table.database, c.table.name): c for c in catalog.tables}
    changes: list[Change] = []
    skipped: list[Issue] = []
    notes: list[Issue] = []
    kept: list[str] = []
    unchanged: Counter[str] = Counter()
    back: Change | Issue | None
    for change in done:
        if isinstance(change, TableChange):
            back = table_back(change, tables.get((change.database, change.table)), origin)
            unchanged[change.space] += back is None
        elif change.action is ChangeAction.CREATE:
            notes += _left(change, databases.get(change.database), origin)
            continue
        else:
            back = _database_back(change, databases.get(change.database), origin)
            kept += [change.database] if back is None else []
        if isinstance(back, Issue):
            skipped.append(back)
        elif back is not None:
            changes.append(back)
    return Plan(
        databases=tuple(
            sorted((c for c in changes if isinstance(c, DatabaseChange)), key=lambda c: c.database)
        ),
        tables=tuple(
            sorted(
                (change for change in changes if isinstance(change, TableChange)),
                key=lambda change: (ORDER[change.action], change.database, change.table),
            )
        ),
        skipped=tuple(sorted(skipped, key=by_subject)),
        unchanged=tuple(sorted(unchanged.items())),
        kept=tuple(sorted(kept)),
        notes=tuple(notes),
    )


def table_back(
    change: TableChange, found: CurrentTable | None, origin: Origin
) -> TableChange | Issue | None:
    """Return what undoes one change, None when nothing is left to undo, or why it stays."""
    now = found.table if found else None
    if same(now, change.before):
        return None
    if reason := _untouchable(change, found, origin) or _changed_since(change, now, origin):
        return _conflict(reason, change)
    action = _BACK.get(change.action, ChangeAction.UPDATE)
    if change.before is None:
        action = ChangeAction.DELETE
    elif now is None:
        action = ChangeAction.CREATE
    return TableChange(
        action=action,
        space=change.space,
        asset=change.asset,
        before=now,
        after=change.before,
        version_id=found.version_id if found else None,
        fields=field_changes(now, change.before) if now and change.before else (),
        reason=_reason(origin),
        schema=column_changes(now, change.before) if now and change.before else (),
    )


def replan_back(
    change: TableChange, fresh: CurrentTable | None, origin: Origin
) -> TableChange | None:
    """Return what still undoes a table in its fresh state, None when nothing is left to undo.

    Raises:
        ConcurrentChange: the table was changed since it was planned, so it stays.

    """
    again = table_back(_undone(change), fresh, origin)
    if isinstance(again, Issue):
        raise ConcurrentChange(again.message, remedy=again.remedy)
    return again


def _undone(change: TableChange) -> TableChange:
    """Return the change that a change undoes: the same one the other way round."""
    action = _BACK.get(change.action, ChangeAction.UPDATE)
    return TableChange(action, change.space, change.asset, change.after, change.before)


def same(one: Table | None, other: Table | None) -> bool:
    """Tell whether two tables hold the same; what Glue fills in by itself says nothing."""
    if one is None or other is None:
        return one is other
    return not _differing(one, other)


def chained(first: Change, second: Change) -> Change:
    """Return two changes of one object as one, where the second took up what the first left."""
    if isinstance(first, TableChange) and isinstance(second, TableChange):
        return replace(second, before=first.before) if same(first.after, second.before) else second
    if isinstance(first, DatabaseChange) and isinstance(second, DatabaseChange):
        follows = second.before is not None and first.after == second.before
        return replace(second, before=first.before, action=first.action) if follows else second
    return second


def _untouchable(change: TableChange, found: CurrentTable | None, origin: Origin) -> str | None:
    name = change.name
    if found and found.unwritable:
        return f"{name} must not be written: {found.unwritable}"
    if found and not found.table.managed:
        return f"{name} does not carry our marker and was not touched"
    for table in (found.table if found else None, change.before):
        if table and table.managed and table.tenant != origin.tenant:
            return f"{name} belongs to tenant {table.tenant} and was not touched"
    ours = change.before is not None and change.before.managed
    if found is None and change.after is None and not ours:
        return f"{name} did not carry our marker and is not created again"
    if not origin.proven and (found is None or not ours):
        return f"{name} was not touched: {UNPROVEN.message}"
    return None


def _changed_since(change: TableChange, now: Table | None, origin: Origin) -> str | None:
    if same(now, change.after):
        return None
    name, run = change.name, f"run {origin.run_id}"
    if now is None:
        return f"{name} was removed since {run} wrote it"
    if change.after is None:
        return f"{name} exists again since {run} deleted it"
    differing = _differing(change.after, now)
    telling = [field for field in differing if field.field not in _DERIVED] or differing
    told = [_told(field) for field in telling]
    more = f"; and {len(told) - _NAMED} more fields" if len(told) > _NAMED else ""
    return f"{name} was changed since {run} wrote it: {'; '.join(told[:_NAMED])}{more}"


def _told(field: FieldChange) -> str:
    return f"{field.field}: the run wrote {_value(field.before)}, now {_value(field.after)}"


def _value(text: str | None) -> str:
    return "nothing" if text is None else f'"{excerpt(text, _SHOWN)}"'


def _differing(one: Table, other: Table) -> tuple[FieldChange, ...]:
    return _compared(_table_facts(one), _table_facts(other))


def _compared(old: dict[str, str], new: dict[str, str]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    )


def _table_facts(table: Table) -> dict[str, str]:
    order = ",".join(column.name for column in table.partition_keys)
    return _said(fields(table) | {"partition_keys": order})


def _database_facts(db: Database) -> dict[str, str]:
    flat: dict[str, str | None] = {"description": db.description}
    flat |= {f"parameters.{key}": value for key, value in db.parameters}
    return _said(flat | {leaf_path(leaf): leaf_text(v) for leaf, v in leaves(db.rest).items()})


def _said(flat: dict[str, str | None]) -> dict[str, str]:
    """Return what says something: absent and empty are one to Glue, but for parameters."""
    return {
        path: value
        for path, value in flat.items()
        if value or (value is not None and "parameters." in path)
    }


def _database_back(
    change: DatabaseChange, found: Database | None, origin: Origin
) -> DatabaseChange | Issue | None:
    name, run = f"database {change.database}", f"run {origin.run_id}"
    if found is None or change.before is None:
        return _conflict(f"{name} was removed since {run} wrote it", change)
    was, wrote, now = map(_database_facts, (change.before, change.after, found))
    if now == was:
        return None
    if found.link or not found.managed or found.tenant != origin.tenant:
        return _conflict(f"{name} belongs to somebody else by now", change)
    if not origin.proven and not change.before.managed:
        return _conflict(f"{name} was not touched: {UNPROVEN.message}", change)
    if now != wrote:
        told = "; ".join(_told(field) for field in _compared(wrote, now)[:_NAMED])
        return _conflict(f"{name} was changed since {run} wrote it: {told}", change)
    return DatabaseChange(
        ChangeAction.UPDATE,
        change.space,
        change.before,
        found,
        _compared(now, was),
        _reason(origin),
    )


def _left(change: DatabaseChange, found: Database | None, origin: Origin) -> list[Issue]:
    if found is None:
        return []
    message = f"database {change.database} was created by run {origin.run_id} and is left"
    remedy = "databases are never deleted; remove it by hand once nothing in it is needed"
    return [Issue(IssueCode.DATABASE_LEFT, message, remedy, space=change.space)]


def _conflict(reason: str, change: Change) -> Issue:
    name = f"{change.database}.{change.table}" if change.table else change.database
    remedy = (
        f"see `history {name}`; roll back the later runs first, latest before earlier, or correct"
        " it by hand"
    )
    code = IssueCode.ROLLBACK_CONFLICT
    return Issue(code, reason, remedy, space=change.space, asset=change.asset)


def _reason(origin: Origin) -> str:
    return f"rollback of run {origin.run_id}"
