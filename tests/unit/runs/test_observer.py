"""Observation of a run: the durations of its steps and its progress."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace

import pytest

from datasphere_glue.errors import SourceUnavailable
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import CurrentTable, Database
from datasphere_glue.model.wanted import SpaceWanted
from datasphere_glue.outcome.call_stats import CallRecorder, TimedStep
from datasphere_glue.plan.change import Outcome, OutcomeStatus, Plan, Replan
from datasphere_glue.runs.observer import TimingObserver
from datasphere_glue.runs.ports import Job
from datasphere_glue.runs.survey import read_spaces, survey
from datasphere_glue.runs.sync import sync
from tests.unit.samples import POLICY, RULES, asset, listing


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class RecordedProgress:
    """Records the progress of a run."""

    def __init__(self) -> None:
        self.counts: dict[str, list[int]] = {}

    def expect(self, part: str, more: int) -> None:
        self.counts.setdefault(part, [0, 0])[1] += more

    def done(self, part: str, count: int = 1) -> None:
        self.counts[part][0] += count


class Sides:
    """A source of fixed listings and a target without writes; each step takes fixed time."""

    def __init__(self, *listings: SpaceListing, clock: Clock | None = None) -> None:
        self.listings = listings
        self.clock = clock or Clock()

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        assert scope
        self.clock.now += 1
        return tuple(replace(one, assets=()) for one in self.listings)

    def space_names(self) -> frozenset[str]:
        return frozenset(one.space for one in self.listings)

    def assets(self, wanted: Iterable[tuple[SpaceListing, SpaceWanted]]) -> Generator[SpaceListing]:
        for _, one in zip(wanted, self.listings, strict=True):
            self.clock.now += 10
            yield one

    def databases(self) -> tuple[Database, ...]:
        self.clock.now += 100
        return (Database("datasphere_sales"),)

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        assert database
        self.clock.now += 100
        return ()

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        assert until
        assert callable(replan)
        self.clock.now += 1000
        return tuple(Outcome(change, OutcomeStatus.DONE) for change in plan.changes)


def test_the_duration_of_a_nested_step_is_counted_once() -> None:
    clock, recorder = Clock(), CallRecorder()
    watch = TimingObserver(recorder.spent, clock=clock)

    with watch.step("read"):
        clock.now += 2
        with watch.step("catalog"):
            clock.now += 5
        clock.now += 1

    assert recorder.stats().steps == (TimedStep("catalog", 5_000), TimedStep("read", 3_000))


def test_the_duration_of_a_failed_step_is_counted() -> None:
    clock, recorder = Clock(), CallRecorder()
    watch = TimingObserver(recorder.spent, clock=clock)

    def fail() -> None:
        with watch.step("read"):
            clock.now += 2
            raise SourceUnavailable("down")

    with pytest.raises(SourceUnavailable):
        fail()
    assert recorder.stats().steps == (TimedStep("read", 2_000),)


def test_a_run_measures_each_of_its_steps() -> None:
    clock, recorder = Clock(), CallRecorder()
    observer = TimingObserver(recorder.spent, clock=clock)
    sides = Sides(listing(asset("A")), listing(space="HR"), clock=clock)

    run = sync(sides, sides, Job(RunAction.SYNC, Scope(), RULES, POLICY, observer=observer))

    assert run.error is None
    assert recorder.stats().steps == (
        TimedStep("apply", 1_000_000),
        TimedStep("catalog", 200_000),
        TimedStep("list", 1_000),
        TimedStep("read", 20_000),
    )


def test_an_observed_run_counts_spaces_assets_and_changes() -> None:
    sides, progress = (
        Sides(listing(asset("A"), asset("B")), listing(space="HR")),
        RecordedProgress(),
    )
    job = Job(
        RunAction.SYNC, Scope(), RULES, POLICY, observer=TimingObserver(lambda *_: None, progress)
    )

    surveyed = survey(sides, sides, job)
    selected = ((one, SpaceWanted(lambda name: name == "A")) for one in surveyed.listings)
    read = list(read_spaces(sides, selected, job.observer))

    assert read == list(sides.listings)
    assert progress.counts["spaces read"] == [2, 2]
    assert progress.counts["assets read"][1] == 1

    run = sync(sides, sides, job)

    assert progress.counts["changes written"] == [0, len(run.plan.changes)]
