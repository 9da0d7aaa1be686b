"""One rate budget for all threads of a run."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

MINUTE: Final = 60.0


class RateBudget:
    """At most `per_minute` requests in any minute, as Datasphere counts them.

    A short run never waits; a long one uses each minute to the last request. `clock` is monotonic
    seconds; `sleep` waits that many seconds.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._departures: deque[float] = deque(maxlen=per_minute)
        self._not_before = clock()
        self._pauses = 0

    def take(self, until: float = float("inf")) -> bool:
        """Return True once a request may leave, False at once if that is not before `until`."""
        while True:
            with self._lock:
                now, pauses = self._clock(), self._pauses
                start = max(now, self._not_before, self._free_at())
                if start >= until:
                    return False
                self._departures.append(start)
            if start > now:
                self._sleep(start - now)
            with self._lock:
                if pauses == self._pauses:
                    return True

    def pause(self, seconds: float) -> None:
        """Let no request leave for that long, not even one that waits: the tenant asked for it."""
        with self._lock:
            self._pauses += 1
            self._not_before = max(self._not_before, self._clock() + seconds)

    def _free_at(self) -> float:
        """Return when the oldest of a whole minute's requests is a minute old."""
        full = len(self._departures) == self._departures.maxlen
        return self._departures[0] + MINUTE if full else self._not_before
