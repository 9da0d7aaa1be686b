"""The audit chain: one total order of runs, no link lost, no link written twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pytest

from datasphere_glue.errors import ReportUnwritable, Unavailable
from datasphere_glue.evidence.chain import (
    FOLDER,
    SCHEMA,
    File,
    Head,
    LineDigest,
    Link,
    append_closing_link,
    append_link,
    key_of,
    newest_head,
    number_of,
    open_runs,
    read_links,
)
from datasphere_glue.evidence.hashed_lines import ORIGIN, hashed_line
from datasphere_glue.storage.store import Body, FolderStore
from tests.unit.storage.stores import MemoryStore

FILE = File("runs/night-1/audit.jsonl", "ab" * 32, 7, 1, "cd" * 32)


def links(store: MemoryStore) -> list[Link]:
    parsed = (Link.of(store.bodies[key]) for key in sorted(store.bodies, reverse=True))
    return [link for link in parsed if link]


def test_links_are_chained_and_the_newest_is_first_in_its_folder() -> None:
    store = MemoryStore()
    assert newest_head(store) == Head(0, ORIGIN)

    chain = [append_link(store, f"night-{n}", (FILE,)) for n in range(1, 13)]

    assert [link.number for link in chain] == list(range(1, 13))
    assert [link.previous for link in chain] == [ORIGIN, *(link.hash for link in chain[:-1])]
    assert newest_head(store) == chain[-1].head
    assert store.first(FOLDER) == key_of(12) == "audit/9999999987.json"
    assert links(store) == chain
    assert chain[0].files == (FILE,)


def test_only_a_valid_key_has_a_number() -> None:
    assert [number_of(key_of(number)) for number in (1, 2, 10**9)] == [1, 2, 10**9]
    assert number_of("audit/1.json") is None
    assert number_of("audit/notes.txt") is None
    assert number_of("audit/9999999999.json") is None
    assert number_of("audit/\u0669999999998.json") is None


def test_a_late_writer_takes_the_next_free_number() -> None:
    store = MemoryStore()
    head = append_link(store, "a", ()).head
    append_link(store, "b", ())
    append_link(store, "c", ())

    late = append_link(store, "d", (FILE,), head)

    assert late.number == 4
    assert [link.run for link in links(store)] == ["a", "b", "c", "d"]
    assert late.previous == links(store)[2].hash


def test_concurrent_runs_form_one_chain_without_loss(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with ThreadPoolExecutor(12) as pool:
        chain = list(pool.map(lambda n: append_link(store, f"run-{n}", (FILE,)), range(48)))

    assert sorted(link.number for link in chain) == list(range(1, 49))
    read = [Link.of(body) for _, body in read_links(store, range(1, 49))]
    assert {link.run for link in read if link} == {f"run-{n}" for n in range(48)}
    hashes = [link.hash for link in read if link]
    assert [link.previous for link in read if link] == [ORIGIN, *hashes[:-1]]


@dataclass
class LosingResponses(MemoryStore):
    """A store that creates the document but loses the response, `lost` times."""

    lost: int = 1

    def create(self, key: str, body: Body) -> bool:
        created = super().create(key, body)
        if self.lost:
            self.lost -= 1
            return False
        return created


def test_a_link_whose_response_was_lost_is_not_written_twice() -> None:
    store = LosingResponses()

    link = append_link(store, "night-1", (FILE,))

    assert links(store) == [link]


@dataclass
class WithOtherWriter(MemoryStore):
    """A store in which another writer always creates the key first."""

    others: int = 0

    def create(self, key: str, body: Body) -> bool:
        self.others += 1
        assert body
        return not self.put(key, hashed_line({"schema": "?", "number": self.others})[0])


def test_a_run_that_always_loses_the_race_gives_up() -> None:
    times = iter(range(0, 10**6, 3))

    with pytest.raises(ReportUnwritable, match="other runs wrote 7 links first"):
        append_link(WithOtherWriter(), "night-1", (FILE,), clock=lambda: next(times))


def test_a_damaged_link_does_not_stop_later_runs() -> None:
    store = MemoryStore()
    append_link(store, "a", ())
    store.bodies[key_of(1)] = b"damaged"

    after = append_link(store, "b", (FILE,))
    third = append_link(store, "c", ())

    assert (after.number, third.number) == (2, 3)
    assert len(after.previous) == 64
    assert third.previous == after.hash


def test_unrelated_keys_in_the_folder_do_not_hide_the_newest_link() -> None:
    store = MemoryStore()
    for run in "ab":
        append_link(store, run, ())
    store.put("audit/0.json", b"")

    assert newest_head(store).number == 2


def test_a_chain_that_used_its_last_number_is_not_continued() -> None:
    store = MemoryStore()
    append_link(store, "a", ())
    store.put("audit/0000000000.json", b"{}\n")

    with pytest.raises(ReportUnwritable, match=r"audit/0000000000\.json is where the last"):
        append_link(store, "b", ())
    assert len(store.bodies) == 2


def test_a_chain_that_cannot_be_read_or_written_is_an_error() -> None:
    with pytest.raises(ReportUnwritable, match="no space left"):
        append_link(MemoryStore(full=True), "a", ())

    class Unlistable(MemoryStore):
        def first(self, prefix: str) -> str | None:
            raise Unavailable(f"{prefix} may not be listed", remedy="grant s3:ListBucket")

    with pytest.raises(ReportUnwritable, match="could not be continued: audit/ may not") as caught:
        append_link(Unlistable(), "a", ())
    assert caught.value.remedy == "grant s3:ListBucket"


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "datasphere-glue/link/2"},
        {"number": "7"},
        {"number": True},
        {"previous": None},
        {"run": 7},
        {"made": "yesterday"},
        {"made": None},
        {"files": [{"key": "k", "sha256": "ab" * 32, "bytes": 1, "lines": "1"}]},
        {"files": [{"key": "runs/x"}]},
        {"files": ["runs/x"]},
        {"files": [{"key": 7, "sha256": "ab" * 32, "bytes": 1, "lines": 1, "last": None}]},
        {"files": [{"key": "k", "sha256": "short", "bytes": 1, "lines": 1, "last": None}]},
        {"files": None},
    ],
)
def test_a_hashed_line_with_invalid_fields_is_no_link(change: dict[str, object]) -> None:
    good = {
        "schema": "datasphere-glue/link/1",
        "number": 7,
        "previous": ORIGIN,
        "run": "night-1",
        "made": "2026-11-23T01:00:00+00:00",
        "files": [],
    }
    assert Link.of(hashed_line(good)[0]) is not None
    assert Link.of(hashed_line(good | change)[0]) is None


def test_lines_that_pass_through_are_counted_and_hashed() -> None:
    def lines() -> Iterator[bytes]:
        yield b"one\n"
        yield hashed_line({"n": 2})[0]

    traced = LineDigest()
    passed = b"".join(traced.through(lines()))

    file = traced.file("k")
    assert (file.lines, file.bytes, file.last) == (2, len(passed), hashed_line({"n": 2})[1])


def old_link(number: int, previous: str, run: str, *names: str) -> bytes:
    """Return a link as the versions before open runs wrote it."""
    files = [asdict(replace(FILE, key=f"runs/{run}/{name}.jsonl")) for name in names]
    body, _ = hashed_line(
        {
            "schema": SCHEMA,
            "number": number,
            "previous": previous,
            "run": run,
            "made": "2026-11-22T01:00:00+00:00",
            "version": "1.0.0",
            "files": files,
        }
    )
    return body


def old_chain(*links: tuple[str, str]) -> MemoryStore:
    """Return a store with links of an old version, given as run and name of a file."""
    store, previous = MemoryStore(), ORIGIN
    for number, (run, name) in enumerate(links, start=1):
        body = old_link(number, previous, run, name)
        store.put(key_of(number), body)
        link = Link.of(body)
        assert link is not None
        previous = link.hash
    return store


def places(store: MemoryStore) -> list[str]:
    return [run.place for run in open_runs(store, newest_head(store))]


def test_links_of_an_old_version_show_their_open_runs() -> None:
    store = old_chain(
        ("a", "before"), ("a", "audit"), ("b", "before"), ("c", "audit"), ("d", "before.2")
    )

    assert places(store) == ["b", "d"]
    append_link(store, "e", (replace(FILE, key="runs/e/audit.jsonl"),))
    link = Link.of(store.bodies[key_of(6)])
    assert link is not None
    assert [run.place for run in link.open or ()] == ["b", "d"]
    assert [run.started for run in link.open or ()] == ["2026-11-22T01:00:00+00:00"] * 2


def test_a_gap_or_a_damaged_link_does_not_stop_the_chain() -> None:
    store = old_chain(("a", "before"), ("b", "before"), ("c", "audit"))
    store.bodies[key_of(2)] = b"damaged"
    assert places(store) == ["a"]
    del store.bodies[key_of(2)]
    assert places(store) == []
    assert append_link(store, "d", ()).number == 4


def test_a_closing_link_is_appended_once() -> None:
    store = old_chain(("a", "before"))
    head = newest_head(store)
    (run,) = open_runs(store, head)
    audit = (replace(FILE, key="runs/a/audit.jsonl"),)

    link = append_closing_link(store, run, audit, head)

    assert link is not None
    assert (link.number, link.open) == (2, ())
    assert append_closing_link(store, run, audit, head) == link
    assert append_closing_link(store, run, audit, newest_head(store)) is None
    append_link(store, "b", ())
    assert append_closing_link(store, run, audit) is None
