"""History of one table: every audit record that names it, newest first.

Only the audit files are read, so removed tables have a history, too. The changes of a renamed asset
appear under both names, each with the rename in its reason. Of a run without a record, the
before-images are read, and the outcome of its changes is unknown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from typing import Any, Final

from datasphere_glue.errors import clipped
from datasphere_glue.evidence.audit_files import AUDIT, Record, read_records
from datasphere_glue.evidence.unrecorded import UNKNOWN, unrecorded_changes
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.storage.store import Store, StoredKey

SCHEMA: Final = "datasphere-glue/history/1"
_SHOWN_OUTCOMES: Final = frozenset({"done", "failed", UNKNOWN})
"""Outcomes that belong to the history of a table; untried changes do not."""

_MOST_NAMES: Final = 5_000
"""Most names collected for suggestions when the requested name has no record."""

_FIELDS: Final = 12
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class History:
    """The history of one table.

    - `name`: the requested name.
    - `records`: audit records, newest first; before them, changes of runs without a record.
    - `complete`: False when there are older records.
    - `runs`: number of files read that contain changes.
    - `similar`: recorded names that resemble a name without records.
    """

    name: str
    records: tuple[Record, ...] = ()
    complete: bool = True
    runs: int = 0
    similar: tuple[str, ...] = ()


def history(store: Store, name: str, limit: int) -> History:
    """Return at most `limit` records of `DATABASE.TABLE`, or of `SPACE.ASSET`.

    Raises:
        Unavailable: an audit file cannot be read.

    """
    stored = [one for one in store.find("runs/") if one.size]
    newest = [
        one
        for one in unrecorded_changes(store, (file.key for file in stored))
        if _is_named(one, name)
    ]
    newest.sort(key=lambda record: str(record["started"]), reverse=True)
    others: dict[str, None] = {}
    runs = 0
    for _, files in groupby(_newest_files(store, stored), key=lambda file: file[0].modified):
        simultaneous: list[Record] = []
        for _, records in files:
            changed = False
            for record in records:
                names, changed = _names(record), True
                if name in names:
                    simultaneous.append(record)
                elif len(others) < _MOST_NAMES:
                    others |= dict.fromkeys(names)
            runs += changed
        # S3 stores times with a resolution of one second, which several runs may share.
        newest += sorted(simultaneous, key=lambda record: str(record["started"]), reverse=True)
        if len(newest) > limit:
            return History(name, tuple(newest[:limit]), complete=False, runs=runs)
    similar = () if newest else tuple(get_close_matches(name, others, n=3, cutoff=0.75))
    return History(name, tuple(newest), runs=runs, similar=similar)


def document(shown: History) -> dict[str, Any]:
    """Return the history as JSON values."""
    return {
        "schema": SCHEMA,
        "name": shown.name,
        "complete": shown.complete,
        "runs": shown.runs,
        "records": list(shown.records),
    }


def lines(shown: History) -> Iterator[str]:
    """Yield the history as text for a terminal."""
    many = "change" if len(shown.records) == 1 else "changes, newest first"
    yield f"{shown.name}: {len(shown.records)} {many}"
    for record in shown.records:
        yield from _record_lines(record)
    if not shown.complete:
        yield "... and older ones (raise --limit)"


def _record_lines(record: Record) -> Iterator[str]:
    table = f"{record['database']}.{record['table']}"
    started = record["started"] or "unknown time"
    yield f"\n{started}  {record['action']}  {table}{_outcome(record)}"
    cause = f" by {record['cause']}" if record["cause"] else ""
    yield f"  run {record['run_id']}, trigger {record['trigger']}{printable(cause)}"
    yield f"  as {printable(record['actor'] or 'unknown')}, because: {printable(record['reason'])}"
    for field in record["fields"][:_FIELDS]:
        yield f"    {field['field']}: {_value(field['before'])} -> {_value(field['after'])}"
    if len(record["fields"]) > _FIELDS:
        yield f"    ... and {len(record['fields']) - _FIELDS} more fields (--json shows them)"


def _outcome(record: Record) -> str:
    error = record["error"] or {}
    if record["outcome"] == UNKNOWN:
        run = record["run_id"]
        return (
            "  OUTCOME UNKNOWN: the run has no record yet"
            f"\n  it still runs, or was cut off; undo: `datasphere-glue rollback {printable(run)}`"
        )
    if record["outcome"] == "done":
        return ""
    unknown = error.get("code") == IssueCode.RUN_CUT_OFF
    return f"  {'UNKNOWN' if unknown else 'FAILED'}: {printable(error.get('message', ''))}"


def _value(value: str | None) -> str:
    return "(none)" if value is None else f'"{printable(clipped(value, _SHOWN))}"'


def printable(text: str) -> str:
    """Return the text without control characters, which could control a terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _newest_files(
    store: Store, stored: Iterable[StoredKey]
) -> Iterator[tuple[StoredKey, Iterator[Record]]]:
    """Yield the audit files of all runs, newest first, each with its records of tables."""
    audits = [file for file in stored if AUDIT.search(file.key)]
    audits.sort(key=lambda file: (file.modified, file.key), reverse=True)
    for file, records in read_records(store, audits):
        yield file, (record for record in records if _is_table_change(record))


def _is_table_change(record: Record) -> bool:
    """Return whether a record is the outcome of a write to a table."""
    if record["event"] != "change" or record.get("table") is None:
        return False
    return record.get("outcome") in _SHOWN_OUTCOMES


def _is_named(record: Record, name: str) -> bool:
    return _is_table_change(record) and name in _names(record)


def _names(record: Record) -> tuple[str, str]:
    return f"{record['database']}.{record['table']}", f"{record['space']}.{record['asset']}"
