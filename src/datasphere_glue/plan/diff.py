"""What must change: desired against current, as a plan. Pure, sorted, empty when equal."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from datasphere_glue.errors import ForeignObject
from datasphere_glue.model.asset import Issue
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import (
    PREFIX,
    Catalog,
    CurrentTable,
    Database,
    Desired,
    Table,
    parameters,
)
from datasphere_glue.plan.change import (
    ORDER,
    Action,
    Conflict,
    DatabaseChange,
    FieldChange,
    Plan,
    TableChange,
)
from datasphere_glue.plan.merge import field_changes, first, merge
from datasphere_glue.plan.policy import OrphanPolicy, Policy

GONE = "no longer listed by Datasphere"


def diff(desired: Iterable[Desired], catalog: Catalog, *, scope: Scope, policy: Policy) -> Plan:
    """Return everything that must be written so that the catalog holds what is desired.

    Only in a complete listing does absence mean removal; what is out of scope or foreign is not
    evaluated. The order of the input is irrelevant.
    """
    wanted = tuple(desired)
    parts = [diff_space(one, catalog, scope=scope, policy=policy) for one in wanted]
    names = {one.space: one.database.name for one in wanted}
    return combined(parts, names, catalog, scope=scope, policy=policy)


def diff_space(desired: Desired, catalog: Catalog, *, scope: Scope, policy: Policy) -> Plan:
    """Return what must be written for one space, as `diff` does for all of them."""
    space = _Space(desired, catalog, scope, policy)
    space.evaluate()
    return Plan(
        databases=tuple(space.databases),
        tables=tuple(space.changes),
        conflicts=tuple(space.conflicts),
        skipped=(*desired.held, *space.skipped),
        unchanged=((desired.space, space.unchanged),),
        kept=(desired.database.name,) if space.kept else (),
        notes=desired.notes,
    )


def combined(
    parts: Iterable[Plan],
    names: Mapping[str, str],
    catalog: Catalog,
    *,
    scope: Scope,
    policy: Policy,
) -> Plan:
    """Return the plans of all spaces as one, in the order in which it is applied.

    `names` gives the database of each space that was evaluated; a space that the catalog knows
    beside those has vanished from the tenant's list.
    """
    known = tuple(parts)
    vanished, notes = _elsewhere(names, catalog, scope, policy)
    return Plan(
        databases=tuple(
            sorted(
                (change for part in known for change in part.databases),
                key=lambda change: change.database,
            )
        ),
        tables=tuple(
            sorted(
                (change for part in known for change in part.tables),
                key=lambda change: (ORDER[change.action], change.database, change.table),
            )
        ),
        conflicts=tuple(sorted((c for part in known for c in part.conflicts), key=_place)),
        skipped=(*sorted((i for part in known for i in part.skipped), key=_subject), *vanished),
        unchanged=tuple(sorted(pair for part in known for pair in part.unchanged)),
        kept=tuple(sorted(name for part in known for name in part.kept)),
        notes=(*sorted((i for part in known for i in part.notes), key=_subject), *notes),
    )


def _place(conflict: Conflict) -> tuple[str, str, str]:
    return conflict.database, conflict.table, conflict.field


def _subject(issue: Issue) -> tuple[str, str]:
    return issue.subject, issue.code


def plan_table(
    desired: Table, found: CurrentTable | None
) -> tuple[TableChange | None, tuple[Conflict, ...]]:
    """Return the change that one table needs, None for none, and the edits that it keeps.

    Raises:
        ForeignObject: the table of that name is not ours to write.

    """
    space, asset = desired.asset
    if found is None:
        after = first(desired)
        return TableChange(Action.CREATE, space, asset, None, after, reason="new in Datasphere"), ()
    if refusal := _refusal(desired, found):
        raise ForeignObject(f"{desired.database}.{desired.name}: {refusal}")
    merged = merge(found.table, desired)
    equal = merged.table == found.table
    changed = () if equal else field_changes(found.table, merged.table)
    if not changed:
        return None, merged.conflicts
    back = found.table.deprecated
    return TableChange(
        action=Action.RESTORE if back else Action.UPDATE,
        space=space,
        asset=asset,
        before=found.table,
        after=merged.table,
        version_id=found.version_id,
        fields=changed,
        reason="listed by Datasphere again" if back else "differs from Datasphere",
    ), merged.conflicts


def _refusal(desired: Table, found: CurrentTable) -> str | None:
    if not found.table.managed:
        return "exists without our marker and was not touched"
    if found.table.tenant != desired.tenant:
        return f"belongs to tenant {found.table.tenant} and was not touched"
    if found.table.asset != desired.asset:
        return f"belongs to asset {'.'.join(found.table.asset)} and was not touched"
    if found.unwritable:
        return f"must not be written: {found.unwritable}"
    return None


class _Space:
    """Collects what one space needs; lives for one call of `diff`."""

    def __init__(self, desired: Desired, catalog: Catalog, scope: Scope, policy: Policy) -> None:
        self.desired = desired
        self.scope = scope
        self.policy = policy
        name = desired.database.name
        self.found = next((db for db in catalog.databases if db.name == name), None)
        self.tables = {
            current.table.name: current
            for current in catalog.tables
            if current.table.database == name
        }
        self.databases: list[DatabaseChange] = []
        self.changes: list[TableChange] = []
        self.conflicts: list[Conflict] = []
        self.skipped: list[Issue] = []
        self.unchanged = 0
        self.kept = False

    def evaluate(self) -> None:
        if refusal := self._database_refusal():
            self.skipped.append(_foreign(self.desired.space, refusal))
            return
        self._plan_database()
        for table in self.desired.tables:
            self._plan_table(table)
        for current in sorted(self.tables.values(), key=lambda found: found.table.name):
            if self._is_orphan(current.table):
                self._plan_orphan(current)

    def _database_refusal(self) -> str | None:
        found, name = self.found, self.desired.database.name
        if found is None:
            return None
        if found.link:
            return f"database {name} is a link to {found.link}; nothing is written through it"
        if found.managed and found.tenant != self.policy.tenant:
            return f"database {name} belongs to tenant {found.tenant} and was not touched"
        if found.managed and found.space != self.desired.space:
            return f"database {name} belongs to space {found.space} and was not touched"
        return None

    def _plan_database(self) -> None:
        want, found = self.desired.database, self.found
        if found is None:
            if self.desired.tables:
                self.databases.append(
                    DatabaseChange(
                        Action.CREATE, self.desired.space, want, reason="new in Datasphere"
                    )
                )
            return
        # A listing that failed may lack even the label, which proves nothing about the space.
        said = found.managed and self.desired.complete
        after = _merged_database(found, want) if said else found
        changed = _database_fields(found, after)
        if not changed:
            self.kept = True
            return
        self.databases.append(
            DatabaseChange(
                Action.UPDATE,
                self.desired.space,
                after,
                found,
                changed,
                reason="differs from Datasphere",
            )
        )

    def _plan_table(self, table: Table) -> None:
        try:
            change, conflicts = plan_table(table, self.tables.get(table.name))
        except ForeignObject as refused:
            self.skipped.append(_foreign(".".join(table.asset), refused.message))
            return
        self.conflicts.extend(conflicts)
        if change is None:
            self.unchanged += 1
        else:
            self.changes.append(change)

    def _is_orphan(self, table: Table) -> bool:
        space, asset = table.asset
        return (
            table.managed
            and table.tenant == self.policy.tenant
            and space == self.desired.space
            and self.desired.complete
            and asset not in self.desired.present
            and not self._unproven(table)
            and self.scope.asset(space, asset)
        )

    def _unproven(self, table: Table) -> bool:
        """Tell whether the list that would prove the absence of this table's asset is missing."""
        kind = table.parameter(PREFIX + "kind")
        unproven = kind in self.desired.unproven or (kind is None and bool(self.desired.unproven))
        return unproven and not table.exposed

    def _plan_orphan(self, current: CurrentTable) -> None:
        change = orphan_change(current, self.policy)
        if change is None:
            self.unchanged += 1
        else:
            self.changes.append(change)


