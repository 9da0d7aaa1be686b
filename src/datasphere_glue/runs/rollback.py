"""The story of an undo: every write is preceded by its before-image, and a run can be taken back.

A rollback goes the same way as a sync (plan, apply, verify, report), so it leaves before-images of
its own and can be rolled back itself. It reads the catalog and the record of the run, never
Datasphere.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from datasphere_glue.errors import EventError, SyncError
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Change, ChangeKey, TableChange
from datasphere_glue.plan.reverse import UNPROVEN, Origin, replan_revert, reverse
from datasphere_glue.runs.executor import Executor, Orders, Refusal
from datasphere_glue.runs.ports import UNOBSERVED, BeforeWrites, RunObserver, Target

NEXT_SYNC: Final = Issue(
    IssueCode.ROLLED_BACK,
    "Datasphere and the configuration still say what was rolled back: the next sync writes it"
    " again",
)


_REFUSAL: Final = Refusal(
    "the catalog has changed since",
    "run `rollback RUN_ID --plan` again, review it, and apply the new digest",
)


@dataclass(frozen=True, slots=True)
class Undo:
    """One rollback as it was asked for.

    `action` is `rollback`, or `plan` to only show it. `scope` narrows it to spaces and assets.
    `until` is a monotonic time, `approved` the digest of the only plan to apply. `before` keeps
    what undoes the rollback itself, before its first write.
    """

    action: str
    origin: Origin
    scope: Scope = field(default_factory=Scope)
    approved: str | None = None
    until: float = float("inf")
    before: BeforeWrites | None = None
    observer: RunObserver = UNOBSERVED


def roll_back(target: Target, done: Iterable[Change], undo: Undo) -> Result:
    """Put back what the changes of a run made different and return all that there is to say.

    What was changed since is left alone and told. Only `rollback` writes, and, when a plan was
    approved, only that plan.
    """
    try:
        chosen = _chosen(done, undo)
        with undo.observer.step("catalog"):
            catalog = _catalog(target, {name for name, _ in chosen})
    except SyncError as error:
        return Result(undo.action, error=error)
    plan = reverse(chosen.values(), catalog, undo.origin)
    if not undo.origin.proven:
        plan = replace(plan, notes=(*plan.notes, UNPROVEN))
    if not plan.empty:
        plan = replace(plan, notes=(*plan.notes, NEXT_SYNC))
    digest = plan.digest
    executor = Executor(target, _orders(undo))
    if undo.action == "rollback":
        executor.execute(plan, digest)
    return Result(
        undo.action, plan=plan, outcomes=executor.outcomes, error=executor.error, digest=digest
    )


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
        return scope.covers_asset(change.space, change.asset)
    # Who asks for single assets does not ask for what all tables of the space share.
    return scope.covers_space(change.space) and (not scope.assets or change.space in scope.spaces)


def _orders(undo: Undo) -> Orders:
    return Orders(
        partial(replan_revert, origin=undo.origin),
        _REFUSAL,
        approved=undo.approved,
        until=undo.until,
        before=undo.before,
        observer=undo.observer,
    )
