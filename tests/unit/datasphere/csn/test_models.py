"""Analytic models: sources, attributes, measures of each kind, variables, and their types."""

from typing import Any

import pytest

from datasphere_glue.datasphere.csn.completion import complete_definition
from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.asset_parts import ModelSource, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
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
    business_layer = {
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
        "businessLayerDefinitions": {"V": business_layer},
    }


def elements(definition: Definition) -> dict[str, Element]:
    return {element.name: element for element in definition.asset.elements}


def source(name: str, **columns: Element) -> Definition:
    definition = read({"definitions": {name: entity({})}}, name)
    return Definition(
        asset=type(definition.asset)(
            space="FIN", name=name, kind=Kind.VIEW, elements=tuple(columns.values())
        )
    )


def test_sources_become_lineage_with_their_role() -> None:
    asset = read(model()).asset
    assert asset.kind is Kind.ANALYTIC_MODEL
    assert asset.lineage == ("FIN.ORDERS", "HR.CUSTOMERS")
    assert asset.model_sources == (
        ModelSource("fact", "0", "FIN", "ORDERS", label="Orders"),
        ModelSource("dimension", "0", "HR", "CUSTOMERS", associations=("_CUSTOMER",)),
    )


def test_attributes_have_their_source_column() -> None:
    columns = elements(read(model()))
    assert columns["CUSTOMER"].sources == (("FIN", "ORDERS", "KUNNR"),)
    assert columns["COUNTRY_C"].sources == (("HR", "CUSTOMERS", "COUNTRY"),)
    assert columns["COUNTRY_C"].label == "Country"
    assert all(e.attribute and e.type == UNTYPED for e in columns.values())
    assert dict(columns["COUNTRY_C"].custom) == {"model.sourceKey": "0"}


@pytest.mark.parametrize(
    ("measure", "expected"),
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
def test_each_kind_of_measure_has_type_formula_and_source(
    measure: dict[str, Any], expected: tuple[str, str | None, tuple[Any, ...]]
) -> None:
    element = elements(read(model({"M": measure})))["M"]
    assert element.measure
    assert not element.attribute
    assert (element.measure_type, element.formula, element.sources) == expected


def test_other_properties_of_a_measure_are_stored() -> None:
    measure = {
        "measureType": MEASURE + "CountDistinct",
        "countDistinctAttributes": ["CUSTOMER"],
        "isAuxiliary": False,
        "aggregation": "AnalyticModelAggregation.MAX",
    }
    element = elements(read(model({"M": measure})))["M"]
    assert element.aggregation == "MAX"
    assert dict(element.custom) == {"model.countDistinctAttributes": '["CUSTOMER"]'}


def test_measures_without_a_column_are_stored_with_the_model() -> None:
    aux = {"measureType": MEASURE + "CalculatedMeasure", "isAuxiliary": True}
    assert dict(read(model({"AUX": aux})).asset.custom) == {
        "model.measures": (
            '{"AUX":{"isAuxiliary":true,"measureType":"AnalyticModelMeasureType.CalculatedMeasure"}}'
        )
    }


def test_variables_have_kind_column_and_default() -> None:
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
    ("layer", "note"),
    [
        ({"sourceModel": 1}, "found int at businessLayerDefinitions/V/sourceModel"),
        ({"sourceModel": {"factSources": {"0": {}}}}, "the fact source 0 of the model names no"),
        ({"attributes": ["x"]}, "found list at businessLayerDefinitions/V/attributes"),
        ({"variables": {"X": 1}}, "variables X of the model is no object"),
        ({"measures": {"X": 1}}, "measures X of the model is no object"),
    ],
)
def test_a_malformed_part_of_a_layer_costs_a_note(layer: dict[str, Any], note: str) -> None:
    definition = read(model(**layer))
    assert note in "; ".join(definition.notes)
    assert definition.asset.kind is Kind.ANALYTIC_MODEL


def test_types_are_resolved_by_edmx_then_fact_then_dimension_and_others_are_noted() -> None:
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
    typed = complete_definition(definition, edmx, sources)
    elements_by_name = elements(typed)
    assert elements_by_name["CUSTOMER"].type == SapType("Edm.String", length=10)
    assert elements_by_name["COUNTRY_C"].type == SapType("cds.String", length=3)
    assert (elements_by_name["NET"].type, elements_by_name["NET"].aggregation) == (AMOUNT, "SUM")
    assert (elements_by_name["BIG"].type, elements_by_name["BIG"].aggregation) == (AMOUNT, "SUM")
    assert elements_by_name["CALC"].type == UNTYPED
    assert typed.asset.variables[0].type == SapType("cds.String", length=3)
    assert typed.notes == ("the type of column CALC is not known",)


def test_cyclic_restricted_measures_are_resolved_without_a_loop() -> None:
    measures = {
        "A": {"measureType": MEASURE + "RestrictedMeasure", "key": "B"},
        "B": {"measureType": MEASURE + "RestrictedMeasure", "key": "A"},
    }
    typed = complete_definition(read(model(measures)), (), {})
    assert elements(typed)["A"].type == UNTYPED


def test_a_folded_published_name_still_has_its_type() -> None:
    csn = {"definitions": {"V": entity({"Sold to party": {}})}}
    typed = complete_definition(read(csn), (Element("Sold_to_party", AMOUNT),), {})
    assert elements(typed)["Sold to party"].type == AMOUNT


def test_other_properties_of_the_layer_are_stored() -> None:
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
    element = elements(definition)["M"]
    assert element.formula == "[A]+[B]"
    assert dict(element.custom) == {"model.formula": '{"op":"+"}'}


def test_a_layer_text_other_than_the_label_is_stored() -> None:
    csn = model()
    csn["businessLayerDefinitions"]["V"]["attributes"]["CUSTOMER"]["text"] = "KUNNR"
    element = elements(read(csn))["CUSTOMER"]
    assert element.label == "Customer"
    assert dict(element.custom) == {"model.text": "KUNNR", "model.usedForDimensionSourceKey": "0"}
