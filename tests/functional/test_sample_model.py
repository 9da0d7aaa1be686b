"""The analytic model of the sample tenant that has all of it, as it lands, is shown and packed."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from datasphere_glue.browse.table_text import table_text
from datasphere_glue.glue.table_input import table_from_glue
from datasphere_glue.mapping.from_table import asset_from_table
from tests.functional.conftest import World, some_spaces
from tests.unit.outcome.asset_indexes import assets_of

Parameters = Mapping[str, str]


@pytest.fixture
def freight(world_of: Callable[..., World]) -> World:
    world = world_of(*some_spaces("LOGISTICS"))
    world.synced()
    return world


def model(world: World) -> dict[str, Any]:
    return world.tables("datasphere_logistics")["am_freight"]


def key(parameters: Parameters, name: str) -> Any:
    text = parameters.get(f"datasphere.{name}")
    return json.loads(text) if text and text[0] in "[{" else text


def test_each_kind_of_measure_has_its_keys(freight: World) -> None:
    columns = {c["Name"]: c["Parameters"] for c in model(freight)["StorageDescriptor"]["Columns"]}

    def keys(column: str, *names: str) -> list[Any]:
        return [key(columns[column], name) for name in names]

    assert keys("net", "aggregation", "currency", "measure_type") == ["SUM", "Currency", "BASE"]
    assert keys("toll", "currency", "currency_value") == [None, "EUR"]
    assert keys("distance", "unit_value", "exception_aggregation", "exception_columns") == [
        *("KM", "MAX", ["Month"]),
    ]
    assert keys("net_ch", "measure_type", "formula") == ["RESTRICTION", "c_COUNTRY = 'CH'"]
    assert keys("cost_per_km", "measure_type") == ["CALCULATION"]
    assert keys("tours", "distinct_columns") == [["Tour"]]
    assert keys("net_usd", "conversion")[0]["targetCurrency"] == "USD"
    assert keys("state", "default") == ["OPEN"]
    assert [value["name"] for value in keys("state", "values")[0]] == ["OPEN", "INVOICED", "VOID"]


def test_the_parts_of_the_model_have_their_keys(freight: World) -> None:
    parameters = model(freight)["Parameters"]

    (calculation,) = key(parameters, "cross_calculations")
    assert calculation["name"] == "Previous_month"
    assert "Previous_month" not in key(parameters, "measures")
    variables = {one["name"]: one for one in key(parameters, "variables")}
    assert variables["V_BASE_PLANT"]["derived_from"] == "DIM_WERK"
    assert variables["V_BASE_PLANT"]["hidden"] is True
    assert variables["V_STATES"]["selection"] == "INTERVAL"
    assert variables["V_RATE"]["usage"] == "FORMULA"
    fact, carrier = key(parameters, "sources")
    assert [one.get("variable", one.get("value")) for one in fact["parameters"]] == [
        *("P_MONTH", "100"),
    ]
    assert carrier["affix"] == {"text": "c_", "type": "PREFIX"}
    assert key(parameters, "access_controls")[0]["columns"] == ["Plant"]


@pytest.mark.parametrize(
    "line",
    [
        "Distance (Longest distance per month) SUM BASE in KM; MAX along Month",
        "dimension LOGISTICS.DIM_CARRIER PREFIX c_",
        "LOGISTICS.DIM_CARRIER: c_COUNTRY from COUNTRY",
        "Tours aggregated from LOGISTICS.V_FREIGHT_COSTS: TOUR",
        "Access         LOGISTICS.DAC_WERK on Plant single values",
    ],
)
def test_show_prints_the_model(freight: World, line: str) -> None:
    table = table_from_glue(model(freight)).table
    recovered = asset_from_table(table)

    assert recovered.flaws == ()
    assert line in table_text(table, recovered.asset)


def test_the_page_has_the_model_with_the_origins_of_its_columns(
    world_of: Callable[..., World],
) -> None:
    world = world_of(*some_spaces("LOGISTICS"))
    world.sync()

    assert world.run.asset_index is not None
    packed = assets_of(world.run.asset_index)["LOGISTICS.AM_FREIGHT"]
    origins = packed["origins"]
    columns = dict(zip(packed["columns"], origins["columns"], strict=False))
    assert [origins["objects"][at] for at, *_ in columns["c_COUNTRY"]] == ["LOGISTICS.DIM_CARRIER"]
    assert {column for _, column, _ in columns["Cost_per_km"]} == {"GROSS", "DISTANCE"}
    assert columns["Previous_month"] == []


def test_the_view_below_has_its_conditions_and_the_table_its_flow(freight: World) -> None:
    tables = freight.tables("datasphere_logistics")
    view = tables["v_freight_costs"]["Parameters"]

    assert key(view, "filter") == ["\"STATE\" <> 'VOID'", '"Filter 1"."MONTH" >= :IP_MONTH']
    assert {one["how"] for one in key(view, "indirect_lineage")} == {"filter", "join"}
    assert key(view, "lineage_complete") is None
    (load,) = key(tables["freights"]["Parameters"], "loads")
    assert load["name"] == "LOGISTICS.DF_FREIGHTS"
    (driver,) = (
        column["Parameters"]
        for column in tables["freights"]["StorageDescriptor"]["Columns"]
        if column["Name"] == "driver"
    )
    assert key(driver, "personal_data")["fieldSemantics"] == "NAME"
