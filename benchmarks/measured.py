"""One run in a process of its own, and what it cost: `python -m benchmarks.measured EVENT`."""

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from datasphere_glue import bootstrap
from datasphere_glue.events.parsing import parse
from datasphere_glue.outcome.answer import answer_of
from datasphere_glue.outcome.run import reading, table_counts
from datasphere_glue.runs import lifecycle, ports


def measured(event: dict[str, Any]) -> dict[str, Any]:
    """Return the result and the cost of a run, without the start of the process.

    `peak_mb` is that of the whole process.
    """
    began, cpu = time.perf_counter(), time.process_time()
    result = lifecycle.execute_run(lambda: parse(event), os.environ, ports.Caller(), bootstrap)
    answer = answer_of(result)
    return {
        "status": answer["status"],
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "peak_mb": peak_mb(),
        "calls": dict(result.costs.calls),
        "counts": {key: number for key, number in table_counts(result).items() if number},
        "reading": reading(result),
        "answer": answer if result.context.step else {},
        "errors": [f"{issue.subject}: {issue.message}" for issue in result.issues[:3]],
    }


def peak_mb() -> float:
    """Return the most memory that this process has had."""
    # Not ru_maxrss: that one is inherited from the process which started this one.
    match = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return round(int(match[1]) / 1024, 1) if match else 0.0


if __name__ == "__main__":
    print(json.dumps(measured(json.loads(sys.argv[1]))))
