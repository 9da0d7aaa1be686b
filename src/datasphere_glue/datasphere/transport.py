"""The values that govern the requests of a client: limits, time and chance, and the observer."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

MAX_BODY: Final = 50 * 1024 * 1024

OnAttempt = Callable[["Attempt"], None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that left, a retry or not.

    `attempt`: number of the attempt, from 1.
    `status`: status of the answer, 0 without an answer.
    `seconds`: time from the request to the end of the answer.
    """

    method: str
    url: str
    attempt: int
    status: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Bounds of one request.

    `connect`: seconds until a connection is open.
    `read`: seconds without a byte of an answer.
    `total`: seconds from the head of an answer to its end.
    `attempts`: how often a request leaves at most.
    `first_pause`, `longest_pause`: seconds of the jitter's ceiling, for the first and any retry.
    `longest_wait`: most seconds that Retry-After may ask for.
    `max_body`: bytes of an answer, unpacked.
    """

    connect: float = 5.0
    read: float = 60.0
    total: float = 300.0
    attempts: int = 5
    first_pause: float = 1.0
    longest_pause: float = 30.0
    longest_wait: float = 60.0
    max_body: int = MAX_BODY


@dataclass(frozen=True, slots=True)
class Runtime:
    """Time, chance and the observer of a client, passed in so that tests control them.

    `clock`: monotonic seconds.
    `sleep`: waits that many seconds.
    `draw`: a random number from 0 to 1.
    `now`: the wall clock in UTC.
    `on_attempt`: gets every request, answered or not.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = random.random
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    on_attempt: OnAttempt = lambda _: None
