"""The report as a page: one file that loads nothing, in which every text stays text."""

import json
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from datasphere_glue.errors import Unavailable
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.plan.change import Plan
from datasphere_glue.report import html
from datasphere_glue.report.document import document
from datasphere_glue.report.html import Listed
from datasphere_glue.report.run import Run
from tests.unit.stores import MemoryStore
from tests.unit.words import FACTS, issue, outcome, table_change

CHANGE = table_change()
RUN = Run(
    "sync",
    (SpaceListing("SALES", "Sales", listed=frozenset({"V"}), read=1, unread=(issue(),)),),
    plan=Plan(tables=(CHANGE,)),
    outcomes=(outcome(CHANGE),),
)
HOSTILE = "</script><script>alert(1)</script><!-- {data} {script} & \" ' \u2028"


class Page(HTMLParser):
    """What a browser would make of a page: elements, and the text of each script."""

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


def report(run: Run = RUN, **facts: Any) -> dict[str, Any]:
    return document(run, replace(FACTS, **facts))


def ran(number: int, **more: Any) -> Listed:
    known = Listed(
        f"run-{number:04}", f"2026-01-01T00:{number:02}:00+00:00", "sync", "SUCCESS", 3, 9
    )
    return replace(known, **more)


def test_the_page_holds_the_report_as_it_is() -> None:
    told = report()
    page = Page(html.page(told, [ran(1)]))
    assert page.data["report"] == json.loads(json.dumps(told))
    assert page.data["recent"][0]["page"] == "../run-0001/report.html"


def test_the_page_loads_nothing_and_forbids_it() -> None:
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
@settings(max_examples=40, deadline=None)
def test_whatever_people_type_stays_text(text: str) -> None:
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
    page = Page(html.index([ran(1), ran(2)]))
    assert [run["run_id"] for run in page.data["runs"]] == ["run-0002", "run-0001"]
    assert page.data["runs"][0]["page"] == "runs/run-0002/report.html"


def test_every_run_is_kept_and_listed_once() -> None:
    store = MemoryStore()
    html.keep(store, report(run_id="b", started="2026-01-02T00:00:00+00:00"))
    html.keep(store, report(run_id="a", started="2026-01-01T00:00:00+00:00"))
    place = html.keep(store, report(run_id="b", started="2026-01-02T00:00:00+00:00"))

    assert place == "memory:runs/b/report.html"
    assert [run["run_id"] for run in json.loads(store.bodies["runs.json"])] == ["a", "b"]
    listed = Page(store.bodies["index.html"]).data["runs"]
    assert [run["run_id"] for run in listed] == ["b", "a"]


def test_a_list_that_cannot_be_read_now_is_left_alone() -> None:
    class Shut(MemoryStore):
        def get(self, key: str) -> bytes | None:
            raise Unavailable(key)

    store = Shut(bodies={"runs.json": b"[...]"})
    html.keep(store, report())
    assert store.bodies["runs.json"] == b"[...]"
    assert "runs/night-1/report.html" in store.bodies


def test_a_list_that_is_spoilt_begins_anew() -> None:
    store = MemoryStore(bodies={"runs.json": b"{"})
    html.keep(store, report())
    assert len(json.loads(store.bodies["runs.json"])) == 1


def test_the_strip_and_the_index_stay_short() -> None:
    runs = [ran(n % 60, run_id=f"run-{n}") for n in range(40)]
    assert len(Page(html.page(report(), runs)).data["recent"]) == html.RECENT
    entries = [asdict(ran(n % 60, run_id=f"r-{n}")) for n in range(html.LISTED + 5)]
    store = MemoryStore(bodies={"runs.json": json.dumps(entries).encode()})
    html.keep(store, report())
    assert len(json.loads(store.bodies["runs.json"])) == html.LISTED
