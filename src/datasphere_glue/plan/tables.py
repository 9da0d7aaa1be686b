"""Plans one table: create, adopt, update, hold back, or leave unchanged."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

from datasphere_glue.errors import ForeignObject
from datasphere_glue.model.applied import APPLIED
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.spelling import same_spelling
from datasphere_glue.model.table import CurrentTable, Table, is_own_key, parameters
from datasphere_glue.plan import schema
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import ColumnChange, Conflict, FieldChange, Rename, TableChange
from datasphere_glue.plan.fields import FINGERPRINT
from datasphere_glue.plan.foreign import foreign_tenant
from datasphere_glue.plan.merge import field_changes, initial_table, merge
from datasphere_glue.plan.policy import (
    FieldPolicy,
    Policy,
    RenamePolicy,
    SchemaPolicy,
    UpgradePolicy,
)
from datasphere_glue.plan.renames import rename_columns, renamed_columns
from datasphere_glue.plan.upgrades import same_facts

_VIEW_TEXTS: Final = ("ViewOriginalText", "ViewExpandedText")
_FOLLOWS_FROM: Final = frozenset(
    {"columns", "parameters.columnMapping", f"parameters.{FINGERPRINT}"}
)
"""Fields that change only because another field does."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan of one table.

    - `change`: the write; None when none is needed.
    - `conflicts`: fields in which an edit of a person differs from the source.
    - `notes`: information that changes no status.
    - `objections`: reasons why the whole plan must not be applied.
    """

    change: TableChange | None
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[Issue, ...] = ()
    objections: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class _Resolved:
    """The table to write after the schema policies, and its issues."""

    table: Table
    conflicts: tuple[Conflict, ...]
    schema: tuple[ColumnChange, ...] = ()
    renames: tuple[Rename, ...] = ()
    notes: tuple[Issue, ...] = ()
    objections: tuple[Issue, ...] = ()


def plan_table(
    desired: Table,
    current: CurrentTable | None,
    policy: Policy,
    *,
    former: tuple[Table, Rename] | None = None,
) -> Planned:
    """Return the change that one table needs, and the edits that it keeps or reverts.

    `former` is the old table and the rename, if the asset of a new table was renamed, or if its
    space moved to another database. A table that exists then goes on from the old one, too.

    Raises:
        ForeignObject: the table of that name must not be written by us.
        FieldConflict: a person edited a field whose policy is `fail`.

    """
    if current is None:
        return _created(desired, policy, former)
    adopting = not current.table.managed
    if refusal := _refusal(desired, current, policy):
        raise refusal
    if former is None:
        resolved = _resolve_structure(current.table, desired, policy, adopted=adopting)
    else:
        resolved = _carry_on(desired, former, policy, current.table)
    equal = resolved.table == current.table or (
        policy.form is UpgradePolicy.HOLD and same_facts(current.table, resolved.table)
    )
    changed = () if equal else field_changes(current.table, resolved.table)
    rest = (resolved.conflicts, resolved.notes, resolved.objections)
    if not changed:
        return Planned(None, *rest)
    space, asset = desired.asset
    drifted = _only_reverts(changed, resolved.conflicts)
    change = TableChange(
        action=ChangeAction.RESTORE
        if current.table.deprecated and not adopting
        else ChangeAction.UPDATE,
        space=space,
        asset=asset,
        before=current.table,
        after=resolved.table,
        version_id=current.version_id,
        fields=changed,
        schema=resolved.schema,
        columns_renamed=resolved.renames,
        adopted=adopting,
        drifted=drifted,
        renamed=former[1] if former and former[1].heir else None,
        desired=desired,
    )
    reason = _carried_reason(*former) if former else _reason(change, resolved.conflicts)
    return Planned(replace(change, reason=reason), *rest)


def adopts(policy: Policy, space: str, asset: str | None = None) -> bool:
    """Return whether a table that is not ours may be adopted; a database when `asset` is None.

    A pattern for the whole space adopts the database: `SPACE` or `SPACE.*`.
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
        return Planned(replace(change, after=initial_table(desired, policy.fields)))
    old, rename = former
    notes = () if rename.moves else (_rename_note(desired, old, rename),)
    if not rename.followed:
        after = initial_table(desired, policy.fields)
        reason = f"new in Datasphere; looks like {rename.text}, not followed"
        return Planned(replace(change, after=after, reason=reason, renamed=rename), notes=notes)
    resolved = _carry_on(desired, former, policy)
    change = replace(
        change,
        after=resolved.table,
        reason=_carried_reason(old, rename),
        renamed=rename if rename.heir else None,
        columns_renamed=resolved.renames,
    )
    return Planned(change, resolved.conflicts, (*notes, *resolved.notes))


