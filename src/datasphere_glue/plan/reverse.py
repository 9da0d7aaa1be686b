"""Plans the rollback of a run: reverts each of its changes that nobody has changed since.

A table returns to exactly its former state, foreign content included. A table that matches neither
the state after the run nor the state before it was changed by others: it is skipped and reported.
The guard against removals does not apply here: a rollback deletes only tables that this run created
and that carry our marker.

The record of a run may be forged. A rollback therefore writes only over objects with our marker,
and recreates only objects that had it. If no hash proves the record, the rollback only replaces a
table of ours by another state of a table of ours.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from datasphere_glue.errors import ConcurrentChange, clipped
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue, by_subject
from datasphere_glue.model.rest import leaf_path, leaf_text, leaves
from datasphere_glue.model.table import (
    Catalog,
    CurrentTable,
    Database,
    Table,
    with_empty_values,
)
from datasphere_glue.plan.actions import ORDER, ChangeAction
from datasphere_glue.plan.change import Change, DatabaseChange, FieldChange, Plan, TableChange
from datasphere_glue.plan.fields import DERIVED, field_change
from datasphere_glue.plan.foreign import former_tenant_remedy
from datasphere_glue.plan.merge import field_changes, fields
from datasphere_glue.plan.schema import column_changes

UNPROVEN: Final = Issue(
    IssueCode.ROLLBACK_UNPROVEN,
    "the audit chain does not hold the before-images of this run, so nothing proves them: tables"
    " of ours return to the state in the images, and no table is deleted, created or given up",
)
_NAMED: Final = 4
"""Most differing fields that a conflict lists with both values; the rest is counted."""

_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Origin:
    """The run to undo.

    - `run_id`: its id.
    - `tenant`: host of the tenant whose tables may be written.
    - `former_tenants`: earlier hosts of the same tenant; their tables may be written, too.
    - `proven`: whether hashes prove that the record of the run is unchanged.
    """

    run_id: str
    tenant: str
    proven: bool = True
    former_tenants: frozenset[str] = frozenset()

    @property
    def hosts(self) -> frozenset[str]:
        """Return the hosts whose databases and tables may be written."""
        return self.former_tenants | {self.tenant}


def reverse(done: Iterable[Change], catalog: Catalog, origin: Origin) -> Plan:
    """Return the plan that reverts the changes of a run.

    Objects that are in their former state already need no write. Objects that others changed since
    are `skipped`, with both values. Databases are never deleted.
    """
    databases = {db.name: db for db in catalog.databases}
    tables = {(c.table.database, c.table.name): c for c in catalog.tables}
    changes: list[Change] = []
    skipped: list[Issue] = []
    notes: list[Issue] = []
    unchanged_databases: list[str] = []
    unchanged: Counter[str] = Counter()
    result: Change | Issue | None
    for change in done:
        if isinstance(change, TableChange):
            result = revert_table(change, tables.get((change.database, change.table)), origin)
            unchanged[change.space] += result is None
        elif change.action is ChangeAction.CREATE:
            notes += _database_left(change, databases.get(change.database), origin)
            continue
        else:
            result = _revert_database(change, databases.get(change.database), origin)
            unchanged_databases += [change.database] if result is None else []
        if isinstance(result, Issue):
            skipped.append(result)
        elif result is not None:
            changes.append(result)
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
        kept=tuple(sorted(unchanged_databases)),
        notes=tuple(notes),
    )


def revert_table(
    change: TableChange, current: CurrentTable | None, origin: Origin
) -> TableChange | Issue | None:
    """Return the change that reverts `change`, None if it is reverted already, or why it stays."""
    now = current.table if current else None
    if same_content(now, change.before):
        return None
    if foreign := _foreign_tenant(change, now, origin):
        return foreign
    if reason := _untouchable(change, current, origin) or _changed_since(change, now, origin):
        return _conflict(reason, change)
    action = change.action.traits.inverse
    if change.before is None:
        action = ChangeAction.DELETE
    elif now is None:
        action = ChangeAction.CREATE
    after = change.before
    if after and now:
        # The images of earlier versions lack empty values.
        after = replace(after, rest=with_empty_values(after.rest, now.rest))
    return TableChange(
        action=action,
        space=change.space,
        asset=change.asset,
        before=now,
        after=after,
        version_id=current.version_id if current else None,
        fields=field_changes(now, change.before) if now and change.before else (),
        reason=_reason(origin),
        schema=column_changes(now, change.before) if now and change.before else (),
    )


def replan_revert(
    change: TableChange, fresh: CurrentTable | None, origin: Origin
) -> TableChange | None:
    """Return the change that reverts a table in its fresh state; None if it is reverted already.

    Raises:
        ConcurrentChange: others changed the table since it was planned, so it stays.

    """
    again = revert_table(_reverted(change), fresh, origin)
    if isinstance(again, Issue):
        raise ConcurrentChange(again.message, remedy=again.remedy)
    return again


def _reverted(change: TableChange) -> TableChange:
    """Return the original change of a reverting change: before and after swapped."""
    action = change.action.traits.inverse
    return TableChange(action, change.space, change.asset, change.after, change.before)


def same_content(one: Table | None, other: Table | None) -> bool:
    """Return whether two tables have the same content; defaults that Glue adds do not count."""
    if one is None or other is None:
        return one is other
    return not _differing(one, other)


def same_database(one: Database | None, other: Database | None) -> bool:
    """Return whether two databases have the same properties; defaults of Glue do not count."""
    if one is None or other is None:
        return one is other
    return _database_facts(one) == _database_facts(other)


def merge_successive(first: Change, second: Change) -> Change:
    """Return two changes of one object as one; the second alone if it did not follow the first."""
    if isinstance(first, TableChange) and isinstance(second, TableChange):
        return (
            replace(second, before=first.before)
            if same_content(first.after, second.before)
            else second
        )
    if isinstance(first, DatabaseChange) and isinstance(second, DatabaseChange):
        follows = second.before is not None and first.after == second.before
        return replace(second, before=first.before, action=first.action) if follows else second
    return second


def _untouchable(change: TableChange, current: CurrentTable | None, origin: Origin) -> str | None:
    name = change.name
    if current and current.unwritable:
        return f"{name} must not be written: {current.unwritable}"
    if current and not current.table.managed:
        return f"{name} does not carry our marker and was not touched"
    ours = change.before is not None and change.before.managed
    if current is None and change.after is None and not ours:
        return f"{name} did not carry our marker and is not created again"
    if not origin.proven and (current is None or not ours):
        return f"{name} was not touched: {UNPROVEN.message}"
    return None


def _foreign_tenant(change: TableChange, now: Table | None, origin: Origin) -> Issue | None:
    for table in (now, change.before):
        if table and table.managed and table.tenant not in origin.hosts:
            host = str(table.tenant)
            issue = _conflict(f"{change.name} belongs to tenant {host} and was not touched", change)
            return replace(issue, remedy=f"{former_tenant_remedy(host)}; else {issue.remedy}")
    return None


def _changed_since(change: TableChange, now: Table | None, origin: Origin) -> str | None:
    if same_content(now, change.after):
        return None
    name, run = change.name, f"run {origin.run_id}"
    if now is None:
        return f"{name} was removed since {run} wrote it"
    if change.after is None:
        return f"{name} exists again since {run} deleted it"
    differing = _differing(change.after, now)
    visible = [field for field in differing if field.field not in DERIVED] or differing
    texts = [_field_text(field) for field in visible]
    more = f"; and {len(texts) - _NAMED} more fields" if len(texts) > _NAMED else ""
    return f"{name} was changed since {run} wrote it: {'; '.join(texts[:_NAMED])}{more}"


def _field_text(field: FieldChange) -> str:
    return f"{field.field}: the run wrote {_value(field.before)}, now {_value(field.after)}"


def _value(text: str | None) -> str:
    return "nothing" if text is None else f'"{clipped(text, _SHOWN)}"'


def _differing(one: Table, other: Table) -> tuple[FieldChange, ...]:
    return _compared(_table_facts(one), _table_facts(other))


def _compared(old: dict[str, str], new: dict[str, str]) -> tuple[FieldChange, ...]:
    return tuple(
        field_change(path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    )


def _table_facts(table: Table) -> dict[str, str]:
    order = ",".join(column.name for column in table.partition_keys)
    return _without_defaults(fields(table) | {"partition_keys": order})


def _database_facts(db: Database) -> dict[str, str]:
    flat: dict[str, str | None] = {"description": db.description}
    flat |= {f"parameters.{key}": value for key, value in db.parameters}
    return _without_defaults(
        flat | {leaf_path(leaf): leaf_text(v) for leaf, v in leaves(db.rest).items()}
    )


def _without_defaults(flat: dict[str, str | None]) -> dict[str, str]:
    """Return the fields with a value: Glue treats absent and empty alike, except for parameters."""
    return {
        path: value
        for path, value in flat.items()
        if value or (value is not None and "parameters." in path)
    }


def _revert_database(
    change: DatabaseChange, current: Database | None, origin: Origin
) -> DatabaseChange | Issue | None:
    name, run = f"database {change.database}", f"run {origin.run_id}"
    if current is None or change.before is None:
        return _conflict(f"{name} was removed since {run} wrote it", change)
    former, written, now = map(_database_facts, (change.before, change.after, current))
    if now == former:
        return None
    if current.link or not current.written_from(origin.hosts):
        return _conflict(f"{name} no longer belongs to us", change)
    if not origin.proven and not change.before.managed:
        return _conflict(f"{name} was not touched: {UNPROVEN.message}", change)
    if now != written:
        texts = "; ".join(_field_text(field) for field in _compared(written, now)[:_NAMED])
        return _conflict(f"{name} was changed since {run} wrote it: {texts}", change)
    rest = with_empty_values(change.before.rest, current.rest)
    return DatabaseChange(
        ChangeAction.UPDATE,
        change.space,
        replace(change.before, rest=rest),
        current,
        _compared(now, former),
        _reason(origin),
    )


def _database_left(change: DatabaseChange, current: Database | None, origin: Origin) -> list[Issue]:
    if current is None:
        return []
    message = f"database {change.database} was created by run {origin.run_id} and stays"
    remedy = "databases are never deleted; remove it by hand once nothing in it is needed"
    return [Issue(IssueCode.DATABASE_LEFT, message, remedy, space=change.space)]


def _conflict(reason: str, change: Change) -> Issue:
    name = f"{change.database}.{change.table}" if change.table else change.database
    remedy = (
        f"see `datasphere-glue history {name}`; roll back the later runs first, latest before"
        " earlier, or correct it by hand"
    )
    code = IssueCode.ROLLBACK_CONFLICT
    return Issue(code, reason, remedy, space=change.space, asset=change.asset)


def _reason(origin: Origin) -> str:
    return f"rollback of run {origin.run_id}"
