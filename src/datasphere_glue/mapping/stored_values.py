"""Typed access to decoded parameters or to one JSON object of them.

A value of another type than expected counts as absent and becomes a flaw.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from datasphere_glue.mapping.raw_types import sap_type
from datasphere_glue.model.sap_type import SapType

PAIRS: Final = "pairs"
"""Key of pairs that a JSON object cannot hold: keys that repeat or are not sorted."""

_LINK: Final = 2
_PLACE: Final = 3
_EXCERPT: Final = 60

Flaws = dict[str, str]
"""The first characters of each value that cannot be decoded, by its location."""

_Word = TypeVar("_Word", bound=StrEnum)
_Value = TypeVar("_Value")
_Pairs = tuple[tuple[str, str], ...]


class StoredValues:
    """Typed access to one set of values.

    `where` is the prefix of the location of a flaw.
    """

    def __init__(self, values: Mapping[str, Any], where: str, flaws: Flaws) -> None:
        self._values = values
        self._where = where
        self.flaws = flaws

    def text(self, key: str) -> str | None:
        """Return a text, None when absent or empty."""
        return self._of(key, str) or None

    def exact(self, key: str) -> str | None:
        """Return a text that can be empty, None when absent."""
        return self._of(key, str)

    def flag(self, key: str) -> bool | None:
        """Return a boolean, None when absent."""
        return self._of(key, bool)

    def word(self, key: str, words: type[_Word]) -> _Word | None:
        """Return a member of an enum, None when absent or unknown."""
        value = self.text(key)
        if value is None or value in set(words):
            return None if value is None else words(value)
        self.flaw(key, value)
        return None

    def sap(self, key: str) -> SapType | None:
        """Return an SAP type, None when absent or unreadable."""
        value = self.text(key)
        try:
            return None if value is None else sap_type(value)
        except ValueError:
            self.flaw(key, value)
            return None

    def names(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list."""
        return tuple(self._items(key, str)) if key in self._values else ()

    def links(self, key: str) -> _Pairs:
        """Return the pairs of a list of lists."""
        return tuple((one, other) for one, other in self._tuples(key, _LINK))

    def triples(self, key: str) -> tuple[tuple[str, str, str], ...]:
        """Return the triples of a list of lists."""
        return tuple((a, b, c) for a, b, c in self._tuples(key, _PLACE))

    def record(self, key: str) -> "StoredValues | None":
        """Return access to one object, None when absent."""
        value = self._of(key, dict)
        return None if value is None else StoredValues(value, f"{self._where}: {key}", self.flaws)

    def records(self, key: str) -> Iterator["StoredValues"]:
        """Yield access to each object of a list."""
        for place, value in enumerate(self._items(key, dict)):
            yield StoredValues(value, f"{self._where}: {key}[{place}]", self.flaws)

    def pairs(self, key: str) -> _Pairs:
        """Return pairs that are written as an object, or as a list of lists."""
        if key not in self._values:
            return ()
        if isinstance(self._values.get(key), list):
            return self.links(key)
        values = self._of(key, dict) or {}
        texts = {name: text for name, text in values.items() if isinstance(text, str)}
        if len(texts) < len(values):
            self.flaw(key, values)
        return tuple(sorted(texts.items()))

    def ordered(self, key: str) -> _Pairs:
        """Return pairs in source order if `pairs` holds it and agrees with the object."""
        plain = self.pairs(key)
        if PAIRS not in self._values:
            return plain
        exact_values = self._of(PAIRS, dict) or {}
        exact = StoredValues(exact_values, f"{self._where}: {PAIRS}", self.flaws).pairs(key)
        return exact if dict(exact) == dict(plain) else plain

    def flaw(self, key: str, value: Any) -> None:
        """Record a value that cannot be decoded; the first one of a location counts."""
        self.flaws.setdefault(f"{self._where}: {key}", excerpt_of(value))

    def _tuples(self, key: str, size: int) -> Iterator[tuple[str, ...]]:
        for value in self._items(key, list):
            if len(value) == size and all(isinstance(part, str) for part in value):
                yield tuple(value)
            else:
                self.flaw(key, value)

    def _of(self, key: str, kind: type[_Value]) -> _Value | None:
        value = self._values.get(key)
        if isinstance(value, kind):
            return value
        if value is not None:
            self.flaw(key, value)
        return None

    def _items(self, key: str, kind: type[_Value]) -> Iterator[_Value]:
        for value in self._of(key, list) or ():
            if isinstance(value, kind):
                yield value
            else:
                self.flaw(key, value)


def excerpt_of(value: Any) -> str:
    """Return the first characters of a value that cannot be decoded."""
    return str(value)[:_EXCERPT]
