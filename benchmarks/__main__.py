"""`make bench`: measures runs of any size, and checks the promises of docs/performance.md.

Writes `build/bench.json`, `docs/performance.md` and `docs/performance.svg`. Settings:

    BENCH_SIZES     assets of the tenants, default 100,1000,10000
    BENCH_DATASPHERE_MS, BENCH_GLUE_MS   latency, default 120 and 35
    BENCH_LATENCY_UP_TO   largest tenant that is run with latency, too, default 1000
    BENCH_STRICT=1  fails when a measured value exceeds its limit
"""

import json
import os
import platform
import sys
from collections.abc import Iterator
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.bounds import Conditions, Verdict, verdicts
from benchmarks.imports import imports
from benchmarks.page import HEADS, page, rows, verdict_rows
from benchmarks.plot import name_of, plot
from benchmarks.scenarios import ROOT, Size, fresh, world_of

REPORT: Final = ROOT / "build" / "bench.json"
PAGE: Final = ROOT / "docs" / "performance.md"
PLOT: Final = ROOT / "docs" / "performance.svg"
SIZES: Final = tuple(map(int, os.environ.get("BENCH_SIZES", "100,1000,10000").split(",")))
DATASPHERE_MS: Final = float(os.environ.get("BENCH_DATASPHERE_MS", "120"))
GLUE_MS: Final = float(os.environ.get("BENCH_GLUE_MS", "35"))
LATENCY_UP_TO: Final = int(os.environ.get("BENCH_LATENCY_UP_TO", "1000"))
DIVIDED: Final = 1_000
"""Assets of the tenant that is also loaded by several workers."""
COLUMNS: Final = 40
SPACES: Final = 20
BUDGETED: Final = ("5000", "1", "20")
"""Assets, columns and spaces of the first load under the rate budget; columns cost no request."""

_QUICK: Final = Conditions()
_SLOW: Final = Conditions(DATASPHERE_MS / 1000, GLUE_MS / 1000)


def runs() -> Iterator[dict[str, Any]]:
    """Yield the figures of every run, each as soon as it has ended."""
    for assets in SIZES:
        size = Size(assets, COLUMNS, SPACES)
        for met in (_QUICK, _SLOW) if assets <= LATENCY_UP_TO else (_QUICK,):
            with world_of(size) as world:
                yield world.run("first load", met)
                yield world.run("no change", met)
                world.change()
                yield world.run("1 % changed", met)
        if assets == DIVIDED:
            with world_of(size) as world:
                yield world.divided(_SLOW)


def measured(console: Console) -> dict[str, Any]:
    """Return all figures; each step is printed as it starts."""
    figures: dict[str, Any] = {
        **imports(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "columns": COLUMNS,
        "spaces": SPACES,
        "latency_ms": {"datasphere": DATASPHERE_MS, "glue": GLUE_MS},
        "stages": fresh("benchmarks.stages", str(COLUMNS), str(SPACES), *map(str, SIZES)),
        "runs": [],
    }
    for run in runs():
        figures["runs"].append(run)
        console.print(f"{name_of(run)}: {run['status']} in {run['seconds']} s")
    figures["budgeted"] = fresh("benchmarks.budgeted", *BUDGETED)
    figures["report"] = fresh("benchmarks.report", str(max(SIZES)))
    return figures


def show(console: Console, figures: dict[str, Any], judged: list[Verdict]) -> None:
    """Print the figures as tables."""
    for heads, cells in (
        (HEADS, list(rows(figures["runs"]))),
        (("Promise", "Measured", "At most", ""), list(verdict_rows(judged))),
    ):
        table = Table(*heads)
        for row in cells:
            table.add_row(*row)
        console.print(table)
    handler = figures["import_ms"]["handler"]
    console.print(f"import of the handler: {handler} ms, {figures['import_ratio']} times its parts")


def main() -> int:
    """Measure, print and write; return the exit code."""
    console = Console(width=max(110, Console().width))
    figures = measured(console)
    judged = list(verdicts(figures))
    figures["verdicts"] = [
        {"promise": v.promise, "measured": v.measured, "at_most": v.limit, "kept": v.fulfilled}
        for v in judged
    ]
    show(console, figures, judged)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(figures, judged), encoding="utf-8")
    PLOT.write_text(plot("Runs and their physical bound", figures["runs"]), encoding="utf-8")
    strict = os.environ.get("BENCH_STRICT") == "1"
    return int(strict and not all(verdict.fulfilled for verdict in judged))


if __name__ == "__main__":
    sys.exit(main())
