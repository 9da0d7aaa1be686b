"""Exports audit records for other tools: those that match a filter, in the order of the chain.

Each record has its file, its line, and the link that names the file (none when nothing proves it).
Files that no link names come first, since most of them are older than the chain.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Final
from unicodedata import category, normalize

from datasphere_glue.evidence.audit_files import AUDIT, Record, audit_files, read_records
from datasphere_glue.evidence.chain import FOLDER, Link, number_of, read_links
from datasphere_glue.storage.store import Store, json_lines

COLUMNS: Final = (
    *("event", "started", "run_id", "trigger", "cause", "actor", "tenant", "environment"),
    *("version", "config_hash", "plan_digest", "action", "kind", "space", "asset", "database"),
    *("table", "reason", "source", "fields", "image", "outcome", "verified", "attempts", "step"),
    *("status", "counts", "changes", "error", "schema", "number", "previous", "hash"),
    *("file", "line", "link", "writer"),
)
"""Columns of an export, in order; a key that a record lacks is an empty cell."""

_FORMULA: Final = frozenset("=+-@")
"""First characters of a formula (OWASP, CSV injection), in any width."""

_CONTROLS: Final = ("\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Selects records; a field that is None or empty selects all.

    - `since`: earliest start of the run, inclusive.
    - `until`: latest start of the run, exclusive.
    - `spaces`: exact names.
    - `asset`: pattern for ASSET or SPACE.ASSET.
    - `actions`: actions of changes.
    - `actor`: pattern for an identity.
    - `run`: run id.
    - `events`: kinds of records.
    """

    since: datetime | None = None
    until: datetime | None = None
    spaces: frozenset[str] = frozenset()
    asset: str | None = None
    actions: frozenset[str] = frozenset()
    actor: str | None = None
    run: str | None = None
    events: frozenset[str] = frozenset()

    def matches(self, record: Record) -> bool:
        """Return whether a record is selected."""
        return (
            (not self.events or record["event"] in self.events)
            and (self.run is None or record.get("run_id") == self.run)
            and (not self.spaces or record.get("space") in self.spaces)
            and (not self.actions or record.get("action") in self.actions)
            and (self.actor is None or fnmatchcase(record.get("actor") or "", self.actor))
            and (self.asset is None or self._matches_asset(record, self.asset))
            and self._matches_time(record)
        )

    def _matches_asset(self, record: Record, pattern: str) -> bool:
        asset = record.get("asset")
        name = f"{record.get('space')}.{asset}" if "." in pattern else asset
        return asset is not None and fnmatchcase(name or "", pattern)

    def _matches_time(self, record: Record) -> bool:
        if self.since is None and self.until is None:
            return True
        started = datetime.fromisoformat(record["started"])
        started = started if started.tzinfo else started.replace(tzinfo=UTC)
        early = self.since is not None and started < self.since
        return not early and (self.until is None or started < self.until)


def export_records(store: Store, selected: ExportFilter) -> Iterator[Record]:
    """Yield the selected records, each with `file`, `line` and `link`.

    Raises:
        Unavailable: the records cannot be read, or a line is no record.

    """
    links = _links(store)
    files = [
        stored
        for stored in audit_files(store)
        if selected.run is None or stored.key.startswith(f"runs/{selected.run}/")
    ]
    files.sort(key=lambda stored: (links.get(stored.key, 0), stored.modified, stored.key))
    for stored, records in read_records(store, files):
        place = {"file": stored.key, "link": links.get(stored.key)}
        for line, record in enumerate(records, start=1):
            if selected.matches(record):
                yield {**record, **place, "line": line}


def as_array(records: Iterable[Record]) -> Iterator[bytes]:
    """Yield records as one JSON array, one record per line."""
    before = b"["
    for line in json_lines(records):
        yield before + b"\n" + line.removesuffix(b"\n")
        before = b","
    yield b"[]\n" if before == b"[" else b"\n]\n"


def as_csv(records: Iterable[Record]) -> Iterator[bytes]:
    """Yield records as CSV (RFC 4180, UTF-8) with a header; lists and objects are JSON in a cell.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    row = io.StringIO()
    writer = csv.writer(row, quoting=csv.QUOTE_ALL)
    for cells in _rows(records):
        writer.writerow(cells)
        yield row.getvalue().encode("utf-8", "replace")
        row.seek(0)
        row.truncate()


FORMATS: Final[dict[str, Callable[[Iterable[Record]], Iterator[bytes]]]] = {
    "jsonl": json_lines,
    "json": as_array,
    "csv": as_csv,
}
"""Writers of records, by the name of the format."""


def _rows(records: Iterable[Record]) -> Iterator[list[str]]:
    yield list(COLUMNS)
    for record in records:
        yield [_cell(record.get(column)) for column in COLUMNS]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if _is_formula(text) else text


def _is_formula(text: str) -> bool:
    """Return whether a spreadsheet may read a text as a formula, also after leading blanks."""
    if text.startswith(_CONTROLS):
        return True
    visible = (char for char in text if not char.isspace() and category(char)[0] != "C")
    return normalize("NFKC", next(visible, " "))[0] in _FORMULA


def _links(store: Store) -> dict[str, int]:
    """Return the number of the first link that names each audit file."""
    numbers = filter(None, (number_of(stored.key) for stored in store.find(FOLDER)))
    links: dict[str, int] = {}
    for number, body in read_links(store, sorted(numbers)):
        link = Link.of(body)
        for file in link.files if link else ():
            if AUDIT.search(file.key):
                links.setdefault(file.key, number)
    return links
