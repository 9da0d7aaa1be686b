from contextlib import suppress
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.datasphere.odata.csdl import parse_metadata
from datasphere_glue.datasphere.odata.edmx import MAX_DOCUMENT
from datasphere_glue.datasphere.odata.metadata import EntityMetadata, merge_forms
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Usage
from datasphere_glue.model.asset_parts import Association, Hierarchy, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from local.tenant.edmx import Form, render

INCLUDES = {
    "Aggregation": "Org.OData.Aggregation.V1",
    "Analytics": "com.sap.vocabularies.Analytics.v1",
    "Capabilities": "Org.OData.Capabilities.V1",
    "Common": "com.sap.vocabularies.Common.v1",
    "Core": "Org.OData.Core.V1",
    "DataIntegration": "com.sap.vocabularies.DataIntegration.v1",
    "Hierarchy": "com.sap.vocabularies.Hierarchy.v1",
    "Measures": "Org.OData.Measures.V1",
    "Semantics": "com.sap.vocabularies.Semantics.v1",
}
V = '<EntityType Name="V"><Property Name="A" Type="Edm.Int32"/></EntityType>'
KEYED = (
    '<EntityType Name="V"><Key><PropertyRef Name="A"/></Key>'
    '<Property Name="A" Type="Edm.Int32" Nullable="false"/><Property Name="B" Type="Edm.Date"/>'
    '<Property Name="C" Type="Edm.String" Nullable="true"/></EntityType>'
)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))


def edmx(*content: str, includes: dict[str, str] | None = None, alias: str = "") -> bytes:
    """Return a document with one schema `S` of this content."""
    references = "".join(
        f'<edmx:Reference Uri="{ns}.xml"><edmx:Include Alias="{name}" Namespace="{ns}"/>'
        "</edmx:Reference>"
        for name, ns in (INCLUDES if includes is None else includes).items()
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
        f'{references}<edmx:DataServices><Schema Namespace="S" {alias}'
        ' xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        f"{''.join(content)}</Schema></edmx:DataServices></edmx:Edmx>"
    ).encode()


def about(target: str, *annotations: str) -> str:
    """Return an external `Annotations` element; each annotation is `Term` with attributes."""
    inner = "".join(f"<Annotation Term={one}/>" for one in annotations)
    return f'<Annotations Target="{target}">{inner}</Annotations>'


def column(*annotations: str) -> Element:
    """Return the only column of a view, with these annotations."""
    return parse_metadata(edmx(V, about("S.V/A", *annotations)), "V").elements[0]


# Terms and targets


@pytest.mark.parametrize(
    ("term", "includes"),
    [
        ("Common.Label", None),
        ("common.LABEL", None),
        ("com.sap.vocabularies.Common.v1.Label", None),
        ("com.sap.vocabularies.Common.v1.Label", {}),
        ("Common.Label", {}),
        ("c.Label", {"c": INCLUDES["Common"]}),
        ("SAP__common.Label", {"SAP__common": INCLUDES["Common"]}),
    ],
)
def test_a_term_is_matched_by_alias_or_namespace_in_any_case(
    term: str, includes: dict[str, str] | None
) -> None:
    document = edmx(V, about("S.V", f'"{term}" String="Label"'), includes=includes)
    assert parse_metadata(document, "V").label == "Label"


def test_an_alias_has_the_namespace_that_the_document_declares() -> None:
    includes = {"Common": "org.example.other", "X": INCLUDES["Common"]}
    document = edmx(
        V,
        about("S.V", '"Common.Label" String="foreign"', '"X.Label" String="ours"'),
        includes=includes,
    )
    entity = parse_metadata(document, "V")
    assert entity.label == "ours"
    assert entity.custom == (("other.Label", "foreign"),)


