"""The report as a page: one self-contained file with every text escaped."""

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import asdict, replace
from html.parser import HTMLParser
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.errors import Unavailable
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.asset_index import AssetIndex
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan
from datasphere_glue.report import html
from datasphere_glue.report.document import document
from datasphere_glue.report.html import ListedRun
from datasphere_glue.storage.store import Store
from tests.effort import examples
from tests.unit.samples import issue, nightly, outcome, table_change
from tests.unit.storage.stores import MemoryStore

CHANGE = table_change()
RUN = Result(
    RunAction.SYNC,
    (SpaceListing("SALES", "Sales", listed=frozenset({"V"}), read=1, unread=(issue(),)),),
    plan=Plan(tables=(CHANGE,)),
    outcomes=(outcome(CHANGE),),
)
NEW = ("assets", "shares")
PARTS = (
    *("label", "description", "column_label", "column_description", "role", "unit"),
    *("hierarchy", "owner", "steward", "certification", "tags", "terms"),
)
SPACES = [
    {
        "space": "A",
        "assets": 10_000,
        "columns": 400_000,
        "parts": [{"part": p, "have": 1, "of": 3, "unavailable": 0} for p in PARTS],
    }
]
HOSTILE = "</script><script>alert(1)</script><!-- {data} {script} & \" ' \u2028"


