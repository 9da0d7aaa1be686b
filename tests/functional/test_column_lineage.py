"""Column lineage through the whole pipeline, with sources in documents of their own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.model.asset import Kind
from local.sample import sample_spaces
from local.tenant.faults import FaultKind
from local.tenant.store import Space, entry_of
from tests.functional.conftest import World

TEXT = {"type": "cds.String", "length": 10}
PARTS = {
    "kind": "entity",
    "elements": {
        "PART": TEXT,
        "PLANT": TEXT,
        "_PLANT": {
            "type": "cds.Association",
            "target": "ORG.PLANTS",
            "on": [{"ref": ["PLANT"]}, "=", {"ref": ["_PLANT", "ID"]}],
        },
    },
}
PLANTS = {
    "kind": "entity",
    "elements": {
        "ID": TEXT,
        "LAND": TEXT,
        "_LAND": {
            "type": "cds.Association",
            "target": "LANDS",
            "on": [{"ref": ["LAND"]}, "=", {"ref": ["_LAND", "CODE"]}],
        },
    },
}
LANDS = {"kind": "entity", "elements": {"CODE": TEXT, "NAME": TEXT}}


def viewed(query: dict[str, Any], *columns: str) -> dict[str, Any]:
    exposed = {"@DataWarehouse.consumption.external": True}
    return {"kind": "entity", "elements": dict.fromkeys(columns, TEXT), "query": query, **exposed}


V_PARTS = viewed(
    {
        "SELECT": {
            "from": {"ref": ["PARTS"], "as": "p"},
            "columns": [
                {"ref": ["p", "PART"]},
                {"ref": ["p", "_PLANT", "_LAND", "NAME"], "as": "LAND"},
                {"func": "UPPER", "args": [{"ref": ["p", "PLANT"]}], "as": "PLANT"},
            ],
            "where": [{"ref": ["p", "PART"]}, "<>", {"val": "X"}],
        }
    },
    *("PART", "LAND", "PLANT"),
)
V_ALSO = viewed(
    {"SELECT": {"from": {"ref": ["PARTS", "_PLANT"]}, "columns": [{"ref": ["ID"]}]}}, "ID"
)


def entry(space: str, name: str, definition: dict[str, Any]) -> Any:
    document = {"definitions": {name: definition}}
    exposed = "query" in definition
    return entry_of(space, name, document, exposed=exposed, listing={"status": "Deployed"})


@pytest.fixture
def shop(world_of: Callable[..., World]) -> World:
    parts = (("PARTS", PARTS), ("V_ALSO", V_ALSO), ("V_PARTS", V_PARTS))
    plants = (("LANDS", LANDS), ("PLANTS", PLANTS))
    return world_of(
        Space("SHOP", "Shop", tuple(entry("SHOP", *one) for one in parts)),
        Space("ORG", "Organisation", tuple(entry("ORG", *one) for one in plants)),
    )


def column(world: World, table: str, name: str) -> dict[str, Any]:
    columns = world.tables("datasphere_shop")[table]["StorageDescriptor"]["Columns"]
    (found,) = [one["Parameters"] for one in columns if one["Name"] == name]
    lineage = json.loads(found.get("datasphere.lineage", "[]"))
    return {**found, "datasphere.lineage": lineage}


def reads(world: World, name: str) -> int:
    paths = [seen.path for seen in world.tenant.requests]
    return sum(path.partition("?")[0].endswith(f"/{name}") for path in paths)


def test_a_path_ends_at_the_column_of_an_object_of_another_space(shop: World) -> None:
    assert shop.sync()["status"] == "SUCCESS"

    land = column(shop, "v_parts", "land")["datasphere.lineage"]
    assert land == [{"column": "NAME", "how": "renamed", "object": "ORG.LANDS"}]
    plant = column(shop, "v_parts", "plant")
    assert plant["datasphere.formula"] == 'UPPER("p"."PLANT")'
    assert plant["datasphere.lineage"] == [
        {"column": "PLANT", "how": "computed", "object": "SHOP.PARTS"}
    ]
    about = shop.tables("datasphere_shop")["v_parts"]["Parameters"]
    assert json.loads(about["datasphere.lineage"]) == ["SHOP.PARTS", "ORG.PLANTS", "ORG.LANDS"]
    assert json.loads(about["datasphere.filter"]) == ['"p"."PART" <> \'X\'']
    assert "datasphere.lineage_complete" not in about
    also = column(shop, "v_also", "id")["datasphere.lineage"]
    assert also == [{"column": "ID", "how": "direct", "object": "ORG.PLANTS"}]


def test_a_name_with_dots_is_an_object_that_its_own_space_lists(
    world_of: Callable[..., World],
) -> None:
    def over(source: str) -> dict[str, Any]:
        return viewed({"SELECT": {"from": {"ref": [source], "as": "s"}}}, "PART")

    listed = [
        ("ACME.PARTS", PARTS),
        ("ORG.PARTS", PARTS),
        ("V_DOTTED", over("ACME.PARTS")),
        ("V_LIKE_A_SPACE", over("ORG.PARTS")),
        ("V_NOT_LISTED", over("OTHER.PARTS")),
    ]
    world = world_of(
        Space("SHOP", "Shop", tuple(entry("SHOP", *one) for one in listed)),
        Space("ORG", "Organisation", (entry("ORG", "PLANTS", PLANTS),)),
    )
    world.sync()

    def source_of(view: str) -> list[str]:
        return [one["object"] for one in column(world, view, "part")["datasphere.lineage"]]

    assert source_of("v_dotted") == ["SHOP.ACME.PARTS"]
    assert source_of("v_like_a_space") == ["SHOP.ORG.PARTS"]
    assert source_of("v_not_listed") == ["OTHER.PARTS"]


def test_a_second_run_writes_nothing(shop: World) -> None:
    shop.sync()
    assert shop.sync({"full": True})["status"] == "NO_CHANGES"
    assert not shop.catalog.calls.writes


def test_each_source_is_read_once_however_many_views_need_it(shop: World) -> None:
    shop.sync(SYNC_SPACES="SHOP", DATASPHERE_CONCURRENCY="1")
    # One reading asks for the deployed version, then for the saved one.
    assert reads(shop, "localtables/PLANTS") == 2
    assert reads(shop, "localtables/PARTS") == 2
    assert reads(shop, "LANDS") == 0


def test_the_lists_of_objects_say_where_a_source_is(shop: World) -> None:
    shop.sync()
    assert reads(shop, "views/PLANTS") == 0


def test_a_refused_source_costs_what_needs_it_and_a_note(shop: World) -> None:
    shop.tenant.faults.add("/PLANTS", FaultKind.STATUS, status=403, times=None)

    answer = shop.sync(SYNC_SPACES="SHOP")

    assert answer["status"] == "SUCCESS"
    assert column(shop, "v_parts", "land")["datasphere.lineage"] == []
    assert column(shop, "v_parts", "part")["datasphere.lineage"] == [
        {"column": "PART", "how": "direct", "object": "SHOP.PARTS"}
    ]
    about = shop.tables("datasphere_shop")["v_parts"]["Parameters"]
    assert about["datasphere.lineage_complete"] == "false"
    notes = [note for note in shop.report(answer)["notes"] if note["asset"] == "SHOP.V_PARTS"]
    assert any("ORG.PLANTS was not read" in note["message"] for note in notes)
    assert reads(shop, "localtables/PLANTS") <= 1


def test_sources_are_read_up_to_a_bound(shop: World) -> None:
    tables = [{"ref": [f"TABLE_{number}"]} for number in range(120)]
    wide = viewed({"SELECT": {"from": {"join": "cross", "args": tables}}}, "A")
    shop.tenant.spaces.add("SHOP", "V_WIDE", wide)

    assert shop.sync(SYNC_SPACES="SHOP")["status"] == "SUCCESS"

    paths = {seen.path.rpartition("/")[2] for seen in shop.tenant.requests}
    assert sum(path.startswith("TABLE_") for path in paths) == 100
    about = shop.tables("datasphere_shop")["v_wide"]["Parameters"]
    assert about["datasphere.lineage_complete"] == "false"


def test_a_source_that_is_gone_does_not_fail_the_view(shop: World) -> None:
    shop.tenant.spaces.remove("ORG", "PLANTS")
    assert shop.sync(SYNC_SPACES="SHOP")["status"] == "SUCCESS"
    assert "v_parts" in shop.tables("datasphere_shop")


def test_the_columns_of_the_sample_tenant_have_their_origins(
    world_of: Callable[..., World], tmp_path: Path
) -> None:
    world = world_of(*sample_spaces())
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"version": 1, "selection": {"unexposed": list(Kind)}}))
    world.sync(SYNC_CONFIG_URI=str(config))

    stored = [
        column["Parameters"]
        for table in world.everything().values()
        for column in table["StorageDescriptor"]["Columns"]
    ]
    lineage = sum(len(json.loads(one.get("datasphere.lineage", "[]"))) for one in stored)
    sources = sum(len(json.loads(one.get("datasphere.sources", "[]"))) for one in stored)
    assert lineage + sources >= 683
