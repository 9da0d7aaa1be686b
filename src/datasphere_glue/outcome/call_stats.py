"""Statistics of the calls of a run: calls and their times by endpoint, and the time of each step.

Times are counted in classes that are a tenth wide. So memory does not grow with the run, the parts
of a divided run can be added, and order does not matter. An endpoint is a kind of request, not a
URL.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from heapq import heappush, heappushpop, nlargest
from math import ceil, log
from threading import Lock
from typing import Any, Final

SLOWEST: Final = 10
_WIDTH: Final = 1.1
_MEDIAN: Final = 0.5
_HIGH: Final = 0.95


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One kind of request.

    `calls`: number of all calls.
    `retries`: calls after the first try.
    `throttled`: calls that were refused for exceeding the rate.
    `failed`: calls with another error, or without an answer.
    `times`: number of calls by class of milliseconds, sorted.
    """

    side: str
    endpoint: str
    calls: int = 0
    retries: int = 0
    throttled: int = 0
    failed: int = 0
    max_ms: int = 0
    times: tuple[tuple[int, int], ...] = ()

    def __add__(self, other: "Endpoint") -> "Endpoint":
        """Return the sum of both, for the same kind of request."""
        return Endpoint(
            self.side,
            self.endpoint,
            self.calls + other.calls,
            self.retries + other.retries,
            self.throttled + other.throttled,
            self.failed + other.failed,
            max(self.max_ms, other.max_ms),
            _counted(Counter(dict(self.times)) + Counter(dict(other.times))),
        )

    def within_ms(self, share: float) -> int:
        """Return the milliseconds within which a share of the calls ended; 0 without any call.

        The value is at most a tenth too high.
        """
        remaining = share * sum(count for _, count in self.times)
        for place, count in self.times:
            remaining -= count
            if remaining <= 0:
                return min(round(_WIDTH**place), self.max_ms)
        return 0


@dataclass(frozen=True, slots=True, order=True)
class Slow:
    """One slow call; `subject` is `SPACE.asset`, `database.table` or empty."""

    ms: int
    side: str
    endpoint: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class TimedStep:
    """One step of a run and its wall time; in a divided run, the sum of all workers."""

    step: str
    ms: int


@dataclass(frozen=True, slots=True)
class CallStats:
    """Endpoints by side and name, the slowest calls first, and steps by name."""

    endpoints: tuple[Endpoint, ...] = ()
    slowest: tuple[Slow, ...] = ()
    steps: tuple[TimedStep, ...] = ()

    def __add__(self, other: "CallStats") -> "CallStats":
        """Return the sum of both."""
        by_key: dict[tuple[str, str], Endpoint] = {}
        for one in (*self.endpoints, *other.endpoints):
            key = one.side, one.endpoint
            by_key[key] = by_key[key] + one if key in by_key else one
        spent: Counter[str] = Counter()
        for step in (*self.steps, *other.steps):
            spent[step.step] += step.ms
        return CallStats(
            tuple(by_key[key] for key in sorted(by_key)),
            tuple(nlargest(SLOWEST, (*self.slowest, *other.slowest))),
            tuple(TimedStep(step, spent[step]) for step in sorted(spent)),
        )


def call_stats_value(stats: CallStats) -> dict[str, Any]:
    """Return the statistics of a run as their object in the report."""
    return {
        "endpoints": [
            {
                "side": one.side,
                "endpoint": one.endpoint,
                "calls": one.calls,
                "retries": one.retries,
                "throttled": one.throttled,
                "failed": one.failed,
                "p50_ms": one.within_ms(_MEDIAN),
                "p95_ms": one.within_ms(_HIGH),
                "max_ms": one.max_ms,
            }
            for one in stats.endpoints
        ],
        "slowest": [
            {"side": one.side, "endpoint": one.endpoint, "subject": one.subject, "ms": one.ms}
            for one in stats.slowest
        ],
        "steps": [{"step": one.step, "ms": one.ms} for one in stats.steps],
    }


@dataclass(slots=True)
class _Meter:
    """The counters of one kind of request during a run."""

    so_far: Endpoint
    times: Counter[int] = field(default_factory=Counter)


class CallRecorder:
    """Counts the calls of all threads of a run."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._meters: dict[tuple[str, str], _Meter] = {}
        self._slowest: list[Slow] = []
        self._spent: Counter[str] = Counter()

    def called(  # noqa: PLR0913 - one call, and how it ended
        self,
        side: str,
        endpoint: str,
        subject: str,
        seconds: float,
        *,
        failed: bool = False,
        throttled: bool = False,
        again: bool = False,
    ) -> None:
        """Count one finished call; `again` if it was not the first try."""
        ms = round(seconds * 1000)
        with self._lock:
            meter = self._meter(side, endpoint)
            so_far = meter.so_far
            meter.so_far = replace(
                so_far,
                calls=so_far.calls + 1,
                retries=so_far.retries + again,
                throttled=so_far.throttled + throttled,
                failed=so_far.failed + failed,
                max_ms=max(so_far.max_ms, ms),
            )
            meter.times[_class(ms)] += 1
            self._remember(Slow(ms, side, endpoint, subject))

    def tried(self, side: str, endpoint: str, *, again: bool, throttled: bool) -> None:
        """Count one try inside a call; the call itself is counted when it ends."""
        if not again and not throttled:
            return
        with self._lock:
            meter = self._meter(side, endpoint)
            so_far = meter.so_far
            meter.so_far = replace(
                so_far, retries=so_far.retries + again, throttled=so_far.throttled + throttled
            )

    def spent(self, step: str, seconds: float) -> None:
        """Add to the time of a step."""
        with self._lock:
            self._spent[step] += round(seconds * 1_000_000)

    def stats(self) -> CallStats:
        """Return the statistics so far."""
        with self._lock:
            return CallStats(
                tuple(
                    replace(self._meters[key].so_far, times=_counted(self._meters[key].times))
                    for key in sorted(self._meters)
                ),
                tuple(sorted(self._slowest, reverse=True)),
                tuple(TimedStep(step, self._spent[step] // 1000) for step in sorted(self._spent)),
            )

    def _meter(self, side: str, endpoint: str) -> _Meter:
        key = side, endpoint
        if key not in self._meters:
            self._meters[key] = _Meter(Endpoint(side, endpoint))
        return self._meters[key]

    def _remember(self, call: Slow) -> None:
        if len(self._slowest) < SLOWEST:
            heappush(self._slowest, call)
        elif call.ms >= self._slowest[0].ms:
            heappushpop(self._slowest, call)


def _class(ms: int) -> int:
    return ceil(log(ms, _WIDTH)) if ms > 1 else 0


def _counted(times: Counter[int]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(times.items()))
