"""Proof of a plan: the audit files are read only for changes that need them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import pytest

from datasphere_glue.errors import Unavailable
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.scope import Scope
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan, TableChange
from datasphere_glue.plan.policy import PlanShare
from datasphere_glue.plan.proof import NO_PROOF, Proof
from datasphere_glue.plan.recorded import TableName
from datasphere_glue.runs.proof import (
    read_history,
    read_proof,
    with_proven_deletions,
    without_disagreements,
)
from datasphere_glue.storage.store import StoredKey
from tests.unit.evidence.audit_trails import write_run
from tests.unit.runs.test_sync import job
from tests.unit.samples import POLICY, TODAY, table_change
from tests.unit.storage.stores import MemoryStore

ORDERS = ("datasphere_sales", "v_orders")
UPDATE = replace(table_change(), desired=table_change().after)


class Unreachable(MemoryStore):
    """A store that cannot list its keys."""

    def find(self, prefix: str) -> tuple[StoredKey, ...]:
        raise Unavailable(f"{prefix} could not be read")


@pytest.mark.parametrize(
    ("change", "narrow", "looked_up"),
    [
        (table_change(ChangeAction.CREATE), False, []),
        (UPDATE, False, [TODAY]),
        (UPDATE, True, []),
        (table_change(ChangeAction.DEPRECATE), True, [None]),
        (table_change(ChangeAction.RESTORE), False, [None]),
    ],
)
def test_the_record_is_read_only_for_changes_that_another_writer_may_undo(
    change: TableChange, looked_up: list[date | None], *, narrow: bool
) -> None:
    requests: list[date | None] = []

    def history(names: Collection[TableName], day: date | None) -> Proof:
        assert names == (ORDERS,)
        requests.append(day)
        return NO_PROOF

    def proof(_names: Collection[TableName]) -> Proof:
        raise AssertionError("nothing is deleted")

    scope = Scope(spaces=frozenset({"SALES"})) if narrow else Scope()
    run = replace(job(), scope=scope, history=history, proof=proof)
    plan = Plan(tables=(change,))

    assert with_proven_deletions(without_disagreements(plan, run), run) == plan
    assert requests == looked_up
    worker = replace(run, policy=replace(POLICY, share=PlanShare.PER_TABLE))
    assert without_disagreements(Plan(tables=(UPDATE,)), worker).tables == (UPDATE,)
    assert requests == looked_up


def test_what_runs_recorded_is_read_and_nothing_without_a_store() -> None:
    store = MemoryStore()
    write_run(store, "night-1", table_change(ChangeAction.DEPRECATE))

    for proof in (read_proof(store, [ORDERS]), read_history(store, [ORDERS])):
        assert proof.tables[ORDERS].deprecated
    assert read_proof(None, [ORDERS]) == read_history(None, [ORDERS]) == NO_PROOF


@pytest.mark.parametrize(("day", "written"), [(23, True), (25, True), (26, False), (22, False)])
def test_only_runs_of_the_last_days_are_searched_for_other_fields(
    day: int, *, written: bool
) -> None:
    store = MemoryStore()
    write_run(store, "2026-11-23T010000Z-a1b2c3", table_change())

    history = read_history(store, [ORDERS], date(2026, 11, day))

    assert history.tables[ORDERS].written is written


def test_a_record_that_cannot_be_read_proves_nothing_and_is_reported() -> None:
    proof = read_proof(Unreachable(), [ORDERS])

    assert not proof.readable
    assert [issue.code for issue in proof.issues] == [IssueCode.UNAVAILABLE]


def test_an_altered_file_is_reported() -> None:
    store = MemoryStore()
    write_run(store, "night-1", table_change(ChangeAction.DEPRECATE))
    key = "runs/night-1/audit.jsonl"
    store.bodies[key] = store.bodies[key].replace(b"differs", b"changed")

    proof = read_proof(store, [ORDERS])

    assert [issue.code for issue in proof.issues] == [IssueCode.EVIDENCE_ALTERED]
    assert key in proof.issues[0].message
