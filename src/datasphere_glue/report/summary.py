"""The stored result of a run (design 1.4) as text."""

from collections.abc import Iterator, Mapping
from typing import Any

from datasphere_glue.text_layout import mask_controls


def summary(result: Mapping[str, Any], report: str | None) -> str:
    """Return the action of a run, its counts, its issues with their remedies, and its status.

    `report` is the location of its report.
    """
    return mask_controls("\n".join(_lines(result, report)))


def _lines(result: Mapping[str, Any], report: str | None) -> Iterator[str]:
    yield f"{result['action']}  tenant={result['tenant']}  run={result['run_id']}"
    counts = ", ".join(f"{count:,} {name}" for name, count in result["counts"].items() if count)
    yield f"Tables: {counts or 'none'}"
    for issue in result["errors"]:
        yield f"  ? {issue['asset']}  {issue['code']}: {issue['message']}"
        yield f"      -> {issue['remedy']}"
    if report:
        yield f"Report: {report}"
    yield f"Status: {result['status']}"
