"""The description of a table: the business context is read back from Glue unchanged."""

import json
from dataclasses import replace

import pytest

from datasphere_glue.browse.describe import Entry, describe_table, plain_value
from datasphere_glue.mapping.context import column_context, table_context
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Column, Table
from tests.golden.everything import EVERYTHING
from tests.golden.orders import LISTING, ORDERS
from tests.unit.samples import asset, listing, synced, table_in


def entry(original: Asset, name: str) -> Entry:
    table = table_in(synced(listing(original)), name)
    return Entry(table, asset_from_table(table).asset)


def test_lists_and_objects_are_described_as_lists_and_objects() -> None:
    """`show` describes a list as text if its key is not declared as a list."""
    shown = describe_table(entry(EVERYTHING, "am_orders").table, None)

    for key, value in table_context(EVERYTHING).items():
        if value[:1] in "[{":
            assert shown["context"][key] == json.loads(value), key
    for element, column in zip(EVERYTHING.elements, shown["columns"], strict=True):
        for key, value in column_context(element).items():
            assert column["context"][key] == (json.loads(value) if value[:1] in "[{" else value), (
                key
            )


def test_the_described_context_equals_the_context_in_datasphere() -> None:
    shown = describe_table(table_in(synced(LISTING), "v_orders"), ORDERS)

    assert shown["context"]["tags"] == list(ORDERS.tags)
    assert shown["context"]["custom"] == dict(ORDERS.custom)
    assert shown["context"]["description"] == ORDERS.description
    assert shown["columns"][0]["context"]["name"] == "Order No"
    assert shown["columns"][0]["element"] == "Order No"
    assert shown["columns"][2]["comment"] == "Net amount - Without tax"


def test_the_document_contains_every_asset_field_as_json() -> None:
    entry_of_table = entry(EVERYTHING, "am_orders")

    shown = json.loads(
        json.dumps(describe_table(entry_of_table.table, entry_of_table.asset, ("a flaw",)))
    )

    assert shown["schema"] == "datasphere-glue/table/1"
    assert (shown["database"], shown["table"]) == ("datasphere_sales", "am_orders")
    assert shown["flaws"] == ["a flaw"]
    asset_value = shown["asset"]
    assert set(asset_value) == {field for field in Asset.__dataclass_fields__}  # noqa: C416 - the field names
    assert (asset_value["space"], asset_value["name"], asset_value["kind"]) == (
        "SALES",
        "AM.ORDERS",
        "analytic_model",
    )
    assert asset_value["custom"] == {"a": "then", "z": "first"}
    assert asset_value["associations"][0]["pairs"] == [["Net, Amount", "ID"], ["Währung", "CURR"]]
    assert set(asset_value["elements"][0]) == set(Element.__dataclass_fields__)
    assert asset_value["elements"][0]["type"]["fields"] == [
        ["Ort, Straße", {"name": "Edm.Decimal", "precision": 17, "scale": 2}]
    ]


def test_empty_fields_are_omitted_from_the_asset() -> None:
    original = Asset("S", "V", Kind.VIEW, elements=(Element("A", SapType("x"), nullable=False),))

    assert plain_value(original) == {
        "space": "S",
        "name": "V",
        "kind": "view",
        "elements": [{"name": "A", "type": {"name": "x"}, "nullable": False}],
    }


def test_partition_columns_are_last_and_are_marked() -> None:
    table = Table("db", "t", (Column("a", "int"),), (Column("year", "int"),))

    shown = describe_table(table, None)

    assert shown["asset"] is None
    assert [(c["name"], c["partition_key"], c["element"]) for c in shown["columns"]] == [
        ("a", False, None),
        ("year", True, None),
    ]


def test_an_entry_pairs_each_element_with_its_column() -> None:
    entry_of_table = entry(asset("V"), "v")
    more = replace(
        entry_of_table.table, columns=(Column("mine", "int"), *entry_of_table.table.columns)
    )

    ((element, column),) = replace(entry_of_table, table=more).columns

    assert (element.name, column.name) == ("Net Amount", "net_amount")
    assert (entry_of_table.source, entry_of_table.place) == ("SALES.V", "datasphere_sales.v")


@pytest.mark.parametrize("label", ["[2026]", "{}", '["a"]', "[draft] Orders", "{curly"])
def test_a_text_that_looks_like_json_remains_text(label: str) -> None:
    shown = describe_table(table_in(synced(listing(asset("V", label=label))), "v"), None)

    assert shown["context"]["label"] == label


def test_an_invalid_list_is_shown_unchanged() -> None:
    table = table_in(synced(listing(asset("V"))), "v").with_parameters(tags="[half")

    assert describe_table(table, None)["context"]["tags"] == "[half"


def test_bookkeeping_and_foreign_keys_are_not_context() -> None:
    shown = describe_table(table_in(synced(listing(Asset("SALES", "V", Kind.VIEW))), "v"), None)

    assert set(shown["context"]) == {"kind", "managed_by", "name", "space", "status", "tenant"}
