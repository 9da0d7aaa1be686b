"""Analytic models: their sources and attributes, and the parts of a layer that have no field."""

from typing import Any

import pytest

from datasphere_glue.datasphere.csn.completion import complete_definition
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.asset_parts import Affix, BoundParameter, ModelSource
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.term_globs import TermGlobs
from tests.unit.datasphere.csn.layers import (
    MEASURE,
    base,
    columns_of,
    completed,
    dimension,
    fact,
    measure,
    model,
)
from tests.unit.datasphere.csn.samples import entity, read

MAPPING = "AnalyticModelSourceParameterMappingType."
AFFIX = "AnalyticModelDimensionAffixType."


def sources(**source: Any) -> tuple[ModelSource, ...]:
    """Return the sources of a model with one dimension that says this."""
    written = {"D": {"dataEntity": {"key": "HR.HARBOURS"}, **source}}
    return read(model(sources=written)).asset.model_sources


def test_sources_become_lineage_with_their_role() -> None:
    csn = model(
        sources={
            "0": {
                "text": "Harbour",
                "dataEntity": {"key": "HR.HARBOURS"},
                "associationContexts": [{"associationSteps": ["_HARBOUR"]}],
            }
        },
        fact_source="FIN.TRIPS",
    )
    asset = read(csn).asset
    assert asset.kind is Kind.ANALYTIC_MODEL
    assert asset.lineage == ("FIN.TRIPS", "HR.HARBOURS")
    assert asset.model_sources == (
        ModelSource("fact", "T", "FIN", "TRIPS"),
        ModelSource("dimension", "0", "HR", "HARBOURS", "Harbour", ("_HARBOUR",)),
    )


@pytest.mark.parametrize(
    ("contexts", "expected"),
    [
        ([{"associationSteps": ["_A", "_B"]}], ("_A", "_B")),
        ([{"associationSteps": ["_UP", "_UP"]}], ("_UP", "_UP")),
        ([{"associationSteps": [{"key": "_A"}]}], ("_A",)),
        ([{"associationSteps": ["_A"]}, {"associationSteps": ["_B"]}], ("_A", "_B")),
        ([{}, 1, {"associationSteps": 1}], ()),
        (None, ()),
    ],
)
def test_a_dimension_has_the_associations_that_lead_to_it(
    contexts: Any, expected: tuple[str, ...]
) -> None:
    assert sources(associationContexts=contexts)[1].associations == expected


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        (
            {"mappingType": MAPPING + "ConstantValue", "constantValue": "417"},
            BoundParameter("IP", "ConstantValue", "417"),
        ),
        (
            {"mappingType": MAPPING + "MapToSourceParameter", "variableName": "P_DAY"},
            BoundParameter("IP", "MapToSourceParameter", variable="P_DAY"),
        ),
        ({"mappingType": {"#": "CONSTANT"}, "value": 7}, BoundParameter("IP", "CONSTANT", "7")),
        ({"constantValue": ""}, BoundParameter("IP", value="")),
        ({"variable": {"key": "P_DAY"}}, BoundParameter("IP", variable="P_DAY")),
        ("417", BoundParameter("IP", value="417")),
        ({}, BoundParameter("IP")),
    ],
)
def test_a_source_has_its_bound_parameters(mapping: Any, expected: BoundParameter) -> None:
    assert sources(parameterMappings={"IP": mapping})[1].parameters == (expected,)


@pytest.mark.parametrize(
    ("affix", "expected"),
    [
        ({"text": "of", "type": AFFIX + "PREFIX"}, Affix("of", "PREFIX")),
        ({"text": "_Port", "type": AFFIX + "SUFFIX"}, Affix("_Port", "SUFFIX")),
        ({"text": "x", "type": {"#": "PREFIX"}}, Affix("x", "PREFIX")),
        ({"text": "x"}, Affix("x", "")),
        ({"text": "", "type": AFFIX + "PREFIX"}, None),
        ("of", None),
    ],
)
def test_a_source_has_the_affix_of_its_columns(affix: Any, expected: Affix | None) -> None:
    assert sources(technicalAffix=affix)[1].affix == expected


