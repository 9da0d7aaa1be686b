"""Measures of an analytic model: each kind with what its layer and its annotations say of it."""

from typing import Any

import pytest

from datasphere_glue.model.asset_parts import CrossCalculation
from datasphere_glue.model.element import Element
from tests.unit.datasphere.csn.layers import MEASURE, base, columns_of, fact, measure, model
from tests.unit.datasphere.csn.samples import document, read

PORTS = fact(Port="HARBOUR", Day="SAILED", Vessel="SHIP")


def one(part: dict[str, Any], **annotations: Any) -> Element:
    """Return the measure M of a model with two attributes and another measure."""
    measures = {"M": part, "Revenue": base("FARE")}
    elements = {"M": annotations} if annotations else None
    return columns_of(read(model(PORTS, measures, elements=elements)))["M"]


@pytest.mark.parametrize(
    ("kind", "measure_type"),
    [
        ("FactSourceMeasure", "BASE"),
        ("RestrictedMeasure", "RESTRICTION"),
        ("CalculatedMeasure", "CALCULATION"),
        ("CountDistinct", None),
        ("CurrencyConversionMeasure", None),
        ("NonCumulativeMeasure", None),
    ],
)
def test_a_measure_has_the_kind_of_its_layer_and_the_type_of_its_annotation(
    kind: str, measure_type: str | None
) -> None:
    element = one(measure(kind))
    assert (element.measure, element.attribute) == (True, False)
    assert (element.measure_kind, element.measure_type) == (kind, measure_type)
    marked = one(measure(kind), **{"@AnalyticsDetails.measureType": {"#": "BASE"}})
    assert (marked.measure_kind, marked.measure_type) == (kind, "BASE")


@pytest.mark.parametrize(
    ("part", "sources"),
    [
        (base("FARE"), (("SALES", "TRIPS", "FARE"),)),
        (measure("FactSourceMeasure", sourceKey="T", key="N"), (("SALES", "TRIPS", "N"),)),
        (measure("RestrictedMeasure", key="Revenue"), (("SALES", "V", "Revenue"),)),
        (measure("CurrencyConversionMeasure", key="Revenue"), (("SALES", "V", "Revenue"),)),
        (measure("NonCumulativeMeasure", sourceMeasure="Revenue"), (("SALES", "V", "Revenue"),)),
        (measure("CalculatedMeasure", formulaRaw="Revenue * 2"), ()),
        (measure("CountDistinct", countDistinctAttributes=["Port"]), ()),
        (measure("FactSourceMeasure", measureMapping={"NONE": {"key": "N"}}), ()),
    ],
)
def test_a_measure_names_the_column_that_it_is_made_from(
    part: dict[str, Any], sources: tuple[Any, ...]
) -> None:
    assert one(part).sources == sources


@pytest.mark.parametrize(
    "part",
    [
        {"exceptionAggregationType": "AnalyticModelExceptionAggregationType.LAST"},
        {"exceptionAggregation": "LAST"},
        {"exceptionAggregation": {"type": "x.LAST", "attributes": ["Day", "Vessel"]}},
        {"exceptionAggregation": {"aggregation": "LAST", "dimensions": [{"key": "Day"}]}},
        {
            "exceptionAggregationSteps": [
                {
                    "exceptionAggregationBehavior": {"#": "LAST"},
                    "exceptionAggregationElements": [{"=": "Day"}, "Vessel"],
                }
            ]
        },
    ],
)
@pytest.mark.parametrize("along", ["Attributes", "Dimensions", "Elements"])
def test_an_exception_aggregation_has_its_dimensions(part: dict[str, Any], along: str) -> None:
    columns = {} if "Day" in str(part) else {f"exceptionAggregation{along}": ["Day", "Vessel"]}
    element = one(base("FARE", **part, **columns))
    assert element.exception_aggregation == "LAST"
    assert element.exception_columns in {("Day", "Vessel"), ("Day",)}
    assert element.custom == ()


def test_several_steps_of_exception_aggregation_stay_as_they_are() -> None:
    steps = [{"exceptionAggregationBehavior": b} for b in ("SUM", "AVG")]
    element = one(base("FARE", exceptionAggregationSteps=steps))
    assert element.exception_aggregation is None
    assert "model.exceptionAggregationSteps" in dict(element.custom)
    annotated = one(base("FARE"), **{"@AnalyticsDetails.exceptionAggregationSteps": steps})
    assert annotated.exception_aggregation is None
    assert "AnalyticsDetails.exceptionAggregationSteps" in dict(annotated.custom)


