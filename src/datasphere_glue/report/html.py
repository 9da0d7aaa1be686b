"""The report of a run as one HTML file that loads nothing, and the page that lists all runs.

The page holds the report as JSON and a script that shows it; a policy in the page forbids every
request. `page/*.js` are bundles of the modules in the top folder `page/` (`make page`).

In the JSON, `<` is escaped, so no text can end the script element that holds it. The assets are
base64 of gzip, which cannot end an element either. The browser unpacks a space when one of its
assets is opened.
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

from datasphere_glue.outcome.asset_index import AssetIndex
from datasphere_glue.secrecy import SECRETS
from datasphere_glue.storage.state import Stored, read_state
from datasphere_glue.storage.store import Store

RECENT: Final = 30
"""Runs that the strip of a report shows."""

LISTED: Final = 1_000
"""Runs that the index lists; the reports of older ones remain."""

LARGEST: Final = 15_000_000
"""Bytes of a page; details of assets are left out beyond that."""

UNFINISHED: Final = "UNFINISHED"
CUT_OFF: Final = "CUT_OFF"
OPEN: Final = frozenset({UNFINISHED, CUT_OFF})
"""States of runs without a record in the list of runs; a status of a run is none of them."""

RUNS: Final = "runs.json"
INDEX: Final = "index.html"

_PAGE: Final = Path(__file__).parent / "page"


@dataclass(frozen=True, slots=True)
class ListedRun:
    """One run as the index and the strips of other reports show it.

    `assets`: number of evaluated assets.
    `shares`: percent complete of each part that the source provides.
    `paged`: whether the run has a page; a run that was cut off has none until it is closed.
    """

    run_id: str
    started: str
    action: str
    status: str
    changes: int
    duration_ms: int
    assets: int = 0
    shares: Mapping[str, float] = field(default_factory=dict)
    paged: bool = True


def page(
    report: Mapping[str, Any], recent: Iterable[ListedRun], assets: AssetIndex | None = None
) -> bytes:
    """Return the report of a run as a page; `report` is its JSON document.

    The page is at most LARGEST bytes, unless the report alone is larger.
    """
    result = report["result"]
    runs = [_shown(run, "..") for run in recent if run.paged]
    data = {"report": report, "recent": runs[-RECENT:], "spaces": list[str]()}
    texts = f"{result['status']} {result['run_id']}", f"Status: {result['status']}."
    if assets is None:
        return _render("report", texts, data)
    data["spaces"] = [space for space, _ in assets.spaces]
    rest = len(_render("report", texts, data)) + _ELEMENT * (len(assets.spaces) + 1)
    fitting = assets.within(LARGEST - rest)
    data["spaces"] = [space for space, _ in fitting.spaces]
    return _render("report", texts, data, b"".join(_asset_elements(fitting)))


def index(runs: Iterable[ListedRun]) -> bytes:
    """Return the page that lists runs, the latest first."""
    shown = [_shown(replace(run, shares={}), "runs") for run in runs]
    texts = "datasphere-glue: runs", f"{len(shown)} runs."
    return _render("index", texts, {"runs": shown[::-1]})


def run_entry(report: Mapping[str, Any]) -> ListedRun:
    """Return a run as the index and other reports show it."""
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


def keep(
    store: Store,
    report: Mapping[str, Any],
    earlier: Stored[list[ListedRun]],
    assets: AssetIndex | None = None,
) -> str:
    """Store the page of a run, add it to the index, and return the address of the page.

    `earlier`: the runs of `stored_runs`. If two runs end at the same moment, one may be missing
    from the list; its report is stored. A list that the store did not give is not replaced.

    Raises:
        ReportUnwritable: the store refuses it.

    """
    own = run_entry(report)
    others = [run for run in earlier.value or () if run.run_id != own.run_id]
    runs = sorted((*others, own), key=lambda run: (run.started, run.run_id))[-LISTED:]
    place = store.put(f"runs/{own.run_id}/report.html", page(report, runs, assets))
    if earlier.answered:
        store.put(RUNS, json.dumps([asdict(run) for run in runs]).encode())
        store.put(INDEX, index(runs))
    return place


def stored_runs(store: Store) -> Stored[list[ListedRun]]:
    """Return the runs of the stored list; an entry that no run wrote is left out."""
    return read_state(store, RUNS, _listed_runs)


def ended(listed: Iterable[ListedRun]) -> frozenset[str]:
    """Return the ids of the listed runs that have ended."""
    return frozenset(run.run_id for run in listed if run.status not in OPEN)


def with_others(listed: Iterable[ListedRun], others: Iterable[ListedRun]) -> list[ListedRun]:
    """Return a list of runs with others; a run that is listed as ended stays as it is.

    Open runs stay only if they are among the others: they have ended since.
    """
    stay = {run.run_id: run for run in listed if run.status not in OPEN}
    return list(({run.run_id: run for run in others} | stay).values())


def _shown(run: ListedRun, folder: str) -> dict[str, Any]:
    """Return a run as a page shows it; `folder` leads to the folders of all runs."""
    return {**asdict(run), "page": f"{folder}/{run.run_id}/report.html"}


_ELEMENT: Final = 80
"""Bytes that the element around one part of the asset index takes at most."""

_KEYS: Final = frozenset(field.name for field in fields(ListedRun))
_PLACE: Final = re.compile(rb"\{(\w+)\}")


def _listed_runs(entries: Any) -> list[ListedRun]:
    if not isinstance(entries, list):
        raise TypeError("it is no list of runs")
    runs = (ListedRun(**{key: one[key] for key in _KEYS & one.keys()}) for one in entries)
    return [run for run in runs if _valid(run)]


def _valid(run: ListedRun) -> bool:
    """Return whether an entry has the types that a run writes; others would break every page."""
    texts = (run.run_id, run.started, run.action, run.status)
    numbers = (run.changes, run.duration_ms, run.assets)
    return (
        all(isinstance(text, str) for text in texts)
        and all(type(number) is int for number in numbers)
        and isinstance(run.shares, dict)
        and all(isinstance(share, int | float) for share in run.shares.values())
        and isinstance(run.paged, bool)
    )


def _shares(spaces: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return the percent of each part over all spaces, to one decimal, if a source provides it."""
    have: dict[str, int] = {}
    available: dict[str, int] = {}
    for part in (part for space in spaces for part in space["parts"]):
        name = part["part"]
        have[name] = have.get(name, 0) + part["have"]
        available[name] = available.get(name, 0) + part["of"] - part["unavailable"]
    return {name: round(100 * have[name] / available[name], 1) for name in have if available[name]}


