"""What an administrator may rely on before giving this function write access."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.functional.conftest import World, small_space, view
from tests.functional.test_sync import edit

FULL = "datasphere_full"


@pytest.mark.parametrize(
    ("listed", "removed", "message"),
    [
        (1, 1, "1 of 1 tables of space FULL"),
        (9, 9, "9 of 9 tables of space FULL"),
        (20, 8, "8 of 20 tables of space FULL would be deprecated (40 %)"),
    ],
)
def test_too_many_missing_tables_stop_the_run_with_the_numbers(
    world_of: Callable[..., World], listed: int, removed: int, message: str
) -> None:
    world = world_of(small_space("FULL", listed))
    world.sync()
    before = world.everything()
    for number in range(removed):
        world.tenant.spaces.remove("FULL", f"V_{number:02}")

    answer = world.sync()

    assert answer["status"] == "HALTED"
    assert any(message in error["message"] for error in answer["errors"])
    assert not world.catalog.calls.writes
    assert world.everything() == before


def test_one_missing_table_of_ten_is_deprecated(world_of: Callable[..., World]) -> None:
    world = world_of(small_space("FULL", 10))
    world.sync()
    world.tenant.spaces.remove("FULL", "V_03")
    answer = world.sync()
    assert (answer["status"], answer["counts"]["deprecated"]) == ("SUCCESS", 1)


def test_edits_of_people_survive_ten_runs_of_changes(world_of: Callable[..., World]) -> None:
    world = world_of(small_space("FULL", 2))
    world.sync()
    edit(world, FULL, "v_01")

    for number in range(10):
        world.tenant.spaces.set_column_label("FULL", "V_01", "C2", f"Changed {number}")
        answer = world.sync()
        assert (answer["status"], answer["counts"]["updated"]) == ("SUCCESS", 1)
        assert answer["counts"]["conflicts"] == 0

    table = world.tables(FULL)["v_01"]
    first, _, second = table["StorageDescriptor"]["Columns"]
    assert table["Description"] == "What analysts call it"
    assert (table["Retention"], table["Parameters"]["team"]) == (30, "sales ops")
    assert (first["Comment"], first["Parameters"]["pii"]) == ("Explained by a person", "no")
    assert second["Comment"] == "Changed 9"


def renamed(world: World, before: str, after: str, label: str) -> None:
    definition: dict[str, Any] = view(label, columns=6)
    world.tenant.spaces.add("FULL", before, definition)
    world.sync()
    edit(world, FULL, before.lower())
    world.tenant.spaces.remove("FULL", before)
    world.tenant.spaces.add("FULL", after, definition)


@pytest.mark.ci_only
def test_a_renamed_asset_takes_what_people_added_with_it(world_of: Callable[..., World]) -> None:
    world = world_of(small_space("FULL", 10))
    renamed(world, "V_OLD", "V_NEW", "Orders of the south")

    answer = world.sync()

    assert (answer["counts"]["created"], answer["counts"]["deprecated"]) == (1, 1)
    new, old = (world.tables(FULL)[name] for name in ("v_new", "v_old"))
    assert new["Description"] == "What analysts call it"
    assert new["Parameters"]["team"] == "sales ops"
    assert new["Parameters"]["datasphere.renamed_from"] == "V_OLD"
    assert old["Parameters"]["datasphere.renamed_to"] == "V_NEW"
    report = world.report(answer)
    (change,) = [c for c in report["changes"] if c["action"] == "create"]
    assert change["kind"] == "renamed"
    assert "confidence" in change["reason"]
    assert world.sync()["status"] == "NO_CHANGES"


@pytest.mark.parametrize("names", [["V_NEW"], ["V_NEW", "V_OLD"], ["V_OLD", "V_NEW"]])
def test_events_about_a_renamed_asset_lose_nothing_in_any_order(
    world_of: Callable[..., World], names: list[str]
) -> None:
    world = world_of(small_space("FULL", 10))
    renamed(world, "V_OLD", "V_NEW", "Orders of the south")

    for name in names:
        world.sync({"assets": [f"FULL.{name}"]})
    world.sync()

    new, old = (world.tables(FULL)[name] for name in ("v_new", "v_old"))
    assert new["Description"] == "What analysts call it"
    assert new["Parameters"]["team"] == "sales ops"
    assert old["Parameters"]["datasphere.status"] == "deprecated"
    assert world.sync()["status"] == "NO_CHANGES"


def test_a_newcomer_that_looks_different_is_no_rename(world_of: Callable[..., World]) -> None:
    world = world_of(small_space("FULL", 10))
    world.sync()
    world.tenant.spaces.remove("FULL", "V_03")
    world.tenant.spaces.add("FULL", "V_OTHER", view("Something else", columns=7))

    answer = world.sync()

    changes = world.report(answer)["changes"]
    assert {change["kind"] for change in changes} == {"created", "deprecated"}


def test_nothing_is_adopted_by_default(world_of: Callable[..., World]) -> None:
    world = world_of(small_space("FULL", 1))
    world.glue.create_database(DatabaseInput={"Name": FULL})
    world.glue.create_table(DatabaseName=FULL, TableInput={"Name": "v_00", "Description": "Ours"})
    before = world.tables(FULL)["v_00"]

    answer = world.sync()

    assert answer["status"] == "DEGRADED"
    assert [error["code"] for error in answer["errors"]] == ["FOREIGN_OBJECT"]
    assert world.tables(FULL)["v_00"] == before
