"""Runs without a record, as those see them who only read the evidence."""

from datasphere_glue.evidence.before_images import write_applied, write_before
from datasphere_glue.evidence.history import history, lines
from datasphere_glue.evidence.open_runs import OpenRun
from datasphere_glue.evidence.process import carrying_out, own_process
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.evidence.unrecorded import unrecorded_changes, unrecorded_runs
from datasphere_glue.evidence.verify import document, verify
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan
from tests.unit.evidence.audit_trails import write_run
from tests.unit.evidence.test_recorder import RefusingLinks
from tests.unit.samples import nightly, outcome, table_change
from tests.unit.storage.stores import MemoryStore

ORDERS, ITEMS = table_change(), table_change(name="v_items")
PLAN = Plan(tables=(ORDERS, ITEMS))


def cut_off(store: MemoryStore, place: str, process: str = "machine/7/a") -> None:
    recorder = EvidenceRecorder()
    recorder.begin(OpenRun(place, process, started="2026-11-23T01:00:00+00:00"), None)
    recorder.before(store, place, PLAN)


def places(store: MemoryStore) -> list[tuple[str, str]]:
    return [(one.run.place, one.state) for one in unrecorded_runs(store, store.bodies)]


def test_recorded_runs_are_complete() -> None:
    store = MemoryStore()
    write_run(store, "night-1", ORDERS)
    write_run(store, "night-2")

    assert places(store) == []
    assert list(unrecorded_changes(store, store.bodies)) == []
    assert verify(store).complete


def test_a_run_in_the_chain_and_one_outside_it_are_found() -> None:
    store = MemoryStore()
    write_run(store, "night-1", ORDERS)
    cut_off(store, "night-2/parts/SALES")
    write_before(store, "night-3", PLAN)

    assert places(store) == [
        ("night-2/parts/SALES", "was cut off"),
        ("night-3", "was cut off"),
    ]
    verdict = verify(store)
    assert (verdict.intact, verdict.complete) == (True, False)
    assert [one["run"] for one in document(verdict)["unrecorded"]] == ["night-2", "night-3"]
    assert [one["changes"] for one in document(verdict)["unrecorded"]] == [2, None]


def test_a_run_that_is_carried_out_is_no_deviation() -> None:
    store = MemoryStore()
    cut_off(store, "night-1", own_process())

    with carrying_out("night-1"):
        assert places(store) == [("night-1", "still runs")]
        assert verify(store).complete
    assert places(store) == [("night-1", "was cut off")]
    assert not verify(store).complete


def test_the_history_lists_a_change_whose_outcome_is_unknown() -> None:
    store = MemoryStore()
    write_run(store, "night-1", ORDERS)
    cut_off(store, "night-2")

    shown = history(store, "SALES.V_ORDERS", 50)

    assert [(one["run_id"], one["outcome"]) for one in shown.records] == [
        ("night-2", "unknown"),
        ("night-1", "done"),
    ]
    text = "\n".join(lines(shown))
    assert "OUTCOME UNKNOWN: the run has no record yet" in text
    assert "datasphere-glue rollback night-2" in text


def test_a_record_that_only_its_link_lacks_is_listed_once() -> None:
    store, recorder = RefusingLinks(refusing=False), EvidenceRecorder()
    recorder.begin(OpenRun("night-1", "machine/7/a"), None)
    recorder.before(store, "night-1", PLAN)
    store.refusing = True
    recorder.after(store, "night-1", nightly(Result(RunAction.SYNC, outcomes=(outcome(ORDERS),))))

    shown = history(store, "SALES.V_ORDERS", 50)

    assert [one["outcome"] for one in shown.records] == ["done"]
    assert places(store) == [("night-1", "was cut off")]


def test_an_outcome_that_the_run_stored_is_known() -> None:
    store, recorder = MemoryStore(), EvidenceRecorder()
    recorder.begin(OpenRun("night-1", "machine/7/a"), None)
    recorder.before(store, "night-1", PLAN)
    write_applied(store, "night-1", PLAN, (outcome(ORDERS),))

    outcomes = [one["outcome"] for one in unrecorded_changes(store, store.bodies)]

    assert outcomes == ["done", "unknown"]


def test_images_that_cannot_be_read_are_left_out_of_the_history() -> None:
    store = MemoryStore()
    cut_off(store, "night-1")
    store.bodies["runs/night-1/before.jsonl"] = b"[" * 100_000

    assert history(store, "SALES.V_ORDERS", 50).records == ()
