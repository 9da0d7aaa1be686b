"""What our own runs did last to given tables, by the audit files of all runs.

Anybody who may write to Glue may set any marker there. The audit files are out of their reach, so
they decide whether a table is ours, and since when it is deprecated.

Files are read newest first, those of quiet runs are skipped, and reading ends once every table is
known well enough. A record counts only if it matches its hash and follows the line before it.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby
from math import inf
from typing import Final, NamedTuple

from datasphere_glue.errors import Unavailable
from datasphere_glue.evidence.audit_files import AUDIT
from datasphere_glue.evidence.chain import map_concurrently
from datasphere_glue.evidence.hashed_lines import ORIGIN, hash_of_line, parse_hashed_line
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.recorded import RecordedWrite, TableName, TableRecord, Writer
from datasphere_glue.storage.moments import moment_of
from datasphere_glue.storage.store import Store, StoredKey, whole_lines

RUNS: Final = "runs/"
"""How the keys of all runs begin."""

_QUIET_BYTES: Final = 1_200
"""Most bytes of an audit file without any change; a run that writes also has before-images."""

_LEEWAY_S: Final = 2.0
"""Seconds by which a run may have begun after the time in its id, which has no fraction."""

_TABLE: Final = re.compile(rb'"database":"([^"\\]+)".*"table":"([^"\\]+)"')
_RUN_ID: Final = re.compile(r"runs/(\d{4}-\d\d-\d\dT\d{6}Z)-")
_DATE_FIELD: Final = f"parameters.{table_key('deprecated_on')}"


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """What the audit files record about some tables.

    - `tables`: the record of each requested table; an empty one if no run wrote it.
    - `unusable`: locations of audit files that could not be read or whose hashes do not match.
    """

    tables: Mapping[TableName, TableRecord]
    unusable: tuple[str, ...] = ()


class AuditedWrites(NamedTuple):
    """An audit file with its writes to the requested tables; None if it is unusable.

    `ended`: about when its run ended, in seconds since 1970.
    """

    stored: StoredKey
    ended: float
    writes: list[tuple[TableName, RecordedWrite]] | None


class _Line(NamedTuple):
    """A line of an audit file, with the hash of the line before, and the table that it is about."""

    body: bytes
    number: int
    previous: str
    table: TableName | None


def own_record(
    store: Store,
    names: Collection[TableName],
    enough: Callable[[TableRecord], bool] = lambda record: record.history_suffices,
    most: int | None = None,
    prefixes: Collection[str] = (RUNS,),
) -> OwnRecord:
    """Return what our runs did to these tables.

    - `enough`: ends the search for a table.
    - `most`: only so many files of runs with changes are read.
    - `prefixes`: only keys that begin so are listed.

    Without names no request is made. An unusable file counts as absent.

    Raises:
        Unavailable: the audit files cannot be listed.

    """
    wanted = frozenset(names)
    writes: dict[TableName, list[RecordedWrite]] = {name: [] for name in sorted(wanted)}
    unusable: list[str] = []
    searched = (
        audited_writes(store, wanted.__contains__, most=most, prefixes=prefixes)
        if wanted
        else iter(())
    )
    last = -inf
    for ended, simultaneous in groupby(searched, key=lambda file: file.ended):
        if ended + _LEEWAY_S < last:
            break
        for file in simultaneous:
            if file.writes is None:
                unusable.append(store.location(file.stored.key))
            for name, write in reversed(file.writes or []):
                writes[name].append(write)
        if all(enough(_newest_first(one)) for one in writes.values()):
            last = min(map(_last_started, writes.values()))
    records = {name: _newest_first(one) for name, one in writes.items()}
    return OwnRecord(records, tuple(unusable))


def _last_started(writes: list[RecordedWrite]) -> float:
    return max((write.started.timestamp() for write in writes), default=-inf)


def _newest_first(writes: list[RecordedWrite]) -> TableRecord:
    return TableRecord(tuple(sorted(writes, key=lambda write: write.started, reverse=True)))


def audited_writes(
    store: Store,
    wanted: Callable[[TableName], bool],
    before: float = inf,
    most: int | None = None,
    prefixes: Collection[str] = (RUNS,),
) -> Iterator[AuditedWrites]:
    """Yield the audit files of runs that may have changed a table, newest first.

    - `before`: only files older than that, in seconds since 1970.
    - `most`: only so many files.
    - `prefixes`: only keys that begin so are listed.

    Raises:
        Unavailable: the files cannot be listed.

    """
    listed = chain.from_iterable(map(store.find, prefixes))
    stored = [one for one in listed if one.size and one.modified < before]
    wrote = {_folder(one.key) for one in stored if "/before." in one.key}
    files = [
        one
        for one in stored
        if AUDIT.search(one.key) and (_folder(one.key) in wrote or one.size > _QUIET_BYTES)
    ]
    files.sort(key=lambda one: (_ended(one), one.key), reverse=True)
    return map_concurrently(
        lambda one: AuditedWrites(one, _ended(one), _writes(store, one.key, wanted)), files[:most]
    )


def _ended(stored: StoredKey) -> float:
    """Return about when the run of a file ended, in seconds since 1970.

    A copied file is younger than its run, and the id of a run may be chosen: the earlier one holds.
    """
    match = _RUN_ID.match(stored.key)
    if match is None:
        return stored.modified
    try:
        began = datetime.strptime(match[1], "%Y-%m-%dT%H%M%S%z").timestamp()
    except (ValueError, OverflowError):
        return stored.modified
    return min(began, stored.modified)


def _folder(key: str) -> str:
    return key.rpartition("/")[0]


def _writes(
    store: Store, key: str, wanted: Callable[[TableName], bool]
) -> list[tuple[TableName, RecordedWrite]] | None:
    """Return the writes of a file to these tables, oldest first; None if it is unusable."""
    stack: str | None = None
    writes: list[tuple[TableName, RecordedWrite]] = []
    try:
        for line in _lines(store, key):
            if line.table is None:
                stack = _stack(line)
            elif wanted(line.table) and (write := _write(line, stack)) is not None:
                writes.append((line.table, write))
    except (Unavailable, ValueError, KeyError, TypeError, AttributeError):
        return None
    return writes


def _lines(store: Store, key: str) -> Iterator[_Line]:
    """Yield the first line, and each hashed line about a table.

    Lines without a hash are older than the chain; they prove nothing.
    """
    previous = ORIGIN
    for number, line in enumerate(whole_lines(store.pieces(key)), start=1):
        own_hash = hash_of_line(line)
        match = _TABLE.search(line) if own_hash else None
        if match or number == 1:
            table = (match[1].decode(), match[2].decode()) if match else None
            yield _Line(line, number, previous, table)
        previous = own_hash or ""


def _stack(line: _Line) -> str | None:
    """Return which stack the record of a run names; None in records of earlier versions."""
    parsed = parse_hashed_line(line.body)
    stack = parsed.values.get("writer") if parsed else None
    return stack if isinstance(stack, str) else None


def _write(line: _Line, stack: str | None) -> RecordedWrite | None:
    """Return the write that a line records; None if it records no successful write.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: the line is not what a run wrote.

    """
    parsed = parse_hashed_line(line.body)
    place = (line.number, line.previous)
    if parsed is None or (parsed.values["number"], parsed.values["previous"]) != place:
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
        writer=Writer(stack, values["config_hash"]),
    )
