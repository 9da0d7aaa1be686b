"""Resolves types of CSDL: primitive types with their facets, and types of the document itself."""

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.odata.vocabulary import EDM
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import SapType

_WORDS: Final = frozenset({"variable", "floating"})
_PRECISE: Final = frozenset({"Edm.Decimal", "Edm.DateTimeOffset", "Edm.TimeOfDay", "Edm.Duration"})
_COLLECTION: Final = "Collection("
_UNTYPED: Final = "Edm.String"
_DIGITS: Final = 9
_MOST_PARTS: Final = 10_000
"""Structures that contain one another expand without bound from a small document."""


class EdmTypes:
    """Resolves the types of the properties of one document."""

    def __init__(self, schemas: list[Node]) -> None:
        self._aliases = {
            alias: schema.get("Namespace", "")
            for schema in schemas
            if (alias := schema.get("Alias"))
        }
        self._parts_left = _MOST_PARTS
        self._defined = {
            f"{schema.get('Namespace', '')}.{node.get('Name', '')}": node
            for schema in schemas
            for tag in ("TypeDefinition", "EnumType", "ComplexType")
            for node in schema.iterfind(EDM + tag)
        }

    def qualify(self, name: str) -> str:
        """Return a qualified name with the schema's alias replaced by its namespace."""
        if not self._aliases:
            return name
        head, slash, tail = name.partition("/")
        prefix, dot, rest = head.rpartition(".")
        return f"{self._aliases.get(prefix, prefix)}{dot}{rest}{slash}{tail}"

    def type_of(self, node: Node, *path: str) -> SapType:
        """Return the type of a property.

        Raises:
            DocumentError: a facet is not a number, or a structure is too large, with the path.

        """
        self._parts_left = _MOST_PARTS
        return self._named(node.get("Type", _UNTYPED), node.attrib, path, ())

    def _named(
        self, name: str, facets: Mapping[str, str], path: tuple[str, ...], inside: tuple[str, ...]
    ) -> SapType:
        self._parts_left -= 1
        if self._parts_left < 0:
            raise DocumentError(f"a type has more than {_MOST_PARTS} parts", *path)
        if name.startswith(_COLLECTION):
            inner = name.removeprefix(_COLLECTION).removesuffix(")")
            return SapType("Collection", items=self._named(inner, facets, path, inside))
        name = self.qualify(name)
        definition = self._defined.get(name)
        if definition is None or name in inside:
            return _primitive(name, facets, path)
        inside = (*inside, name)
        underlying = definition.get("UnderlyingType", "Edm.Int32")
        if definition.tag == EDM + "EnumType":
            members = definition.iterfind(EDM + "Member")
            values = tuple(member.get("Name", "") for member in members)
            return SapType(name, items=SapType(underlying), values=values)
        if definition.tag == EDM + "TypeDefinition":
            return self._named(underlying, {**definition.attrib, **facets}, path, inside)
        fields = tuple(
            (
                prop.get("Name", ""),
                self._named(prop.get("Type", _UNTYPED), prop.attrib, path, inside),
            )
            for prop in definition.iterfind(EDM + "Property")
        )
        return SapType(name, fields=fields)


def _primitive(name: str, facets: Mapping[str, str], path: tuple[str, ...]) -> SapType:
    precision = _number(facets, "Precision", path) if name in _PRECISE else None
    return SapType(
        name=name,
        length=None if facets.get("MaxLength") == "max" else _number(facets, "MaxLength", path),
        precision=precision,
        scale=_scale(facets, precision, path) if name == "Edm.Decimal" else None,
        srid=facets.get("SRID"),
    )


def _scale(
    facets: Mapping[str, str], precision: int | None, path: tuple[str, ...]
) -> int | str | None:
    """Return the scale of a decimal; with a precision, it defaults to 0 (OData CSDL)."""
    written = facets.get("Scale")
    if written is None:
        return None if precision is None else 0
    return written.lower() if written.lower() in _WORDS else _number(facets, "Scale", path)


def _number(facets: Mapping[str, str], facet: str, path: tuple[str, ...]) -> int | None:
    written = facets.get(facet)
    if written is None:
        return None
    if not written.strip().isdecimal() or len(written) > _DIGITS:
        raise DocumentError(f"expected a number, got {written[:40]!r}", *path, f"@{facet}")
    return int(written)
