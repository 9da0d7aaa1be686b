"""Judges a run over a part of the tenant together with the narrow runs before it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from datasphere_glue.errors import GuardRefused, PermissionDenied
from datasphere_glue.mapping.databases import database_names, is_marked
from datasphere_glue.mapping.ownership import claims_of
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import Catalog, CurrentTable
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.guard import GuardLimits
from datasphere_glue.plan.removals import (
    EarlierRemovals,
    SpaceAction,
    TableNames,
    removals_of,
    removed_today,
)
from datasphere_glue.runs.ports import Job, Target
from datasphere_glue.storage import removals
from datasphere_glue.storage.read_cursor import ReadCursor
from datasphere_glue.storage.removals import Removal
from datasphere_glue.storage.store import Store

_RACE: Final = "another run over a part of the tenant removed tables at the same moment"
_AGAIN: Final = "run the same again: it then counts what the other run removed"


@dataclass(frozen=True, slots=True)
class StoredRemovals:
    """The removals of narrow runs, in the report store.

    - `tenants`: the host of the tenant, then its earlier hosts.
    - `cursor`: where the last run over everything left off.
    """

    store: Store
    tenants: tuple[str, ...]
    cursor: ReadCursor

    def earlier(self) -> EarlierRemovals:
        """Return what narrow runs removed since the last run over everything."""
        tables: dict[SpaceAction, TableNames] = {}
        current, issues, number = self._current()
        for removal in current:
            tables[removal.key] = tables.get(removal.key, frozenset()) | removal.tables
        return EarlierRemovals(tables, self.cursor.holdings, issues, number)

    def add(self, plan: Plan, number: int) -> None:
        """Store what a plan is about to remove.

        `number`: the newest record when the plan was judged.

        Raises:
            ReportUnwritable: the record cannot be stored.
            GuardRefused: another run has stored removals since the plan was judged.

        """
        current, _, newest = self._current()
        added = (
            Removal(self.cursor.now, space, action, tables)
            for (space, action), tables in sorted(removals_of(plan).items())
        )
        everything = (*current, *added)
        if newest != number or not removals.replace_record(
            self.store, self.tenants[0], number, everything
        ):
            raise GuardRefused(_RACE, remedy=_AGAIN)

    def _current(self) -> tuple[list[Removal], tuple[Issue, ...], int]:
        """Return the removals that still count, why a record was not read, and its number."""
        current: list[Removal] = []
        issues: list[Issue] = []
        records = [removals.load(self.store, tenant) for tenant in self.tenants]
        for record in records:
            current += filter(self._counts, record.stored.value or ())
            issues += [record.stored.issue] if record.stored.issue else []
        return current, tuple(issues), records[0].number

    def _counts(self, removal: Removal) -> bool:
        evaluated = self.cursor.dated.last
        if evaluated is None or removal.space in self.cursor.unevaluated:
            return True
        return removal.at >= evaluated


def judged_limits(plan: Plan, catalog: Catalog, target: Target, job: Job) -> GuardLimits:
    """Return the limits of a run, with the earlier removals that count if it is narrow.

    Only a narrow run that removes something reads them: from the report place, or without one from
    the catalog, whose databases of other spaces are then read as well.

    Raises:
        SyncError: as `Target.tables`, without PermissionDenied.

    """
    if not job.scope.narrow or not removals_of(plan):
        return job.limits
    if job.ledger is None:
        today = job.policy.today.isoformat()
        tables = (*catalog.tables, *_tables_of_others(catalog, target, job))
        whole = Catalog(catalog.databases, tables)
        return replace(job.limits, earlier=removed_today(whole, job.policy.hosts, today))
    return replace(job.limits, earlier=job.ledger.earlier())


def _tables_of_others(catalog: Catalog, target: Target, job: Job) -> Iterator[CurrentTable]:
    """Yield the tables of the spaces that a run does not evaluate, without copies.

    They count where the naming rules put them. A database that may not be read counts as empty.
    """
    evaluated = {current.table.asset[0] for current in catalog.tables}
    databases = {one.name: one for one in target.databases() if is_marked(one, job.rules)}
    spaces = {one.space for one in databases.values() if one.space} - evaluated
    homes = database_names(sorted(spaces), job.rules, Catalog(tuple(databases.values())))
    for space, home in homes.items():
        with suppress(PermissionDenied):
            tables = target.tables(databases[home]) if home in databases else ()
            claims = claims_of(SpaceListing(space), home, tables, job.rules, job.record)
            holders = frozenset(claims.holders.values())
            yield from (one.outline() for one in tables if one.table.name in holders)


def note_removals(plan: Plan, job: Job, number: int) -> None:
    """Store what a narrow run is about to remove; see `StoredRemovals.add`."""
    if job.ledger is not None and job.scope.narrow and removals_of(plan):
        job.ledger.add(plan, number)
