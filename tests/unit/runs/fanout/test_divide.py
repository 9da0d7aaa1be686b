"""Dividing a run: who reads what, what is left to the last step, what it sees of the catalog."""

from collections.abc import Generator, Iterable
from dataclasses import replace

import pytest

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.asset import Kind, SpaceListing
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import MustRead, Part, Scope, Slice
from datasphere_glue.model.table import Catalog, CurrentTable, Database
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
from datasphere_glue.runs.ports import AssetFilter, Job
from tests.unit.samples import POLICY, RULES, asset, issue, listing, synced

LOST = issue("SALES", "WORKER_LOST")


def space(name: str, count: int) -> SpaceListing:
    return SpaceListing(name, listed=frozenset(f"V_{number}" for number in range(count)))


class Recorded:
    """A source of given listings that remembers which assets were wanted of it."""

    def __init__(self, *listings: SpaceListing) -> None:
        self.listings = listings
        self.read: list[str] = []

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        found = (replace(one, assets=()) for one in self.listings if scope.covers_space(one.space))
        return tuple(found)

    def assets(self, wanted: Iterable[tuple[SpaceListing, AssetFilter]]) -> Generator[SpaceListing]:
        known = {one.space: one for one in self.listings}
        for one, chosen in wanted:
            found = tuple(a for a in known[one.space].assets if chosen(a.name))
            self.read += [f"{a.space}.{a.name}" for a in found]
            yield replace(known[one.space], assets=found)


class Held:
    """A target that holds a catalog and remembers the plans it was to apply."""

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


def test_a_space_of_any_size_is_read_whole_or_in_equal_slices() -> None:
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
def test_where_names_tell_the_kind_no_space_is_cut(rules: Rules) -> None:
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
def test_the_list_of_parts_is_bounded_and_names_every_space_once(
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


def test_a_worker_does_its_part_by_names_that_were_decided_for_all() -> None:
    job = Job(
        RunAction.SYNC, Scope(include=("S*",)), replace(RULES, databases=(("X", "x"),)), POLICY
    )

    mine = worker_job(job, Part(("SALES",), Slice(1, 2)), {"SALES": "dsp_sales"}, 0)

    assert mine.scope == Scope(include=("S*",), spaces=frozenset({"SALES"}), slice=Slice(1, 2))
    assert mine.rules.databases == (("SALES", "dsp_sales"), ("X", "x"))
    assert mine.policy.share is PlanShare.PER_TABLE


def test_how_much_may_be_unreadable_is_a_matter_of_the_whole_run() -> None:
    job = Job(RunAction.SYNC, Scope(), RULES, POLICY)
    unread = replace(listing(), unread=tuple(issue(f"SALES.V_{n}") for n in range(30)))

    for step in (worker_job(job, Part(("SALES",)), {}, 0), last_job(job, {}, allowed=True)):
        assert read_objections([unread], job.limits)
        assert not read_objections([unread], step.limits)
        assert step.limits.max_removal_percent == job.limits.max_removal_percent


def test_what_is_read_again_for_want_of_dates_is_shared_by_all_parts() -> None:
    seen: list[int] = []

    def due(listings: tuple[SpaceListing, ...]) -> MustRead:
        seen.append(sum(one.undated for one in listings))
        return lambda _space, _asset: False

    job = Job(RunAction.SYNC, Scope(), RULES, POLICY, due=due)
    mine = worker_job(job, Part(("SALES",)), {}, 900)

    mine.due((replace(listing(), undated=40),))

    assert seen == [900]


def test_the_last_step_owns_the_rest_and_only_plans_where_something_halts() -> None:
    job = Job(RunAction.SYNC, Scope(), RULES, POLICY, full=False)

    free, halted = (last_job(job, {}, allowed=allowed) for allowed in (True, False))

    assert (free.action, halted.action) == ("sync", "plan")
    assert free.policy.share is PlanShare.CROSS_TABLE
    assert free.full


def test_the_last_step_reads_what_was_left_to_it_and_nothing_else() -> None:
    source = Recorded(listing(asset("V_A"), asset("V_B"), asset("V_C")))
    remaining = LeftoverSource(source, {("SALES", "V_B"), ("SALES", "V_C")}, {})

    surveyed = remaining.survey(Scope())
    (found,) = remaining.assets((one, lambda name: name != "V_C") for one in surveyed)

    assert source.read == ["SALES.V_B"]
    assert found.complete
    assert found.listed == {"V_A", "V_B", "V_C"}


def test_of_a_space_whose_worker_was_lost_nothing_is_read_and_nothing_is_gone() -> None:
    source = Recorded(listing(asset("V_A")), listing(asset("V_A", "HR"), space="HR"))
    remaining = LeftoverSource(source, {("SALES", "V_A"), ("HR", "V_A")}, {"SALES": LOST})

    surveyed = remaining.survey(Scope())
    found = tuple(remaining.assets((one, lambda _name: True) for one in surveyed))

    assert source.read == ["HR.V_A"]
    assert [one.incomplete for one in surveyed] == [one.incomplete for one in found] == [LOST, None]


def test_what_a_listing_says_itself_comes_before_what_its_worker_lost() -> None:
    own = Issue(IssueCode.SPACE_FORBIDDEN, "refused", "ask for the role", space="SALES")
    remaining = LeftoverSource(Recorded(replace(listing(), incomplete=own)), (), {"SALES": LOST})

    assert [one.incomplete for one in remaining.survey(Scope())] == [own]


def test_the_last_step_sees_the_catalog_as_it_was_before_the_workers() -> None:
    target = Held(synced(listing(asset("V_A"), asset("V_B"))))
    before = CatalogBeforeRun(target, {("datasphere_sales", "v_b")})

    (database,) = before.databases()
    before.apply(Plan(), until=1.0, replan=lambda change, _fresh: change)

    assert [current.table.name for current in before.tables(database)] == ["v_a"]
    assert target.plans == [Plan()]
