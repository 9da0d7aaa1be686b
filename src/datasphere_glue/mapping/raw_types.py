"""Writes SAP types as one line of text, and parses that text without loss.

Examples are `cds.Decimal(17,2)` for CDS and `Edm.String(MaxLength=10)` for OData. Blanks appear
only as shown, so that each type has one spelling:

    type       Collection(type), or: name facets structure items values, all but the name optional
    facets     (10) is a length, (17,2) precision and scale of a CDS decimal, else (name=value,...);
               a value that is no number is a JSON string
    structure  {name: type, name: type}
    items      :type, in angle brackets where it has a structure, items or values of its own
    values     [name, name], the values of an enumeration, whose underlying type are its items
    name       letters, digits and _ . $ / = -, anything else as a JSON string
"""

import json
import re
from functools import lru_cache
from typing import Any, Final

from datasphere_glue.model.sap_type import SCALE_WORDS, SapType

MOST_NESTED: Final = 100
"""Maximum number of nested levels; deeper levels are written as `"…"`."""

_COLLECTION: Final = "Collection"
_EDM: Final = "Edm."
_EDM_FACETS: Final = {
    "length": "MaxLength",
    "precision": "Precision",
    "scale": "Scale",
    "srid": "SRID",
}
_CDS_FACETS: Final = {facet: facet for facet in _EDM_FACETS}
_DECIMALS: Final = frozenset({"cds.Decimal", "cds.DecimalFloat"})
_WORDS: Final = tuple(sorted(SCALE_WORDS, reverse=True))
_SHORT: Final = 64

_SAFE: Final = re.compile(r"[A-Za-z0-9_.$/=-]+")
_NUMBER: Final = re.compile(r"-?[0-9]+")
_FACET: Final = re.compile(r"([A-Za-z]+)=")
_JSON: Final = json.JSONDecoder()


def raw_type(sap: SapType) -> str:
    """Return the text of an SAP type with its facets."""
    return _simple_text(sap) if _is_simple(sap) else _type_text(sap, MOST_NESTED)


def sap_type(text: str) -> SapType:
    """Return the type that `raw_type` writes as this text.

    Raises:
        ValueError: `raw_type` writes no type as this text.

    """
    return _cached_type(text) if len(text) <= _SHORT else _parse(text)


@lru_cache(maxsize=4096)
def _cached_type(text: str) -> SapType:
    return _parse(text)


def _parse(text: str) -> SapType:
    reader = _Reader(text)
    parsed = reader.type(MOST_NESTED)
    if reader.at != len(text) or raw_type(parsed) != text:
        raise ValueError(f"no SAP type is written {text[:80]!r}")
    return parsed


@lru_cache(maxsize=4096)
def _simple_text(sap: SapType) -> str:
    """Return the text of a type without parts.

    The result is cached: a tenant has millions of columns, but few such types.
    """
    return _type_text(sap, MOST_NESTED)


def _type_text(sap: SapType, room: int) -> str:
    if room < 0:
        return _name("…")
    facets = _facets(sap)
    bare = not (facets or sap.fields or sap.values)
    if sap.name == _COLLECTION and sap.items is not None and bare:
        return f"{_COLLECTION}({_type_text(sap.items, room - 1)})"
    # An unquoted `Collection(` always precedes the type of the items.
    name = json.dumps(sap.name) if sap.name == _COLLECTION and facets else _name(sap.name)
    parts = [name, f"({','.join(facets)})" if facets else ""]
    if sap.fields:
        fields = (f"{_name(field)}: {_type_text(kind, room - 1)}" for field, kind in sap.fields)
        parts.append(f"{{{', '.join(fields)}}}")
    if sap.items is not None:
        inner = _type_text(sap.items, room - 1)
        parts.append(f":{inner}" if _is_simple(sap.items) else f":<{inner}>")
    if sap.values:
        parts.append(f"[{', '.join(map(_name, sap.values))}]")
    return "".join(parts)


def _is_simple(sap: SapType) -> bool:
    return not (sap.fields or sap.values) and sap.items is None


