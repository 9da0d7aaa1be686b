"""What happened to one table: every audit record that names it, the newest first.

Only the audit files are read, so a table that exists no longer has its history, too. What became of
a renamed asset stands under both names, each saying so in its reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from typing import Any, Final

from datasphere_glue.errors import excerpt
from datasphere_glue.evidence.audit_files import Record, audit_files, read
from datasphere_glue.storage.store import Store, StoredKey

SCHEMA: Final = "datasphere-glue/history/1"
_TOLD: Final = frozenset({"done", "failed"})
"""Outcomes that belong to the history of a table; what was never tried does not."""

_MOST_NAMES: Final = 5_000
"""Names kept to suggest from when the asked one is not found."""

_FIELDS: Final = 12
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class History:
    """The records of one table, the newest first; `complete` is False when there are more.

    `runs` counts the files read of runs that changed anything; `similar` are recorded names that
    look like one that is not recorded.
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
    found: list[Record] = []
    others: dict[str, None] = {}
    runs = 0
    for _, moment in groupby(_read(store), key=lambda read: read[0].modified):
        together: list[Record] = []
        for _, records in moment:
            changed = False
            for record in records:
                names, changed = _names(record), True
                if name in names:
                    together.append(record)
                elif len(others) < _MOST_NAMES:
                    others |= dict.fromkeys(names)
            runs += changed
        # S3 tells the time of an object to the second, which several runs may share.
        found += sorted(together, key=lambda record: str(record["started"]), reverse=True)
        if len(found) > limit:
            return History(name, tuple(found[:limit]), complete=False, runs=runs)
    similar = () if found else tuple(get_close_matches(name, others, n=3, cutoff=0.75))
    return History(name, tuple(found), runs=runs, similar=similar)


def document(told: History) -> dict[str, Any]:
    """Return the history as JSON values."""
    return {
        "schema": SCHEMA,
        "name": told.name,
        "complete": told.complete,
        "runs": told.runs,
        "records": list(told.records),
    }


def lines(told: History) -> Iterator[str]:
    """Yield the history as text for a terminal."""
    many = "change" if len(told.records) == 1 else "changes, newest first"
    yield f"{told.name}: {len(told.records)} {many}"
    for record in told.records:
        yield from _record_lines(record)
    if not told.complete:
        yield "... and older ones (raise --limit)"


def _record_lines(record: Record) -> Iterator[str]:
    table = f"{record['database']}.{record['table']}"
    done = record["outcome"] == "done"
    failed = "" if done else f"  FAILED: {printable((record['error'] or {}).get('message', ''))}"
    yield f"\n{record['started']}  {record['action']}  {table}{failed}"
    cause = f" by {record['cause']}" if record["cause"] else ""
    yield f"  run {record['run_id']}, trigger {record['trigger']}{printable(cause)}"
    yield f"  as {printable(record['actor'] or 'unknown')}, because: {printable(record['reason'])}"
    for field in record["fields"][:_FIELDS]:
        yield f"    {field['field']}: {_value(field['before'])} -> {_value(field['after'])}"
    if len(record["fields"]) > _FIELDS:
        yield f"    ... and {len(record['fields']) - _FIELDS} more fields (--json shows them)"


def _value(value: str | None) -> str:
    return "(none)" if value is None else f'"{printable(excerpt(value, _SHOWN))}"'


def printable(text: str) -> str:
    """Return the text without what could steer a terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _read(store: Store) -> Iterator[tuple[StoredKey, Iterator[Record]]]:
    """Yield the audit files of all runs, the newest first, and what each says of tables."""
    audits = audit_files(store)
    audits.sort(key=lambda kept: (kept.modified, kept.key), reverse=True)
    for kept, records in read(store, audits):
        yield kept, (record for record in records if _of_a_table(record))


def _of_a_table(record: Record) -> bool:
    """Tell whether a record says what became of a table that a run tried to write."""
    if record["event"] != "change" or record.get("table") is None:
        return False
    return record.get("outcome") in _TOLD


def _names(record: Record) -> tuple[str, str]:
    return f"{record['database']}.{record['table']}", f"{record['space']}.{record['asset']}"
