"""Own record: what our runs did to a table last, by audit files that match their hashes."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from datasphere_glue.errors import Unavailable
from datasphere_glue.evidence.own_record import OwnRecord, own_record
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import FieldChange, OutcomeStatus, Plan, TableChange
from datasphere_glue.plan.recorded import TableRecord
from datasphere_glue.storage.store import StoredKey
from tests.unit.evidence.audit_trails import write_run
from tests.unit.samples import database_change, nightly, outcome, table_change
from tests.unit.storage.stores import MemoryStore

ORDERS = ("datasphere_sales", "v_orders")
AUDIT = "runs/{}/audit.jsonl"
DATED = "parameters.datasphere.deprecated_on"


@dataclass
class CountingStore(MemoryStore):
    """Counts the bodies that are read, and the listings."""

    read: Counter[str] = field(default_factory=Counter)

    def pieces(self, key: str) -> Iterator[bytes]:
        self.read[key] += 1
        return super().pieces(key)

    def find(self, prefix: str) -> tuple[StoredKey, ...]:
        self.read[prefix] += 1
        return super().find(prefix)


@pytest.fixture
def store() -> CountingStore:
    return CountingStore()


def of_action(action: ChangeAction, dated: str | None = None) -> TableChange:
    fields = (FieldChange(DATED, None, dated),) if dated else ()
    return replace(table_change(action), fields=fields)


def run(store: MemoryStore, day: int, *changes: TableChange, part: str = "") -> str:
    run_id = f"day-{day:02}{part}"
    write_run(store, run_id, *changes, started=f"2026-11-{day:02}T01:00:00+00:00")
    return AUDIT.format(run_id)


def orders(store: MemoryStore) -> TableRecord:
    return own_record(store, [ORDERS]).tables[ORDERS]


def test_the_writes_of_a_table_come_newest_first(store: CountingStore) -> None:
    run(store, 3, table_change(ChangeAction.CREATE), table_change(ChangeAction.CREATE, "v_items"))
    run(store, 4, table_change())
    run(store, 5, of_action(ChangeAction.DEPRECATE, "2026-11-05"), part="/parts/SALES")

    record = orders(store)

    assert [(w.started.day, w.action) for w in record.writes] == [
        (5, ChangeAction.DEPRECATE),
        (4, ChangeAction.UPDATE),
        (3, ChangeAction.CREATE),
    ]
    assert record.deprecated is record.writes[0]
    assert record.writes[0].dated == "2026-11-05"
    assert (record.writes[0].run_id, record.writes[0].asset) == ("day-05", "V_ORDERS")
    assert record.written


@pytest.mark.parametrize(
    ("last", "deprecated"),
    [
        ((ChangeAction.RESTORE, None), None),
        ((ChangeAction.DELETE, None), None),
        ((ChangeAction.CREATE, None), None),
        ((ChangeAction.UPDATE, None), 5),
        ((ChangeAction.UPDATE, "2026-11-06"), 6),
        ((ChangeAction.DEPRECATE, "2026-11-06"), 6),
    ],
)
def test_the_last_change_of_the_status_decides_since_when_a_table_is_deprecated(
    store: CountingStore, last: tuple[ChangeAction, str | None], deprecated: int | None
) -> None:
    run(store, 5, of_action(ChangeAction.DEPRECATE, "2026-11-05"))
    run(store, 6, of_action(*last))

    since = orders(store).deprecated

    assert (since.started.day if since else None) == deprecated


@pytest.mark.parametrize(
    "result", [OutcomeStatus.FAILED, OutcomeStatus.UNTRIED, OutcomeStatus.UNCHANGED]
)
def test_a_write_that_did_not_happen_is_no_write_of_ours(
    store: CountingStore, result: OutcomeStatus
) -> None:
    change, recorder = of_action(ChangeAction.DEPRECATE), EvidenceRecorder()
    recorder.before(store, "day-05", Plan(tables=(change,)))
    result_of_run = Result(RunAction.SYNC, outcomes=(outcome(change, result),))
    recorder.after(store, "day-05", nightly(result_of_run))

    assert orders(store) == TableRecord()


def test_a_table_that_no_run_wrote_has_an_empty_record(store: CountingStore) -> None:
    run(store, 5, table_change(name="v_orders_copy"))
    recorder = EvidenceRecorder()
    database = Result(RunAction.SYNC, outcomes=(outcome(database_change()),))
    recorder.after(store, "day-06", nightly(database))

    assert not orders(store).written


def test_without_names_nothing_is_requested(store: CountingStore) -> None:
    run(store, 5, table_change())
    store.read.clear()

    assert own_record(store, []) == OwnRecord({})
    assert not store.read


def test_quiet_runs_are_not_read(store: CountingStore) -> None:
    run(store, 5, of_action(ChangeAction.DEPRECATE))
    for day in range(6, 20):
        run(store, day)
    store.read.clear()

    assert orders(store).deprecated
    assert store.read == {"runs/": 1, AUDIT.format("day-05"): 1}


def test_the_search_ends_once_enough_is_known(store: CountingStore) -> None:
    for number in range(200):
        run(store, 5, table_change(), part=f"/parts/{number}")
    store.read.clear()

    own_record(store, [ORDERS], enough=lambda record: record.written)

    assert len(store.read) < 100


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-11-05T010000Z-a", "2026-11-06T010000Z-b"),
        ("2099-01-01T010000Z-a", "b"),
        ("a", "2026-11-06T010000Z-b"),
    ],
    ids=["copied in another order", "with an id of the future", "with an id and without"],
)
def test_the_last_run_is_read_first_whatever_the_files_pretend(
    store: CountingStore, first: str, second: str
) -> None:
    for day, (run_id, action) in enumerate(
        ((first, ChangeAction.DEPRECATE), (second, ChangeAction.RESTORE)), start=5
    ):
        write_run(store, run_id, of_action(action), started=f"2026-11-{day:02}T01:00:00+00:00")
    copied = {AUDIT.format(first): 2e9 + 1, AUDIT.format(second): 2e9}
    store.times |= copied if second.startswith("2026") else {}
    if first == "a":
        # Both runs ended within the second in which the second one began.
        began = datetime(2026, 11, 6, 1, tzinfo=UTC).timestamp()
        store.times |= {AUDIT.format(first): began + 0.2, AUDIT.format(second): began + 0.9}

    record = own_record(store, [ORDERS], enough=lambda table: bool(table.status_changes))

    assert record.tables[ORDERS].deprecated is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda body: body.replace(b'"done"', b'"DONE"'),
        lambda body: body.replace(b'"V_ORDERS"', b'"V_OTHERS"'),
        lambda body: b"".join(body.splitlines(keepends=True)[1:]),
        lambda body: body.splitlines(keepends=True)[0] + body,
        lambda body: body + body.splitlines(keepends=True)[1],
    ],
)
def test_a_file_that_does_not_match_its_hashes_counts_as_absent_and_is_named(
    store: CountingStore, damage: Callable[[bytes], bytes]
) -> None:
    run(store, 4, of_action(ChangeAction.DEPRECATE))
    key = run(store, 5, table_change(ChangeAction.RESTORE))
    store.bodies[key] = damage(store.bodies[key])

    record = own_record(store, [ORDERS])

    assert record.unusable == (f"memory:{key}",)
    assert [write.started.day for write in record.tables[ORDERS].writes] == [4]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"database":"datasphere_sales","table":"v_orders"}\n',
        b"\xff\x00" * 5_000,
        b'{"a":1e999,"database":"datasphere_sales","table":"v_orders"}\n' * 100,
    ],
)
def test_a_file_without_records_proves_nothing(store: CountingStore, body: bytes) -> None:
    run(store, 4, of_action(ChangeAction.DEPRECATE))
    store.put(AUDIT.format("poisoned"), body)

    assert orders(store).deprecated


def test_files_that_cannot_be_listed_are_an_error() -> None:
    class Unreachable(MemoryStore):
        def find(self, prefix: str) -> tuple[StoredKey, ...]:
            raise Unavailable(f"{prefix} could not be read")

    with pytest.raises(Unavailable, match="could not be read"):
        own_record(Unreachable(), [ORDERS])