def _name(text: str) -> str:
    return text if _SAFE.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _facets(sap: SapType) -> list[str]:
    odd = {facet: json.dumps(text, ensure_ascii=False) for facet, text in sap.odd_facets.items()}
    values = {
        "length": sap.length,
        "precision": sap.precision,
        "scale": sap.scale,
        "srid": None if sap.srid is None else _name(sap.srid),
        **odd,
    }
    facets = {facet: str(value) for facet, value in values.items() if value is not None}
    if not sap.name.startswith(_EDM) and list(facets) in _positional_facets(sap.name):
        return list(facets.values())
    names = _EDM_FACETS if sap.name.startswith(_EDM) else _CDS_FACETS
    return [f"{names[facet]}={value}" for facet, value in facets.items()]


def _positional_facets(name: str) -> list[list[str]]:
    """Return the lists of facets that a CDS type writes without their names."""
    return [["precision", "scale"], ["precision"]] if name in _DECIMALS else [["length"]]


class _Reader:
    """Recursive-descent parser of one text; `at` is the index of the next character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def type(self, room: int, *, simple: bool = False) -> SapType:
        """Parse a type; a `simple` one has no structure, items or values."""
        if room < -1:
            raise ValueError(f"a type is nested deeper than {MOST_NESTED} levels")
        if self._take(f"{_COLLECTION}("):
            items = self.type(room - 1)
            self._expect(")")
            return SapType(_COLLECTION, items=items)
        name = self._name()
        facets = self._facets(name) if self._take("(") else {}
        if simple:
            return SapType(name, **facets)
        return SapType(
            name,
            **facets,
            fields=self._fields(room - 1) if self._take("{") else (),
            items=self._items(room - 1) if self._take(":") else None,
            values=self._values() if self._take("[") else (),
        )

    def _fields(self, room: int) -> tuple[tuple[str, SapType], ...]:
        fields = []
        while True:
            name = self._name()
            self._expect(": ")
            fields.append((name, self.type(room)))
            if not self._take(", "):
                self._expect("}")
                return tuple(fields)

    def _items(self, room: int) -> SapType:
        if not self._take("<"):
            return self.type(room, simple=True)
        items = self.type(room)
        self._expect(">")
        return items

    def _values(self) -> tuple[str, ...]:
        values = [self._name()]
        while self._take(", "):
            values.append(self._name())
        self._expect("]")
        return tuple(values)

    def _facets(self, type_name: str) -> dict[str, Any]:
        """Parse facets up to the closing bracket; facets without a name have a fixed order."""
        names = _EDM_FACETS if type_name.startswith(_EDM) else _CDS_FACETS
        facet_of = {spelling: facet for facet, spelling in names.items()}
        fixed = iter(_positional_facets(type_name)[0])
        facets: dict[str, Any] = {}
        while True:
            named = _FACET.match(self._text, self.at)
            facet = facet_of.get(named[1]) if named else next(fixed, None)
            if facet is None:
                raise ValueError(f"no facet of {type_name[:80]!r} is known at {self.at}")
            self.at = named.end() if named else self.at
            facets[facet] = self._value(facet)
            if not self._take(","):
                self._expect(")")
                return facets

    def _value(self, facet: str) -> int | str:
        if facet == "srid":
            return self._name()
        if number := _NUMBER.match(self._text, self.at):
            self.at = number.end()
            return int(number[0])
        words = _WORDS if facet == "scale" else ()
        return next((word for word in words if self._take(word)), None) or self._string()

    def _name(self) -> str:
        if plain := _SAFE.match(self._text, self.at):
            self.at = plain.end()
            return plain[0]
        return self._string()

    def _string(self) -> str:
        if not self._text.startswith('"', self.at):
            raise ValueError(f"expected a name at {self.at}")
        value, self.at = _JSON.raw_decode(self._text, self.at)
        return str(value)

    def _take(self, expected: str) -> bool:
        if not self._text.startswith(expected, self.at):
            return False
        self.at += len(expected)
        return True

    def _expect(self, expected: str) -> None:
        if not self._take(expected):
            raise ValueError(f"expected {expected!r} at {self.at}")
