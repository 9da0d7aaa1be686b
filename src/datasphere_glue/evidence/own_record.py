"""What our own runs did last to given tables, by the audit files of all runs.

Anybody who may write to Glue may set any marker there. The audit files are out of their reach, so
they decide whether a table is ours, and since when it is deprecated.

Files are read newest first, those of quiet runs are skipped, and reading ends once every table is
known well enough. A record counts only if it matches its hash and follows the line before it.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple

from datasphere_glue.errors import Unavailable
from datasphere_glue.evidence.audit_files import AUDIT
from datasphere_glue.evidence.chain import map_concurrently
from datasphere_glue.evidence.hashed_lines import ORIGIN, hash_of_line, parse_hashed_line
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.storage.moments import moment_of
from datasphere_glue.storage.store import Store, StoredKey, whole_lines

TableName = tuple[str, str]
"""Glue names of a database and a table."""

_QUIET_BYTES: Final = 1_200
"""Most bytes of an audit file without any change; a run that writes also has before-images."""

_DEPTH: Final = 4
"""Changes of a table's status after which older ones are not needed."""

_TABLE: Final = re.compile(rb'"database":"([^"\\]+)".*"table":"([^"\\]+)"')
_DATE_FIELD: Final = f"parameters.{table_key('deprecated_on')}"


@dataclass(frozen=True, slots=True)
class RecordedWrite:
    """One write of ours to a table, as its audit record describes it.

    - `started`: when its run began.
    - `space`, `asset`: exact SAP names.
    - `dated`: the deprecation date that it wrote, ISO 8601; None if it wrote none.
    - `fields`: paths of the changed fields, each with the value before and after.
    - `tenant`, `environment`, `actor`, `config`: who wrote; `config` hashes the configuration.
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
    config: str | None = None

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
        if last is None or last.action not in {ChangeAction.DEPRECATE, ChangeAction.UPDATE}:
            return None
        return last

    @property
    def history_suffices(self) -> bool:
        """True if older writes add nothing about the status of the table."""
        changes = self.status_changes
        return len(changes) >= _DEPTH or any(c.action is ChangeAction.CREATE for c in changes)


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """What the audit files record about some tables.

    - `tables`: the record of each requested table; an empty one if no run wrote it.
    - `unusable`: locations of audit files that could not be read or whose hashes do not match.
    """

    tables: Mapping[TableName, TableRecord]
    unusable: tuple[str, ...] = ()


class _File(NamedTuple):
    """An audit file with its writes to the requested tables; None if it is unusable."""

    stored: StoredKey
    writes: list[tuple[TableName, RecordedWrite]] | None


def own_record(
    store: Store,
    names: Collection[TableName],
    enough: Callable[[TableRecord], bool] = lambda record: record.history_suffices,
) -> OwnRecord:
    """Return what our runs did to these tables; `enough` ends the search for a table.

    Without names no request is made. An unusable file counts as absent.

    Raises:
        Unavailable: the audit files cannot be listed.

    """
    wanted = frozenset(names)
    writes: dict[TableName, list[RecordedWrite]] = {name: [] for name in sorted(wanted)}
    unusable: list[str] = []
    searched = _search(store, wanted) if wanted else iter(())
    for _, simultaneous in groupby(searched, key=lambda file: file.stored.modified):
        for file in simultaneous:
            if file.writes is None:
                unusable.append(store.location(file.stored.key))
            for name, write in reversed(file.writes or []):
                writes[name].append(write)
        if all(enough(_newest_first(one)) for one in writes.values()):
            break
    records = {name: _newest_first(one) for name, one in writes.items()}
    return OwnRecord(records, tuple(unusable))


def _newest_first(writes: list[RecordedWrite]) -> TableRecord:
    return TableRecord(tuple(sorted(writes, key=lambda write: write.started, reverse=True)))


def _search(store: Store, wanted: frozenset[TableName]) -> Iterator[_File]:
    """Yield the audit files of runs that may have changed a table, newest first."""
    stored = [one for one in store.find("runs/") if one.size]
    wrote = {_folder(one.key) for one in stored if "/before." in one.key}
    files = [
        one
        for one in stored
        if AUDIT.search(one.key) and (_folder(one.key) in wrote or one.size > _QUIET_BYTES)
    ]
    files.sort(key=lambda one: (one.modified, one.key), reverse=True)
    return map_concurrently(lambda one: _File(one, _writes(store, one.key, wanted)), files)


def _folder(key: str) -> str:
    return key.rpartition("/")[0]


def _writes(
    store: Store, key: str, wanted: frozenset[TableName]
) -> list[tuple[TableName, RecordedWrite]] | None:
    """Return the writes of a file to these tables, oldest first; None if it is unusable."""
    try:
        return [
            (name, write)
            for name, line, number, previous in _lines(store, key)
            if name in wanted and (write := _write(line, number, previous)) is not None
        ]
    except (Unavailable, ValueError, KeyError, TypeError, AttributeError):
        return None


def _lines(store: Store, key: str) -> Iterator[tuple[TableName, bytes, int, str]]:
    """Yield each hashed line about a table: its name, the line, its number, the hash before it.

    Lines without a hash are older than the chain; they prove nothing.
    """
    previous = ORIGIN
    for number, line in enumerate(whole_lines(store.pieces(key)), start=1):
        own_hash = hash_of_line(line)
        if own_hash and (match := _TABLE.search(line)):
            yield (match[1].decode(), match[2].decode()), line, number, previous
        previous = own_hash or ""


def _write(line: bytes, number: int, previous: str) -> RecordedWrite | None:
    """Return the write that a line records; None if it records no successful write.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: the line is not what a run wrote.

    """
    parsed = parse_hashed_line(line)
    if parsed is None or (parsed.values["number"], parsed.values["previous"]) != (number, previous):
        raise ValueError("the line does not match its hash")
    values = parsed.values
    if values["event"] != "change" or values["outcome"] != "done":
        return None
    fields = {one["field"]: (one["before"], one["after"]) for one in values["fields"]}
    return RecordedWrite(
        action=ChangeAction(values["action"]),
        started=moment_of(values["started"]),
        run_id=str(values["run_id"]),
        tenant=values["tenant"],
        space=values["space"],
        asset=values["asset"],
        dated=fields.get(_DATE_FIELD, (None, None))[1],
        fields=fields,
        environment=values["environment"],
        actor=values["actor"],
        config=values["config_hash"],
    )
