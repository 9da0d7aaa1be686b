"""Before-images: what each change is about to write over, kept before the first write.

    runs/<run id>/before.jsonl     a line for each planned change, with the object before and after
    runs/<run id>/applied.jsonl    a line for each outcome, with the change where another was made

A run that dies half-way leaves the first without the second, which is enough to undo it: what
stands in the catalog then tells how far it came. A run that writes in several steps, and a run id
that is used again (a retried event), add `before.2.jsonl` and so on; `applied` has the number of
the last step that it tells of. The same holds for audit records. Each worker of a divided run keeps
its own below `runs/<run id>/parts/<part>/`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from datasphere_glue.errors import EventError, Unavailable, excerpt
from datasphere_glue.plan.change import Change, DatabaseChange, Outcome, Plan, Result, TableChange
from datasphere_glue.plan.reverse import chained
from datasphere_glue.plan.serial import decode, encode
from datasphere_glue.report.store import Store

SCHEMA: Final = "datasphere-glue/image/1"
_KINDS: Final[dict[str, type[Change]]] = {"table": TableChange, "database": DatabaseChange}
_BEFORE: Final = re.compile(r"^runs/(.+)/before(\.\d+)?\.jsonl$")
_UNWRITTEN: Final = frozenset({Result.UNCHANGED, Result.UNTRIED})

Name = tuple[str, str | None]


def keep_before(store: Store, run_id: str, plan: Plan) -> None:
    """Keep the image of every change of a plan that is about to be applied.

    Here as in all that writes, the part of a divided run has an id of its own, `RUN/parts/PART`.

    Raises:
        ReportUnwritable: they cannot be kept; nothing must be written then.

    """
    lines = (_line(change, "planned") for change in plan.changes)
    store.put(free_key(store, run_id, "before"), lines)


def keep_applied(store: Store, run_id: str, plan: Plan, outcomes: tuple[Outcome, ...]) -> None:
    """Keep what became of each change; where another one was made than planned, that one, too.

    Raises:
        ReportUnwritable: it cannot be kept.

    """
    planned = {_name(change): change for change in plan.changes}
    lines = (
        _line(
            outcome.change,
            outcome.result,
            whole=planned.get(_name(outcome.change)) != outcome.change,
        )
        for outcome in outcomes
    )
    store.put(_key(run_id, "applied", max(1, _attempts(store, run_id, "before"))), lines)


def changes_of(store: Store, run_id: str) -> tuple[Change, ...]:
    """Return every change that a run made or may have made, as it was finally applied.

    Raises:
        EventError: nothing is recorded of that run.
        Unavailable: the record cannot be read.

    """
    places = _places(store, run_id)
    if not places:
        raise EventError(
            f"rollback_of: no before-image of run {run_id} is kept at"
            f" {store.location(f'runs/{run_id}')}: the run wrote nothing, or is not known here",
            remedy="name a run that wrote something (`history DATABASE.TABLE` tells runs), with"
            " the REPORT_URI that it had",
        )
    known: dict[Name, Change] = {}
    for place in places:
        for name, change in _changes_at(store, place):
            known[name] = chained(known[name], change) if name in known else change
    return tuple(known.values())


def _places(store: Store, run_id: str) -> list[str]:
    """Return where before-images of a run are, its parts first: they wrote before its last step."""
    found = (_BEFORE.match(kept.key) for kept in store.find(f"runs/{run_id}/") if kept.size)
    places = {match[1] for match in found if match}
    return sorted(places, key=lambda place: (place == run_id, place))


def _changes_at(store: Store, run_id: str) -> Iterator[tuple[Name, Change]]:
    attempts = _attempts(store, run_id, "before")
    kept = {found.key for found in store.find(f"runs/{run_id}/applied.")}
    told = [n for n in range(1, attempts + 1) if _key(run_id, "applied", n) in kept]
    results: dict[Name, tuple[str, Change | None]] = {}
    for number in range(1, attempts + 1):
        if number == 1 or number - 1 in told:
            last = next((n for n in told if n >= number), None)
            results = dict(_results(store, _key(run_id, "applied", last))) if last else {}
        for name, _, planned in _read(store, _key(run_id, "before", number)):
            result, made = results.get(name, (None, None))
            change = made or planned
            if change is not None and result not in _UNWRITTEN:
                yield name, change


def free_key(store: Store, run_id: str, what: str) -> str:
    """Return the key of what this attempt of a run keeps; nothing that says something is there."""
    return _key(run_id, what, _attempts(store, run_id, what) + 1)


def _attempts(store: Store, run_id: str, what: str) -> int:
    return sum(kept.size > 0 for kept in store.find(f"runs/{run_id}/{what}."))


def _key(run_id: str, what: str, number: int) -> str:
    return f"runs/{run_id}/{what}{f'.{number}' if number > 1 else ''}.jsonl"


def _name(change: Change) -> Name:
    return change.database, change.table


def _line(change: Change, result: str, *, whole: bool = True) -> bytes:
    # The fields follow from both sides, and the longest texts stand in them.
    record = {
        "schema": SCHEMA,
        "kind": "table" if isinstance(change, TableChange) else "database",
        "database": change.database,
        "table": change.table,
        "result": str(result),
        "change": encode(replace(change, fields=())) if whole else None,
    }
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _results(store: Store, key: str) -> Iterator[tuple[Name, tuple[str, Change | None]]]:
    for name, result, made in _read(store, key):
        yield name, (result, made)


def _read(store: Store, key: str) -> Iterator[tuple[Name, str, Change | None]]:
    for number, line in enumerate(store.lines(key), start=1):
        try:
            yield _record(json.loads(line))
        except (ValueError, KeyError, TypeError) as err:
            raise Unavailable(
                f"line {number} of {store.location(key)} is no before-image: {excerpt(str(err))}",
                remedy="restore the file as the run wrote it; nothing was rolled back",
            ) from err


def _record(record: dict[str, Any]) -> tuple[Name, str, Change | None]:
    if record["schema"] != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    name, change = (record["database"], record["table"]), record["change"]
    if change is None:
        return name, record["result"], None
    decoded = decode(_KINDS[record["kind"]], change)
    if _name(decoded) != name:
        raise ValueError("it names another object than its change")
    return name, record["result"], decoded
