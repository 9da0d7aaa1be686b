"""Types of a CSDL document: primitive ones with their facets, and those that it defines itself."""

from dataclasses import replace
from typing import Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.vocabulary import EDM
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import SapType

_WORDS: Final = frozenset({"variable", "floating"})
_PRECISE: Final = frozenset({"Edm.Decimal", "Edm.DateTimeOffset", "Edm.TimeOfDay", "Edm.Duration"})
_COLLECTION: Final = "Collection("


class Types:
    """Resolves the types of the properties of one document."""

    def __init__(self, schemas: list[Node]) -> None:
        self._aliases = {
            alias: schema.get("Namespace", "")
            for schema in schemas
            if (alias := schema.get("Alias"))
        }
        self._defined = {
            f"{schema.get('Namespace', '')}.{node.get('Name', '')}": node
            for schema in schemas
            for tag in ("TypeDefinition", "EnumType", "ComplexType")
            for node in schema.iterfind(EDM + tag)
        }

    def qualified(self, name: str) -> str:
        """Return a qualified name with the schema's alias replaced by its namespace."""
        prefix, dot, rest = name.partition("/")[0].rpartition(".")
        tail = name[len(name.partition("/")[0]) :]
        return f"{self._aliases.get(prefix, prefix)}{dot}{rest}{tail}"

    def of(self, node: Node, *path: str) -> SapType:
        """Return the type of a property.

        Raises:
            DocumentError: a facet is no number, with the path to it.

        """
        return self._named(node.get("Type", "Edm.String"), node, path, ())

    def _named(
        self, name: str, node: Node, path: tuple[str, ...], inside: tuple[str, ...]
    ) -> SapType:
        if name.startswith(_COLLECTION):
            inner = name.removeprefix(_COLLECTION).removesuffix(")")
            return SapType("Collection", items=self._named(inner, node, path, inside))
        name = self.qualified(name)
        definition = self._defined.get(name)
        if definition is None or name in inside:
            return _primitive(name, node, path)
        return self._own(name, definition, node, path, (*inside, name))

    def _own(
        self,
        name: str,
        definition: Node,
        node: Node,
        path: tuple[str, ...],
        inside: tuple[str, ...],
    ) -> SapType:
        tag = definition.tag.removeprefix(EDM)
        if tag == "ComplexType":
            fields = tuple(
                (
                    prop.get("Name", ""),
                    self._named(prop.get("Type", "Edm.String"), prop, path, inside),
                )
                for prop in definition.iterfind(EDM + "Property")
            )
            return SapType(name, fields=fields)
        underlying = definition.get("UnderlyingType", "Edm.Int32")
        if tag == "EnumType":
            members = definition.iterfind(EDM + "Member")
            values = tuple(member.get("Name", "") for member in members)
            return SapType(name, items=SapType(underlying), values=values)
        told = _primitive(underlying, definition, path)
        here = _primitive(underlying, node, path)
        return replace(
            told,
            length=here.length or told.length,
            precision=here.precision or told.precision,
            scale=told.scale if here.scale is None else here.scale,
        )


def _primitive(name: str, node: Node, path: tuple[str, ...]) -> SapType:
    length = node.get("MaxLength")
    precision = _number(node, "Precision", path) if name in _PRECISE else None
    scale = node.get("Scale")
    return SapType(
        name=name,
        length=None if length in {None, "max"} else _number(node, "MaxLength", path),
        precision=precision,
        scale=_scale(node, scale, precision, path) if name == "Edm.Decimal" else None,
        srid=node.get("SRID"),
    )


def _scale(
    node: Node, written: str | None, precision: int | None, path: tuple[str, ...]
) -> int | str | None:
    """Return the scale of a decimal; without one it is 0 where a precision stands (OData CSDL)."""
    if written is None:
        return None if precision is None else 0
    return written.lower() if written.lower() in _WORDS else _number(node, "Scale", path)


def _number(node: Node, facet: str, path: tuple[str, ...]) -> int | None:
    written = node.get(facet)
    if written is None:
        return None
    if not written.strip().isdecimal():
        raise DocumentError(f"expected a number, got {written[:40]!r}", *path, f"@{facet}")
    return int(written)
