"""Removals of narrow runs: what a plan removes, and what a catalog holds before and after."""

from dataclasses import replace

from datasphere_glue.model.table import Catalog, CurrentTable
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.removals import (
    EarlierRemovals,
    Holding,
    after_changes,
    holdings_of,
    removals_of,
    removed_today,
)
from tests.unit.samples import TENANT, plain_table, table_change

HOSTS = frozenset({TENANT})
GONE = plain_table("v_gone").with_parameters(status="deprecated", deprecated_on="2026-11-23")
OLD = plain_table("v_old").with_parameters(status="deprecated", deprecated_on="2026-11-22")
ACTIVE = plain_table("v_orders")
COPY = CurrentTable(plain_table("v_orders_copy"), copy=True)
FOREIGN = plain_table("v_foreign").with_parameters(tenant="other.example")
CATALOG = Catalog((), (*map(CurrentTable, (GONE, OLD, ACTIVE, FOREIGN)), COPY))


def test_removals_are_grouped_by_space_and_action_without_confirmed_spaces() -> None:
    plan = Plan(
        tables=(
            table_change(ChangeAction.UPDATE),
            table_change(ChangeAction.DEPRECATE, "v_a"),
            table_change(ChangeAction.DEPRECATE, "v_b"),
            table_change(ChangeAction.DELETE, "v_c"),
            table_change(ChangeAction.DEPRECATE, "v_d", "GONE"),
        ),
        confirmed=("GONE",),
    )

    assert removals_of(plan) == {
        ("SALES", ChangeAction.DEPRECATE): {"datasphere_sales.v_a", "datasphere_sales.v_b"},
        ("SALES", ChangeAction.DELETE): {"datasphere_sales.v_c"},
    }


def test_the_deprecations_of_a_day_are_those_with_its_date() -> None:
    assert removed_today(CATALOG, HOSTS, "2026-11-23") == EarlierRemovals(
        {("SALES", ChangeAction.DEPRECATE): frozenset({"datasphere_sales.v_gone"})},
        {"SALES": Holding(active=2, all=3)},
    )


def test_a_space_holds_its_own_tables_without_copies() -> None:
    assert holdings_of(CATALOG, HOSTS) == {"SALES": Holding(active=1, all=3)}


def test_changes_alter_what_a_space_holds() -> None:
    changes = [
        table_change(ChangeAction.CREATE, "v_new", "NEW"),
        replace(table_change(name="v_adopted"), adopted=True),
        table_change(),
        table_change(ChangeAction.RESTORE, "v_gone"),
        table_change(ChangeAction.DEPRECATE, "v_items"),
        table_change(ChangeAction.DELETE, "v_old"),
    ]

    assert after_changes({"SALES": Holding(5, 8)}, changes) == {
        "SALES": Holding(6, 8),
        "NEW": Holding(1, 1),
    }
