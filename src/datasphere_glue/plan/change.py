"""What would be done, as values: changes, conflicts, the plan and what became of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import CurrentTable, Database, Table
from datasphere_glue.plan.policy import SchemaChange


class ChangeAction(StrEnum):
    """What a change does, in the order in which changes are applied.

    A catalog never holds less than before when a run is cut off (design 2.5), so removals come
    last.
    """

    CREATE = "create"
    UPDATE = "update"
    RESTORE = "restore"
    DEPRECATE = "deprecate"
    DELETE = "delete"


ORDER = {action: place for place, action in enumerate(ChangeAction)}


class ChangeKind(StrEnum):
    """What a change means to those who use the table, which its action alone does not tell.

    `breaking`: a column goes, narrows or changes its type. `drifted`: nothing but edits of people
    is set back. `renamed`: an asset or a column has a new name at the source.
    """

    CREATED = "created"
    ADOPTED = "adopted"
    UPDATED = "updated"
    BREAKING = "breaking"
    RENAMED = "renamed"
    DRIFTED = "drifted"
    RESTORED = "restored"
    DEPRECATED = "deprecated"
    DELETED = "deleted"


_KINDS = {
    ChangeAction.CREATE: ChangeKind.CREATED,
    ChangeAction.UPDATE: ChangeKind.UPDATED,
    ChangeAction.RESTORE: ChangeKind.RESTORED,
    ChangeAction.DEPRECATE: ChangeKind.DEPRECATED,
    ChangeAction.DELETE: ChangeKind.DELETED,
}


ChangeKey = tuple[str, str | None]
"""Glue names of what a change writes: database and table; table None is the database itself."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One attribute before and after; `field` is a path such as `columns.net_amount.comment`."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """What happens to the type of one column; `before` None is a new column, `after` None none."""

    column: str
    kind: SchemaChange
    before: str | None
    after: str | None

    @property
    def breaking(self) -> bool:
        """True when what was read or written before may fail now."""
        return self.kind not in {SchemaChange.ADDITIVE, SchemaChange.WIDENING}


@dataclass(frozen=True, slots=True)
class Rename:
    """An asset (exact SAP names) or a column (Glue names) that has a new name at the source.

    `confidence` is from 0 to 1, in hundredths, `evidence` what both have in common; `followed`
    tells whether what people added is carried over. `heir` is the `database.table` that carries on,
    None for a column.
    """

    before: str
    after: str
    confidence: float
    evidence: tuple[str, ...] = ()
    followed: bool = True
    heir: str | None = None

    @property
    def text(self) -> str:
        """Return the claim with its evidence, in words."""
        evidence = ", ".join(self.evidence)
        return (
            f"{self.before} renamed to {self.after} (confidence {self.confidence:.2f}: {evidence})"
        )


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field in which a person's edit in Glue and Datasphere differ; `table` None is a database.

    `catalog` is what stands in Glue, `source` what Datasphere says. `both` is True when the source
    changed, too, since we last wrote the field (a conflict); False means drift alone. `kept` tells
    whether the edit stays; where the source owns the field, it is set back.
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
        """Return what the change is about: the database, and no table."""
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
        """Return what the change means to those who use the database."""
        return _KINDS[self.action]


@dataclass(frozen=True, slots=True)
class TableChange:
    """One write to one table.

    `before` is the table as it was read (None for a creation), `after` as it shall be (None for a
    deletion); `version_id` is the lock that belongs to `before`. `schema` classifies what happens
    to the columns. `renamed` is the rename that this table is one side of, `columns_renamed` those
    of its columns. `adopted` is True when the table was not ours; `drifted` when it is written for
    no other reason than that a person edited what the source owns.

    `desired` is the table as the source wants it, before it is merged with what Glue holds; None
    where no source does. It is context for planning the change again: not stored, not compared.
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
        """Return what the change is about: the database and the table."""
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
    def kind(self) -> ChangeKind:
        """Return what the change means to those who use the table, the gravest first."""
        if self.action in {ChangeAction.DEPRECATE, ChangeAction.DELETE}:
            return _KINDS[self.action]
        told = (
            (ChangeKind.BREAKING, any(change.breaking for change in self.schema)),
            (ChangeKind.ADOPTED, self.adopted),
            (ChangeKind.RENAMED, self.renamed or self.columns_renamed),
            (ChangeKind.DRIFTED, self.drifted),
        )
        return next((kind for kind, fits in told if fits), _KINDS[self.action])

    def _either(self) -> Table:
        table = self.after or self.before
        if table is None:
            raise ValueError("a table change needs a before or an after")
        return table


Change = DatabaseChange | TableChange

Replan = Callable[[TableChange, CurrentTable | None], TableChange | None]
"""Plans one table again from its fresh state (None: it is gone); None: nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that would be written, in the order in which it is applied.

    `skipped` holds one issue for each object that could not be planned for and is left alone;
    `unchanged` counts per space the tables that need nothing; `kept` the databases that need
    nothing; `notes` say what is worth knowing and changes no status. `objections` say why none of
    it may be applied, beside what the guard says; `confirmed` names spaces that may lose all their
    tables because the configuration says that they are gone. `left` names assets (space, name)
    that may be renamed ones, which only the sight of their whole space can tell.
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

        Two plans with one digest write the same things over the same things; the day that a new
        deprecation is dated is left out, so that an approval outlives midnight. Costs a walk over
        all of the plan: ask once.
        """
        content = sha256()
        for change in self.changes:
            for line in _lines(change):
                content.update(json.dumps(line).encode() + b"\n")
        return content.hexdigest()


def _lines(change: Change) -> list[str | None]:
    if isinstance(change, DatabaseChange):
        return [change.action, change.database, None, repr(change.before), repr(change.after)]
    after = repr(_undated(change))
    return [change.action, change.database, change.version_id, repr(change.before), after]


def _undated(change: TableChange) -> Table | None:
    after = change.after
    if after is None or change.before is None or not after.deprecated:
        return after
    dated = table_key("deprecated_on")
    if after.parameter(dated) == change.before.parameter(dated):
        return after
    return after.with_parameters(deprecated_on="")


class OutcomeStatus(StrEnum):
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
    result: OutcomeStatus
    verified: bool = False
    attempts: int = 0
    error: Issue | None = None
    halts: bool = False
