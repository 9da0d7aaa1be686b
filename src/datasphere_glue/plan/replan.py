"""One table planned again, because somebody else wrote it between reading and writing."""

from datasphere_glue.errors import GuardRefused
from datasphere_glue.model.table import CurrentTable, Table
from datasphere_glue.plan.change import TableChange
from datasphere_glue.plan.fields import FINGERPRINT
from datasphere_glue.plan.orphans import orphan_change
from datasphere_glue.plan.policy import Policy
from datasphere_glue.plan.tables import plan_table


def replan(change: TableChange, fresh: CurrentTable | None, policy: Policy) -> TableChange | None:
    """Return the change that a table needs in its fresh state, None when nothing is left to do.

    `fresh` None means that the table is gone.

    Raises:
        GuardRefused: the schema policy forbids the new change.
        ForeignObject: the table is not ours to write any more.
        FieldConflict: a person edited a field whose policy is `fail`.

    """
    if change.desired is None:
        return _removed_again(change, fresh, policy)
    if fresh is not None and fresh.table.managed and _read_later(fresh.table, change.before):
        return None
    planned = plan_table(change.desired, fresh, policy)
    if planned.objections:
        refused = planned.objections[0]
        raise GuardRefused(refused.message, remedy=refused.remedy)
    return planned.change


def _read_later(fresh: Table, before: Table | None) -> bool:
    """Return whether another run wrote the table from a later reading, which counts.

    A person's edit leaves the fingerprint of the source alone.
    """
    then = before.parameter(FINGERPRINT) if before else None
    return fresh.parameter(FINGERPRINT) != then


def _removed_again(
    change: TableChange, fresh: CurrentTable | None, policy: Policy
) -> TableChange | None:
    """Return what an orphan needs in its fresh state, None unless that is the same action."""
    if fresh is None or change.before is None or not fresh.table.managed:
        return None
    if (fresh.table.tenant, fresh.table.asset) != (change.before.tenant, change.before.asset):
        return None
    again = orphan_change(fresh, policy, change.renamed)
    return again if again and again.action is change.action else None