def orphan_change(current: CurrentTable, policy: Policy) -> TableChange | None:
    """Return what becomes of a table whose asset is proven gone, None when it stays as it is."""
    table = current.table
    space, asset = table.asset
    if policy.orphans is OrphanPolicy.KEEP or current.unwritable:
        return None
    if not table.deprecated:
        after = table.with_parameters(
            status="deprecated",
            deprecated_on=policy.today.isoformat(),
            deprecated_reason=GONE,
        )
        return TableChange(
            Action.DEPRECATE,
            space,
            asset,
            table,
            after,
            current.version_id,
            field_changes(table, after),
            GONE,
        )
    if policy.orphans is OrphanPolicy.DELETE and _grace_is_over(table, policy):
        reason = f"{GONE}, deprecated for {policy.grace} days"
        return TableChange(Action.DELETE, space, asset, table, None, current.version_id, (), reason)
    return None


def _grace_is_over(table: Table, policy: Policy) -> bool:
    try:
        since = date.fromisoformat(table.parameter(PREFIX + "deprecated_on") or "")
    except ValueError:
        return False
    return since + timedelta(days=policy.grace) <= policy.today


def _merged_database(found: Database, want: Database) -> Database:
    """Return the database with our parameters; a description that a person edited stays."""
    foreign = {key: value for key, value in found.parameters if not key.startswith(PREFIX)}
    label = found.parameter(PREFIX + "label") or ""
    edited = (found.description or "") != label.strip()
    return replace(
        found,
        description=found.description if edited else want.description,
        parameters=parameters(foreign | dict(want.parameters)),
    )