def test_attributes_have_their_source_column() -> None:
    csn = model(
        {**fact(Port="HARBOUR"), **dimension("D", Town="TOWN")},
        sources={"D": {"dataEntity": {"key": "HR.HARBOURS"}}},
    )
    csn["businessLayerDefinitions"]["V"]["attributes"]["Town"]["text"] = "Town"
    columns = columns_of(read(csn))
    assert columns["Port"].sources == (("SALES", "TRIPS", "HARBOUR"),)
    assert columns["Town"].sources == (("HR", "HARBOURS", "TOWN"),)
    assert columns["Town"].label == "Town"
    assert all(e.attribute and e.type == UNTYPED and not e.custom for e in columns.values())


def test_a_number_that_a_fact_and_a_dimension_share_means_both() -> None:
    csn = model({**fact(Port="HARBOUR"), **dimension("0", Town="TOWN")})
    layer = csn["businessLayerDefinitions"]["V"]
    layer["sourceModel"] = {
        "factSources": {"0": {"dataEntity": {"key": "TRIPS"}}},
        "dimensionSources": {"0": {"dataEntity": {"key": "HARBOURS"}}},
    }
    layer["attributes"]["Port"]["attributeMapping"] = {"0": {"key": "HARBOUR"}}
    columns = columns_of(read(csn))
    assert columns["Port"].sources == (("SALES", "TRIPS", "HARBOUR"),)
    assert columns["Town"].sources == (("SALES", "HARBOURS", "TOWN"),)


@pytest.mark.parametrize(
    ("link", "association"),
    [
        ("_HARBOUR∞D", "_HARBOUR∞D"),
        ("_HARBOUR", "_HARBOUR"),
        ("D", "D"),
        ("_OTHER", None),
        (None, None),
    ],
)
def test_the_owner_of_a_dimension_is_its_foreign_key(
    link: str | None, association: str | None
) -> None:
    steps = [{"associationSteps": ["_HARBOUR"]}]
    csn = model(
        fact(Port="HARBOUR"),
        elements={link: {"type": "cds.Association", "target": "HARBOURS"}} if link else None,
        sources={"D": {"dataEntity": {"key": "HARBOURS"}, "associationContexts": steps}},
    )
    csn["businessLayerDefinitions"]["V"]["attributes"]["Port"]["usedForDimensionSourceKey"] = "D"
    column = columns_of(read(csn))["Port"]
    kept = {} if association else {"model.usedForDimensionSourceKey": "D"}
    assert (column.association, dict(column.custom)) == (association, kept)


def test_measures_without_a_column_are_stored_with_the_model() -> None:
    csn = model()
    aux = measure("CalculatedMeasure", isAuxiliary=True)
    csn["businessLayerDefinitions"]["V"]["measures"] = {"AUX": aux}
    assert dict(read(csn).asset.custom) == {
        "model.measures": (
            '{"AUX":{"isAuxiliary":true,"measureType":"AnalyticModelMeasureType.CalculatedMeasure"}}'
        )
    }


@pytest.mark.parametrize(
    ("layer", "note"),
    [
        ({"sourceModel": 1}, "found int at businessLayerDefinitions/V/sourceModel"),
        ({"sourceModel": {"factSources": {"0": {}}}}, "the fact source 0 of the model names no"),
        ({"attributes": ["x"]}, "found list at businessLayerDefinitions/V/attributes"),
        ({"variables": {"X": 1}}, "variables X of the model is no object"),
        ({"measures": {"X": 1}}, "measures X of the model is no object"),
        ({"crossCalculations": {"X": 1}}, "crossCalculations X of the model is no object"),
    ],
)
def test_a_malformed_part_of_a_layer_costs_a_note(layer: dict[str, Any], note: str) -> None:
    csn = model()
    csn["businessLayerDefinitions"]["V"] |= layer
    definition = read(csn)
    assert note in "; ".join(definition.notes)
    assert definition.asset.kind is Kind.ANALYTIC_MODEL


def test_a_folded_published_name_still_has_its_type() -> None:
    csn = {"definitions": {"V": entity({"Sold to party": {}})}}
    amount = SapType("cds.Decimal", precision=17, scale=2)
    typed = complete_definition(read(csn), (Element("Sold_to_party", amount),), {})
    assert columns_of(typed)["Sold to party"].type == amount


