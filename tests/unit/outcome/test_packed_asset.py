"""A table as the page needs it: what the columns are made from, and what only some have."""

from dataclasses import replace
from typing import Any

import pytest

from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.asset_parts import AccessControl, CrossCalculation, Load, ModelSource
from datasphere_glue.model.completeness import Score
from datasphere_glue.model.element import Element, EnumValue, Origin
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.outcome.packed_asset import packed_asset, packed_column
from tests.golden.everything import EVERYTHING
from tests.unit.samples import listing, synced, table_in

TEXT = SapType("cds.String", length=10)


def element(name: str, *lineage: tuple[str, str, str], **more: Any) -> Element:
    return Element(name, TEXT, lineage=tuple(Origin(*one) for one in lineage), **more)


def packed(*elements: Element, **more: Any) -> dict[str, Any]:
    return packed_whole(Asset("SALES", "V", Kind.VIEW, elements=elements, **more))


def packed_whole(asset: Asset) -> dict[str, Any]:
    (change,) = synced(listing(asset)).tables
    table = change.table
    return packed_asset(table, Score(0, asset.space, asset.name, table.database, table.name))


def test_a_column_of_the_same_name_is_the_position_of_its_object() -> None:
    same = [element(name, ("SALES.T", name, "direct")) for name in ("A", "B")]
    other = element("C", ("HR.T", "C", "direct"))

    assert packed(*same, other)["origins"] == {
        "objects": ["SALES.T", "HR.T"],
        "columns": [0, 0, 1],
    }


@pytest.mark.parametrize(
    ("lineage", "entry"),
    [
        ((("T", "X", "renamed"),), [[0, "X"]]),
        ((("T", "X", "direct"),), [[0, "X"]]),
        ((("T", "C", "renamed"),), 0),
        ((("T", "C", "computed"),), [[0, "C", "computed"]]),
        ((("T", "X", "aggregated"), ("U", "C", "direct")), [[0, "X", "aggregated"], [1, "C"]]),
        ((("T", "C", "direct"), ("T", "C", "computed")), [[0, "C", "computed"]]),
    ],
)
def test_other_origins_are_listed_with_column_and_use(lineage: Any, entry: Any) -> None:
    assert packed(element("C", *lineage))["origins"]["columns"] == [entry]


def test_the_sources_of_a_model_are_origins_too() -> None:
    model = element("Net", sources=(("SALES", "V_ORDERS", "NET"),))
    both = element("Sum", ("SALES.T", "NET", "computed"), sources=(("SALES", "V", "Net"),))

    assert packed(model, both)["origins"] == {
        "objects": ["SALES.V_ORDERS", "SALES.V", "SALES.T"],
        "columns": [[[0, "NET"]], [[1, "Net"], [2, "NET", "computed"]]],
    }


def test_columns_without_an_origin_keep_their_place_but_not_at_the_end() -> None:
    origins = packed(element("A"), element("B", ("T", "B", "direct")), element("C"))["origins"]

    assert origins["columns"] == [[], 0]


def test_an_asset_without_such_meaning_is_packed_as_before() -> None:
    plain = packed(element("A"), element("B", measure=True, aggregation="SUM"))

    assert plain.keys() == {"name", "kind", "status"}


def test_only_columns_with_something_to_tell_have_details() -> None:
    status = element("S", default="0", values=(EnumValue("OPEN", "1", "Open"),))
    share = element("R", measure=True, formula="A / B", measure_type="CALCULATION")

    assert packed(element("A", measure_type="BASE"), status, share)["details"] == [
        {"at": 1, "default": "0", "values": [{"name": "OPEN", "value": "1", "label": "Open"}]},
        {"at": 2, "measure_type": "CALCULATION", "formula": "A / B"},
    ]


@pytest.mark.parametrize(
    "column", [element("A", currency_value="CHF"), element("A", unit_value="CHF")]
)
def test_a_literal_unit_stands_where_a_column_would(column: Element) -> None:
    table = table_in(synced(listing(Asset("S", "V", Kind.VIEW, elements=(column,)))), "v")

    assert packed_column(table.columns[0])[8] == "CHF"


def test_the_parts_of_a_model_are_lists_and_facts_are_objects() -> None:
    asset = packed(
        element("A"),
        cross_calculations=(CrossCalculation("LAST", kind="K"),),
        access_controls=(AccessControl("SALES.DAC", ("A",)),),
        loads=(Load("data_flow", "SALES.DF"),),
        model_sources=(ModelSource("fact", "F", "SALES", "T"),),
        personal_data=(("entitySemantics", "DATA_SUBJECT"),),
        release=(("state", "DEPRECATED"),),
        filter=("A = 1",),
    )

    assert asset["cross_calculations"] == [{"name": "LAST", "kind": "K"}]
    assert asset["access_controls"] == [{"name": "SALES.DAC", "columns": ["A"]}]
    assert asset["loads"] == [{"kind": "data_flow", "name": "SALES.DF"}]
    assert asset["sources"] == [{"role": "fact", "name": "F", "space": "SALES", "target": "T"}]
    assert asset["personal_data"] == {"entitySemantics": "DATA_SUBJECT"}
    assert asset["release"] == {"state": "DEPRECATED"}
    assert asset["filter"] == ["A = 1"]


@pytest.mark.parametrize(("complete", "text"), [(False, "false"), (True, None), (None, None)])
def test_only_incomplete_lineage_is_mentioned(
    complete: bool | None,  # noqa: FBT001 - the value under test
    text: str | None,
) -> None:
    asset = packed(element("A"), lineage_complete=complete)

    assert asset.get("lineage_complete") == text


def test_columns_that_decide_are_grouped_with_all_their_uses() -> None:
    indirect = (("T", "A", "filter"), ("U", "B", "join"), ("T", "A", "join"), ("T", "C", "sort"))
    asset = packed(element("A"), indirect_lineage=tuple(Origin(*one) for one in indirect))

    assert asset["indirect_lineage"] == [
        ["T", [["A", "filter", "join"], ["C", "sort"]]],
        ["U", [["B", "join"]]],
    ]


def test_long_expressions_are_cut() -> None:
    asset = packed(element("A", formula="x" * 5_000), filter=("y" * 5_000, "short"))

    (details,) = asset["details"]
    assert details["formula"] == "x" * 999 + "…"
    assert asset["filter"] == ["y" * 999 + "…", "short"]


def test_the_text_of_a_query_is_never_on_the_page() -> None:
    marked = replace(EVERYTHING, sql="SELECT secret_of_the_query FROM T")

    assert "secret_of_the_query" not in str(packed_whole(marked))


@pytest.mark.parametrize("text", ["", "[", "{}", '"A"', "null", "[1]", '[["a"]]', "[" * 9_000])
@pytest.mark.parametrize("key", ["lineage", "sources", "values", "conversion"])
def test_a_damaged_value_costs_only_itself(key: str, text: str) -> None:
    table = table_in(synced(listing(Asset("S", "V", Kind.VIEW, elements=(element("A"),)))), "v")
    (column,) = table.columns
    damaged = replace(column, parameters=(*column.parameters, (f"datasphere.{key}", text)))

    asset = packed_asset(replace(table, columns=(damaged,)), Score(0, "S", "V", "d", "v"))

    assert asset["name"] == "V"
    assert "origins" not in asset
