"""Columns of a CSN entity: types, roles, references and unknown annotations."""

import pytest

from datasphere_glue.datasphere.csn.parser import parse_definition
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from tests.unit.datasphere.csn.samples import column, document, read


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ({"type": "cds.String", "length": 10}, SapType("cds.String", length=10)),
        (
            {"type": "cds.Decimal", "precision": 17, "scale": 2},
            SapType("cds.Decimal", precision=17, scale=2),
        ),
        ({"type": "cds.Decimal", "scale": "Floating"}, SapType("cds.Decimal", scale="floating")),
        ({"type": "cds.hana.ST_POINT", "srid": 4326}, SapType("cds.hana.ST_POINT", srid="4326")),
        ({"type": "cds.String", "length": "12"}, SapType("cds.String", length=12)),
        ({"items": {"type": "cds.Date"}}, SapType("Collection", items=SapType("cds.Date"))),
        (
            {"elements": {"x": {"type": "cds.Date"}, "_l": {"type": "cds.Association"}}},
            SapType("Structure", fields=(("x", SapType("cds.Date")),)),
        ),
        (
            {"type": "cds.String", "length": 1, "enum": {"OPEN": {"val": "O"}, "DONE": {}}},
            SapType("cds.String", items=SapType("cds.String", length=1), values=("OPEN", "DONE")),
        ),
        ({}, UNTYPED),
    ],
)
def test_a_type_has_its_facets_and_its_parts(element: dict[str, object], expected: SapType) -> None:
    assert column(element).type == expected


@pytest.mark.parametrize(
    ("written", "marked"),
    [
        (True, True),
        ("true", True),
        ("TRUE", True),
        (False, False),
        ("false", False),
        ("yes", False),
    ],
)
def test_a_mark_may_be_written_as_text(written: object, marked: bool) -> None:  # noqa: FBT001
    marks = {"@Semantics.currencyCode": written, "@Semantics.text": written}
    element = column({"type": "cds.String", **marks})
    assert (element.is_currency, element.is_text) == (marked, marked)


def test_named_types_are_resolved_and_the_facets_of_the_element_take_precedence() -> None:
    types = {
        "money": {"kind": "type", "type": "amount", "precision": 20},
        "amount": {"kind": "type", "type": "cds.Decimal", "precision": 10, "scale": 3},
    }
    assert column({"type": "money", "scale": 2}, **types).type == SapType(
        "cds.Decimal", precision=20, scale=2
    )


def test_a_named_enum_and_a_named_structure_retain_their_names() -> None:
    types = {
        "state": {"kind": "type", "type": "cds.String", "enum": {"A": {}, "B": {}}},
        "place": {"kind": "type", "elements": {"city": {"type": "cds.String"}}},
    }
    assert column({"type": "state"}, **types).type == SapType(
        "state", items=SapType("cds.String"), values=("A", "B")
    )
    assert column({"type": "place"}, **types).type == SapType(
        "place", fields=(("city", SapType("cds.String")),)
    )


def test_a_type_may_refer_to_a_column_of_another_entity() -> None:
    other = {"kind": "entity", "elements": {"ID": {"type": "cds.String", "length": 4}}}
    assert column({"type": {"ref": ["T", "ID"]}}, T=other).type == SapType("cds.String", length=4)


def test_cyclic_and_undefined_types_are_noted_and_retain_their_names() -> None:
    circle = {"a": {"kind": "type", "type": "b"}, "b": {"kind": "type", "type": "a"}}
    definition = read(document({"C": {"type": "a"}, "D": {"type": "gone"}}, **circle))
    assert [e.type.name for e in definition.asset.elements] == ["a", "gone"]
    assert definition.notes == (
        "type a is not defined in the document",
        "type gone is not defined in the document",
    )


def test_a_recursive_structure_ends_at_its_name() -> None:
    node = {"kind": "type", "elements": {"next": {"type": "node"}}}
    sap_type = column({"type": "node"}, node=node).type
    assert sap_type == SapType("node", fields=(("next", SapType("node")),))


def test_structures_that_multiply_cost_their_type_alone() -> None:
    types = {
        f"t{i}": {"kind": "type", "elements": {k: {"type": f"t{i + 1}"} for k in "abcdefgh"}}
        for i in range(30)
    }
    (multiplying, later) = read(
        document({"C": {"type": "t0"}, "D": {"type": "cds.Date"}}, **types)
    ).asset.elements
    assert (multiplying.type, later.name) == (UNTYPED, "D")
    assert "definitions/V/elements/C" in (multiplying.unread or "")


