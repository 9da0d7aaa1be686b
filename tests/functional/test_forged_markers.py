"""A forged marker on a column moves nothing: names, comments and edits stay where they are."""

from typing import Any

import pytest

from tests.functional.conftest import World

KEPT = ("Name", "Description", "TableType", "Parameters", "StorageDescriptor", "PartitionKeys")
FORGED = {
    "swapped": {"c1": "C2", "c2": "C1"},
    "doubled": {"c2": "C1"},
    "of no column": {"id": "GONE", "c2": "ALSO_GONE"},
    "turned": {"id": "C1", "c1": "C2", "c2": "ID"},
}


def forge(world: World, table: str, markers: dict[str, str]) -> None:
    """Give columns other markers, and one of them a comment of a person."""
    definition = world.tables("datasphere_shop")[table]
    for column in definition["StorageDescriptor"]["Columns"]:
        if column["Name"] in markers:
            column["Parameters"]["datasphere.name"] = markers[column["Name"]]
        if column["Name"] == "c2":
            column["Comment"] = "what a person wrote"
    world.glue.update_table(
        DatabaseName="datasphere_shop",
        TableInput={key: definition[key] for key in KEPT if key in definition},
    )


def columns(world: World, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.tables("datasphere_shop")[table]["StorageDescriptor"][
        "Columns"
    ]
    return found


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_marker_is_reported_and_moves_nothing(shop: World, what: str) -> None:
    shop.synced()
    before = columns(shop, "v_00")
    forge(shop, "v_00", FORGED[what])

    answer = shop.sync()

    after = columns(shop, "v_00")
    assert [one["Name"] for one in after] == ["id", "c1", "c2"]
    assert [one["Parameters"] for one in after] == [one["Parameters"] for one in before]
    assert [one["Comment"] for one in after] == ["Id", "Column 1", "what a person wrote"]
    codes = [note["code"] for note in shop.report(answer)["notes"] if note.get("asset")]
    assert codes.count("MARKER_FORGED") == 1
    assert answer["status"] == "SUCCESS"
    assert shop.sync()["status"] == "NO_CHANGES"
