"""Runs that are announced until the chain names their images."""

import json
from typing import Any

import pytest

from datasphere_glue.errors import Unavailable
from datasphere_glue.evidence.before_images import write_before
from datasphere_glue.evidence.begun import FOLDER, Begun, announce, begun_runs, clear, withdraw
from datasphere_glue.evidence.open_runs import OpenRun
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan
from datasphere_glue.storage.store import StoredKey
from tests.unit.evidence.test_recorder import RefusingLinks
from tests.unit.samples import nightly, table_change
from tests.unit.storage.stores import MemoryStore

PLAN = Plan(tables=(table_change(), table_change(name="v_items")))
RUN = OpenRun("night-1", "machine/7/a", started="2026-11-23T01:00:00+00:00", tenant="acme")


def announcements(store: MemoryStore) -> list[bytes]:
    return [body for key, body in store.bodies.items() if key.startswith(FOLDER)]


def images(store: MemoryStore) -> list[tuple[str, int]]:
    return [(one.key, one.changes) for run in begun_runs(store, ()).runs for one in run.images]


def test_an_announced_run_has_the_images_from_its_number_on() -> None:
    store = MemoryStore()
    for _ in range(2):
        write_before(store, "night-1", PLAN)

    assert announce(store, RUN, 2)

    (run,) = begun_runs(store, ()).runs
    assert (run.place, run.process, run.tenant) == ("night-1", "machine/7/a", "acme")
    assert images(store) == [("runs/night-1/before.2.jsonl", 2)]
    assert begun_runs(store, (RUN,)) == Begun()
    withdraw(store, RUN)
    assert begun_runs(store, ()) == Begun()


@pytest.mark.parametrize("refusing", [False, True])
def test_a_run_is_announced_until_its_first_link_or_its_record(*, refusing: bool) -> None:
    store, recorder = RefusingLinks(), EvidenceRecorder()
    recorder.begin(RUN, None)
    for _ in range(2):
        recorder.before(store, "night-1", PLAN)
    assert images(store) == [("runs/night-1/before.jsonl", 2), ("runs/night-1/before.2.jsonl", 2)]

    store.refusing = refusing
    recorder.after(store, "night-1", nightly(Result(RunAction.SYNC)))

    assert announcements(store) == [b""]


def test_a_store_that_refuses_announcements_does_not_stop_a_run() -> None:
    store = MemoryStore(full=True)
    assert not announce(store, RUN, 1)
    withdraw(store, RUN)

    class Unlistable(MemoryStore):
        def find(self, prefix: str) -> tuple[StoredKey, ...]:
            raise Unavailable(prefix)

    assert begun_runs(Unlistable(), ()) == Begun()


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {"run": RUN.value()},
        {"first": "1", "run": RUN.value()},
        {"first": 1, "run": RUN.value() | {"place": "../../etc"}},
        {"first": 1, "run": RUN.value() | {"place": "night-1/../../x"}},
        {"first": 1, "run": RUN.value() | {"place": ""}},
        {"first": 1, "run": RUN.value() | {"started": "noon"}},
        {"first": 1, "run": []},
    ],
)
def test_a_damaged_announcement_is_left_out(value: Any) -> None:
    store = MemoryStore()
    write_before(store, "night-1", PLAN)
    store.put(f"{FOLDER}000.json", json.dumps(value).encode())
    store.put(f"{FOLDER}001.json", b"[" * 90_000)
    assert announce(store, RUN, 1)

    begun = begun_runs(store, ())
    assert [run.place for run in begun.runs] == ["night-1"]
    assert [key for key, _ in begun.unusable] == [f"{FOLDER}000.json", f"{FOLDER}001.json"]
    for key, issue in begun.unusable:
        assert key in issue.message
        clear(store, key)
    assert begun_runs(store, ()).unusable == ()
