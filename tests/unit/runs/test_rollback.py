"""A complete rollback with a target in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from datasphere_glue.errors import PermissionDenied, PlanRefused
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Database
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Outcome, OutcomeStatus, Plan, Replan, TableChange
from datasphere_glue.plan.reverse import Origin
from datasphere_glue.runs.ports import Job
from datasphere_glue.runs.rollback import roll_back
from tests.laws.catalog import applied
from tests.unit.samples import (
    POLICY,
    RULES,
    TENANT,
    asset,
    listing,
    marked,
    planned,
    synced,
    table_in,
    with_table,
)

BOTH = listing(asset("V_ORDERS"), asset("V_ITEMS"))
RELABELLED = listing(asset("V_ORDERS", label="New"), asset("V_ITEMS", label="New"))
BEFORE = synced(BOTH)
DONE = planned((RELABELLED,), BEFORE).changes
AFTER = synced(RELABELLED, catalog=BEFORE)


@dataclass
class Glue:
    """A target that applies plans in memory; it calls `meanwhile` before each change."""

    catalog: Catalog = AFTER
    refusal: Exception | None = None
    meanwhile: Callable[[TableChange, Replan], TableChange | None] | None = None
    read_names: list[str] = field(default_factory=list)
    plans: list[tuple[Plan, float]] = field(default_factory=list)

    def databases(self) -> tuple[Database, ...]:
        if self.refusal:
            raise self.refusal
        return self.catalog.databases

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        self.read_names.append(database.name)
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


def undo(target: Glue, action: RunAction = RunAction.ROLLBACK, **more: Any) -> Result:
    return roll_back(target, DONE, Origin("night-1", TENANT), job(action, **more))


def job(action: RunAction, scope: Scope | None = None, **more: Any) -> Job:
    return Job(action, scope or Scope(), RULES, POLICY, **more)


def tables(catalog: Catalog) -> list[Any]:
    return [current.table for current in catalog.tables]


def test_a_rollback_restores_all_tables_and_warns_of_the_next_sync() -> None:
    target = Glue()

    result = undo(target, until=42.0)

    assert result.status is Status.SUCCESS
    assert result.action == "rollback"
    assert tables(target.catalog) == tables(BEFORE)
    assert target.read_names == ["datasphere_sales"]
    assert [until for _, until in target.plans] == [42.0]
    assert [note.code for note in result.plan.notes] == ["ROLLED_BACK"]


def test_a_second_rollback_has_no_changes() -> None:
    result = undo(Glue(BEFORE))

    assert result.status is Status.NO_CHANGES
    assert result.plan.notes == ()
    assert result.plan.unchanged == (("SALES", 2),)


def test_a_planned_rollback_writes_nothing() -> None:
    target = Glue()

    result = undo(target, RunAction.PLAN)

    assert result.status is Status.PENDING
    assert [change.action for change in result.plan.tables] == [
        ChangeAction.UPDATE,
        ChangeAction.UPDATE,
    ]
    assert target.plans == []


def test_only_the_approved_plan_is_applied() -> None:
    digest = undo(Glue(), RunAction.PLAN).digest
    target = Glue()
    edited = Glue(with_table(AFTER, marked(table_in(AFTER, "v_items"), team="sales")))

    assert undo(target, approved=digest).status is Status.SUCCESS
    refused = undo(edited, approved=digest)
    assert refused.status is Status.FAILED
    assert isinstance(refused.error, PlanRefused)
    assert "catalog has changed since" in refused.error.message
    assert edited.plans == []


def test_a_rollback_can_be_limited_by_scope() -> None:
    target = Glue()
    assets = frozenset({("SALES", "V_ITEMS")})

    result = undo(target, scope=Scope(assets=assets))

    assert [change.table for change in result.plan.tables] == ["v_items"]
    assert table_in(target.catalog, "v_orders").description == "New"
    assert (
        len(undo(Glue(), RunAction.PLAN, scope=Scope(spaces=frozenset({"SALES"}))).plan.tables) == 2
    )
    wrong = undo(Glue(), scope=Scope(spaces=frozenset({"SALE"})))
    assert wrong.status is Status.FAILED
    assert wrong.digest is None


def test_a_database_is_rolled_back_with_its_space_only() -> None:
    relabelled = listing(asset("V_ORDERS"), asset("V_ITEMS"), label="Revenue")
    plan = planned((relabelled,), BEFORE)
    assert plan.databases
    done, after = plan.changes, applied(plan, BEFORE)

    def rolled_back(scope: Scope) -> Result:
        return roll_back(Glue(after), done, Origin("n", TENANT), job(RunAction.PLAN, scope))

    assert rolled_back(Scope(spaces=frozenset({"SALES"}))).plan.databases
    assert rolled_back(Scope(assets=frozenset({("SALES", "V_ORDERS")}))).status is Status.FAILED


def test_an_unreadable_catalog_halts_the_run() -> None:
    target = Glue(refusal=PermissionDenied("no role"))

    result = undo(target)

    assert result.status is Status.HALTED
    assert target.plans == []


def test_a_table_edited_during_a_rollback_is_skipped() -> None:
    seen: list[str] = []

    def meanwhile(change: TableChange, replan: Replan) -> TableChange | None:
        assert change.before is not None
        same = replan(change, CurrentTable(change.before, "99"))
        assert same == replace(change, version_id="99")
        assert replan(change, CurrentTable(table_in(BEFORE, change.table), "99")) is None
        fresh = CurrentTable(marked(change.before, team="sales"), "99")
        with pytest.raises(Exception, match="was changed since run night-1") as error:
            replan(change, fresh)
        seen.append(type(error.value).__name__)
        return None

    target = Glue(meanwhile=meanwhile)
    undo(target)

    assert seen == ["ConcurrentChange", "ConcurrentChange"]
    assert target.catalog == AFTER
