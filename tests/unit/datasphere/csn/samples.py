"""Small CSN documents for the tests of the reader."""

from typing import Any

from datasphere_glue.datasphere.csn.parser import Definition, parse_definition
from datasphere_glue.model.asset_parts import Association
from datasphere_glue.model.element import Element


def entity(elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an entity; keyword arguments are added unchanged."""
    return {"kind": "entity", "elements": elements, **more}


def document(elements: dict[str, Any], **definitions: Any) -> dict[str, Any]:
    """Return a document with the entity `V` of these elements and other definitions."""
    return {"definitions": {"V": entity(elements), **definitions}}


def read(csn: dict[str, Any], name: str = "V", **options: Any) -> Definition:
    """Return the definition read for an asset of the space SALES."""
    return parse_definition(csn, name, space="SALES", **options)


def column(element: dict[str, Any], **definitions: Any) -> Element:
    """Return the element that the reader returns for one column."""
    (parsed,) = read(document({"C": element}, **definitions)).asset.elements
    return parsed


def link(element: dict[str, Any], spaces: tuple[str, ...] = (), **definitions: Any) -> Association:
    """Return the association that the reader returns for one link."""
    csn = document({"_a": {"type": "cds.Association", **element}}, **definitions)
    (association,) = read(csn, spaces=spaces).asset.associations
    return association
