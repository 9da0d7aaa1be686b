"""What is written when: stages, approval, before-images and outcomes."""

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
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Database
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
from datasphere_glue.runs.ports import AssetFilter, Job
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
class Story:
    """Both sides of a run, and what happened on them in order."""

    listings: tuple[SpaceListing, ...]
    catalog: Catalog = field(default_factory=Catalog)
    fate: Callable[[Change], Outcome] = lambda change: Outcome(
        change, OutcomeStatus.DONE, verified=True
    )
    refusal: Exception | None = None
    ends: Exception | None = None
    events: list[Entry] = field(default_factory=list)

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        return tuple(
            replace(one, assets=()) for one in self.listings if scope.covers_space(one.space)
        )

    def assets(self, wanted: Iterable[tuple[SpaceListing, AssetFilter]]) -> Generator[SpaceListing]:
        for surveyed, _ in wanted:
            self.events.append(("read", surveyed.space))
            yield next(one for one in self.listings if one.space == surveyed.space)
        if self.ends:
            raise self.ends

    def databases(self) -> tuple[Database, ...]:
        return self.catalog.databases

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        return tuple(t for t in self.catalog.tables if t.table.database == database.name)

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:  # noqa: ARG002 - the seam's own signature
        if self.refusal:
            raise self.refusal
        self.events.append(("apply", len(plan.changes)))
        late = until == float("-inf")
        fates = [Outcome(c, OutcomeStatus.UNTRIED) if late else self.fate(c) for c in plan.changes]
        done = {id(o.change) for o in fates if o.result is OutcomeStatus.DONE}
        written = replace(
            plan,
            databases=tuple(c for c in plan.databases if id(c) in done),
            tables=tuple(c for c in plan.tables if id(c) in done),
        )
        self.catalog = applied(written, self.catalog)
        return tuple(fates)

    def run(self, action: RunAction = RunAction.SYNC, **more: Any) -> Result:
        return sync(self, self, Job(action, Scope(), RULES, POLICY, **more))


def test_a_space_is_created_before_the_next_one_is_read() -> None:
    story = Story((space("A"), space("B"), space("C", 3)))

    run = story.run()

    assert story.events == [
        ("read", "A"),
        ("apply", WORTHWHILE + 1),
        ("read", "B"),
        ("apply", WORTHWHILE + 1),
        ("read", "C"),
        ("apply", 3 + 1),
    ]
    assert run.status is Status.SUCCESS
    assert table_counts(run)["created"] == 2 * WORTHWHILE + 3


def test_outcomes_are_those_of_the_whole_plan_in_its_order() -> None:
    run = Story((space("A"), space("B"), space("C", 3))).run()
    assert [outcome.change for outcome in run.outcomes] == list(run.plan.changes)


def test_the_plan_and_its_digest_are_those_of_a_dry_run() -> None:
    listings = (space("A"), space("B", 2))
    assert Story(listings).run().digest == Story(listings).run(RunAction.PLAN).digest


@pytest.mark.parametrize("action", [RunAction.PLAN, RunAction.VERIFY])
def test_a_dry_run_creates_nothing(action: RunAction) -> None:
    story = Story((space("A"),))
    story.run(action)
    assert not story.catalog.tables


def test_an_approved_plan_is_looked_at_as_a_whole_first() -> None:
    story = Story((space("A"), space("B")))
    assert isinstance(story.run(approved="0" * 64).error, PlanRefused)
    assert not story.catalog.tables


def test_updates_and_removals_wait_for_the_whole_plan() -> None:
    before = space("A", WORTHWHILE)
    story = Story((space("A", 2 * WORTHWHILE), space("B")), synced(before))
    changed = tuple(replace(one, label="New") for one in story.listings[0].assets)
    story.listings = (replace(story.listings[0], assets=changed), story.listings[1])

    run = story.run()

    assert story.events[1] == ("apply", WORTHWHILE)
    assert story.events[-1] == ("apply", WORTHWHILE)
    assert table_counts(run)["updated"] == WORTHWHILE


def test_after_an_objection_nothing_more_is_created() -> None:
    before = space("A", 20)
    story = Story((space("A", 1), space("B"), space("C")), synced(before))

    run = story.run()

    assert run.status is Status.HALTED
    assert not any(t.table.deprecated for t in story.catalog.tables)


def test_where_most_cannot_be_read_nothing_is_created() -> None:
    unread = tuple(issue(f"A.W_{number}") for number in range(60))
    story = Story((space("A", unread=unread), space("B", 3)))
    assert story.run().status is Status.HALTED
    assert not story.catalog.tables


