"""The report of a run as one HTML file that loads nothing, and the page that lists all runs.

The report stands in the page as JSON and is shown by its scripts, which make text of everything;
a policy in the page forbids every request. In JSON, `<` never stands as such, so that no text can
end the script element that holds it. The assets stand beside it as base64 of gzip, which cannot
end an element either; the browser unpacks a space when one of its assets is opened.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

from datasphere_glue.errors import Unavailable
from datasphere_glue.outcome.asset_index import AssetIndex
from datasphere_glue.storage.store import Store

RECENT: Final = 30
"""Runs that the strip of a report shows."""

LISTED: Final = 1_000
"""Runs that the index lists; the reports of older ones are still there."""

LARGEST: Final = 15_000_000
"""Bytes that a page may have; details of assets are left out of it beyond that."""

RUNS: Final = "runs.json"
INDEX: Final = "index.html"

_PAGE: Final = Path(__file__).parent / "page"
_SCRIPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "report": (
        *("dom", "told", "shell", "overview", "changes", "edits", "completeness"),
        *("atlas", "assets", "hierarchy", "lineage", "athena", "columns", "related", "asset"),
        *("coverage", "health", "evidence", "route", "report"),
    ),
    "index": ("dom", "index"),
}
"""The scripts of each page in their order; together they are the body of one function."""


@dataclass(frozen=True, slots=True)
class ListedRun:
    """One run as the index and the strips of other reports show it.

    `assets` counts those that were evaluated, `shares` tells the percent of them that is complete,
    for each part that can be known: of a run that looked at few assets, it says little of the rest.
    """

    run_id: str
    started: str
    action: str
    status: str
    changes: int
    duration_ms: int
    assets: int = 0
    shares: Mapping[str, float] = field(default_factory=dict)


def page(
    report: Mapping[str, Any], recent: Iterable[ListedRun], atlas: AssetIndex | None = None
) -> bytes:
    """Return the report of a run as a page; `report` is its JSON document.

    The page is at most LARGEST bytes, unless the report alone is larger.
    """
    result = report["result"]
    shown = [{**asdict(run), "page": f"../{run.run_id}/report.html"} for run in recent]
    told = {"report": report, "recent": shown[-RECENT:], "spaces": list[str]()}
    texts = f"{result['status']} {result['run_id']}", f"Status: {result['status']}."
    if atlas is None:
        return _filled("report", texts, told)
    told["spaces"] = [space for space, _ in atlas.spaces]
    around = len(_filled("report", texts, told)) + _AROUND * (len(atlas.spaces) + 1)
    fitting = atlas.within(LARGEST - around)
    told["spaces"] = [space for space, _ in fitting.spaces]
    return _filled("report", texts, told, b"".join(_packed(fitting)))


def index(runs: Iterable[ListedRun]) -> bytes:
    """Return the page that lists runs, the latest first."""
    shown = [
        {**asdict(replace(run, shares={})), "page": f"runs/{run.run_id}/report.html"}
        for run in runs
    ]
    texts = "datasphere-glue: runs", f"{len(shown)} runs."
    return _filled("index", texts, {"runs": shown[::-1]})


def listed(report: Mapping[str, Any]) -> ListedRun:
    """Return a run as others show it."""
    result = report["result"]
    spaces = report.get("completeness", {}).get("spaces", ())
    return ListedRun(
        run_id=result["run_id"],
        started=report["started"] or "",
        action=result["action"],
        status=result["status"],
        changes=len(report["changes"]),
        duration_ms=result["duration_ms"],
        assets=sum(space["assets"] for space in spaces),
        shares=_shares(spaces),
    )


def keep(store: Store, report: Mapping[str, Any], atlas: AssetIndex | None = None) -> str:
    """Keep the page of a run, list it in the index, and return where the page is.

    Of two runs that end at the same moment, one may be missing from the list; its report is there.

    Raises:
        ReportUnwritable: it cannot be kept.

    """
    own = listed(report)
    known = _known(store)
    others = [run for run in known or () if run.run_id != own.run_id]
    runs = sorted((*others, own), key=lambda run: (run.started, run.run_id))[-LISTED:]
    place = store.put(f"runs/{own.run_id}/report.html", page(report, runs, atlas))
    if known is not None:
        store.put(RUNS, json.dumps([asdict(run) for run in runs]).encode())
        store.put(INDEX, index(runs))
    return place


_AROUND: Final = 60
"""Bytes that the element around one part of the atlas takes at most."""

_KEYS: Final = frozenset(field.name for field in fields(ListedRun))
_PLACE: Final = re.compile(rb"\{(\w+)\}")


def _known(store: Store) -> list[ListedRun] | None:
    """Return the runs that are listed, None when the list is there and cannot be read now."""
    try:
        entries = json.loads(store.get(RUNS) or b"[]")
        runs = [ListedRun(**{key: entry[key] for key in _KEYS & entry.keys()}) for entry in entries]
    except Unavailable:
        return None
    except (ValueError, TypeError, AttributeError):
        return []
    return [run for run in runs if _fits(run)]


def _fits(run: ListedRun) -> bool:
    """Tell whether an entry is one that a run wrote: what others wrote would break each page."""
    texts = (run.run_id, run.started, run.action, run.status)
    numbers = (run.changes, run.duration_ms, run.assets)
    return (
        all(isinstance(text, str) for text in texts)
        and all(type(number) is int for number in numbers)
        and isinstance(run.shares, dict)
    )


def _shares(spaces: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return the percent of each part over all spaces, to one decimal, where it can be known."""
    have: dict[str, int] = {}
    known: dict[str, int] = {}
    for part in (part for space in spaces for part in space["parts"]):
        name = part["part"]
        have[name] = have.get(name, 0) + part["have"]
        known[name] = known.get(name, 0) + part["of"] - part["unavailable"]
    return {name: round(100 * have[name] / known[name], 1) for name in have if known[name]}


def _packed(atlas: AssetIndex) -> Iterator[bytes]:
    """Yield the elements that hold an atlas: a space is known by its place in the data."""
    parts = (("index", atlas.index), *((str(n), body) for n, (_, body) in enumerate(atlas.spaces)))
    for name, body in parts:
        yield b'<script type="text/plain" id="atlas-%s">%s</script>\n' % (
            name.encode(),
            b64encode(body),
        )


def _filled(name: str, texts: tuple[str, str], data: Any, atlas: bytes = b"") -> bytes:
    """Return a page; `texts` are its title and what it says where no script runs."""
    shell, style, script = _parts(name)
    told = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    title, summary = map(escape, texts)
    filled = {"title": title, "summary": summary, "data": told}
    parts = {key: text.encode("utf-8", "replace") for key, text in filled.items()}
    parts |= {"style": style, "script": script, "atlas": atlas}
    # What is filled in is not looked into for places to fill: between two places stands the shell.
    pieces = _PLACE.split(shell)
    pieces[1::2] = [parts[place.decode()] for place in pieces[1::2]]
    return b"".join(pieces)


@cache
def _parts(name: str) -> tuple[bytes, bytes, bytes]:
    shell, style = ((_PAGE / file).read_bytes() for file in ("page.html", "page.css"))
    scripts = b"\n".join((_PAGE / f"{part}.js").read_bytes() for part in _SCRIPTS[name])
    return shell, style, b'"use strict";\n(() => {\n%s})();\n' % scripts
