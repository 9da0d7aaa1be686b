"""Analytic models through the whole pipeline: what a fact says lands at the model's columns."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.tenant.store import Space, entry_of
from tests.functional.conftest import World

DAY_1 = "2026-05-01T10:00:00.000Z"
DAY_2 = "2026-05-02T11:30:00.000Z"
MEASURE = "AnalyticModelMeasureType."
TRIPS: dict[str, Any] = {
    "kind": "entity",
    "@EndUserText.label": "Trips",
    "@ObjectModel.modelingPattern": {"#": "ANALYTICAL_FACT"},
    "params": {"IP_DAY": {"type": "cds.Date"}},
    "elements": {
        "HARBOUR": {
            "type": "cds.String",
            "length": 4,
            "@EndUserText.label": "Harbour",
            "@ObjectModel.text.element": [{"=": "HARBOUR_NAME"}],
        },
        "HARBOUR_NAME": {"type": "cds.String", "length": 60, "@Semantics.text": True},
        "FARE": {
            "type": "cds.Decimal",
            "precision": 13,
            "scale": 2,
            "@AnalyticsDetails.measureType": {"#": "BASE"},
            "@Aggregation.default": {"#": "SUM"},
            "@Semantics.amount.currencyCode": {"=": "CUR"},
        },
        "GUESTS": {"type": "cds.Integer", "@Aggregation.default": {"#": "SUM"}},
        "CUR": {"type": "cds.String", "length": 5, "@Semantics.currencyCode": True},
    },
    "query": {"SELECT": {"from": {"ref": ["T_TRIPS"]}}},
}
LAYER: dict[str, Any] = {
    "text": "Trips",
    "sourceModel": {
        "factSources": {
            "T": {
                "dataEntity": {"key": "TRIPS"},
                "parameterMappings": {"IP_DAY": {"mappingType": "x.Map", "variableName": "P_DAY"}},
            }
        }
    },
    "attributes": {
        "Port": {"attributeMapping": {"T": {"key": "HARBOUR"}}},
        "PortName": {"attributeMapping": {"T": {"key": "HARBOUR_NAME"}}},
        "Money": {"attributeMapping": {"T": {"key": "CUR"}}},
    },
    "measures": {
        "Fare": {
            "measureType": MEASURE + "FactSourceMeasure",
            "measureMapping": {"T": {"key": "FARE"}},
        },
        "Guests": {
            "measureType": MEASURE + "FactSourceMeasure",
            "measureMapping": {"T": {"key": "GUESTS"}},
        },
        "Kiel": {
            "measureType": MEASURE + "RestrictedMeasure",
            "key": "Fare",
            "formulaRaw": "Port = 'KIEL'",
        },
        "Each": {"measureType": MEASURE + "CalculatedMeasure", "formulaRaw": "Fare / Guests"},
        "Ports": {"measureType": MEASURE + "CountDistinct", "countDistinctAttributes": ["Port"]},
    },
    "crossCalculations": {
        "BEFORE": {
            "text": "Year before",
            "crossCalculationType": "x.RestrictedCrossCalculation",
            "formulaRaw": "Year = 1",
        }
    },
    "variables": {
        "P_DAY": {"parameterType": "x.Input", "mandatory": False, "order": 2},
        "P_PORT": {
            "parameterType": "x.StoryFilter",
            "referenceAttribute": "Port",
            "selectionType": "x.RANGE",
            "multipleSelections": True,
            "order": 1,
        },
    },
}


def entry(name: str, document: dict[str, Any], changed: str = DAY_1) -> Any:
    dates = {"status": "Deployed", "changedOn": changed, "deployedOn": changed}
    return entry_of("FERRY", name, document, exposed=True, listing=dates)


def fact(changed: str = DAY_1, **fare: Any) -> Any:
    elements = {**TRIPS["elements"], "FARE": {**TRIPS["elements"]["FARE"], **fare}}
    return entry("TRIPS", {"definitions": {"TRIPS": {**TRIPS, "elements": elements}}}, changed)


def model(name: str = "AM_TRIPS", source: str = "TRIPS", **layer: Any) -> Any:
    whole = {**LAYER, **layer}
    columns = [*whole["attributes"], *whole.get("crossCalculations", {})]
    marked = {
        column: {"@AnalyticsDetails.measureType": {"#": "BASE"}} for column in whole["measures"]
    }
    entity = {
        "kind": "entity",
        "@EndUserText.label": name,
        "@ObjectModel.modelingPattern": {"#": "ANALYTICAL_CUBE"},
        "elements": {**{column: {} for column in columns}, **marked},
        "params": {"P_DAY": {}, "P_PORT": {}},
    }
    facts = {"T": {**whole["sourceModel"]["factSources"]["T"], "dataEntity": {"key": source}}}
    document = {
        "definitions": {name: entity},
        "businessLayerDefinitions": {name: {**whole, "sourceModel": {"factSources": facts}}},
    }
    return entry(name, document)


def renamed(**columns: str) -> dict[str, Any]:
    return {name: {"attributeMapping": {"T": {"key": key}}} for name, key in columns.items()}


def upper_model() -> Any:
    """Return a model on the model: it renames what that one shows."""
    measures = {
        name: {
            "measureType": MEASURE + "FactSourceMeasure",
            "measureMapping": {"T": {"key": key}},
        }
        for name, key in {"Price": "Fare", "Rate": "Each", "InKiel": "Kiel"}.items()
    }
    attributes = renamed(Place="Port", PlaceName="PortName", Coin="Money")
    return model("AM_UPPER", "AM_TRIPS", attributes=attributes, measures=measures, variables={})


@pytest.fixture
def ferry(world_of: Callable[..., World]) -> World:
    return world_of(Space("FERRY", "Ferry", (fact(), model(), upper_model())))


def parameters(world: World, table: str) -> dict[str, str]:
    found = world.tables("datasphere_ferry")[table]["Parameters"]
    return {key.removeprefix("datasphere."): value for key, value in found.items()}


def columns(world: World, table: str) -> dict[str, dict[str, str]]:
    found = world.tables("datasphere_ferry")[table]["StorageDescriptor"]["Columns"]
    return {
        column["Parameters"]["datasphere.name"]: {
            "type": column["Type"],
            **{k.removeprefix("datasphere."): v for k, v in column["Parameters"].items()},
            "glue": column["Type"],
        }
        for column in found
    }


def test_a_model_has_what_its_fact_says(ferry: World) -> None:
    assert ferry.sync()["counts"]["created"] == 3
    found = columns(ferry, "am_trips")
    assert found["Fare"]["aggregation"] == found["Kiel"]["aggregation"] == "SUM"
    assert found["Fare"]["currency"] == found["Kiel"]["currency"] == "Money"
    assert (found["Kiel"]["measure_kind"], found["Kiel"]["formula"]) == (
        "RestrictedMeasure",
        "Port = 'KIEL'",
    )
    assert "aggregation" not in found["Each"]
    assert (found["Each"]["measure_kind"], found["Each"]["formula"]) == (
        "CalculatedMeasure",
        "Fare / Guests",
    )
    assert found["Ports"]["distinct_columns"] == '["Port"]'
    assert (found["Port"]["text"], found["Port"]["label"]) == ("PortName", "Harbour")
    assert found["Money"]["role"] == "currency"
    assert [found[name]["glue"] for name in ("Fare", "Kiel", "Each", "Ports")] == [
        "decimal(13,2)",
        "decimal(13,2)",
        "decimal(34,4)",
        "bigint",
    ]


def test_a_cross_calculation_is_no_measure(ferry: World) -> None:
    ferry.sync()
    said = parameters(ferry, "am_trips")
    assert set(json.loads(said["measures"])) == set(LAYER["measures"])
    assert json.loads(said["cross_calculations"]) == [
        {
            "formula": "Year = 1",
            "kind": "RestrictedCrossCalculation",
            "label": "Year before",
            "name": "BEFORE",
        }
    ]
    assert columns(ferry, "am_trips")["BEFORE"]["role"] != "measure"


def test_each_variable_is_there_once_in_the_order_of_its_prompt(ferry: World) -> None:
    ferry.sync()
    port, day = json.loads(parameters(ferry, "am_trips")["variables"])
    assert (port["name"], port["column"], port["selection"], port["multiple"]) == (
        "P_PORT",
        "Port",
        "RANGE",
        True,
    )
    assert (day["name"], day["mandatory"], port["mandatory"]) == ("P_DAY", False, True)
    (source,) = json.loads(parameters(ferry, "am_trips")["sources"])
    assert source["parameters"] == [{"how": "Map", "name": "IP_DAY", "variable": "P_DAY"}]


def test_a_model_on_a_model_has_what_the_fact_below_says(ferry: World) -> None:
    ferry.sync()
    found = columns(ferry, "am_upper")
    assert (found["Price"]["aggregation"], found["Price"]["currency"]) == ("SUM", "Coin")
    assert found["InKiel"]["currency"] == "Coin"
    assert (found["Place"]["text"], found["Place"]["label"]) == ("PlaceName", "Harbour")
    assert "aggregation" not in found["Rate"]


def test_a_second_run_writes_nothing_and_reads_nothing(ferry: World) -> None:
    ferry.sync()
    assert ferry.sync()["status"] == "NO_CHANGES"
    assert ferry.sync({"full": True})["status"] == "NO_CHANGES"


@pytest.mark.parametrize(
    ("fare", "key", "expected"),
    [
        ({"@Aggregation.default": {"#": "MAX"}}, "aggregation", "MAX"),
        ({"@Semantics.amount.currencyCode": "CHF"}, "currency_value", "CHF"),
    ],
)
def test_models_are_read_again_with_a_fact_that_changed(
    ferry: World, fare: dict[str, Any], key: str, expected: str
) -> None:
    ferry.sync()
    space = Space("FERRY", "Ferry", (fact(DAY_2, **fare), model(), upper_model()))
    ferry.tenant.spaces.add_space(space)
    assert ferry.sync()["counts"]["updated"] == 3
    assert columns(ferry, "am_trips")["Fare"][key] == expected
    assert columns(ferry, "am_upper")["Price"][key] == expected


def test_a_fact_that_cannot_be_read_is_said_and_costs_no_model(
    world_of: Callable[..., World],
) -> None:
    world = world_of(Space("FERRY", "Ferry", (model(),)))
    result = world.sync()
    assert (result["status"], result["counts"]["created"]) == ("SUCCESS", 1)
    notes = [one["message"] for one in world.report(result)["notes"]]
    assert any("the definitions of these sources cannot be read: FERRY.TRIPS" in n for n in notes)
    assert columns(world, "am_trips")["Each"]["formula"] == "Fare / Guests"


def test_without_definitions_a_model_is_what_odata_says(ferry: World) -> None:
    assert ferry.sync(DATASPHERE_DEFINITIONS="off")["counts"]["created"] == 3
    found = columns(ferry, "am_trips")
    assert found["Fare"]["role"] == "measure"
    assert "aggregation" not in found["Fare"]
