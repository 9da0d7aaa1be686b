"""A complete run with a source and a target in memory."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from datasphere_glue.errors import CredentialsRejected, PermissionDenied, SourceUnavailable
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Database
from datasphere_glue.model.wanted import SpaceWanted
from datasphere_glue.outcome.run import Result, Status, result_value, table_counts
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Outcome, OutcomeStatus, Plan, Replan, TableChange
from datasphere_glue.plan.policy import OrphanPolicy
from datasphere_glue.runs.ports import Job
from datasphere_glue.runs.sync import sync
from tests.laws.catalog import applied
from tests.unit.samples import (
    POLICY,
    RULES,
    asset,
    cut_off,
    listing,
    marked,
    nightly,
    on_record,
    synced,
    table_in,
    with_table,
)

BOTH = listing(asset("V_ORDERS"), asset("V_ITEMS"))
RELABELLED = listing(asset("V_ORDERS", label="New"), asset("V_ITEMS"))


@dataclass
class Tenant:
    """A source of fixed listings; it raises `refusal`, if set."""

    listings: tuple[SpaceListing, ...] = ()
    refusal: Exception | None = None
    reads: list[tuple[str, Scope | str]] = field(default_factory=list)

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        self.reads.append(("survey", scope))
        if self.refusal:
            raise self.refusal
        return tuple(replace(one, assets=()) for one in self.listings)

    def space_names(self) -> frozenset[str]:
        return frozenset(one.space for one in self.listings)

    def assets(self, wanted: Iterable[tuple[SpaceListing, SpaceWanted]]) -> Generator[SpaceListing]:
        for surveyed, chosen in wanted:
            self.reads.append(("assets", surveyed.space))
            (full,) = (one for one in self.listings if one.space == surveyed.space)
            yield replace(full, assets=tuple(one for one in full.assets if chosen(one.name)))


@dataclass
class Glue:
    """A target that applies plans in memory; it calls `meanwhile` before each change."""

    catalog: Catalog = field(default_factory=Catalog)
    meanwhile: Callable[[TableChange, Replan], TableChange | None] | None = None
    reads: list[str] = field(default_factory=list)
    plans: list[tuple[Plan, float]] = field(default_factory=list)

    def databases(self) -> tuple[Database, ...]:
        return self.catalog.databases

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        self.reads.append(database.name)
        return tuple(t for t in self.catalog.tables if t.table.database == database.name)

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        self.plans.append((plan, until))
        outcomes = tuple(Outcome(c, OutcomeStatus.DONE, verified=True) for c in plan.databases)
        for change in plan.tables:
            again = self.meanwhile(change, replan) if self.meanwhile else change
            outcomes += (
                Outcome(again, OutcomeStatus.DONE, verified=True)
                if again
                else Outcome(change, OutcomeStatus.UNCHANGED),
            )
        done = [o.change for o in outcomes if o.result is OutcomeStatus.DONE]
        tables = tuple(change for change in done if isinstance(change, TableChange))
        self.catalog = applied(replace(plan, tables=tables), self.catalog)
        return outcomes


def job(action: RunAction = RunAction.SYNC, **more: Any) -> Job:
    return Job(action, Scope(), RULES, POLICY, **more)


def run(source: Tenant, target: Glue, action: RunAction = RunAction.SYNC, **more: Any) -> Result:
    return sync(source, target, job(action, **more))


def test_a_first_sync_creates_everything_and_a_second_writes_nothing() -> None:
    target = Glue()

    first = run(Tenant((BOTH,)), target)
    second = run(Tenant((BOTH,)), target)

    assert first.status is Status.SUCCESS
    assert result_value(nightly(first))["counts"]["created"] == 2
    assert first.databases == {"SALES": "datasphere_sales"}
    assert second.status is Status.NO_CHANGES
    assert second.plan.empty


def test_source_and_target_are_read_once_within_the_scope() -> None:
    source, target = Tenant((BOTH,)), Glue(synced(BOTH))

    run(source, target)

    assert source.reads == [("survey", Scope()), ("assets", "SALES")]
    assert target.reads == ["datasphere_sales"]


@pytest.mark.parametrize("action", [RunAction.PLAN, RunAction.VERIFY])
def test_plan_and_verify_never_apply(action: RunAction) -> None:
    target = Glue()

    result = run(Tenant((BOTH,)), target, action)

    assert result.status is Status.PENDING
    assert len(result.plan.tables) == 2
    assert result.digest == result.plan.digest
    assert target.plans == []


def test_doctor_reads_both_sides_and_plans_nothing() -> None:
    source, target = Tenant((BOTH,)), Glue(synced(BOTH))

    result = run(source, target, RunAction.DOCTOR)

    assert [what for what, _ in source.reads] == ["survey"]
    assert len(target.reads) == 1
    assert result.plan.empty
    assert result.digest is None
    assert result.databases == {"SALES": "datasphere_sales"}
    assert target.plans == []


def test_an_objection_stops_the_run_before_any_write() -> None:
    target = Glue(synced(BOTH))

    result = run(Tenant((listing(),)), target)

    assert result.status is Status.HALTED
    assert "2 of 2 tables" in result.objections[0].message
    assert target.plans == []


def test_a_dry_run_shows_the_objection_too() -> None:
    result = run(Tenant((listing(),)), Glue(synced(BOTH)), RunAction.PLAN)

    assert result.objections
    assert len(result.plan.tables) == 2


def test_an_approved_plan_is_applied() -> None:
    target = Glue(synced(BOTH))
    planned = run(Tenant((RELABELLED,)), target, RunAction.PLAN)

    result = run(Tenant((RELABELLED,)), target, approved=planned.digest)

    assert result.status is Status.SUCCESS
    assert result.digest == planned.digest


def test_an_unapproved_plan_is_refused_before_any_write() -> None:
    target = Glue(synced(BOTH))
    planned = run(Tenant((RELABELLED,)), target, RunAction.PLAN)
    later = listing(asset("V_ORDERS", label="Newer still"), asset("V_ITEMS"))

    result = run(Tenant((later,)), target, approved=planned.digest)

    assert result.status is Status.FAILED
    (refused,) = result.issues
    assert refused.code == "PLAN_REFUSED"
    assert (planned.digest or "")[:12] in refused.message
    assert target.plans == []
    assert result.listings
    assert result.digest not in {None, planned.digest}
    assert not any(table_counts(result)[done] for done in ("created", "updated", "deprecated"))


def test_an_approved_plan_is_refused_after_an_edit_of_the_catalog() -> None:
    target = Glue(synced(BOTH))
    planned = run(Tenant((RELABELLED,)), target, RunAction.PLAN)
    orders = table_in(target.catalog, "v_orders")
    target.catalog = with_table(target.catalog, marked(orders, team="sales"))

    assert run(Tenant((RELABELLED,)), target, approved=planned.digest).status is Status.FAILED
    assert target.plans == []


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (CredentialsRejected("expired"), Status.HALTED),
        (PermissionDenied("no role"), Status.HALTED),
        (SourceUnavailable("down"), Status.FAILED),
    ],
)
def test_an_error_of_the_tenant_ends_the_run_without_writes(
    refusal: Exception, status: Status
) -> None:
    target = Glue(synced(BOTH))

    result = run(Tenant(refusal=refusal), target)

    assert result.status is status
    assert result.error is refusal
    assert (target.reads, target.plans) == ([], [])


def test_an_unexpected_error_is_not_caught() -> None:
    with pytest.raises(ZeroDivisionError):
        run(Tenant(refusal=ZeroDivisionError()), Glue())


def test_a_failed_space_does_not_stop_the_others() -> None:
    hr = listing(asset("V_STAFF", "HR"), space="HR")
    target = Glue(synced(BOTH))

    result = run(Tenant((hr, cut_off(listing(label=None)))), target)

    assert result.status is Status.DEGRADED
    assert [change.table for change in result.plan.tables] == ["v_staff"]
    assert not any(current.table.deprecated for current in target.catalog.tables)


def test_a_vanished_space_degrades_the_run_and_keeps_its_tables() -> None:
    target = Glue(synced(BOTH))

    result = run(Tenant(()), target)

    assert result.status is Status.DEGRADED
    assert [problem.code for problem in result.issues] == ["SPACE_VANISHED"]
    assert target.catalog == synced(BOTH)


def test_the_result_holds_counts_of_assets_and_not_the_assets() -> None:
    """A tenant of 10,000 assets must fit into the memory of one function."""
    result = run(Tenant((BOTH,)), Glue())

    assert [(one.assets, one.read, len(one.listed)) for one in result.listings] == [((), 2, 2)]


def test_the_deadline_reaches_the_target() -> None:
    target = Glue()

    run(Tenant((BOTH,)), target, until=42.0)

    assert [until for _, until in target.plans] == [42.0]


def replanned(
    source_listing: SpaceListing,
    catalog: Catalog,
    fresh: Callable[[TableChange], CurrentTable | None],
    **more: Any,
) -> list[TableChange | None]:
    """Return each planned change after it is replanned from the state that `fresh` returns."""
    seen: list[TableChange | None] = []

    def meanwhile(change: TableChange, replan: Replan) -> TableChange | None:
        seen.append(replan(change, fresh(change)))
        return seen[-1]

    source, target = Tenant((source_listing,)), Glue(catalog, meanwhile)
    sync(source, target, replace(job(), **more))
    return seen


def test_a_concurrent_edit_is_merged_with_its_new_version() -> None:
    def fresh(change: TableChange) -> CurrentTable:
        assert change.before is not None
        return CurrentTable(marked(change.before, team="sales"), "99")

    (change,) = replanned(RELABELLED, synced(BOTH), fresh)

    assert change is not None
    assert (change.action, change.version_id) == (ChangeAction.UPDATE, "99")
    assert change.after is not None
    assert change.after.parameter("team") == "sales"
    assert change.after.description == "New"


def test_a_change_by_another_run_is_not_repeated() -> None:
    done = synced(RELABELLED)

    assert replanned(
        RELABELLED, synced(BOTH), lambda change: CurrentTable(table_in(done, change.table), "99")
    ) == [None]


def test_a_table_deleted_during_the_run_is_created() -> None:
    (change,) = replanned(RELABELLED, synced(BOTH), lambda _: None)

    assert change is not None
    assert (change.action, change.before) == (ChangeAction.CREATE, None)


def test_a_table_created_during_the_run_is_compared() -> None:
    done = synced(BOTH)

    assert replanned(
        BOTH, Catalog(), lambda change: CurrentTable(table_in(done, change.table), "0")
    ) == [None, None]


ONE_GONE = listing(asset("V_ORDERS"))


def test_an_orphan_edited_during_the_run_is_deprecated_with_its_edit() -> None:
    def fresh(change: TableChange) -> CurrentTable:
        assert change.before is not None
        return CurrentTable(marked(change.before, team="sales"), "99")

    (change,) = replanned(ONE_GONE, synced(BOTH), fresh)

    assert change is not None
    assert (change.action, change.version_id) == (ChangeAction.DEPRECATE, "99")
    assert change.after is not None
    assert change.after.parameter("team") == "sales"


@pytest.mark.parametrize("marks", [None, {"datasphere.managed_by": "me"}])
def test_an_orphan_that_was_removed_or_is_foreign_is_skipped(marks: dict[str, str] | None) -> None:
    def fresh(change: TableChange) -> CurrentTable | None:
        assert change.before is not None
        return CurrentTable(marked(change.before, **marks), "9") if marks else None

    assert replanned(ONE_GONE, synced(BOTH), fresh) == [None]


def test_a_table_restored_during_the_run_is_not_deleted() -> None:
    """Another run read the asset again: the table must not be deleted."""
    policy = replace(POLICY, orphans=OrphanPolicy.DELETE, grace=0)
    full = synced(BOTH)
    gone = synced(ONE_GONE, catalog=full)

    (change,) = replanned(
        ONE_GONE,
        gone,
        lambda change: CurrentTable(table_in(full, change.table), "9"),
        policy=policy,
        proof=on_record,
    )

    assert change is None or change.action is not ChangeAction.DELETE


def test_a_later_read_of_another_run_is_not_overwritten() -> None:
    """Both runs read the same table; the other run read a newer label and wrote first."""
    later = table_in(synced(listing(asset("V_ORDERS", label="Newest"))), "v_orders")
    answers: list[TableChange | None] = []

    def meanwhile(change: TableChange, replan: Replan) -> TableChange | None:
        answers.append(replan(change, CurrentTable(later, "99")))
        return answers[-1]

    run(Tenant((RELABELLED,)), Glue(synced(BOTH), meanwhile))

    assert answers == [None]
