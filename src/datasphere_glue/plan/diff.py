"""Compares the desired with the current catalog; returns a plan: sorted, empty when equal."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from datasphere_glue.errors import Skippable
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue, by_subject
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Desired, Table
from datasphere_glue.plan.actions import ORDER, ChangeAction
from datasphere_glue.plan.change import (
    Conflict,
    DatabaseChange,
    Plan,
    Rename,
    TableChange,
    by_field,
)
from datasphere_glue.plan.copies import copies_notes
from datasphere_glue.plan.databases import database_refusal, plan_database
from datasphere_glue.plan.fields import MOVED_FROM
from datasphere_glue.plan.moves import (
    NO_FORMER,
    FormerTables,
    follows,
    move_note,
    move_of,
    place_of,
    pointers_of,
    was_given_up,
)
from datasphere_glue.plan.orphans import may_be_renamed, orphan_change
from datasphere_glue.plan.policy import PlanShare, Policy, RenamePolicy
from datasphere_glue.plan.renames import rename_candidates, renamed_assets
from datasphere_glue.plan.tables import plan_table
from datasphere_glue.plan.vanished_spaces import plan_vanished_spaces

_KIND: Final = table_key("kind")


def diff(desired: Iterable[Desired], catalog: Catalog, *, scope: Scope, policy: Policy) -> Plan:
    """Return the writes after which the catalog holds the desired state.

    Absence means removal only in a complete listing. Objects that are out of scope or foreign are
    not evaluated. The order of the input is irrelevant.
    """
    spaces = tuple(desired)
    parts = [diff_space(space, catalog, scope=scope, policy=policy) for space in spaces]
    names = {space.space: space.database.name for space in spaces}
    return combine_plans(parts, names, catalog, scope=scope, policy=policy)


def diff_space(
    desired: Desired,
    catalog: Catalog,
    *,
    scope: Scope,
    policy: Policy,
    former: FormerTables = NO_FORMER,
) -> Plan:
    """Return the writes for one space, as `diff` does for all spaces.

    `former` are the tables of the space in other databases that the run follows.
    """
    space = _SpaceDiff(desired, catalog, scope, policy, former)
    space.evaluate()
    return Plan(
        databases=tuple(space.databases),
        tables=tuple(space.changes),
        conflicts=tuple(space.conflicts),
        skipped=(*_held(desired, scope, policy), *space.skipped),
        unchanged=((desired.space, space.unchanged),),
        kept=(desired.database.name,) if space.kept else (),
        notes=(*desired.notes, *space.notes),
        objections=tuple(space.objections),
        confirmed=(desired.space,) if space.emptied else (),
        left=tuple(space.left),
        beyond=tuple(space.beyond),
    )


def combine_plans(
    parts: Iterable[Plan],
    names: Mapping[str, str],
    catalog: Catalog,
    *,
    scope: Scope,
    policy: Policy,
) -> Plan:
    """Return the plans of all spaces as one plan, in the order in which it is applied.

    `names` maps each evaluated space to its database. Any other space in the catalog has vanished
    from the tenant's list.
    """
    evaluated = tuple(parts)
    removed = frozenset(c.key for part in evaluated for c in part.tables if c.action.removes)
    vanished = plan_vanished_spaces(names, catalog, scope=scope, policy=policy, removed=removed)
    every = (*evaluated, vanished)
    return Plan(
        databases=tuple(
            sorted(
                (change for part in evaluated for change in part.databases),
                key=lambda change: change.database,
            )
        ),
        tables=tuple(
            sorted((change for part in every for change in part.tables), key=_write_order(policy))
        ),
        conflicts=tuple(sorted((c for part in evaluated for c in part.conflicts), key=by_field)),
        skipped=(
            *sorted((i for p in evaluated for i in p.skipped), key=by_subject),
            *vanished.skipped,
        ),
        unchanged=tuple(sorted(pair for part in every for pair in part.unchanged)),
        kept=tuple(sorted(name for part in evaluated for name in part.kept)),
        notes=(
            *sorted((i for p in evaluated for i in p.notes), key=by_subject),
            *vanished.notes,
            *copies_notes(names, catalog, policy),
        ),
        objections=tuple(sorted((i for p in evaluated for i in p.objections), key=by_subject)),
        confirmed=tuple(sorted({space for part in every for space in part.confirmed})),
        left=tuple(sorted(asset for part in evaluated for asset in part.left)),
        beyond=tuple(sorted(one for part in evaluated for one in part.beyond)),
    )


def _held(desired: Desired, scope: Scope, policy: Policy) -> Iterator[Issue]:
    """Yield the issues of tables in scope that keep their current state."""
    for issue in desired.held if policy.share is not PlanShare.CROSS_TABLE else ():
        if issue.asset is None or scope.covers_asset(desired.space, issue.asset):
            yield issue


def _write_order(policy: Policy) -> Callable[[TableChange], tuple[int, int, str, str]]:
    """Return the sort key of table changes: by action, then by the priority of their kind."""
    places = {str(kind): place for place, kind in enumerate(policy.priorities)}

    def sort_key(change: TableChange) -> tuple[int, int, str, str]:
        table = change.after or change.before
        kind = table.parameter(_KIND) if table else None
        place = places.get(kind or "", len(places))
        return ORDER[change.action], place, change.database, change.table

    return sort_key


class _SpaceDiff:
    """Collects the changes and issues of one space; lives for one call of `diff_space`."""

    def __init__(
        self,
        desired: Desired,
        catalog: Catalog,
        scope: Scope,
        policy: Policy,
        former: FormerTables,
    ) -> None:
        self.desired = desired
        self.scope = scope
        self.policy = policy
        name = desired.database.name
        self.database = next((db for db in catalog.databases if db.name == name), None)
        self.tables = {
            current.table.name: current
            for current in catalog.tables
            if current.table.database == name
        }
        self.databases: list[DatabaseChange] = []
        self.changes: list[TableChange] = []
        self.conflicts: list[Conflict] = []
        self.skipped: list[Issue] = []
        self.notes: list[Issue] = []
        self.left: list[tuple[str, str]] = []
        self.beyond: list[tuple[str, ChangeAction, str]] = []
        self.objections: list[Issue] = list(desired.objections)
        self.former = former
        self.former_by_asset = former.by_asset()
        self.moves = self._finished_moves()
        self.unchanged = 0
        self.kept = False
        self.emptied = False

    def evaluate(self) -> None:
        if refusal := database_refusal(self.desired, self.database, self.policy):
            self.skipped.append(_skipped(refusal, self.desired.space))
            return
        orphans = sorted(
            (current for current in self.tables.values() if self._is_orphan(current.table)),
            key=lambda current: current.table.name,
        )
        if self.policy.share is PlanShare.PER_TABLE:
            self._plan_per_table([*orphans, *self._former_orphans()])
        else:
            self._plan_all([*orphans, *self._former_orphans()])

    def _plan_per_table(self, orphans: list[CurrentTable]) -> None:
        """Plan each table on its own; tables that may be renamed are left to a later step."""
        self._plan_database()
        candidates = rename_candidates(*self._rename_sides(orphans))
        for table in self.desired.tables:
            if table.name in candidates:
                self.left.append(table.asset)
            else:
                self._plan_table(table, self._move(table))
        self.notes.extend(self._move_notes())

    def _plan_all(self, orphans: list[CurrentTable]) -> None:
        if self.policy.share is PlanShare.ALL:
            self._plan_database()
        formers = self._renames(orphans)
        for table in self.desired.tables:
            self._plan_table(table, formers.get(table.name) or self._move(table))
        renames = {place_of(former): rename for former, rename in formers.values()}
        for current in orphans:
            if self.scope.covers_asset(*current.table.asset):
                self._plan_orphan(current, renames.get(place_of(current.table)))
            elif self.scope.whole.covers_asset(*current.table.asset):
                self._count_orphan(current)
        for current in self.former.tables:
            rename = self.moves.get(place_of(current.table))
            if rename and self._covers_move(current.table, rename):
                self._plan_moved(current, rename)
        self.notes.extend(self._move_notes())
        self._apply_confirmation()

    def _plan_database(self) -> None:
        planned = plan_database(self.desired, self.database, self.policy, self.former.database)
        self.conflicts.extend(planned.conflicts)
        if planned.change:
            self.databases.append(planned.change)
        else:
            self.kept = self.database is not None

    def _renames(self, orphans: list[CurrentTable]) -> Mapping[str, tuple[Table, Rename]]:
        sources, new = self._rename_sides(orphans)
        return renamed_assets(sources, new, self.policy.renames) if sources and new else {}

    def _rename_sides(self, orphans: list[CurrentTable]) -> tuple[list[Table], list[Table]]:
        """Return the tables that may have been renamed, and those that may replace them."""
        if self.policy.renames is RenamePolicy.OFF:
            return [], []
        scope = self.scope.whole
        # An event may name the new asset alone: the old one counts as well.
        sources = [
            current.table
            for current in orphans
            if may_be_renamed(current, self.policy)
            and (current.table.deprecated or scope.covers_asset(*current.table.asset))
        ]
        new = (table for table in self.desired.tables if table.name not in self.tables)
        return sources, [table for table in new if self._move(table) is None]

    def _finished_moves(self) -> dict[str, Rename]:
        """Return the moves of former tables whose heir is at home already, by their place."""
        if not self.former.proven:
            return {}
        former = {place_of(current.table): current.table for current in self.former.tables}
        home = [
            current.table
            for current in (self.tables.values() if former else ())
            if self._counts(current.table) and not current.table.deprecated
        ]
        return {
            place: move_of(former[place], table)
            for table in home
            for place in former.keys() & (pointers_of(table) | self._replaced(table))
        }

    def _replaced(self, table: Table) -> frozenset[str]:
        """Return the place that a table at home replaces without a pointer to it.

        Its move to that place was given up, or it was copied from there.
        """
        former = self.former_by_asset.get(table.asset[1])
        if former is None:
            return frozenset()
        place = frozenset({place_of(former.table)})
        replaced = was_given_up(former.table, table) or place <= self.former.superseded
        return place if replaced else frozenset()

    def _counts(self, table: Table) -> bool:
        """Return whether a table at home counts for an asset of the space."""
        ours = table.written_from(self.policy.hosts) and table.asset[0] == self.desired.space
        return ours and table.name not in self.desired.copies

    def _move(self, table: Table) -> tuple[Table, Rename] | None:
        """Return the former table of the same asset that a table carries on, and its move."""
        former = self.former_by_asset.get(table.asset[1])
        current = self.tables.get(table.name)
        if former is None or (current and not follows(current.table, former.table)):
            return None
        return former.table, move_of(former.table, table, proven=self.former.proven)

    def _former_orphans(self) -> list[CurrentTable]:
        """Return the former tables whose asset is gone, and that no table at home carries on."""
        return [
            current
            for current in self.former.tables
            if self.former.proven
            and current.table.asset[1] not in self.former.new_names
            and self._is_orphan(current.table)
            and place_of(current.table) not in self.moves
        ]

    def _covers_move(self, former: Table, move: Rename) -> bool:
        """Return whether the scope holds the asset of a table that moved, in either spelling."""
        space, asset = former.asset
        return any(self.scope.covers_asset(space, name) for name in (asset, move.after))

    def _plan_moved(self, current: CurrentTable, rename: Rename) -> None:
        if change := orphan_change(current, self.policy, rename):
            self.changes.append(change)

    def _move_notes(self) -> Iterator[Issue]:
        """Yield one note for each database that tables move from in this plan."""
        home = self.desired.database.name
        moved = {place.rpartition(".")[0] for place in self._planned_moves()}
        for database in sorted(moved):
            yield move_note(self.desired.space, database, home)

    def _planned_moves(self) -> Iterator[str]:
        for change in self.changes:
            if change.after and change.renamed and not change.after.deprecated:
                place = change.after.parameter(MOVED_FROM)
                if place and change.renamed.moves:
                    yield place

    def _plan_table(self, table: Table, former: tuple[Table, Rename] | None) -> None:
        try:
            planned = plan_table(table, self.tables.get(table.name), self.policy, former=former)
        except Skippable as refused:
            self.skipped.append(_skipped(refused, *table.asset))
            return
        self.conflicts.extend(planned.conflicts)
        self.notes.extend(planned.notes)
        self.objections.extend(planned.objections)
        if planned.change is None:
            self.unchanged += 1
        else:
            self.changes.append(planned.change)
        if former and former[1].moves and former[1].heir:
            self.moves[place_of(former[0])] = former[1]

    def _is_orphan(self, table: Table) -> bool:
        """Return whether the absence of the table's asset at the source is proven."""
        space, asset = table.asset
        return (
            table.written_from(self.policy.hosts)
            and space == self.desired.space
            and self.desired.complete
            and asset not in self.desired.present
            and asset not in self.desired.respelled
            and not (
                table.name in self.desired.copies and table.database == self.desired.database.name
            )
            and not self._unproven(table)
        )

    def _unproven(self, table: Table) -> bool:
        """Return whether the list that would prove the absence of the table's asset is missing."""
        kind = table.parameter(_KIND)
        unproven = kind in self.desired.unproven or (kind is None and bool(self.desired.unproven))
        return unproven and not table.exposed

    def _plan_orphan(self, current: CurrentTable, renamed: Rename | None) -> None:
        change = orphan_change(current, self.policy, renamed)
        if change is None:
            self.unchanged += 1
        else:
            self.changes.append(change)

    def _count_orphan(self, current: CurrentTable) -> None:
        """Count a removal that only a run over everything makes."""
        change = orphan_change(current, self.policy)
        if change and change.action.removes:
            self.beyond.append((change.space, change.action, change.name))

    def _apply_confirmation(self) -> None:
        space = self.desired.space
        if space not in self.policy.gone_spaces:
            return
        self.emptied = self.desired.complete and not self.desired.present
        if self.desired.present:
            self.notes.append(
                Issue(
                    IssueCode.GONE_SPACE_LISTED,
                    f"space {space} is named as gone, but Datasphere lists it with"
                    f" {len(self.desired.present)} assets; it was synced as usual",
                    space=space,
                )
            )


def _skipped(refused: Skippable, space: str, asset: str | None = None) -> Issue:
    return Issue(refused.code, refused.message, refused.remedy, space=space, asset=asset)
