"""The evidence recorder: each file of a run is written once and chained; the head is returned."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from datasphere_glue.errors import ReportUnwritable
from datasphere_glue.evidence.audit_files import audit_files, read_records
from datasphere_glue.evidence.before_images import image_places
from datasphere_glue.evidence.chain import FOLDER, Link, key_of
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.evidence.verify import verify
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan, TableChange
from datasphere_glue.storage.store import Body, StoredKey
from tests.unit.evidence.audit_trails import write_run
from tests.unit.samples import database_change, nightly, outcome, table_change
from tests.unit.storage.stores import MemoryStore

ORDERS, ITEMS = table_change(), table_change(name="v_items")
PLAN = Plan(tables=(ORDERS, ITEMS))


def run_of(*changes: TableChange) -> Result:
    return Result(RunAction.SYNC, plan=PLAN, outcomes=tuple(outcome(change) for change in changes))


def records(store: MemoryStore) -> list[dict[str, Any]]:
    return [
        record
        for _, file_records in read_records(store, audit_files(store))
        for record in file_records
    ]


def files_by_link(store: MemoryStore) -> list[tuple[str, list[str]]]:
    stored = [(number, store.bodies.get(key_of(number))) for number in range(1, 9)]
    links = [Link.of(body) for _, body in stored if body]
    return [(one.run, [file.key for file in one.files]) for one in links if one]


@dataclass
class RefusingLinks(MemoryStore):
    """A store that refuses links as long as `refusing` is true."""

    refusing: bool = True

    def create(self, key: str, body: Body) -> bool:
        if self.refusing and key.startswith(FOLDER):
            raise ReportUnwritable(f"{key}: access denied")
        return super().create(key, body)


def test_images_are_chained_before_the_first_write_and_the_rest_at_the_end() -> None:
    store = MemoryStore()

    write_run(store, "night-1", ORDERS, ITEMS)

    assert files_by_link(store) == [
        ("night-1", ["runs/night-1/before.jsonl"]),
        ("night-1", ["runs/night-1/applied.jsonl", "runs/night-1/audit.jsonl"]),
    ]


def test_a_run_without_changes_writes_one_file_and_one_link() -> None:
    store = MemoryStore()

    head = write_run(store, "night-1")

    assert sorted(store.bodies) == [key_of(1), "runs/night-1/audit.jsonl"]
    assert verify(store).head == head


@dataclass
class RecordingStore(MemoryStore):
    """A store that records its calls."""

    calls: list[str] = field(default_factory=list)

    def create(self, key: str, body: Body) -> bool:
        self.calls.append("create")
        return super().create(key, body)

    def first(self, prefix: str) -> str | None:
        self.calls.append("first")
        return super().first(prefix)

    def pieces(self, key: str) -> Iterator[bytes]:
        self.calls.append("pieces")
        return super().pieces(key)

    def find(self, prefix: str) -> tuple[StoredKey, ...]:
        self.calls.append("find")
        return super().find(prefix)


def test_a_run_without_changes_makes_three_requests_in_addition_to_its_file() -> None:
    store = RecordingStore()
    write_run(store, "night-1")
    store.calls.clear()

    write_run(store, "night-2")

    assert store.calls == ["create", "first", "pieces", "create"]


def test_each_record_refers_to_the_line_of_its_change() -> None:
    store = MemoryStore()
    write_run(store, "night-1", ORDERS, ITEMS)

    images = [record["image"] for record in records(store) if record["event"] == "change"]

    assert images == [
        {"file": "runs/night-1/before.jsonl", "line": 1},
        {"file": "runs/night-1/before.jsonl", "line": 2},
    ]


def test_the_record_of_a_replanned_change_refers_to_its_outcome() -> None:
    store, recorder = MemoryStore(), EvidenceRecorder()
    recorder.before(store, "night-1", PLAN)
    again = table_change(name="v_items")
    again = TableChange(again.action, again.space, again.asset, again.before, again.after, "99")

    recorder.after(store, "night-1", nightly(run_of(ORDERS, again)))

    images = [record["image"] for record in records(store) if record["event"] == "change"]
    assert images == [
        {"file": "runs/night-1/before.jsonl", "line": 1},
        {"file": "runs/night-1/applied.jsonl", "line": 2},
    ]


def test_outcomes_have_the_number_of_the_last_images_of_their_run() -> None:
    store, first, second = MemoryStore(), EvidenceRecorder(), EvidenceRecorder()
    first.before(store, "night-1", Plan(databases=(database_change(),)))
    first.before(store, "night-1", PLAN)
    second.before(store, "night-1", PLAN)

    first.after(store, "night-1", nightly(run_of(ORDERS)))
    second.after(store, "night-1", nightly(run_of(ITEMS)))

    assert {key for key in store.bodies if "applied" in key} == {
        "runs/night-1/applied.2.jsonl",
        "runs/night-1/applied.3.jsonl",
    }
    assert verify(store).intact


def test_a_link_that_failed_is_written_at_the_end() -> None:
    store, recorder = RefusingLinks(), EvidenceRecorder()
    recorder.before(store, "night-1", PLAN)
    assert files_by_link(store) == []
    store.refusing = False

    head, unchained = recorder.after(store, "night-1", nightly(run_of(ORDERS, ITEMS)))

    assert unchained is None
    assert head == verify(store).head
    ((_, files),) = files_by_link(store)
    assert files == [f"runs/night-1/{name}.jsonl" for name in ("before", "applied", "audit")]


def test_a_run_without_links_keeps_its_records_and_the_next_run_continues() -> None:
    store, recorder = RefusingLinks(), EvidenceRecorder()
    recorder.before(store, "night-1", PLAN)

    head, unchained = recorder.after(store, "night-1", nightly(run_of(ORDERS, ITEMS)))

    assert head is None
    assert unchained is not None
    assert unchained.code == "REPORT_UNWRITABLE"
    assert len(records(store)) == 3
    store.refusing = False
    write_run(store, "night-2")
    verdict = verify(store)
    assert verdict.intact
    assert [one.file for one in verdict.unchained] == [
        f"runs/night-1/{name}.jsonl" for name in ("applied", "audit", "before")
    ]


def test_a_full_store_is_an_error_before_and_after_the_writes() -> None:
    with pytest.raises(ReportUnwritable):
        EvidenceRecorder().before(MemoryStore(full=True), "night-1", PLAN)
    with pytest.raises(ReportUnwritable):
        EvidenceRecorder().after(MemoryStore(full=True), "night-1", nightly(Result(RunAction.SYNC)))


def test_without_images_there_are_no_image_places() -> None:
    assert image_places(()) == {}
