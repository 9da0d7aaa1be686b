"""Business context as parameters: canonical text, absent when empty."""

import json

import pytest

from datasphere_glue.mapping.context import column_context, roles, table_context
from datasphere_glue.mapping.json_texts import canonical
from datasphere_glue.mapping.records import record_value
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.asset_parts import Association, Hierarchy, ModelSource, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType

INT = SapType("Edm.Int32")


def test_absent_context_has_no_parameters() -> None:
    assert table_context(Asset("SALES", "V", Kind.VIEW)) == {}
    assert column_context(Element("A", INT)) == {"name": "A", "type": "Edm.Int32"}


def test_empty_texts_have_no_parameters() -> None:
    assert table_context(Asset("SALES", "V", Kind.VIEW, label="", description="", owner="")) == {}
    assert column_context(Element("A", INT, label="", unit="")) == {
        "name": "A",
        "type": "Edm.Int32",
    }


def test_lists_preserve_commas_quotes_and_unescaped_characters() -> None:
    context = table_context(
        Asset("S", "V", Kind.VIEW, tags=("a, b", 'say "hi"', "Größe"), usage=Usage.DIMENSION)
    )

    assert context == {"tags": '["a, b","say \\"hi\\"","Größe"]', "usage": "dimension"}


def test_objects_have_one_canonical_form() -> None:
    assert canonical({"b": 1, "a": ["ü"]}) == canonical({"a": ["ü"], "b": 1}) == '{"a":["ü"],"b":1}'
    assert canonical(["\ud800"]) == '["\ufffd"]'


def test_keys_dimensions_and_measures_are_listed_in_the_order_of_sap() -> None:
    elements = (
        Element("z", INT, key=True, dimension=True),
        Element("m", INT, measure=True),
        Element("a", INT, key=True),
    )

    context = table_context(Asset("S", "V", Kind.VIEW, elements=elements))

    assert context == {"keys": '["z","a"]', "dimensions": '["z"]', "measures": '["m"]'}


def test_full_texts_are_never_truncated() -> None:
    long = "Größe\n" * 5_000

    assert table_context(Asset("S", "V", Kind.VIEW, description=long))["description"] == long
    assert column_context(Element("A", INT, description=long))["description"] == long


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        (Element("A", INT), []),
        (Element("A", INT, attribute=True), ["attribute"]),
        (Element("A", INT, key=True, dimension=True), ["key", "dimension"]),
        (Element("A", INT, is_currency=True, dimension=True), ["currency", "dimension"]),
        (Element("A", INT, is_unit=True, attribute=True), ["unit", "attribute"]),
        (Element("A", INT, is_text=True), ["text"]),
        (Element("A", INT, measure=True, attribute=True), ["measure", "attribute"]),
    ],
)
def test_a_column_has_one_main_role_and_lists_all_roles(
    element: Element, expected: list[str]
) -> None:
    context = column_context(element)

    assert roles(element) == expected
    assert context.get("role") == (expected[0] if expected else None)
    assert json.loads(context.get("roles", "[]")) == (expected if len(expected) > 1 else [])


@pytest.mark.parametrize(("nullable", "expected"), [(True, "true"), (False, "false"), (None, None)])
def test_not_nullable_differs_from_undefined(nullable: bool | None, expected: str | None) -> None:  # noqa: FBT001 - a parametrised value
    assert column_context(Element("A", INT, nullable=nullable)).get("nullable") == expected


def test_a_column_is_a_key_or_has_no_key_parameter() -> None:
    assert column_context(Element("A", INT, key=True))["key"] == "true"
    assert "key" not in column_context(Element("A", INT, key=False))


def test_a_column_has_the_exact_names_of_currency_unit_text_and_association() -> None:
    context = column_context(
        Element(
            "A",
            INT,
            currency="Wäh rung",
            unit="Unit,Of",
            text="Text",
            association="_Customer",
            aggregation="SUM",
            semantics=("IsCalendarDate", "IsCalendarYear"),
            measure_type="CALCULATION",
            formula="a + b",
            sources=(("SALES", "T", "AMOUNT"),),
            modelled_type=SapType("cds.Decimal", precision=5, scale=1),
            hidden=True,
        )
    )

    assert context == {
        "name": "A",
        "type": "Edm.Int32",
        "currency": "Wäh rung",
        "unit": "Unit,Of",
        "text": "Text",
        "association": "_Customer",
        "aggregation": "SUM",
        "semantics": '["IsCalendarDate","IsCalendarYear"]',
        "measure_type": "CALCULATION",
        "formula": "a + b",
        "sources": '[["SALES","T","AMOUNT"]]',
        "modelled_type": "cds.Decimal(5,1)",
        "hidden": "true",
    }


def test_hierarchies_have_levels_or_parent_and_child() -> None:
    assert record_value(Hierarchy("H", "level", levels=("Year", "Month"))) == {
        "name": "H",
        "kind": "level",
        "levels": ["Year", "Month"],
    }
    assert record_value(
        Hierarchy("P", "parent_child", "Org", parent=("Up",), child=("Me",), association="_Dir")
    ) == {
        "name": "P",
        "kind": "parent_child",
        "label": "Org",
        "parent": ["Up"],
        "child": ["Me"],
        "association": "_Dir",
    }


def test_associations_have_target_and_column_pairs() -> None:
    link = Association("_C", "D_C", "MASTER", pairs=(("C", "ID"), ("X", "Y")), composition=True)

    assert record_value(link) == {
        "name": "_C",
        "space": "MASTER",
        "target": "D_C",
        "columns": [["C", "ID"], ["X", "Y"]],
        "composition": True,
    }
    assert record_value(Association("_C", "D_C")) == {"name": "_C", "target": "D_C"}


def test_an_optional_variable_differs_from_an_undefined_one() -> None:
    assert record_value(Variable("P", INT, mandatory=False)) == {
        "name": "P",
        "type": "Edm.Int32",
        "mandatory": False,
    }
    assert "mandatory" not in record_value(Variable("P", INT))


def test_an_analytic_model_lists_its_sources() -> None:
    source = ModelSource("fact", "F", "SALES", "V_ORDERS", associations=("_C",))

    assert record_value(source) == {
        "role": "fact",
        "name": "F",
        "space": "SALES",
        "target": "V_ORDERS",
        "associations": ["_C"],
    }


def test_pairs_are_an_object_and_also_a_list_if_the_object_loses_order_or_repetition() -> None:
    plain = Asset("S", "V", Kind.VIEW, custom=(("a", "1"), ("b", "2")))
    ordered = Asset("S", "V", Kind.VIEW, custom=(("b", "2"), ("a", "1"), ("a", "0")))

    assert table_context(plain) == {"custom": '{"a":"1","b":"2"}'}
    assert table_context(ordered) == {
        "custom": '{"a":"0","b":"2"}',
        "pairs": '{"custom":[["b","2"],["a","1"],["a","0"]]}',
    }
    assert record_value(Association("_C", "D", custom=(("b", ""), ("a", ""))))["custom"] == (
        ("b", ""),
        ("a", ""),
    )


def test_a_default_that_is_empty_differs_from_no_default() -> None:
    assert record_value(Variable("P", INT, default=""))["default"] == ""
    assert "default" not in record_value(Variable("P", INT))


def test_an_untyped_column_has_no_type_parameter() -> None:
    assert column_context(Element("A", SapType(""))) == {"name": "A"}
    assert "type" not in record_value(Variable("P", SapType("")))
