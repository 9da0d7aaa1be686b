"""Each row of the tables of terms: it fills its field, and rules on its term go on working."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.csn.terms import (
    ASSET_TERMS,
    ELEMENT_TERMS,
    IGNORED,
    VARIABLE_TERMS,
    Form,
    Term,
)
from datasphere_glue.datasphere.values import as_text
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.asset_parts import Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.term_globs import TermGlobs
from tests.effort import examples
from tests.unit.datasphere.csn.samples import document, entity, read

RECORD = [{"entity": {"name": "V_HELP"}}]
OF_CODE = {
    "ObjectModel.modelingPattern": {"#": "ANALYTICAL_FACT"},
    "ObjectModel.supportedCapabilities": [{"#": "ANALYTICAL_FACT"}],
    "DataWarehouse.delta.": ("type", {"#": "UPSERT"}),
    "DataWarehouse.enclosingObject": "T_ALL",
    "DataWarehouse.dataAccessControl.usage": [
        {"target": "DAC", "on": [{"ref": ["C"]}, "=", {"ref": ["DAC", "C"]}]}
    ],
    "Hierarchy.": ("external", [{"name": "H", "association": {"=": "_h"}}]),
    "ObjectModel.hierarchy.association": {"=": "_h"},
    "DataWarehouse.sqlEditor.query": "SELECT 1 FROM DUMMY",
    "DataWarehouse.tableFunction.script": "RETURN SELECT 1 FROM DUMMY",
    "Consumption.valueHelpDefinition": RECORD,
    "Analytics.navigationAttributeRef": ["_a", "X"],
    "AnalyticsDetails.exceptionAggregationSteps": [
        {"exceptionAggregationBehavior": {"#": "LAST"}, "exceptionAggregationElements": ["D"]}
    ],
    "AnalyticsDetails.query.onCharacteristicStructure": True,
}
"""A value of each term that has code of its own."""

OF_ASSET = frozenset({"hierarchies", "cross_calculations"})
"""Fields of the asset that a column fills."""

OF_FORM: dict[Form, Any] = {
    Form.TEXT: "NVARCHAR",
    Form.TRANSLATED: "A text",
    Form.WORD: {"#": "A_WORD"},
    Form.FLAG: True,
    Form.NAME: {"=": "C"},
    Form.NAMES: [{"=": "C"}, {"=": "D"}],
    Form.FURTHER: [{"=": "C"}, {"=": "D"}],
    Form.WORDS: [{"#": "ONE"}, {"#": "TWO"}],
    Form.MARKS: True,
    Form.REFERENCE: "EUR",
    Form.PAIR: "A text",
}
SETTLED = frozenset(
    {
        "AnalyticsDetails.measureType", "Aggregation.default", "Analytics.Dimension",
        "Analytics.Measure", "Analytics.dimension", "Analytics.hidden", "Analytics.measure",
        "Analytics.navigationAttributeRef", "Common.Label", "Common.QuickInfo", "Common.Text",
        "Core.Description", "DataWarehouse.compoundKeySequence",
        "DataWarehouse.consumption.external", "DataWarehouse.delta.",
        "DataWarehouse.enclosingObject", "DataWarehouse.remote.connection",
        "DataWarehouse.remote.entity", "DataWarehouse.sqlEditor.query",
        "DataWarehouse.tableFunction.script", "DefaultAggregation", "EndUserText.label",
        "EndUserText.quickInfo", "Hierarchy.", "Internal.Entity.Hidden", "Measures.ISOCurrency",
        "Measures.Unit", "ObjectModel.foreignKey.association", "ObjectModel.hierarchy.association",
        "ObjectModel.modelingPattern", "ObjectModel.representativeKey",
        "ObjectModel.supportedCapabilities", "ObjectModel.text.association",
        "ObjectModel.text.element", "Semantics.", "Semantics.amount.currencyCode",
        "Semantics.currencyCode", "Semantics.quantity.unitOfMeasure", "Semantics.text",
        "Semantics.unitOfMeasure", "UI.Hidden", "UI.hidden",
    }
)  # fmt: skip
"""The terms that had a field or were ignored before rules could name a term. None may join them."""


def cases(rows: tuple[Term, ...]) -> list[Any]:
    """Return each row that fills a field with each of its terms."""
    filling = [(row, term) for row in rows if row.field for term in row.terms]
    return [pytest.param(row, term, id=f"{row.field} {term}") for row, term in filling]


def annotation(row: Term, term: str) -> tuple[str, Any]:
    """Return a term that a row reads, with a value that only this row explains."""
    if row.form is Form.CODE:
        value = OF_CODE[term]
        return (term + value[0], value[1]) if isinstance(value, tuple) else (term, value)
    return term + "oneMore" if term.endswith(".") else term, OF_FORM[row.form]


def read_with(term: str, value: Any, on: str, *globs: str) -> Definition:
    """Return an entity whose only annotation is this one, on itself or on its column `C`."""
    annotated = {f"@{term}": value}
    columns = {
        "C": annotated if on == "column" else {"type": "cds.String"},
        "D": {"type": "cds.String"},
        "_a": {"type": "cds.Association", "target": "T"},
    }
    whole = annotated if on == "entity" else {}
    return read({"definitions": {"V": entity(columns, **whole)}}, named=TermGlobs(globs))


def subject(definition: Definition, on: str) -> Asset | Element:
    return definition.asset if on == "entity" else definition.asset.elements[0]


def without_custom(asset: Asset) -> Asset:
    columns = tuple(replace(column, custom=()) for column in asset.elements)
    return replace(asset, custom=(), provenance=(), elements=columns)


@pytest.mark.parametrize(("row", "term"), cases(ASSET_TERMS.rows))
def test_a_term_of_an_entity_fills_its_field_and_is_not_custom(row: Term, term: str) -> None:
    read_as = read_with(*annotation(row, term), "entity")
    assert getattr(read_as.asset, row.field)
    assert (read_as.asset.custom, read_as.unknown_terms) == ((), ())


@pytest.mark.parametrize(("row", "term"), cases(ELEMENT_TERMS.rows))
def test_a_term_of_a_column_fills_its_field_and_is_not_custom(row: Term, term: str) -> None:
    read_as = read_with(*annotation(row, term), "column")
    field = row.literal or row.field
    holder = read_as.asset if field in OF_ASSET else read_as.asset.elements[0]
    assert getattr(holder, field)
    assert (read_as.asset.elements[0].custom, read_as.unknown_terms) == ((), ())


@pytest.mark.parametrize(
    ("on", "row", "term"),
    [
        *((("entity"), *case.values) for case in cases(ASSET_TERMS.rows)),
        *((("column"), *case.values) for case in cases(ELEMENT_TERMS.rows)),
    ],
)
def test_a_rule_that_names_a_term_finds_its_raw_value(on: str, row: Term, term: str) -> None:
    name, value = annotation(row, term)
    plain = read_with(name, value, on)
    named = read_with(name, value, on, f"@{name.upper()}")
    assert dict(subject(named, on).custom).keys() == {name}
    assert without_custom(named.asset) == without_custom(plain.asset)
    assert named.unknown_terms == plain.unknown_terms


@pytest.mark.parametrize(
    ("on", "rows"), [("entity", ASSET_TERMS.rows), ("column", ELEMENT_TERMS.rows)]
)
def test_a_wildcard_reaches_each_term_that_once_was_custom(on: str, rows: tuple[Term, ...]) -> None:
    for case in cases(rows):
        row, term = case.values
        name, value = annotation(row, term)
        reached = name in dict(subject(read_with(name, value, on, f"{name[:-2]}*"), on).custom)
        if row.settled:
            assert not reached, term
        elif term not in SETTLED:
            assert reached, term


@pytest.mark.parametrize(
    ("on", "term", "value"),
    [
        ("column", "ObjectModel.text.element", [{"=": "A"}, {"=": "B"}]),
        ("entity", "ObjectModel.supportedCapabilities", [{"#": "A"}, {"#": "B"}]),
        ("entity", "ObjectModel.modelingPattern", {"#": "SOMETHING_NEW"}),
        ("column", "Semantics.valueRange.minimum", "1"),
        ("entity", "DataWarehouse.remote.schema", "S"),
    ],
)
def test_a_wildcard_reaches_what_a_known_term_left_over(on: str, term: str, value: Any) -> None:
    assert subject(read_with(term, value, on, "*.*"), on).custom == ((term, as_text(value)),)
    assert subject(read_with(term, value, on), on).custom == ()


def test_no_further_term_is_out_of_reach_of_wildcards() -> None:
    rows = (*ASSET_TERMS.rows, *ELEMENT_TERMS.rows)
    assert {term for row in rows if row.settled for term in row.terms} == SETTLED
    assert [one.prefix for one in IGNORED if not one.settled] == [
        "DataWarehouse.capabilities.",
        "Capabilities.",
    ]


@pytest.mark.parametrize("one", IGNORED, ids=lambda one: str(one.prefix))
def test_an_ignored_term_is_counted_and_kept_for_a_rule_alone(one: Any) -> None:
    term = f"{one.prefix}x" if one.prefix.endswith(".") else one.prefix
    definition = read_with(term, "y", "column")
    assert (definition.asset.elements[0].custom, definition.ignored_terms) == ((), ((term, 1),))
    assert read_with(term, "y", "column", term).asset.elements[0].custom == ((term, "y"),)
    reached = read_with(term, "y", "column", "*").asset.elements[0].custom
    assert bool(reached) is not one.settled


@pytest.mark.parametrize("name", ["default", "enum"])
def test_a_property_that_became_known_is_kept_for_rules(name: str) -> None:
    element = {"type": "cds.String", "default": {"val": "A"}, "enum": {"A": {}}}
    definition = read(document({"C": element}), named=TermGlobs((name,)))
    assert [term for term, _ in definition.asset.elements[0].custom] == [name]


def test_what_decides_about_exposure_is_kept_for_a_rule_alone() -> None:
    term, exposed = "DataWarehouse.consumption.external", True
    assert read_with(term, exposed, "entity").asset.custom == ()
    assert read_with(term, exposed, "entity", f"@{term}").asset.custom == ((term, "true"),)
    assert read_with(term, exposed, "entity", "*").asset.custom == ()


def test_rules_of_other_terms_keep_nothing() -> None:
    named = read_with("PersonalData.dataSubjectRole", "Customer", "entity", "acme.*", "@Personal")
    assert named.asset.custom == ()


def test_each_row_names_a_field_of_the_model() -> None:
    assert {row.field for row in ASSET_TERMS.rows} - {""} <= set(Asset.__slots__)
    columns = {row.field for row in ELEMENT_TERMS.rows} - OF_ASSET
    literals = {row.literal for row in ELEMENT_TERMS.rows} - {""}
    assert columns | literals <= set(Element.__slots__)
    assert {row.field for row in VARIABLE_TERMS.rows} <= set(Variable.__slots__)


@pytest.mark.parametrize(("row", "term"), cases(VARIABLE_TERMS.rows))
def test_a_term_of_a_parameter_fills_its_field_and_is_kept_for_rules(row: Term, term: str) -> None:
    value = True if row.form is Form.CODE else OF_FORM[row.form]
    params = {"P": {"type": "cds.String", f"@{term}": value}}
    csn = {"definitions": {"V": entity({}, params=params)}}
    plain = read(csn)
    (variable,) = plain.asset.variables
    assert getattr(variable, row.field)
    assert (variable.custom, plain.unknown_terms) == ((), ())
    (named,) = read(csn, named=TermGlobs((term,))).asset.variables
    assert dict(named.custom).keys() == {term}


ODD = st.sampled_from(["", "#", "=", "X", "true", "target", "val", "on", "ref", "\ud800"])
ANY_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 2) | st.floats(allow_nan=False) | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD, inner, max_size=3),
    max_leaves=6,
)
TERMS = sorted(
    {term for rows in (ASSET_TERMS, ELEMENT_TERMS) for r in rows.rows for term in r.terms}
)


@examples(300)
@given(
    annotations=st.dictionaries(
        st.sampled_from(TERMS).map(lambda term: f"@{term}x" if term.endswith(".") else f"@{term}"),
        ANY_VALUE,
        max_size=4,
    ),
    enum=ANY_VALUE,
    default=ANY_VALUE,
)
def test_no_value_of_a_term_costs_a_column(
    annotations: dict[str, Any], enum: Any, default: Any
) -> None:
    element = {"type": "cds.Date", "enum": enum, "default": default, **annotations}
    whole = entity({"C": element, "D": {"type": "cds.Date"}}, **annotations)
    definition = read({"definitions": {"V": whole}}, named=TermGlobs(("*",)))
    assert [one.name for one in definition.asset.elements] == ["C", "D"]
