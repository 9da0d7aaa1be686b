"""One rate budget for all threads of a run."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

MINUTE: Final = 60.0
_EASED: Final = 0.5
_REGAINED: Final = 0.1
_AT_ONCE_S: Final = 5.0
"""Refusals this close to each other are one: the requests were under way together."""


class RateBudget:
    """At most `per_minute` requests in any minute, as Datasphere counts them.

    A short run never waits; a long one uses each minute to the last request. Where the tenant finds
    that too much, because others ask it too, half of the pace is kept, and a tenth of `per_minute`
    comes back with each minute. `clock` is monotonic seconds; `sleep` waits that many seconds. With
    `even`, requests leave at even distances instead, the first one a distance after the beginning:
    budgets that follow each other, each knowing nothing of the one before, keep the pace together.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        even: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._departures: deque[float] = deque(maxlen=per_minute)
        self._per_minute = per_minute
        self._even = even
        self._not_before = clock() + (MINUTE / per_minute if even else 0.0)
        self._pauses = 0
        self._eased_to = float(per_minute)
        self._eased_at = float("-inf")

    def take(self, until: float = float("inf")) -> bool:
        """Return True once a request may leave, False at once if that is not before `until`."""
        while True:
            with self._lock:
                now, pauses = self._clock(), self._pauses
                start = max(now, self._not_before, self._free_at(now))
                if start >= until:
                    return False
                self._departures.append(start)
            if start > now:
                self._sleep(start - now)
            with self._lock:
                if pauses == self._pauses:
                    return True

    def pause(self, seconds: float) -> None:
        """Let no request leave for that long, not even one that waits: the tenant asked for it.

        The pace is lower afterwards, once for all requests that were under way together.
        """
        with self._lock:
            now = self._clock()
            if now >= max(self._not_before, self._eased_at + _AT_ONCE_S):
                self._eased_to = max(1.0, self._pace(now) * _EASED)
                self._eased_at = now
            self._pauses += 1
            self._not_before = max(self._not_before, now + seconds)

    def _pace(self, now: float) -> int:
        """Return how many requests may leave in a minute as things are now."""
        regained = (now - self._eased_at) / MINUTE * _REGAINED * self._per_minute
        return int(min(self._per_minute, self._eased_to + regained))

    def _free_at(self, now: float) -> float:
        """Return when the oldest of a whole minute's requests is a minute old."""
        if not self._departures:
            return now
        pace = self._pace(now)
        last = self._departures[-1] + (MINUTE / pace if self._even else 0.0)
        full = len(self._departures) >= pace
        # A pace that grows must not let a request overtake those that wait already.
        return max(last, self._departures[-pace] + MINUTE) if full else last
