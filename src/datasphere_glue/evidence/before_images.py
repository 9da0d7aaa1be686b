"""Before-images: what each change is about to write over, kept before the first write.

    runs/<run id>/before.jsonl     a line for each planned change, with the object before and after
    runs/<run id>/applied.jsonl    a line for each outcome, with the change where another was made

A run that dies half-way leaves the first without the second, which is enough to undo it: what
stands in the catalog then tells how far it came. A run that writes in several steps, and a run id
that is used again (a retried event), add `before.2.jsonl` and so on; `applied` has the number of
the last step that it tells of. The same holds for audit records. Each worker of a divided run keeps
its own below `runs/<run id>/parts/<part>/`. None of them is ever written over, and the chain of all
runs (`chain`) holds the SHA-256 of each.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from datasphere_glue.errors import EventError, Unavailable, excerpt
from datasphere_glue.evidence.chain import File, Traced
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
from datasphere_glue.storage.store import Store, whole_lines

SCHEMA: Final = "datasphere-glue/image/1"
_KINDS: Final[dict[str, type[Change]]] = {"table": TableChange, "database": DatabaseChange}
_BEFORE: Final = re.compile(r"^runs/(.+)/before(\.\d+)?\.jsonl$")
_UNWRITTEN: Final = frozenset({OutcomeStatus.UNCHANGED, OutcomeStatus.UNTRIED})


@dataclass(frozen=True, slots=True)
class Images:
    """A file of images as it was kept, and the line that each whole change stands on."""

    file: File
    lines: Mapping[ChangeKey, int]


@dataclass(frozen=True, slots=True)
class Made:
    """What a run made or may have made, as it was finally applied.

    `files` holds the SHA-256 of each file, by key, that says so.
    """

    changes: tuple[Change, ...]
    files: Mapping[str, str]


def keep_before(store: Store, run_id: str, plan: Plan) -> Images:
    """Keep the image of every change of a plan that is about to be applied.

    Here as in all that writes, the part of a divided run has an id of its own, `RUN/parts/PART`.

    Raises:
        ReportUnwritable: they cannot be kept; nothing must be written then.

    """
    number = _attempts(store, run_id, "before") + 1
    file = keep_anew(
        store, run_id, "before", lambda: (_line(c, "planned") for c in plan.changes), number
    )
    return Images(file, {change.key: at for at, change in enumerate(plan.changes, start=1)})


def keep_applied(
    store: Store,
    run_id: str,
    plan: Plan,
    outcomes: tuple[Outcome, ...],
    before: Sequence[Images] = (),
) -> Images:
    """Keep what became of each change; where another one was made than planned, that one, too.

    `before` are the images that this run has kept.

    Raises:
        ReportUnwritable: it cannot be kept.

    """
    planned = {change.key: change for change in plan.changes}
    told = [(one, planned.get(one.change.key) != one.change) for one in outcomes]
    number = _number(before[-1].file.key) if before else _attempts(store, run_id, "before")
    file = keep_anew(
        store,
        run_id,
        "applied",
        lambda: (_line(one.change, one.result, whole=whole) for one, whole in told),
        max(1, number),
    )
    return Images(file, {o.change.key: at for at, (o, whole) in enumerate(told, 1) if whole})


def places(kept: Iterable[Images]) -> dict[ChangeKey, dict[str, Any]]:
    """Return where the image of each change stands, the last one where there are several."""
    return {
        name: {"file": images.file.key, "line": line}
        for images in kept
        for name, line in images.lines.items()
    }


def keep_anew(
    store: Store, run_id: str, what: str, lines: Callable[[], Iterable[bytes]], number: int = 1
) -> File:
    """Keep lines under the first key of that kind that is free, and return the file.

    Raises:
        ReportUnwritable: they cannot be kept.

    """
    while True:
        key, traced = _key(run_id, what, number), Traced()
        if store.create(key, traced.through(lines())):
            return traced.file(key)
        number = max(number, _attempts(store, run_id, what)) + 1


def made_by(store: Store, run_id: str) -> Made:
    """Return every change that a run made or may have made, and the files that say so.

    Raises:
        EventError: nothing is recorded of that run.
        Unavailable: the record cannot be read.

    """
    found = _places(store, run_id)
    if not found:
        raise EventError(
            f"rollback_of: no before-image of run {run_id} is kept at"
            f" {store.location(f'runs/{run_id}')}: the run wrote nothing, or is not known here",
            remedy="name a run that wrote something (`history DATABASE.TABLE` tells runs), with"
            " the REPORT_URI that it had",
        )
    known: dict[ChangeKey, Change] = {}
    files: dict[str, str] = {}
    for place in found:
        for name, change in _changes_at(store, place, files):
            known[name] = merge_successive(known[name], change) if name in known else change
    return Made(tuple(known.values()), files)


def _places(store: Store, run_id: str) -> list[str]:
    """Return where before-images of a run are, its parts first: they wrote before its last step."""
    found = (_BEFORE.match(kept.key) for kept in store.find(f"runs/{run_id}/") if kept.size)
    places = {match[1] for match in found if match}
    return sorted(places, key=lambda place: (place == run_id, place))


def _changes_at(
    store: Store, run_id: str, files: dict[str, str]
) -> Iterator[tuple[ChangeKey, Change]]:
    attempts = _attempts(store, run_id, "before")
    kept = {found.key for found in store.find(f"runs/{run_id}/applied.")}
    told = [n for n in range(1, attempts + 1) if _key(run_id, "applied", n) in kept]
    results: dict[ChangeKey, tuple[str, Change | None]] = {}
    for number in range(1, attempts + 1):
        if number == 1 or number - 1 in told:
            last = next((n for n in told if n >= number), None)
            results = dict(_results(store, _key(run_id, "applied", last), files)) if last else {}
        for name, _, planned in _read(store, _key(run_id, "before", number), files):
            result, made = results.get(name, (None, None))
            change = made or planned
            if change is not None and result not in _UNWRITTEN:
                yield name, change


def _attempts(store: Store, run_id: str, what: str) -> int:
    # What a crash or somebody else left empty has its number, too: it hides none that follows.
    found = store.find(f"runs/{run_id}/{what}.")
    return max((_number(kept.key) for kept in found), default=0)


def _number(key: str) -> int:
    told = key.removesuffix(".jsonl").rpartition(".")[2]
    return int(told) if told.isdecimal() else 1


def _key(run_id: str, what: str, number: int) -> str:
    return f"runs/{run_id}/{what}{f'.{number}' if number > 1 else ''}.jsonl"


def _line(change: Change, result: str, *, whole: bool = True) -> bytes:
    # The fields follow from both sides, and the longest texts stand in them.
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
    store: Store, key: str, files: dict[str, str]
) -> Iterator[tuple[ChangeKey, tuple[str, Change | None]]]:
    for name, result, made in _read(store, key, files):
        yield name, (result, made)


def _read(
    store: Store, key: str, files: dict[str, str]
) -> Iterator[tuple[ChangeKey, str, Change | None]]:
    """Yield what each line says; the SHA-256 of what was read is among the files then."""
    traced = Traced()
    for number, line in enumerate(traced.through(whole_lines(store.pieces(key))), start=1):
        try:
            yield _record(json.loads(line))
        except (ValueError, KeyError, TypeError) as err:
            raise Unavailable(
                f"line {number} of {store.location(key)} is no before-image: {excerpt(str(err))}",
                remedy="restore the file as the run wrote it; nothing was rolled back",
            ) from err
    files[key] = traced.file(key).sha256


def _record(record: dict[str, Any]) -> tuple[ChangeKey, str, Change | None]:
    if record["schema"] != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    name, change = (record["database"], record["table"]), record["change"]
    if change is None:
        return name, record["result"], None
    decoded = decode(_KINDS[record["kind"]], change)
    if decoded.key != name:
        raise ValueError("it names another object than its change")
    return name, record["result"], decoded
