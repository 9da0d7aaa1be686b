"""`make bench`: measures what the README claims and writes `build/bench.json`.

Each measurement runs in a process of its own, so that neither imports nor memory leak from one
into another. Tenant and catalog run in the parent process and are not measured.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from local.catalog import EmbeddedCatalog
from local.sample import generated_tenant
from local.setting import environment_of

ROOT: Final = Path(__file__).parents[1]
REPORT: Final = ROOT / "build" / "bench.json"
ROUNDS: Final = 7
MEASURED: Final = ("boto3", "requests", "pydantic", "aws_lambda_powertools.logging")
ASSETS: Final = int(os.environ.get("BENCH_ASSETS", "2000"))
COLUMNS: Final = 40
SPACES: Final = 20


def import_ms(module: str) -> float:
    """Return the milliseconds that a fresh interpreter takes to import a module, at best."""
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    return min(float(fresh(code)) for _ in range(ROUNDS)) * 1000


def fresh(code: str, **environment: str) -> str:
    """Return what a fresh interpreter prints last."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        env=os.environ | environment | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


RUN: Final = """
import json, os, re, time
from datasphere_glue import wiring
from datasphere_glue.events import parse
from datasphere_glue.report.run import result
began, cpu = time.perf_counter(), time.process_time()
run, facts = wiring.perform(lambda: parse({}), os.environ, wiring.Door())
answer = result(run, facts)
# Not ru_maxrss: that one is inherited from the process which started this one.
status = open("/proc/self/status").read()
print(json.dumps({
    "status": answer["status"], "counts": answer["counts"], "calls": answer["calls"],
    "seconds": round(time.perf_counter() - began, 2),
    "cpu_ms_per_asset": round(
        (time.process_time() - cpu) * 1000 / max(1, sum(answer["counts"].values())), 2),
    "peak_mb": round(int(re.search("VmHWM:\\s+(\\d+)", status)[1]) / 1024, 1)}))
"""


def runs() -> dict[str, Any]:
    """Return the figures of a first load, a run without changes and one with 1 % changed."""
    with generated_tenant(ASSETS, COLUMNS, SPACES) as tenant, EmbeddedCatalog() as catalog:
        settings = environment_of(tenant, catalog) | {"DATASPHERE_REQUESTS_PER_MINUTE": "1000000"}
        first = json.loads(fresh(RUN, **settings))
        again = json.loads(fresh(RUN, **settings))
        for entry in tenant.spaces.entries()[::100]:
            tenant.spaces.set_label(entry.space, entry.name, "changed")
        changed = json.loads(fresh(RUN, **settings))
    return {"first_load": first, "no_change": again, "one_percent_changed": changed}


def main() -> None:
    """Measure, print and write."""
    parts = {module: round(import_ms(module), 1) for module in MEASURED}
    handler = round(import_ms("datasphere_glue.handler"), 1)
    figures = {
        "import_ms": {**parts, "handler": handler},
        "import_ratio": round(handler / sum(parts.values()), 2),
        "assets": ASSETS,
        "columns": COLUMNS,
        "spaces": SPACES,
        **runs(),
    }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(figures, indent=1))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
