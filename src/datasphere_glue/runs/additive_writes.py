"""New tables of a space, created while other spaces are still read.

A creation takes nothing from anybody, so that it need not wait until the plan of the whole run is
known: a first load overlaps reading and writing, and what it has done before its time is over
stands. Everything else waits, so that a guard is asked about the whole.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from datasphere_glue.errors import SyncError
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.outcome.run import Run
from datasphere_glue.plan.change import (
    ChangeAction,
    ChangeKey,
    Outcome,
    OutcomeStatus,
    Plan,
    Replan,
)
from datasphere_glue.plan.guard import unreadable
from datasphere_glue.runs.ports import Job, Target

WORTHWHILE: Final = 25
"""Creations of one space below which they wait for the whole plan: small runs gain nothing."""

_NEVER: Final = float("-inf")


class AdditiveWrites:
    """Creates tables space by space and completes the plan of the run in the end."""

    def __init__(self, target: Target, job: Job) -> None:
        self._target = target
        self._job = job
        self._allowed = job.action == "sync" and job.approved is None
        self._listings: list[SpaceListing] = []
        self._planned: list[Plan] = []
        self._made: dict[ChangeKey, Outcome] = {}
        self.refused: SyncError | None = None

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Return what became of the creations so far, databases first."""
        return tuple(self._made[key] for key in sorted(self._made, key=_databases_first))

    def apply_now(self, listing: SpaceListing, part: Plan, replan: Replan) -> None:
        """Create the new tables of a space, unless something speaks against any write."""
        self._listings.append(listing)
        self._allowed = self._allowed and not part.objections
        chosen = _creations(part)
        if not self._allowed or len(chosen.tables) < WORTHWHILE:
            return
        if unreadable(self._listings, self._job.limits):
            return
        self._planned.append(chosen)
        try:
            outcomes = self._target.apply(chosen, until=self._job.until, replan=replan)
        except SyncError as error:
            self.refused, self._allowed = error, False
            return
        self._made |= {o.change.key: o for o in outcomes if o.result is not OutcomeStatus.UNTRIED}
        self._allowed = not any(outcome.halts for outcome in outcomes)

    def completed(self, plan: Plan, replan: Replan) -> tuple[Outcome, ...]:
        """Carry out what is left of the plan; return one outcome per change, in plan order.

        Raises:
            SyncError: as `Target.apply`.

        """
        if not self._made:
            return self._target.apply(plan, until=self._job.until, replan=replan)
        left = _without(plan, self._made)
        halted = any(outcome.halts for outcome in self._made.values())
        until = _NEVER if halted else self._job.until
        rest = self._target.apply(left, until=until, replan=replan)
        names = (change.key for change in left.changes)
        outcomes = self._made | dict(zip(names, rest, strict=True))
        return tuple(outcomes[change.key] for change in plan.changes)

    def run_ended_by(self, error: SyncError) -> Run:
        """Return the run that could not be read to its end, with what was created before."""
        databases = tuple(change for plan in self._planned for change in plan.databases)
        tables = tuple(change for plan in self._planned for change in plan.tables)
        plan = Plan(databases, tables)
        return Run(self._job.action, plan=plan, outcomes=self.outcomes, error=error)


def _creations(part: Plan) -> Plan:
    """Return the new tables of a plan that are nothing but new, and the database they need."""
    return Plan(
        databases=tuple(c for c in part.databases if c.action is ChangeAction.CREATE),
        tables=tuple(
            c for c in part.tables if c.action is ChangeAction.CREATE and c.renamed is None
        ),
    )


def _without(plan: Plan, made: Mapping[ChangeKey, Outcome]) -> Plan:
    return replace(
        plan,
        databases=tuple(c for c in plan.databases if c.key not in made),
        tables=tuple(c for c in plan.tables if c.key not in made),
    )


def _databases_first(name: ChangeKey) -> tuple[bool, str, str]:
    database, table = name
    return table is not None, database, table or ""
