"""Audit trails for tests, written like those of runs."""

from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan, TableChange
from datasphere_glue.storage.store import Store
from tests.unit.samples import nightly, outcome, table_change

DIGEST = "d1" * 32


def write_run(
    store: Store, run_id: str, *changes: TableChange, started: str = "2026-11-23T01:00:00+00:00"
) -> str:
    """Write the evidence of a run that made these changes and return its head of the chain."""
    plan, recorder = Plan(tables=changes), EvidenceRecorder()
    if changes:
        recorder.before(store, run_id, plan)
    outcomes = tuple(outcome(change) for change in changes)
    run = Result(RunAction.SYNC, plan=plan, outcomes=outcomes, digest=DIGEST)
    run = nightly(run, run_id=run_id.partition("/")[0], started=started)
    head, unchained = recorder.after(store, run_id, run)
    assert unchained is None
    assert head is not None
    return head


def write_four_runs(store: Store) -> str:
    """Write four runs, one of them without changes, and return the last head."""
    write_run(store, "night-1", *(table_change(name=f"v_{n}") for n in range(3)))
    write_run(store, "night-2")
    write_run(store, "night-3/parts/SALES", table_change(name="v_größe"))
    return write_run(store, "night-4", table_change(), table_change(name="v_items"))
