from xml.etree.ElementTree import Element as Node

import pytest
from defusedxml.ElementTree import fromstring

from datasphere_glue.datasphere.odata.expressions import EDM
from datasphere_glue.datasphere.odata.types import EdmTypes
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.sap_type import SapType

PRIMITIVE = [
    "Binary", "Boolean", "Byte", "Date", "DateTimeOffset", "Decimal", "Double", "Duration",
    "GeographyPoint", "GeometryPoint", "Guid", "Int16", "Int32", "Int64", "SByte", "Single",
    "Stream", "String", "TimeOfDay",
]  # fmt: skip


def _schema(content: str) -> Node:
    xmlns = EDM.strip("{}")
    parsed: Node = fromstring(
        f'<Schema Namespace="n.s" Alias="self" xmlns="{xmlns}">{content}</Schema>'
    )
    return parsed


def _type(facets: str, definitions: str = "") -> SapType:
    schema = _schema(f'{definitions}<Property Name="P" {facets}/>')
    node = schema.find(EDM + "Property")
    assert node is not None
    return EdmTypes([schema]).type_of(node)


@pytest.mark.parametrize("name", PRIMITIVE)
def test_every_primitive_type_retains_its_name(name: str) -> None:
    assert _type(f'Type="Edm.{name}"') == SapType(f"Edm.{name}")


def test_a_property_without_a_type_is_a_string() -> None:
    assert _type("") == SapType("Edm.String")


@pytest.mark.parametrize(
    ("facets", "expected"),
    [
        ('Type="Edm.String" MaxLength="10"', SapType("Edm.String", length=10)),
        ('Type="Edm.String" MaxLength="max"', SapType("Edm.String")),
        ('Type="Edm.Binary" MaxLength=" 16 "', SapType("Edm.Binary", length=16)),
        ('Type="Edm.Decimal" Precision="17" Scale="2"', SapType("Edm.Decimal", None, 17, 2)),
        ('Type="Edm.Decimal" Precision="3"', SapType("Edm.Decimal", None, 3, 0)),
        ('Type="Edm.Decimal" Precision="3" Scale="0"', SapType("Edm.Decimal", None, 3, 0)),
        ('Type="Edm.Decimal" Scale="variable"', SapType("Edm.Decimal", scale="variable")),
        ('Type="Edm.Decimal" Scale="Floating"', SapType("Edm.Decimal", scale="floating")),
        (
            'Type="Edm.Decimal" Precision="16" Scale="floating"',
            SapType("Edm.Decimal", None, 16, "floating"),
        ),
        ('Type="Edm.Decimal"', SapType("Edm.Decimal")),
        ('Type="Edm.DateTimeOffset" Precision="7"', SapType("Edm.DateTimeOffset", precision=7)),
        ('Type="Edm.DateTimeOffset" Precision="0"', SapType("Edm.DateTimeOffset", precision=0)),
        ('Type="Edm.GeometryPoint" SRID="4326"', SapType("Edm.GeometryPoint", srid="4326")),
        ('Type="Edm.GeometryPoint" SRID="variable"', SapType("Edm.GeometryPoint", srid="variable")),
        ('Type="Edm.Int32" Scale="4" Precision="9"', SapType("Edm.Int32")),
    ],
)
def test_facets_are_read_for_the_types_that_have_them(facets: str, expected: SapType) -> None:
    assert _type(facets) == expected


@pytest.mark.parametrize(
    ("facets", "expected"),
    [
        ('Type="Edm.String" MaxLength="MAX"', SapType("Edm.String")),
        ('Type="Edm.String" MaxLength="2147483647"', SapType("Edm.String", length=2147483647)),
        ('Type="Edm.String" MaxLength="2147483648"', SapType("Edm.String", length="2147483648")),
        ('Type="Edm.String" MaxLength="ten"', SapType("Edm.String", length="ten")),
        ('Type="Edm.String" MaxLength="-1"', SapType("Edm.String", length="-1")),
        ('Type="Edm.String" MaxLength="1e3"', SapType("Edm.String", length="1e3")),
        ('Type="Edm.String" MaxLength=""', SapType("Edm.String", length="")),
        ('Type="Edm.Decimal" Precision="x"', SapType("Edm.Decimal", precision="x", scale=0)),
        ('Type="Edm.Decimal" Scale="1.5"', SapType("Edm.Decimal", scale="1.5")),
        ('Type="Edm.Decimal" Scale=" Variable "', SapType("Edm.Decimal", scale="variable")),
        (
            f'Type="Edm.Decimal" Precision="{"9" * 5000}"',
            SapType("Edm.Decimal", precision="9" * 40, scale=0),
        ),
    ],
)
def test_a_facet_that_is_no_number_is_its_text(facets: str, expected: SapType) -> None:
    assert _type(facets) == expected


