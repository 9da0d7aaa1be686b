"""What the types that a document defines say of the properties that have them.

Annotations of a type definition count wherever it is used; the members of an enumeration type are
the values of its properties (OData CSDL XML 4.01, sections 10 and 11). Annotations of an
enumeration type describe the type alone.
"""

from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.odata.entity_type import Annotated
from datasphere_glue.datasphere.odata.expressions import EDM
from datasphere_glue.datasphere.odata.types import EdmTypes
from datasphere_glue.datasphere.odata.vocabulary import (
    DESCRIPTIONS,
    LABEL,
    AnnotationReader,
    ODataAnnotations,
)
from datasphere_glue.model.element import EnumValue

_DEFINITION: Final = EDM + "TypeDefinition"
_ENUMERATION: Final = EDM + "EnumType"
_MEMBER: Final = EDM + "Member"


class DefinedTypes:
    """The type definitions and enumeration types of one document, with their annotations."""

    def __init__(self, schemas: Sequence[Node], types: EdmTypes, reader: AnnotationReader) -> None:
        self._types = types
        self._nodes: dict[str, Node] = {}
        self._about: dict[str, Annotated] = {}
        for schema in schemas:
            for tag in (_DEFINITION, _ENUMERATION):
                for node in schema.iterfind(tag):
                    name = f"{schema.get('Namespace', '')}.{node.get('Name', '')}"
                    self._nodes.setdefault(name, node)
                    about = self._about.setdefault(name, Annotated())
                    reader.collect(node, about.annotations)
                    for member in node.iterfind(_MEMBER):
                        reader.collect(member, about.of_property(member.get("Name", "")))

    def at(self, name: str, path: str) -> ODataAnnotations | None:
        """Return the annotations of a type or of one of its members, None for any other name."""
        about = self._about.get(name)
        return None if about is None else about.at(path)

    def annotations(self, node: Node) -> ODataAnnotations | None:
        """Return what the type definition of a property says, None without one."""
        name = self._types.qualify(node.get("Type", ""))
        found = self._nodes.get(name)
        return (
            self._about[name].annotations if found is not None and _is_definition(found) else None
        )

    def values(self, node: Node) -> tuple[EnumValue, ...]:
        """Return the values of a property with an enumeration type, none for any other."""
        name = self._types.qualify(node.get("Type", ""))
        found = self._nodes.get(name)
        if found is None or _is_definition(found):
            return ()
        return tuple(_values(found, self._about[name]))


def _is_definition(node: Node) -> bool:
    return node.tag == _DEFINITION


def _values(node: Node, about: Annotated) -> Iterator[EnumValue]:
    """Yield the members; where none has a value, they are numbered from 0."""
    for number, member in enumerate(node.iterfind(_MEMBER)):
        name = member.get("Name", "")
        texts = about.of_property(name)
        yield EnumValue(
            name,
            member.get("Value", str(number)),
            texts.text(LABEL),
            texts.text(*DESCRIPTIONS),
        )
