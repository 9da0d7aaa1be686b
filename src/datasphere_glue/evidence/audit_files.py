"""Reads the audit files of all runs, chained or not.

Most files are small, since most runs change nothing: those are read concurrently and whole. Others
are streamed, so that neither the number of files nor their size matters.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from datasphere_glue.errors import Unavailable, excerpt
from datasphere_glue.evidence.chain import map_concurrently
from datasphere_glue.storage.store import Store, StoredKey, whole_lines

AUDIT: Final = re.compile(r"^runs/(.+)/audit(\.\d+)?\.jsonl$")
"""Keys of audit files; group 1 is the run, or the part of a run."""

EVIDENCE: Final = re.compile(r"^runs/.+/(before|applied|audit)(\.\d+)?\.jsonl$")
"""Keys of all evidence files of a run."""

_SMALL: Final = 100_000
"""Most bytes of a file that is read whole and in advance."""

_TEXTS: Final = (
    *("run_id", "actor", "action", "space", "asset", "database", "table", "outcome", "reason"),
)
"""Keys that filters and views use: each value is a text, null or absent."""

Record = dict[str, Any]


def audit_files(store: Store) -> list[StoredKey]:
    """Return the audit files that are not empty, sorted by key.

    Raises:
        Unavailable: the files cannot be listed.

    """
    return [stored for stored in store.find("runs/") if stored.size and AUDIT.search(stored.key)]


def read_records(
    store: Store, files: Iterable[StoredKey]
) -> Iterator[tuple[StoredKey, Iterator[Record]]]:
    """Yield each file with its records, in order; the first record is line 1 of the file.

    Raises:
        Unavailable: a file cannot be read, or a line of it is no record.

    """
    for stored, body in map_concurrently(
        lambda stored: (stored, _read_small(store, stored)), files
    ):
        yield stored, _records(store, stored, body)


def named_images(lines: Iterable[bytes]) -> set[str]:
    """Return the files of images that audit records name; lines without one are passed over."""
    named: set[str] = set()
    for line in lines:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        image = record.get("image") if isinstance(record, Mapping) else None
        named |= {str(image["file"])} if isinstance(image, Mapping) and "file" in image else set()
    return named


def _read_small(store: Store, stored: StoredKey) -> bytes | None:
    return b"".join(store.pieces(stored.key)) if stored.size <= _SMALL else None


def _records(store: Store, stored: StoredKey, body: bytes | None) -> Iterator[Record]:
    pieces = store.pieces(stored.key) if body is None else (body,)
    for number, line in enumerate(whole_lines(pieces), start=1):
        try:
            record = _record(line)
        except (ValueError, KeyError, TypeError, RecursionError) as err:
            raise Unavailable(
                f"line {number} of {store.location(stored.key)} is no audit record:"
                f" {excerpt(str(err))}",
                remedy="restore the file as the run wrote it, or move it away;"
                " `datasphere-glue audit verify` shows what else was changed",
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
