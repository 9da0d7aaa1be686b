"""The catalog shows which changes of a run that was cut off are done."""

from dataclasses import replace

import pytest

from datasphere_glue.model.table import Catalog, CurrentTable, Database, Table
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Change, DatabaseChange, TableChange
from datasphere_glue.plan.reached import reached_outcomes, unknown_outcome, with_fields
from tests.unit.samples import plain_table

OLD = plain_table("v_orders")
NEW = replace(OLD, description="New")
OTHER = replace(OLD, description="By a person")
UPDATE = TableChange(ChangeAction.UPDATE, "SALES", "V_ORDERS", OLD, NEW, "3")
CREATE = replace(UPDATE, action=ChangeAction.CREATE, before=None, version_id=None)
DELETE = replace(UPDATE, action=ChangeAction.DELETE, after=None)


def result(change: Change, *tables: CurrentTable, databases: tuple[Database, ...] = ()) -> str:
    (outcome,) = reached_outcomes([change], Catalog(databases, tables))
    assert outcome.verified == (outcome.result == "done")
    if outcome.error is not None:
        assert outcome.error.code == "RUN_CUT_OFF"
        assert outcome.error.message.startswith("outcome unknown: ")
        return "unknown"
    return str(outcome.result)


@pytest.mark.parametrize(
    ("change", "now", "version", "expected"),
    [
        (UPDATE, NEW, "4", "done"),
        (UPDATE, OLD, "3", "untried"),
        (UPDATE, OLD, "5", "unknown"),
        (UPDATE, OTHER, "4", "unknown"),
        (UPDATE, None, None, "unknown"),
        (replace(UPDATE, version_id=None), OLD, "5", "untried"),
        (CREATE, NEW, "0", "done"),
        (CREATE, None, None, "untried"),
        (CREATE, OTHER, "0", "unknown"),
        (DELETE, None, None, "done"),
        (DELETE, OLD, "3", "untried"),
        (DELETE, NEW, "4", "unknown"),
        (replace(UPDATE, after=OLD), OLD, "3", "untried"),
    ],
)
def test_a_table_is_done_in_its_new_state_and_untried_in_its_former_one(
    change: TableChange, now: Table | None, version: str | None, expected: str
) -> None:
    tables = (CurrentTable(now, version),) if now else ()

    assert result(change, *tables) == expected


SALES = Database("datasphere_sales", "Sales")
RELABELLED = replace(SALES, description="All sales")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, RELABELLED, "done"),
        (None, None, "untried"),
        (None, SALES, "unknown"),
        (SALES, RELABELLED, "done"),
        (SALES, SALES, "untried"),
        (SALES, None, "unknown"),
    ],
)
def test_a_database_is_judged_like_a_table(
    before: Database | None, now: Database | None, expected: str
) -> None:
    change = DatabaseChange(ChangeAction.UPDATE, "SALES", RELABELLED, before)

    assert result(change, databases=(now,) if now else ()) == expected


def test_an_unknown_outcome_names_the_object_and_the_cause() -> None:
    error = unknown_outcome(UPDATE, "the catalog could not be read").error

    assert error is not None
    assert "datasphere_sales.v_orders or not; the catalog could not be read" in error.message
    assert error.subject == "SALES.V_ORDERS"


def test_a_stored_update_gets_its_fields_back() -> None:
    (field,) = [one for one in with_fields(UPDATE).fields if one.field == "description"]

    assert (field.before, field.after) == (OLD.description, "New")
    assert with_fields(CREATE) is CREATE
