"""The rendered metadata documents have the shape of documents recorded from tenants."""

from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from local.tenant.edmx import Form, edm_type, identifier, relabel, render
from local.tenant.files import load_recorded

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
MEASURE = {"@AnalyticsDetails.measureType": {"#": "BASE"}, "@Aggregation.default": {"#": "SUM"}}
LINES: dict[str, Any] = {
    "kind": "entity",
    "@EndUserText.label": "Order lines",
    "elements": {
        "ID": {"type": "cds.String", "length": 10, "key": True, "notNull": True},
        "AMOUNT": {
            "type": "cds.Decimal",
            "precision": 17,
            "scale": 2,
            "@EndUserText.label": "Amount",
            **MEASURE,
        },
        "LEAD_TIME": {
            "type": "cds.Decimal",
            "precision": 3,
            "scale": 0,
            "@EndUserText.label": "Days",
        },
        "Sold to party": {"type": "cds.String", "length": 10, "@Analytics.dimension": True},
        "_ITEM": {"type": "cds.Association", "target": "ITEM", "on": []},
    },
}


def properties(document: str) -> dict[str, dict[str, str]]:
    nodes = fromstring(document).iter(f"{EDM}Property")
    return {str(element.get("Name")): dict(element.items()) for element in nodes}


def terms(document: str) -> dict[str, list[tuple[str, str | None]]]:
    """Return, by target without its namespace, the terms with their constant values in order."""
    return {
        str(block.get("Target")).partition(".")[2]: [
            (
                str(annotation.get("Term")),
                next((v for k, v in annotation.items() if k != "Term"), None),
            )
            for annotation in block
        ]
        for block in fromstring(document).iter(f"{EDM}Annotations")
    }


def test_the_relational_form_has_keys_and_nullable() -> None:
    document = render("LINES", LINES, Form.RELATIONAL)

    assert 'Schema Namespace="StandaloneService"' in document
    assert [ref.get("Name") for ref in fromstring(document).iter(f"{EDM}PropertyRef")] == ["ID"]
    assert list(properties(document)) == ["ID", "AMOUNT", "LEAD_TIME", "Sold_to_party"]
    assert properties(document)["ID"]["Nullable"] == "false"
    assert properties(document)["LEAD_TIME"]["Scale"] == "0"


def test_the_analytical_form_has_no_keys_or_nullable_and_another_order() -> None:
    document = render("LINES", LINES, Form.ANALYTICAL)

    assert 'Schema Namespace="InaApplicationService"' in document
    assert "<Key>" not in document
    assert "Nullable" not in document
    assert set(properties(document)) == {"ID", "AMOUNT", "LEAD_TIME", "Sold_to_party"}
    assert list(properties(document)) != ["ID", "AMOUNT", "LEAD_TIME", "Sold_to_party"]
    assert "Scale" not in properties(document)["LEAD_TIME"]
    assert properties(document)["AMOUNT"]["Scale"] == "2"


def test_the_two_forms_have_different_terms_for_dimension() -> None:
    relational = terms(render("LINES", LINES, Form.RELATIONAL))
    analytical = terms(render("LINES", LINES, Form.ANALYTICAL))

    original = ("DataIntegration.OriginalName", "Sold to party")
    assert relational["LINES/Sold_to_party"] == [("Analytics.dimension", "true"), original]
    assert analytical["LINES/Sold_to_party"] == [("Analytics.Dimension", "true"), original]


def test_only_the_analytical_form_has_measures() -> None:
    relational = terms(render("LINES", LINES, Form.RELATIONAL))
    analytical = terms(render("LINES", LINES, Form.ANALYTICAL))

    assert relational["LINES/AMOUNT"] == [("Common.Label", "Amount")]
    assert analytical["LINES/AMOUNT"] == [("Common.Label", "Amount"), ("Analytics.measure", "true")]
    assert analytical["LINES/LEAD_TIME"] == [
        ("Analytics.Dimension", "true"),
        ("Common.Label", "Days"),
    ]


def test_mandatory_keys_are_marked_and_annotations_are_external() -> None:
    document = render("LINES", LINES, Form.RELATIONAL)

    mandatory = ("Common.FieldControl", "Common.FieldControlType/Mandatory")
    assert terms(document)["LINES/ID"] == [mandatory]
    inside = [a for e in fromstring(document).iter(f"{EDM}EntityType") for a in e.iter()]
    assert not [element for element in inside if element.tag == f"{EDM}Annotation"]


