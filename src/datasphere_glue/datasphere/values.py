"""Values of parsed JSON and XML: how the readers take texts and objects out of them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

Pairs = tuple[tuple[str, str], ...]
"""Keys, each with its text, sorted."""

_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}
_DIGITS: Final = 10
_LARGEST: Final = 2**31 - 1
_EXCERPT: Final = 40
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")


def text_at(record: Mapping[str, Any], key: str) -> str | None:
    """Return the text at a key, None where it is absent, empty or no text."""
    value = record.get(key)
    return value if isinstance(value, str) and value else None


def joined_pairs(first: Pairs, second: Pairs) -> Pairs:
    """Return the pairs of both, sorted; the first counts where both have a key."""
    return tuple(sorted((dict(second) | dict(first)).items()))


def object_at(holder: Any, *keys: str) -> Mapping[str, Any]:
    """Return the object at a path of keys, empty where there is none."""
    for key in keys:
        holder = holder.get(key) if isinstance(holder, Mapping) else None
    return holder if isinstance(holder, Mapping) else {}


def objects_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list, without anything else."""
    items = value if isinstance(value, list) else []
    return (item for item in items if isinstance(item, Mapping))


def as_text(value: Any) -> str:
    """Return a value as text: a text itself, anything else as compact JSON with sorted keys."""
    if isinstance(value, str):
        return str(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def upper_snake(word: str) -> str:
    """Return a word of any of SAP's notations as `UPPER_SNAKE`."""
    return _HUMP.sub("_", word.removeprefix("#")).strip("_").upper()


def as_flag(value: Any) -> bool | None:
    """Return a boolean in any usual spelling, None for anything else."""
    if isinstance(value, bool):
        return value
    return _FLAGS.get(str(value).strip().lower()) if isinstance(value, str | int) else None


def as_facet(value: Any) -> int | str | None:
    """Return a facet of a type as a number from 0 on, else as the text that stands in its place.

    The text is cut at 40 characters. None stays None.
    """
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = as_text(value) if not isinstance(value, int) or isinstance(value, bool) else value
    if isinstance(written, str):
        digits = written.strip()
        number = int(digits) if digits.isdecimal() and len(digits) <= _DIGITS else -1
    else:
        number = written
    if 0 <= number <= _LARGEST:
        return number
    return as_text(value)[:_EXCERPT]