def _asset_elements(assets: AssetIndex) -> Iterator[bytes]:
    """Yield the elements of the index and of each space, which is named by its position."""
    spaces = ((f"space-{n}", body) for n, (_, body) in enumerate(assets.spaces))
    for name, body in (("index", assets.index), *spaces):
        yield b'<script type="text/plain" id="asset-%s">%s</script>\n' % (
            name.encode(),
            b64encode(body),
        )


def _render(name: str, texts: tuple[str, str], data: Any, assets: bytes = b"") -> bytes:
    """Return a page; `texts` are its title and the summary for browsers without scripts."""
    shell, style, script = _files(name)
    document = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    title, summary = map(escape, texts)
    filled = {"title": title, "summary": summary, "data": document.replace("<", "\\u003c")}
    parts = {
        key: SECRETS.mask_document(text.encode("utf-8", "replace")) for key, text in filled.items()
    }
    parts |= {"style": style, "script": script, "assets": assets}
    # Only the shell is searched for placeholders, never the inserted texts.
    pieces = _PLACE.split(shell)
    pieces[1::2] = [parts[place.decode()] for place in pieces[1::2]]
    return b"".join(pieces)


@cache
def _files(name: str) -> tuple[bytes, bytes, bytes]:
    """Return shell, style and script of a page."""
    shell, style, script = (
        (_PAGE / file).read_bytes() for file in ("page.html", "page.css", f"{name}.js")
    )
    return shell, style, script
