"""Analytic models: sources, attributes, measures of each kind, variables, and their types."""

from typing import Any

import pytest

from datasphere_glue.datasphere.csn.parser import Definition, resolve_types
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Element, Kind, ModelSource, SapType, Variable
from tests.unit.datasphere.csn.samples import entity, read

ATTRIBUTE = "AnalyticModelAttributeType."
MEASURE = "AnalyticModelMeasureType."
AMOUNT = SapType("cds.Decimal", precision=17, scale=2)


def model(measures: dict[str, Any] | None = None, **layer: Any) -> dict[str, Any]:
    measures = measures or {}
    elements: dict[str, Any] = {
        "CUSTOMER": {"@EndUserText.label": "Customer"},
        "COUNTRY_C": {"@Analytics.navigationAttributeRef": ["_CUSTOMER∞0", "COUNTRY"]},
        "_CUSTOMER∞0": {
            "type": "cds.Association",
            "target": "HR.CUSTOMERS",
            "on": [{"ref": ["CUSTOMER"]}, "=", {"ref": ["_CUSTOMER∞0", "ID"]}],
        },
        **{name: {} for name in measures if name != "AUX"},
    }
    said = {
        "sourceModel": {
            "factSources": {"0": {"text": "Orders", "dataEntity": {"key": "FIN.ORDERS"}}},
            "dimensionSources": {
                "0": {
                    "dataEntity": {"key": "HR.CUSTOMERS"},
                    "associationContexts": [{"associationSteps": ["_CUSTOMER"]}],
                }
            },
        },
        "attributes": {
            "CUSTOMER": {
                "attributeType": ATTRIBUTE + "FactSourceAttribute",
                "attributeMapping": {"0": {"key": "KUNNR"}},
                "usedForDimensionSourceKey": "0",
                "duplicated": False,
            },
            "COUNTRY_C": {
                "attributeType": ATTRIBUTE + "DimensionSourceAttribute",
                "sourceKey": "0",
                "key": "COUNTRY",
                "text": "Country",
            },
        },
        "measures": measures,
        **layer,
    }
    return {
        "definitions": {"V": entity(elements)},
        "businessLayerDefinitions": {"V": said},
    }


def elements(definition: Definition) -> dict[str, Element]:
    return {element.name: element for element in definition.asset.elements}


def source(name: str, **columns: Element) -> Definition:
    found = read({"definitions": {name: entity({})}}, name)
    return Definition(
        asset=type(found.asset)(
            space="FIN", name=name, kind=Kind.VIEW, elements=tuple(columns.values())
        )
    )


def test_sources_become_lineage_and_keep_their_role() -> None:
    asset = read(model()).asset
    assert asset.kind is Kind.ANALYTIC_MODEL
    assert asset.lineage == ("FIN.ORDERS", "HR.CUSTOMERS")
    assert asset.model_sources == (
        ModelSource("fact", "0", "FIN", "ORDERS", label="Orders"),
        ModelSource("dimension", "0", "HR", "CUSTOMERS", associations=("_CUSTOMER",)),
    )


def test_attributes_name_the_column_they_show() -> None:
    found = elements(read(model()))
    assert found["CUSTOMER"].sources == (("FIN", "ORDERS", "KUNNR"),)
    assert found["COUNTRY_C"].sources == (("HR", "CUSTOMERS", "COUNTRY"),)
    assert found["COUNTRY_C"].label == "Country"
    assert all(e.attribute and e.type == UNTYPED for e in found.values())
    assert dict(found["COUNTRY_C"].custom) == {"model.sourceKey": "0"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            {"measureType": MEASURE + "FactSourceMeasure", "measureMapping": {"0": {"key": "N"}}},
            ("FactSourceMeasure", None, (("FIN", "ORDERS", "N"),)),
        ),
        (
            {"measureType": MEASURE + "FactSourceMeasure", "sourceKey": "0", "key": "N"},
            ("FactSourceMeasure", None, (("FIN", "ORDERS", "N"),)),
        ),
        (
            {
                "measureType": MEASURE + "RestrictedMeasure",
                "key": "NET",
                "formula": "A = '1'",
                "formulaRaw": "A='1'",
            },
            ("RestrictedMeasure", "A='1'", (("SALES", "V", "NET"),)),
        ),
        (
            {"measureType": MEASURE + "CalculatedMeasure", "formula": "[NET] * 2"},
            ("CalculatedMeasure", "[NET] * 2", ()),
        ),
        (
            {"measureType": MEASURE + "CountDistinct", "countDistinctAttributes": ["CUSTOMER"]},
            ("CountDistinct", None, ()),
        ),
    ],
)
def test_each_kind_of_measure_has_kind_formula_and_source(
    said: dict[str, Any], expected: tuple[str, str | None, tuple[Any, ...]]
) -> None:
    found = elements(read(model({"M": said})))["M"]
    assert found.measure
    assert not found.attribute
    assert (found.measure_type, found.formula, found.sources) == expected


def test_other_properties_of_a_measure_are_kept() -> None:
    said = {
        "measureType": MEASURE + "CountDistinct",
        "countDistinctAttributes": ["CUSTOMER"],
        "isAuxiliary": False,
        "aggregation": "AnalyticModelAggregation.MAX",
    }
    found = elements(read(model({"M": said})))["M"]
    assert found.aggregation == "MAX"
    assert dict(found.custom) == {"model.countDistinctAttributes": '["CUSTOMER"]'}


