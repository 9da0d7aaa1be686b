"""Plans the tables whose asset is proven to be gone at the source."""

from datetime import date, timedelta

from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.table import CurrentTable, Table
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Rename, TableChange
from datasphere_glue.plan.merge import field_changes
from datasphere_glue.plan.policy import OrphanPolicy, Policy

GONE = "no longer listed by Datasphere"
_DATED = table_key("deprecated_on")
_RENAMED = table_key("renamed_to")


def orphan_change(
    current: CurrentTable, policy: Policy, renamed: Rename | None = None
) -> TableChange | None:
    """Return the change of a table whose asset is proven gone; None when it stays unchanged.

    A table is deprecated once, and its date never changes later. A table without a usable date is
    dated today instead of deleted. A followed rename is recorded in the table. A table that carries
    an earlier host of the tenant gets the current one. A table that moved to another database is
    deprecated under any policy, because its asset is not gone, and it is never deleted.
    """
    moves = renamed is not None and renamed.moves
    if (policy.orphans is OrphanPolicy.KEEP and not moves) or current.unwritable:
        return None
    renewed = current.table.with_parameters(tenant=policy.tenant)
    if current.table.deprecated:
        return _deprecated_change(current, renewed, policy, renamed)
    pairs = {"status": "deprecated", "deprecated_on": policy.today.isoformat()}
    after = renewed.with_parameters(**pairs | _deprecation_pairs(current.table, renamed))
    return _change(ChangeAction.DEPRECATE, current, after, _gone(renamed), renamed)


def _deprecated_change(
    current: CurrentTable, renewed: Table, policy: Policy, renamed: Rename | None
) -> TableChange | None:
    """Return the change of a table that is deprecated already; `renewed` has today's host."""
    table, pointers = current.table, _deprecation_pairs(current.table, renamed)
    since = deprecated_since(table)
    if since is None:
        after = renewed.with_parameters(deprecated_on=policy.today.isoformat())
        undated = "deprecated without a usable date; dated today, so that its grace begins"
        return _change(ChangeAction.UPDATE, current, after, undated)
    moves = renamed is not None and renamed.moves
    pointer, heir = table.parameter(_RENAMED), pointers.get("renamed_to")
    if heir and pointer != heir and (moves or pointer is None):
        after = renewed.with_parameters(**pointers)
        return _change(ChangeAction.UPDATE, current, after, _gone(renamed), renamed)
    deletes = policy.orphans is OrphanPolicy.DELETE and not moves
    if deletes and since + timedelta(policy.grace) <= policy.today:
        return _change(
            ChangeAction.DELETE, current, None, f"{GONE}, deprecated for {policy.grace} days"
        )
    if renewed != table:
        return _change(ChangeAction.UPDATE, current, renewed, "the tenant has a new address")
    return None


def _gone(renamed: Rename | None) -> str:
    if renamed and renamed.moves:
        return renamed.text
    return f"{GONE}; {renamed.text}" if renamed else GONE


def deprecated_since(table: Table) -> date | None:
    """Return the day on which a table was deprecated; None without a usable date."""
    try:
        return date.fromisoformat(table.parameter(_DATED) or "")
    except ValueError:
        return None


def may_be_renamed(current: CurrentTable, policy: Policy) -> bool:
    """Return whether the asset of a table, which is gone, may reappear under a new name.

    This includes tables deprecated earlier, since an event may report the old name first. It
    excludes tables after their grace, and those whose successor is recorded.
    """
    if current.unwritable or current.table.parameter(_RENAMED):
        return False
    if not current.table.deprecated:
        return True
    since = deprecated_since(current.table)
    return since is not None and since + timedelta(policy.grace) > policy.today


def _deprecation_pairs(table: Table, renamed: Rename | None) -> dict[str, str]:
    """Return the reason, and the pointer to the heir: its asset, or its place in another database.

    The place alone leads to a table that has the same asset, or another database.
    """
    if renamed is None or not renamed.followed or renamed.heir is None:
        return {"deprecated_reason": GONE}
    elsewhere = renamed.heir.rpartition(".")[0] != table.database
    name = f"renamed to {renamed.after}; carried on in {renamed.heir}"
    return {
        "deprecated_reason": renamed.text if renamed.moves else name,
        "renamed_to": renamed.heir if elsewhere else renamed.after,
    }


def _change(
    action: ChangeAction,
    current: CurrentTable,
    after: Table | None,
    reason: str,
    renamed: Rename | None = None,
) -> TableChange:
    table = current.table
    space, asset = table.asset
    return TableChange(
        action=action,
        space=space,
        asset=asset,
        before=table,
        after=after,
        version_id=current.version_id,
        fields=field_changes(table, after) if after else (),
        reason=reason,
        renamed=renamed,
    )
