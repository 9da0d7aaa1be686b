"""Re-reads every asset within a number of days, a slice in each run.

Incremental runs read what the lists show as changed. In addition, every asset has its place on a
ring, and each run reads again the assets on the next arc, whatever their dates. The arc is so long
that assets with a date of change are read again within `ReadCursor.within`; of those without a
date, it holds `ReadCursor.share`. The position is stored with the reports, since no clock may reach
Glue.

    state/<tenant>/reading.json
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from zlib import crc32

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing, Stamp
from datasphere_glue.model.scope import LISTS, MustRead
from datasphere_glue.plan.removals import Holding
from datasphere_glue.storage.moments import moment_of
from datasphere_glue.storage.reader_progress import (
    AssetName,
    ReaderProgress,
    progress_of,
    progress_value,
)
from datasphere_glue.storage.state import read_state
from datasphere_glue.storage.store import Store

SCHEMA: Final = "datasphere-glue/reading/1"
_PLACES: Final = 2**32
_ALMOST_WHOLE: Final = 1 - 1e-9
_MOST_TURNS: Final = 2
"""Merged arcs may add up to slightly more than the whole ring."""
_LEAST_SHARE: Final = 4
"""A new version of the reader reads at least a fourth of `share` again, besides undated assets."""

_FINEST: Final = 0.005
"""Adjacent arcs below this share of the ring are merged under the older moment."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far a ring was read.

    `at`: where the next arc begins, a share of the ring in [0, 1).
    `last`: the moment of the last read, of any size.
    `arcs`: moments and shares of the last reads, oldest first; together at least the whole ring,
    less until it was read once around.
    """

    at: float = 0.0
    last: datetime | None = None
    arcs: tuple[tuple[datetime, float], ...] = ()

    @property
    def oldest(self) -> datetime | None:
        """Return a moment since which everything was read, None before the first full turn."""
        whole = sum(share for _, share in self.arcs) >= _ALMOST_WHOLE
        return self.arcs[0][0] if whole else None

    def turned(self, share: float, now: datetime) -> "Rotation":
        """Return the rotation after an arc of that share was read at `now`."""
        arcs = [*self.arcs, (now, share)] if share else list(self.arcs)
        if len(arcs) > 1 and max(arcs[-2][1], share) < _FINEST:
            arcs[-2:] = [(arcs[-2][0], arcs[-2][1] + share)]
        while len(arcs) > 1 and sum(part for _, part in arcs[1:]) >= _ALMOST_WHOLE:
            del arcs[0]
        return Rotation((self.at + share) % 1.0, now, tuple(arcs))

    def holds(self, share: float, place: float) -> bool:
        """Return whether a place lies on the next arc of that share."""
        return (place - self.at) % 1.0 < share


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of assets with and without a date of change."""

    dated: int
    undated: int


