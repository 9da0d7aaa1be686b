"""Views of many columns land: with every column, type and comment, and said what is left out."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from datasphere_glue.cli import main
from datasphere_glue.model.request_body import MAX_BODY, request_body
from local.tenant.store import Space, entry_of
from tests.functional.conftest import SET_BY_GLUE, World

DAY = "2026-05-01T10:00:00.000Z"
MEMBERS = {"Name", "Description", "Parameters", "StorageDescriptor", "TableType", "PartitionKeys"}
CAPITALS = "CUSTOMER_MASTER_RECORD_ATTRIBUTE_FOR_REPORTING_REQUIREMENT"
MIXED = "CustomerMasterRecordAttributeForReportingRequirement_Years"
LATIN = "Attribute of the customer master record, needed for reports"
GERMAN = "Merkmal für die Auswertung nach Größe und Gebühr je Geschäft"
CHINESE = "客户主数据记录的属性用于报表分析与合规要求按业务年度和地区划分单位为千元含税金额经审核"


def element(number: int, label: str) -> dict[str, Any]:
    if number % 4:
        kind: dict[str, Any] = {"type": "cds.String", "length": 10 + number % 7}
    else:
        kind = {"type": "cds.Decimal", "precision": 17, "scale": 2}
    return {**kind, "@EndUserText.label": f"{label} {number}"}


def view(columns: int, name: str, label: str) -> dict[str, Any]:
    """Return a view whose columns come from a table, with names of 60 characters or fewer."""
    elements = {f"{name[:55]}_{number:04}": element(number, label) for number in range(columns)}
    return {
        "kind": "entity",
        "@EndUserText.label": "Everything about customers",
        "@DataWarehouse.consumption.external": True,
        "elements": elements,
        "query": {
            "SELECT": {
                "from": {"ref": ["T_CUSTOMERS"]},
                "columns": [{"ref": ["T_CUSTOMERS", name]} for name in elements],
            }
        },
    }


def wide_world(world_of: Callable[..., World], definition: dict[str, Any]) -> World:
    listing = {"status": "Deployed", "changedOn": DAY, "deployedOn": DAY}
    document = {"definitions": {"V_WIDE": definition}}
    entry = entry_of("WIDE", "V_WIDE", document, exposed=True, listing=listing)
    return world_of(Space("WIDE", "Wide", (entry,)))


def table_of(world: World) -> dict[str, Any]:
    found = world.tables("datasphere_wide")["v_wide"]
    return {key: value for key, value in found.items() if key not in SET_BY_GLUE}


def shortened(world: World, answer: dict[str, Any]) -> str:
    notes = [n for n in world.report(answer)["notes"] if n["code"] == "SHORTENED"]
    return notes[0]["message"] if notes else ""


def comments(table: dict[str, Any]) -> list[str]:
    return [column.get("Comment", "") for column in table["StorageDescriptor"]["Columns"]]


def largest_request(world: World) -> int:
    return max(len(request_body(call.request)) for call in world.catalog.calls.writes)


@pytest.mark.parametrize(
    ("columns", "name", "label"),
    [
        pytest.param(800, CAPITALS, LATIN, id="800 capitals"),
        pytest.param(800, MIXED, CHINESE, id="800 mixed case, Chinese"),
        pytest.param(1_200, CAPITALS, GERMAN, id="1,200 German"),
        pytest.param(1_200, MIXED[:30], CHINESE[:40], id="1,200 mixed case, Chinese"),
        pytest.param(2_000, CAPITALS[:26], LATIN[:30], id="2,000 of usual length"),
        pytest.param(2_000, CAPITALS, LATIN, id="2,000 capitals"),
        pytest.param(2_000, MIXED, GERMAN[:45], id="2,000 mixed case, German"),
        pytest.param(2_000, CAPITALS[:30], CHINESE[:30], id="2,000 Chinese"),
    ],
)
def test_a_wide_view_lands_whole_and_needs_no_second_write(
    world_of: Callable[..., World], columns: int, name: str, label: str
) -> None:
    definition = view(columns, name, label)
    world = wide_world(world_of, definition)

    answer = world.sync()

    assert (answer["status"], answer["counts"]["created"]) == ("SUCCESS", 1)
    assert largest_request(world) < MAX_BODY
    table = table_of(world)
    elements = definition["elements"]
    found = table["StorageDescriptor"]["Columns"]
    assert [column["Name"] for column in found] == [name.lower() for name in elements]
    assert comments(table) == [e["@EndUserText.label"] for e in elements.values()]
    assert {column["Type"] for column in found} >= {"decimal(17,2)"}
    assert shortened(world, answer)

    for event in ({}, {"full": True}, {"assets": ["WIDE.V_WIDE"]}):
        assert world.sync(event)["status"] == "NO_CHANGES"
    assert table_of(world) == table


def test_comments_are_cut_where_nothing_else_is_left(world_of: Callable[..., World]) -> None:
    """2,000 names and labels of this length have more bytes than a request may have."""
    world = wide_world(world_of, view(2_000, CAPITALS, CHINESE))

    answer = world.sync()

    assert answer["status"] == "SUCCESS"
    assert largest_request(world) < MAX_BODY
    assert "column comments, cut at" in shortened(world, answer)
    assert all(text.startswith(CHINESE[:10]) for text in comments(table_of(world)))
    assert world.sync()["status"] == "NO_CHANGES"


def test_a_changed_label_of_a_wide_view_is_one_write(world_of: Callable[..., World]) -> None:
    definition = view(1_500, CAPITALS, LATIN)
    world = wide_world(world_of, definition)
    world.sync()
    first = min(definition["elements"])
    definition["elements"][first]["@EndUserText.label"] = "Another label"
    listing = {"status": "Deployed", "changedOn": "2026-05-02T10:00:00.000Z", "deployedOn": DAY}
    entry = entry_of("WIDE", "V_WIDE", {"definitions": {"V_WIDE": definition}}, exposed=True,
                     listing=listing)  # fmt: skip
    world.tenant.spaces.add_space(Space("WIDE", "Wide", (entry,)))

    assert world.sync()["counts"]["updated"] == 1
    assert comments(table_of(world))[0] == "Another label"
    assert world.run.plan.conflicts == ()
    assert world.sync()["status"] == "NO_CHANGES"


def test_what_people_add_to_a_wide_table_stays_and_is_counted(
    world_of: Callable[..., World],
) -> None:
    world = wide_world(world_of, view(1_200, CAPITALS, LATIN))
    world.sync()
    edited = {key: value for key, value in table_of(world).items() if key in MEMBERS}
    edited["Parameters"] |= {"runbook": "r" * 60_000}
    edited["StorageDescriptor"]["Columns"][3]["Comment"] = "What it means to us"
    world.glue.update_table(DatabaseName="datasphere_wide", TableInput=edited)

    assert world.sync({"full": True})["status"] in {"NO_CHANGES", "SUCCESS"}

    table = table_of(world)
    assert table["Parameters"]["runbook"] == "r" * 60_000
    assert comments(table)[3] == "What it means to us"
    assert not world.catalog.calls.writes or largest_request(world) < MAX_BODY
    assert world.sync({"full": True})["status"] == "NO_CHANGES"


def test_a_wide_table_is_shown_with_its_exact_names(
    world_of: Callable[..., World],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = wide_world(world_of, view(2_000, MIXED, LATIN[:45]))
    world.sync()
    assert "datasphere.column_names" in table_of(world)["Parameters"]
    for key, value in world.environment.items():
        monkeypatch.setenv(key, value)
    capsys.readouterr()

    assert main(["show", "WIDE.V_WIDE", "--json"]) == 0

    columns = json.loads(capsys.readouterr().out)["columns"]
    assert [column["element"] for column in columns[:2]] == [
        f"{MIXED[:55]}_0000",
        f"{MIXED[:55]}_0001",
    ]
