"""One rate budget for all threads of a run."""

import threading
import time
from collections.abc import Callable
from typing import Final

_BURST_S: Final = 2.0


class RateBudget:
    """A token bucket: at most `per_minute` requests in any minute, two seconds' worth at once.

    `clock` is monotonic seconds; `sleep` waits that many seconds.
    """

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 60.0 / per_minute
        self._burst = max(_BURST_S, self._interval)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = clock() - self._burst

    def take(self) -> None:
        """Return when one more request may leave."""
        with self._lock:
            now = self._clock()
            start = max(self._next, now - self._burst)
            self._next = start + self._interval
        if start > now:
            self._sleep(start - now)

    def pause(self, seconds: float) -> None:
        """Let no further request leave for that long: the tenant asked everybody to wait."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)