def _database_fields(before: Database, after: Database) -> tuple[FieldChange, ...]:
    old, new = (
        {"description": db.description}
        | {f"parameters.{key}": value for key, value in db.parameters}
        for db in (before, after)
    )
    return tuple(
        FieldChange(path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if (old.get(path) or "") != (new.get(path) or "")
    )


def _foreign(subject: str, message: str) -> Issue:
    return Issue(subject, ForeignObject.code, message, ForeignObject.default_remedy)


def _elsewhere(
    names: Mapping[str, str], catalog: Catalog, scope: Scope, policy: Policy
) -> tuple[list[Issue], list[Issue]]:
    """Return issues for spaces that the catalog knows and the tenant no longer lists, and notes.

    A space that vanished is not evaluated: losing a role makes a space vanish, too.
    """
    vanished, notes = [], []
    for db in _ours(catalog, policy):
        space = db.space or ""
        if not scope.space(space):
            continue
        if space not in names:
            vanished.append(
                Issue(
                    space,
                    "SPACE_VANISHED",
                    f"database {db.name} is known, but space {space} is no longer listed;"
                    " its tables were not evaluated",
                    f"make the technical user a member of space {space} again, or exclude the"
                    " space with SYNC_EXCLUDE if it is gone for good",
                )
            )
        elif names[space] != db.name:
            notes.append(
                Issue(
                    space,
                    "LEFT_BEHIND",
                    f"database {db.name} was written for this space before; {names[space]} is"
                    " written now, the old one was not evaluated",
                    "restore the former GLUE_DATABASE_TEMPLATE, or remove the old database",
                )
            )
    return vanished, notes


def _ours(catalog: Catalog, policy: Policy) -> Iterator[Database]:
    for db in sorted(catalog.databases, key=lambda one: one.name):
        if db.managed and db.tenant == policy.tenant:
            yield db
