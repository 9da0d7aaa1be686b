"""Parses the JSON of a definition: keys that occur twice stay, bad characters are replaced. Pure.

JSON parsers keep the last of two equal keys without a word, so a column would be lost.
"""

import json
from collections.abc import Iterable
from typing import Any, Final, Self

from datasphere_glue.errors import DocumentError, excerpt

_LONGEST_NUMBER: Final = 40
_SHOWN: Final = 5


class DoubledKey(str):
    """A key that an object holds already; its text is the key with a number."""

    __slots__ = ("original",)
    original: str

    def __new__(cls, text: str, original: str = "") -> Self:
        """Return a key; `original` is the key that the document holds."""
        key = str.__new__(cls, text)
        key.original = original
        return key


def parse_json_text(document: bytes) -> tuple[Any, tuple[str, ...]]:
    """Return the value of a JSON document, and notes of what was repaired.

    Raises:
        DocumentError: it is no JSON, or nested too deeply.

    """
    doubled: dict[str, None] = {}

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        collected = dict(pairs)
        return collected if len(collected) == len(pairs) else _with_all(pairs, doubled)

    try:
        value, notes = _parse(document, collect)
    except RecursionError:
        raise DocumentError("definition is nested too deeply to be read", "$") from None
    except ValueError as err:
        raise DocumentError(f"definition is no JSON ({err})", "$") from err
    names = ", ".join(excerpt(name, 80) for name in list(doubled)[:_SHOWN])
    return value, (*notes, *([f"keys occur twice: {names}"] if names else []))


def _parse(document: bytes, collect: Any) -> tuple[Any, tuple[str, ...]]:
    try:
        return json.loads(document, parse_constant=str, object_pairs_hook=collect), ()
    except ValueError as err:
        text = document.decode(json.detect_encoding(document), "replace").removeprefix("\ufeff")
        value = json.loads(
            text, strict=False, parse_constant=str, parse_int=_number, object_pairs_hook=collect
        )
        return value, (f"characters of the definition cannot be read ({excerpt(str(err), 80)})",)


def _number(written: str) -> int | str:
    """Return a number, or its text where it is beyond any facet."""
    return int(written) if len(written) <= _LONGEST_NUMBER else written


def _with_all(pairs: Iterable[tuple[str, Any]], doubled: dict[str, None]) -> dict[str, Any]:
    """Return all pairs: the first of equal keys keeps it, another one gets a number."""
    pairs = list(pairs)
    taken = {key for key, _ in pairs}
    collected: dict[str, Any] = {}
    for key, value in pairs:
        if key not in collected:
            collected[key] = value
            continue
        doubled[key] = None
        number = 2
        while (name := f"{key}_{number}") in taken:
            number += 1
        taken.add(name)
        collected[DoubledKey(name, key)] = value
    return collected
