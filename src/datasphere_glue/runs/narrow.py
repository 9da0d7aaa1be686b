"""Judges a run over a part of the tenant together with the narrow runs before it."""

from dataclasses import dataclass, replace

from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.guard import GuardLimits
from datasphere_glue.plan.removals import (
    EarlierRemovals,
    SpaceAction,
    TableNames,
    removals_of,
    removed_today,
)
from datasphere_glue.runs.ports import Job
from datasphere_glue.storage import removals
from datasphere_glue.storage.read_cursor import ReadCursor
from datasphere_glue.storage.removals import Removal
from datasphere_glue.storage.store import Store


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
        current, issues = self._current()
        for removal in current:
            tables[removal.key] = tables.get(removal.key, frozenset()) | removal.tables
        return EarlierRemovals(tables, self.cursor.holdings, issues)

    def add(self, plan: Plan) -> None:
        """Store what a plan is about to remove; raises ReportUnwritable."""
        current, _ = self._current()
        added = (
            Removal(self.cursor.now, space, action, tables)
            for (space, action), tables in sorted(removals_of(plan).items())
        )
        removals.save(self.store, self.tenants[0], (*current, *added))

    def _current(self) -> tuple[list[Removal], tuple[Issue, ...]]:
        """Return the removals that still count, and why a record of them was not read."""
        current: list[Removal] = []
        issues: list[Issue] = []
        for tenant in self.tenants:
            stored = removals.load(self.store, tenant)
            current += filter(self._counts, stored.value or ())
            issues += [stored.issue] if stored.issue else []
        return current, tuple(issues)

    def _counts(self, removal: Removal) -> bool:
        evaluated = self.cursor.dated.last
        if evaluated is None or removal.space in self.cursor.unevaluated:
            return True
        return removal.at >= evaluated


def judged_limits(plan: Plan, catalog: Catalog, job: Job) -> GuardLimits:
    """Return the limits of a run, with the earlier removals that count if it is narrow.

    Only a narrow run that removes something reads them.
    """
    if not job.scope.narrow or not removals_of(plan):
        return job.limits
    if job.ledger is None:
        today = job.policy.today.isoformat()
        return replace(job.limits, earlier=removed_today(catalog, job.policy.hosts, today))
    return replace(job.limits, earlier=job.ledger.earlier())


def note_removals(plan: Plan, job: Job) -> None:
    """Store what a narrow run is about to remove; raises ReportUnwritable."""
    if job.ledger is not None and job.scope.narrow and removals_of(plan):
        job.ledger.add(plan)
