"""Gives every column of a document a name of its own, also where the document does not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_LONE: Final = re.compile("[\ud800-\udfff]")
_REPLACED: Final = "\ufffd"


@dataclass(frozen=True, slots=True)
class ColumnName:
    """The name of one column.

    `written`: the name in the document, empty for a column without one.
    `unread`: what is wrong with the written name; None when it is the exact name of the column.
    """

    name: str
    written: str
    unread: str | None = None


def name_columns(written: Sequence[str]) -> list[ColumnName]:
    """Return a different name for each written name, in the same order.

    The first of several equal names keeps it. Another one gets a number, and a column without a
    name is named after its place.
    """
    readable = [_LONE.sub(_REPLACED, name) for name in written]
    taken = {name for name in readable if name.strip()}
    seen: set[str] = set()
    names = []
    for place, name in enumerate(readable, start=1):
        if not name.strip():
            names.append(_numbered("COLUMN", place, taken, "", f"column {place} has no name"))
        elif name in seen:
            names.append(_numbered(name, 2, taken, name, f"the name {name} occurs twice"))
        elif _REPLACED in name:
            names.append(ColumnName(name, name, "its name holds characters that cannot be read"))
        else:
            names.append(ColumnName(name, name))
        seen.add(name)
    return names


def _numbered(stem: str, number: int, taken: set[str], written: str, unread: str) -> ColumnName:
    """Return the first free name of this stem, and add it to the names that are taken."""
    while (name := f"{stem}_{number}") in taken:
        number += 1
    taken.add(name)
    return ColumnName(name, written, unread)
