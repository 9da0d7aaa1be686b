"""The story of an undo: every write is preceded by its before-image, and a run can be taken back.

A rollback goes the same way as a sync (plan, apply, verify, report), so it leaves before-images of
its own and can be rolled back itself. It reads the catalog and the record of the run, never
Datasphere.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from datasphere_glue.errors import EventError, PlanRefused, SyncError
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Database
from datasphere_glue.outcome.run import Run
from datasphere_glue.plan.change import Change, ChangeKey, Outcome, Plan, Replan, TableChange
from datasphere_glue.plan.reverse import UNPROVEN, Origin, replan_back, reverse
from datasphere_glue.runs.ports import Target

NEXT_SYNC: Final = Issue(
    "ROLLED_BACK",
    "Datasphere and the configuration still say what was rolled back: the next sync writes it"
    " again",
    "correct the configuration or the source first, or disable the schedule until then",
)


class RecordedTarget:
    """A target that has every plan recorded before the first write of it.

    `record` keeps what is needed to undo the plan, or raises; then nothing is written.
    """

    def __init__(self, target: Target, record: Callable[[Plan], None]) -> None:
        self._target = target
        self._record = record

    def databases(self) -> tuple[Database, ...]:
        """Return the databases that the target holds."""
        return self._target.databases()

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        """Return the tables that the target holds in a database."""
        return self._target.tables(database)

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        """Record the plan, then have the target carry it out; an empty plan leaves no record.

        Raises:
            ReportUnwritable: the record cannot be kept, and nothing was written.

        """
        if not plan.empty:
            self._record(plan)
        return self._target.apply(plan, until=until, replan=replan)


@dataclass(frozen=True, slots=True)
class Undo:
    """One rollback as it was asked for.

    `action` is `rollback`, or `plan` to only show it. `scope` narrows it to spaces and assets.
    `until` is a monotonic time, `approved` the digest of the only plan to apply.
    """

    action: str
    origin: Origin
    scope: Scope = field(default_factory=Scope)
    approved: str | None = None
    until: float = float("inf")


def roll_back(target: Target, done: Iterable[Change], undo: Undo) -> Run:
    """Put back what the changes of a run made different and return all that there is to say.

    What was changed since is left alone and told. Only `rollback` writes, and, when a plan was
    approved, only that plan.
    """
    try:
        chosen = _chosen(done, undo)
        catalog = _catalog(target, {name for name, _ in chosen})
    except SyncError as error:
        return Run(undo.action, error=error)
    plan = reverse(chosen.values(), catalog, undo.origin)
    if not undo.origin.proven:
        plan = replace(plan, notes=(*plan.notes, UNPROVEN))
    if not plan.empty:
        plan = replace(plan, notes=(*plan.notes, NEXT_SYNC))
    digest = plan.digest
    outcomes: tuple[Outcome, ...] = ()
    refused: SyncError | None = None
    try:
        if undo.action == "rollback":
            _check_approval(undo.approved, digest)
            outcomes = target.apply(
                plan, until=undo.until, replan=partial(replan_back, origin=undo.origin)
            )
    except SyncError as error:
        refused = error
    return Run(undo.action, plan=plan, outcomes=outcomes, error=refused, digest=digest)


def _catalog(target: Target, names: Collection[str]) -> Catalog:
    databases = tuple(database for database in target.databases() if database.name in names)
    tables = (table for database in databases for table in target.tables(database))
    return Catalog(databases, tuple(tables))


def _chosen(done: Iterable[Change], undo: Undo) -> Mapping[ChangeKey, Change]:
    changes = tuple(done)
    chosen = {change.key: change for change in changes if _in_scope(change, undo.scope)}
    if changes and not chosen:
        raise EventError(
            f"spaces, assets: run {undo.origin.run_id} wrote nothing of what they name",
            remedy="correct the names, or leave them out to roll back the whole run",
        )
    return chosen


def _in_scope(change: Change, scope: Scope) -> bool:
    if isinstance(change, TableChange):
        return scope.asset(change.space, change.asset)
    # Who asks for single assets does not ask for what all tables of the space share.
    return scope.space(change.space) and (not scope.assets or change.space in scope.spaces)


def _check_approval(approved: str | None, digest: str) -> None:
    if approved is not None and approved != digest:
        raise PlanRefused(
            f"plan {approved[:12]} was approved, but plan {digest[:12]} would be applied now: the"
            " catalog has changed since",
            remedy="run `rollback RUN_ID --plan` again, review it, and apply the new digest",
        )
