"""The rate limit that all threads of a run share."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

MINUTE: Final = 60.0
_REDUCTION: Final = 0.5
_RECOVERY: Final = 0.1
_AT_ONCE_S: Final = 5.0
"""Refusals within these seconds count once: their requests were in flight together."""


class RateBudget:
    """Allows at most `per_minute` requests in any minute, as Datasphere counts them.

    A short run never waits; a long run uses each minute to the last request. After a 429, which
    other clients of the tenant may cause, the pace is halved. It recovers by a tenth of
    `per_minute` each minute.

    `even`: requests leave at even intervals, the first one an interval after the start. So
        consecutive budgets without shared state keep the pace together.
    `clock`: monotonic seconds.
    `sleep`: waits that many seconds.
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
        self._reduced_pace = float(per_minute)
        self._reduced_at = float("-inf")

    def take(self, until: float = float("inf")) -> bool:
        """Wait until a request may leave; return False at once if that is not before `until`."""
        while True:
            with self._lock:
                now, pauses = self._clock(), self._pauses
                departure = max(now, self._not_before, self._free_at(now))
                if departure >= until:
                    return False
                self._departures.append(departure)
            if departure > now:
                self._sleep(departure - now)
            with self._lock:
                if pauses == self._pauses:
                    return True

    def pause(self, seconds: float) -> None:
        """Hold all requests for some seconds, waiting ones too, because the tenant asked for it.

        Then the pace is reduced, once for all requests that were in flight together.
        """
        with self._lock:
            now = self._clock()
            if now >= max(self._not_before, self._reduced_at + _AT_ONCE_S):
                self._reduced_pace = max(1.0, self._pace(now) * _REDUCTION)
                self._reduced_at = now
            self._pauses += 1
            self._not_before = max(self._not_before, now + seconds)

    def _pace(self, now: float) -> int:
        """Return how many requests may leave in a minute at the current pace."""
        recovered = (now - self._reduced_at) / MINUTE * _RECOVERY * self._per_minute
        return int(min(self._per_minute, self._reduced_pace + recovered))

    def _free_at(self, now: float) -> float:
        """Return when the last minute has room for one more request."""
        if not self._departures:
            return now
        pace = self._pace(now)
        last = self._departures[-1] + (MINUTE / pace if self._even else 0.0)
        full = len(self._departures) >= pace
        # A growing pace must not let a request overtake those that already wait.
        return max(last, self._departures[-pace] + MINUTE) if full else last
