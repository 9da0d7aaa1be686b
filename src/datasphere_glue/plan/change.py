"""Values of a plan: changes, conflicts, the plan itself and the outcomes of its changes."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256

from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import CurrentTable, Database, Table, without_empty_values
from datasphere_glue.plan.actions import ChangeAction, ChangeKind
from datasphere_glue.plan.policy import SchemaChange

ChangeKey = tuple[str, str | None]
"""Glue names of the object that a change writes: database, and table (None: the database)."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One attribute before and after; `field` is a path such as `columns.net_amount.comment`."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """Change of one column's type; `before` is None for a new column, `after` for a removed one."""

    column: str
    kind: SchemaChange
    before: str | None
    after: str | None

    @property
    def breaking(self) -> bool:
        """True when a query or a write that worked before may fail now."""
        return self.kind not in {SchemaChange.ADDITIVE, SchemaChange.WIDENING}


@dataclass(frozen=True, slots=True)
class Rename:
    """An asset (exact SAP names) or a column (Glue names) that has a new name at the source.

    - `confidence`: from 0 to 1, in hundredths.
    - `evidence`: what both names have in common.
    - `followed`: whether additions of people are carried over.
    - `heir`: the `database.table` that replaces the old one; None for a column, and where the old
      table stays as it is.
    """

    before: str
    after: str
    confidence: float
    evidence: tuple[str, ...] = ()
    followed: bool = True
    heir: str | None = None

    @property
    def moves(self) -> bool:
        """True when the name stays, and the table moves to another database."""
        return self.before == self.after

    @property
    def text(self) -> str:
        """Return the rename with its evidence, as text."""
        if self.moves:
            return f"moved to {self.heir}"
        evidence = ", ".join(self.evidence)
        return (
            f"{self.before} renamed to {self.after} (confidence {self.confidence:.2f}: {evidence})"
        )


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field in which a person's edit in Glue differs from Datasphere.

    - `table`: Glue name; None for a field of the database itself.
    - `catalog`: value in Glue.
    - `source`: value in Datasphere.
    - `both`: True when the source changed the field, too, since our last write (a conflict);
      False for drift alone.
    - `kept`: whether the edit stays; it is reverted where the source owns the field.
    """

    database: str
    table: str | None
    space: str
    asset: str | None
    field: str
    catalog: str | None
    source: str | None
    both: bool
    kept: bool = True

    @property
    def kind(self) -> str:
        """Return `conflict`, `drift` or `set_back`."""
        if not self.kept:
            return "set_back"
        return "conflict" if self.both else "drift"


def by_field(conflict: Conflict) -> tuple[str, str, str]:
    """Return the key that sorts conflicts by database, table and field."""
    return conflict.database, conflict.table or "", conflict.field


@dataclass(frozen=True, slots=True)
class DatabaseChange:
    """Create or update one database; `before` is None for a creation."""

    action: ChangeAction
    space: str
    after: Database
    before: Database | None = None
    fields: tuple[FieldChange, ...] = ()
    reason: str = ""

    @property
    def key(self) -> ChangeKey:
        """Return the database and None for the table."""
        return self.database, None

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

    @property
    def kind(self) -> ChangeKind:
        """Return what the change means to the users of the database."""
        return self.action.traits.kind


@dataclass(frozen=True, slots=True)
class TableChange:
    """One write to one table.

    - `before`: the table as it was read; None for a creation.
    - `after`: the table as it must be; None for a deletion.
    - `version_id`: the optimistic lock that belongs to `before`.
    - `schema`: classified changes of the columns.
    - `renamed`: the rename of which this table is one side.
    - `columns_renamed`: renames of its columns.
    - `adopted`: True when the table was not ours.
    - `drifted`: True when the write only reverts edits in fields that the source owns.
    - `desired`: the table as the source defines it, before the merge with Glue; None without a
      source. Context for planning the change again: not stored, not compared.
    """

    action: ChangeAction
    space: str
    asset: str
    before: Table | None = None
    after: Table | None = None
    version_id: str | None = None
    fields: tuple[FieldChange, ...] = ()
    reason: str = ""
    schema: tuple[ColumnChange, ...] = ()
    renamed: Rename | None = None
    columns_renamed: tuple[Rename, ...] = ()
    adopted: bool = False
    drifted: bool = False
    desired: Table | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> ChangeKey:
        """Return the database and the table."""
        return self.database, self.table

    @property
    def name(self) -> str:
        """Return `database.table`."""
        return f"{self.database}.{self.table}"

    @property
    def database(self) -> str:
        """Return the Glue name of the database."""
        return self._either().database

    @property
    def table(self) -> str:
        """Return the Glue name of the table."""
        return self._either().name

    @property
    def relocated(self) -> bool:
        """True when another database carries on the table, so that its removal is no loss."""
        heir = self.renamed.heir if self.renamed and self.renamed.followed else None
        return heir is not None and heir.rpartition(".")[0] != self.database

    @property
    def kind(self) -> ChangeKind:
        """Return what the change means to the users of the table; the gravest meaning wins."""
        if self.action.removes:
            return self.action.traits.kind
        candidates = (
            (ChangeKind.BREAKING, any(change.breaking for change in self.schema)),
            (ChangeKind.ADOPTED, self.adopted),
            (ChangeKind.RENAMED, self.renamed or self.columns_renamed),
            (ChangeKind.DRIFTED, self.drifted),
        )
        return next((kind for kind, applies in candidates if applies), self.action.traits.kind)

    def _either(self) -> Table:
        table = self.after or self.before
        if table is None:
            raise ValueError("a table change needs a before or an after")
        return table


Change = DatabaseChange | TableChange

Replan = Callable[[TableChange, CurrentTable | None], TableChange | None]
"""Plans one table again from its fresh state (None: removed); returns None if nothing remains."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All writes of a run, in the order in which they are applied.

    - `skipped`: one issue for each object that could not be planned and stays untouched.
    - `unchanged`: number of tables that need no write, per space.
    - `kept`: databases that need no write.
    - `notes`: information that changes no status.
    - `objections`: reasons why the plan must not be applied, in addition to those of the guard.
    - `confirmed`: spaces that may lose all their tables; the configuration names them as gone.
    - `left`: assets (space, name) that may be renamed; only a plan of the whole space decides.
    - `beyond`: removals outside the scope of a narrow run, each with space, action and
      `database.table`. They are not made, but the guard counts them. Not stored.
    """

    databases: tuple[DatabaseChange, ...] = ()
    tables: tuple[TableChange, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    skipped: tuple[Issue, ...] = ()
    unchanged: tuple[tuple[str, int], ...] = ()
    kept: tuple[str, ...] = ()
    notes: tuple[Issue, ...] = ()
    objections: tuple[Issue, ...] = ()
    confirmed: tuple[str, ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    beyond: tuple[tuple[str, ChangeAction, str], ...] = field(default=(), compare=False)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return all changes, databases first."""
        return (*self.databases, *self.tables)

    @property
    def empty(self) -> bool:
        """True when the plan contains no write."""
        return not self.changes

    @property
    def digest(self) -> str:
        """Return the SHA-256 of all writes and of the state that they replace, as hex digits.

        Two plans with one digest write the same values over the same state. The date of a new
        deprecation is excluded, so that an approval stays valid after midnight. The cost is
        linear in the size of the plan: compute it once.
        """
        content = sha256()
        for change in self.changes:
            for line in _lines(change):
                content.update(json.dumps(line).encode() + b"\n")
        return content.hexdigest()


def _lines(change: Change) -> list[str | None]:
    before = _hashed(change.before)
    if isinstance(change, DatabaseChange):
        return [change.action, change.database, None, before, _hashed(change.after)]
    return [change.action, change.database, change.version_id, before, _hashed(_undated(change))]


def _hashed(state: Table | Database | None) -> str:
    """Return the text of a state that a digest covers: empty values were never part of it."""
    if state is None:
        return repr(state)
    return repr(replace(state, rest=without_empty_values(state.rest)))


def _undated(change: TableChange) -> Table | None:
    after = change.after
    if after is None or change.before is None or not after.deprecated:
        return after
    dated = table_key("deprecated_on")
    if after.parameter(dated) == change.before.parameter(dated):
        return after
    return after.with_parameters(deprecated_on="")


class OutcomeStatus(StrEnum):
    """Result of one change."""

    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One change and its result.

    - `change`: the change as applied; after a concurrent edit it may differ from the planned one.
    - `verified`: True when a read of the catalog after the write returned the written state.
    - `attempts`: number of tries.
    - `halts`: True when the error forbids every further write.
    """

    change: Change
    result: OutcomeStatus
    verified: bool = False
    attempts: int = 0
    error: Issue | None = None
    halts: bool = False
