"""What would be done, as values: changes, conflicts, the plan and what became of it."""

import json
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from datasphere_glue.model.asset import Issue
from datasphere_glue.model.table import Database, Table


class Action(StrEnum):
    """What a change does, in the order in which changes are applied.

    A catalog never holds less than before when a run is cut off (design 2.5), so removals come
    last.
    """

    CREATE = "create"
    UPDATE = "update"
    RESTORE = "restore"
    DEPRECATE = "deprecate"
    DELETE = "delete"


ORDER = {action: place for place, action in enumerate(Action)}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One attribute before and after; `field` is a path such as `columns.net_amount.comment`."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that a person edited in Glue and that is kept as edited.

    `catalog` is what stands in Glue, `source` what Datasphere says. `both` is True when the source
    changed, too, since we last wrote the field (a conflict); False means drift alone.
    """

    database: str
    table: str
    space: str
    asset: str
    field: str
    catalog: str | None
    source: str | None
    both: bool


@dataclass(frozen=True, slots=True)
class DatabaseChange:
    """Create or update one database; `before` is None for a creation."""

    action: Action
    space: str
    after: Database
    before: Database | None = None
    fields: tuple[FieldChange, ...] = ()
    reason: str = ""

    @property
    def database(self) -> str:
        """Return the Glue name of the database."""
        return self.after.name

    @property
    def asset(self) -> None:
        """Return None: a database comes from a whole space."""

    @property
    def table(self) -> None:
        """Return None: a database is no table."""


@dataclass(frozen=True, slots=True)
class TableChange:
    """One write to one table.

    `before` is the table as it was read (None for a creation), `after` as it shall be (None for a
    deletion); `version_id` is the lock that belongs to `before`.
    """

    action: Action
    space: str
    asset: str
    before: Table | None = None
    after: Table | None = None
    version_id: str | None = None
    fields: tuple[FieldChange, ...] = ()
    reason: str = ""

    @property
    def database(self) -> str:
        """Return the Glue name of the database."""
        return self._either().database

    @property
    def table(self) -> str:
        """Return the Glue name of the table."""
        return self._either().name

    def _either(self) -> Table:
        table = self.after or self.before
        if table is None:
            raise ValueError("a table change needs a before or an after")
        return table


Change = DatabaseChange | TableChange


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would be written, in the order in which it is applied.

    `skipped` holds one issue for each object that could not be planned for and is left alone;
    `unchanged` counts per space the tables that need nothing; `kept` the databases that need
    nothing; `notes` say what is worth knowing and changes no status.
    """

    databases: tuple[DatabaseChange, ...] = ()
    tables: tuple[TableChange, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    skipped: tuple[Issue, ...] = ()
    unchanged: tuple[tuple[str, int], ...] = ()
    kept: tuple[str, ...] = ()
    notes: tuple[Issue, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return all changes, databases first."""
        return (*self.databases, *self.tables)

    @property
    def empty(self) -> bool:
        """True when nothing would be written."""
        return not self.changes

    @property
    def digest(self) -> str:
        """Return the SHA-256 of everything that would be written, including what was seen before.

        Two plans with one digest write the same things over the same things. Costs a walk over all
        of the plan: ask once.
        """
        content = sha256()
        for change in self.changes:
            for line in _lines(change):
                content.update(json.dumps(line).encode() + b"\n")
        return content.hexdigest()


def _lines(change: Change) -> list[str | None]:
    version = change.version_id if isinstance(change, TableChange) else None
    return [change.action, change.database, version, repr(change.before), repr(change.after)]


class Result(StrEnum):
    """What became of one change."""

    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One change and what became of it.

    `change` is the change as it was finally applied (after a concurrent edit it may differ from
    the planned one). `verified` is True when the catalog was read back and holds it. `halts` is
    True when the error forbids every further write.
    """

    change: Change
    result: Result
    verified: bool = False
    attempts: int = 0
    error: Issue | None = None
    halts: bool = False
