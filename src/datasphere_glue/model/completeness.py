"""How much of what an asset could say it does say: counts that add up, and the worst assets.

What the source that was read cannot say is counted apart: it is nobody's omission.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest
from typing import Final

WORST: Final = 20
"""Assets that are remembered by name, of a space as of a run."""


@dataclass(frozen=True, slots=True)
class Share:
    """Of one part, such as `label`: how many could have it, have it, and cannot be known to.

    `of` counts all, `unavailable` those of them that the source which was read cannot tell about.
    """

    part: str
    have: int = 0
    of: int = 0
    unavailable: int = 0

    @property
    def percent(self) -> float | None:
        """Return the share of those that could be known to have it, None where none could."""
        known = self.of - self.unavailable
        return 100 * self.have / known if known else None


@dataclass(frozen=True, slots=True)
class Score:
    """How complete one asset is (0 to 100), and the parts of it that are missing."""

    score: int
    space: str
    name: str
    database: str
    table: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completeness:
    """The counts of one space, in the order of the parts, and its worst assets, worst first."""

    space: str
    assets: int = 0
    columns: int = 0
    shares: tuple[Share, ...] = ()
    worst: tuple[Score, ...] = ()

    def __add__(self, other: "Completeness") -> "Completeness":
        """Return the counts of both together, for parts of the same space."""
        return Completeness(
            self.space,
            self.assets + other.assets,
            self.columns + other.columns,
            added((*self.shares, *other.shares)),
            worst((*self.worst, *other.worst)),
        )


def added(shares: Iterable[Share]) -> tuple[Share, ...]:
    """Return one share for each part, sorted by part: those of the same part added up."""
    found: dict[str, Share] = {}
    for one in shares:
        known = found.get(one.part, Share(one.part))
        found[one.part] = Share(
            one.part,
            known.have + one.have,
            known.of + one.of,
            known.unavailable + one.unavailable,
        )
    return tuple(found[part] for part in sorted(found))


def worst(scores: Iterable[Score]) -> tuple[Score, ...]:
    """Return the assets that lack most, the worst first; those that lack nothing are left out."""
    lacking = (score for score in scores if score.missing)
    return tuple(nsmallest(WORST, lacking, key=_place))


def by_space(counted: Iterable[Completeness]) -> tuple[Completeness, ...]:
    """Return one value for each space, sorted by space: those of the same space added up."""
    found: dict[str, Completeness] = {}
    for one in counted:
        found[one.space] = found[one.space] + one if one.space in found else one
    return tuple(found[space] for space in sorted(found))


def _place(score: Score) -> tuple[int, str, str]:
    return score.score, score.space, score.name