class Page(HTMLParser):
    """A parsed page: its elements and the text of each script."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")
            self._in_script = True

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data

    @property
    def data(self) -> Any:
        return json.loads(self.scripts[0])


def report(run: Result = RUN, **fields: Any) -> dict[str, Any]:
    return document(nightly(run, **fields))


def listed_run(number: int, **more: Any) -> ListedRun:
    entry = ListedRun(
        f"run-{number:04}", f"2026-01-01T00:{number:02}:00+00:00", "sync", "SUCCESS", 3, 9
    )
    return replace(entry, **more)


def test_the_page_holds_the_report_unchanged() -> None:
    values = report()
    page = Page(html.page(values, [listed_run(1)]))
    assert page.data["report"] == json.loads(json.dumps(values))
    assert page.data["recent"][0]["page"] == "../run-0001/report.html"


def test_the_page_loads_no_resources_and_forbids_loading() -> None:
    body = html.page(report(), []).decode()
    page = Page(body.encode())
    (policy,) = (a["content"] for t, a in page.elements if a.get("http-equiv"))
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert not [
        a for _, a in page.elements if "src" in a or (a.get("href") or "").startswith("http")
    ]
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|innerHTML|insertAdjacent", body)


@given(st.text() | st.just(HOSTILE))
@examples(40, deadline=None)
def test_any_text_is_escaped(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    listing = replace(RUN.listings[0], label=text)
    page = Page(html.page(report(replace(RUN, listings=(listing,)), cause=text), []))
    assert len(page.scripts) == 2
    assert page.data["report"]["listings"][0]["label"] == text
    assert page.data["report"]["cause"] == text


def test_a_run_id_cannot_leave_its_attribute() -> None:
    body = html.page(report(run_id="<b>"), [])
    assert b"<title>DEGRADED &lt;b&gt;</title>" in body


def test_the_index_lists_the_latest_run_first() -> None:
    page = Page(html.index([listed_run(1), listed_run(2)]))
    assert [run["run_id"] for run in page.data["runs"]] == ["run-0002", "run-0001"]
    assert page.data["runs"][0]["page"] == "runs/run-0002/report.html"


def keep(store: Store, document: Mapping[str, Any]) -> str:
    return html.keep(store, document, html.stored_runs(store))


def test_every_run_is_stored_and_listed_once() -> None:
    store = MemoryStore()
    keep(store, report(run_id="b", started="2026-01-02T00:00:00+00:00"))
    keep(store, report(run_id="a", started="2026-01-01T00:00:00+00:00"))
    place = keep(store, report(run_id="b", started="2026-01-02T00:00:00+00:00"))

    assert place == "memory:runs/b/report.html"
    assert [run["run_id"] for run in json.loads(store.bodies["runs.json"])] == ["a", "b"]
    listed = Page(store.bodies["index.html"]).data["runs"]
    assert [run["run_id"] for run in listed] == ["b", "a"]


def test_an_unreadable_list_is_not_overwritten() -> None:
    class UnreadableStore(MemoryStore):
        def get(self, key: str) -> bytes | None:
            raise Unavailable(key)

    store = UnreadableStore(bodies={"runs.json": b"[...]"})
    keep(store, report())
    assert store.bodies["runs.json"] == b"[...]"
    assert "runs/night-1/report.html" in store.bodies


def test_an_invalid_list_is_replaced() -> None:
    store = MemoryStore(bodies={"runs.json": b"{"})
    keep(store, report())
    assert len(json.loads(store.bodies["runs.json"])) == 1


@pytest.mark.parametrize("wrong", [{"started": 7}, {"changes": "many"}, {"shares": []}])
def test_an_invalid_entry_is_removed_from_the_list(wrong: dict[str, Any]) -> None:
    entry = asdict(listed_run(1, run_id="forged")) | wrong
    store = MemoryStore(bodies={"runs.json": json.dumps([entry]).encode()})
    keep(store, report())
    assert [run["run_id"] for run in json.loads(store.bodies["runs.json"])] != ["forged"]
    assert len(json.loads(store.bodies["runs.json"])) == 1


def test_the_lists_of_recent_and_of_all_runs_are_bounded() -> None:
    runs = [listed_run(n % 60, run_id=f"run-{n}") for n in range(40)]
    assert len(Page(html.page(report(), runs)).data["recent"]) == html.RECENT
    entries = [asdict(listed_run(n % 60, run_id=f"r-{n}")) for n in range(html.LISTED + 5)]
    store = MemoryStore(bodies={"runs.json": json.dumps(entries).encode()})
    keep(store, report())
    assert len(json.loads(store.bodies["runs.json"])) == html.LISTED


def asset_index(*sizes: int) -> AssetIndex:
    """Return an asset index with one incompressible space of each size."""
    spaces = tuple((f"S{n}", randbytes(size)) for n, size in enumerate(sizes))
    return AssetIndex(gzip.compress(b'{"spaces":[],"assets":[]}', mtime=0), spaces)


def randbytes(size: int) -> bytes:
    return Random(size).randbytes(size)  # noqa: S311 - no secret


def test_the_page_holds_the_packed_assets_unchanged() -> None:
    packed = asset_index(900, 800)
    page = Page(html.page(report(), [], packed))
    assert page.data["spaces"] == ["S0", "S1"]
    contents = [b64decode(text) for text in page.scripts[1:-1]]
    assert contents == [packed.index, *(body for _, body in packed.spaces)]
    places = [a["id"] for t, a in page.elements if t == "script" and "id" in a]
    assert places == ["data", "asset-index", "asset-space-0", "asset-space-1"]


def test_a_page_omits_spaces_that_exceed_the_limit() -> None:
    packed = asset_index(html.LARGEST // 2, html.LARGEST // 4, 1000)
    body = html.page(report(), [], packed)
    assert html.LARGEST // 4 < len(body) <= html.LARGEST
    page = Page(body)
    assert page.data["spaces"] == ["S1", "S2"]
    left_out = json.loads(gzip.decompress(b64decode(page.scripts[1])))["left_out"]
    assert left_out == ["S0"]


def test_a_listed_run_has_the_shares_of_available_parts() -> None:
    parts = [
        {"part": "label", "have": 2, "of": 3, "unavailable": 0},
        {"part": "owner", "have": 0, "of": 3, "unavailable": 3},
    ]
    spaces = [
        {"space": "A", "assets": 3, "columns": 9, "parts": parts},
        {"space": "B", "assets": 1, "columns": 2, "parts": parts[:1]},
    ]
    entry = html.run_entry(report() | {"completeness": {"spaces": spaces, "worst": []}})
    assert entry.assets == 4
    assert entry.shares == {"label": 66.7}


def test_a_report_without_completeness_has_no_shares() -> None:
    values = report()
    del values["completeness"]
    assert html.run_entry(values).shares == {}


def test_entries_of_other_versions_stay_in_the_list() -> None:
    earlier = {key: value for key, value in asdict(listed_run(1)).items() if key not in NEW}
    later = asdict(listed_run(2)) | {"mood": "calm"}
    store = MemoryStore(bodies={"runs.json": json.dumps([earlier, later]).encode()})
    keep(store, report())
    runs = json.loads(store.bodies["runs.json"])
    assert [run["run_id"] for run in runs] == ["run-0001", "run-0002", "night-1"]
    assert runs[0]["shares"] == {}
    assert "mood" not in runs[1]


def test_an_entry_of_the_list_is_small() -> None:
    entry = html.run_entry(report() | {"completeness": {"spaces": SPACES, "worst": []}})
    assert len(json.dumps(asdict(entry))) < 600
