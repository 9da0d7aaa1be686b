"""What a type of the document itself says of the properties that have it."""

import pytest

from datasphere_glue.model.element import Element, EnumValue
from tests.unit.datasphere.odata.samples import about, column, read, schema

WEIGHT = (
    '<TypeDefinition Name="Weight" UnderlyingType="Edm.Decimal" Precision="9" Scale="3">'
    '<Annotation Term="Common.Label" String="Weight"/></TypeDefinition>'
)
GRADE = (
    '<EnumType Name="Grade"><Member Name="RAW" Value="10">'
    '<Annotation Term="Common.Label" String="Not worked on"/></Member>'
    '<Member Name="DONE" Value="20"/>'
    '<Annotation Term="Common.Label" String="Grade of a part"/></EnumType>'
)


def of(kind: str) -> str:
    return f'<EntityType Name="PARTS"><Property Name="P" Type="{kind}"/></EntityType>'


def part(content: str, **more: str) -> Element:
    return column(read(content, "PARTS", **more), "P")


@pytest.mark.parametrize("kind", ["S.Weight", "self.Weight"])
def test_annotations_of_a_type_definition_count_where_it_is_used(kind: str) -> None:
    unit = about("self.Weight", '"Measures.Unit" String="KGM"')
    found = part(WEIGHT + of(kind) + unit)
    assert (found.label, found.unit_value) == ("Weight", "KGM")
    assert (found.type.precision, found.type.scale) == (9, 3)


def test_annotations_of_the_property_come_first() -> None:
    own = about("S.PARTS/P", '"Common.Label" String="Gross weight"')
    assert part(WEIGHT + of("S.Weight") + own).label == "Gross weight"


def test_a_type_definition_of_another_schema_counts() -> None:
    more = schema("far.off", WEIGHT, alias="far")
    assert part(of("far.Weight"), more=more).label == "Weight"


def test_the_members_of_an_enumeration_are_the_values_of_its_properties() -> None:
    text = about("S.Grade/DONE", '"Common.Label" String="Ready"', '"Core.Description" String="All"')
    found = part(GRADE + of("S.Grade") + text)
    assert found.values == (
        EnumValue("RAW", "10", "Not worked on"),
        EnumValue("DONE", "20", "Ready", "All"),
    )
    assert found.label is None


def test_members_without_a_value_are_numbered() -> None:
    plain = '<EnumType Name="E"><Member Name="A"/><Member Name="B"/></EnumType>'
    found = part(plain + of("S.E"))
    assert found.values == (EnumValue("A", "0"), EnumValue("B", "1"))


@pytest.mark.parametrize("kind", ["Edm.String", "S.Gone", "Collection(S.Weight)"])
def test_other_types_say_nothing(kind: str) -> None:
    found = part(WEIGHT + GRADE + of(kind))
    assert (found.label, found.values) == (None, ())