@pytest.mark.parametrize(
    "content",
    [
        V + about("S.V", '"Common.Label" String="Label"'),
        about("S.V", '"Common.Label" String="Label"') + V,
        V + about("self.V", '"Common.Label" String="Label"'),
        V
        + '<EntityContainer Name="EC"><EntitySet Name="Vs" EntityType="S.V"/></EntityContainer>'
        + about("S.EC/Vs", '"Common.Label" String="Label"'),
        V
        + '<EntityContainer Name="EC"><EntitySet Name="V" EntityType="self.V"/></EntityContainer>'
        + about("self.EC/V", '"Common.Label" String="Label"'),
        (
            '<EntityType Name="V"><Annotation Term="Common.Label" String="Label"/>'
            '<Property Name="A" Type="Edm.Int32"/></EntityType>'
        ),
        V + '<EntityContainer Name="EC"><EntitySet Name="Vs" EntityType="S.V">'
        '<Annotation Term="Common.Label" String="Label"/></EntitySet></EntityContainer>',
        V + '<Annotations Target="S.V"><Annotation Term="Common.Label"><String>Label</String>'
        "</Annotation></Annotations>",
    ],
)
def test_annotations_of_an_entity_are_read_from_every_place(content: str) -> None:
    assert parse_metadata(edmx(content, alias='Alias="self"'), "V").label == "Label"


@pytest.mark.parametrize(
    "content",
    [
        (
            '<EntityType Name="V"><Property Name="A" Type="Edm.Int32">'
            '<Annotation Term="Common.Label" String="Label"/></Property></EntityType>'
        ),
        V + about("S.V/A", '"Common.Label" String="Label"'),
        V + about("self.V/A", '"Common.Label" String="Label"'),
        V
        + '<EntityContainer Name="EC"><EntitySet Name="Vs" EntityType="S.V"/></EntityContainer>'
        + about("S.EC/Vs/A", '"Common.Label" String="Label"'),
    ],
)
def test_annotations_of_a_column_are_read_from_every_place(content: str) -> None:
    assert parse_metadata(edmx(content, alias='Alias="self"'), "V").elements[0].label == "Label"


def test_annotations_of_unknown_targets_are_ignored() -> None:
    noise = [
        about(target, '"Common.Label" String="x"')
        for target in ("S.W", "S.V/Z", "S.V/A/deeper", "S.EC", "T.V", "", "/", "V")
    ]
    assert parse_metadata(edmx(V, *noise), "V") == parse_metadata(edmx(V), "V")


def test_a_qualified_annotation_is_a_separate_annotation() -> None:
    element = column('"Common.Label" Qualifier="Short" String="s"', '"Common.Label" String="long"')
    assert element.label == "long"
    assert element.custom == (("Common.Label#Short", "s"),)


# Columns


