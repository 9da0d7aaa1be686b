"""How a tenant that is read by what changed is still read whole, a little by each run.

Every asset has its place on a ring. Each run reads again what lies on the next arc, whatever the
dates say: so much that assets with a date of change come round in `Pace.within`, and of those
without, `Pace.share` at a time. What was covered is kept beside the reports, since no clock may
reach Glue.

    state/<tenant>/reading.json
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zlib import crc32

from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.scope import MustRead
from datasphere_glue.storage.moments import moment_of
from datasphere_glue.storage.store import Store

SCHEMA: Final = "datasphere-glue/reading/1"
_PLACES: Final = 2**32
_ALMOST_WHOLE: Final = 1 - 1e-9
_FINEST: Final = 0.005
"""Arcs below this share of the ring are counted as one, from the older moment on."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far a ring was read: the next arc begins at `at`, a share of the ring in [0, 1).

    `arcs` are the moments and shares of the last reads that make up at least the whole ring, the
    oldest first; fewer as long as it was not read once around. `last` is the moment of the last
    read, small or large.
    """

    at: float = 0.0
    last: datetime | None = None
    arcs: tuple[tuple[datetime, float], ...] = ()

    @property
    def oldest(self) -> datetime | None:
        """Return a moment since which everything was read, None if there is none yet."""
        whole = sum(share for _, share in self.arcs) >= _ALMOST_WHOLE
        return self.arcs[0][0] if whole else None

    def turned(self, share: float, now: datetime) -> "Rotation":
        """Return the ring after an arc of that share was read."""
        arcs = [*self.arcs, (now, share)] if share else list(self.arcs)
        if len(arcs) > 1 and max(arcs[-2][1], share) < _FINEST:
            arcs[-2:] = [(arcs[-2][0], arcs[-2][1] + share)]
        while len(arcs) > 1 and sum(part for _, part in arcs[1:]) >= _ALMOST_WHOLE:
            del arcs[0]
        return Rotation((self.at + share) % 1.0, now, tuple(arcs))

    def holds(self, share: float, place: float) -> bool:
        """Tell whether a place lies on the next arc of that share."""
        return (place - self.at) % 1.0 < share


@dataclass(frozen=True, slots=True)
class ReadCursor:
    """What the runs before have covered, and how much this one is to read again.

    `within` is the time in which every asset with a date of change is read again; of those without,
    all are when they are at most `share`, else that many in each run. `known` is False as long as
    no run over everything came to its end. `fits` is about how many assets without a date a run
    can read again in its time, None while no run was cut off.
    """

    now: datetime
    within: timedelta
    share: int
    dated: Rotation = field(default_factory=Rotation)
    undated: Rotation = field(default_factory=Rotation)
    known: bool = False
    fits: int | None = None

    def due(self, listings: Iterable[SpaceListing]) -> MustRead:
        """Return which assets are to be read again although nothing tells that they changed."""
        surveyed = tuple(listings)
        dates = {(o.space, name) for o in surveyed for name, stamp in o.stamps if stamp.dated}
        undated = self._undated_arc(sum(one.undated for one in surveyed))
        dated = self._dated_arc()

        def is_due(space: str, asset: str) -> bool:
            ring, arc = (self.dated, dated) if (space, asset) in dates else (self.undated, undated)
            return arc >= 1 or ring.holds(arc, _place(space, asset))

        return is_due

    def after(self, listings: Iterable[SpaceListing]) -> "ReadCursor":
        """Return the pace after a run over everything that came to its end."""
        known = tuple(listings)
        whole = not any(one.reused for one in known)
        undated = sum(one.undated for one in known)
        return replace(
            self,
            dated=self.dated.turned(1.0 if whole else self._dated_arc(), self.now),
            undated=self.undated.turned(1.0 if whole else self._undated_arc(undated), self.now),
            known=True,
            fits=None if self.fits is None or undated <= self.fits else self.fits * 5 // 4 + 1,
        )

    def cut(self, listings: Iterable[SpaceListing]) -> "ReadCursor":
        """Return the pace after a run whose time was over: the next is to ask for less again.

        Less each time, since how many assets lie on an arc is only about its share.
        """
        read = sum(one.read for one in listings)
        return replace(self, fits=max(1, min(read, self.fits or read) * 3 // 4))

    def oldest(self, listings: Iterable[SpaceListing]) -> datetime | None:
        """Return a moment since which every asset was read at least once, None if unknown."""
        known = tuple(listings)
        undated = sum(one.undated for one in known)
        moments = [self.undated.oldest] if undated else []
        moments += [self.dated.oldest] if sum(len(one.listed) for one in known) > undated else []
        told = [moment for moment in moments if moment is not None]
        return min(told) if told and len(told) == len(moments) else None

    def _dated_arc(self) -> float:
        last = self.dated.last
        if not self.known or last is None or last > self.now:
            return 0.0
        return min(1.0, (self.now - last) / self.within)

    def _undated_arc(self, count: int) -> float:
        share = self.share if self.fits is None else min(self.share, self.fits)
        if count <= share:
            return 1.0
        return share / count if self.known else 0.0


def _place(space: str, asset: str) -> float:
    return crc32(f"{space}.{asset}".encode("utf-8", "surrogatepass")) / _PLACES


def recorded(store: Store, tenant: str, pace: ReadCursor) -> ReadCursor:
    """Return the pace with what is recorded of the runs before; unusable records are none.

    Raises:
        Unavailable: the record cannot be read.

    """
    try:
        record = json.loads(store.get(_key(tenant)) or b"null")
        dated, undated = _ring(record["dated"]), _ring(record["undated"])
        known, fits = bool(record["known"]), record["fits"]
        fits = None if fits is None else max(1, int(fits))
    except (ValueError, TypeError, KeyError):
        return pace
    return replace(pace, dated=dated, undated=undated, known=known, fits=fits)


def keep(store: Store, tenant: str, pace: ReadCursor) -> None:
    """Keep what the runs have covered, and how much of it fits into one.

    Raises:
        ReportUnwritable: it cannot be kept.

    """
    record = {
        "schema": SCHEMA,
        "dated": _value(pace.dated),
        "undated": _value(pace.undated),
        "known": pace.known,
        "fits": pace.fits,
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


def _ring(value: Any) -> Rotation:
    last = moment_of(value["last"]) if value["last"] else None
    arcs = tuple((moment_of(moment), float(share)) for moment, share in value["arcs"])
    return Rotation(float(value["at"]) % 1.0, last, arcs)
