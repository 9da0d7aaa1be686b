"""Two runs over one catalog at the same time, each with its own clients, as two Lambdas would."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.functional.eve import GOOD, Eve, Place

PATIENCE = 60.0


def test_two_runs_that_start_together_do_the_work_once(eve: Eve) -> None:
    start = Barrier(2)

    def run(_: int) -> dict[str, Any]:
        start.wait(PATIENCE)
        return eve.run()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(run, range(2)))

    assert all(truthful(answer) for answer in answers)
    assert sum(answer["counts"]["created"] for answer in answers) == 3
    assert eve.content() == eve.end
    eve.unharmed()


def truthful(answer: dict[str, Any]) -> bool:
    """Return whether a run succeeded, or reports the concurrent change."""
    message = "was changed since it was read"
    return answer["status"] in GOOD or all(message in e["message"] for e in answer["errors"])


@pytest.mark.parametrize(
    "operation", ["CreateDatabase", "UpdateDatabase", "CreateTable", "UpdateTable", "DeleteTable"]
)
def test_a_slower_concurrent_run_has_nothing_to_write(eve: Eve, operation: str) -> None:
    slow, quick = together(eve, eve.at(operation, "first")[0], lambda: None)

    assert truthful(slow)
    assert truthful(quick)
    assert eve.content() == eve.end
    eve.unharmed()


def together(
    eve: Eve, place: Place, change: Callable[[], None]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the results of two runs; the second starts and ends while the first waits to write.

    `change` is what happens before the second one begins.
    """
    hold = eve.catalog.faults.hold(operation=place.kind, match=place.target)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(eve.run)
        try:
            assert hold.reached.wait(PATIENCE)
            change()
            quick = eve.run()
        finally:
            hold.released.set()
        return slow.result(PATIENCE), quick


@pytest.mark.parametrize(
    "operation", ["CreateDatabase", "UpdateDatabase", "CreateTable", "UpdateTable", "DeleteTable"]
)
def test_an_earlier_reading_does_not_overwrite_a_later_one(eve: Eve, operation: str) -> None:
    def change() -> None:
        eve.tenant.spaces.set_label("SALES", "T_RATES", "Newest")
        eve.tenant.spaces.set_label("STOCK", "T_BINS", "Newest")

    slow, quick = together(eve, eve.at(operation, "first")[0], change)

    assert truthful(slow)
    assert truthful(quick)
    tables = eve.content()
    names = ("datasphere_sales.t_rates", "datasphere_stock.t_bins")
    assert [tables[name]["Description"] for name in names] == ["Newest", "Newest"]
    assert eve.run()["status"] == "NO_CHANGES"


def test_a_run_after_two_concurrent_runs_completes_everything(eve: Eve) -> None:
    def change() -> None:
        eve.tenant.spaces.set_label("SALES", "T_RATES", "Newest")

    together(eve, eve.at("UpdateTable", "first")[0], change)

    assert eve.run()["status"] in GOOD
    tables = eve.content()
    assert tables["datasphere_sales.t_rates"]["Description"] == "Newest"
    assert set(tables) == set(eve.end)
    assert eve.run()["status"] == "NO_CHANGES"


def test_a_concurrent_manual_edit_is_preserved(eve: Eve) -> None:
    def edit() -> None:
        glue = eve.aws("glue")
        current = glue.get_table(DatabaseName="datasphere_sales", Name="v_gone")["Table"]
        keys = ("Name", "Parameters", "StorageDescriptor", "TableType", "PartitionKeys")
        edited = {key: current[key] for key in keys} | {"Description": "Kept by a person"}
        glue.update_table(DatabaseName="datasphere_sales", TableInput=edited)

    hold = eve.catalog.faults.hold(operation="UpdateTable", match="v_gone")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(eve.run)
        try:
            assert hold.reached.wait(PATIENCE)
            edit()
        finally:
            hold.released.set()
        answer = slow.result(PATIENCE)

    table = eve.content()["datasphere_sales.v_gone"]
    assert table["Description"] == "Kept by a person"
    assert table["Parameters"]["datasphere.status"] == "deprecated"
    assert answer["status"] == "SUCCESS"