def test_other_properties_of_the_layer_are_stored() -> None:
    csn = model(exposedAssociations={}, filter=7, collisionHandling={"x": 1})
    assert dict(read(csn).asset.custom) == {
        "model.collisionHandling": '{"x":1}',
        "model.filter": "7",
    }


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ({"filter": "Port = 'KIEL'"}, ("Port = 'KIEL'",)),
        ({"filter": {"formulaRaw": "A = 1", "formula": "[0] = 1"}}, ("A = 1",)),
        ({"filters": {"F": {"formula": "[0] = 1", "elements": {"0": {"key": "A"}}}}}, ("A = 1",)),
        ({"filters": [{"formulaRaw": "A = 1"}, {"formulaRaw": "B = 2"}]}, ("A = 1", "B = 2")),
        ({"globalFilter": {"text": "x", "formulaRaw": "A = 1"}}, ("A = 1",)),
        ({"filters": {}}, ()),
    ],
)
def test_a_filter_of_the_model_is_a_condition(
    layer: dict[str, Any], expected: tuple[str, ...]
) -> None:
    asset = read(model(**layer)).asset
    assert (asset.filter, asset.custom) == (expected, ())


def test_a_layer_text_other_than_the_label_is_stored() -> None:
    csn = model(fact(Port="HARBOUR"), elements={"Port": {"@EndUserText.label": "Harbour"}})
    csn["businessLayerDefinitions"]["V"]["attributes"]["Port"]["text"] = "KUNNR"
    column = columns_of(read(csn))["Port"]
    assert (column.label, dict(column.custom)) == ("Harbour", {"model.text": "KUNNR"})


def test_a_column_in_several_facts_takes_from_the_first_that_says_something() -> None:
    csn = model(measures={"Fare": base("FARE")})
    layer = csn["businessLayerDefinitions"]["V"]
    layer["sourceModel"]["factSources"]["S"] = {"dataEntity": {"key": "SILENT"}}
    layer["measures"]["Fare"]["measureMapping"] = {"S": {"key": "F"}, "T": {"key": "FARE"}}
    definition = completed(csn, SILENT={"F": {}})
    column = columns_of(definition)["Fare"]
    assert (column.type.name, column.aggregation) == ("cds.Decimal", "SUM")
    assert len(column.sources) == 2


@pytest.mark.parametrize(
    ("glob", "kept"),
    [
        ("model.measureType", {"model.measureType": MEASURE + "CountDistinctMeasure"}),
        ("model.countDistinct*", {"model.countDistinctAttributes": '["SHIP"]'}),
        ("@MODEL.FORMULARAW", {"model.formulaRaw": "1"}),
        ("model.formula*", {"model.formula": '{"op":"1"}'}),
        ("model.te*", {}),
        ("acme.*", {}),
    ],
)
def test_an_entry_that_became_known_is_kept_for_rules(glob: str, kept: dict[str, str]) -> None:
    count = measure("CountDistinctMeasure", countDistinctAttributes=["SHIP"], text="Ships")
    csn = model(measures={"SHIPS": {**count, "formulaRaw": "1", "formula": {"op": "1"}}})
    definition = read(csn, named=TermGlobs((glob,)))
    column = columns_of(definition)["SHIPS"]
    assert dict(column.custom).items() >= kept.items()
    plain = dict(columns_of(read(csn))["SHIPS"].custom)
    assert dict(column.custom).keys() - plain.keys() <= kept.keys()
    assert (column.measure_kind, column.distinct_columns) == ("CountDistinctMeasure", ("SHIP",))


def test_a_part_of_a_layer_that_became_known_is_kept_for_rules() -> None:
    csn = model(crossCalculations={"LAST": {"text": "Last year"}})
    named = read(csn, named=TermGlobs(("model.cross*",))).asset
    assert dict(named.custom) == {"model.crossCalculations": '{"LAST":{"text":"Last year"}}'}
    assert named.cross_calculations == read(csn).asset.cross_calculations != ()
    assert read(csn).asset.custom == ()


def test_an_attribute_that_became_known_is_kept_for_rules() -> None:
    csn = model(fact(Port="HARBOUR") | dimension("D", Town="TOWN"))
    column = columns_of(read(csn, named=TermGlobs(("model.sourcekey",))))["Town"]
    assert column.custom == (("model.sourceKey", "D"),)
