"""Lower bounds of a run, and the verdict on each measured figure. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

Figures = Mapping[str, Any]

MINUTE = 60.0
RATIO = 1.3
CPU_MS = 8.0
FLAT = 1.2
PEAK_MB = 256.0
PAGE_MB = 15.0
LIST_PAGE = 200
TABLE_PAGE = 100
LARGE = 1_000
"""Assets from which on the promises hold: below, the fixed cost of a run dominates."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a run met: seconds per answer of each side, and what it was allowed at a time."""

    tenant_s: float = 0.0
    catalog_s: float = 0.0
    readers: int = 8
    writers: int = 4
    per_minute: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise: the measured value, its limit, and whether the promise holds."""

    promise: str
    measured: float
    limit: float

    @property
    def fulfilled(self) -> bool:
        """True when the measured figure is within its limit."""
        return self.measured <= self.limit


def bound_s(calls: Mapping[str, int], cpu_s: float, met: Conditions) -> float:
    """Return the minimum seconds of such a run at any degree of parallelism.

    The largest of: whole minutes that the rate budget makes it wait, answers of the tenant by so
    many readers, answers of the catalog by so many writers, and the CPU time that was measured.
    """
    requests = calls["datasphere"]
    written = calls["glue_read"] + calls["glue_write"]
    return max(
        max(0, ceil(requests / met.per_minute) - 1) * MINUTE,
        requests * met.tenant_s / met.readers,
        written * met.catalog_s / met.writers,
        cpu_s,
    )


def fewest_invocations(requests: int, per_minute: int, minutes: int) -> int:
    """Return how many invocations of so many minutes the rate budget makes necessary."""
    return max(1, ceil(requests / (per_minute * minutes)))


def most_in_a_minute(departures: list[float]) -> int:
    """Return how many of some moments, in seconds, lie in one minute at most."""
    moments, most, first = sorted(departures), 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - MINUTE:
            first += 1
        most = max(most, last - first + 1)
    return most


def requests_without_changes(lists: Mapping[tuple[str, str], int], spaces: int) -> int:
    """Return how many requests a run without changes may make; `lists` counts objects by list."""
    return sum(2 * ceil(size / LIST_PAGE) for size in lists.values()) + 3 * spaces


def reads_without_changes(tables: int, databases: int) -> int:
    """Return how many reads of the catalog a run without changes may make."""
    return ceil(tables / TABLE_PAGE) + 2 * databases


def verdicts(figures: Figures) -> Iterator[Verdict]:
    """Yield one verdict for each promise that the figures cover."""
    for run in figures["runs"]:
        size, kind = run["assets"], run["kind"]
        if kind == "no change" and not run["latency"] and size >= LARGE:
            yield from _without_changes(run, size)
        if kind == "first load" and run["latency"] and size >= LARGE:
            yield Verdict(f"first load of {size:,}: times the bound", run["ratio"], RATIO)
    stages = figures["stages"]
    for stage in stages:
        name = f"CPU ms per asset at {stage['assets']:,}: parse, map, diff, serialise"
        yield Verdict(name, stage["total_ms"], CPU_MS)
    if len(stages) > 1:
        totals = [stage["total_ms"] for stage in stages]
        yield Verdict("CPU per asset, largest by smallest", max(totals) / min(totals), FLAT)
    if page := figures.get("report"):
        yield Verdict(f"page of {page['assets']:,} assets (MB)", page["page_mb"], PAGE_MB)
    if hurried := figures.get("budgeted"):
        name = f"invocations for a first load of {hurried['assets']:,}"
        yield Verdict(name, hurried["invocations"], hurried["fewest"] + 1)
        yield Verdict("requests in any minute", hurried["in_a_minute"], hurried["per_minute"])


def _without_changes(run: Figures, size: int) -> Iterator[Verdict]:
    name, calls = f"no change, {size:,}: ", run["calls"]
    yield Verdict(name + "writes", calls["glue_write"], 0)
    yield Verdict(name + "requests to Datasphere", calls["datasphere"], run["most_requests"])
    yield Verdict(name + "reads of Glue", calls["glue_read"], run["most_reads"])
    yield Verdict(name + "peak memory (MB)", run["peak_mb"], PEAK_MB)
