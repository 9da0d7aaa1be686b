"""The runs that are measured: each in a process of its own, tenant and catalog in two others."""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.bounds import (
    Conditions,
    bound_s,
    reads_without_changes,
    requests_without_changes,
)
from benchmarks.tenant import generated

ROOT: Final = Path(__file__).parents[1]
CHANGED: Final = 100
"""Every so many-th asset is changed: 1 %."""
WORKERS: Final = 4


@dataclass(frozen=True, slots=True)
class Size:
    """How large a tenant is."""

    assets: int
    columns: int = 40
    spaces: int = 20


def fresh(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Any:
    """Return what a module prints as JSON when a fresh interpreter runs it.

    Raises:
        CalledProcessError: it failed; its output is on the terminal.

    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-m", module, *arguments],
        env=_environment(environment),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    path = f"{ROOT / 'src'}{os.pathsep}{ROOT}"
    return {**os.environ, "PYTHONPATH": path, **(more or {})}


class _Side:
    """A serving process; see `benchmarks.serve`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.environment: dict[str, str] = self._answer()

    def send(self, **command: Any) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101 - opened with a pipe
        print(json.dumps(command), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - opened with a pipe
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def _served(*arguments: object) -> Iterator[_Side]:
    with subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-m", "benchmarks.serve", *map(str, arguments)],
        env=_environment(None),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield _Side(process)
        finally:
            assert process.stdin is not None  # noqa: S101 - opened with a pipe
            process.stdin.close()


@dataclass(frozen=True, slots=True)
class World:
    """A tenant of one size, a catalog that is empty at first, and a place for reports."""

    size: Size
    tenant: _Side
    catalog: _Side
    reports: Path

    def run(self, kind: str, met: Conditions) -> dict[str, Any]:
        """Return the figures of one run under some conditions."""
        self._begin(met)
        measured = fresh("benchmarks.measured", "{}", environment=self.environment(met))
        return self._figures(kind, met, measured, measured["cpu_s"])

    def divided(self, met: Conditions) -> dict[str, Any]:
        """Return the figures of one run that WORKERS processes share, as a state machine has it."""
        self._begin(met)
        common = {"action": "sync", "run_id": "bench-divided"}

        def step(name: str, **more: Any) -> dict[str, Any]:
            event = json.dumps({**common, "step": name, **more})
            measured: dict[str, Any] = fresh(
                "benchmarks.measured", event, environment=self.environment(met)
            )
            return measured

        split = step("split", workers=WORKERS)
        share, items = split["answer"]["share"], split["answer"]["items"]
        with ThreadPoolExecutor(WORKERS) as pool:
            parts = list(pool.map(lambda item: step("work", **item, share=share), items))
        last = step("finish")
        steps = [split, *parts, last]
        # Added up: a warm function starts no interpreter, which the wall clock here would count.
        alone = split["seconds"] + last["seconds"]
        totals = {
            **last,
            "seconds": round(alone + sum(one["seconds"] for one in parts) / WORKERS, 2),
            "cpu_s": round(sum(one["cpu_s"] for one in steps), 2),
            "peak_mb": max(one["peak_mb"] for one in steps),
        }
        return self._figures("first load, divided", met, totals, totals["cpu_s"] / WORKERS)

    def change(self) -> None:
        """Change 1 % of the assets."""
        self.tenant.send(change=CHANGED)

    def environment(self, met: Conditions) -> dict[str, str]:
        """Return the settings of a run."""
        return {
            **self.tenant.environment,
            **self.catalog.environment,
            "DATASPHERE_REQUESTS_PER_MINUTE": str(met.per_minute),
            "DATASPHERE_CONCURRENCY": str(met.readers),
            "REPORT_URI": str(self.reports),
        }

    def _begin(self, met: Conditions) -> None:
        self.tenant.send(latency=met.tenant_s, forget=True)
        self.catalog.send(latency=met.catalog_s, forget=True)

    def _figures(
        self, kind: str, met: Conditions, measured: Mapping[str, Any], cpu_s: float
    ) -> dict[str, Any]:
        tenant, catalog = self.tenant.send(), self.catalog.send()
        bound = bound_s(measured["calls"], cpu_s, met)
        objects = Counter(
            (space.name, str(entry.segment))
            for space in generated(self.size.assets, self.size.columns, self.size.spaces)
            for entry in space.entries
        )
        return {
            "kind": kind,
            **asdict(self.size),
            "latency": met.tenant_s > 0,
            **{key: value for key, value in measured.items() if key not in {"answer", "reading"}},
            "cpu_ms_per_asset": round(measured["cpu_s"] * 1000 / self.size.assets, 2),
            "bound_s": round(bound, 2),
            "ratio": round(measured["seconds"] / bound, 2),
            "requests": {"datasphere": tenant["requests"], "glue": catalog["requests"]},
            "served_cpu_s": round(tenant["cpu_s"] + catalog["cpu_s"], 2),
            "most_requests": requests_without_changes(objects, self.size.spaces),
            "most_reads": reads_without_changes(self.size.assets, self.size.spaces),
        }


@contextmanager
def world_of(size: Size) -> Iterator[World]:
    """Start a tenant of a size and an empty catalog; both end with the block."""
    with ExitStack() as stack:
        tenant = stack.enter_context(_served("tenant", size.assets, size.columns, size.spaces))
        catalog = stack.enter_context(_served("catalog"))
        reports = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield World(size, tenant, catalog, reports)