def test_a_column_without_annotations_has_name_and_type_only() -> None:
    assert column() == Element("A", SapType("Edm.Int32"))


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ('"Common.Label" String="L"', {"label": "L"}),
        ('"Common.QuickInfo" String="Q"', {"description": "Q"}),
        ('"Core.Description" String="D"', {"description": "D"}),
        ('"Core.LongDescription" String="D"', {"description": "D"}),
        ('"Analytics.dimension" Bool="true"', {"dimension": True}),
        ('"Analytics.Dimension" Bool="true"', {"dimension": True}),
        ('"Analytics.Dimension" Bool="TRUE"', {"dimension": True}),
        ('"Analytics.Dimension"', {"dimension": True}),
        ('"Analytics.Dimension" Bool="false"', {}),
        ('"Analytics.measure" Bool="true"', {"measure": True}),
        ('"Analytics.Measure"', {"measure": True}),
        ('"Semantics.text"', {"is_text": True}),
        ('"Common.IsCurrency" Bool="true"', {"is_currency": True}),
        ('"Semantics.currencyCode"', {"is_currency": True}),
        ('"Common.IsUnit"', {"is_unit": True}),
        ('"Semantics.unitOfMeasure"', {"is_unit": True}),
        ('"Aggregation.default" EnumMember="Aggregation.Method/SUM"', {"aggregation": "SUM"}),
        ('"Aggregation.default" String="#AVG"', {"aggregation": "AVG"}),
        ('"Analytics.AggregationMethod" String="max"', {"aggregation": "MAX"}),
        ('"Common.IsCalendarYearMonth" Bool="true"', {"semantics": ("IsCalendarYearMonth",)}),
        ('"Common.IsDayOfCalendarYear"', {"semantics": ("IsDayOfCalendarYear",)}),
        ('"Common.IsCalendarDate" Bool="false"', {"custom": (("Common.IsCalendarDate", "false"),)}),
        ('"Common.FieldControl" EnumMember="Common.FieldControlType/Mandatory"', {}),
        ('"Capabilities.Insertable" Bool="false"', {}),
        ('"Core.Computed"', {}),
        ('"UI.Hidden"', {"hidden": True}),
        ('"com.sap.vocabularies.UI.v1.Hidden" Bool="true"', {"hidden": True}),
        ('"UI.Hidden" Bool="false"', {}),
        ('"UI.Hidden" Path="B"', {"custom": (("UI.Hidden", "B"),)}),
        ('"Acme.Owner" String="J"', {"custom": (("Acme.Owner", "J"),)}),
        ('"Acme.Rank" Int="7"', {"custom": (("Acme.Rank", "7"),)}),
        ('"Acme.Rank" Int="-7"', {"custom": (("Acme.Rank", "-7"),)}),
        ('"Acme.Rank" Int="--7"', {"custom": (("Acme.Rank", "--7"),)}),
        ('"Acme.Rank" Decimal="7.5"', {"custom": (("Acme.Rank", "7.5"),)}),
        (f'"Acme.Rank" Int="{"9" * 5000}"', {"custom": (("Acme.Rank", "9" * 5000),)}),
        ('"Common.Label" String=""', {"custom": (("Common.Label", ""),)}),
        ('"Measures.ISOCurrency" String="EUR"', {"currency_value": "EUR"}),
        ('"Measures.Unit" String="KGM"', {"unit_value": "KGM"}),
        ('"Measures.Unit" Path="GONE"', {"custom": (("Measures.Unit", "GONE"),)}),
    ],
)
def test_a_term_sets_only_its_field(annotation: str, expected: dict[str, Any]) -> None:
    assert column(annotation) == Element("A", SapType("Edm.Int32"), **expected)


@pytest.mark.parametrize("written", ["T001", "180.0", "", "false", "2030-01-31", " x "])
def test_the_default_of_a_column_is_its_text(written: str) -> None:
    typed = f'<Property Name="A" Type="Edm.Int32" DefaultValue={quoteattr(written)}/>'
    content = V.replace('<Property Name="A" Type="Edm.Int32"/>', typed)
    assert parse_metadata(edmx(content), "V").elements[0].default == written


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (['"Measures.ISOCurrency" String="CHF"'], (None, "CHF", None, None)),
        (['"Measures.ISOCurrency" Path="W"'], ("W", None, None, None)),
        (['"Measures.ISOCurrency" String="W"'], ("W", None, None, None)),
        (['"Measures.Unit" String="KGM"'], (None, None, None, "KGM")),
        (['"Measures.Unit" Path="W"'], (None, None, "W", None)),
        (
            ['"Measures.Unit" PropertyPath="W"', '"Measures.ISOCurrency" String="EUR"'],
            (None, "EUR", "W", None),
        ),
        (['"Measures.Unit" String=""'], (None, None, None, None)),
        (['"Org.OData.Measures.V1.Unit" String="%"'], (None, None, None, "%")),
    ],
)
def test_a_currency_or_unit_is_a_column_or_a_literal(
    annotations: list[str], expected: tuple[str | None, ...]
) -> None:
    content = V.replace("</EntityType>", '<Property Name="W" Type="Edm.String"/></EntityType>')
    one = parse_metadata(edmx(content, about("S.V/A", *annotations)), "V").elements[0]
    assert (one.currency, one.currency_value, one.unit, one.unit_value) == expected


@pytest.mark.parametrize("deep", [1, 2, 5])
@pytest.mark.parametrize("name", ["S.B", "self.B"])
def test_keys_columns_and_their_annotations_come_from_bases_of_any_depth(
    deep: int, name: str
) -> None:
    first = (
        '<EntityType Name="B0" Abstract="true"><Key><PropertyRef Name="_0ID"/></Key>'
        '<Property Name="_0ID" Type="Edm.String" DefaultValue="1" Nullable="false"/></EntityType>'
    )
    types = "".join(f'<EntityType Name="B{n}" BaseType="{name}{n - 1}"/>' for n in range(1, deep))
    view = V.replace('Name="V"', f'Name="V" BaseType="{name}{deep - 1}"')
    named = about(
        "S.B0/_0ID", '"DataIntegration.OriginalName" String="0ID"', '"Common.Label" String="Id"'
    )
    entity = parse_metadata(edmx(view, types, first, named, alias='Alias="self"'), "V")
    assert [(one.name, one.key, one.default, one.label) for one in entity.elements] == [
        ("0ID", True, "1", "Id"),
        ("A", False, None, None),
    ]


