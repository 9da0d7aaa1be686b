"""Division of a run: the parts of workers, the last step and its view of the catalog."""

from collections.abc import Generator, Iterable
from dataclasses import replace

import pytest

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Part, Scope, Slice
from datasphere_glue.model.table import Catalog, CurrentTable, Database
from datasphere_glue.model.wanted import SpaceWanted
from datasphere_glue.plan.change import Outcome, OutcomeStatus, Plan, Replan
from datasphere_glue.plan.guard import read_objections
from datasphere_glue.plan.policy import PlanShare
from datasphere_glue.runs.fanout.divide import (
    MOST_PARTS,
    CatalogBeforeRun,
    LeftoverSource,
    divide_spaces,
    last_job,
    share,
    worker_job,
)
from datasphere_glue.runs.ports import Job
from tests.unit.samples import POLICY, RULES, asset, issue, listing, synced

LOST = issue("SALES", "WORKER_LOST")


def space(name: str, count: int) -> SpaceListing:
    return SpaceListing(name, listed=frozenset(f"V_{number}" for number in range(count)))


class RecordingSource:
    """A source of fixed listings that records which assets it read."""

    def __init__(self, *listings: SpaceListing) -> None:
        self.listings = listings
        self.read: list[str] = []

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        in_scope = (one for one in self.listings if scope.covers_space(one.space))
        return tuple(replace(one, assets=()) for one in in_scope)

    def space_names(self) -> frozenset[str]:
        return frozenset(one.space for one in self.listings)

    def assets(self, wanted: Iterable[tuple[SpaceListing, SpaceWanted]]) -> Generator[SpaceListing]:
        listings = {one.space: one for one in self.listings}
        for one, chosen in wanted:
            assets = tuple(a for a in listings[one.space].assets if chosen(a.name))
            self.read += [f"{a.space}.{a.name}" for a in assets]
            yield replace(listings[one.space], assets=assets)


