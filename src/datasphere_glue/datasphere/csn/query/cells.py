"""What one column of a query is made from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from datasphere_glue.model.element import Origin

Place = tuple[str, str]
"""An object as `SPACE.object`, and one of its columns."""


class Use(IntEnum):
    """How a column uses another one; the higher value counts where two apply."""

    PLAIN = 0
    COMPUTED = 1
    AGGREGATED = 2


_WORDS: Final = {Use.COMPUTED: "computed", Use.AGGREGATED: "aggregated"}
"""The word of `Origin.how` for each use; a plain one is `direct` or `renamed`."""

_USES: Final = {word: use for use, word in _WORDS.items()}


class MixinTarget(NamedTuple):
    """An object that an association of the query itself leads to; `join` adds its condition."""

    name: str
    join: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a query, or the value of an expression.

    `origins`: the columns of other objects that it is made from.
    `formula`: its SQL where it is computed, None for a column that is handed through.
    `inner`: the computed columns of inner queries that it uses, each with its SQL.
    `targets`: where an association of the query itself leads.
    """

    origins: Mapping[Place, Use] = field(default_factory=dict)
    formula: str | None = None
    inner: Mapping[str, None] = field(default_factory=dict)
    targets: tuple[MixinTarget, ...] = ()


NOTHING = Cell()


def merged(cells: Iterable[Cell], least: Use = Use.PLAIN) -> Mapping[Place, Use]:
    """Return the origins of several cells, each with its highest use and at least `least`."""
    origins: dict[Place, Use] = {}
    for cell in cells:
        for place, use in cell.origins.items():
            origins[place] = max(use, origins.get(place, least), least)
    return origins


def inner_of(cells: Iterable[Cell]) -> Mapping[str, None]:
    """Return the computed columns of inner queries that several cells use."""
    return {text: None for cell in cells for text in cell.inner}


def origins_of(column: str, uses: Mapping[Place, Use]) -> tuple[Origin, ...]:
    """Return the origins of a column, from the columns that it is made from."""
    return tuple(
        Origin(name, source, _WORDS.get(use) or ("direct" if column == source else "renamed"))
        for (name, source), use in uses.items()
    )


def use_of(origin: Origin) -> Use:
    """Return the use that an origin stands for."""
    return _USES.get(origin.how, Use.PLAIN)