def test_a_column_inherits_the_annotations_of_its_named_type() -> None:
    types = {
        "money": {
            "kind": "type",
            "type": "cds.Decimal",
            "@EndUserText.label": "Money",
            "@Aggregation.default": {"#": "SUM"},
        }
    }
    assert column({"type": "money"}, **types).label == "Money"
    element = column({"type": "money", "@EndUserText.label": "Own"}, **types)
    assert (element.label, element.aggregation) == ("Own", "SUM")
    assert column({"type": "money", "@EndUserText.label": None}, **types).label is None


def test_aggregation_type_currency_and_unit_of_a_measure_are_read() -> None:
    element = column(
        {
            "type": "cds.Decimal",
            "@AnalyticsDetails.measureType": {"#": "BASE"},
            "@Aggregation.default": {"#": "SUM"},
            "@Semantics.amount.currencyCode": {"=": "CUR"},
            "@Semantics.quantity.unitOfMeasure": {"=": "UNIT"},
        }
    )
    assert element == Element(
        name="C",
        type=SapType("cds.Decimal"),
        measure=True,
        measure_type="BASE",
        aggregation="SUM",
        currency="CUR",
        unit="UNIT",
    )


def test_a_column_with_aggregation_none_is_not_a_measure() -> None:
    element = column({"type": "cds.Integer", "@DefaultAggregation": {"#": "NONE"}})
    assert (element.measure, element.aggregation) == (False, "NONE")


def test_key_text_foreign_key_and_hidden_of_a_column_are_read() -> None:
    element = column(
        {
            "type": "cds.String",
            "key": True,
            "notNull": True,
            "@EndUserText.label": "Kunde, „A“ 😀",
            "@EndUserText.quickInfo": "Who buys",
            "@ObjectModel.text.element": [{"=": "NAME"}],
            "@ObjectModel.text.association": {"=": "_text"},
            "@ObjectModel.foreignKey.association": {"=": "_customer"},
            "@Analytics.hidden": True,
            "@Analytics.dimension": True,
        }
    )
    assert element == Element(
        name="C",
        type=SapType("cds.String"),
        label="Kunde, „A“ 😀",
        description="Who buys",
        key=True,
        nullable=False,
        dimension=True,
        text="NAME",
        text_association="_text",
        association="_customer",
        hidden=True,
    )


@pytest.mark.parametrize("term", ["ObjectModel.text.element", "Common.Text"])
def test_further_text_columns_have_a_field(term: str) -> None:
    element = column({"type": "cds.String", f"@{term}": [{"=": "A"}, {"=": "B"}, "C"]})
    assert (element.text, element.further_texts, element.custom) == ("A", ("B", "C"), ())


def test_semantics_are_mapped_to_the_odata_terms_that_exist() -> None:
    terms = ("date", "calendar.yearMonth", "businessDate.from", "geoLocation.latitude", "language")
    element = column({"type": "cds.String", **{f"@Semantics.{t}": True for t in terms}})
    assert element.semantics == (
        "IsCalendarDate",
        "IsCalendarYearMonth",
        "businessDate.from",
        "geoLocation.latitude",
        "IsLanguageIdentifier",
    )


def test_nested_and_dotted_annotations_are_equivalent() -> None:
    nested = column(
        {
            "type": "cds.String",
            "@EndUserText": {"label": "L"},
            "@ObjectModel": {"text": {"element": [{"=": "T"}]}},
            "@Semantics": {"calendar": {"year": True}},
        }
    )
    assert (nested.label, nested.text, nested.semantics) == ("L", "T", ("IsCalendarYear",))


def test_null_and_empty_parts_of_a_nested_annotation_say_nothing() -> None:
    element = {"type": "Town", "@EndUserText": {"label": "", "heading": None, "quickInfo": "Own"}}
    town = {"type": "cds.String", "@EndUserText": {"label": "Town", "heading": "T"}}
    read_as = column(element, Town=town)
    assert (read_as.label, read_as.heading, read_as.description) == (None, None, "Own")
    assert read_as.custom == ()


def test_unknown_annotations_are_stored_and_counted() -> None:
    definition = read(
        document(
            {
                "C": {
                    "type": "cds.String",
                    "@custom.steward": "jane",
                    "@acme.list": [1, {"#": "X"}],
                    "@EndUserText.label": 7,
                    "localized": True,
                    "virtual": False,
                },
                "D": {"type": "cds.String", "@custom.steward": "joe", "@odata.singleton": True},
            }
        )
    )
    assert dict(definition.asset.elements[0].custom) == {
        "EndUserText.label": "7",
        "acme.list": '[1,{"#":"X"}]',
        "custom.steward": "jane",
        "localized": "true",
    }
    assert definition.unknown_terms == (
        ("EndUserText.label", 1),
        ("acme.list", 1),
        ("custom.steward", 2),
    )
    assert definition.ignored_terms == (("odata.singleton", 1),)


