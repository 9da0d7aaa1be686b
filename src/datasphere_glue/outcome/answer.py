"""The answer of the function: the result of a run, or what a state machine needs of a step."""

import json
from typing import Any, Final

from datasphere_glue.outcome.run import Result, result_value

ROOM: Final = 200_000
"""Bytes of an answer to a state machine; a state holds at most 262,144 (Step Functions)."""


def answer_of(result: Result) -> dict[str, Any]:
    """Return the result of a run; of a step, the input of the next steps.

    The answer to a step always fits into the state of a machine; the report is complete.
    """
    context, value = result.context, result_value(result)
    if context.step == "split":
        return {
            "run_id": context.run_id,
            "status": value["status"],
            "items": [
                {"spaces": list(part.spaces), "slice": str(part.slice) if part.slice else None}
                for part in result.parts
            ],
            "share": result.worker_share,
        }
    if context.step == "work":
        return {"run_id": context.run_id, "status": value["status"], "report": result.report}
    return _bounded(value) if context.step else value


def _bounded(value: dict[str, Any]) -> dict[str, Any]:
    """Return a result that fits, without its largest lists if necessary."""
    for name in ("spaces", "errors"):
        if len(json.dumps(value)) > ROOM:
            value = value | {name: []}
    return value
