"""Resolves types of CSDL: primitive types with their facets, and types of the document itself."""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.column_names import name_columns
from datasphere_glue.datasphere.odata.expressions import EDM
from datasphere_glue.datasphere.values import as_facet
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.sap_type import SCALE_WORDS, SapType

_PRECISE: Final = frozenset({"Edm.Decimal", "Edm.DateTimeOffset", "Edm.TimeOfDay", "Edm.Duration"})
_COLLECTION: Final = "Collection("
_UNTYPED: Final = "Edm.String"
_MOST_PARTS: Final = 10_000
_MOST_IN_ALL: Final = 200_000
"""Structures that contain one another expand without bound from a small document."""
_MOST_STEPS: Final = 40


class EdmTypes:
    """Resolves the types of the properties of one document.

    `aliases`: namespaces of further aliases that the document declares.
    """

    def __init__(self, schemas: list[Node], aliases: Mapping[str, str] | None = None) -> None:
        own = {a: schema.get("Namespace", "") for schema in schemas if (a := schema.get("Alias"))}
        self._aliases = {**(aliases or {}), **own}
        self._parts_left = _MOST_PARTS
        self._left_in_all = _MOST_IN_ALL
        self._defined = {
            f"{schema.get('Namespace', '')}.{node.get('Name', '')}": node
            for schema in schemas
            for tag in ("TypeDefinition", "EnumType", "ComplexType")
            for node in schema.iterfind(EDM + tag)
        }

    def qualify(self, name: str) -> str:
        """Return a qualified name with an alias replaced by its namespace."""
        if not self._aliases:
            return name
        head, slash, tail = name.partition("/")
        prefix, dot, rest = head.rpartition(".")
        return f"{self._aliases.get(prefix, prefix)}{dot}{rest}{slash}{tail}"

    def target_of(self, navigation: Node) -> str:
        """Return the qualified name of the entity type that a navigation property leads to."""
        written = navigation.get("Type", "").removeprefix(_COLLECTION).removesuffix(")")
        return self.qualify(written)

    def type_of(self, node: Node) -> SapType:
        """Return the type of a property; a facet that is no number is its text.

        Raises:
            DocumentError: a structure is too large or too deep.

        """
        self._parts_left = _MOST_PARTS
        return self._named(node.get("Type", _UNTYPED), node.attrib, (), _MOST_STEPS)

    def _named(
        self, name: str, facets: Mapping[str, str], inside: tuple[str, ...], steps: int
    ) -> SapType:
        self._parts_left -= 1
        self._left_in_all -= 1
        if self._parts_left < 0 or self._left_in_all < 0:
            raise DocumentError(f"a type has more than {_MOST_PARTS} parts")
        if steps == 0:
            raise DocumentError(f"a type is nested deeper than {_MOST_STEPS} levels")
        if name.startswith(_COLLECTION):
            inner = name.removeprefix(_COLLECTION).removesuffix(")")
            return SapType("Collection", items=self._named(inner, facets, inside, steps - 1))
        name = self.qualify(name)
        definition = self._defined.get(name)
        if definition is None or name in inside:
            return _primitive(name, facets)
        inside = (*inside, name)
        underlying = definition.get("UnderlyingType", "Edm.Int32")
        if definition.tag == EDM + "EnumType":
            members = definition.iterfind(EDM + "Member")
            values = tuple(member.get("Name", "") for member in members)
            return SapType(name, items=SapType(underlying), values=values)
        if definition.tag == EDM + "TypeDefinition":
            return self._named(underlying, {**definition.attrib, **facets}, inside, steps - 1)
        properties = [
            prop
            for holder in reversed(list(self._with_bases(definition)))
            for prop in holder.iterfind(EDM + "Property")
        ]
        names = name_columns([prop.get("Name", "") for prop in properties])
        fields = tuple(
            (one.name, self._named(prop.get("Type", _UNTYPED), prop.attrib, inside, steps - 1))
            for one, prop in zip(names, properties, strict=True)
        )
        return SapType(name, fields=fields)

    def _with_bases(self, definition: Node) -> Iterator[Node]:
        """Yield a complex type and the types that it inherits from, each once."""
        seen: list[Node] = []
        node: Node | None = definition
        while node is not None and node not in seen:
            seen.append(node)
            yield node
            node = self._defined.get(self.qualify(node.get("BaseType", "")))


def _primitive(name: str, facets: Mapping[str, str]) -> SapType:
    length = facets.get("MaxLength")
    precision = as_facet(facets.get("Precision")) if name in _PRECISE else None
    return SapType(
        name=name,
        length=None if length is None or length.strip().lower() == "max" else as_facet(length),
        precision=precision,
        scale=_scale(facets, precision) if name == "Edm.Decimal" else None,
        srid=facets.get("SRID"),
    )


def _scale(facets: Mapping[str, str], precision: int | str | None) -> int | str | None:
    """Return the scale of a decimal; with a precision, it defaults to 0 (OData CSDL)."""
    written = facets.get("Scale")
    if written is None:
        return None if precision is None else 0
    word = written.strip().lower()
    return word if word in SCALE_WORDS else as_facet(written)