@pytest.mark.parametrize("word", ["NONE", "AnalyticModelExceptionAggregationType.NONE", "None"])
def test_no_exception_aggregation_is_none(word: str) -> None:
    element = one(base("FARE", exceptionAggregationType=word, exceptionAggregationAttributes=[]))
    assert (element.exception_aggregation, element.custom) == (None, ())


@pytest.mark.parametrize(
    "steps",
    [
        [
            {
                "exceptionAggregationBehavior": {"#": "AVG"},
                "exceptionAggregationElements": [{"=": "A"}, {"=": "B"}],
            }
        ],
        [{"exceptionAggregationBehavior": "#AVG", "exceptionAggregationElements": ["A", "B"]}],
        {"exceptionAggregationBehavior": {"#": "AVG"}, "exceptionAggregationElements": ["A", "B"]},
    ],
)
def test_annotations_of_a_view_give_an_exception_aggregation(steps: Any) -> None:
    annotated = {"type": "cds.Integer", "@AnalyticsDetails.exceptionAggregationSteps": steps}
    (element,) = read(document({"C": annotated})).asset.elements
    assert (element.exception_aggregation, element.exception_columns) == ("AVG", ("A", "B"))
    assert element.custom == ()


@pytest.mark.parametrize(
    "part",
    [
        {"countDistinctAttributes": ["Port", "Day"]},
        {"countDistinctAttributes": [{"key": "Port"}, {"key": "Day"}]},
        {"countDistinctDimensions": ["Port", "Day"]},
        {"attributes": ["Port", "Day"]},
        {"elements": {"0": {"key": "Port"}, "1": {"key": "Day"}}},
    ],
)
def test_a_distinct_count_has_its_attributes(part: dict[str, Any]) -> None:
    element = one(measure("CountDistinct", **part))
    assert (element.distinct_columns, element.custom) == (("Port", "Day"), ())


def test_an_annotation_names_the_attributes_of_a_distinct_count() -> None:
    annotated = {
        "@Aggregation.default": {"#": "COUNT_DISTINCT"},
        "@Aggregation.referenceElement": [{"=": "Port"}],
    }
    (element,) = read(document({"C": annotated})).asset.elements
    assert (element.aggregation, element.distinct_columns) == ("COUNT_DISTINCT", ("Port",))


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (
            {"targetCurrency": "CHF", "client": "100", "errorHandling": "AnalyticModelX.SET_NULL"},
            {"targetCurrency": "CHF", "client": "100", "errorHandling": "SET_NULL"},
        ),
        (
            {"targetCurrency": {"type": "AnalyticModelX.Constant", "value": "CHF"}},
            {"targetCurrency.type": "Constant", "targetCurrency.value": "CHF"},
        ),
        ({"currencyConversion": {"conversionType": "M"}}, {"conversionType": "M"}),
        ({"referenceDate": {"#": "TODAY"}, "steps": []}, {"referenceDate": "TODAY"}),
        ({"conversion": {"client": {"value": 100}}}, {"client.value": "100"}),
    ],
)
def test_a_conversion_has_its_parameters(part: dict[str, Any], expected: dict[str, str]) -> None:
    element = one(measure("CurrencyConversionMeasure", key="Revenue", text="x", **part))
    assert dict(element.conversion) == expected
    assert element.custom == ()


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("NonCumulativeMeasure", {}),
        ("FactSourceMeasure", {"isNonAdditive": True}),
        ("FactSourceMeasure", {"nonCumulative": True}),
        ("CalculatedMeasure", {"nonAdditive": True}),
        ("FactSourceNonAdditiveMeasure", {}),
    ],
)
def test_a_measure_that_cannot_be_added_up_is_marked(kind: str, part: dict[str, Any]) -> None:
    assert one(measure(kind, **part)).non_additive is True
    assert one(base("FARE")).non_additive is False


def test_an_annotation_marks_a_measure_that_cannot_be_added_up() -> None:
    for term in ("AnalyticsDetails.nonCumulative", "Analytics.nonAdditive"):
        (element,) = read(document({"C": {f"@{term}": True}})).asset.elements
        assert (element.non_additive, element.custom) == (True, ())


@pytest.mark.parametrize(("auxiliary", "hidden"), [(True, True), (False, False), (None, False)])
def test_an_auxiliary_measure_is_hidden(auxiliary: bool | None, hidden: bool) -> None:  # noqa: FBT001
    element = one(base("FARE", isAuxiliary=auxiliary))
    assert (element.hidden, element.custom) == (hidden, ())


