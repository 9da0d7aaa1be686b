"""Plans one table again after another writer changed it between our read and our write."""

from dataclasses import replace

from datasphere_glue.errors import GuardRefused
from datasphere_glue.model.table import CurrentTable, Table
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Rename, TableChange
from datasphere_glue.plan.fields import FINGERPRINT
from datasphere_glue.plan.orphans import orphan_change
from datasphere_glue.plan.policy import Policy
from datasphere_glue.plan.tables import plan_table


def replan(change: TableChange, fresh: CurrentTable | None, policy: Policy) -> TableChange | None:
    """Return the change that a table needs in its fresh state; None when no write is needed.

    `fresh` is None when the table was removed, or does not exist yet. What a table carries on from
    a former one stays.

    Raises:
        GuardRefused: the schema policy forbids the new change.
        ForeignObject: the table must no longer be written by us.
        FieldConflict: a person edited a field whose policy is `fail`.

    """
    if change.desired is None:
        return _replan_orphan(change, fresh, policy)
    if (
        fresh is not None
        and fresh.table.managed
        and _written_from_later_read(fresh.table, change.before)
    ):
        return None
    if fresh is None and change.action is ChangeAction.CREATE:
        return change
    former = _carried(change)
    planned = plan_table(change.desired, fresh, policy, former=former)
    if planned.objections:
        objection = planned.objections[0]
        raise GuardRefused(objection.message, remedy=objection.remedy)
    if planned.change and former:
        return replace(planned.change, reason=change.reason)
    return planned.change


def _carried(change: TableChange) -> tuple[Table, Rename] | None:
    """Return the table with what a change carries on from a former one, and the rename."""
    follows = change.renamed is not None and change.renamed.followed
    return (change.after, change.renamed) if follows and change.after and change.renamed else None


def _written_from_later_read(fresh: Table, before: Table | None) -> bool:
    """Return whether another run wrote the table from a later read; that write takes precedence.

    A person's edit does not change the fingerprint of the source.
    """
    planned_from = before.parameter(FINGERPRINT) if before else None
    return fresh.parameter(FINGERPRINT) != planned_from


def _replan_orphan(
    change: TableChange, fresh: CurrentTable | None, policy: Policy
) -> TableChange | None:
    """Return the change of an orphan in its fresh state; None unless it is the same action."""
    if fresh is None or change.before is None or not fresh.table.managed:
        return None
    if (fresh.table.tenant, fresh.table.asset) != (change.before.tenant, change.before.asset):
        return None
    again = orphan_change(fresh, policy, change.renamed)
    return again if again and again.action is change.action else None
