"""Literal currencies and units, enumerations, default values and value helps of columns."""

from typing import Any

import pytest

from datasphere_glue.model.element import Element, EnumValue
from tests.unit.datasphere.csn.samples import column, document, read

STATE = {
    "kind": "type",
    "type": "cds.String",
    "length": 2,
    "@EndUserText.label": "State",
    "enum": {"RAW": {"val": "R1", "@EndUserText.label": "Not baked"}, "DONE": {"val": "D1"}},
    "default": {"val": "R1"},
}
STATES = (EnumValue("RAW", "R1", "Not baked"), EnumValue("DONE", "D1"))


def priced(value: Any, term: str = "Semantics.amount.currencyCode", **more: Any) -> Element:
    """Return a column with a currency, beside the column `CUR` and the link `_cur`."""
    csn = document(
        {
            "C": {"type": "cds.Decimal", f"@{term}": value, **more},
            "CUR": {"type": "cds.String"},
            "_cur": {"type": "cds.Association", "target": "T"},
        }
    )
    return read(csn).asset.elements[0]


@pytest.mark.parametrize(
    ("value", "name", "literal"),
    [
        ({"=": "CUR"}, "CUR", None),
        ({"=": "GONE"}, "GONE", None),
        ({"=": "_cur.CODE"}, "_cur.CODE", None),
        ([{"=": "CUR"}], "CUR", None),
        ("CUR", "CUR", None),
        ("CHF", None, "CHF"),
        ("cur", None, "cur"),
        ("_cur", None, "_cur"),
        ({"#": "EUR"}, None, "EUR"),
        ({"=": "'EUR'", "val": "EUR"}, None, "EUR"),
        ("€", None, "€"),
    ],
)
@pytest.mark.parametrize("term", ["Semantics.amount.currencyCode", "Measures.ISOCurrency"])
def test_a_currency_is_a_column_or_a_literal(
    term: str, value: Any, name: str | None, literal: str | None
) -> None:
    element = priced(value, term)
    assert (element.currency, element.currency_value, element.custom) == (name, literal, ())


@pytest.mark.parametrize("term", ["Semantics.quantity.unitOfMeasure", "Measures.Unit"])
def test_a_unit_is_a_column_or_a_literal(term: str) -> None:
    assert (priced("KGM", term).unit, priced("KGM", term).unit_value) == (None, "KGM")
    assert (priced("CUR", term).unit, priced("CUR", term).unit_value) == ("CUR", None)


@pytest.mark.parametrize("value", [7, [], {}, {"=": ""}, [{"=": "CUR"}, {"=": "B"}]])
def test_a_currency_in_another_form_stays_custom(value: Any) -> None:
    element = priced(value)
    assert element.currency_value is None
    assert [term for term, _ in element.custom] == ["Semantics.amount.currencyCode"]


def test_two_terms_that_agree_are_one_currency_and_others_stay() -> None:
    same = priced("CHF", **{"@Measures.ISOCurrency": "CHF"})
    assert (same.currency_value, same.custom) == ("CHF", ())
    other = priced({"=": "CUR"}, **{"@Measures.ISOCurrency": "CHF"})
    assert (other.currency, other.currency_value) == ("CUR", None)
    assert other.custom == (("Measures.ISOCurrency", "CHF"),)


def test_a_column_without_a_currency_has_none() -> None:
    element = column({"type": "cds.Decimal", "@Semantics.amount.currencyCode": None})
    assert (element.currency, element.currency_value) == (None, None)


def test_a_column_inherits_values_default_and_label_of_its_type() -> None:
    element = column({"type": "State"}, State=STATE)
    assert (element.label, element.values, element.default) == ("State", STATES, "R1")
    assert element.custom == ()


def test_values_are_inherited_through_a_chain_of_types() -> None:
    chain = {
        "Narrow": {"kind": "type", "type": "Wide", "@EndUserText.label": "Narrow"},
        "Wide": {"kind": "type", "type": "State", "default": {"val": "D1"}},
        "State": STATE,
    }
    element = column({"type": "Narrow"}, **chain)
    assert (element.label, element.values, element.default) == ("Narrow", STATES, "D1")


