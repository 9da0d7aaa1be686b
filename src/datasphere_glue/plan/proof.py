"""Lets a plan delete only tables that our own record proves to be deprecated long enough.

Anybody who may write to Glue can set a status and a date. So the grace counts from the run of ours
that deprecated the table. Without such a run the grace begins today, and an issue reports that.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.plan.actions import ORDER, ChangeAction
from datasphere_glue.plan.change import Plan, TableChange
from datasphere_glue.plan.merge import field_changes
from datasphere_glue.plan.orphans import deprecated_since
from datasphere_glue.plan.policy import Policy
from datasphere_glue.plan.recorded import TableName, TableRecord

_NO_RECORD: Final = (
    "set REPORT_URI to a place that runs may read and write: a deletion needs the record of the run"
    " that deprecated the table"
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What our own record holds about tables.

    - `tables`: the record of each table; one that is missing has no record.
    - `readable`: False if there is no record, or none that can be read; then nothing is proven.
    - `complete`: False if parts of the record cannot be used; a missing entry then proves nothing.
    - `issues`: why parts of the record were not used.
    """

    tables: Mapping[TableName, TableRecord] = field(default_factory=dict)
    readable: bool = True
    complete: bool = True
    issues: tuple[Issue, ...] = ()


NO_PROOF: Final = Proof(readable=False)


def unproven(plan: Plan) -> tuple[TableName, ...]:
    """Return the tables that a plan deletes or dates, which needs a proof."""
    return tuple((change.database, change.table) for change in plan.tables if _needs_proof(change))


def proven(plan: Plan, proof: Proof, policy: Policy) -> Plan:
    """Return the plan with only those deletions whose grace is over by our own record.

    Another table stays. Its date becomes that of our record, or today without one, and an issue in
    `skipped` reports that.
    """
    changes: list[TableChange] = []
    issues: list[Issue] = []
    unchanged = Counter(dict(plan.unchanged))
    for change in plan.tables:
        since = _since(change, proof) if _needs_proof(change) else None
        if not _needs_proof(change) or _grace_is_over(change, since, policy):
            changes.append(change)
        elif proof.readable and (since or proof.complete):
            changes.append(_dated(change, since or policy.today))
            issues.append(_issue(change, since))
        elif change.action is ChangeAction.DELETE:
            unchanged[change.space] += 1
            issues.append(_issue_without_record(change))
        else:
            changes.append(change)
    return replace(
        plan,
        tables=tuple(sorted(changes, key=lambda change: ORDER[change.action])),
        skipped=(*plan.skipped, *proof.issues, *issues),
        unchanged=tuple(sorted(unchanged.items())),
    )


def _needs_proof(change: TableChange) -> bool:
    """Return whether a change deletes a table, or gives a deprecated one its first usable date."""
    table = change.before
    if table is None or not table.deprecated or change.desired is not None:
        return False
    return change.action is ChangeAction.DELETE or deprecated_since(table) is None


def _since(change: TableChange, proof: Proof) -> date | None:
    """Return the day on which a run of ours deprecated the table; None without a record of it."""
    write = proof.tables.get((change.database, change.table), TableRecord()).deprecated
    if write is None or (write.space, write.asset) != (change.space, change.asset):
        return None
    return write.started.date()


def _grace_is_over(change: TableChange, since: date | None, policy: Policy) -> bool:
    if change.action is not ChangeAction.DELETE or since is None:
        return False
    return since + timedelta(policy.grace) <= policy.today


def _dated(change: TableChange, since: date) -> TableChange:
    if change.before is None:
        raise ValueError("a table without a former state has no deprecation")
    after = change.before.with_parameters(deprecated_on=since.isoformat())
    return replace(
        change,
        action=ChangeAction.UPDATE,
        after=after,
        fields=field_changes(change.before, after),
        reason=f"no run on record deprecated it on its date; dated {since}",
    )


def _issue(change: TableChange, since: date | None) -> Issue:
    grace = (
        f"a run deprecated it on {since}, so its grace counts from there"
        if since
        else "no run on record deprecated it, so its grace begins today"
    )
    return Issue(
        IssueCode.DEPRECATION_UNPROVEN,
        f"{_marked(change)}, but {grace}",
        space=change.space,
        asset=change.asset,
    )


def _issue_without_record(change: TableChange) -> Issue:
    return Issue(
        IssueCode.DEPRECATION_UNPROVEN,
        f"{_marked(change)}, but no record of our runs can be read; it was not deleted",
        _NO_RECORD,
        space=change.space,
        asset=change.asset,
    )


def _marked(change: TableChange) -> str:
    since = deprecated_since(change.before) if change.before else None
    date_text = f"since {since}" if since else "without a usable date"
    return f"{change.name} is marked as deprecated {date_text}"
