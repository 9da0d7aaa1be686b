"""What the function answers: the result of a run, or what a state machine needs of a step."""

import json
from typing import Any, Final

from datasphere_glue.outcome.run import Facts, Run, result

ROOM: Final = 200_000
"""Bytes of an answer to a state machine, whose states hold at most 262,144 (Step Functions)."""


def answer_of(run: Run, facts: Facts) -> dict[str, Any]:
    """Return the result of a run; of a divided one, what its state machine goes on with.

    The answer to a step always fits into the state of a machine; the report has all of it.
    """
    told = result(run, facts)
    if facts.step == "split":
        return {
            "run_id": facts.run_id,
            "status": told["status"],
            "items": [
                {"spaces": list(part.spaces), "slice": str(part.slice) if part.slice else None}
                for part in run.parts
            ],
            "share": facts.share,
        }
    if facts.step == "work":
        return {"run_id": facts.run_id, "status": told["status"], "report": facts.report}
    return _bounded(told) if facts.step else told


def _bounded(told: dict[str, Any]) -> dict[str, Any]:
    """Return a result that fits, if need be without its largest lists."""
    for name in ("spaces", "errors"):
        if len(json.dumps(told)) > ROOM:
            told = told | {name: []}
    return told
