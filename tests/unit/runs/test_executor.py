"""The order of writes: stages, approval, before-images and outcomes."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from datasphere_glue.errors import (
    CredentialsRejected,
    PermissionDenied,
    PlanRefused,
    ReportUnwritable,
)
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Database
from datasphere_glue.model.wanted import SpaceWanted
from datasphere_glue.outcome.run import Result, Status, table_counts
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import (
    Change,
    Outcome,
    OutcomeStatus,
    Plan,
    Replan,
    TableChange,
)
from datasphere_glue.plan.stages import ADDITIVE_PER_SPACE
from datasphere_glue.runs.executor import Executor, Orders, Refusal
from datasphere_glue.runs.ports import Job
from datasphere_glue.runs.sync import sync
from tests.laws.catalog import applied
from tests.unit.samples import POLICY, RULES, asset, issue, planned, synced

Entry = tuple[str, Any]

WORTHWHILE = ADDITIVE_PER_SPACE.fewest


def space(name: str, count: int = WORTHWHILE, **more: Any) -> SpaceListing:
    assets = tuple(replace(asset(f"V_{number:03}"), space=name) for number in range(count))
    names = frozenset(one.name for one in assets)
    return SpaceListing(name, name.title(), assets=assets, listed=names, **more)


@dataclass
class BothSides:
    """Source and target of a run; they record their events in order."""

    listings: tuple[SpaceListing, ...]
    catalog: Catalog = field(default_factory=Catalog)
    outcome_of: Callable[[Change], Outcome] = lambda change: Outcome(
        change, OutcomeStatus.DONE, verified=True
    )
    refusal: Exception | None = None
    read_error: Exception | None = None
    events: list[Entry] = field(default_factory=list)

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        return tuple(
            replace(one, assets=()) for one in self.listings if scope.covers_space(one.space)
        )

    def space_names(self) -> frozenset[str]:
        return frozenset(one.space for one in self.listings)

    def assets(self, wanted: Iterable[tuple[SpaceListing, SpaceWanted]]) -> Generator[SpaceListing]:
        for surveyed, _ in wanted:
            self.events.append(("read", surveyed.space))
            yield next(one for one in self.listings if one.space == surveyed.space)
        if self.read_error:
            raise self.read_error

    def databases(self) -> tuple[Database, ...]:
        return self.catalog.databases

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        return tuple(t for t in self.catalog.tables if t.table.database == database.name)

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:  # noqa: ARG002 - the seam's own signature
        if self.refusal:
            raise self.refusal
        self.events.append(("apply", len(plan.changes)))
        late = until == float("-inf")
        outcomes = [
            Outcome(c, OutcomeStatus.UNTRIED) if late else self.outcome_of(c) for c in plan.changes
        ]
        done = {id(o.change) for o in outcomes if o.result is OutcomeStatus.DONE}
        written = replace(
            plan,
            databases=tuple(c for c in plan.databases if id(c) in done),
            tables=tuple(c for c in plan.tables if id(c) in done),
        )
        self.catalog = applied(written, self.catalog)
        return tuple(outcomes)

    def run(self, action: RunAction = RunAction.SYNC, **more: Any) -> Result:
        return sync(self, self, Job(action, Scope(), RULES, POLICY, **more))


def test_a_space_is_created_before_the_next_one_is_read() -> None:
    sides = BothSides((space("A"), space("B"), space("C", 3)))

    run = sides.run()

    assert sides.events == [
        ("read", "A"),
        ("apply", WORTHWHILE + 1),
        ("read", "B"),
        ("apply", WORTHWHILE + 1),
        ("read", "C"),
        ("apply", 3 + 1),
    ]
    assert run.status is Status.SUCCESS
    assert table_counts(run)["created"] == 2 * WORTHWHILE + 3


def test_outcomes_are_in_the_order_of_the_plan() -> None:
    run = BothSides((space("A"), space("B"), space("C", 3))).run()
    assert [outcome.change for outcome in run.outcomes] == list(run.plan.changes)


def test_the_digest_equals_that_of_a_dry_run() -> None:
    listings = (space("A"), space("B", 2))
    assert BothSides(listings).run().digest == BothSides(listings).run(RunAction.PLAN).digest


@pytest.mark.parametrize("action", [RunAction.PLAN, RunAction.VERIFY])
def test_a_dry_run_creates_nothing(action: RunAction) -> None:
    sides = BothSides((space("A"),))
    sides.run(action)
    assert not sides.catalog.tables


def test_a_run_with_an_approved_plan_writes_nothing_before_the_whole_plan() -> None:
    sides = BothSides((space("A"), space("B")))
    assert isinstance(sides.run(approved="0" * 64).error, PlanRefused)
    assert not sides.catalog.tables


def test_updates_and_removals_are_written_after_planning_is_complete() -> None:
    before = space("A", WORTHWHILE)
    sides = BothSides((space("A", 2 * WORTHWHILE), space("B")), synced(before))
    changed = tuple(replace(one, label="New") for one in sides.listings[0].assets)
    sides.listings = (replace(sides.listings[0], assets=changed), sides.listings[1])

    run = sides.run()

    assert sides.events[1] == ("apply", WORTHWHILE)
    assert sides.events[-1] == ("apply", WORTHWHILE)
    assert table_counts(run)["updated"] == WORTHWHILE


def test_an_objection_stops_creations_and_removals() -> None:
    before = space("A", 20)
    sides = BothSides((space("A", 1), space("B"), space("C")), synced(before))

    run = sides.run()

    assert run.status is Status.HALTED
    assert not any(t.table.deprecated for t in sides.catalog.tables)


def test_too_many_unreadable_assets_prevent_all_creations() -> None:
    unread = tuple(issue(f"A.W_{number}") for number in range(60))
    sides = BothSides((space("A", unread=unread), space("B", 3)))
    assert sides.run().status is Status.HALTED
    assert not sides.catalog.tables


def test_a_halting_error_ends_all_writes() -> None:
    denied = Issue(PermissionDenied.code, "denied", "grant it", space="A", asset="V_000")

    def outcome_of(change: Change) -> Outcome:
        if change.table is None:
            return Outcome(change, OutcomeStatus.DONE, verified=True)
        return Outcome(change, OutcomeStatus.FAILED, error=denied, halts=True)

    sides = BothSides((space("A"), space("B")), outcome_of=outcome_of)
    run = sides.run()

    assert run.status is Status.HALTED
    assert [entry for entry in sides.events if entry[0] == "apply"] == [
        ("apply", WORTHWHILE + 1),
        ("apply", WORTHWHILE + 1),
    ]
    assert {o.result for o in run.outcomes if o.change.space == "B"} == {OutcomeStatus.UNTRIED}
    assert not sides.catalog.tables


def test_creations_without_before_images_are_not_tried() -> None:
    sides = BothSides((space("A"), space("B")), refusal=ReportUnwritable("no space left"))
    run = sides.run()
    assert run.status is Status.HALTED
    assert not run.outcomes


def test_creations_are_reported_when_reading_fails() -> None:
    sides = BothSides((space("A"), space("B")), read_error=CredentialsRejected("refused"))

    run = sides.run()

    assert run.status is Status.HALTED
    assert table_counts(run)["created"] == 2 * WORTHWHILE
    assert {outcome.change.action for outcome in run.outcomes} == {ChangeAction.CREATE}


def test_untried_creations_are_retried_at_the_end() -> None:
    late = {"V_003", "V_007"}

    def outcome_of(change: Change) -> Outcome:
        if change.space == "A" and change.asset in late:
            late.discard(change.asset)
            return Outcome(change, OutcomeStatus.UNTRIED)
        return Outcome(change, OutcomeStatus.DONE, verified=True)

    sides = BothSides((space("A"), space("B", 2)), outcome_of=outcome_of)
    run = sides.run()
    assert run.status is Status.SUCCESS
    assert sides.events[-1] == ("apply", 2 + 1 + 2)


def never_replanned(change: TableChange, fresh: CurrentTable | None) -> TableChange | None:
    raise AssertionError(change, fresh)


def executor(sides: BothSides, **orders: Any) -> Executor:
    refusal = Refusal("the catalog has changed since", "plan it again")
    return Executor(sides, Orders(never_replanned, refusal, **orders))


def small_plan() -> Plan:
    return planned((space("A", 2),), Catalog())


def test_a_plan_is_recorded_before_it_is_applied() -> None:
    sides, plan, recorded = BothSides(()), small_plan(), []

    def record(plan: Plan) -> None:
        recorded.append((plan, list(sides.events)))

    executed = executor(sides, before=record)
    executed.execute(plan, plan.digest)

    assert recorded == [(plan, [])]
    assert sides.events == [("apply", 3)]
    assert [outcome.result for outcome in executed.outcomes] == [OutcomeStatus.DONE] * 3


def test_each_part_is_recorded_before_it_is_applied_and_the_rest_at_the_end() -> None:
    recorded: list[int] = []
    sides = BothSides((space("A"), space("B", 2)))

    sides.run(before=lambda plan: recorded.append(len(plan.changes)))

    assert recorded == [WORTHWHILE + 1, 3]


def test_an_empty_plan_is_not_recorded() -> None:
    recorded: list[Plan] = []
    executed = executor(BothSides(()), before=recorded.append)

    executed.execute(Plan(), Plan().digest)

    assert executed.outcomes == ()
    assert executed.error is None
    assert recorded == []


def test_nothing_is_written_without_a_record() -> None:
    sides, plan = BothSides(()), small_plan()

    def refuse(_: Plan) -> None:
        raise ReportUnwritable("no space left")

    executed = executor(sides, before=refuse)
    executed.execute(plan, plan.digest)

    assert isinstance(executed.error, ReportUnwritable)
    assert sides.events == []


def test_an_unapproved_plan_is_neither_recorded_nor_written() -> None:
    sides, plan = BothSides(()), small_plan()
    recorded: list[Plan] = []
    executed = executor(sides, approved="0" * 64, before=recorded.append)

    executed.execute(plan, plan.digest)

    assert isinstance(executed.error, PlanRefused)
    assert executed.error.message == (
        f"plan {'0' * 12} was approved, but plan {plan.digest[:12]} would be applied now:"
        " the catalog has changed since"
    )
    assert executed.error.remedy == "plan it again"
    assert (sides.events, recorded, executed.outcomes) == ([], [], ())


def test_the_approved_plan_is_written() -> None:
    sides, plan = BothSides(()), small_plan()
    executed = executor(sides, approved=plan.digest)

    executed.execute(plan, plan.digest)

    assert sides.events == [("apply", 3)]
