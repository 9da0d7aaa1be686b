"""Runs that have before-images and no record, for those who only read the evidence.

The chain lists such runs. Images that no link names, without any record in the same folder, belong
to a run that was cut off before its first link, or that could not write one: its announcement names
it.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from datasphere_glue.errors import SyncError, Unavailable
from datasphere_glue.evidence import records
from datasphere_glue.evidence.audit_files import named_images
from datasphere_glue.evidence.before_images import file_key, number_in, read_lines
from datasphere_glue.evidence.begun import begun_runs
from datasphere_glue.evidence.chain import File, newest_head, open_runs
from datasphere_glue.evidence.open_runs import OpenRun
from datasphere_glue.evidence.process import is_alive
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Change, ChangeKey, Outcome, OutcomeStatus, Plan
from datasphere_glue.plan.reached import with_fields
from datasphere_glue.storage.store import Store, whole_lines

UNKNOWN: Final = "unknown"
"""Outcome of a change that is done or not; the record of a run never has it."""

_FILE: Final = re.compile(r"^runs/(.+)/(before|audit)(?:\.\d+)?\.jsonl$")


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A run without a record.

    - `run`: the run.
    - `images`: the keys of its before-images.
    - `alive`: whether its process is alive; None if nothing shows it.
    - `announced`: whether the chain or an announcement names it, so that a later run closes it.
    """

    run: OpenRun
    images: tuple[str, ...]
    alive: bool | None
    announced: bool = True

    @property
    def state(self) -> str:
        """Return whether it still runs, as the part of a sentence."""
        if self.alive is None:
            return "still runs, or was cut off"
        return "still runs" if self.alive else "was cut off"

    def document(self) -> dict[str, Any]:
        """Return the run as JSON values; `running` is null if nothing shows it."""
        return {
            "run": self.run.run_id,
            "place": self.run.place,
            "started": self.run.started,
            "changes": self.run.changes or None,
            "running": self.alive,
        }


def unrecorded_runs(store: Store, keys: Iterable[str]) -> tuple[Unrecorded, ...]:
    """Return the runs without a record, sorted by place; `keys` are those of all evidence files.

    Raises:
        Unavailable: the chain cannot be read.

    """
    images, recorded = _by_place(keys)
    chained = open_runs(store, newest_head(store))
    begun = {run.place: run for run in begun_runs(store, chained).runs}
    opened = {run.place: run for run in chained}
    places = {*opened, *(images.keys() - recorded)}
    named = begun | opened
    return tuple(
        _unrecorded(place, named.get(place), images.get(place, [])) for place in sorted(places)
    )


def unrecorded_changes(store: Store, keys: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield each change of the runs without a record, like an audit record of it.

    Its outcome is UNKNOWN, unless the run stored the outcome before it was cut off. Files that
    cannot be read are left out.
    """
    keys = tuple(keys)
    with suppress(SyncError):
        for unrecorded in unrecorded_runs(store, keys):
            recorded = _recorded_images(store, unrecorded.run.place, keys)
            for key in unrecorded.images:
                applied = file_key(unrecorded.run.place, "applied", number_in(key))
                if recorded.isdisjoint((key, applied)):
                    with suppress(Unavailable, RecursionError):
                        yield from _changes(store, unrecorded.run, key)


def _recorded_images(store: Store, place: str, keys: Iterable[str]) -> set[str]:
    """Return the images that the records of a place name; only their link may be missing."""
    named: set[str] = set()
    for key in keys:
        match = _FILE.match(key)
        if match and match.groups() == (place, "audit"):
            named |= named_images(whole_lines(store.pieces(key)))
    return named


def _by_place(keys: Iterable[str]) -> tuple[dict[str, list[str]], set[str]]:
    """Return the images of each place, and the places with a record."""
    images: dict[str, list[str]] = {}
    recorded: set[str] = set()
    for match in filter(None, map(_FILE.match, keys)):
        if match[2] == "audit":
            recorded.add(match[1])
        else:
            images.setdefault(match[1], []).append(match[0])
    return images, recorded


def _unrecorded(place: str, announced: OpenRun | None, keys: Iterable[str]) -> Unrecorded:
    run = announced or OpenRun(place)
    first = min((number_in(image.key) for image in run.images), default=1)
    own = sorted((number_in(key), key) for key in keys if number_in(key) >= first)
    images = tuple(key for _, key in own)
    return Unrecorded(run, images, is_alive(run), announced is not None)


def _changes(store: Store, run: OpenRun, key: str) -> Iterator[dict[str, Any]]:
    results = _results(store, file_key(run.place, "applied", number_in(key)))
    for name, _, planned in read_lines(store, key, {}):
        result, actual = results.get(name, (UNKNOWN, None))
        change = actual or planned
        if change is not None:
            yield _record(run, with_fields(change), result)


def _results(store: Store, key: str) -> dict[ChangeKey, tuple[str, Change | None]]:
    files: dict[str, File] = {}
    if not any(stored.size for stored in store.find(key)):
        return {}
    return {name: (result, change) for name, result, change in read_lines(store, key, files)}


def _record(run: OpenRun, change: Change, result: str) -> dict[str, Any]:
    outcome = Outcome(change, OutcomeStatus.UNTRIED)
    value = Result(RunAction.SYNC, plan=Plan(), outcomes=(outcome,), context=run.context)
    return next(records.records(value)) | {"outcome": result}
