"""The audit files of all runs, chained or not, and how they are read.

Most are small, since most runs change nothing: those are read many at once, and the others a piece
at a time, so that neither their number nor their size matters.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from datasphere_glue.errors import Unavailable, excerpt
from datasphere_glue.evidence.chain import at_once
from datasphere_glue.storage.store import Store, StoredKey, whole_lines

AUDIT: Final = re.compile(r"^runs/(.+)/audit(\.\d+)?\.jsonl$")
"""Keys of audit files, with the run or the part of one that they belong to."""

EVIDENCE: Final = re.compile(r"^runs/.+/(before|applied|audit)(\.\d+)?\.jsonl$")
"""Keys of everything that a run leaves as evidence."""

_SMALL: Final = 100_000
"""Bytes of a file that is read as a whole, before it is its turn."""

_TEXTS: Final = (
    *("run_id", "actor", "action", "space", "asset", "database", "table", "outcome", "reason"),
)
"""What is filtered by or shown, and either a text or not told."""

Record = dict[str, Any]


def audit_files(store: Store) -> list[StoredKey]:
    """Return the audit files that hold anything, sorted by key.

    Raises:
        Unavailable: they cannot be listed.

    """
    return [kept for kept in store.find("runs/") if kept.size and AUDIT.search(kept.key)]


def read(store: Store, files: Iterable[StoredKey]) -> Iterator[tuple[StoredKey, Iterator[Record]]]:
    """Yield each file with its records, the first of which stands on line 1.

    Raises:
        Unavailable: a file cannot be read, or a line of it is no record.

    """
    for kept, body in at_once(lambda kept: (kept, _small(store, kept)), files):
        yield kept, _records(store, kept, body)


def _small(store: Store, kept: StoredKey) -> bytes | None:
    return b"".join(store.pieces(kept.key)) if kept.size <= _SMALL else None


def _records(store: Store, kept: StoredKey, body: bytes | None) -> Iterator[Record]:
    pieces = store.pieces(kept.key) if body is None else (body,)
    for number, line in enumerate(whole_lines(pieces), start=1):
        try:
            record = _record(line)
        except (ValueError, KeyError, TypeError, RecursionError) as err:
            raise Unavailable(
                f"line {number} of {store.location(kept.key)} is no audit record:"
                f" {excerpt(str(err))}",
                remedy="restore the file as the run wrote it, or move it away; `audit verify` tells"
                " what else was changed",
            ) from err
        yield record


def _record(line: bytes) -> Record:
    record: Record = json.loads(line)
    if not isinstance(record["event"], str):
        raise TypeError("its event is no text")
    datetime.fromisoformat(record["started"])
    for key in _TEXTS:
        if not isinstance(record.get(key, ""), str | None):
            raise TypeError(f"its {key} is no text")
    return record
