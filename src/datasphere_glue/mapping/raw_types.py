"""SAP types as one line of text, and the exact way back.

CDS types read `cds.Decimal(17,2)`, OData types `Edm.String(MaxLength=10)`. Blanks stand as shown
and nowhere else, so that each type has one spelling:

    type       Collection(type), or: name facets structure items values, all but the name optional
    facets     (10) is a length, (17,2) precision and scale of a CDS decimal, else (name=value,...)
    structure  {name: type, name: type}
    items      :type, in angle brackets where it has a structure, items or values of its own
    values     [name, name], the values of an enumeration, whose underlying type are its items
    name       letters, digits and _ . $ / = -, anything else as a JSON string
"""

import json
import re
from functools import lru_cache
from typing import Any, Final

from datasphere_glue.model.asset import SapType

MOST_NESTED: Final = 100
"""Levels that are written; what is nested deeper reads `"…"`."""

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
_WORDS: Final = ("variable", "floating")
_SHORT: Final = 64

_SAFE: Final = re.compile(r"[A-Za-z0-9_.$/=-]+")
_NUMBER: Final = re.compile(r"-?[0-9]+")
_FACET: Final = re.compile(r"([A-Za-z]+)=")
_JSON: Final = json.JSONDecoder()


def raw_type(sap: SapType) -> str:
    """Return the exact SAP type with its facets, as people know it from the source."""
    return _simple(sap) if _is_simple(sap) else _written(sap, MOST_NESTED)


def sap_type(text: str) -> SapType:
    """Return the type that `raw_type` wrote this text for.

    Raises:
        ValueError: no type is written so.

    """
    return _short(text) if len(text) <= _SHORT else _read(text)


@lru_cache(maxsize=4096)
def _short(text: str) -> SapType:
    return _read(text)


def _read(text: str) -> SapType:
    reader = _Reader(text)
    found = reader.type(MOST_NESTED)
    if reader.at != len(text) or raw_type(found) != text:
        raise ValueError(f"no SAP type is written {text[:80]!r}")
    return found


@lru_cache(maxsize=4096)
def _simple(sap: SapType) -> str:
    """Return a type without parts as text: a tenant has millions of columns and few such types."""
    return _written(sap, MOST_NESTED)


def _written(sap: SapType, room: int) -> str:
    if room < 0:
        return _name("…")
    facets = _facets(sap)
    bare = not (facets or sap.fields or sap.values)
    if sap.name == _COLLECTION and sap.items is not None and bare:
        return f"{_COLLECTION}({_written(sap.items, room - 1)})"
    # What follows an unquoted `Collection(` is always the type of its items.
    name = json.dumps(sap.name) if sap.name == _COLLECTION and facets else _name(sap.name)
    parts = [name, f"({','.join(facets)})" if facets else ""]
    if sap.fields:
        fields = (f"{_name(field)}: {_written(kind, room - 1)}" for field, kind in sap.fields)
        parts.append(f"{{{', '.join(fields)}}}")
    if sap.items is not None:
        inner = _written(sap.items, room - 1)
        parts.append(f":{inner}" if _is_simple(sap.items) else f":<{inner}>")
    if sap.values:
        parts.append(f"[{', '.join(map(_name, sap.values))}]")
    return "".join(parts)


def _is_simple(sap: SapType) -> bool:
    return not (sap.fields or sap.values) and sap.items is None


def _name(text: str) -> str:
    return text if _SAFE.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _facets(sap: SapType) -> list[str]:
    scale = sap.scale
    if isinstance(scale, str):
        scale = scale if scale in _WORDS else json.dumps(scale, ensure_ascii=False)
    told = {
        "length": sap.length,
        "precision": sap.precision,
        "scale": scale,
        "srid": None if sap.srid is None else _name(sap.srid),
    }
    said = {facet: str(value) for facet, value in told.items() if value is not None}
    if not sap.name.startswith(_EDM) and list(said) in _positional(sap.name):
        return list(said.values())
    names = _EDM_FACETS if sap.name.startswith(_EDM) else _CDS_FACETS
    return [f"{names[facet]}={value}" for facet, value in said.items()]


def _positional(name: str) -> list[list[str]]:
    """Return the facets that a CDS type shows without their names, as far as they are said."""
    return [["precision", "scale"], ["precision"]] if name in _DECIMALS else [["length"]]


class _Reader:
    """Reads one text from left to right; `at` is the place that was reached."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def type(self, room: int, *, simple: bool = False) -> SapType:
        """Read a type, a simple one without structure, items and values."""
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
        found = []
        while True:
            name = self._name()
            self._expect(": ")
            found.append((name, self.type(room)))
            if not self._take(", "):
                self._expect("}")
                return tuple(found)

    def _items(self, room: int) -> SapType:
        if not self._take("<"):
            return self.type(room, simple=True)
        items = self.type(room)
        self._expect(">")
        return items

    def _values(self) -> tuple[str, ...]:
        found = [self._name()]
        while self._take(", "):
            found.append(self._name())
        self._expect("]")
        return tuple(found)

    def _facets(self, type_name: str) -> dict[str, Any]:
        """Read facets up to the closing bracket; those without a name stand in fixed order."""
        names = _EDM_FACETS if type_name.startswith(_EDM) else _CDS_FACETS
        facet_of = {written: facet for facet, written in names.items()}
        fixed = iter(_positional(type_name)[0])
        found: dict[str, Any] = {}
        while True:
            named = _FACET.match(self._text, self.at)
            facet = facet_of.get(named[1]) if named else next(fixed, None)
            if facet is None:
                raise ValueError(f"no facet of {type_name[:80]!r} is known at {self.at}")
            self.at = named.end() if named else self.at
            found[facet] = self._value(facet)
            if not self._take(","):
                self._expect(")")
                return found

    def _value(self, facet: str) -> int | str:
        if facet == "srid":
            return self._name()
        if number := _NUMBER.match(self._text, self.at):
            self.at = number.end()
            return int(number[0])
        if facet != "scale":
            raise ValueError(f"expected a number at {self.at}")
        return next((word for word in _WORDS if self._take(word)), None) or self._string()

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
