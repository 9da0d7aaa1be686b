"""Runs that have a record and are not in the list of runs."""

from collections.abc import Collection

from datasphere_glue.evidence.chain import Head, newest_head
from datasphere_glue.evidence.open_runs import OpenRun
from datasphere_glue.evidence.process import carrying_out, own_process
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.report.unlisted import UnlistedRun, recorded_run, unlisted_runs
from tests.unit.evidence.audit_trails import write_four_runs, write_run
from tests.unit.samples import nightly, table_change
from tests.unit.storage.stores import MemoryStore


def unlisted(
    store: MemoryStore, listed: Collection[str], own: Collection[int] = (), head: Head | None = None
) -> list[UnlistedRun]:
    return list(unlisted_runs(store, own, head or newest_head(store), listed))


def test_the_runs_after_the_last_listed_one_are_found() -> None:
    store = MemoryStore()
    write_four_runs(store)

    runs = unlisted(store, {"night-1"})

    # A part of a divided run is no run of its own.
    assert [(one.run.run_id, one.run.changes) for one in runs] == [("night-4", 2), ("night-2", 0)]
    assert not any(one.run.paged for one in runs)


def test_a_listed_run_costs_no_request() -> None:
    store = MemoryStore()
    write_run(store, "night-1")
    head = newest_head(store)
    store.bodies.clear()

    assert unlisted(store, {"night-1"}, head=head) == []


def test_own_links_are_passed_over() -> None:
    store = MemoryStore()
    write_run(store, "night-1")
    head = newest_head(store)
    write_run(store, "night-2", table_change())

    assert unlisted(store, {"night-1"}, own={2, 3}, head=head) == []


def test_a_run_that_was_cut_off_before_its_report_is_an_issue() -> None:
    store, recorder = MemoryStore(), EvidenceRecorder()
    recorder.begin(OpenRun("night-1", own_process()), None)
    recorder.after(store, "night-1", nightly(Result(RunAction.SYNC)))

    (run,) = unlisted(store, ())

    assert run.issue is not None
    assert run.issue.message.startswith("run night-1 ended as NO_CHANGES with 0 changes")
    assert "audit export --run night-1" in run.issue.remedy
    with carrying_out("night-1"):
        assert [one.issue for one in unlisted(store, ())] == [None]
    store.put("runs/night-1/report.html", b"page")
    assert [one.issue for one in unlisted(store, ())] == [None]


def test_damaged_links_and_records_are_passed_over() -> None:
    store = MemoryStore()
    write_run(store, "night-1")
    head = newest_head(store)

    for body in (b"", b"[", b"null", b'{"run_id": "x"}', b"[" * 100_000, b'{"changes": 1e999}'):
        store.bodies["runs/night-1/audit.jsonl"] = body
        assert recorded_run(store, "runs/night-1/audit.jsonl") is None
        assert unlisted(store, ()) == []
    store.bodies = dict.fromkeys(store.bodies, b"damaged")
    assert unlisted(store, (), head=head) == []
    store.bodies.clear()
    assert unlisted(store, (), head=head) == []
