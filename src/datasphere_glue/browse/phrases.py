"""Names and parts of sentences as `show` prints them."""

from collections.abc import Iterable
from typing import Final

from datasphere_glue.text_layout import one_line

LONGEST: Final = 80
"""The most characters of a value in a line."""

_MOST_NAMES: Final = 40


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


def join_texts(*texts: str | None) -> list[str]:
    """Return the texts that are there on one line, nothing without any."""
    values = [one_line(text, LONGEST) for text in texts if text]
    return ["; ".join(values)] if values else []


def facts(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return named values on one line, nothing without any."""
    return join_texts("; ".join(f"{key} {value}" for key, value in pairs))


def name_list(names: Iterable[str]) -> list[str]:
    """Return the first names on one line, nothing without any."""
    return first_of(map(quote, names))


def first_of(parts: Iterable[str]) -> list[str]:
    """Return the first parts on one line and how many there are beyond, nothing without any."""
    every = list(parts)
    more = [f"... and {len(every) - _MOST_NAMES} more"] if len(every) > _MOST_NAMES else []
    return [", ".join([*every[:_MOST_NAMES], *more])] if every else []
