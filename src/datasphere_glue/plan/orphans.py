"""What becomes of tables whose asset is proven to be gone at the source."""

from datetime import date, timedelta

from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.table import CurrentTable, Table
from datasphere_glue.plan.change import ChangeAction, Rename, TableChange
from datasphere_glue.plan.merge import field_changes
from datasphere_glue.plan.policy import OrphanPolicy, Policy

GONE = "no longer listed by Datasphere"
_DATED = table_key("deprecated_on")
_RENAMED = table_key("renamed_to")


def orphan_change(
    current: CurrentTable, policy: Policy, renamed: Rename | None = None
) -> TableChange | None:
    """Return what becomes of a table whose asset is proven gone, None when it stays as it is.

    A table is deprecated once; its date never changes later, and without a usable date it is dated
    today instead of deleted. A followed rename is pointed out in the table.
    """
    table = current.table
    if policy.orphans is OrphanPolicy.KEEP or current.unwritable:
        return None
    pointing = _pointing(renamed)
    told = f"{GONE}; {renamed.text}" if renamed else GONE
    if not table.deprecated:
        pairs = {"status": "deprecated", "deprecated_on": policy.today.isoformat()} | pointing
        after = table.with_parameters(**pairs)
        return _written(ChangeAction.DEPRECATE, current, after, told, renamed)
    since = deprecated_since(table)
    if since is None:
        after = table.with_parameters(deprecated_on=policy.today.isoformat())
        reason = "deprecated without a usable date; dated today, so that its grace begins"
        return _written(ChangeAction.UPDATE, current, after, reason)
    if "renamed_to" in pointing and table.parameter(_RENAMED) is None:
        return _written(
            ChangeAction.UPDATE, current, table.with_parameters(**pointing), told, renamed
        )
    if policy.orphans is OrphanPolicy.DELETE and since + timedelta(policy.grace) <= policy.today:
        return _written(
            ChangeAction.DELETE, current, None, f"{GONE}, deprecated for {policy.grace} days"
        )
    return None


def deprecated_since(table: Table) -> date | None:
    """Return the day on which a table was deprecated, None when it does not say so usably."""
    try:
        return date.fromisoformat(table.parameter(_DATED) or "")
    except ValueError:
        return None


def may_be_renamed(current: CurrentTable, policy: Policy) -> bool:
    """Tell whether a table whose asset is gone may turn up under a new name.

    One that was deprecated before may, too: an event may tell of the old name first. After the
    grace, or once its heir is known, it may not.
    """
    if current.unwritable or current.table.parameter(_RENAMED):
        return False
    if not current.table.deprecated:
        return True
    since = deprecated_since(current.table)
    return since is not None and since + timedelta(policy.grace) > policy.today


def _pointing(renamed: Rename | None) -> dict[str, str]:
    if renamed is None or not renamed.followed:
        return {"deprecated_reason": GONE}
    return {
        "deprecated_reason": f"renamed to {renamed.after}; carried on in {renamed.heir}",
        "renamed_to": renamed.after,
    }


def _written(
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
