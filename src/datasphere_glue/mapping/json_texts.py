"""Canonical JSON texts, and pairs as JSON objects.

Lists and objects are JSON in one canonical form (sorted keys, unescaped characters). They are never
joined by commas, because SAP names hold commas. An empty text counts as absent.
"""

import json
from typing import Any, Final

from datasphere_glue.mapping.raw_types import raw_type
from datasphere_glue.mapping.text import storable
from datasphere_glue.model.sap_type import SapType

Pairs = tuple[tuple[str, str], ...]

UNTYPED: Final = SapType("")
"""The type of a column without one; it has no `datasphere.type`."""

_JSON: Final = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
)


def canonical(value: Any) -> str:
    """Return the canonical JSON text of a value: sorted keys, no blanks, unescaped characters."""
    return storable(_JSON.encode(value))


def as_object(pairs: Pairs) -> dict[str, str]:
    """Return pairs as an object of texts that Glue can store."""
    return {storable(key): storable(value) for key, value in pairs}


def is_object(pairs: Pairs) -> bool:
    """Return True when a JSON object with sorted keys holds the pairs without loss."""
    if not pairs:
        return True
    return sorted(as_object(pairs).items()) == [(storable(a), storable(b)) for a, b in pairs]


def object_or_list(pairs: Pairs) -> dict[str, str] | Pairs:
    """Return pairs as an object, or unchanged where an object would lose content."""
    return as_object(pairs) if is_object(pairs) else pairs


def type_text(sap: SapType | None) -> str:
    """Return the text of a type, empty where there is none."""
    return "" if sap in (None, UNTYPED) else raw_type(sap)
