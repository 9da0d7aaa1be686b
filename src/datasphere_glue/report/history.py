"""What happened to one table: every audit record that names it, the newest first.

Only the audit files are read, one line at a time, so a table that exists no longer has its history,
too. What became of a renamed asset stands under both names, each saying so in its reason.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from typing import Any, Final

from datasphere_glue.errors import Unavailable, excerpt
from datasphere_glue.report.store import Kept, Store

SCHEMA: Final = "datasphere-glue/history/1"
_TOLD: Final = frozenset({"done", "failed"})
"""Outcomes that belong to the history of a table; what was never tried does not."""

_AUDIT: Final = re.compile(r"/audit(\.\d+)?\.jsonl$")
_MOST_NAMES: Final = 5_000
"""Names kept to suggest from when the asked one is not found."""

_FIELDS: Final = 12
_SHOWN: Final = 60

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """The records of one table, the newest first; `complete` is False when there are more.

    `runs` counts the runs that wrote anything; `similar` are recorded names that look like one that
    is not recorded.
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
    audits = _audits(store)
    found: list[Record] = []
    others: dict[str, None] = {}
    for _, moment in groupby(audits, key=lambda kept: kept.modified):
        together: list[Record] = []
        for record in (record for kept in moment for record in _records(store, kept)):
            names = _names(record)
            if name in names:
                together.append(record)
            elif len(others) < _MOST_NAMES:
                others |= dict.fromkeys(names)
        # S3 tells the time of an object to the second, which several runs may share.
        found += sorted(together, key=lambda record: str(record["started"]), reverse=True)
        if len(found) > limit:
            return History(name, tuple(found[:limit]), complete=False, runs=len(audits))
    similar = () if found else tuple(get_close_matches(name, others, n=3, cutoff=0.75))
    return History(name, tuple(found), runs=len(audits), similar=similar)


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
    yield f"{told.name}: {len(told.records)} changes, newest first"
    for record in told.records:
        yield from _record_lines(record)
    if not told.complete:
        yield "... and older ones (raise --limit)"


def _record_lines(record: Record) -> Iterator[str]:
    table = f"{record['database']}.{record['table']}"
    done = record["outcome"] == "done"
    failed = "" if done else f"  FAILED: {_plain((record['error'] or {}).get('message', ''))}"
    yield f"\n{record['started']}  {record['action']}  {table}{failed}"
    cause = f" by {record['cause']}" if record["cause"] else ""
    yield f"  run {record['run_id']}, trigger {record['trigger']}{_plain(cause)}"
    yield f"  as {_plain(record['actor'] or 'unknown')}, because: {_plain(record['reason'])}"
    for field in record["fields"][:_FIELDS]:
        yield f"    {field['field']}: {_value(field['before'])} -> {_value(field['after'])}"
    if len(record["fields"]) > _FIELDS:
        yield f"    ... and {len(record['fields']) - _FIELDS} more fields (--json shows them)"


def _value(value: str | None) -> str:
    return "(none)" if value is None else f'"{_plain(excerpt(value, _SHOWN))}"'


def _plain(text: str) -> str:
    """Return the text without what could steer a terminal."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _audits(store: Store) -> list[Kept]:
    """Return the audit files of all runs that changed anything, the newest first."""
    audits = (kept for kept in store.find("runs/") if kept.size and _AUDIT.search(kept.key))
    return sorted(audits, key=lambda kept: (kept.modified, kept.key), reverse=True)


def _records(store: Store, kept: Kept) -> Iterator[Record]:
    """Yield what became of each table that a run tried to write."""
    for number, line in enumerate(store.lines(kept.key), start=1):
        try:
            record = json.loads(line)
            if record["table"] is not None and record["outcome"] in _TOLD:
                yield record
        except (ValueError, KeyError, TypeError) as err:
            raise Unavailable(
                f"line {number} of {store.location(kept.key)} is no audit record:"
                f" {excerpt(str(err))}",
                remedy="restore the file as the run wrote it, or move it away",
            ) from err


def _names(record: Record) -> tuple[str, str]:
    return f"{record['database']}.{record['table']}", f"{record['space']}.{record['asset']}"
