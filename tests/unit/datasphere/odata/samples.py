"""Metadata documents for the tests of all modules of the room."""

from collections.abc import Mapping

from datasphere_glue.datasphere.odata.csdl import parse_metadata
from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.model.element import Element

EDM = "http://docs.oasis-open.org/odata/ns/edm"
EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
VOCABULARIES = {
    "Aggregation": "Org.OData.Aggregation.V1",
    "Analytics": "com.sap.vocabularies.Analytics.v1",
    "Common": "com.sap.vocabularies.Common.v1",
    "Core": "Org.OData.Core.V1",
    "DataIntegration": "com.sap.vocabularies.DataIntegration.v1",
    "Hierarchy": "com.sap.vocabularies.Hierarchy.v1",
    "Measures": "Org.OData.Measures.V1",
}


def document(
    content: str, *, includes: Mapping[str, str] = VOCABULARIES, alias: str = "self", more: str = ""
) -> bytes:
    """Return a document with a schema `S` of this content, and more schemas."""
    references = "".join(
        f'<edmx:Reference Uri="x"><edmx:Include Alias="{one}" Namespace="{namespace}"/>'
        "</edmx:Reference>"
        for one, namespace in includes.items()
    )
    return (
        f'<edmx:Edmx Version="4.0" xmlns:edmx="{EDMX}">{references}<edmx:DataServices>'
        f'<Schema Namespace="S" Alias="{alias}" xmlns="{EDM}">{content}</Schema>{more}'
        "</edmx:DataServices></edmx:Edmx>"
    ).encode()


def schema(namespace: str, content: str, alias: str = "") -> str:
    """Return a further schema."""
    named = f' Alias="{alias}"' if alias else ""
    return f'<Schema Namespace="{namespace}"{named} xmlns="{EDM}">{content}</Schema>'


def entity(name: str, *properties: str, more: str = "", **attributes: str) -> str:
    """Return an entity type with text properties of these names."""
    written = "".join(f' {key}="{value}"' for key, value in attributes.items())
    columns = "".join(f'<Property Name="{one}" Type="Edm.String"/>' for one in properties)
    return f'<EntityType Name="{name}"{written}>{columns}{more}</EntityType>'


def container(*sets: str, more: str = "") -> str:
    """Return a container `C` of sets, each as `Name=Type`."""
    pairs = (one.partition("=") for one in sets)
    inner = "".join(f'<EntitySet Name="{n}" EntityType="{t}"/>' for n, _, t in pairs)
    return f'<EntityContainer Name="C">{inner}{more}</EntityContainer>'


def about(target: str, *annotations: str) -> str:
    """Return annotations of a target; each is `"Term" Attribute="value"`, or an element."""
    inner = "".join(one if one[0] == "<" else f"<Annotation Term={one}/>" for one in annotations)
    return f'<Annotations Target="{target}">{inner}</Annotations>'


def original(target: str, name: str) -> str:
    """Return the annotation that gives a target its original name."""
    return about(target, f'"DataIntegration.OriginalName" String="{name}"')


def record(**members: str) -> str:
    """Return a record; each member is the attribute or the element that holds its value."""
    values = "".join(
        f'<PropertyValue Property="{key}">{value}</PropertyValue>'
        if value[0] == "<"
        else f'<PropertyValue Property="{key}" {value}/>'
        for key, value in members.items()
    )
    return f"<Record>{values}</Record>"


def read(content: str, asset: str = "V", **more: str) -> EntityMetadata:
    """Return the metadata of an asset in a document."""
    return parse_metadata(document(content, **more), asset)  # type: ignore[arg-type]


def column(metadata: EntityMetadata, name: str) -> Element:
    """Return the column of this name."""
    return next(one for one in metadata.elements if one.name == name)