def test_a_type_has_at_most_a_hundred_bases() -> None:
    types = [
        f'<EntityType Name="B{n}" BaseType="S.B{n - 1}"><Property Name="P{n}"/></EntityType>'
        for n in range(300)
    ]
    for last, columns, whole in ((100, 101, False), (299, 101, False)):
        entity = parse_metadata(edmx(*types), f"B{last}")
        assert (len(entity.elements), entity.whole) == (columns, whole)
        assert "its columns may lack" in entity.notes[0]


def test_a_document_of_many_types_sets_and_links_is_read_in_proportion() -> None:
    many = range(3000)
    types = "".join(f'<EntityType Name="T{n}" BaseType="S.T{n - 1}"/>' for n in many)
    links = "".join(f'<NavigationProperty Name="N{n}" Type="S.T{n}"/>' for n in many)
    sets = "".join(f'<EntitySet Name="S{n}" EntityType="S.T{n}"/>' for n in many)
    bindings = "".join(f'<NavigationPropertyBinding Path="N{n}" Target="S{n}"/>' for n in many)
    own = f'<EntitySet Name="V" EntityType="S.V">{bindings}</EntitySet>'
    view = V.replace("</EntityType>", f"{links}</EntityType>")
    container = f'<EntityContainer Name="C">{sets}{own}</EntityContainer>'
    entity = parse_metadata(edmx(types, view, container), "V")
    assert [one.target for one in entity.associations] == [f"S{n}" for n in many]


def test_a_base_of_another_schema_is_found_by_its_alias() -> None:
    base = (
        '</Schema><Schema Namespace="com.acme.Base.v1" Alias="base"'
        ' xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="B">'
        '<Property Name="ID" Type="Edm.String"/></EntityType>'
    )
    view = V.replace('Name="V"', 'Name="V" BaseType="base.B"')
    assert [one.name for one in parse_metadata(edmx(view, base), "V").elements] == ["ID", "A"]


def test_annotations_target_a_schema_by_an_alias_of_the_references() -> None:
    includes = {**INCLUDES, "SVC": "S"}
    label = about("SVC.V/A", '"Common.Label" String="The A"')
    assert parse_metadata(edmx(V, label, includes=includes), "V").elements[0].label == "The A"


def test_a_structured_value_is_stored_as_canonical_json() -> None:
    value = (
        "<Collection><Record><PropertyValue Property='z' Int='1'/>"
        "<PropertyValue Property='a'><Collection><String>ü</String><Null/></Collection>"
        "</PropertyValue></Record></Collection>"
    )
    content = (
        f'<Annotations Target="S.V/A"><Annotation Term="Acme.X">{value}</Annotation></Annotations>'
    )
    assert parse_metadata(edmx(V, content), "V").elements[0].custom == (
        ("Acme.X", '[{"a":["ü",""],"z":1}]'),
    )


def test_keys_and_nullability_are_read_where_present() -> None:
    a, b, c = parse_metadata(edmx(KEYED), "V").elements
    assert [e.key for e in (a, b, c)] == [True, False, False]
    assert [e.nullable for e in (a, b, c)] == [False, True, True]


def test_without_keys_an_absent_nullable_facet_is_undefined() -> None:
    assert parse_metadata(edmx(V), "V").elements[0].nullable is None