def _carry_on(
    desired: Table, former: tuple[Table, Rename], policy: Policy, current: Table | None = None
) -> _Resolved:
    """Return the table that carries on what people added to the former one, and where it was.

    The own digests of the former table mark what people changed there. Keys that people added to
    the table that exists stay as well.
    """
    old, rename = former
    added = (
        {key: value for key, value in current.parameters if not is_own_key(key)} if current else {}
    )
    start = replace(
        old,
        database=desired.database,
        name=desired.name,
        parameters=parameters(added | dict(old.parameters)),
    )
    resolved = _resolve_structure(start, desired, _policy_of_heir(policy), adopted=False)
    places = {} if rename.moves else {"renamed_from": rename.before}
    if rename.heir and old.database != desired.database:
        places["moved_from"] = f"{old.database}.{old.name}"
    return replace(resolved, table=resolved.table.with_parameters(**places))


def _carried_reason(old: Table, rename: Rename) -> str:
    if not rename.moves:
        return rename.text
    place = f"{old.database}.{old.name}"
    if rename.heir is None:
        return f"new in Datasphere; carries on what people added to {place}"
    return f"moved from {place}"


def _policy_of_heir(policy: Policy) -> Policy:
    """Return the policy for a table that does not exist yet: no schema change, no failing field."""
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


def _refusal(desired: Table, current: CurrentTable, policy: Policy) -> ForeignObject | None:
    table, name = current.table, f"{desired.database}.{desired.name}"
    adopted = not table.managed and adopts(policy, *desired.asset)
    named = table.managed or (adopted and table.tenant is not None)
    if named and table.tenant not in policy.hosts:
        return foreign_tenant(name, table.tenant)
    refusals = (
        (not table.managed and not adopted, "exists without our marker and was not touched"),
        (
            table.managed and not _same_asset(table, desired),
            f"belongs to asset {'.'.join(table.asset)} and was not touched",
        ),
        (adopted and _is_view(table), "is a foreign view and cannot be adopted"),
        (current.unwritable is not None, f"must not be written: {current.unwritable}"),
    )
    text = next((text for refused, text in refusals if refused), None)
    return ForeignObject(f"{name}: {text}") if text else None


def _same_asset(one: Table, other: Table) -> bool:
    """Return whether two tables name one asset; another case or Unicode form is no other name."""
    (space, asset), (other_space, other_asset) = one.asset, other.asset
    return space == other_space and same_spelling(asset, other_asset)


def _is_view(table: Table) -> bool:
    rest = json.loads(table.rest)
    return table.table_type == "VIRTUAL_VIEW" or any(rest.get(text) for text in _VIEW_TEXTS)


def _resolve_structure(
    current: Table, desired: Table, policy: Policy, *, adopted: bool
) -> _Resolved:
    """Return the table to write, its structure as the schema policies decide."""
    renames = _column_renames(current, desired, policy)
    followed = [rename for rename in renames if rename.followed]
    merged = merge(rename_columns(current, followed), desired, policy.fields, adopted=adopted)
    changes = schema.column_changes(current, merged.table)
    halting = schema.changes_with_policy(changes, policy.schema, SchemaPolicy.HALT)
    holding = schema.changes_with_policy(changes, policy.schema, SchemaPolicy.HOLD)
    if holding and not halting:
        held = schema.hold_structure(current, desired)
        merged = merge(current, held.table, policy.fields, adopted=adopted, frozen=held.frozen)
        note = schema.held_note(desired, holding)
        return _Resolved(merged.table, merged.conflicts, notes=(note,))
    return _Resolved(
        merged.table,
        merged.conflicts,
        changes,
        renames,
        tuple(_column_notes(desired, renames)),
        schema.refusals(desired, halting),
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
                f"column {rename.text}; its comment and foreign keys are carried over, Lake"
                " Formation tags are not read here",
                f"give column {rename.after} the LF-tags of {rename.before}, inform its users",
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


def _only_reverts(changed: tuple[FieldChange, ...], conflicts: tuple[Conflict, ...]) -> bool:
    reverted = {c.field for c in conflicts if not c.kept and not c.both}
    own = {f"parameters.{APPLIED}"} | _FOLLOWS_FROM
    return bool(reverted) and all(change.field in reverted | own for change in changed)


def _reason(change: TableChange, conflicts: tuple[Conflict, ...]) -> str:
    if change.action is ChangeAction.RESTORE:
        parts = ["listed by Datasphere again"]
    elif change.adopted:
        parts = ["adopted: the configuration gives this table to us"]
    elif change.drifted:
        parts = []
    else:
        parts = ["differs from Datasphere"]
    breaking = [f"{c.column} ({c.kind})" for c in change.schema if c.breaking]
    reverted = sorted({c.field for c in conflicts if not c.kept})
    lists = (
        ("breaking: ", breaking),
        ("column ", [rename.text for rename in change.columns_renamed]),
        ("edited in Glue, set back: ", reverted),
    )
    parts += [intro + ", ".join(_few(items)) for intro, items in lists if items]
    return "; ".join(parts)


def _few(items: list[str], most: int = 3) -> list[str]:
    more = [f"{len(items) - most} more"] if len(items) > most else []
    return [*items[:most], *more]