@pytest.mark.parametrize(
    ("part", "custom"),
    [
        ({"formatting": {"decimalPlaces": 2}}, {"model.formatting": '{"decimalPlaces":2}'}),
        ({"constantSelectionType": "AnalyticModelConstantSelectionType.None"}, {}),
        (
            {"constantSelectionType": "AnalyticModelConstantSelectionType.All"},
            {"model.constantSelectionType": "AnalyticModelConstantSelectionType.All"},
        ),
        ({"formula": "[0] * 2", "formulaRaw": "Revenue * 2"}, {}),
        ({"formula": "[0] * 2", "elements": {"0": {"key": "Revenue"}}}, {}),
        ({"duplicated": False, "unheard": 7}, {"model.unheard": "7"}),
    ],
)
def test_what_has_no_field_is_kept(part: dict[str, Any], custom: dict[str, str]) -> None:
    assert dict(one(measure("CalculatedMeasure", **part)).custom) == custom


def test_the_words_of_an_annotation_come_before_those_of_the_layer() -> None:
    element = one(
        base("FARE", aggregation="AnalyticModelAggregation.MAX"),
        **{"@Aggregation.default": {"#": "MIN"}},
    )
    assert element.aggregation == "MIN"
    assert one(base("FARE", aggregation="AnalyticModelAggregation.MAX")).aggregation == "MAX"


# Cross calculations

MEMBER = {"@AnalyticsDetails.query.onCharacteristicStructure": True}
RESTRICTED = "AnalyticModelCrossCalculationType.RestrictedCrossCalculation"
CALCULATED = "AnalyticModelCrossCalculationType.CalculatedCrossCalculation"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (
            {"text": "Last year", "crossCalculationType": RESTRICTED, "formulaRaw": "Day = 1"},
            CrossCalculation("X", "Last year", "RestrictedCrossCalculation", "Day = 1"),
        ),
        (
            {"crossCalculationType": CALCULATED, "formula": "[0]", "elements": [{"key": "Y"}]},
            CrossCalculation("X", None, "CalculatedCrossCalculation", "[0]"),
        ),
        (
            {"text": "", "formula": "[0] - 1", "elements": {"0": {"key": "Y"}}},
            CrossCalculation("X", formula="Y - 1"),
        ),
        ({"measureType": "x.Restricted"}, CrossCalculation("X", kind="Restricted")),
        ({}, CrossCalculation("X")),
    ],
)
@pytest.mark.parametrize("shown", [True, False])
def test_a_cross_calculation_is_no_measure(
    part: dict[str, Any],
    expected: CrossCalculation,
    shown: bool,  # noqa: FBT001
) -> None:
    elements = {"X": MEMBER} if shown else None
    csn = model(PORTS, {"M": base("FARE")}, elements=elements, crossCalculations={"X": part})
    asset = read(csn).asset
    assert asset.cross_calculations == (expected,)
    assert [e.name for e in asset.elements if e.measure] == ["M"]
    assert asset.custom == ()


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (MEMBER, CrossCalculation("X")),
        ({**MEMBER, "@EndUserText.label": "Plan"}, CrossCalculation("X", "Plan")),
        (
            {**MEMBER, "@AnalyticsDetails.measureType": {"#": "RESTRICTION"}},
            CrossCalculation("X", kind="RESTRICTION"),
        ),
        ({**MEMBER, "type": "cds.Integer"}, CrossCalculation("X")),
        ({**MEMBER, "@Analytics.measure": True}, CrossCalculation("X")),
    ],
)
def test_an_annotation_alone_makes_a_cross_calculation(
    annotations: dict[str, Any], expected: CrossCalculation
) -> None:
    for csn in (
        model(measures={"M": base("FARE")}, elements={"X": annotations}),
        document({"X": annotations, "M": {"@Analytics.measure": True}}),
    ):
        asset = read(csn).asset
        assert asset.cross_calculations == (expected,)
        assert [e.name for e in asset.elements if e.measure] == ["M"]


def test_the_label_of_the_column_names_a_cross_calculation() -> None:
    elements = {"X": {**MEMBER, "@EndUserText.label": "Column"}}
    csn = model(elements=elements, crossCalculations={"X": {"text": "Layer"}})
    assert read(csn).asset.cross_calculations == (CrossCalculation("X", "Column"),)


def test_what_a_cross_calculation_says_beyond_its_fields_is_kept() -> None:
    csn = model(crossCalculations={"X": {"text": "a", "formatting": {"scale": 3}}, "Y": {}})
    assert dict(read(csn).asset.custom) == {
        "model.crossCalculations": '{"X":{"formatting":"{\\"scale\\":3}"}}'
    }


def test_the_kind_has_no_name_of_an_enumeration() -> None:
    assert MEASURE.endswith(".")
    assert one({"measureType": "CalculatedMeasure"}).measure_kind == "CalculatedMeasure"
