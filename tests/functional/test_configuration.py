"""The mapping configuration through the whole pipeline, over HTTP on both sides."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.tenant.store import Entry, Space
from tests.functional.conftest import World
from tests.functional.test_definitions import ORDERS, TABLE, entry

PLACED = {
    **ORDERS,
    "@acme.dataOwner": {"#": "FINANCE_TEAM"},
    "@EndUserText.label": "{i18n>V_ORDERS@EndUserText.label}",
}
HIDDEN = {**ORDERS, "@DataWarehouse.consumption.external": False}
LAKE = """
bindings:
  - asset: SALES.T_*
    s3:
      location: s3://lake/{space}/{asset}/
      replication_flow: true
      partitions: [{name: ID}, {name: load_day, type: date}]
"""


def translated(entry: Entry) -> Entry:
    """Return the object with the texts of its labels in two languages."""
    document = entry.document() or {}
    texts = {
        "de": {"V_ORDERS@EndUserText.label": "Aufträge"},
        "en": {"V_ORDERS@EndUserText.label": "Orders"},
    }
    return replace(entry, document=lambda: {**document, "i18n": texts})


@pytest.fixture
def sales(world_of: Callable[..., World]) -> World:
    entries = (
        translated(entry("V_ORDERS", PLACED)),
        entry("V_HIDDEN", HIDDEN),
        entry("T_ORDERS", TABLE),
    )
    return world_of(Space("SALES", "Sales", entries))


def configured(world: World, text: str, **settings: Any) -> dict[str, Any]:
    """Run with this mapping configuration."""
    path = world.reports.parent / "mapping.yaml"
    path.write_text(f"version: 1\n{text}", encoding="utf-8")
    return world.sync(SYNC_CONFIG_URI=str(path), **settings)


def table(world: World, name: str, database: str = "datasphere_sales") -> dict[str, Any]:
    return world.tables(database)[name]


def marks(world: World, name: str) -> dict[str, str]:
    parameters: dict[str, str] = table(world, name)["Parameters"]
    return parameters


def columns(stored: dict[str, Any]) -> dict[str, str]:
    return {column["Name"]: column["Type"] for column in stored["StorageDescriptor"]["Columns"]}


def describe(world: World, name: str, text: str) -> None:
    """Edit the description of a table, as a person does in the console."""
    current = table(world, name)
    writable = (
        "Name",
        "Description",
        "TableType",
        "Parameters",
        "StorageDescriptor",
        "PartitionKeys",
    )
    edited = {key: current[key] for key in writable if key in current} | {"Description": text}
    world.glue.update_table(DatabaseName="datasphere_sales", TableInput=edited)


def test_an_owner_of_the_overlay_lands_with_its_provenance(sales: World) -> None:
    answer = configured(
        sales,
        """
context:
  - {asset: SALES.V_ORDERS, owner: sales-data@example.com, terms: [Net Revenue]}
  - {asset: SALES.V_ORDERS, column: N*, description: Without tax}
""",
    )

    assert answer["status"] == "SUCCESS"
    about = marks(sales, "v_orders")
    assert about["datasphere.owner"] == "sales-data@example.com"
    assert json.loads(about["datasphere.terms"]) == ["Net Revenue"]
    provenance = json.loads(about["datasphere.provenance"])
    assert (provenance["owner"], provenance["terms"]) == ("overlay", "overlay")
    assert provenance["elements.NET.description"] == "overlay"
    assert provenance["changed_by"] == "listing"
    columns_by_name = {
        c["Name"]: c for c in table(sales, "v_orders")["StorageDescriptor"]["Columns"]
    }
    assert columns_by_name["net"]["Parameters"]["datasphere.description"] == "Without tax"
    assert "datasphere.description" not in columns_by_name["waers"]["Parameters"]


def test_context_may_be_read_from_its_own_location(sales: World) -> None:
    more = sales.reports.parent / "context.yaml"
    more.write_text("- {asset: '*', steward: Anna}\n", encoding="utf-8")

    configured(sales, f"context_uri: {more}\n")

    assert marks(sales, "v_orders")["datasphere.steward"] == "Anna"


def test_a_custom_annotation_is_mapped_as_configured(sales: World) -> None:
    configured(sales, 'annotations: {"@acme.dataowner": owner}\n')

    about = marks(sales, "v_orders")
    assert about["datasphere.owner"] == "FINANCE_TEAM"
    assert json.loads(about["datasphere.provenance"])["owner"] == "csn"
    assert list(json.loads(about["datasphere.custom"])) == ["acme.retention"]
    assert marks(sales, "t_orders")["datasphere.owner"] == "ANNA"


def test_an_unexposed_view_is_synced_when_selected(sales: World) -> None:
    sales.sync()
    assert "v_hidden" not in sales.tables("datasphere_sales")

    configured(sales, "selection: {unexposed: [local_table, view]}\n")

    assert marks(sales, "v_hidden")["datasphere.kind"] == "view"


def test_deselected_tables_are_not_removed(sales: World) -> None:
    sales.sync()
    before = sales.everything()
    sales.tenant.spaces.set_label("SALES", "T_ORDERS", "Other")

    answer = configured(sales, "selection: {include: [SALES], exclude: ['SALES.T_*']}\n")

    assert answer["status"] == "NO_CHANGES"
    assert sales.everything() == before


@pytest.mark.parametrize(
    ("languages", "label"), [("[de, en]", "Aufträge"), ("[fr, en, de]", "Orders")]
)
def test_preferred_languages_pick_the_label(sales: World, languages: str, label: str) -> None:
    sales.tenant.spaces.expose("SALES", "V_ORDERS", exposed=False)

    configured(sales, f"languages: {languages}\nselection: {{unexposed: [view]}}\n")

    assert marks(sales, "v_orders")["datasphere.label"] == label


def test_names_and_types_follow_the_configuration(sales: World) -> None:
    answer = configured(
        sales,
        """
