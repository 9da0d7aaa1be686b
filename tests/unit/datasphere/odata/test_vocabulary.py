"""Metadata documents: every term in every spelling and place, and invalid documents."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.datasphere.odata.csdl import parse_metadata
from datasphere_glue.datasphere.odata.metadata import EntityMetadata, merge_forms
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Usage
from datasphere_glue.model.asset_parts import Association, Hierarchy, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from tests.effort import examples

EDM = "http://docs.oasis-open.org/odata/ns/edm"
EDMX = "http://docs.oasis-open.org/odata/ns/edmx"


def document(schema: str, *, references: str = "", more: str = "") -> bytes:
    return (
        f'<edmx:Edmx Version="4.0" xmlns:edmx="{EDMX}">{references}<edmx:DataServices>'
        f'<Schema Namespace="S" Alias="Self" xmlns="{EDM}">{schema}</Schema>{more}'
        "</edmx:DataServices></edmx:Edmx>"
    ).encode()


def include(alias: str, namespace: str) -> str:
    return (
        f'<edmx:Reference Uri="x"><edmx:Include Alias="{alias}" Namespace="{namespace}"/>'
        "</edmx:Reference>"
    )


def view(properties: str, annotations: str = "", **more: str) -> EntityMetadata:
    schema = f'<EntityType Name="V">{properties}</EntityType>{annotations}'
    return parse_metadata(document(schema, **more), "V")


def about(term: str, target: str = "S.V/A") -> str:
    return f'<Annotations Target="{target}">{term}</Annotations>'


def annotated(*terms: str, others: str = "") -> Element:
    """Return the element A, annotated with these terms."""
    body = "".join(f"<Annotation Term={term}/>" for term in terms)
    first, *_ = view(f'<Property Name="A" Type="Edm.String"/>{others}', about(body)).elements
    return first


def type_of(attributes: str, definitions: str = "") -> SapType:
    schema = f'<EntityType Name="V"><Property Name="A" {attributes}/></EntityType>{definitions}'
    (element,) = parse_metadata(document(schema), "V").elements
    return element.type


TYPES = {
    'Type="Edm.String" MaxLength="10"': SapType("Edm.String", length=10),
    'Type="Edm.String" MaxLength="max"': SapType("Edm.String"),
    'Type="Edm.Decimal" Precision="17" Scale="2"': SapType("Edm.Decimal", precision=17, scale=2),
    'Type="Edm.Decimal" Precision="3"': SapType("Edm.Decimal", precision=3, scale=0),
    'Type="Edm.Decimal"': SapType("Edm.Decimal"),
    'Type="Edm.Decimal" Scale="variable"': SapType("Edm.Decimal", scale="variable"),
    'Type="Edm.Decimal" Precision="16" Scale="Floating"': SapType(
        "Edm.Decimal", precision=16, scale="floating"
    ),
    'Type="Edm.DateTimeOffset" Precision="7"': SapType("Edm.DateTimeOffset", precision=7),
    'Type="Edm.GeometryPoint" SRID="4326"': SapType("Edm.GeometryPoint", srid="4326"),
    'Type="Collection(Edm.String)" MaxLength="3"': SapType(
        "Collection", items=SapType("Edm.String", length=3)
    ),
    'Type="Self.Money"': SapType("Edm.Decimal", precision=15, scale=2),
    'Type="S.Money" Precision="9"': SapType("Edm.Decimal", precision=9, scale=2),
    'Type="S.Colour"': SapType("S.Colour", items=SapType("Edm.Byte"), values=("RED", "BLUE")),
    'Type="Collection(S.Address)"': SapType(
        "Collection",
        items=SapType(
            "S.Address",
            fields=(("City", SapType("Edm.String", length=40)), ("Next", SapType("S.Address"))),
        ),
    ),
    'Type="S.Loop"': SapType("S.Loop"),
    'Type="Other.Unknown"': SapType("Other.Unknown"),
}
DEFINITIONS = """
<TypeDefinition Name="Money" UnderlyingType="Edm.Decimal" Precision="15" Scale="2"/>
<EnumType Name="Colour" UnderlyingType="Edm.Byte"><Member Name="RED"/><Member Name="BLUE"/>
</EnumType>
<ComplexType Name="Address"><Property Name="City" Type="Edm.String" MaxLength="40"/>
<Property Name="Next" Type="S.Address"/></ComplexType>
<TypeDefinition Name="Loop" UnderlyingType="S.Loop"/>"""


@pytest.mark.parametrize(("attributes", "expected"), TYPES.items(), ids=TYPES)
def test_types_have_their_facets(attributes: str, expected: SapType) -> None:
    assert type_of(attributes, DEFINITIONS) == expected


COMMON = "com.sap.vocabularies.Common.v1"
VALIDATION = "Org.OData.Validation.V1"


@pytest.mark.parametrize(
    ("term", "references"),
    [
        ("Common.Label", ""),
        ("common.LABEL", ""),
        ("Common.Label", include("Common", COMMON)),
        ("Words.Label", include("Words", COMMON)),
        ("WORDS.label", include("Words", COMMON)),
        (f"{COMMON}.Label", ""),
        (f"{COMMON}.label", include("Words", COMMON)),
    ],
)
def test_a_term_is_matched_by_alias_and_namespace_in_any_case(term: str, references: str) -> None:
    annotation = about(f'<Annotation Term="{term}" String="The A"/>')
    (a,) = view('<Property Name="A"/>', annotation, references=references).elements

    assert a.label == "The A"
    assert a.custom == ()


def test_a_standard_alias_of_another_namespace_is_not_the_standard_term() -> None:
    annotation = about('<Annotation Term="Common.Label" String="x"/>')
    references = include("Common", "com.acme.Words.v1")
    (a,) = view('<Property Name="A"/>', annotation, references=references).elements

    assert a.label is None
    assert a.custom == (("Words.Label", "x"),)


LABEL = '<Annotation Term="Common.Label" String="{}"/>'
PLACES = {
    "inline": ('<EntityType Name="V">' + LABEL + "{}</EntityType>", ""),
    "type": ('<EntityType Name="V">{1}</EntityType>' + about(LABEL, "S.V"), ""),
    "alias": ('<EntityType Name="V">{1}</EntityType>' + about(LABEL, "Self.V"), ""),
    "set": (
        '<EntityContainer Name="C"><EntitySet Name="X" EntityType="Self.V"/></EntityContainer>'
        '<EntityType Name="V">{1}</EntityType>' + about(LABEL, "S.C/X"),
        "",
    ),
    "inline on set": (
        '<EntityContainer Name="C"><EntitySet Name="X" EntityType="S.V">'
        + LABEL
        + '</EntitySet></EntityContainer><EntityType Name="V">{}</EntityType>',
        "",
    ),
    "other schema": (
        '<EntityType Name="V">{1}</EntityType>',
        f'<Schema Namespace="T" xmlns="{EDM}">' + about(LABEL, "S.V") + "</Schema>",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_annotations_are_read_from_every_place(place: str) -> None:
    schema, more = (
        part.replace("{1}", "PROPS").replace("{}", "The V", 1) for part in PLACES[place]
    )
    props = '<Property Name="A">' + LABEL.format("The A") + "</Property>"
    entity = parse_metadata(
        document(schema.replace("PROPS", props).replace("{}", props), more=more), "V"
    )

    assert entity.label == "The V"
    assert [a.label for a in entity.elements] == ["The A"]


def test_a_flag_is_true_without_a_value_and_false_only_if_explicit() -> None:
    assert annotated('"Analytics.Dimension"').dimension
    assert annotated('"analytics.dimension" Bool="true"').dimension
    assert not annotated('"Analytics.Dimension" Bool="false"').dimension
    assert annotated('"Analytics.measure" Bool="true"').measure
    assert annotated('"Common.IsCurrency"').is_currency
    assert annotated('"Common.IsUnit" Bool="true"').is_unit
    assert annotated('"Semantics.currencyCode" Bool="true"').is_currency


def test_true_tags_are_semantics_and_other_unknown_terms_are_custom() -> None:
    element = annotated(
        '"Common.IsCalendarYear" Bool="true"',
        '"Common.IsCalendarDate" Bool="true"',
        '"Acme.Ready" Bool="false"',
        '"Acme.Note" String="hello"',
        '"Acme.Rank" Int="3"',
        '"Acme.Note" Qualifier="Long" String="hello again"',
        '"Common.FieldControl" EnumMember="Common.FieldControlType/Mandatory"',
        '"Capabilities.Whatever" String="x"',
    )

    assert element.semantics == ("IsCalendarDate", "IsCalendarYear")
    assert element.custom == (
        ("Acme.Note", "hello"),
        ("Acme.Note#Long", "hello again"),
        ("Acme.Rank", "3"),
        ("Acme.Ready", "false"),
    )


def test_a_tag_of_a_foreign_vocabulary_is_no_semantics_of_sap() -> None:
    terms = '<Annotation Term="va.Exclusive"/><Annotation Term="c.IsFiscalYear"/>'
    references = include("va", VALIDATION) + include("c", COMMON)
    (a,) = view('<Property Name="A"/>', about(terms), references=references).elements

    assert a.semantics == ("IsFiscalYear",)
    assert a.custom == (("Validation.Exclusive", "true"),)


def test_an_unknown_structured_term_is_stored_as_json() -> None:
    record = (
        '<Annotation Term="com.acme.v1.Owner"><Record><PropertyValue Property="b" Path="A"/>'
        '<PropertyValue Property="a"><Collection><String>x</String></Collection></PropertyValue>'
        "</Record></Annotation>"
    )
    entity = view(
        '<Property Name="A"/>', about(record, "S.V"), references=include("Acme", "com.acme.v1")
    )

    assert entity.custom == (("acme.Owner", '{"a":["x"],"b":"A"}'),)


@pytest.mark.parametrize(
    ("term", "references", "key"),
    [
        ("va.Minimum", include("va", VALIDATION), "Validation.Minimum"),
        ("Validation.Minimum", include("Validation", VALIDATION), "Validation.Minimum"),
        ("SAP__Val.Minimum", include("SAP__Val", VALIDATION), "Validation.Minimum"),
        (f"{VALIDATION}.Minimum", include("va", VALIDATION), "Validation.Minimum"),
        (f"{VALIDATION}.Minimum", "", "Validation.Minimum"),
        ("Va.Minimum", include("vA", VALIDATION), "Validation.Minimum"),
        ("va.Minimum", "", "va.Minimum"),
        ("x.Owner", include("x", "com.acme.Sales.v12"), "Sales.Owner"),
        ("x.Owner", include("x", "com.acme.Sales.v1_2"), "Sales.Owner"),
        ("x.Owner", include("x", "com.acme.Sales.1.0"), "Sales.Owner"),
        ("x.Owner", include("x", "com.acme.Sales"), "Sales.Owner"),
        ("x.Owner", include("x", "v1"), "v1.Owner"),
        ("Self.Owner", "", "S.Owner"),
        ("Owner", "", "Owner"),
        ("c.IsDigitSequence", include("c", COMMON), "Common.IsDigitSequence"),
        ("com.SAP.vocabularies.COMMON.v1.Masked", "", "Common.Masked"),
    ],
)
def test_a_term_has_the_name_of_its_vocabulary_whatever_its_alias(
    term: str, references: str, key: str
) -> None:
    annotation = about(f'<Annotation Term="{term}" Int="20"/>')
    (a,) = view('<Property Name="A"/>', annotation, references=references).elements

    assert a.custom == ((key, "20"),)


def test_vocabularies_of_one_short_name_are_told_apart_where_both_are_used() -> None:
    references = include("c", COMMON) + include("o", "com.acme.Common.v1")
    terms = "".join(f'<Annotation Term="{t}" String="{t}"/>' for t in ("c.Masks", "o.Masks"))
    (both,) = view('<Property Name="A"/>', about(terms), references=references).elements
    alone = '<Annotation Term="o.Masks" String="x"/>'
    (one,) = view('<Property Name="A"/>', about(alone), references=references).elements

    assert both.custom == (("Common.Masks", "c.Masks"), ("com.acme.Common.v1.Masks", "o.Masks"))
    assert one.custom == (("Common.Masks", "x"),)


def test_a_term_under_an_alias_keeps_its_qualifier() -> None:
    body = '<Annotation Term="va.Minimum" Qualifier="Low" Int="1"/>'
    (a,) = view('<Property Name="A"/>', about(body), references=include("va", VALIDATION)).elements

    assert a.custom == (("Validation.Minimum#Low", "1"),)


def test_a_value_that_only_the_service_can_compute_is_no_tag() -> None:
    body = "<If><Path>A</Path><Bool>true</Bool></If>"
    element = view(
        '<Property Name="A"/>', about(f'<Annotation Term="Analytics.Measure">{body}</Annotation>')
    ).elements[0]

    assert (element.measure, element.semantics) == (False, ())
    assert element.custom == (("Analytics.Measure", '{"$If":["A",true]}'),)


def test_references_resolve_to_columns_of_the_entity_only() -> None:
    others = '<Property Name="CUR"/><Property Name="UNIT"/><Property Name="TXT"/>'
    element = annotated(
        '"Measures.ISOCurrency" Path="CUR"',
        '"Org.OData.Measures.V1.Unit" Path="UNIT"',
        '"Common.Text" Path="TXT"',
        others=others,
    )
    unknown = annotated('"Measures.Unit" Path="KG"', '"Common.Text" Path="_Other/Name"')

    assert (element.currency, element.unit, element.text) == ("CUR", "UNIT", "TXT")
    assert (unknown.unit, unknown.text) == (None, None)
    assert unknown.custom == (("Common.Text", "_Other/Name"), ("Measures.Unit", "KG"))


@pytest.mark.parametrize(
    "value",
    ['String="sum"', 'String="#SUM"', 'EnumMember="Aggregation.Method/SUM"'],
)
@pytest.mark.parametrize("term", ["Aggregation.default", "Aggregation.Default"])
def test_the_aggregation_is_read_as_one_word(term: str, value: str) -> None:
    assert annotated(f'"{term}" {value}').aggregation == "SUM"


def test_the_type_of_a_custom_aggregate_is_not_an_aggregation() -> None:
    element = annotated('"Aggregation.CustomAggregate" String="Edm.Decimal"')

    assert element.aggregation is None
    assert element.custom == (("Aggregation.CustomAggregate", "Edm.Decimal"),)


@pytest.mark.parametrize("term", ["Common.QuickInfo", "Core.Description", "Core.LongDescription"])
def test_a_description_is_read_from_each_of_its_three_terms(term: str) -> None:
    assert annotated(f'"{term}" String="What it is"').description == "What it is"


def test_keys_and_nullability_are_undefined_without_a_statement() -> None:
    properties = (
        '<Property Name="A" Nullable="false"/><Property Name="B" Nullable="true"/>'
        '<Property Name="C"/>'
    )
    keyed = view(f'<Key><PropertyRef Name="A" Alias="k"/></Key>{properties}').elements
    bare = view(properties).elements

    assert [(e.key, e.nullable) for e in keyed] == [(True, False), (False, True), (False, True)]
    assert [(e.key, e.nullable) for e in bare] == [(False, False), (False, True), (False, None)]


def test_keys_texts_hierarchies_and_associations_use_the_exact_names() -> None:
    properties = (
        '<Key><PropertyRef Name="Sold_to"/></Key><Property Name="Sold_to"/>'
        '<Property Name="_BIC_NAME"/>'
        '<NavigationProperty Name="_Cust" Type="S.D_X"><ReferentialConstraint'
        ' Property="Sold_to" ReferencedProperty="Cust_Id"/></NavigationProperty>'
    )
    target = '<EntityType Name="D_X"><Property Name="Cust_Id"/></EntityType>'
    names = (
        ("S.V/Sold_to", "Sold to"),
        ("S.V/_BIC_NAME", "/BIC/NAME"),
        ("S.D_X", "D.X"),
        ("S.D_X/Cust_Id", "Cust Id"),
    )
    annotations = "".join(
        about(f'<Annotation Term="DataIntegration.OriginalName" String="{name}"/>', where)
        for where, name in names
    )
    annotations += about('<Annotation Term="Common.Text" Path="_BIC_NAME"/>', "S.V/Sold_to")
    annotations += about(LABEL.format("Customer"), "S.V/_Cust")
    annotations += about(
        '<Annotation Term="Hierarchy.parentChild"><Collection><Record>'
        '<PropertyValue Property="name" String="H"/>'
        '<PropertyValue Property="label" String="The H"/>'
        '<PropertyValue Property="recurse"><Record>'
        '<PropertyValue Property="parent"><Collection><PropertyPath>_BIC_NAME</PropertyPath>'
        '</Collection></PropertyValue><PropertyValue Property="child" Path="Sold_to"/>'
        "</Record></PropertyValue></Record></Collection></Annotation>",
        "S.V",
    )

    entity = view(properties, target + annotations)

    assert [(e.name, e.key, e.text) for e in entity.elements] == [
        ("Sold to", True, "/BIC/NAME"),
        ("/BIC/NAME", False, None),
    ]
    assert entity.associations == (
        Association(
            "_Cust", "D.X", label="Customer", pairs=(("Sold to", "Cust Id"),), cardinality="0..1"
        ),
    )
    assert entity.hierarchies == (
        Hierarchy("H", "parent_child", "The H", parent=("/BIC/NAME",), child=("Sold to",)),
    )
    assert entity.usage is Usage.DIMENSION


def test_a_flat_parent_child_hierarchy_is_read() -> None:
    annotations = about(
        '<Annotation Term="hierarchy.PARENTCHILD"><Record><PropertyValue Property="name"'
        ' String="H"/><PropertyValue Property="parent" Path="P"/><PropertyValue Property="child"'
        ' Path="C"/></Record></Annotation>',
        "S.V",
    )

    entity = view('<Property Name="P"/><Property Name="C"/>', annotations)

    assert entity.hierarchies == (Hierarchy("H", "parent_child", parent=("P",), child=("C",)),)


def parameterised(nullable: str = "") -> EntityMetadata:
    schema = (
        '<EntityContainer Name="C"><EntitySet Name="V" EntityType="S.VParameters"/>'
        '</EntityContainer><EntityType Name="VParameters"><Key><PropertyRef Name="P_DAY"/></Key>'
        f'<Property Name="P_DAY" Type="Edm.Date"{nullable}/><Property Name="NO_KEY"/>'
        '<NavigationProperty Name="Set" Type="Collection(S.VType)"/></EntityType>'
        '<EntityType Name="VType"><Property Name="A"/></EntityType>'
        + about(LABEL.format("The day"), "S.VParameters/P_DAY")
    )
    return parse_metadata(document(schema), "V")


@pytest.mark.parametrize(
    ("attributes", "mandatory", "default"),
    [
        ("", True, None),
        (' Nullable="false"', True, None),
        (' Nullable="true"', False, None),
        (' DefaultValue="2026-01-01"', False, "2026-01-01"),
    ],
)
def test_input_parameters_are_variables_and_not_columns(
    attributes: str, mandatory: Any, default: str | None
) -> None:
    entity = parameterised(attributes)

    assert [e.name for e in entity.elements] == ["A"]
    assert entity.associations == ()
    assert entity.variables == (
        Variable("P_DAY", SapType("Edm.Date"), "The day", mandatory=mandatory, default=default),
    )


@pytest.mark.parametrize(
    ("types", "asset", "column"),
    [
        (("A_B", "Other"), "A.B", "A_B"),
        (("_BIC_X", "Other"), "/BIC/X", "_BIC_X"),
        (("Only",), "Something else", "Only"),
    ],
)
def test_the_entity_type_of_an_asset_is_selected(
    types: tuple[str, ...], asset: str, column: str
) -> None:
    schema = "".join(
        f'<EntityType Name="{name}"><Property Name="{name}"/></EntityType>' for name in types
    )

    assert [e.name for e in parse_metadata(document(schema), asset).elements] == [column]


def test_the_original_name_of_an_entity_type_takes_precedence() -> None:
    schema = (
        '<EntityType Name="A_B"><Property Name="wrong"/></EntityType>'
        '<EntityType Name="A_B_"><Property Name="right"/></EntityType>'
        + about('<Annotation Term="DataIntegration.OriginalName" String="A.B"/>', "S.A_B_")
    )

    assert [e.name for e in parse_metadata(document(schema), "A.B").elements] == ["right"]


ENTITY = '<!DOCTYPE edmx:Edmx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE edmx:Edmx [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
GOOD = document('<EntityType Name="V"><Property Name="A"/></EntityType>')
BROKEN = {
    "empty": b"",
    "text": b"not here",
    "json": b'{"$Version": "4.0"}',
    "html": b"<html><body/></html>",
    "other root": b"<Edmx/>",
    "truncated": GOOD[:-30],
    "wrong encoding": b'<?xml version="1.0" encoding="utf-8"?>' + "<a>\u00fc</a>".encode("latin-1"),
    "entities": ENTITY.encode() + GOOD,
    "external entity": EXTERNAL.encode() + GOOD,
    "document type": b'<!DOCTYPE edmx:Edmx SYSTEM "http://evil.example/x.dtd">' + GOOD,
    "no schema": f'<edmx:Edmx xmlns:edmx="{EDMX}"/>'.encode(),
    "no entity type": document(""),
    "two strangers": document('<EntityType Name="X"/><EntityType Name="Y"/>'),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_document_without_metadata_of_the_asset_is_an_error(body: bytes) -> None:
    with pytest.raises(DocumentError):
        parse_metadata(body, "V")


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"\n  ", b"\xef\xbb\xbf\r\n"])
def test_a_byte_order_mark_and_leading_blanks_are_ignored(start: bytes) -> None:
    body = start + b'<?xml version="1.0" encoding="utf-8"?>' + GOOD

    assert [e.name for e in parse_metadata(body, "V").elements] == ["A"]


def test_an_annotation_that_is_nested_without_end_costs_itself_alone() -> None:
    records = "<Record><PropertyValue Property='x'>" * 20_000
    ends = "</PropertyValue></Record>" * 20_000
    nested = about(f'<Annotation Term="Acme.Deep">{records}{ends}</Annotation>')
    (a,) = view('<Property Name="A"/>', nested).elements

    assert dict(a.custom)["Acme.Deep"].endswith("…" + '"' + "}" * 60)


@examples(60)
@given(st.data())
def test_a_damaged_document_gives_a_value_or_an_error_and_not_a_crash(data: st.DataObject) -> None:
    body = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=6))
    try:
        entity = parse_metadata(bytes(body), "V")
    except DocumentError:
        return
    assert all(element.name for element in entity.elements)


def test_the_analytical_form_adds_to_the_relational_form_and_removes_nothing() -> None:
    decimal, word = SapType("Edm.Decimal", precision=3, scale=0), SapType("Edm.String", length=5)
    relational = EntityMetadata(
        label="R",
        elements=(
            Element("K", word, key=True, nullable=False, semantics=("IsX",), custom=(("c", "r"),)),
            Element("M", decimal, label="Amount", nullable=True),
        ),
    )
    analytical = EntityMetadata(
        label="A",
        usage=Usage.DIMENSION,
        custom=(("e", "a"),),
        elements=(
            Element("NEW", word, dimension=True),
            Element("M", SapType("Edm.Double"), label="Other", measure=True, aggregation="SUM"),
            Element("K", word, label="Key", dimension=True, custom=(("c", "a"), ("d", "a"))),
        ),
    )

    both = merge_forms(relational, analytical)

    assert (both.label, both.usage, both.custom) == ("R", Usage.DIMENSION, (("e", "a"),))
    assert both.elements == (
        Element(
            "K",
            word,
            label="Key",
            key=True,
            nullable=False,
            dimension=True,
            semantics=("IsX",),
            custom=(("c", "r"), ("d", "a")),
        ),
        Element("M", decimal, "Amount", nullable=True, measure=True, aggregation="SUM"),
        Element("NEW", word, dimension=True),
    )
