"""Applies a plan, for a sync and for a rollback: approval, before-images, stages, outcomes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from datasphere_glue.errors import PlanRefused, SyncError
from datasphere_glue.plan.change import ChangeKey, Outcome, OutcomeStatus, Plan, Replan
from datasphere_glue.plan.stages import STAGES
from datasphere_glue.runs.ports import (
    CHANGES,
    UNOBSERVED,
    BeforeWrites,
    Job,
    RunObserver,
    Target,
)

_NEVER: Final = float("-inf")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The explanation when the plan is not the approved one.

    `cause`: what may have changed.
    `remedy`: what to do; None is the default of PlanRefused.
    """

    cause: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class Orders:
    """How a run writes.

    `replan`: plans a table again that somebody else wrote meanwhile.
    `refusal`: explains that the plan is not the approved one.
    `approved`: digest of the only plan that may be written; None allows any.
    `until`: monotonic time; no write starts after it.
    `before`: stores the before-images of a plan before its first write; None stores nothing.
    """

    replan: Replan
    refusal: Refusal
    approved: str | None = None
    until: float = float("inf")
    before: BeforeWrites | None = None
    observer: RunObserver = UNOBSERVED


def orders_of(job: Job, replan: Replan, refusal: Refusal) -> Orders:
    """Return how a job writes."""
    return Orders(
        replan,
        refusal,
        approved=job.approved,
        until=job.until,
        before=job.before,
        observer=job.observer,
    )


class Executor:
    """Applies the plan of one run. `error` is the cause if it stopped early, else None."""

    def __init__(self, target: Target, orders: Orders) -> None:
        self._target = target
        self._orders = orders
        self._started: list[Plan] = []
        self._ended: dict[ChangeKey, Outcome] = {}
        self._whole: tuple[Outcome, ...] | None = None
        self._halted = False
        self.error: SyncError | None = None

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Return one outcome for each change that was tried, databases first.

        After the whole plan: one outcome for each change of it, in plan order.
        """
        if self._whole is not None:
            return self._whole
        return tuple(self._ended[key] for key in sorted(self._ended, key=_databases_first))

    @property
    def started(self) -> Plan:
        """Return the changes that were written before the whole plan existed."""
        databases = tuple(change for plan in self._started for change in plan.databases)
        tables = tuple(change for plan in self._started for change in plan.tables)
        return Plan(databases, tables)

    def execute_part(self, part: Plan, objecting: Callable[[], bool]) -> None:
        """Apply the stages of a space's plan that do not wait for the whole plan.

        `objecting` returns whether a guard objects so far. An error is stored in `error` and ends
        all writes of the run.
        """
        if self.error or self._halted or self._orders.approved is not None:
            return
        for stage in STAGES:
            chosen = stage.changes(part)
            if stage.waits_for_plan or len(chosen.tables) < stage.fewest or objecting():
                continue
            self._started.append(chosen)
            try:
                with self._writing(chosen):
                    outcomes = self._target.apply(
                        chosen, until=self._orders.until, replan=self._orders.replan
                    )
            except SyncError as error:
                self.error = error
                return
            # Changes that were not tried for lack of time are tried again with the whole plan.
            self._note(o for o in outcomes if o.result is not OutcomeStatus.UNTRIED)

    def execute(
        self, plan: Plan, digest: str, first: Callable[[Plan], None] = lambda _plan: None
    ) -> None:
        """Apply the rest of the whole plan, whose digest is given; `first` is called before.

        An error before the first write is stored in `error`.
        """
        if self.error:
            return
        remaining = _without(plan, self._ended)
        try:
            self._check_approval(digest)
            first(plan)
            with self._writing(remaining):
                until = _NEVER if self._halted else self._orders.until
                outcomes = self._target.apply(remaining, until=until, replan=self._orders.replan)
        except SyncError as error:
            self.error = error
            return
        rest = iter(outcomes)
        self._whole = tuple(self._ended.get(change.key) or next(rest) for change in plan.changes)

    def _check_approval(self, digest: str) -> None:
        approved, refusal = self._orders.approved, self._orders.refusal
        if approved is not None and approved != digest:
            raise PlanRefused(
                f"plan {approved[:12]} was approved, but plan {digest[:12]} would be applied now:"
                f" {refusal.cause}",
                remedy=refusal.remedy,
            )

    @contextmanager
    def _writing(self, plan: Plan) -> Iterator[None]:
        """Store the before-images of a plan, then measure the block that writes it.

        Raises:
            ReportUnwritable: the before-images cannot be stored; the block does not run.

        """
        orders = self._orders
        if orders.before and not plan.empty:
            orders.before(plan)
        orders.observer.expect(CHANGES, len(plan.changes))
        with orders.observer.step("apply"):
            yield

    def _note(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            self._ended[outcome.change.key] = outcome
            self._halted = self._halted or outcome.halts


def _without(plan: Plan, ended: Mapping[ChangeKey, Outcome]) -> Plan:
    return replace(
        plan,
        databases=tuple(change for change in plan.databases if change.key not in ended),
        tables=tuple(change for change in plan.tables if change.key not in ended),
    )


def _databases_first(key: ChangeKey) -> tuple[bool, str, str]:
    database, table = key
    return table is not None, database, table or ""
