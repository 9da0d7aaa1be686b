"""Replanning of a table from its fresh state; tests/unit/runs/test_sync.py has the races."""

from dataclasses import replace

import pytest

from datasphere_glue.errors import ConcurrentChange
from datasphere_glue.model.table import CurrentTable
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Rename, TableChange
from datasphere_glue.plan.policy import OrphanPolicy
from datasphere_glue.plan.replan import replan
from datasphere_glue.plan.reverse import Origin, replan_revert, reverse, revert_table
from tests.unit.samples import POLICY, TENANT, asset, listing, marked, planned, synced, table_in

OLD = listing(asset("V_ORDERS"), asset("V_ITEMS"))
NEW = listing(asset("V_ORDERS", label="New"), asset("V_ITEMS"))
BEFORE = synced(OLD)
ORIGIN = Origin("night-1", TENANT)


def test_a_planned_change_can_be_replanned_from_its_own_fields() -> None:
    (change,) = planned((NEW,), BEFORE).tables
    fresh = CurrentTable(marked(table_in(BEFORE, "v_orders"), team="sales"), "99")

    again = replan(change, fresh, POLICY)

    assert change.desired is not None
    assert again is not None
    assert again.after is not None
    assert (again.version_id, again.after.description) == ("99", "New")
    assert again.after.parameter("team") == "sales"
    assert replan(again, CurrentTable(again.after, "100"), POLICY) is None


def test_an_orphan_carries_no_desired_table() -> None:
    (change,) = planned((listing(asset("V_ORDERS")),), BEFORE).tables
    fresh = CurrentTable(table_in(BEFORE, "v_items"), "99")

    assert change.desired is None
    assert replan(change, fresh, POLICY) == replace(change, version_id="99")
    assert replan(change, fresh, replace(POLICY, orphans=OrphanPolicy.KEEP)) is None


@pytest.mark.parametrize("after", [OLD, NEW, listing(asset("V_ORDERS")), listing(asset("V_NEW"))])
def test_an_undo_can_be_replanned_from_its_own_fields(after: object) -> None:
    """The undo, reversed, is the change that it undoes."""
    done = [c for c in planned((after,), BEFORE).changes if isinstance(c, TableChange)]  # type: ignore[arg-type]
    later = synced(after, catalog=BEFORE)  # type: ignore[arg-type]
    undos = {change.key: change for change in reverse(done, later, ORIGIN).tables}

    assert undos.keys() == {change.key for change in done}
    for change in done:
        states = [
            None,
            *(CurrentTable(table, "99") for table in (change.before, change.after) if table),
        ]
        states += [CurrentTable(marked(s.table, team="sales"), "99") for s in states if s]
        for fresh in states:
            expected = revert_table(change, fresh, ORIGIN)
            if expected is None or isinstance(expected, TableChange):
                assert replan_revert(undos[change.key], fresh, ORIGIN) == expected
            else:
                with pytest.raises(ConcurrentChange) as refused:
                    replan_revert(undos[change.key], fresh, ORIGIN)
                assert refused.value.message == expected.message


def test_a_creation_is_repeated_as_planned_while_there_is_no_table() -> None:
    (change,) = planned((listing(asset("V_NEW")),), synced(listing())).tables
    assert change.after is not None
    carrying = replace(change, after=marked(change.after, team="sales"))

    assert replan(carrying, None, POLICY) == carrying


def test_what_a_table_carries_on_survives_a_concurrent_write() -> None:
    gone = table_in(BEFORE, "v_orders").with_parameters(status="deprecated")
    carried = marked(table_in(BEFORE, "v_orders"), team="sales")
    rename = Rename("V_ORDERS", "V_ORDERS", 1.0, heir="datasphere_sales.v_orders")
    (planned_change,) = planned((NEW,), BEFORE).tables
    change = replace(planned_change, before=gone, after=carried, renamed=rename)

    again = replan(change, CurrentTable(marked(gone, owner_team="ops"), "99"), POLICY)

    assert again is not None
    assert again.after is not None
    assert (again.action, again.version_id) == (ChangeAction.RESTORE, "99")
    assert again.after.parameter("team") == "sales"
    assert again.after.parameter("owner_team") == "ops"
