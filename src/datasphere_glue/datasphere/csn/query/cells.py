"""What one column of a query is made from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

Place = tuple[str, str]
"""An object as `SPACE.object`, and one of its columns."""


class Level(IntEnum):
    """How a column uses another one; the higher level counts where both apply."""

    PLAIN = 0
    COMPUTED = 1
    AGGREGATED = 2


class Target(NamedTuple):
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

    origins: Mapping[Place, Level] = field(default_factory=dict)
    formula: str | None = None
    inner: Mapping[str, None] = field(default_factory=dict)
    targets: tuple[Target, ...] = ()


NOTHING = Cell()


def merged(cells: Iterable[Cell], least: Level = Level.PLAIN) -> Mapping[Place, Level]:
    """Return the origins of several cells, each at its highest level and at least at `least`."""
    origins: dict[Place, Level] = {}
    for cell in cells:
        for place, level in cell.origins.items():
            origins[place] = max(level, origins.get(place, least), least)
    return origins


def inner_of(cells: Iterable[Cell]) -> Mapping[str, None]:
    """Return the computed columns of inner queries that several cells use."""
    return {text: None for cell in cells for text in cell.inner}