def test_currency_unit_and_text_refer_to_the_exact_columns() -> None:
    document = edmx(
        '<EntityType Name="V"><Property Name="A" Type="Edm.Decimal" Precision="9"/>'
        '<Property Name="_BIC_CUR" Type="Edm.String"/><Property Name="UOM" Type="Edm.String"/>'
        '<Property Name="T" Type="Edm.String"/></EntityType>',
        about(
            "S.V/A",
            '"Measures.ISOCurrency" Path="_BIC_CUR"',
            '"Measures.Unit" PropertyPath="UOM"',
            '"Common.Text" Path="T"',
        ),
        about("S.V/_BIC_CUR", '"DataIntegration.OriginalName" String="/BIC/CUR"'),
    )
    first = parse_metadata(document, "V").elements[0]
    assert (first.currency, first.unit, first.text) == ("/BIC/CUR", "UOM", "T")
    assert first.custom == ()


def test_original_names_replace_the_odata_names_everywhere() -> None:
    level = (
        '<Annotations Target="S.A_B"><Annotation Term="Hierarchy.leveled"><Collection><Record>'
        '<PropertyValue Property="name" String="H"/><PropertyValue Property="levels"><Collection>'
        '<Record><PropertyValue Property="element" Path="Sold_to"/></Record></Collection>'
        "</PropertyValue></Record></Collection></Annotation>"
        '<Annotation Term="DataIntegration.OriginalName" String="A.B"/></Annotations>'
    )
    entity = parse_metadata(
        edmx(
            '<EntityType Name="A_B"><Key><PropertyRef Name="Sold_to"/></Key>'
            '<Property Name="Sold_to" Type="Edm.String" Nullable="false"/></EntityType>',
            level,
            about("S.A_B/Sold_to", '"DataIntegration.OriginalName" String="Sold to"'),
        ),
        "A.B",
    )
    (element,) = entity.elements
    assert (element.name, element.key, element.custom) == ("Sold to", True, ())
    assert entity.hierarchies == (Hierarchy("H", "level", levels=("Sold to",)),)
    assert entity.custom == ()


# Entities


def test_a_dimension_type_sets_the_usage_and_is_stored() -> None:
    entity = parse_metadata(edmx(V, about("S.V", '"Analytics.dimensionType" String="#TIME"')), "V")
    assert entity.usage is Usage.DIMENSION
    assert (entity.dimension_type, entity.custom) == ("TIME", ())


def test_without_annotations_there_is_no_usage() -> None:
    assert parse_metadata(edmx(V), "V").usage is None


@pytest.mark.parametrize(
    "record",
    [
        (
            "<Record><PropertyValue Property='name' String='H'/>"
            "<PropertyValue Property='label' String='Org'/>"
            "<PropertyValue Property='recurse'><Record><PropertyValue Property='parent'>"
            "<Collection><Path>P</Path></Collection></PropertyValue>"
            "<PropertyValue Property='child'><Collection><Path>A</Path></Collection>"
            "</PropertyValue></Record></PropertyValue></Record>"
        ),
        (
            "<Record><PropertyValue Property='name' String='H'/>"
            "<PropertyValue Property='label' String='Org'/>"
            "<PropertyValue Property='parent' Path='P'/><PropertyValue Property='child' Path='A'/>"
            "</Record>"
        ),
    ],
)
@pytest.mark.parametrize("many", [True, False])
def test_a_parent_child_hierarchy_names_both_columns(record: str, *, many: bool) -> None:
    value = f"<Collection>{record}</Collection>" if many else record
    entity = parse_metadata(
        edmx(
            '<EntityType Name="V"><Property Name="A" Type="Edm.String"/>'
            '<Property Name="P" Type="Edm.String"/></EntityType>',
            f'<Annotations Target="S.V"><Annotation Term="Hierarchy.parentChild">{value}'
            "</Annotation></Annotations>",
        ),
        "V",
    )
    expected = Hierarchy("H", "parent_child", "Org", parent=("P",), child=("A",))
    assert entity.hierarchies == (expected,)
    assert entity.usage is Usage.DIMENSION


def test_a_hierarchy_of_another_shape_is_stored_as_custom() -> None:
    entity = parse_metadata(edmx(V, about("S.V", '"Hierarchy.leveled" String="odd"')), "V")
    assert entity.hierarchies == ()
    assert entity.custom == (("Hierarchy.leveled", "odd"),)


