"""The judge reads CSN in every form that is legal."""

from typing import Any

import pytest

from tools.fidelity.csn.document import Document, World
from tools.fidelity.csn.entities import Entity, read_entity
from tools.fidelity.expectations import Expectation, Expected, How
from tools.fidelity.kinds import Kind

Json = dict[str, Any]

TYPES: Json = {
    "Label": {"kind": "type", "type": "Base", "@EndUserText.label": "Named"},
    "Base": {"kind": "type", "type": "cds.String", "length": 3, "@Semantics.text": True},
}


def entity(definition: Json, **root: Any) -> Entity:
    documents = {"S.E": Document("S", {**TYPES, "E": {"kind": "entity", **definition}}, **root)}
    return read_entity(World(documents), documents["S.E"], "E")


def column(element: Json, **root: Any) -> Expected:
    return entity({"elements": {"C": element}}, **root).columns["C"]


@pytest.mark.parametrize(
    "element",
    [
        {"@Aggregation.default": {"#": "SUM"}},
        {"@Aggregation.default": "#SUM"},
        {"@Aggregation.default": "SUM"},
        {"@Aggregation": {"default": {"#": "SUM"}}},
        {"@Aggregation": {"default": "#SUM"}},
        {"@DefaultAggregation": "#SUM"},
    ],
)
def test_an_aggregation_is_one_in_every_form(element: Json) -> None:
    expected = column({"type": "cds.Integer", **element})
    assert expected[Kind.AGGREGATION, ""].texts == ("SUM",)
    assert (Kind.MEASURE, "") in expected
    assert not [key for key in expected if key[0] is Kind.ANNOTATION]


def test_none_is_no_aggregation() -> None:
    expected = column({"type": "cds.Integer", "@Aggregation.default": {"#": "NONE"}})
    assert not expected[Kind.AGGREGATION, ""].required
    assert (Kind.MEASURE, "") not in expected


@pytest.mark.parametrize(
    ("element", "texts"),
    [
        ({"@EndUserText.label": "Own", "type": "Label"}, ("Own",)),
        ({"type": "Label"}, ("Named",)),
        ({"@EndUserText": {"label": "Own"}}, ("Own",)),
        ({"@Common.Label": "Old"}, ("Old",)),
        ({"@EndUserText.label": "{i18n>L}"}, ("Text",)),
        ({"@EndUserText.label": "{i18n>M}"}, ("A", "B")),
        ({"@EndUserText.label": "{i18n>GONE}"}, ("{i18n>GONE}",)),
    ],
)
def test_labels_come_from_element_type_and_translation(
    element: Json, texts: tuple[str, ...]
) -> None:
    texts_by_language = {"": {"L": "Text"}, "de": {"L": "Wort", "M": "A"}, "en": {"M": "B"}}
    expected = column(element, texts=texts_by_language)
    assert expected[Kind.LABEL, ""].texts == texts


@pytest.mark.parametrize("element", [{}, {"type": "Label", "@EndUserText.label": None}])
def test_no_label_is_no_fact(element: Json) -> None:
    assert (Kind.LABEL, "") not in column(element)


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ({"type": "cds.String", "length": 10}, "cds.String(10)"),
        ({"type": "Label"}, "cds.String(3)"),
        ({"type": "cds.Decimal", "precision": 17, "scale": 2}, "cds.Decimal(17,2)"),
        ({"type": "cds.Decimal", "precision": 17}, "cds.Decimal(17)"),
        ({"type": "cds.hana.ST_POINT", "srid": 4326}, "cds.hana.ST_POINT(srid=4326)"),
        ({"type": "acme.Unknown"}, "acme.Unknown"),
    ],
)
def test_types_have_their_facets(element: Json, text: str) -> None:
    assert column(element)[Kind.TYPE, ""].texts == (text,)


