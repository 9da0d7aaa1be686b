"""Reads from the audit files what a plan needs proven; without such changes nothing is read."""

from collections.abc import Collection

from datasphere_glue.errors import Unavailable
from datasphere_glue.evidence.own_record import own_record
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.outcome.run import as_issue
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.proof import NO_PROOF, Proof, proven, unproven
from datasphere_glue.plan.recorded import TableName
from datasphere_glue.runs.ports import Job
from datasphere_glue.storage.store import Store


def with_proven_deletions(plan: Plan, job: Job) -> Plan:
    """Return the plan with only those deletions that the record of our runs proves."""
    names = unproven(plan)
    return proven(plan, job.proof(names), job.policy) if names else plan


def read_proof(store: Store | None, names: Collection[TableName]) -> Proof:
    """Return what the audit files hold about the deprecation of tables; nothing without a store."""
    if store is None:
        return NO_PROOF
    try:
        record = own_record(store, names, enough=lambda table: bool(table.status_changes))
    except Unavailable as error:
        return Proof(readable=False, issues=(as_issue(error),))
    return Proof(record.tables, issues=tuple(map(_unusable, record.unusable)))


def _unusable(location: str) -> Issue:
    return Issue(
        IssueCode.EVIDENCE_ALTERED,
        f"{location} cannot be read, or does not match its hashes; it proves no deprecation",
    )