def test_a_collection_has_its_item_type_with_facets() -> None:
    assert _type('Type="Collection(Edm.String)" MaxLength="5"') == SapType(
        "Collection", items=SapType("Edm.String", length=5)
    )


def test_a_structure_has_its_nested_fields_in_order() -> None:
    inner = '<ComplexType Name="In"><Property Name="Z" Type="Edm.Int32"/></ComplexType>'
    outer = (
        '<ComplexType Name="Out"><Property Name="B" Type="Edm.String" MaxLength="3"/>'
        '<Property Name="A" Type="Collection(self.In)"/></ComplexType>'
    )
    structure = SapType("n.s.In", fields=(("Z", SapType("Edm.Int32")),))
    assert _type('Type="n.s.Out"', inner + outer) == SapType(
        "n.s.Out",
        fields=(
            ("B", SapType("Edm.String", length=3)),
            ("A", SapType("Collection", items=structure)),
        ),
    )


def test_an_alias_and_the_namespace_refer_to_the_same_type() -> None:
    enumeration = '<EnumType Name="E"><Member Name="X"/><Member Name="Y"/></EnumType>'
    expected = SapType("n.s.E", items=SapType("Edm.Int32"), values=("X", "Y"))
    assert _type('Type="self.E"', enumeration) == expected
    assert _type('Type="n.s.E"', enumeration) == expected


def test_an_enumeration_may_have_another_base() -> None:
    enumeration = '<EnumType Name="E" UnderlyingType="Edm.Byte"/>'
    assert _type('Type="self.E"', enumeration) == SapType("n.s.E", items=SapType("Edm.Byte"))


def test_facets_of_the_property_override_those_of_the_type_definition() -> None:
    amount = '<TypeDefinition Name="T" UnderlyingType="Edm.Decimal" Precision="15" Scale="2"/>'
    assert _type('Type="self.T"', amount) == SapType("Edm.Decimal", None, 15, 2)
    assert _type('Type="self.T" Scale="0"', amount) == SapType("Edm.Decimal", None, 15, 0)
    assert _type('Type="self.T" Precision="9"', amount) == SapType("Edm.Decimal", None, 9, 2)


def test_recursive_types_end() -> None:
    tree = '<ComplexType Name="T"><Property Name="Child" Type="Collection(self.T)"/></ComplexType>'
    sap_type = _type('Type="self.T"', tree)
    assert sap_type.fields == (("Child", SapType("Collection", items=SapType("n.s.T"))),)
    loop = '<TypeDefinition Name="L" UnderlyingType="self.L"/>'
    assert _type('Type="self.L"', loop) == SapType("n.s.L")


def test_structures_that_multiply_are_rejected() -> None:
    doubling_types = "".join(
        f'<ComplexType Name="T{level}">'
        f'<Property Name="A" Type="self.T{level + 1}"/>'
        f'<Property Name="B" Type="self.T{level + 1}"/>'
        "</ComplexType>"
        for level in range(30)
    )
    with pytest.raises(DocumentError, match="more than 10000 parts"):
        _type('Type="self.T0"', doubling_types)


def test_a_wide_structure_is_accepted() -> None:
    fields = "".join(f'<Property Name="F{n}" Type="Edm.Int32"/>' for n in range(2000))
    assert (
        len(_type('Type="self.W"', f'<ComplexType Name="W">{fields}</ComplexType>').fields) == 2000
    )


def test_an_undefined_type_retains_its_name() -> None:
    assert _type('Type="other.Thing"') == SapType("other.Thing")
    assert _type('Type="self.Missing"') == SapType("n.s.Missing")


def test_a_structure_has_the_fields_of_its_base_types_and_each_name_once() -> None:
    base = (
        '<ComplexType Name="B" BaseType="self.D"><Property Name="X" Type="Edm.Date"/></ComplexType>'
    )
    derived = (
        '<ComplexType Name="D" BaseType="self.B"><Property Name="X" Type="Edm.Int32"/>'
        '<Property Type="Edm.Int32"/></ComplexType>'
    )
    fields = _type('Type="self.D"', base + derived).fields
    assert [name for name, _ in fields] == ["X", "X_2", "COLUMN_3"]


def test_collections_nested_without_end_are_rejected() -> None:
    deep = "Collection(" * 5000 + "Edm.Int32" + ")" * 5000
    with pytest.raises(DocumentError, match="nested deeper"):
        _type(f'Type="{deep}"')
