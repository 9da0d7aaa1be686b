"""Column mappings of flows: which columns an operator fills, and from which of its input.

Data flows and replication flows map by `target` and `expression`, in which names of columns stand
in double quotes; transformation flows map by `target` and `source`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from datasphere_glue.datasphere.csn.query.cells import Use
from datasphere_glue.datasphere.values import objects_in, text_at

_QUOTED: Final = re.compile(r'"((?:[^"]|"")+)"')
_TOKENS: Final = re.compile(rf"""'(?:[^']|'')*'|(?:"[^"]*"\s*\.\s*)*{_QUOTED.pattern}""")
"""A text, or a name with the operators that qualify it."""

_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_AGGREGATE: Final = re.compile(r"\b(?:SUM|MIN|MAX|AVG|COUNT)\s*\(", re.IGNORECASE)
_AGGREGATIONS: Final = ("aggregation", "aggregationType", "aggregate")
_GROUPED: Final = frozenset({"", "none", "group_by", "groupby"})


@dataclass(frozen=True, slots=True)
class Mapped:
    """The input columns of one output column.

    `bare`: True for a name without quotes, which may be no column.
    """

    columns: tuple[str, ...]
    use: Use = Use.PLAIN
    bare: bool = False


def column_mappings(holder: Mapping[str, Any]) -> dict[str, Mapped]:
    """Return the mappings of an operator by output column; without any, it passes all columns."""
    mapped = {}
    for entry in objects_in(holder.get("attributeMappings")):
        target = text_at(entry, "target")
        source, expression = text_at(entry, "source"), text_at(entry, "expression")
        if target and source:
            mapped[target] = Mapped((source,))
        elif target and expression:
            mapped[target] = _aggregated(read_expression(expression), entry)
    return mapped


def read_expression(expression: str) -> Mapped:
    """Return the columns that an expression reads: names in double quotes, or one bare name."""
    text = expression.strip()
    if _BARE.fullmatch(text):
        return Mapped((text,), bare=True)
    if _QUOTED.fullmatch(text):
        return Mapped((_name(text[1:-1]),))
    names = tuple(dict.fromkeys(_name(name) for name in _TOKENS.findall(text) if name))
    return Mapped(names, Use.AGGREGATED if _AGGREGATE.search(text) else Use.COMPUTED)


def _aggregated(mapped: Mapped, entry: Mapping[str, Any]) -> Mapped:
    words = (text_at(entry, key) or "" for key in _AGGREGATIONS)
    if any(word.lower() not in _GROUPED for word in words):
        return Mapped(mapped.columns, Use.AGGREGATED, mapped.bare)
    return mapped


def _name(quoted: str) -> str:
    return quoted.replace('""', '"')