def test_measures_without_a_column_are_kept_with_the_model() -> None:
    aux = {"measureType": MEASURE + "CalculatedMeasure", "isAuxiliary": True}
    assert dict(read(model({"AUX": aux})).asset.custom) == {
        "model.measures": (
            '{"AUX":{"isAuxiliary":true,"measureType":"AnalyticModelMeasureType.CalculatedMeasure"}}'
        )
    }


def test_variables_tell_kind_column_and_default() -> None:
    variables = {
        "COUNTRY_C": {
            "referenceAttribute": "COUNTRY_C",
            "parameterType": "AnalyticModelParameterType.StoryFilter",
            "selectionType": "AnalyticModelVariableSelectionType.SINGLE",
            "multipleSelections": False,
            "mandatory": True,
            "defaultValue": "DE",
        }
    }
    assert read(model(variables=variables)).asset.variables == (
        Variable(
            "COUNTRY_C",
            UNTYPED,
            mandatory=True,
            default="DE",
            kind="StoryFilter",
            column="COUNTRY_C",
            custom=(("selectionType", "AnalyticModelVariableSelectionType.SINGLE"),),
        ),
    )


@pytest.mark.parametrize(
    ("layer", "path"),
    [
        ({"sourceModel": 1}, "businessLayerDefinitions/V/sourceModel"),
        (
            {"sourceModel": {"factSources": {"0": {}}}},
            "businessLayerDefinitions/V/sourceModel/factSources/0/dataEntity",
        ),
        ({"attributes": ["x"]}, "businessLayerDefinitions/V/attributes"),
        ({"variables": {"X": 1}}, "businessLayerDefinitions/V/variables/X"),
    ],
)
def test_a_layer_of_the_wrong_form_names_the_path(layer: dict[str, Any], path: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(model(**layer))
    assert caught.value.path == path


def test_types_come_from_edmx_then_fact_then_dimension_and_the_rest_is_noted() -> None:
    measures = {
        "NET": {
            "measureType": MEASURE + "FactSourceMeasure",
            "measureMapping": {"0": {"key": "N"}},
        },
        "BIG": {"measureType": MEASURE + "RestrictedMeasure", "key": "NET"},
        "CALC": {"measureType": MEASURE + "CalculatedMeasure"},
    }
    definition = read(model(measures, variables={"P": {"referenceAttribute": "COUNTRY_C"}}))
    sources = {
        "FIN.ORDERS": source(
            "ORDERS",
            N=Element("N", AMOUNT, aggregation="SUM"),
            KUNNR=Element("KUNNR", SapType("cds.String", length=10)),
        ),
        "HR.CUSTOMERS": source("CUSTOMERS", C=Element("COUNTRY", SapType("cds.String", length=3))),
    }
    edmx = (Element("CUSTOMER", SapType("Edm.String", length=10)),)
    typed = resolve_types(definition, edmx, sources)
    found = elements(typed)
    assert found["CUSTOMER"].type == SapType("Edm.String", length=10)
    assert found["COUNTRY_C"].type == SapType("cds.String", length=3)
    assert (found["NET"].type, found["NET"].aggregation) == (AMOUNT, "SUM")
    assert (found["BIG"].type, found["BIG"].aggregation) == (AMOUNT, "SUM")
    assert found["CALC"].type == UNTYPED
    assert typed.asset.variables[0].type == SapType("cds.String", length=3)
    assert typed.notes == ("the type of column CALC is not known",)


def test_restricted_measures_that_lead_in_a_circle_end() -> None:
    measures = {
        "A": {"measureType": MEASURE + "RestrictedMeasure", "key": "B"},
        "B": {"measureType": MEASURE + "RestrictedMeasure", "key": "A"},
    }
    typed = resolve_types(read(model(measures)), (), {})
    assert elements(typed)["A"].type == UNTYPED


def test_a_published_name_that_was_folded_still_gives_its_type() -> None:
    csn = {"definitions": {"V": entity({"Sold to party": {}})}}
    typed = resolve_types(read(csn), (Element("Sold_to_party", AMOUNT),), {})
    assert elements(typed)["Sold to party"].type == AMOUNT


def test_other_properties_of_the_layer_are_kept() -> None:
    measures = {
        "M": {
            "measureType": MEASURE + "CalculatedMeasure",
            "formulaRaw": "[A]+[B]",
            "formula": {"op": "+"},
        }
    }
    layer = {"crossCalculations": {"M": {"text": "x"}}, "exposedAssociations": {}, "filter": "a=1"}
    definition = read(model(measures, **layer))
    assert dict(definition.asset.custom) == {
        "model.crossCalculations": '{"M":{"text":"x"}}',
        "model.filter": "a=1",
    }
    found = elements(definition)["M"]
    assert found.formula == "[A]+[B]"
    assert dict(found.custom) == {"model.formula": '{"op":"+"}'}


def test_a_text_of_the_layer_that_differs_from_the_label_is_kept() -> None:
    csn = model()
    csn["businessLayerDefinitions"]["V"]["attributes"]["CUSTOMER"]["text"] = "KUNNR"
    found = elements(read(csn))["CUSTOMER"]
    assert found.label == "Customer"
    assert dict(found.custom) == {"model.text": "KUNNR", "model.usedForDimensionSourceKey": "0"}
