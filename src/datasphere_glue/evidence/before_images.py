"""Before-images: the state that each change replaces, stored before the first write.

    runs/<run id>/before.jsonl     a line for each planned change, with the object before and after
    runs/<run id>/applied.jsonl    a line for each outcome, with the change where another was made

An interrupted run leaves the first file without the second. That suffices for a rollback, because
the catalog then shows which changes were applied. A run that writes in several steps, and a run id
that is used again (a retried event), add `before.2.jsonl` and so on; `applied` has the number of
the last step that it covers. The same holds for audit records. Each worker of a divided run stores
its own files below `runs/<run id>/parts/<part>/`. No file is ever overwritten, and the chain of all
runs (`chain`) holds the SHA-256 of each.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from datasphere_glue.errors import EventError, Unavailable, excerpt
from datasphere_glue.evidence.chain import File, LineDigest
from datasphere_glue.plan.change import (
    Change,
    ChangeKey,
    DatabaseChange,
    Outcome,
    OutcomeStatus,
    Plan,
    TableChange,
)
from datasphere_glue.plan.reverse import merge_successive
from datasphere_glue.plan.serial import decode, to_text
from datasphere_glue.storage.state import UNUSABLE, bounded_json
from datasphere_glue.storage.store import Store, whole_lines

SCHEMA: Final = "datasphere-glue/image/1"
_KINDS: Final[dict[str, type[Change]]] = {"table": TableChange, "database": DatabaseChange}
_BEFORE: Final = re.compile(r"^runs/(.+)/before(\.\d+)?\.jsonl$")
_LARGEST_LINE: Final = 64_000_000
"""Bytes of a line: an object before and after, of at most a megabyte each in Glue."""
_UNWRITTEN: Final = frozenset({OutcomeStatus.UNCHANGED, OutcomeStatus.UNTRIED})


@dataclass(frozen=True, slots=True)
class Images:
    """A stored file of images, and the line number of each complete change (from 1)."""

    file: File
    lines: Mapping[ChangeKey, int]


@dataclass(frozen=True, slots=True)
class RecordedChanges:
    """The changes that a run made or may have made.

    - `changes`: each change as it was finally applied.
    - `files`: SHA-256 of each file that records them, by key.
    """

    changes: tuple[Change, ...]
    files: Mapping[str, str]


def write_before(
    store: Store, run_id: str, plan: Plan, announce: Callable[[int], None] | None = None
) -> Images:
    """Store the image of every change of a plan that is about to be applied.

    `announce` is called before that with the number of the images. A part of a divided run has an
    id of its own, `RUN/parts/PART`, here as in all functions that store evidence.

    Raises:
        ReportUnwritable: the images cannot be stored; nothing must be written to the catalog then.

    """
    number = _attempts(store, run_id, "before") + 1
    if announce:
        announce(number)
    file = write_new_file(
        store, run_id, "before", lambda: (_line(c, "planned") for c in plan.changes), number
    )
    return Images(file, {change.key: at for at, change in enumerate(plan.changes, start=1)})


def write_applied(
    store: Store,
    run_id: str,
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    before: Sequence[Images] = (),
) -> Images:
    """Store the result of each change, and the change itself where it differs from the plan.

    `before` are the images that this run has stored.

    Raises:
        ReportUnwritable: the results cannot be stored.

    """
    planned = {change.key: change for change in plan.changes}
    results = [(one, planned.get(one.change.key) != one.change) for one in outcomes]
    number = number_in(before[-1].file.key) if before else _attempts(store, run_id, "before")
    lines = partial(outcome_lines, results)
    file = write_new_file(store, run_id, "applied", lines, max(1, number))
    return Images(file, {o.change.key: at for at, (o, whole) in enumerate(results, 1) if whole})


def outcome_lines(results: Iterable[tuple[Outcome, bool]]) -> Iterator[bytes]:
    """Yield a line for each outcome; with the complete change if its flag is set."""
    return (_line(one.change, one.result, whole=whole) for one, whole in results)


def image_places(files: Iterable[Images]) -> dict[ChangeKey, dict[str, Any]]:
    """Return file and line of the image of each change; the last image if there are several."""
    return {
        name: {"file": images.file.key, "line": line}
        for images in files
        for name, line in images.lines.items()
    }


def write_new_file(
    store: Store, run_id: str, what: str, lines: Callable[[], Iterable[bytes]], number: int = 1
) -> File:
    """Store lines under the first free key of this kind, and return the file.

    Raises:
        ReportUnwritable: the lines cannot be stored.

    """
    while True:
        key, digest = file_key(run_id, what, number), LineDigest()
        if store.create(key, digest.through(lines())):
            return digest.file(key)
        number = max(number, _attempts(store, run_id, what)) + 1


def read_changes(store: Store, run_id: str) -> RecordedChanges:
    """Return every change that a run made or may have made, and the files that record it.

    Raises:
        EventError: no before-image of the run is stored.
        Unavailable: the record cannot be read.

    """
    folders = _folders(store, run_id)
    if not folders:
        raise EventError(
            f"rollback_of: no before-image of run {run_id} is kept at"
            f" {store.location(f'runs/{run_id}')}: the run wrote nothing, or has no record here",
            remedy="name a run that wrote something (`datasphere-glue report` shows the newest),"
            " with the REPORT_URI that it had",
        )
    changes: dict[ChangeKey, Change] = {}
    files: dict[str, File] = {}
    for folder in folders:
        for name, change in _changes_in(store, folder, files):
            changes[name] = merge_successive(changes[name], change) if name in changes else change
    return RecordedChanges(tuple(changes.values()), {key: f.sha256 for key, f in files.items()})


def _folders(store: Store, run_id: str) -> list[str]:
    """Return the ids of a run and its parts that have before-images, parts first.

    The parts wrote before the last step of the run.
    """
    keys = (stored.key for stored in store.find(f"runs/{run_id}/") if stored.size)
    folders = {match[1] for match in map(_BEFORE.match, keys) if match}
    return sorted(folders, key=lambda folder: (folder == run_id, folder))


def _changes_in(
    store: Store, folder: str, files: dict[str, File]
) -> Iterator[tuple[ChangeKey, Change]]:
    attempts = _attempts(store, folder, "before")
    keys = {stored.key for stored in store.find(f"runs/{folder}/applied.")}
    applied = [n for n in range(1, attempts + 1) if file_key(folder, "applied", n) in keys]
    results: dict[ChangeKey, tuple[str, Change | None]] = {}
    for number in range(1, attempts + 1):
        if number == 1 or number - 1 in applied:
            last = next((n for n in applied if n >= number), None)
            results = (
                dict(_results(store, file_key(folder, "applied", last), files)) if last else {}
            )
        for name, _, planned in read_lines(store, file_key(folder, "before", number), files):
            result, actual = results.get(name, (None, None))
            change = actual or planned
            if change is not None and result not in _UNWRITTEN:
                yield name, change


def _attempts(store: Store, run_id: str, what: str) -> int:
    # An empty file (after a crash) counts, too, so that it hides no later number.
    files = store.find(f"runs/{run_id}/{what}.")
    return max((number_in(stored.key) for stored in files), default=0)


def number_in(key: str) -> int:
    """Return the number of a file of evidence; the first one has none in its key."""
    suffix = key.removesuffix(".jsonl").rpartition(".")[2]
    return int(suffix) if suffix.isdecimal() else 1


def file_key(run_id: str, what: str, number: int) -> str:
    """Return the key of the file of evidence with this number, from 1."""
    return f"runs/{run_id}/{what}{f'.{number}' if number > 1 else ''}.jsonl"


def _line(change: Change, result: str, *, whole: bool = True) -> bytes:
    # The fields follow from both states, and they contain the longest texts.
    record = {
        "schema": SCHEMA,
        "kind": "table" if isinstance(change, TableChange) else "database",
        "database": change.database,
        "table": change.table,
        "result": str(result),
        "change": replace(change, fields=()) if whole else None,
    }
    return to_text(record).encode() + b"\n"


def _results(
    store: Store, key: str, files: dict[str, File]
) -> Iterator[tuple[ChangeKey, tuple[str, Change | None]]]:
    for name, result, change in read_lines(store, key, files):
        yield name, (result, change)


def read_lines(
    store: Store, key: str, files: dict[str, File]
) -> Iterator[tuple[ChangeKey, str, Change | None]]:
    """Yield name, result and change of each line; add the description of the file to `files`."""
    digest = LineDigest()
    for number, line in enumerate(digest.through(whole_lines(store.pieces(key))), start=1):
        try:
            yield _record(bounded_json(line, _LARGEST_LINE))
        except UNUSABLE as err:
            raise Unavailable(
                f"line {number} of {store.location(key)} is no before-image: {excerpt(str(err))}",
                remedy="restore the file as the run wrote it; nothing was rolled back",
            ) from err
    files[key] = digest.file(key)


def _record(record: dict[str, Any]) -> tuple[ChangeKey, str, Change | None]:
    if record["schema"] != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    name, change = (record["database"], record["table"]), record["change"]
    if not all(isinstance(text, str) for text in (name[0], name[1] or "", record["result"])):
        raise TypeError("a name or a result is no text")
    if change is None:
        return name, record["result"], None
    decoded = decode(_KINDS[record["kind"]], change)
    if decoded.key != name:
        raise ValueError("it names another object than its change")
    return name, record["result"], decoded