@dataclass(frozen=True, slots=True)
class ReadCursor:
    """What earlier runs have covered, and how much this run reads again.

    `now`: the moment of this run.
    `within`: time in which every asset with a date of change is read again.
    `share`: assets without a date that a run reads again; all of them if there are fewer.
    `dated`, `undated`: positions for the assets with and without a date of change.
    `known`: False until a run over everything finished.
    `fits`: estimate of how many assets without a date a run can read again in its time; None until
    a run ran out of time.
    `holdings`: how many tables each space had after the last run over everything.
    `unevaluated`: spaces whose listing was incomplete in that run.
    `unlisted`: spaces whose flows, task chains or access controls were not read to their end.
    `unusable`: why stored positions could not be used.
    `reader`: how far the present version of the reader has read the assets again.
    `takes_held`: True in a run that writes what the configuration holds back.
    `counts`: the assets of the whole run, where a listing shows only a part; None counts them.
    """

    now: datetime
    within: timedelta
    share: int
    dated: Rotation = field(default_factory=Rotation)
    undated: Rotation = field(default_factory=Rotation)
    known: bool = False
    fits: int | None = None
    holdings: Mapping[str, Holding] = field(default_factory=dict)
    unevaluated: frozenset[str] = frozenset()
    unlisted: frozenset[str] = frozenset()
    unusable: tuple[Issue, ...] = field(default=(), compare=False)
    reader: ReaderProgress = field(default_factory=ReaderProgress)
    takes_held: bool = False
    counts: Counts | None = None

    def due(self, listings: Iterable[SpaceListing]) -> MustRead:
        """Return which assets must be read again although no list shows a change.

        Flows and other names that no list of assets has are due like assets with a date.
        """
        spaces = tuple(listings)
        stamps = _stamps(spaces)
        undated = self._undated_arc(self._counts(spaces).undated)
        dated = self._dated_arc()
        owed = self.reader.owed | (self.reader.held if self.takes_held else frozenset())
        takes = self.takes_held and bool(self.reader.held)

        def is_due(space: str, name: str) -> bool:
            stamp = stamps.get((space, name))
            lists = name == LISTS and (space in self.unlisted or not self.known)
            if stamp is None and (takes or lists):
                return True
            is_dated = stamp is None or stamp.dated
            ring, arc = (self.dated, dated) if is_dated else (self.undated, undated)
            return arc >= 1 or ring.holds(arc, place_of(space, name)) or (space, name) in owed

        return is_due

    def again(self, listings: Iterable[SpaceListing]) -> MustRead:
        """Return which assets are read again if an earlier version of the reader read them.

        Only those with a date of change: the others are read again in turn anyway. Flows and other
        names that no list of assets has are read by the first run.
        """
        spaces = tuple(listings)
        stamps = _stamps(spaces)
        start, arc = self.reader.dated, self._arc_of_reader(self._counts(spaces))

        def is_due(space: str, name: str) -> bool:
            stamp = stamps.get((space, name))
            if stamp is None:
                return start <= 0 < arc
            return stamp.dated and start <= place_of(space, name) < start + arc

        return is_due

    def after(
        self,
        listings: Iterable[SpaceListing],
        *,
        failed: Iterable[AssetName] = (),
        held: Iterable[AssetName] = (),
    ) -> "ReadCursor":
        """Return the cursor after a run over everything that finished.

        `failed`: assets that it could not read or write; `held`: those whose tables it held back.
        """
        spaces = tuple(listings)
        whole = not any(space.reused for space in spaces)
        counts = self._counts(spaces)
        undated = 1.0 if whole else self._undated_arc(counts.undated)
        of_reader = 1.0 if whole else self._arc_of_reader(counts)
        few = sorted(failed)[: self.share]
        return replace(
            self,
            dated=self.dated.turned(1.0 if whole else self._dated_arc(), self.now),
            undated=self.undated.turned(undated, self.now),
            known=True,
            unlisted=_unlisted(spaces),
            fits=self._grown(counts.undated),
            reader=self.reader.after(of_reader, undated, few, held),
        )

    def _grown(self, undated: int) -> int | None:
        """Return how many undated assets fit after a run that finished."""
        return None if self.fits is None or undated <= self.fits else self.fits * 5 // 4 + 1

    def after_timeout(self, listings: Iterable[SpaceListing]) -> "ReadCursor":
        """Return the cursor after a run out of time: the next run rereads fewer assets.

        Fewer each time, since the number of assets on an arc only approximates its share.
        """
        spaces = tuple(listings)
        read = sum(one.read for one in spaces)
        fits = max(1, min(read, self.fits or read) * 3 // 4)
        return replace(self, fits=fits, unlisted=self.unlisted | _unlisted(spaces))

    def oldest(self, listings: Iterable[SpaceListing]) -> datetime | None:
        """Return a moment since which every asset was read at least once, None if unknown."""
        spaces = tuple(listings)
        undated = sum(space.undated for space in spaces)
        moments = [self.undated.oldest] if undated else []
        moments += (
            [self.dated.oldest] if sum(len(space.listed) for space in spaces) > undated else []
        )
        reached = [moment for moment in moments if moment is not None]
        return min(reached) if reached and len(reached) == len(moments) else None

    def _counts(self, spaces: Collection[SpaceListing]) -> Counts:
        if self.counts is not None:
            return self.counts
        undated = sum(one.undated for one in spaces)
        return Counts(sum(len(one.listed) for one in spaces) - undated, undated)

    def _dated_arc(self) -> float:
        last = self.dated.last
        if not self.known or last is None or last > self.now:
            return 0.0
        return min(1.0, (self.now - last) / self.within)

    def _arc_of_reader(self, counts: Counts) -> float:
        """Return the share of the dated assets that a new version of the reader reads again."""
        if self.reader.finished:
            return 0.0
        share = self._share()
        most = max(share - min(share, counts.undated), share // _LEAST_SHARE, 1)
        return 1.0 if counts.dated <= most else most / counts.dated

    def _share(self) -> int:
        return self.share if self.fits is None else min(self.share, self.fits)

    def _undated_arc(self, count: int) -> float:
        share = self._share()
        if count <= share:
            return 1.0
        return share / count if self.known else 0.0


def _unlisted(listings: Iterable[SpaceListing]) -> frozenset[str]:
    """Return the spaces whose flows, task chains or access controls were not read to their end."""
    codes = {IssueCode.OBJECTS_UNREAD, IssueCode.OUT_OF_TIME}
    return frozenset(
        one.space for one in listings if any(issue.code in codes for issue in one.degraded)
    )


def _stamps(spaces: Iterable[SpaceListing]) -> dict[AssetName, Stamp]:
    return {(one.space, name): stamp for one in spaces for name, stamp in one.stamps}


def place_of(space: str, asset: str) -> float:
    """Return the place of an asset on a ring, in [0, 1): the same one in every run."""
    return crc32(f"{space}.{asset}".encode("utf-8", "surrogatepass")) / _PLACES


def load(store: Store, tenants: Iterable[str], cursor: ReadCursor) -> ReadCursor:
    """Return the cursor with the positions of the first tenant host that has a usable record.

    A tenant under a new address goes on where its earlier address was. An unusable record counts
    as none.
    """
    unusable: list[Issue] = []
    for tenant in tenants:
        stored = read_state(store, _key(tenant), partial(_positions, cursor))
        if stored.value is not None:
            return replace(stored.value, unusable=tuple(unusable))
        unusable += [stored.issue] if stored.issue else []
    return replace(cursor, unusable=tuple(unusable))


def _positions(cursor: ReadCursor, record: Any) -> ReadCursor:
    """Return the cursor with the positions of a record; raises one of UNUSABLE."""
    known, fits = record["known"], record["fits"]
    if not isinstance(known, bool) or not (fits is None or type(fits) is int):
        raise TypeError("known or fits has another type")
    return replace(
        cursor,
        dated=_rotation_of(record["dated"]),
        undated=_rotation_of(record["undated"]),
        known=known,
        fits=None if fits is None else max(1, fits),
        holdings={
            space: _holding(*numbers) for space, numbers in record.get("holdings", {}).items()
        },
        unevaluated=frozenset(map(str, record.get("unevaluated", ()))),
        unlisted=frozenset(map(str, record.get("unlisted", ()))),
        reader=progress_of(record.get("reader")),
    )


def _holding(active: Any, every: Any) -> Holding:
    if type(active) is not int or type(every) is not int or not 0 <= active <= every:
        raise ValueError("the tables of a space are no numbers, or out of range")
    return Holding(active, every)


def save(store: Store, tenant: str, cursor: ReadCursor) -> None:
    """Store the positions of the cursor, and how much fits into one run.

    Raises:
        ReportUnwritable: the record cannot be stored.

    """
    record = {
        "schema": SCHEMA,
        "dated": _value(cursor.dated),
        "undated": _value(cursor.undated),
        "known": cursor.known,
        "fits": cursor.fits,
        "holdings": {space: [one.active, one.all] for space, one in cursor.holdings.items()},
        "unevaluated": sorted(cursor.unevaluated),
        "unlisted": sorted(cursor.unlisted),
        "reader": progress_value(cursor.reader),
    }
    store.put(_key(tenant), json.dumps(record).encode())


def _key(tenant: str) -> str:
    return f"state/{tenant}/reading.json"


def _value(ring: Rotation) -> dict[str, Any]:
    return {
        "at": ring.at,
        "last": ring.last.isoformat() if ring.last else None,
        "arcs": [[moment.isoformat(), share] for moment, share in ring.arcs],
    }


def _rotation_of(value: Any) -> Rotation:
    last = _moment(value["last"]) if value["last"] else None
    arcs = tuple((_moment(moment), _share(part)) for moment, part in value["arcs"])
    return Rotation(_share(value["at"]) % 1.0, last, arcs)


def _moment(text: Any) -> datetime:
    return moment_of(text).astimezone(UTC)


def _share(value: Any) -> float:
    if type(value) not in {int, float} or not 0 <= value <= _MOST_TURNS:
        raise ValueError("a share of the ring is no number, or out of range")
    return float(value)
