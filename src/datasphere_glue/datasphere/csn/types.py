"""Resolves types of CSN: built-in types with their facets, and types of the document itself."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from datasphere_glue.datasphere.column_names import name_columns
from datasphere_glue.datasphere.csn.document import Document, require_object
from datasphere_glue.datasphere.values import as_facet
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.sap_type import SCALE_WORDS, SapType

UNTYPED: Final = SapType("")
"""The type of a column that inherits it from its source, as columns of analytic models do."""
LINKS: Final = frozenset({"cds.Association", "cds.Composition"})

_STRUCTURE: Final = "Structure"
_COLLECTION: Final = "Collection"
_BUILT_IN: Final = "cds."
_MOST_PARTS: Final = 200_000
"""Structures that contain one another expand without bound from a small document."""
_MOST_STEPS: Final = 40


class CsnTypes:
    """Resolves the types of one document; `unknown` collects the names that it does not define."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._parts_left = _MOST_PARTS
        self.unknown: dict[str, None] = {}

    def type_of(self, element: Mapping[str, Any], *path: str) -> SapType:
        """Return the type of an element, `UNTYPED` where it has none.

        A facet that is no number is its text.

        Raises:
            DocumentError: a type has the wrong form, or a structure is too large or too deep, with
                the path.

        """
        return self._type_of(element, path, frozenset())

    def chain(self, element: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the type definitions that an element inherits from, the nearest first."""
        seen: set[str] = set()
        for _ in range(_MOST_STEPS):
            name, definition = self._definition_of(element.get("type"))
            if definition is None or name in seen:
                return
            seen.add(name)
            yield definition
            element = definition

    def _definition_of(self, named: Any) -> tuple[str, Mapping[str, Any] | None]:
        """Return the name of a type, and its definition, None for a built-in or unknown type."""
        if isinstance(named, str):
            built_in = named.startswith(_BUILT_IN)
            return named, None if built_in else self._document.find(named)
        ref = named.get("ref") if isinstance(named, Mapping) else None
        if not isinstance(ref, list) or not ref or not all(isinstance(r, str) for r in ref):
            return "", None
        definition = self._document.find(ref[0])
        for step in ref[1:]:
            inner = definition.get("elements") if definition else None
            definition = inner.get(step) if isinstance(inner, Mapping) else None
            definition = definition if isinstance(definition, Mapping) else None
        return ".".join(ref), definition

    def _type_of(
        self, element: Mapping[str, Any], path: tuple[str, ...], inside: frozenset[str]
    ) -> SapType:
        self._parts_left -= 1
        if self._parts_left < 0:
            raise DocumentError(f"types have more than {_MOST_PARTS} parts", *path)
        if len(inside) > _MOST_STEPS or len(path) > 2 * _MOST_STEPS:
            raise DocumentError(f"a type is nested deeper than {_MOST_STEPS} levels", *path[:8])
        if isinstance(element.get("enum"), Mapping):
            return self._enumeration(element, path, inside)
        if element.get("items") is not None:
            items = require_object(element["items"], *path, "items")
            return SapType(_COLLECTION, items=self._type_of(items, (*path, "items"), inside))
        if element.get("elements") is not None:
            return self._structure(_STRUCTURE, element, path, inside)
        return self._named(element, path, inside)

    def _named(
        self, element: Mapping[str, Any], path: tuple[str, ...], inside: frozenset[str]
    ) -> SapType:
        written = element.get("type")
        if written is None:
            return UNTYPED
        name, definition = self._definition_of(written)
        if not name:
            raise DocumentError(f"a type is no name but {str(written)[:60]}", *path, "type")
        if name.startswith(_BUILT_IN):
            return _primitive(name, element)
        if definition is None or name in inside:
            self.unknown[name] = None
            return _primitive(name, element)
        inside = inside | {name}
        if isinstance(definition.get("elements"), Mapping):
            return self._structure(name, definition, path, inside)
        if isinstance(definition.get("enum"), Mapping):
            return self._enumeration({**definition, **_facets(element)}, path, inside, name)
        return self._type_of({**definition, **_facets(element)}, path, inside)

    def _structure(
        self,
        name: str,
        holder: Mapping[str, Any],
        path: tuple[str, ...],
        inside: frozenset[str],
    ) -> SapType:
        elements = require_object(holder["elements"], *path, "elements")
        fields = []
        for key, value in elements.items():
            where = (*path, "elements", str(key))
            field = require_object(value, *where)
            if not is_link(field):
                fields.append((str(key), self._type_of(field, where, inside)))
        names = name_columns([key for key, _ in fields])
        types = (kind for _, kind in fields)
        return SapType(name, fields=tuple(zip((one.name for one in names), types, strict=True)))

    def _enumeration(
        self,
        element: Mapping[str, Any],
        path: tuple[str, ...],
        inside: frozenset[str],
        name: str | None = None,
    ) -> SapType:
        values = element["enum"]
        bare = {key: value for key, value in element.items() if key != "enum"}
        base = self._type_of({"type": "cds.String", **bare}, path, inside)
        return SapType(name or base.name, items=base, values=tuple(map(str, values)))


def is_link(element: Mapping[str, Any]) -> bool:
    """Return whether an element is an association or a composition, so not a column."""
    kind = element.get("type")
    return isinstance(kind, str) and kind in LINKS


def _facets(element: Mapping[str, Any]) -> dict[str, Any]:
    facets = ("length", "precision", "scale", "srid")
    return {key: element[key] for key in facets if element.get(key) is not None}


def _primitive(name: str, element: Mapping[str, Any]) -> SapType:
    srid = as_facet(element.get("srid"))
    return SapType(
        name=name,
        length=as_facet(element.get("length")),
        precision=as_facet(element.get("precision")),
        scale=_scale(element.get("scale")),
        srid=None if srid is None else str(srid),
    )


def _scale(written: Any) -> int | str | None:
    word = written.strip().lower() if isinstance(written, str) else ""
    return word if word in SCALE_WORDS else as_facet(written)
