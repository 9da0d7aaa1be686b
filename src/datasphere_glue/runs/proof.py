"""Reads from the audit files what a plan needs proven; without such changes nothing is read."""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Final

from datasphere_glue.errors import Unavailable
from datasphere_glue.evidence.own_record import RUNS, own_record
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.outcome.run import as_issue
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.disagreement import status_changes, updates, without_quarrel
from datasphere_glue.plan.policy import PlanShare
from datasphere_glue.plan.proof import NO_PROOF, Proof, proven, unproven
from datasphere_glue.plan.recorded import TableName, TableRecord, Writer
from datasphere_glue.runs.ports import Job
from datasphere_glue.storage.store import Store

_MOST_RUNS: Final = 300
_FEW_RUNS: Final = 20
"""Most runs with changes that are searched for another writer: of a status, of other fields."""

_DAYS: Final = 3
"""Days of which the runs are searched for another writer of other fields.

Runs that update tables are frequent, and the list of all runs is long."""

_WRITES: Final = 6
"""Writes to a table after which older ones show no other writer."""


def with_proven_deletions(plan: Plan, job: Job) -> Plan:
    """Return the plan with only those deletions that the record of our runs proves."""
    names = unproven(plan)
    return proven(plan, job.proof(names), job.policy) if names else plan


def without_disagreements(plan: Plan, job: Job) -> Plan:
    """Return the plan without what another writer keeps undoing, and with an issue about it.

    Fields are compared by runs over everything alone, in one invocation: a quarrel goes on.
    """
    decided = status_changes(plan)
    compares_fields = not job.scope.narrow and job.policy.share is PlanShare.ALL
    names = (*decided, *(updates(plan) if compares_fields else ()))
    if not names:
        return plan
    history = job.history(names, None if decided else job.policy.today)
    writer = Writer(job.context.writer, job.context.config_digest)
    return without_quarrel(plan, history, writer)


def read_proof(store: Store | None, names: Collection[TableName]) -> Proof:
    """Return what the audit files hold about the deprecation of tables; nothing without a store."""
    return _read(store, names, lambda table: bool(table.status_changes), None)


def read_history(
    store: Store | None, names: Collection[TableName], day: date | None = None
) -> Proof:
    """Return our last writes to tables; nothing without a store.

    `day`: only the runs of the last days up to this one are listed, and only a few are read.
    """
    if day is None:
        return _read(store, names, _is_enough, _MOST_RUNS)
    days = (day - timedelta(back) for back in range(_DAYS))
    return _read(store, names, _is_enough, _FEW_RUNS, [f"{RUNS}{one}T" for one in days])


def _is_enough(record: TableRecord) -> bool:
    return record.history_suffices or len(record.writes) >= _WRITES


def _read(
    store: Store | None,
    names: Collection[TableName],
    enough: Callable[[TableRecord], bool],
    most: int | None,
    prefixes: Collection[str] = (RUNS,),
) -> Proof:
    if store is None:
        return NO_PROOF
    try:
        record = own_record(store, names, enough, most, prefixes)
    except Unavailable as error:
        return Proof(readable=False, issues=(as_issue(error),))
    unusable = tuple(map(_unusable, record.unusable))
    return Proof(record.tables, complete=not unusable, issues=unusable)


def _unusable(location: str) -> Issue:
    return Issue(
        IssueCode.EVIDENCE_ALTERED,
        f"{location} cannot be read, or does not match its hashes; it proves nothing",
    )
