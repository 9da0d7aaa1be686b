"""Plans the database of one space; a database is never deleted."""

from dataclasses import dataclass, replace
from typing import Final

from datasphere_glue.errors import ForeignObject
from datasphere_glue.model.glue_keys import database_key
from datasphere_glue.model.key import PREFIX
from datasphere_glue.model.table import Database, Desired, parameters
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Conflict, DatabaseChange, FieldChange
from datasphere_glue.plan.fields import differing_fields
from datasphere_glue.plan.foreign import foreign_tenant
from datasphere_glue.plan.policy import Policy
from datasphere_glue.plan.tables import adopts

_LABEL: Final = database_key("label")


@dataclass(frozen=True, slots=True)
class PlannedDatabase:
    """The change of a database (None: no write), and the edits of people that it preserves."""

    change: DatabaseChange | None = None
    conflicts: tuple[Conflict, ...] = ()


def database_refusal(
    desired: Desired, current: Database | None, policy: Policy
) -> ForeignObject | None:
    """Return why the existing database must not be written; None if it may be."""
    if current is None:
        return None
    if current.link:
        return ForeignObject(
            f"database {current.name} is a link to {current.link}; nothing is written through it"
        )
    if current.managed and current.tenant not in policy.hosts:
        return foreign_tenant(f"database {current.name}", current.tenant)
    if current.managed and current.space != desired.space:
        return ForeignObject(
            f"database {current.name} belongs to space {current.space} and was not touched"
        )
    return None


def plan_database(
    desired: Desired,
    current: Database | None,
    policy: Policy,
    former: Database | None = None,
) -> PlannedDatabase:
    """Return the change that the database of a space needs.

    A database without our marker is used unchanged, unless it is adopted. A failed listing may
    lack even the label, so an incomplete one changes no database. A new database carries on what
    people added to the former one of its space.
    """
    if current is None:
        return _created(desired, former) if desired.tables else PlannedDatabase()
    adopting = not current.managed and adopts(policy, desired.space)
    if not desired.complete or not (current.managed or adopting):
        return PlannedDatabase()
    after, conflicts = _merged(current, desired)
    changed = _fields(current, after)
    if not changed:
        return PlannedDatabase(conflicts=conflicts)
    reason = (
        "adopted: the configuration gives this database to us"
        if adopting
        else "differs from Datasphere"
    )
    change = DatabaseChange(ChangeAction.UPDATE, desired.space, after, current, changed, reason)
    return PlannedDatabase(change, conflicts)


def _created(desired: Desired, former: Database | None) -> PlannedDatabase:
    create, space = ChangeAction.CREATE, desired.space
    if former is None:
        change = DatabaseChange(create, space, desired.database, reason="new in Datasphere")
        return PlannedDatabase(change)
    after, conflicts = _merged(replace(former, name=desired.database.name), desired)
    change = DatabaseChange(create, space, after, reason=f"moved from {former.name}")
    return PlannedDatabase(change, conflicts)


def _merged(current: Database, desired: Desired) -> tuple[Database, tuple[Conflict, ...]]:
    """Return the database with our parameters; a description edited by a person stays."""
    desired_db = desired.database
    foreign = {key: value for key, value in current.parameters if not key.startswith(PREFIX)}
    # Our last write set the description to the label; an unmarked database has no such label.
    applied = (current.parameter(_LABEL) or "").strip()
    present = current.description or ""
    edited = present not in {applied, desired_db.description or ""}
    after = replace(
        current,
        description=current.description if edited else desired_db.description,
        parameters=parameters(foreign | dict(desired_db.parameters)),
    )
    if not edited:
        return after, ()
    both = current.managed and (desired_db.description or "") != applied
    conflict = Conflict(
        current.name,
        None,
        desired.space,
        None,
        "description",
        current.description,
        desired_db.description,
        both=both,
    )
    return after, (conflict,)


def _fields(before: Database, after: Database) -> tuple[FieldChange, ...]:
    old, new = (
        {"description": db.description}
        | {f"parameters.{key}": value for key, value in db.parameters}
        for db in (before, after)
    )
    return differing_fields(old, new)
