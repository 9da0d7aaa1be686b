"""One rate budget for all threads of a run."""

import threading
import time
from collections.abc import Callable
from typing import Final

_BURSTS_A_MINUTE: Final = 30
"""A burst is what two seconds would allow."""


class RateBudget:
    """A token bucket: at most `per_minute` requests in any minute, a burst of two seconds' worth.

    `clock` is monotonic seconds; `sleep` waits that many seconds.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        burst = max(1, per_minute // _BURSTS_A_MINUTE)
        # A burst and a minute of steady requests may fall into one minute, so the pace leaves room.
        self._interval = 60.0 / (per_minute - burst + 1)
        self._slack = (burst - 1) * self._interval
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = clock() - self._slack
        self._pauses = 0

    def take(self, until: float = float("inf")) -> bool:
        """Return True once a request may leave, False at once if that is not before `until`."""
        while True:
            with self._lock:
                now, pauses = self._clock(), self._pauses
                start = max(self._next, now - self._slack)
                if max(start, now) >= until:
                    return False
                self._next = start + self._interval
            if start > now:
                self._sleep(start - now)
            with self._lock:
                if pauses == self._pauses:
                    return True

    def pause(self, seconds: float) -> None:
        """Let no request leave for that long, not even one that waits: the tenant asked for it."""
        with self._lock:
            self._pauses += 1
            self._next = max(self._next, self._clock() + seconds)