def test_navigation_properties_become_associations_with_pairs() -> None:
    customer = (
        '<EntityType Name="D_C"><Key><PropertyRef Name="I_D"/></Key>'
        '<Property Name="I_D" Type="Edm.Int32"/></EntityType>'
    )
    entity = parse_metadata(
        edmx(
            '<EntityType Name="V"><Property Name="K_1" Type="Edm.Int32"/>'
            '<NavigationProperty Name="_C" Type="self.D_C">'
            '<ReferentialConstraint Property="K_1" ReferencedProperty="I_D"/></NavigationProperty>'
            '<NavigationProperty Name="_N" Type="Collection(other.Far)"/></EntityType>',
            customer,
            about("S.V/_C", '"Common.Label" String="Customer"'),
            about("S.V/K_1", '"DataIntegration.OriginalName" String="K.1"'),
            about("S.D_C", '"DataIntegration.OriginalName" String="D.C"'),
            about("S.D_C/I_D", '"DataIntegration.OriginalName" String="I.D"'),
            alias='Alias="self"',
        ),
        "V",
    )
    assert entity.associations == (
        Association("_C", "D.C", label="Customer", pairs=(("K.1", "I.D"),), cardinality="0..1"),
        Association("_N", "Far", cardinality="0..*"),
    )
    assert [element.name for element in entity.elements] == ["K.1"]


def test_a_parameters_type_gives_variables() -> None:
    entity = parse_metadata(
        edmx(
            '<EntityType Name="VParameters"><Key><PropertyRef Name="P_YEAR"/>'
            '<PropertyRef Name="P_D"/><PropertyRef Name="P_O"/></Key>'
            '<Property Name="P_YEAR" Type="Edm.String" MaxLength="4" Nullable="false"/>'
            '<Property Name="P_D" Type="Edm.Int32" DefaultValue="5"/>'
            '<Property Name="P_O" Type="Edm.Date" Nullable="true"/>'
            '<Property Name="NO_KEY" Type="Edm.Date"/>'
            '<NavigationProperty Name="Set" Type="Collection(S.VType)" ContainsTarget="true"/>'
            "</EntityType>",
            V.replace('"V"', '"VType"'),
            about("S.VParameters/P_YEAR", '"Common.Label" String="Year"'),
        ),
        "V",
    )
    assert entity.variables == (
        Variable("P_YEAR", SapType("Edm.String", length=4), "Year", mandatory=True),
        Variable("P_D", SapType("Edm.Int32"), mandatory=False, default="5"),
        Variable("P_O", SapType("Edm.Date"), mandatory=False),
    )
    assert [element.name for element in entity.elements] == ["A"]


# Selection of the entity


@pytest.mark.parametrize(
    ("entity", "asset"),
    [
        ("V", "V"),
        ("A_B", "A.B"),
        ("_BIC_AZ", "/BIC/AZ"),
        ("V_Süd", "V Süd"),
        ("VType", "V"),
        ("SomethingElse", "V"),
    ],
)
def test_the_only_entity_is_the_asset(entity: str, asset: str) -> None:
    assert parse_metadata(edmx(V.replace('"V"', f'"{entity}"')), asset).elements


def test_of_several_entities_the_one_with_the_name_of_the_asset_is_selected() -> None:
    other = '<EntityType Name="W"><Property Name="X" Type="Edm.Int32"/></EntityType>'
    assert [e.name for e in parse_metadata(edmx(other, V), "V").elements] == ["A"]


def test_of_two_candidates_the_original_name_decides() -> None:
    one = '<EntityType Name="A_B"><Property Name="X" Type="Edm.Int32"/></EntityType>'
    two = '<EntityType Name="A_B_"><Property Name="Y" Type="Edm.Int32"/></EntityType>'
    original_name = about("S.A_B_", '"DataIntegration.OriginalName" String="A.B"')
    assert [e.name for e in parse_metadata(edmx(one, two, original_name), "A.B").elements] == ["Y"]


def test_two_entities_of_other_names_are_ambiguous() -> None:
    document = edmx(V.replace('"V"', '"X"'), V.replace('"V"', '"Y"'))
    with pytest.raises(DocumentError, match="no entity type for V; there are: X, Y"):
        parse_metadata(document, "V")


