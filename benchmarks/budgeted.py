"""A first load under the rate budget, in invocations of 15 minutes of a clock that jumps.

`python -m benchmarks.budgeted ASSETS COLUMNS SPACES`: tenant, catalog and run are real; only time
is not, so that hours pass within a minute. An answer takes no time here: the subject is
the budget alone.
"""

import json
import sys
import threading
from typing import Any, Final

from benchmarks.bounds import MINUTE, fewest_invocations, most_in_a_minute
from benchmarks.tenant import generated
from datasphere_glue.bootstrap import READING_SHARE
from datasphere_glue.config import NONE
from datasphere_glue.config.loading import load
from datasphere_glue.datasphere.auth import Credentials, TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.datasphere.client import DatasphereClient
from datasphere_glue.datasphere.source import DatasphereSource
from datasphere_glue.datasphere.transport import Runtime
from datasphere_glue.events.request import Request
from datasphere_glue.glue.applier import GlueTarget
from datasphere_glue.glue.client import GlueCatalog
from datasphere_glue.outcome.run import Status
from datasphere_glue.runs.job import job_of
from datasphere_glue.runs.ports import LAMBDA_MARGIN_S
from datasphere_glue.runs.sync import sync
from local.catalog.embedded import EmbeddedCatalog
from local.tenant.embedded import EmbeddedTenant

PER_MINUTE: Final = 300
MINUTES: Final = 15
MOST: Final = 20
"""Invocations after which it is clear that something is wrong."""


class Clock:
    """Seconds that pass only while a thread sleeps.

    Threads sleep at the same time, so the clock advances to the end of the longest sleep; each
    thread is at the moment that it saw last.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._lock = threading.Lock()
        self._own = threading.local()

    def __call__(self) -> float:
        """Return the moment that it is."""
        with self._lock:
            self._own.seen = self._now
            return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass for this thread, from the moment that it saw last."""
        self._own.seen = self.seen + seconds
        with self._lock:
            self._now = max(self._now, self._own.seen)

    @property
    def seen(self) -> float:
        """The moment that this thread saw last."""
        seen: float = getattr(self._own, "seen", 0.0)
        return seen


class _Recorded(RateBudget):
    """A budget that notes when each request left."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(PER_MINUTE, clock=clock, sleep=clock.sleep)
        self._seen = clock
        self.departures: list[float] = []

    def take(self, until: float = float("inf")) -> bool:
        allowed = super().take(until)
        if allowed:
            self.departures.append(self._seen.seen)
        return allowed


def budgeted(assets: int, columns: int, spaces: int) -> dict[str, Any]:
    """Return how many invocations a first load takes, and how many it must take."""
    clock, requests, departures, statuses = Clock(), 0, list[float](), list[str]()
    with (
        EmbeddedTenant(generated(assets, columns, spaces)) as tenant,
        EmbeddedCatalog() as catalog,
    ):
        while len(statuses) < MOST and (not statuses or statuses[-1] == Status.PENDING):
            budget = _Recorded(clock)
            statuses.append(_invocation(tenant, catalog, clock, budget))
            requests += len(budget.departures)
            departures += budget.departures
            # The next invocation has no record of the last minute of this one.
            clock()
            clock.sleep(MINUTE)
        tables = len(catalog.calls.of("CreateTable"))
    return {
        "assets": assets,
        "per_minute": PER_MINUTE,
        "minutes": MINUTES,
        "invocations": len(statuses),
        "fewest": fewest_invocations(requests, PER_MINUTE, MINUTES),
        "requests": requests,
        "in_a_minute": most_in_a_minute(departures),
        "tables": tables,
        "statuses": statuses,
    }


def _invocation(
    tenant: EmbeddedTenant, catalog: EmbeddedCatalog, clock: Clock, budget: RateBudget
) -> str:
    began = clock()
    until = began + MINUTES * 60 - LAMBDA_MARGIN_S
    tokens = TokenSource(
        tenant.token_url, lambda _fresh: Credentials(tenant.client_id, tenant.client_secret)
    )
    client = DatasphereClient(
        tenant.url,
        tokens,
        budget,
        until=began + (until - began) * READING_SHARE,
        runtime=Runtime(clock=clock, sleep=clock.sleep),
    )
    target = GlueTarget(
        GlueCatalog(catalog.client("glue")), until=until, clock=clock, sleep=clock.sleep
    )
    settings = load(
        {
            "DATASPHERE_URL": tenant.url,
            "DATASPHERE_TOKEN_URL": tenant.token_url,
            "DATASPHERE_CLIENT_ID": tenant.client_id,
            "DATASPHERE_CLIENT_SECRET": tenant.client_secret,
        }
    )
    job = job_of(Request(), settings, NONE.mapping, until)
    return str(sync(DatasphereSource(client), target, job).status)


if __name__ == "__main__":
    print(json.dumps(budgeted(*map(int, sys.argv[1:]))))