class RecordingTarget:
    """A target with a fixed catalog that records the plans it should apply."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.plans: list[Plan] = []

    def databases(self) -> tuple[Database, ...]:
        return self.catalog.databases

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        return tuple(c for c in self.catalog.tables if c.table.database == database.name)

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        assert until
        assert callable(replan)
        self.plans.append(plan)
        return tuple(Outcome(change, OutcomeStatus.UNTRIED) for change in plan.changes)


def test_a_space_is_one_part_or_equal_slices() -> None:
    parts = divide_spaces([space("SMALL", 3), space("LARGE", 7), space("NONE", 0)], RULES, 3)

    assert parts == (
        Part(("LARGE",), Slice(1, 3)),
        Part(("LARGE",), Slice(2, 3)),
        Part(("LARGE",), Slice(3, 3)),
        Part(("NONE",)),
        Part(("SMALL",)),
    )


@pytest.mark.parametrize(
    "rules",
    [replace(RULES, prefixes=((Kind.VIEW, "v_"),)), replace(RULES, suffixes=((Kind.VIEW, "_v"),))],
)
def test_a_space_is_not_sliced_if_names_depend_on_the_kind(rules: Rules) -> None:
    assert divide_spaces([space("LARGE", 7)], rules, 3) == (Part(("LARGE",)),)


@pytest.mark.parametrize(
    "listings",
    [
        [space("LARGE", 50_000)],
        [space(f"S{number}", 1) for number in range(2_500)],
        [
            *(space(f"S{number}", 1) for number in range(2_000)),
            *(space(f"L{n}", 900) for n in range(9)),
        ],
    ],
)
def test_the_number_of_parts_is_bounded_and_every_space_is_listed_once(
    listings: list[SpaceListing],
) -> None:
    parts = divide_spaces(listings, RULES, 10)

    assert len(parts) <= MOST_PARTS
    whole = [name for part in parts if part.slice is None for name in part.spaces]
    cut = {part.spaces[0] for part in parts if part.slice}
    assert sorted([*whole, *cut]) == sorted(one.space for one in listings)


def test_each_worker_has_an_equal_share_of_the_budget() -> None:
    parts = [Part((name,)) for name in "ABC"]

    assert share(parts, 5) == pytest.approx(1 / 3)
    assert share(parts, 2) == pytest.approx(1 / 2)
    assert share([], 5) == 1.0


def test_a_worker_uses_its_scope_and_the_database_names_of_the_run() -> None:
    job = Job(
        RunAction.SYNC, Scope(include=("S*",)), replace(RULES, databases=(("X", "x"),)), POLICY
    )

    worker = worker_job(job, Part(("SALES",), Slice(1, 2)), {"SALES": "dsp_sales"})

    assert worker.scope == Scope(include=("S*",), spaces=frozenset({"SALES"}), slice=Slice(1, 2))
    assert worker.databases == {"SALES": "dsp_sales"}
    assert worker.rules == job.rules
    assert worker.policy.share is PlanShare.PER_TABLE


def test_the_limit_of_unreadable_assets_applies_to_the_run_only() -> None:
    job = Job(RunAction.SYNC, Scope(), RULES, POLICY)
    unread = replace(listing(), unread=tuple(issue(f"SALES.V_{n}") for n in range(30)))

    for step in (worker_job(job, Part(("SALES",)), {}), last_job(job, {}, allowed=True)):
        assert read_objections([unread], job.limits)
        assert not read_objections([unread], step.limits)
        assert step.limits.max_removal_percent == job.limits.max_removal_percent


def test_the_last_step_plans_only_if_the_run_is_halted() -> None:
    job = Job(RunAction.SYNC, Scope(), RULES, POLICY, full=False)

    free, halted = (last_job(job, {}, allowed=allowed) for allowed in (True, False))

    assert (free.action, halted.action) == ("sync", "plan")
    assert free.policy.share is PlanShare.CROSS_TABLE
    assert free.full


def test_the_last_step_reads_only_the_leftover_assets() -> None:
    source = RecordingSource(listing(asset("V_A"), asset("V_B"), asset("V_C")))
    remaining = LeftoverSource(source, {("SALES", "V_B"), ("SALES", "V_C")}, {})

    surveyed = remaining.survey(Scope())
    (read,) = remaining.assets((one, SpaceWanted(lambda name: name != "V_C")) for one in surveyed)

    assert source.read == ["SALES.V_B"]
    assert read.complete
    assert read.listed == {"V_A", "V_B", "V_C"}


def test_a_space_of_a_lost_worker_is_incomplete_and_not_read() -> None:
    source = RecordingSource(listing(asset("V_A")), listing(asset("V_A", "HR"), space="HR"))
    remaining = LeftoverSource(source, {("SALES", "V_A"), ("HR", "V_A")}, {"SALES": LOST})

    surveyed = remaining.survey(Scope())
    read = tuple(remaining.assets((one, SpaceWanted(lambda _name: True)) for one in surveyed))

    assert source.read == ["HR.V_A"]
    assert [one.incomplete for one in surveyed] == [one.incomplete for one in read] == [LOST, None]


def test_the_issue_of_a_listing_takes_precedence_over_a_lost_worker() -> None:
    own = Issue(IssueCode.SPACE_FORBIDDEN, "refused", "ask for the role", space="SALES")
    remaining = LeftoverSource(
        RecordingSource(replace(listing(), incomplete=own)), (), {"SALES": LOST}
    )

    assert [one.incomplete for one in remaining.survey(Scope())] == [own]


def test_the_last_step_sees_the_catalog_as_it_was_before_the_workers() -> None:
    target = RecordingTarget(synced(listing(asset("V_A"), asset("V_B"))))
    before = CatalogBeforeRun(target, {("datasphere_sales", "v_b")})

    (database,) = before.databases()
    before.apply(Plan(), until=1.0, replan=lambda change, _fresh: change)

    assert [current.table.name for current in before.tables(database)] == ["v_a"]
    assert target.plans == [Plan()]