def test_an_error_that_forbids_every_write_ends_all_of_them() -> None:
    denied = Issue(PermissionDenied.code, "denied", "grant it", space="A", asset="V_000")

    def fate(change: Change) -> Outcome:
        if change.table is None:
            return Outcome(change, OutcomeStatus.DONE, verified=True)
        return Outcome(change, OutcomeStatus.FAILED, error=denied, halts=True)

    story = Story((space("A"), space("B")), fate=fate)
    run = story.run()

    assert run.status is Status.HALTED
    assert [entry for entry in story.events if entry[0] == "apply"] == [
        ("apply", WORTHWHILE + 1),
        ("apply", WORTHWHILE + 1),
    ]
    assert {o.result for o in run.outcomes if o.change.space == "B"} == {OutcomeStatus.UNTRIED}
    assert not story.catalog.tables


def test_creations_without_a_record_are_not_tried() -> None:
    story = Story((space("A"), space("B")), refusal=ReportUnwritable("no space left"))
    run = story.run()
    assert run.status is Status.HALTED
    assert not run.outcomes


def test_what_was_created_is_told_when_reading_ends_early() -> None:
    story = Story((space("A"), space("B")), ends=CredentialsRejected("refused"))

    run = story.run()

    assert run.status is Status.HALTED
    assert table_counts(run)["created"] == 2 * WORTHWHILE
    assert {outcome.change.action for outcome in run.outcomes} == {ChangeAction.CREATE}


def test_what_the_time_did_not_suffice_for_is_tried_again_in_the_end() -> None:
    late = {"V_003", "V_007"}

    def fate(change: Change) -> Outcome:
        if change.space == "A" and change.asset in late:
            late.discard(change.asset)
            return Outcome(change, OutcomeStatus.UNTRIED)
        return Outcome(change, OutcomeStatus.DONE, verified=True)

    story = Story((space("A"), space("B", 2)), fate=fate)
    run = story.run()
    assert run.status is Status.SUCCESS
    assert story.events[-1] == ("apply", 2 + 1 + 2)


def never(change: TableChange, fresh: CurrentTable | None) -> TableChange | None:
    raise AssertionError(change, fresh)


def executor(story: Story, **orders: Any) -> Executor:
    refusal = Refusal("the catalog has changed since", "plan it again")
    return Executor(story, Orders(never, refusal, **orders))


def small_plan() -> Plan:
    return planned((space("A", 2),), Catalog())


def test_a_plan_is_recorded_before_it_is_applied() -> None:
    story, plan, recorded = Story(()), small_plan(), []

    def record(plan: Plan) -> None:
        recorded.append((plan, list(story.events)))

    carried = executor(story, before=record)
    carried.execute(plan, plan.digest)

    assert recorded == [(plan, [])]
    assert story.events == [("apply", 3)]
    assert [outcome.result for outcome in carried.outcomes] == [OutcomeStatus.DONE] * 3


def test_each_part_is_recorded_before_it_is_applied_and_the_rest_at_the_end() -> None:
    recorded: list[int] = []
    story = Story((space("A"), space("B", 2)))

    story.run(before=lambda plan: recorded.append(len(plan.changes)))

    assert recorded == [WORTHWHILE + 1, 3]


def test_an_empty_plan_leaves_no_record() -> None:
    recorded: list[Plan] = []
    carried = executor(Story(()), before=recorded.append)

    carried.execute(Plan(), Plan().digest)

    assert carried.outcomes == ()
    assert carried.error is None
    assert recorded == []


def test_nothing_is_written_without_a_record() -> None:
    story, plan = Story(()), small_plan()

    def refuse(_: Plan) -> None:
        raise ReportUnwritable("no space left")

    carried = executor(story, before=refuse)
    carried.execute(plan, plan.digest)

    assert isinstance(carried.error, ReportUnwritable)
    assert story.events == []


def test_another_plan_than_the_approved_one_is_neither_recorded_nor_written() -> None:
    story, plan = Story(()), small_plan()
    recorded: list[Plan] = []
    carried = executor(story, approved="0" * 64, before=recorded.append)

    carried.execute(plan, plan.digest)

    assert isinstance(carried.error, PlanRefused)
    assert carried.error.message == (
        f"plan {'0' * 12} was approved, but plan {plan.digest[:12]} would be applied now:"
        " the catalog has changed since"
    )
    assert carried.error.remedy == "plan it again"
    assert (story.events, recorded, carried.outcomes) == ([], [], ())


def test_the_approved_plan_is_written() -> None:
    story, plan = Story(()), small_plan()
    carried = executor(story, approved=plan.digest)

    carried.execute(plan, plan.digest)

    assert story.events == [("apply", 3)]