def test_a_document_without_entities_is_an_error() -> None:
    with pytest.raises(DocumentError, match="there are: none at edmx:DataServices"):
        parse_metadata(edmx(), "V")


# Invalid documents

ENTITY_EXPANSION = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "&{a};&{a};&{a};&{a};">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><l>&i;</l>"
)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "not whole XML"),
        (b"   ", "not whole XML"),
        (b'{"value": []}', "not whole XML"),
        (edmx(V)[:-20], "not whole XML"),
        (edmx(V)[:200], "not whole XML"),
        (edmx(V) + b"<more/>", "not whole XML"),
        (b"<html><body>Sign in</body></html>", "no edmx:Edmx document but html"),
        (b"<error>boom</error>", "no edmx:Edmx document but error"),
        (b'<Edmx Version="1.0"/>', "no schema at edmx:Edmx"),
        (ENTITY_EXPANSION.encode(), "declares a document type"),
        (b"<!DOCTYPE html><html/>", "declares a document type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "declares a document type"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "http://e.example/">]><x>&e;</x>', "document type"),
        (b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://e.example/"> %p;]><x/>', "document type"),
        (
            b'<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"/>',
            "no schema at edmx:Edmx",
        ),
        (b" " * (MAX_DOCUMENT + 1), f"at most {MAX_DOCUMENT} are read"),
    ],
)
def test_a_document_without_metadata_is_an_error_not_an_empty_asset(
    document: bytes, message: str
) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        parse_metadata(document, "V")
    assert len(str(caught.value)) < 400


def test_a_byte_order_mark_and_other_encodings_are_read() -> None:
    document = edmx(V, about("S.V", '"Common.Label" String="Größe"'))
    assert parse_metadata(b"\xef\xbb\xbf" + document, "V").label == "Größe"
    assert parse_metadata(b"\r\n\t" + document.split(b"\n", 1)[1], "V").label == "Größe"
    other = document.decode().replace("utf-8", "utf-16").encode("utf-16")
    assert parse_metadata(other, "V").label == "Größe"


@given(
    cut=st.integers(0, len(edmx(KEYED))),
    insert=st.sampled_from(["", "<", "&", '"', "\x00", "</Schema>", "Collection(", "ü", "9" * 30]),
    drop=st.integers(0, 40),
)
def test_a_damaged_document_gives_an_entity_or_a_document_error(
    cut: int, insert: str, drop: int
) -> None:
    whole = edmx(KEYED, about("S.V/A", '"Acme.X" Int="1"', '"Common.Label" String="L"'))
    damaged = whole[:cut] + insert.encode() + whole[cut + drop :]
    with suppress(DocumentError):
        assert parse_metadata(damaged, "V").elements


@given(label=TEXT, description=TEXT, column_label=TEXT)
def test_any_text_is_read_unchanged(label: str, description: str, column_label: str) -> None:
    entity = parse_metadata(
        edmx(
            V,
            about(
                "S.V",
                f'"Common.Label" String={quoteattr(label)}',
                f'"Core.Description" String={quoteattr(description)}',
            ),
            about("S.V/A", f'"Common.Label" String={quoteattr(column_label)}'),
        ),
        "V",
    )
    assert (entity.label or "", entity.description or "") == (label, description)
    assert (entity.elements[0].label or "") == column_label


@given(
    name=st.text(
        st.characters(categories=["Lu", "Ll", "Nd"], include_characters="./ _"), min_size=1
    ),
    labels=st.lists(TEXT, min_size=1, max_size=5),
    form=st.sampled_from(Form),
)
def test_any_asset_that_a_tenant_renders_is_read_back(
    name: str, labels: list[str], form: Form
) -> None:
    elements = {
        f"C.{n} {name}": {"type": "cds.String", "length": 10, "@EndUserText.label": label}
        for n, label in enumerate(labels)
    }
    document = render(name, {"@EndUserText.label": labels[0], "elements": elements}, form)
    entity = parse_metadata(document.encode(), name)
    assert (entity.label or "") == labels[0]
    assert {e.name: e.label or "" for e in entity.elements} == dict(
        zip(elements, labels, strict=True)
    )


# Merge of both forms

