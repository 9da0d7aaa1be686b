"""The lines that `show` prints of an analytic model."""

from typing import Any

import pytest

from datasphere_glue.browse import model_text
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.asset_parts import (
    Affix,
    BoundParameter,
    CrossCalculation,
    ModelSource,
    Variable,
)
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType

DATE = SapType("cds.Date")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"aggregation": "SUM", "measure_type": "BASE", "measure_kind": "FactSourceMeasure"},
            "M SUM BASE",
        ),
        ({"currency": "Money"}, "M in Money"),
        ({"currency_value": "CHF"}, "M in CHF"),
        ({"unit_value": "KGM"}, "M in KGM"),
        (
            {
                "measure_type": "RESTRICTION",
                "sources": (("FERRY", "AM", "Fare, net"),),
                "formula": "Port = 'KIEL'",
            },
            "M RESTRICTION of \"Fare, net\" where Port = 'KIEL'",
        ),
        ({"measure_type": "CALCULATION", "formula": "A\n / B"}, "M CALCULATION = A / B"),
        (
            {"measure_kind": "CountDistinct", "distinct_columns": ("Port", "Day")},
            "M CountDistinct; counts Port, Day",
        ),
        ({"exception_aggregation": "LAST"}, "M; LAST"),
        (
            {"exception_aggregation": "AVG", "exception_columns": ("Day",), "hidden": True},
            "M; AVG along Day; hidden",
        ),
        (
            {"conversion": (("client", "100"), ("target", "CHF")), "non_additive": True},
            "M; converted by client 100, target CHF; not additive",
        ),
        ({"sources": (("FERRY", "TRIPS", "FARE"),)}, "M"),
    ],
)
def test_a_measure_says_how_it_is_made(fields: dict[str, Any], expected: str) -> None:
    element = Element("M", DATE, measure=True, **fields)
    asset = Asset("FERRY", "AM", Kind.ANALYTIC_MODEL, elements=(element, Element("A", DATE)))
    assert list(model_text.measures(asset)) == [expected]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"mandatory": True}, "P cds.Date mandatory"),
        ({"mandatory": False, "default": ""}, 'P cds.Date optional default ""'),
        ({"kind": "StoryFilter", "column": "Port"}, "P cds.Date StoryFilter on Port"),
        ({"selection": "RANGE", "multiple": True}, "P cds.Date RANGE several values"),
        ({"usage": "FORMULA", "hidden": True}, "P cds.Date FORMULA hidden"),
        ({"derived_from": "BEST", "derived_column": "SHIP"}, "P cds.Date from BEST.SHIP"),
        ({"derived_from": "BEST"}, "P cds.Date from BEST"),
    ],
)
def test_a_variable_says_who_gives_it_a_value(fields: dict[str, Any], expected: str) -> None:
    assert model_text.variable(Variable("P", DATE, **fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "fact FERRY.TRIPS"),
        (
            {"parameters": (BoundParameter("IP", "ConstantValue", "417"),)},
            'fact FERRY.TRIPS with IP = "417"',
        ),
        (
            {"parameters": (BoundParameter("IP", variable="P_DAY"), BoundParameter("IQ", "NEW"))},
            "fact FERRY.TRIPS with IP = P_DAY, IQ NEW",
        ),
        ({"affix": Affix("_Port", "SUFFIX")}, "fact FERRY.TRIPS SUFFIX _Port"),
        ({"label": "Trips", "associations": ("_A",)}, "fact FERRY.TRIPS"),
    ],
)
def test_a_source_says_what_it_is_given(fields: dict[str, Any], expected: str) -> None:
    assert model_text.source(ModelSource("fact", "T", "FERRY", "TRIPS", **fields)) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (CrossCalculation("X"), "X"),
        (CrossCalculation("X", "Last year"), "X (Last year)"),
        (CrossCalculation("X", "X", "RestrictedCrossCalculation"), "X RestrictedCrossCalculation"),
        (CrossCalculation("X", formula="Day\n= 1"), "X = Day = 1"),
        (CrossCalculation("a, b"), '"a, b"'),
    ],
)
def test_a_calculation_has_its_formula(one: CrossCalculation, expected: str) -> None:
    assert model_text.calculation(one) == expected
