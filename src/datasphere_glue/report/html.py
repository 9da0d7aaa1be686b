"""The report of a run as one HTML file that loads nothing, and the page that lists all runs.

The report stands in the page as JSON and is shown by its script, which makes text of everything;
a policy in the page forbids every request. In JSON, `<` never stands as such, so that no text can
end the script element that holds it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

from datasphere_glue.errors import Unavailable
from datasphere_glue.report.store import Store

RECENT: Final = 30
"""Runs that the strip of a report shows."""

LISTED: Final = 1_000
"""Runs that the index lists; the reports of older ones are still there."""

RUNS: Final = "runs.json"
INDEX: Final = "index.html"
_PAGE: Final = Path(__file__).parent / "page"


@dataclass(frozen=True, slots=True)
class Listed:
    """One run as the index and the strips of other reports show it."""

    run_id: str
    started: str
    action: str
    status: str
    changes: int
    duration_ms: int


def page(report: Mapping[str, Any], recent: Iterable[Listed]) -> bytes:
    """Return the report of a run as a page; `report` is its JSON document."""
    result = report["result"]
    shown = [{**asdict(run), "page": f"../{run.run_id}/report.html"} for run in recent]
    return _filled(
        "report",
        title=f"{result['status']} {result['run_id']}",
        summary=f"Status: {result['status']}.",
        data={"report": report, "recent": shown[-RECENT:]},
    )


def index(runs: Iterable[Listed]) -> bytes:
    """Return the page that lists runs, the latest first."""
    shown = [{**asdict(run), "page": f"runs/{run.run_id}/report.html"} for run in runs]
    return _filled(
        "index",
        title="datasphere-glue: runs",
        summary=f"{len(shown)} runs.",
        data={"runs": shown[::-1]},
    )


def listed(report: Mapping[str, Any]) -> Listed:
    """Return a run as others show it."""
    result = report["result"]
    return Listed(
        run_id=result["run_id"],
        started=report["started"] or "",
        action=result["action"],
        status=result["status"],
        changes=len(report["changes"]),
        duration_ms=result["duration_ms"],
    )


def keep(store: Store, report: Mapping[str, Any]) -> str:
    """Keep the page of a run, list it in the index, and return where the page is.

    Of two runs that end at the same moment, one may be missing from the list; its report is there.

    Raises:
        ReportUnwritable: it cannot be kept.

    """
    own = listed(report)
    known = _known(store)
    others = [run for run in known or () if run.run_id != own.run_id]
    runs = sorted((*others, own), key=lambda run: (run.started, run.run_id))[-LISTED:]
    place = store.put(f"runs/{own.run_id}/report.html", page(report, runs))
    if known is not None:
        store.put(RUNS, json.dumps([asdict(run) for run in runs]).encode())
        store.put(INDEX, index(runs))
    return place


def _known(store: Store) -> list[Listed] | None:
    """Return the runs that are listed, None when the list is there and cannot be read now."""
    try:
        return [Listed(**entry) for entry in json.loads(store.get(RUNS) or b"[]")]
    except Unavailable:
        return None
    except (ValueError, TypeError):
        return []


def _filled(name: str, *, title: str, summary: str, data: Mapping[str, Any]) -> bytes:
    shell, style, script = _parts(name)
    told = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    # The data comes last: what it holds is not looked into for a place to fill.
    filled = shell.replace("{style}", style).replace("{script}", script)
    filled = filled.replace("{title}", escape(title)).replace("{summary}", escape(summary))
    before, _, after = filled.partition("{data}")
    return f"{before}{told}{after}".encode("utf-8", "replace")


@cache
def _parts(name: str) -> tuple[str, str, str]:
    read = (_PAGE / file for file in ("page.html", "page.css", f"{name}.js"))
    shell, style, script = (path.read_text(encoding="utf-8") for path in read)
    return shell, style, script
