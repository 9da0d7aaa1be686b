"""What the database of one space needs; a database is never deleted."""

from dataclasses import dataclass, replace
from typing import Final

from datasphere_glue.model.glue_keys import database_key
from datasphere_glue.model.key import PREFIX
from datasphere_glue.model.table import Database, Desired, parameters
from datasphere_glue.plan.change import ChangeAction, Conflict, DatabaseChange, FieldChange
from datasphere_glue.plan.policy import Policy
from datasphere_glue.plan.tables import adopts

_LABEL: Final = database_key("label")


@dataclass(frozen=True, slots=True)
class PlannedDatabase:
    """The change that a database needs, None for none, and the edit that it keeps."""

    change: DatabaseChange | None = None
    conflicts: tuple[Conflict, ...] = ()


def database_refusal(desired: Desired, found: Database | None, policy: Policy) -> str | None:
    """Return why nothing may be written into the database that stands there, None if it may."""
    if found is None:
        return None
    if found.link:
        return f"database {found.name} is a link to {found.link}; nothing is written through it"
    if found.managed and found.tenant != policy.tenant:
        return f"database {found.name} belongs to tenant {found.tenant} and was not touched"
    if found.managed and found.space != desired.space:
        return f"database {found.name} belongs to space {found.space} and was not touched"
    return None


def plan_database(desired: Desired, found: Database | None, policy: Policy) -> PlannedDatabase:
    """Return the change that the database of a space needs.

    One without our marker is used as it is, unless it is adopted. A listing that failed may lack
    even the label, which proves nothing about the space.
    """
    if found is None:
        if not desired.tables:
            return PlannedDatabase()
        change = DatabaseChange(
            ChangeAction.CREATE, desired.space, desired.database, reason="new in Datasphere"
        )
        return PlannedDatabase(change)
    adopting = not found.managed and adopts(policy, desired.space)
    if not desired.complete or not (found.managed or adopting):
        return PlannedDatabase()
    after, conflicts = _merged(found, desired)
    changed = _fields(found, after)
    if not changed:
        return PlannedDatabase(conflicts=conflicts)
    reason = (
        "adopted: the configuration gives this database to us"
        if adopting
        else "differs from Datasphere"
    )
    change = DatabaseChange(ChangeAction.UPDATE, desired.space, after, found, changed, reason)
    return PlannedDatabase(change, conflicts)


def _merged(found: Database, desired: Desired) -> tuple[Database, tuple[Conflict, ...]]:
    """Return the database with our parameters; a description that a person edited stays."""
    want = desired.database
    foreign = {key: value for key, value in found.parameters if not key.startswith(PREFIX)}
    # What we last wrote is the label; a database that was never ours had none of it.
    was = (found.parameter(_LABEL) or "").strip()
    have = found.description or ""
    kept = have not in {was, want.description or ""}
    after = replace(
        found,
        description=found.description if kept else want.description,
        parameters=parameters(foreign | dict(want.parameters)),
    )
    if not kept:
        return after, ()
    both = found.managed and (want.description or "") != was
    conflict = Conflict(
        found.name,
        None,
        desired.space,
        None,
        "description",
        found.description,
        want.description,
        both=both,
    )
    return after, (conflict,)


def _fields(before: Database, after: Database) -> tuple[FieldChange, ...]:
    old, new = (
        {"description": db.description}
        | {f"parameters.{key}": value for key, value in db.parameters}
        for db in (before, after)
    )
    return tuple(
        FieldChange(path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if (old.get(path) or "") != (new.get(path) or "")
    )
