"""What our own runs did to a table, as values; `evidence.own_record` reads them.

Markers in Glue prove nothing, since anybody who may write there can set them. What must not hang on
a marker is decided by these records.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from datasphere_glue.plan.actions import ChangeAction

TableName = tuple[str, str]
"""Glue names of a database and a table."""

_DEPTH: Final = 4
"""Changes of a table's status after which older ones are not needed."""


@dataclass(frozen=True, slots=True)
class Writer:
    """A stack as the records of its runs identify it.

    - `stack`: digest of the settings that decide what it sees and writes; None in older records.
    - `config`: hash of its mapping configuration; None without one, and in a rollback.
    """

    stack: str | None = None
    config: str | None = None


@dataclass(frozen=True, slots=True)
class RecordedWrite:
    """One write of ours to a table, as its audit record describes it.

    - `started`: when its run began.
    - `space`, `asset`: exact SAP names.
    - `dated`: the deprecation date that it wrote, ISO 8601; None if it wrote none.
    - `fields`: paths of the changed fields, each with the value before and after.
    - `tenant`, `environment`, `actor`, `writer`: who wrote.
    """

    action: ChangeAction
    started: datetime
    run_id: str
    tenant: str | None
    space: str
    asset: str
    dated: str | None = None
    fields: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    environment: str | None = None
    actor: str | None = None
    writer: Writer = Writer()

    def is_by(self, writer: Writer) -> bool:
        """Return whether that stack may have written this; unknown parts match any stack."""
        own = (writer.stack, writer.config)
        recorded = (self.writer.stack, self.writer.config)
        return all(one is None or one == mine for one, mine in zip(recorded, own, strict=True))

    @property
    def deprecates(self) -> bool:
        """True for a write after which the table is deprecated by our decision."""
        dated = self.action is ChangeAction.UPDATE and self.dated is not None
        return dated or self.action is ChangeAction.DEPRECATE

    @property
    def changes_status(self) -> bool:
        """True for a write after which the table is active, deprecated or gone by our decision."""
        return self.action is not ChangeAction.UPDATE or self.dated is not None


@dataclass(frozen=True, slots=True)
class TableRecord:
    """The writes of ours to one table, newest first; all of them or the last ones."""

    writes: tuple[RecordedWrite, ...] = ()

    @property
    def written(self) -> bool:
        """True if a run of ours wrote the table under this name."""
        return bool(self.writes)

    @property
    def status_changes(self) -> tuple[RecordedWrite, ...]:
        """Return the writes that decided the status of the table, newest first."""
        return tuple(write for write in self.writes if write.changes_status)

    @property
    def deprecated(self) -> RecordedWrite | None:
        """Return the write that deprecated the table; None if a later one of ours undid that."""
        last = next(iter(self.status_changes), None)
        return last if last and last.deprecates else None

    @property
    def history_suffices(self) -> bool:
        """True if older writes add nothing about the status of the table."""
        changes = self.status_changes
        return len(changes) >= _DEPTH or any(c.action is ChangeAction.CREATE for c in changes)
