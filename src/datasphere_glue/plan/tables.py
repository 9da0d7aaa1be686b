"""What one table needs: created, adopted, followed, held back, or left alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

from datasphere_glue.errors import ForeignObject
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import CurrentTable, Table
from datasphere_glue.plan import schema
from datasphere_glue.plan.change import (
    ChangeAction,
    ColumnChange,
    Conflict,
    FieldChange,
    Rename,
    TableChange,
)
from datasphere_glue.plan.fields import APPLIED, FINGERPRINT
from datasphere_glue.plan.merge import field_changes, first, merge
from datasphere_glue.plan.policy import FieldPolicy, Policy, RenamePolicy, SchemaPolicy
from datasphere_glue.plan.renames import relabelled, renamed_columns

_VIEW_TEXTS: Final = ("ViewOriginalText", "ViewExpandedText")
_FOLLOWS_FROM: Final = frozenset(
    {"columns", "parameters.columnMapping", f"parameters.{FINGERPRINT}"}
)
"""Fields that change only because another does."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What one table needs, and what is to be said about it.

    `change` is None when nothing is to be done. `objections` say why the whole plan must not be
    applied.
    """

    change: TableChange | None
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[Issue, ...] = ()
    objections: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class _Followed:
    """A table as it shall be after its structure was decided, and all that came up."""

    table: Table
    conflicts: tuple[Conflict, ...]
    schema: tuple[ColumnChange, ...] = ()
    renames: tuple[Rename, ...] = ()
    notes: tuple[Issue, ...] = ()
    objections: tuple[Issue, ...] = ()


def plan_table(
    desired: Table,
    found: CurrentTable | None,
    policy: Policy,
    *,
    former: tuple[Table, Rename] | None = None,
) -> Planned:
    """Return the change that one table needs, and the edits that it keeps or sets back.

    `former` is the table that a new one was before its asset was renamed.

    Raises:
        ForeignObject: the table of that name is not ours to write.
        FieldConflict: a person edited a field whose policy is `fail`.

    """
    if found is None:
        return _created(desired, policy, former)
    adopting = not found.table.managed
    if refusal := _refusal(desired, found, policy):
        raise ForeignObject(f"{desired.database}.{desired.name}: {refusal}")
    followed = _followed(found.table, desired, policy, adopted=adopting)
    equal = followed.table == found.table
    changed = () if equal else field_changes(found.table, followed.table)
    rest = (followed.conflicts, followed.notes, followed.objections)
    if not changed:
        return Planned(None, *rest)
    space, asset = desired.asset
    drifted = _only_set_back(changed, followed.conflicts)
    change = TableChange(
        action=ChangeAction.RESTORE
        if found.table.deprecated and not adopting
        else ChangeAction.UPDATE,
        space=space,
        asset=asset,
        before=found.table,
        after=followed.table,
        version_id=found.version_id,
        fields=changed,
        schema=followed.schema,
        columns_renamed=followed.renames,
        adopted=adopting,
        drifted=drifted,
        desired=desired,
    )
    return Planned(replace(change, reason=_reason(change, followed.conflicts)), *rest)


def adopts(policy: Policy, space: str, asset: str | None = None) -> bool:
    """Tell whether a table that is not ours may be taken over, or a database when `asset` is None.

    A database is adopted by a pattern for the whole space: `SPACE` or `SPACE.*`.
    """
    for pattern in policy.adopt:
        space_part, _, asset_part = pattern.partition(".")
        if fnmatchcase(space, space_part) and (
            asset_part in {"", "*"} or (asset is not None and fnmatchcase(asset, asset_part))
        ):
            return True
    return False


def _created(desired: Table, policy: Policy, former: tuple[Table, Rename] | None) -> Planned:
    space, asset = desired.asset
    change = TableChange(
        ChangeAction.CREATE, space, asset, reason="new in Datasphere", desired=desired
    )
    if former is None:
        return Planned(replace(change, after=first(desired, policy.fields)))
    old, rename = former
    told = (_rename_note(desired, old, rename),)
    if not rename.followed:
        after = first(desired, policy.fields)
        reason = f"new in Datasphere; looks like {rename.text}, not followed"
        return Planned(replace(change, after=after, reason=reason, renamed=rename), notes=told)
    # As if the old table had always had the new name: what people added merges like any edit.
    start = replace(old, database=desired.database, name=desired.name)
    followed = _followed(start, desired, _carrying(policy), adopted=False)
    after = followed.table.with_parameters(renamed_from=rename.before)
    change = replace(
        change, after=after, reason=rename.text, renamed=rename, columns_renamed=followed.renames
    )
    return Planned(change, followed.conflicts, (*told, *followed.notes))


def _carrying(policy: Policy) -> Policy:
    """Return the policy for a table that does not exist yet: nothing can break or be left alone."""
    fields = tuple(
        (glob, FieldPolicy.MERGE if chosen is FieldPolicy.FAIL else chosen)
        for glob, chosen in policy.fields
    )
    return replace(policy, schema=(), fields=fields)


def _rename_note(desired: Table, old: Table, rename: Rename) -> Issue:
    space, asset = desired.asset
    if not rename.followed:
        return Issue(
            IssueCode.ASSET_RENAMED,
            f"looks like {rename.text}; both are treated as unrelated",
            space=space,
            asset=asset,
        )
    return Issue(
        IssueCode.RENAME_TAGS,
        f"{rename.text}: {desired.database}.{desired.name} carries on what people added to"
        f" {old.database}.{old.name}; Lake Formation tags and grants are not read here",
        f"give {desired.database}.{desired.name} the LF-tags and grants of {old.name}",
        space=space,
        asset=asset,
    )


def _refusal(desired: Table, found: CurrentTable, policy: Policy) -> str | None:
    table = found.table
    adopted = not table.managed and adopts(policy, *desired.asset)
    told = (
        (not table.managed and not adopted, "exists without our marker and was not touched"),
        (
            table.tenant != desired.tenant and not (adopted and table.tenant is None),
            f"belongs to tenant {table.tenant} and was not touched",
        ),
        (
            table.managed and table.asset != desired.asset,
            f"belongs to asset {'.'.join(table.asset)} and was not touched",
        ),
        (adopted and _is_view(table), "is a view of somebody else and cannot be adopted"),
        (found.unwritable is not None, f"must not be written: {found.unwritable}"),
    )
    return next((text for refused, text in told if refused), None)


def _is_view(table: Table) -> bool:
    rest = json.loads(table.rest)
    return table.table_type == "VIRTUAL_VIEW" or any(rest.get(text) for text in _VIEW_TEXTS)


def _followed(current: Table, desired: Table, policy: Policy, *, adopted: bool) -> _Followed:
    """Return the table as it shall be, its structure decided by the schema policies."""
    renames = _column_renames(current, desired, policy)
    follow = [rename for rename in renames if rename.followed]
    merged = merge(relabelled(current, follow), desired, policy.fields, adopted=adopted)
    changes = schema.column_changes(current, merged.table)
    halting = schema.decided(changes, policy.schema, SchemaPolicy.HALT)
    holding = schema.decided(changes, policy.schema, SchemaPolicy.HOLD)
    if holding and not halting:
        held = schema.held(current, desired)
        merged = merge(current, held.table, policy.fields, adopted=adopted, frozen=held.frozen)
        note = schema.waits(desired, holding)
        return _Followed(merged.table, merged.conflicts, notes=(note,))
    return _Followed(
        merged.table,
        merged.conflicts,
        changes,
        renames,
        tuple(_column_notes(desired, renames)),
        schema.refused(desired, halting),
    )


def _column_renames(current: Table, desired: Table, policy: Policy) -> tuple[Rename, ...]:
    if policy.renames is RenamePolicy.OFF:
        return ()
    return renamed_columns(current, desired, policy.renames)


def _column_notes(desired: Table, renames: tuple[Rename, ...]) -> Iterator[Issue]:
    space, asset = desired.asset
    for rename in renames:
        if rename.followed:
            yield Issue(
                IssueCode.COLUMN_RENAMED,
                f"column {rename.text}; its comment and the keys of others came along, Lake"
                " Formation tags are not read here",
                f"give column {rename.after} the LF-tags of {rename.before}, tell its users",
                space=space,
                asset=asset,
            )
        else:
            yield Issue(
                IssueCode.COLUMN_RENAMED,
                f"looks like column {rename.text}; both are treated as unrelated",
                space=space,
                asset=asset,
            )


def _only_set_back(changed: tuple[FieldChange, ...], conflicts: tuple[Conflict, ...]) -> bool:
    back = {c.field for c in conflicts if not c.kept and not c.both}
    own = {f"parameters.{APPLIED}"} | _FOLLOWS_FROM
    return bool(back) and all(change.field in back | own for change in changed)


def _reason(change: TableChange, conflicts: tuple[Conflict, ...]) -> str:
    if change.action is ChangeAction.RESTORE:
        said = ["listed by Datasphere again"]
    elif change.adopted:
        said = ["adopted: the configuration gives this table to us"]
    elif change.drifted:
        said = []
    else:
        said = ["differs from Datasphere"]
    breaking = [f"{c.column} ({c.kind})" for c in change.schema if c.breaking]
    back = sorted({c.field for c in conflicts if not c.kept})
    told = (
        ("breaking: ", breaking),
        ("column ", [rename.text for rename in change.columns_renamed]),
        ("edited in Glue, set back: ", back),
    )
    said += [intro + ", ".join(_few(found)) for intro, found in told if found]
    return "; ".join(said)


def _few(found: list[str], most: int = 3) -> list[str]:
    more = [f"{len(found) - most} more"] if len(found) > most else []
    return [*found[:most], *more]