def test_labels_follow_the_language_preference() -> None:
    csn = document({"C": {"type": "cds.String", "@EndUserText.label": "{i18n>K}"}})
    csn["i18n"] = {"de": {"K": "Kunde"}, "en": {"K": "Customer"}}

    def label(*languages: str) -> str | None:
        return read(csn, languages=languages).asset.elements[0].label

    assert label("en") == "Customer"
    assert label("fr", "de") == "Kunde"
    assert label() == "Kunde"


@pytest.mark.parametrize(
    ("element", "sap_type", "unread"),
    [
        ({"type": "cds.String", "length": -1}, SapType("cds.String", length="-1"), None),
        ({"type": "cds.String", "length": True}, SapType("cds.String", length="true"), None),
        ({"type": "cds.String", "length": "10"}, SapType("cds.String", length=10), None),
        ({"type": "cds.String", "length": 10.0}, SapType("cds.String", length=10), None),
        ({"type": "cds.String", "length": [1]}, SapType("cds.String", length="[1]"), None),
        ({"type": "cds.Decimal", "scale": "Wide"}, SapType("cds.Decimal", scale="Wide"), None),
        ({"type": "cds.Date", "enum": [1]}, SapType("cds.Date"), None),
        ({"type": 7}, UNTYPED, "a type is no name but 7"),
        ({"items": 7}, UNTYPED, "expected an object, found int"),
        ("x", UNTYPED, "its definition is no object but str"),
        (None, UNTYPED, "its definition is no object but nothing"),
        ({"type": "cds.Date", "notNull": "maybe"}, SapType("cds.Date"), "notNull 'maybe' cannot"),
        ({"type": "cds.Date", "key": [1]}, SapType("cds.Date"), "key '[1]' cannot be read"),
    ],
)
def test_a_malformed_element_is_a_column_without_the_part_that_cannot_be_read(
    element: object, sap_type: SapType, unread: str | None
) -> None:
    definition = read(
        {"definitions": {"V": {"kind": "entity", "elements": {"C": element, "D": {}}}}}
    )
    column, other = definition.asset.elements
    assert (column.name, column.type, other.name) == ("C", sap_type, "D")
    assert (unread or "") in (column.unread or "")
    assert (column.unread is None) == (unread is None)


def test_booleans_in_another_spelling_are_read() -> None:
    element = column({"type": "cds.Date", "key": "TRUE", "notNull": 1})
    assert (element.key, element.nullable, element.unread) == (True, False, None)


def test_columns_without_a_name_or_with_a_doubled_one_are_all_there() -> None:
    text = (
        '{"definitions": {"V": {"kind": "entity", "elements": {'
        '"A": {"type": "cds.Date"}, "": {"type": "cds.Date"}, "A": {"type": "cds.Integer"},'
        ' "a": {"type": "cds.Date"}, "B\\ud800": {}, "B\\ud801": {}}}}}'
    )
    definition = parse_definition(text.encode(), "V", space="S")
    names = [element.name for element in definition.asset.elements]
    assert names == ["A", "COLUMN_2", "A_2", "a", "B\ufffd", "B\ufffd_2"]
    assert [bool(e.unread) for e in definition.asset.elements] == [
        False,
        True,
        True,
        False,
        True,
        True,
    ]
    assert "keys occur twice: A" in definition.notes


def test_an_association_without_a_target_costs_itself_alone() -> None:
    definition = read(document({"A": {"type": "cds.Date"}, "_a": {"type": "cds.Association"}}))
    assert [element.name for element in definition.asset.elements] == ["A"]
    assert "the association _a was left out" in definition.notes[0]


def test_elements_that_are_no_object_are_an_error_with_the_path() -> None:
    with pytest.raises(DocumentError) as caught:
        read({"definitions": {"V": {"kind": "entity", "elements": []}}})
    assert caught.value.path == "definitions/V/elements"


def test_a_standard_annotation_without_a_field_is_stored_and_not_counted_as_unknown() -> None:
    element = {"type": "cds.LargeString", "@Semantics.largeObject.fileName": {"=": "D"}}
    definition = read(document({"C": element}))
    assert dict(definition.asset.elements[0].custom) == {
        "Semantics.largeObject.fileName": '{"=":"D"}'
    }
    assert definition.unknown_terms == ()


def test_an_empty_label_is_ignored() -> None:
    element = column({"type": "cds.String", "@EndUserText.label": "", "@Common.Label": "Old"})
    assert (element.label, element.custom) == ("Old", ())


def test_a_measure_type_alone_makes_a_measure() -> None:
    assert column({"@AnalyticsDetails.measureType": {"#": "CALCULATION"}}).measure