def test_a_column_of_the_type_of_another_column_has_its_values() -> None:
    csn = document({"A": STATE | {"kind": "element"}, "B": {"type": {"ref": ["V", "A"]}}})
    assert read(csn).asset.elements[1].values == STATES


def test_what_a_column_says_itself_wins() -> None:
    own = {"type": "State", "enum": {"ANY": {"val": "A1"}}, "default": {"val": "A1"}}
    element = column(own, State=STATE)
    assert (element.values, element.default) == ((EnumValue("ANY", "A1"),), "A1")
    nothing = column({"type": "State", "enum": None, "default": None}, State=STATE)
    assert (nothing.values, nothing.default) == ((), None)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({}, EnumValue("X", "X")),
        (None, EnumValue("X", "X")),
        ("x", EnumValue("X", "x")),
        ({"val": 0}, EnumValue("X", "0")),
        ({"val": ""}, EnumValue("X", "")),
        ({"val": False}, EnumValue("X", "false")),
        ({"val": {"#": "other"}}, EnumValue("X", "other")),
        ({"val": "1", "@Common.Label": "One"}, EnumValue("X", "1", "One")),
        ({"val": "1", "@EndUserText": {"label": "One"}}, EnumValue("X", "1", "One")),
        ({"val": "1", "doc": "First"}, EnumValue("X", "1", None, "First")),
        (
            {"val": "1", "@EndUserText.label": "{i18n>ONE}", "@EndUserText.quickInfo": "First"},
            EnumValue("X", "1", "Eins", "First"),
        ),
    ],
)
def test_each_form_of_a_value_is_read(written: Any, value: EnumValue) -> None:
    csn = document({"C": {"type": "cds.String", "enum": {"X": written}}})
    csn["i18n"] = {"de": {"ONE": "Eins"}, "en": {"ONE": "One"}}
    assert read(csn, languages=("de",)).asset.elements[0].values == (value,)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ({"val": "R1"}, "R1"),
        ({"val": 0}, "0"),
        ({"val": 2.5}, "2.5"),
        ({"val": True}, "true"),
        ({"val": False}, "false"),
        ("plain", "plain"),
        (False, "false"),
        (3, "3"),
        ({"func": "CURRENT_UTCTIMESTAMP"}, "CURRENT_UTCTIMESTAMP"),
        ({"ref": ["$now"]}, "$now"),
        ({"#": "DONE"}, "D1"),
        ({"#": "NONE"}, "NONE"),
        ({"#": ["DONE"]}, '["DONE"]'),
        ({"xpr": [{"val": 1}, "+", {"val": 2}]}, '{"xpr":[{"val":1},"+",{"val":2}]}'),
        ({"val": None}, None),
        (None, None),
    ],
)
def test_each_form_of_a_default_is_read(written: Any, text: str | None) -> None:
    element = column({"type": "cds.String", "enum": {"DONE": {"val": "D1"}}, "default": written})
    assert element.default == text


def test_an_enumeration_in_another_form_stays_custom() -> None:
    element = column({"type": "cds.Date", "enum": [1]})
    assert (element.values, element.custom) == ((), (("enum", "[1]"),))


def test_a_value_help_names_what_lists_the_values() -> None:
    entity = {"entity": {"name": "V_CITY", "element": "ID"}, "distinctValues": True}
    element = column({"@Consumption.valueHelpDefinition": [entity]})
    assert dict(element.value_help) == {
        "entity.name": "V_CITY",
        "entity.element": "ID",
        "distinctValues": "true",
    }
    by_link = column({"@Consumption.valueHelpDefinition": [{"association": {"=": "_city"}}]})
    assert by_link.value_help == (("association", "_city"),)


def test_two_value_helps_stay_custom() -> None:
    help_list = [{"entity": {"name": "A"}}, {"entity": {"name": "B"}}]
    element = column({"@Consumption.valueHelpDefinition": help_list})
    assert element.value_help == ()
    assert [term for term, _ in element.custom] == ["Consumption.valueHelpDefinition"]
