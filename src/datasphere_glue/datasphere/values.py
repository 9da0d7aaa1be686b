"""Values of parsed JSON and XML: how the readers take texts out of them."""

import json
from collections.abc import Mapping
from typing import Any


def text_at(record: Mapping[str, Any], key: str) -> str | None:
    """Return the text at a key, None where it is absent, empty or no text."""
    value = record.get(key)
    return value if isinstance(value, str) and value else None


def as_text(value: Any) -> str:
    """Return a value as text: a text itself, anything else as compact JSON with sorted keys."""
    if isinstance(value, str):
        return str(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