def test_only_used_vocabularies_are_included() -> None:
    plain = render("LINES", {"elements": {"A": {"type": "cds.String"}}}, Form.RELATIONAL)
    modelled = render("LINES", LINES, Form.ANALYTICAL)

    def aliases(document: str) -> list[str]:
        return [part.partition('"')[0] for part in document.split('Alias="')[1:]]

    assert aliases(plain) == ["Capabilities", "Common", "Core"]
    assert aliases(modelled) == [
        "Aggregation",
        "Analytics",
        "Capabilities",
        "Common",
        "Core",
        "DataIntegration",
    ]


def test_count_is_restricted_in_the_analytical_form_only() -> None:
    assert "Countable" in render("LINES", LINES, Form.ANALYTICAL)
    assert "Countable" not in render("LINES", LINES, Form.RELATIONAL)


def test_names_that_odata_does_not_allow_are_stored_in_original_name() -> None:
    view: dict[str, Any] = {"elements": {"/BIC/Z": {}, "0CAL": {}}, "params": {"1 P": {}}}
    document = render("/BIC/AZ.1", {"elements": view["elements"]}, Form.RELATIONAL)

    assert list(properties(document)) == ["_BIC_Z", "_0CAL"]
    assert terms(document)["_BIC_AZ_1"] == [("DataIntegration.OriginalName", "/BIC/AZ.1")]
    assert terms(document)["_BIC_AZ_1/_BIC_Z"] == [("DataIntegration.OriginalName", "/BIC/Z")]
    assert terms(document)["_BIC_AZ_1/_0CAL"] == [("DataIntegration.OriginalName", "0CAL")]
    parameters = terms(render("3M", view, Form.RELATIONAL))
    assert parameters["_3MParameters/_1_P"] == [("DataIntegration.OriginalName", "1 P")]
    assert parameters["_3MType"] == [("DataIntegration.OriginalName", "3M")]


def test_a_name_that_is_taken_gets_a_number() -> None:
    link = {"type": "cds.Association", "target": "D", "on": []}
    view = {"elements": {"A B": {}, "A_B": {}, "A.B": {}, "0DAY": {}, "_0DAY": link}}
    leveled = [{"name": "H", "levels": [{"element": {"=": "0DAY"}}]}]
    document = render("V", {**view, "@Hierarchy.leveled": leveled}, Form.RELATIONAL)

    assert list(properties(document)) == ["A_B_1", "A_B", "A_B_2", "_0DAY_1"]
    assert '<PropertyValue Property="element" Path="_0DAY_1"/>' in document
    assert terms(document)["V/A_B_1"] == [("DataIntegration.OriginalName", "A B")]
    assert "V/A_B" not in terms(document)


def test_hierarchies_become_collections_of_records() -> None:
    leveled = [{"name": "H", "label": "By year", "levels": [{"element": {"=": "YEAR"}}]}]
    parents = [{"name": "P", "recurse": {"parent": [{"=": "UP"}], "child": [{"=": "ID"}]}}]
    view = {"elements": {}, "@Hierarchy.leveled": leveled, "@Hierarchy.parentChild": parents}
    document = render("V", view, Form.RELATIONAL)

    assert '<PropertyValue Property="element" Path="YEAR"/>' in document
    assert '<PropertyValue Property="label" String="By year"/>' in document
    assert [term for term, _ in terms(document)["V"]] == [
        "Hierarchy.leveled",
        "Hierarchy.parentChild",
    ]
    assert "<Path>UP</Path>" in document
    assert "Hierarchy" not in render("V", view, Form.ANALYTICAL)


def test_parameters_are_the_key_of_a_separate_entity() -> None:
    view = {
        "params": {"P_DAY": {"type": "cds.Date", "@EndUserText.label": "Key date"}},
        "elements": {"ID": {"type": "cds.Integer", "key": True}},
    }
    document = render("V", view, Form.RELATIONAL)

    root = fromstring(document)
    types = [entity.get("Name") for entity in root.iter(f"{EDM}EntityType")]
    assert types == ["VParameters", "VType"]
    navigation = next(root.iter(f"{EDM}NavigationProperty"))
    assert (navigation.get("Name"), navigation.get("Type")) == (
        "Set",
        "Collection(StandaloneService.VType)",
    )
    entity_set = next(root.iter(f"{EDM}EntitySet"))
    assert entity_set.get("EntityType") == "StandaloneService.VParameters"
    assert terms(document)["VParameters/P_DAY"] == [("Common.Label", "Key date")]


