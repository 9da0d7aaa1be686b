"""The judge's facts about columns of types that a `$metadata` document defines."""

from tools.fidelity.edmx.document import Metadata
from tools.fidelity.edmx.entities import EntityMetadata
from tools.fidelity.kinds import Kind

METADATA = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:Reference Uri="x"><edmx:Include Alias="C" Namespace="com.sap.vocabularies.Common.v1"/>
</edmx:Reference><edmx:DataServices>
<Schema Namespace="S" Alias="own" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<TypeDefinition Name="Depth" UnderlyingType="Edm.Int32"><Annotation Term="C.Label" String="Depth"/>
</TypeDefinition>
<EnumType Name="Tide"><Member Name="LOW"/><Member Name="HIGH">
<Annotation Term="C.Label" String="High water"/></Member></EnumType>
<EntityType Name="BERTHS"><Property Name="DRAUGHT" Type="own.Depth"/>
<Property Name="KEEL" Type="S.Depth"><Annotation Term="C.Label" String="Keel"/></Property>
<Property Name="TIDE" Type="S.Tide"/></EntityType>
<Annotations Target="own.Tide/LOW"><Annotation Term="C.Label" String="Low water"/></Annotations>
</Schema></edmx:DataServices></edmx:Edmx>"""


def facts(kind: Kind) -> dict[tuple[str, str], str]:
    """Return the texts of a kind of fact, by column and detail."""
    metadata = Metadata(METADATA)
    entity = metadata.type_of("BERTHS")
    assert entity is not None
    return {
        (column, detail): one.texts[0]
        for column, expected in EntityMetadata(metadata, entity).columns()
        for (found, detail), one in expected.items()
        if found is kind
    }


def test_a_column_has_what_its_type_definition_says_unless_it_says_it_itself() -> None:
    assert facts(Kind.LABEL) == {("DRAUGHT", ""): "Depth", ("KEEL", ""): "Keel"}


def test_members_of_an_enumeration_are_values_of_the_column() -> None:
    assert facts(Kind.ENUM_VALUE) == {("TIDE", "LOW"): "0", ("TIDE", "HIGH"): "1"}
    assert facts(Kind.ENUM_LABEL) == {("TIDE", "LOW"): "Low water", ("TIDE", "HIGH"): "High water"}
