"""Audit trails as runs leave them."""

from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan, TableChange
from datasphere_glue.storage.store import Store
from tests.unit.samples import nightly, outcome, table_change

DIGEST = "d1" * 32


def left_by(
    store: Store, run_id: str, *changes: TableChange, started: str = "2026-11-23T01:00:00+00:00"
) -> str:
    """Leave what a run leaves that made these changes and return the head that it tells."""
    plan, ledger = Plan(tables=changes), EvidenceRecorder()
    if changes:
        ledger.before(store, run_id, plan)
    outcomes = tuple(outcome(change) for change in changes)
    run = Result(RunAction.SYNC, plan=plan, outcomes=outcomes, digest=DIGEST)
    run = nightly(run, run_id=run_id.partition("/")[0], started=started)
    head, unchained = ledger.after(store, run_id, run)
    assert unchained is None
    assert head is not None
    return head


def a_few_runs(store: Store) -> str:
    """Leave four runs, one of which changed nothing, and return the last head."""
    left_by(store, "night-1", *(table_change(name=f"v_{n}") for n in range(3)))
    left_by(store, "night-2")
    left_by(store, "night-3/parts/SALES", table_change(name="v_größe"))
    return left_by(store, "night-4", table_change(), table_change(name="v_items"))
