"""One note for each database that holds copies."""

from dataclasses import replace

import pytest

from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import MANAGED_BY, Catalog, CurrentTable, Database, parameters
from datasphere_glue.plan.copies import copies_notes
from datasphere_glue.plan.policy import PlanShare
from tests.unit.samples import POLICY, TENANT, plain_table

NAMES = {"SALES": "datasphere_sales", "HR": "datasphere_hr"}
MARKS = {"managed_by": MANAGED_BY, "tenant": TENANT, "space": "SALES"}
OLD = Database("old", parameters=parameters({f"datasphere.{k}": v for k, v in MARKS.items()}))


def copy(database: str, name: str, space: str = "SALES") -> CurrentTable:
    return CurrentTable(replace(plain_table(name, space), database=database), copy=True)


def notes(*tables: CurrentTable, share: PlanShare = PlanShare.ALL) -> list[Issue]:
    policy = replace(POLICY, share=share)
    return list(copies_notes(NAMES, Catalog((OLD,), tables), policy))


def test_a_note_counts_the_copies_of_a_database_and_lists_the_first() -> None:
    here = [copy("datasphere_sales", f"c{number}") for number in range(9)]

    (other, note) = notes(*here, copy("backup", "c"), CurrentTable(plain_table("orders")))

    assert (other.subject, note.subject) == ("run", "SALES")
    assert "holds 9 copies of tables of ours: c0, c1, c2 and 6 more" in note.message
    assert "database backup holds a copy of tables of ours: c;" in other.message


@pytest.mark.parametrize(
    "table",
    [copy("old", "c"), copy("backup", "c", "UNREAD"), CurrentTable(plain_table("orders"))],
    ids=["older database of the space", "space that was not evaluated", "no copy"],
)
def test_what_is_no_copy_of_an_evaluated_space_has_no_note(table: CurrentTable) -> None:
    assert notes(table) == []


def test_a_worker_of_a_divided_run_leaves_the_notes_to_the_last_step() -> None:
    assert notes(copy("datasphere_sales", "c"), share=PlanShare.PER_TABLE) == []