@pytest.mark.parametrize(
    ("element", "relational", "analytical"),
    [
        ({"type": "cds.String", "length": 8}, {"Type": "Edm.String", "MaxLength": "8"}, None),
        ({"type": "cds.String"}, {"Type": "Edm.String", "MaxLength": "5000"}, None),
        ({"type": "cds.LargeString"}, {"Type": "Edm.String"}, None),
        ({"type": "cds.hana.TINYINT"}, {"Type": "Edm.Byte"}, None),
        ({"type": "cds.Integer64"}, {"Type": "Edm.Int64"}, None),
        ({"type": "cds.Timestamp"}, {"Type": "Edm.DateTimeOffset", "Precision": "7"}, None),
        ({"type": "cds.DateTime"}, {"Type": "Edm.DateTimeOffset"}, None),
        ({"type": "cds.Time"}, {"Type": "Edm.TimeOfDay"}, None),
        ({"type": "cds.Binary", "length": 16}, {"Type": "Edm.Binary", "MaxLength": "16"}, None),
        ({"type": "cds.hana.ST_POINT", "srid": 4326}, {"Type": "Edm.String"}, None),
        (
            {"type": "cds.Decimal"},
            {"Type": "Edm.Decimal", "Scale": "variable"},
            {"Type": "Edm.Decimal"},
        ),
        (
            {"type": "cds.DecimalFloat"},
            {"Type": "Edm.Decimal", "Scale": "floating"},
            {"Type": "Edm.Decimal"},
        ),
        (
            {"type": "cds.Decimal", "precision": 9, "scale": 0},
            {"Type": "Edm.Decimal", "Precision": "9", "Scale": "0"},
            {"Type": "Edm.Decimal", "Precision": "9"},
        ),
        ({}, {"Type": "Edm.String"}, None),
        (MEASURE, {"Type": "Edm.Decimal"}, None),
    ],
)
def test_types_and_facets_are_rendered(
    element: dict[str, Any], relational: dict[str, str], analytical: dict[str, str] | None
) -> None:
    assert edm_type(element, Form.RELATIONAL) == relational
    assert edm_type(element, Form.ANALYTICAL) == (analytical or relational)


@given(name=st.text(min_size=1), label=st.text())
def test_any_text_gives_well_formed_xml_with_the_text_unchanged(name: str, label: str) -> None:
    view = {"@EndUserText.label": label, "elements": {name: {"@EndUserText.label": label}}}
    document = render(name, view, Form.RELATIONAL)

    legal = "".join(c for c in label if c >= " " or c in "\t\n\r")
    legal = "".join(c for c in legal if not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    assert list(properties(document)) == [identifier(name)]
    assert ("Common.Label", legal) in terms(document)[identifier(name)]


@given(label=st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"])))
def test_relabelling_changes_only_one_label(label: str) -> None:
    document = render("LINES", LINES, Form.RELATIONAL)
    changed = {**LINES, "elements": {**LINES["elements"]}}
    changed["elements"]["LEAD_TIME"] = {
        **LINES["elements"]["LEAD_TIME"],
        "@EndUserText.label": label,
    }

    assert relabel(document, "LINES/LEAD_TIME", label) == render("LINES", changed, Form.RELATIONAL)


def test_relabelling_an_object_without_a_label_is_an_error() -> None:
    with pytest.raises(KeyError):
        relabel(render("LINES", LINES, Form.RELATIONAL), "LINES/ID", "Identifier")


def test_recorded_definitions_render_to_the_recorded_documents(real: Path) -> None:
    compared = 0
    for space in load_recorded(real / "recorded"):
        for entry in space.entries:
            if Form.RELATIONAL in entry.raw and entry.definition:
                rendered = render(entry.name, entry.definition, Form.RELATIONAL)
                assert rendered == entry.raw[Form.RELATIONAL]
                compared += 1

    assert compared >= 2
