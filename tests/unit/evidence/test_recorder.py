"""The ledger of a run: what it leaves is kept once, chained, and told by its head."""

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
from tests.unit.evidence.audit_trails import left_by
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


def named(store: MemoryStore) -> list[tuple[str, list[str]]]:
    stored = [(number, store.bodies.get(key_of(number))) for number in range(1, 9)]
    links = [Link.of(body) for _, body in stored if body]
    return [(one.run, [file.key for file in one.files]) for one in links if one]


@dataclass
class Moody(MemoryStore):
    """A store that keeps no links as long as it is `unwilling`."""

    unwilling: bool = True

    def create(self, key: str, body: Body) -> bool:
        if self.unwilling and key.startswith(FOLDER):
            raise ReportUnwritable(f"{key}: access denied")
        return super().create(key, body)


def test_images_are_chained_before_anything_is_written_and_the_rest_at_the_end() -> None:
    store = MemoryStore()

    left_by(store, "night-1", ORDERS, ITEMS)

    assert named(store) == [
        ("night-1", ["runs/night-1/before.jsonl"]),
        ("night-1", ["runs/night-1/applied.jsonl", "runs/night-1/audit.jsonl"]),
    ]


def test_a_run_that_changes_nothing_costs_one_file_and_one_link() -> None:
    store = MemoryStore()

    head = left_by(store, "night-1")

    assert sorted(store.bodies) == [key_of(1), "runs/night-1/audit.jsonl"]
    assert verify(store).head == head


@dataclass
class Counted(MemoryStore):
    """A store that counts what it is asked."""

    asked: list[str] = field(default_factory=list)

    def create(self, key: str, body: Body) -> bool:
        self.asked.append("create")
        return super().create(key, body)

    def first(self, prefix: str) -> str | None:
        self.asked.append("first")
        return super().first(prefix)

    def pieces(self, key: str) -> Iterator[bytes]:
        self.asked.append("pieces")
        return super().pieces(key)

    def find(self, prefix: str) -> tuple[StoredKey, ...]:
        self.asked.append("find")
        return super().find(prefix)


def test_a_run_that_changes_nothing_costs_three_requests_beside_its_file() -> None:
    store = Counted()
    left_by(store, "night-1")
    store.asked.clear()

    left_by(store, "night-2")

    assert store.asked == ["create", "first", "pieces", "create"]


def test_each_record_tells_where_its_whole_change_stands() -> None:
    store = MemoryStore()
    left_by(store, "night-1", ORDERS, ITEMS)

    images = [record["image"] for record in records(store) if record["event"] == "change"]

    assert images == [
        {"file": "runs/night-1/before.jsonl", "line": 1},
        {"file": "runs/night-1/before.jsonl", "line": 2},
    ]


def test_a_change_that_was_planned_again_is_found_where_its_outcome_is() -> None:
    store, ledger = MemoryStore(), EvidenceRecorder()
    ledger.before(store, "night-1", PLAN)
    again = table_change(name="v_items")
    again = TableChange(again.action, again.space, again.asset, again.before, again.after, "99")

    ledger.after(store, "night-1", nightly(run_of(ORDERS, again)))

    images = [record["image"] for record in records(store) if record["event"] == "change"]
    assert images == [
        {"file": "runs/night-1/before.jsonl", "line": 1},
        {"file": "runs/night-1/applied.jsonl", "line": 2},
    ]


def test_a_run_that_writes_in_steps_has_its_outcomes_beside_its_own_last_images() -> None:
    store, mine, other = MemoryStore(), EvidenceRecorder(), EvidenceRecorder()
    mine.before(store, "night-1", Plan(databases=(database_change(),)))
    mine.before(store, "night-1", PLAN)
    other.before(store, "night-1", PLAN)

    mine.after(store, "night-1", nightly(run_of(ORDERS)))
    other.after(store, "night-1", nightly(run_of(ITEMS)))

    assert {key for key in store.bodies if "applied" in key} == {
        "runs/night-1/applied.2.jsonl",
        "runs/night-1/applied.3.jsonl",
    }
    assert verify(store).intact


def test_a_link_that_could_not_be_made_is_made_up_for_at_the_end() -> None:
    store, ledger = Moody(), EvidenceRecorder()
    ledger.before(store, "night-1", PLAN)
    assert named(store) == []
    store.unwilling = False

    head, unchained = ledger.after(store, "night-1", nightly(run_of(ORDERS, ITEMS)))

    assert unchained is None
    assert head == verify(store).head
    ((_, files),) = named(store)
    assert files == [f"runs/night-1/{name}.jsonl" for name in ("before", "applied", "audit")]


def test_a_run_that_cannot_chain_is_not_lost_and_the_next_one_goes_on() -> None:
    store, ledger = Moody(), EvidenceRecorder()
    ledger.before(store, "night-1", PLAN)

    head, unchained = ledger.after(store, "night-1", nightly(run_of(ORDERS, ITEMS)))

    assert head is None
    assert unchained is not None
    assert unchained.code == "REPORT_UNWRITABLE"
    assert len(records(store)) == 3
    store.unwilling = False
    left_by(store, "night-2")
    verdict = verify(store)
    assert verdict.intact
    assert [one.file for one in verdict.unchained] == [
        f"runs/night-1/{name}.jsonl" for name in ("applied", "audit", "before")
    ]


def test_what_cannot_be_kept_is_told_before_anything_is_written() -> None:
    with pytest.raises(ReportUnwritable):
        EvidenceRecorder().before(MemoryStore(full=True), "night-1", PLAN)
    with pytest.raises(ReportUnwritable):
        EvidenceRecorder().after(MemoryStore(full=True), "night-1", nightly(Result(RunAction.SYNC)))


def test_without_images_there_are_no_places() -> None:
    assert image_places(()) == {}