RELATIONAL = EntityMetadata(
    label="R",
    elements=(
        Element("K", SapType("Edm.String", length=4), label="Key", key=True, nullable=False),
        Element("N", SapType("Edm.Decimal", None, 17, 2), semantics=("A",), custom=(("x", "r"),)),
    ),
    hierarchies=(Hierarchy("H", "level"),),
    custom=(("t", "r"),),
)
ANALYTICAL = EntityMetadata(
    label="A",
    description="D",
    usage=Usage.DIMENSION,
    elements=(
        Element("M", SapType("Edm.Int32"), measure=True),
        Element(
            "N",
            SapType("Edm.Double"),
            label="Net",
            measure=True,
            aggregation="SUM",
            currency="M",
            semantics=("B", "A"),
            custom=(("x", "a"), ("y", "a")),
        ),
        Element("K", SapType("Edm.String"), label="Other", dimension=True),
    ),
    variables=(Variable("P", SapType("Edm.Int32")),),
    custom=(("t", "a"), ("u", "a")),
)


def test_the_relational_form_takes_precedence_and_the_analytical_form_adds() -> None:
    both = merge_forms(RELATIONAL, ANALYTICAL)
    assert (both.label, both.description, both.usage) == ("R", "D", Usage.DIMENSION)
    assert both.hierarchies == RELATIONAL.hierarchies
    assert both.variables == ANALYTICAL.variables
    assert both.custom == (("t", "r"), ("u", "a"))
    key, net, extra = both.elements
    assert key == Element(
        "K",
        SapType("Edm.String", length=4),
        label="Key",
        key=True,
        nullable=False,
        dimension=True,
    )
    assert net == Element(
        "N",
        SapType("Edm.Decimal", None, 17, 2),
        label="Net",
        measure=True,
        aggregation="SUM",
        currency="M",
        semantics=("A", "B"),
        custom=(("x", "r"), ("y", "a")),
    )
    assert extra == ANALYTICAL.elements[0]


@pytest.mark.parametrize("form", [RELATIONAL, ANALYTICAL])
def test_a_form_merged_with_itself_or_with_an_empty_form_is_unchanged(form: EntityMetadata) -> None:
    assert merge_forms(form, EntityMetadata()) == form
    assert merge_forms(EntityMetadata(), form) == form
    same = merge_forms(form, form)
    assert [e.name for e in same.elements] == [e.name for e in form.elements]
    assert same.custom == form.custom


@pytest.mark.parametrize("form", [0, 1])
def test_an_exact_name_that_one_form_gives_counts_for_both(form: int) -> None:
    exact = EntityMetadata(
        elements=(
            Element("0AMT", SapType("Edm.Decimal"), measure=True, currency="0CUR"),
            Element("0CUR", SapType("Edm.String")),
        )
    )
    written = EntityMetadata(
        elements=(
            Element("_0CUR", SapType("Edm.String"), label="Currency"),
            Element("_0AMT", SapType("Edm.Decimal"), default="0"),
        ),
        hierarchies=(Hierarchy("H", "level", levels=("_0CUR", "_0AMT")),),
        associations=(Association("_D", "D", pairs=(("_0CUR", "C"),)),),
    )
    both = merge_forms(*([exact, written] if form else [written, exact]))
    assert {one.name for one in both.elements} == {"0AMT", "0CUR"}
    amount = next(one for one in both.elements if one.name == "0AMT")
    assert (amount.measure, amount.currency, amount.default) == (True, "0CUR", "0")
    assert both.hierarchies[0].levels == ("0CUR", "0AMT")
    assert both.associations[0].pairs == (("0CUR", "C"),)


def test_a_literal_of_one_form_excludes_the_column_of_the_other() -> None:
    literal = EntityMetadata(elements=(Element("A", SapType("Edm.Decimal"), currency_value="CHF"),))
    column_of = EntityMetadata(elements=(Element("A", SapType("Edm.Decimal"), currency="W"),))
    (one,) = merge_forms(literal, column_of).elements
    (other,) = merge_forms(column_of, literal).elements
    assert (one.currency, one.currency_value) == (None, "CHF")
    assert (other.currency, other.currency_value) == ("W", None)