@pytest.mark.parametrize("facet", ["long", -1, 1.5])
def test_an_odd_facet_is_not_judged(facet: Any) -> None:
    expected = column({"type": "cds.String", "length": facet})
    assert expected[Kind.TYPE, ""].how is How.ANY
    assert (Kind.COLUMN, "") in expected


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ({"=": "CURR"}, Kind.CURRENCY),
        ("CHF", Kind.CURRENCY_VALUE),
    ],
)
def test_a_path_names_a_column_and_a_text_is_a_value(written: Any, kind: Kind) -> None:
    both = {Kind.CURRENCY, Kind.CURRENCY_VALUE}
    for element in (
        {"@Semantics.amount.currencyCode": written},
        {"@Semantics": {"amount": {"currencyCode": written}}},
        {"@Measures.ISOCurrency": written},
    ):
        assert {key[0] for key in column(element)} & both == {kind}


def linked(on: Any, **rest: Any) -> Expected:
    link = {"type": "cds.Association", "target": "T", "on": on, **rest}
    return entity({"elements": {"A": {"type": "cds.String"}, "_l": link}}).table


def pairs(expected: Expected) -> list[str]:
    return [detail for kind, detail in expected if kind is Kind.PAIR]


OWN, THEIRS = {"ref": ["A"]}, {"ref": ["_l", "K"]}
LITERAL = [{"ref": ["_l", "L"]}, "=", {"val": "EN"}]


@pytest.mark.parametrize(
    ("on", "conditional"),
    [
        ([OWN, "=", THEIRS], False),
        ([THEIRS, "=", OWN], False),
        ([{"ref": ["$self", "A"]}, "=", THEIRS], False),
        ([{"ref": ["$projection", "A"]}, "=", THEIRS], False),
        (["(", OWN, "=", THEIRS, ")", "and", *LITERAL], True),
        ([{"xpr": [OWN, "=", THEIRS]}, "and", {"xpr": LITERAL}], True),
        ([*LITERAL, "and", OWN, "=", THEIRS], True),
        ([OWN, "=", THEIRS, "and", {"ref": ["_l", "N"]}, ">", {"val": 3}], True),
    ],
)
def test_conditions_are_pairs_and_what_else_they_say(on: list[Any], *, conditional: bool) -> None:
    expected = linked(on)
    assert pairs(expected) == ["_l: A = K"]
    assert ((Kind.CONDITION, "_l") in expected) is conditional


def test_alternatives_are_no_pairs() -> None:
    expected = linked([OWN, "=", THEIRS, "or", *LITERAL])
    assert pairs(expected) == []
    assert set(expected[Kind.CONDITION, "_l"].texts) >= {"A", "K", "L", "EN"}


def test_a_managed_association_has_columns_of_the_compiler() -> None:
    link = {"type": "cds.Association", "target": "T", "keys": [{"ref": ["K"]}]}
    assert pairs(entity({"elements": {"_l": link}}).table) == ["_l: _l_K = K"]


@pytest.mark.parametrize(
    ("cardinality", "text"),
    [({"max": "*"}, "0..*"), ({"min": 1, "max": 1}, "1..1"), ({"src": "*"}, "0..1")],
)
def test_cardinalities_have_defaults(cardinality: Json, text: str) -> None:
    assert linked([OWN, "=", THEIRS], cardinality=cardinality)[Kind.CARDINALITY, "_l"].texts == (
        text,
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"@PersonalData.fieldSemantics": {"#": "USER_ID"}}, "USER_ID"),
        ({"@PersonalData.fieldSemantics": "UserId"}, "user_id"),
        ({"@PersonalData": {"fieldSemantics": "#USER_ID"}}, "UserID"),
    ],
)
def test_personal_data_is_one_in_both_notations(words: Json, text: str) -> None:
    assert column(words)[Kind.PERSONAL_DATA, "fieldsemantics"].accepts(text)


