"""Audit records for other tools: all that fit a filter, in the order of the chain.

Each tells where it stands: its file, its line, and the link that names the file (none when nothing
proves it). What no link names comes first, as it is mostly older than the chain.
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

from datasphere_glue.evidence.audit_files import AUDIT, Record, audit_files, read
from datasphere_glue.evidence.chain import FOLDER, Link, bodies, number_of
from datasphere_glue.storage.store import Store, json_lines

COLUMNS: Final = (
    *("event", "started", "run_id", "trigger", "cause", "actor", "tenant", "environment"),
    *("version", "config_hash", "plan_digest", "action", "kind", "space", "asset", "database"),
    *("table", "reason", "source", "fields", "image", "outcome", "verified", "attempts", "step"),
    *("status", "counts", "changes", "error", "schema", "number", "previous", "hash"),
    *("file", "line", "link"),
)
"""What an export has, in this order; a key that a record does not have is an empty cell."""

_FORMULA: Final = frozenset("=+-@")
"""What a formula begins with (OWASP, CSV injection), in any of its widths."""

_CONTROLS: Final = ("\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Which records are wanted; what is None or empty leaves nothing out.

    `since` counts itself, `until` does not; both look at the start of the run. `asset` is a pattern
    for ASSET or SPACE.ASSET, `actor` one for an identity.
    """

    since: datetime | None = None
    until: datetime | None = None
    spaces: frozenset[str] = frozenset()
    asset: str | None = None
    actions: frozenset[str] = frozenset()
    actor: str | None = None
    run: str | None = None
    events: frozenset[str] = frozenset()

    def fits(self, record: Record) -> bool:
        """Tell whether a record is wanted."""
        return (
            (not self.events or record["event"] in self.events)
            and (self.run is None or record.get("run_id") == self.run)
            and (not self.spaces or record.get("space") in self.spaces)
            and (not self.actions or record.get("action") in self.actions)
            and (self.actor is None or fnmatchcase(record.get("actor") or "", self.actor))
            and (self.asset is None or self._about(record, self.asset))
            and self._then(record)
        )

    def _about(self, record: Record, pattern: str) -> bool:
        asset = record.get("asset")
        name = f"{record.get('space')}.{asset}" if "." in pattern else asset
        return asset is not None and fnmatchcase(name or "", pattern)

    def _then(self, record: Record) -> bool:
        if self.since is None and self.until is None:
            return True
        started = datetime.fromisoformat(record["started"])
        started = started if started.tzinfo else started.replace(tzinfo=UTC)
        early = self.since is not None and started < self.since
        return not early and (self.until is None or started < self.until)


def exported(store: Store, wanted: ExportFilter) -> Iterator[Record]:
    """Yield the records that are wanted, each with `file`, `line` and `link`.

    Raises:
        Unavailable: the records cannot be read, or a line is none.

    """
    links = _links(store)
    files = [kept for kept in audit_files(store) if wanted.run is None or _of(kept.key, wanted.run)]
    files.sort(key=lambda kept: (links.get(kept.key, 0), kept.modified, kept.key))
    for kept, records in read(store, files):
        place = {"file": kept.key, "link": links.get(kept.key)}
        for line, record in enumerate(records, start=1):
            if wanted.fits(record):
                yield {**record, **place, "line": line}


def as_array(records: Iterable[Record]) -> Iterator[bytes]:
    """Yield records as one JSON array, a record a line."""
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
"""How records are exported, by the name of the format."""


def _rows(records: Iterable[Record]) -> Iterator[list[str]]:
    yield list(COLUMNS)
    for record in records:
        yield [_cell(record.get(column)) for column in COLUMNS]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if _acts(text) else text


def _acts(text: str) -> bool:
    """Tell whether a spreadsheet may take a text for a formula, as it is or without its margin."""
    if text.startswith(_CONTROLS):
        return True
    seen = (char for char in text if not char.isspace() and category(char)[0] != "C")
    return normalize("NFKC", next(seen, " "))[0] in _FORMULA


def _links(store: Store) -> dict[str, int]:
    """Return the number of the first link that names each audit file."""
    numbers = filter(None, (number_of(kept.key) for kept in store.find(FOLDER)))
    found: dict[str, int] = {}
    for number, body in bodies(store, sorted(numbers)):
        link = Link.of(body)
        for file in link.files if link else ():
            if AUDIT.search(file.key):
                found.setdefault(file.key, number)
    return found


def _of(key: str, run: str) -> bool:
    return key.startswith(f"runs/{run}/")
