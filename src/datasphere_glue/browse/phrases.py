"""Names and parts of sentences as `show` prints them."""

from collections.abc import Iterable
from typing import Final

from datasphere_glue.text_layout import one_line

LONGEST: Final = 80
"""The most characters of a value in a line."""


def quote(name: str) -> str:
    """Return a name, in quotes if it contains a separator of the printed text."""
    return f'"{name}"' if set(name) & set(',>="') or name != name.strip() else name


def quoted(names: Iterable[str]) -> str:
    """Return names as a list in a sentence."""
    return ", ".join(map(quote, names))


def with_label(name: str, label: str | None) -> str:
    """Return a name with its label in brackets, unless that repeats the name."""
    suffix = "" if label in (None, "", name) else f" ({one_line(label or '', LONGEST)})"
    return quote(name) + suffix


def join_parts(*parts: str | None) -> str:
    """Return the parts that are there as one line."""
    return " ".join(part for part in parts if part)
