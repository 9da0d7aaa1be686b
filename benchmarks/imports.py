"""The import time of the handler, compared with that of the packages it requires."""

import os
import subprocess
import sys
from typing import Any, Final

from benchmarks.scenarios import ROOT

ROUNDS: Final = 5
MEASURED: Final = ("boto3", "requests", "pydantic", "aws_lambda_powertools.logging")


def imports() -> dict[str, Any]:
    """Return the milliseconds of each import at best, and the handler's by the sum of theirs."""
    parts = {module: round(_import_ms(module), 1) for module in MEASURED}
    handler = round(_import_ms("datasphere_glue.handler"), 1)
    return {
        "import_ms": {**parts, "handler": handler},
        "import_ratio": round(handler / sum(parts.values()), 2),
    }


def _import_ms(module: str) -> float:
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    return min(float(_fresh(code)) for _ in range(ROUNDS)) * 1000


def _fresh(code: str) -> str:
    # Compiled as installed packages are: the environment may forbid Python to write bytecode.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    compiled = str(ROOT / "build" / "compiled")
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        env=environment | {"PYTHONPATH": str(ROOT / "src"), "PYTHONPYCACHEPREFIX": compiled},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]