def test_what_nobody_understands_is_a_custom_annotation() -> None:
    expected = column({"@acme": {"a": {"b": 1}, "c": ["x", {"=": "y"}]}, "@odata.foo": 1, "@e": ""})
    found = {
        detail: one.texts for (kind, detail), one in expected.items() if kind is Kind.ANNOTATION
    }
    assert set(found) == {"acme.a.b", "acme.c"}
    assert found["acme.c"] == ("x", "y")


def test_false_may_be_left_out() -> None:
    assert not column({"@acme.off": False})[Kind.ANNOTATION, "acme.off"].required


@pytest.mark.parametrize(
    ("parameter", "part", "mandatory"),
    [
        ({}, {}, "true"),
        ({"default": {"val": "x"}}, {}, "false"),
        ({"default": "x"}, {}, "false"),
        ({"@AnalyticsDetails.variable.mandatory": False}, {}, "false"),
        ({"default": "x", "@AnalyticsDetails": {"variable": {"mandatory": True}}}, {}, "true"),
        ({"@AnalyticsDetails.variable.mandatory": True}, {"mandatory": False}, "false"),
        ({}, {"defaultValue": "x"}, "false"),
        (None, {"mandatory": True}, "true"),
    ],
)
def test_what_makes_a_variable_mandatory(
    parameter: Json | None, part: Json, mandatory: str
) -> None:
    params = {} if parameter is None else {"V": parameter}
    layers = {"E": {"variables": {"V": part}}}
    expected = entity({"params": params, "elements": {}}, layers=layers).table
    assert expected[Kind.MANDATORY, "V"] == Expectation((mandatory,))


@pytest.mark.parametrize(
    "element",
    [
        {"type": "Label", "@EndUserText.label": None},
        {"type": "Label", "@EndUserText": {"label": None}},
        {"type": "Label", "@EndUserText.label": ""},
    ],
)
def test_null_and_nothing_unset_an_inherited_label(element: Json) -> None:
    assert (Kind.LABEL, "") not in column(element)


@pytest.mark.parametrize(
    ("default", "texts"),
    [
        ({"val": 1}, ("1",)),
        ({"val": True}, ("true",)),
        ("plain", ("plain",)),
        ({"#": "OPEN"}, ("OPEN", "o")),
        ({"=": "$now"}, ("$now",)),
        ({"func": "CURRENT_DATE"}, ("CURRENT_DATE",)),
    ],
)
def test_defaults_are_literals_words_and_expressions(default: Any, texts: tuple[str, ...]) -> None:
    element = {"type": "cds.String", "enum": {"OPEN": {"val": "o"}}, "default": default}
    assert column(element)[Kind.DEFAULT, ""].texts == texts


@pytest.mark.parametrize("default", [{"val": None}, None, {"val": ""}])
def test_an_empty_default_has_no_key(default: Any) -> None:
    said = column({"type": "cds.String", "default": default}).get((Kind.DEFAULT, ""))
    assert said is None or not said.required


FACT: Json = {
    "kind": "entity",
    "elements": {
        "Q": {
            "type": "cds.Integer",
            "@EndUserText.label": "Quantity",
            "@Aggregation.default": "#MAX",
            "@Semantics.quantity.unitOfMeasure": {"=": "U"},
        },
        "U": {"type": "cds.String", "length": 3, "@Semantics.unitOfMeasure": True},
    },
}


def model(layer: Json, *names: str, source: str = "FACT") -> dict[str, Expected]:
    """Return the columns of a model over FACT, or over another model."""
    inner = {
        "sourceModel": {"factSources": {"F": {"dataEntity": {"key": "FACT"}}}},
        "attributes": {"UOM": {"attributeMapping": {"F": {"key": "U"}}, "text": "Unit"}},
        "measures": {"QTY": {"measureMapping": {"F": {"key": "Q"}}, "text": "Of the layer"}},
    }
    layer = {"sourceModel": {"factSources": {"F": {"dataEntity": {"key": source}}}}, **layer}
    entity = {"kind": "entity", "elements": {name: {} for name in names}}
    cube = {"kind": "entity", "elements": {"UOM": {}, "QTY": {}}}
    documents = {
        "S.FACT": Document("S", {"FACT": FACT}),
        "S.CUBE": Document("S", {"CUBE": cube}, {"CUBE": inner}),
        "S.M": Document("S", {"M": entity}, {"M": layer}),
    }
    return dict(read_entity(World(documents), documents["S.M"], "M").columns)


