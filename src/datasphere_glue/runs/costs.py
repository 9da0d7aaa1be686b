"""What a run costs: its wall time, its requests, and the identities that it used."""

import time
from collections.abc import Callable
from dataclasses import replace

from datasphere_glue.outcome.context import Costs
from datasphere_glue.outcome.run import Result
from datasphere_glue.runs.connections import Clients


def stopwatch() -> Callable[[], Costs]:
    """Return the function that returns the wall time since its last call, at first since now."""
    last = time.monotonic()

    def lap() -> Costs:
        nonlocal last
        began, last = last, time.monotonic()
        return Costs(round((last - began) * 1000))

    return lap


def add_costs(result: Result, earlier: Costs, clients: Clients | None) -> Result:
    """Return the result with the costs of its requests and the identities that it used.

    `earlier` are the costs before this invocation; `clients` is None if none were built.
    """
    result = result.charged(earlier)
    if clients is None:
        return result
    return replace(
        result.charged(clients.costs()),
        actor=clients.actor(),
        client_expires=clients.client_expires,
    )