naming:
  databases: {SALES: shop}
  table_prefix: {local_table: raw_}
columns: {"SALES.*.ID": bigint}
types: {cds.Double: "decimal(20,4)"}
fields: {description: [name, label]}
""",
    )

    assert [space["database"] for space in answer["spaces"]] == ["shop"]
    raw = table(sales, "raw_t_orders", "shop")
    assert columns(raw) == {"id": "bigint", "net": "decimal(20,4)"}
    assert raw["Description"].startswith("T_ORDERS")
    assert sorted(sales.tables("shop")) == ["raw_t_orders", "v_orders"]


def test_a_bound_table_can_be_queried_and_stays_unchanged(sales: World) -> None:
    configured(sales, LAKE)

    bound = table(sales, "t_orders")
    stored = bound["StorageDescriptor"]
    assert stored["Location"] == "s3://lake/SALES/T_ORDERS/"
    assert stored["SerdeInfo"]["SerializationLibrary"].endswith("ParquetHiveSerDe")
    assert stored["InputFormat"].endswith("MapredParquetInputFormat")
    assert [(key["Name"], key["Type"]) for key in bound["PartitionKeys"]] == [
        ("id", "int"),
        ("load_day", "date"),
    ]
    assert list(columns(bound)) == [
        "net",
        "__operation_type",
        "__sequence_number",
        "__timestamp",
    ]
    assert bound["Parameters"]["classification"] == "parquet"
    assert "Location" not in table(sales, "v_orders")["StorageDescriptor"]
    assert configured(sales, LAKE)["status"] == "NO_CHANGES"
    assert not sales.catalog.calls.writes


def test_a_binding_removed_from_the_document_is_undone(sales: World) -> None:
    configured(sales, "")
    unbound = sales.everything()
    configured(sales, LAKE)
    assert sales.everything() != unbound

    answer = configured(sales, "")

    assert answer["status"] == "SUCCESS"
    table_input = sales.everything()["datasphere_sales.t_orders"]
    assert not table_input["StorageDescriptor"].get("Location")
    assert table_input["PartitionKeys"] == []
    assert columns(table_input) == {"id": "int", "net": "double"}
    assert table_input["Parameters"]["classification"] == "sap-datasphere"
    assert "EXTERNAL" not in table_input["Parameters"]
    assert configured(sales, "")["status"] == "NO_CHANGES"


def test_an_existing_table_is_bound(sales: World) -> None:
    sales.sync()

    configured(sales, LAKE)

    bound = table(sales, "t_orders")
    assert bound["StorageDescriptor"]["Location"] == "s3://lake/SALES/T_ORDERS/"
    assert [key["Name"] for key in bound["PartitionKeys"]] == ["id", "load_day"]
    assert configured(sales, LAKE)["status"] == "NO_CHANGES"


def test_a_connection_is_bound_and_unbound(sales: World) -> None:
    bound = "bindings: [{asset: 'SALES.*', connection: datasphere-sql}]\n"
    configured(sales, bound)
    assert marks(sales, "v_orders")["connectionName"] == "datasphere-sql"
    assert configured(sales, bound)["status"] == "NO_CHANGES"

    configured(sales, "")

    assert "connectionName" not in marks(sales, "v_orders")


def test_a_requirement_that_halts_writes_nothing(sales: World) -> None:
    answer = configured(
        sales, "requirements: [{asset: '*.V_*', require: [steward], otherwise: halt}]\n"
    )

    assert answer["status"] == "HALTED"
    (error,) = [one for one in answer["errors"] if one["code"] == "RULE_REFUSED"]
    assert "SALES.V_ORDERS lacks steward" in error["message"]
    assert not sales.catalog.calls.writes


def test_a_requirement_that_warns_is_a_note(sales: World) -> None:
    answer = configured(sales, "requirements: [{asset: '*.V_*', require_columns: [label]}]\n")

    assert answer["status"] == "SUCCESS"
    notes = sales.report(answer)["notes"]
    (note,) = [note for note in notes if note["code"] == "REQUIREMENT_UNMET"]
    assert "label of NET, WAERS" in note["message"]


@pytest.mark.parametrize("text", ["typs: {}\n", "version: 1\n", "context: [{owner: x}]\n", "\t"])
def test_an_invalid_document_touches_neither_side(sales: World, text: str) -> None:
    answer = configured(sales, text)

    assert answer["status"] == "FAILED"
    assert [error["code"] for error in answer["errors"]] == ["CONFIG_INVALID"]
    assert not sales.tenant.requests
    assert not len(sales.catalog.calls)


def test_database_names_that_need_the_environment_are_refused_without_it(sales: World) -> None:
    text = "naming: {database_template: 'sap_{environment}_{space}'}\n"

    answer = configured(sales, text)

    assert answer["status"] == "FAILED"
    assert "SYNC_ENVIRONMENT" in answer["errors"][0]["message"]
    assert not sales.tenant.requests
    configured(sales, text, SYNC_ENVIRONMENT="dev")
    assert "t_orders" in sales.tables("sap_dev_sales")


def test_the_configuration_is_named_by_its_digest_in_the_report(sales: World) -> None:
    one = sales.report(configured(sales, ""))["config_hash"]
    other = sales.report(configured(sales, "renames: report\n"))["config_hash"]

    assert one != other
    assert len(one) == len(other) == len("0" * 64)


@pytest.mark.parametrize(
    ("policy", "description"), [("source", "Orders, raw"), ("catalog", "Mine"), ("merge", "Mine")]
)
def test_the_policy_for_manual_edits_is_configured(
    sales: World, policy: str, description: str
) -> None:
    configured(sales, "")
    describe(sales, "t_orders", "Mine")

    configured(sales, f"conflicts: {{description: {policy}}}\n")

    assert table(sales, "t_orders")["Description"] == description


def test_a_held_schema_change_is_not_written(sales: World) -> None:
    configured(sales, "")
    changed = {**TABLE, "elements": {"ID": {"type": "cds.Integer", "key": True}}}
    sales.tenant.spaces.add("SALES", "T_ORDERS", changed)

    answer = configured(sales, "schema_changes: {removal: hold}\n")

    assert columns(table(sales, "t_orders")) == {"id": "int", "net": "double"}
    (note,) = [n for n in sales.report(answer)["notes"] if n["code"] == "SCHEMA_HELD"]
    assert "net" in note["message"]
    sales.catalog.calls.clear()
    assert configured(sales, "schema_changes: {removal: halt}\n")["status"] == "HALTED"
    assert not sales.catalog.calls.writes
    configured(sales, "")
    assert columns(table(sales, "t_orders")) == {"id": "int"}


def test_a_space_confirmed_as_removed_loses_its_tables(
    world_of: Callable[..., World],
) -> None:
    world = world_of(
        Space("SALES", "Sales", (entry("T_ORDERS", TABLE),)),
        Space("OLD", "Old", ()),
    )
    world.tenant.spaces.add("OLD", "T_OLD", TABLE)
    world.sync()
    world.tenant.spaces.remove_space("OLD")
    configured(world, "")
    assert table(world, "t_old", "datasphere_old")["Parameters"]["datasphere.status"] == "active"

    configured(world, "gone_spaces: [OLD]\n")

    marks = table(world, "t_old", "datasphere_old")["Parameters"]
    assert marks["datasphere.status"] == "deprecated"


def test_the_published_example_runs(sales: World) -> None:
    example = Path(__file__).parents[2] / "docs" / "configuration.example.yaml"

    answer = sales.sync(SYNC_CONFIG_URI=str(example), SYNC_ENVIRONMENT="dev")

    assert answer["status"] == "SUCCESS"
    assert [space["database"] for space in answer["spaces"]] == ["sap_dev_sales"]