def mapped(column: str) -> Json:
    return {"measureMapping": {"F": {"key": column}}}


def test_a_measure_takes_what_its_source_has_under_names_of_the_model() -> None:
    attributes = {"UNIT": {"attributeMapping": {"F": {"key": "U"}}}}
    columns = model({"measures": {"M1": mapped("Q")}, "attributes": attributes}, "M1", "UNIT")
    assert columns["M1"][Kind.AGGREGATION, ""].texts == ("MAX",)
    assert columns["M1"][Kind.UNIT, ""].texts == ("UNIT",)
    assert columns["M1"][Kind.LABEL, ""].texts == ("Quantity",)
    assert columns["M1"][Kind.TYPE, ""].texts == ("cds.Integer",)


def test_a_unit_that_the_model_does_not_show_is_no_column_of_it() -> None:
    columns = model({"measures": {"M1": mapped("Q")}}, "M1")
    assert (Kind.UNIT, "") not in columns["M1"]


def test_a_restricted_measure_is_its_base_measure_and_a_calculated_one_is_not() -> None:
    measures = {
        "M1": mapped("Q"),
        "R": {"measureType": "X.RestrictedMeasure", "key": "M1", "text": "R", "formulaRaw": "a"},
        "RR": {"measureType": "X.RestrictedMeasure", "key": "R", "formulaRaw": "b"},
        "C": {"measureType": "X.CalculatedMeasure", "formulaRaw": "M1 * 2"},
    }
    columns = model({"measures": measures}, *measures)
    assert [columns[name][Kind.AGGREGATION, ""].texts for name in ("R", "RR")] == [("MAX",)] * 2
    assert columns["R"][Kind.LABEL, ""].texts == ("R",)
    assert (Kind.LABEL, "") not in columns["RR"]
    assert (Kind.AGGREGATION, "") not in columns["C"]
    assert columns["C"][Kind.GLUE_TYPE, ""].accepts("decimal(34,4)")
    assert not columns["C"][Kind.GLUE_TYPE, ""].accepts("string")


def test_a_model_over_a_model_has_the_labels_of_its_layer() -> None:
    attributes = {"U2": {"attributeMapping": {"F": {"key": "UOM"}}}}
    layer = {"measures": {"M1": mapped("QTY")}, "attributes": attributes}
    columns = model(layer, "M1", "U2", source="CUBE")
    assert columns["M1"][Kind.LABEL, ""].texts == ("Of the layer",)
    assert columns["M1"][Kind.UNIT, ""].texts == ("U2",)
    assert columns["M1"][Kind.AGGREGATION, ""].texts == ("MAX",)


def test_a_source_that_is_not_at_hand_gives_nothing() -> None:
    columns = model({"measures": {"M1": mapped("Q")}}, "M1", source="GONE")
    assert (Kind.AGGREGATION, "") not in columns["M1"]


@pytest.mark.parametrize("marked", [True, False])
def test_a_cross_calculation_is_never_a_measure(*, marked: bool) -> None:
    term = "@AnalyticsDetails.query.onCharacteristicStructure"
    element = {"@AnalyticsDetails.measureType": "#RESTRICTION", **({term: True} if marked else {})}
    layers = {"E": {"crossCalculations": {} if marked else {"C": {"formulaRaw": "x"}}}}
    found = entity({"elements": {"C": element}}, layers=layers).columns["C"]
    assert not found[Kind.MEASURE, ""].accepts("true")
    assert not found[Kind.COLUMN, ""].required
