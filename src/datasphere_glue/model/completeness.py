"""Completeness of metadata: counts that add up, and the assets with the lowest scores.

Metadata that the source cannot provide is counted separately, because nobody omitted it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest
from typing import Final

WORST: Final = 20
"""Number of assets that are listed by name, for each space and for each run."""


@dataclass(frozen=True, slots=True)
class Share:
    """Counts of one part of the metadata.

    `part`: name of the part, such as `label`.
    `have`: assets or columns that have it.
    `of`: assets or columns that could have it.
    `unavailable`: those of `of` for which the source cannot provide it.
    """

    part: str
    have: int = 0
    of: int = 0
    unavailable: int = 0

    @property
    def percent(self) -> float | None:
        """Return 0 to 100: the share of `have` in what is available; None when nothing is."""
        available = self.of - self.unavailable
        return 100 * self.have / available if available else None


@dataclass(frozen=True, slots=True)
class Score:
    """Completeness of one asset: `score` is 0 to 100, `missing` names the parts that it lacks."""

    score: int
    space: str
    name: str
    database: str
    table: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completeness:
    """The counts of one space.

    `assets`, `columns`: how many were counted.
    `shares`: one for each part, sorted by part.
    `worst`: at most WORST assets that lack something, lowest score first.
    """

    space: str
    assets: int = 0
    columns: int = 0
    shares: tuple[Share, ...] = ()
    worst: tuple[Score, ...] = ()

    def __add__(self, other: "Completeness") -> "Completeness":
        """Return the sum of two counts of the same space."""
        return Completeness(
            self.space,
            self.assets + other.assets,
            self.columns + other.columns,
            sum_shares((*self.shares, *other.shares)),
            worst_scores((*self.worst, *other.worst)),
        )


def sum_shares(shares: Iterable[Share]) -> tuple[Share, ...]:
    """Return share share for each part, sorted by part; shares of the same part are added up."""
    totals: dict[str, Share] = {}
    for share in shares:
        total = totals.get(share.part, Share(share.part))
        totals[share.part] = Share(
            share.part,
            total.have + share.have,
            total.of + share.of,
            total.unavailable + share.unavailable,
        )
    return tuple(totals[part] for part in sorted(totals))


def worst_scores(scores: Iterable[Score]) -> tuple[Score, ...]:
    """Return at most WORST assets that lack something, lowest score first."""
    lacking = (score for score in scores if score.missing)
    return tuple(nsmallest(WORST, lacking, key=_rank))


def sum_by_space(completeness: Iterable[Completeness]) -> tuple[Completeness, ...]:
    """Return counts value for each space, sorted by space; values of counts space are added up."""
    totals: dict[str, Completeness] = {}
    for counts in completeness:
        totals[counts.space] = totals[counts.space] + counts if counts.space in totals else counts
    return tuple(totals[space] for space in sorted(totals))


def _rank(score: Score) -> tuple[int, str, str]:
    return score.score, score.space, score.name
