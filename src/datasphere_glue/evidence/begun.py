"""Runs that are about to store their first before-images, until the chain names these.

    begun/1a7.json    the run, and the number of its first images; empty once the chain names them

A run that is killed between its images and their link, or that cannot append a link, is found by
its announcement. Announcements have a bounded number of keys, which later runs use again, so one
request lists them all. An announcement is a search aid only: nothing fails without it.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from datasphere_glue.errors import ReportUnwritable, Unavailable
from datasphere_glue.evidence.before_images import file_key, number_in
from datasphere_glue.evidence.chain import LineDigest
from datasphere_glue.evidence.open_runs import ImageFile, OpenRun, open_runs_of
from datasphere_glue.model.issues import Issue
from datasphere_glue.storage.state import read_state
from datasphere_glue.storage.store import Store, StoredKey, json_body, whole_lines

FOLDER: Final = "begun/"
_KEYS: Final = 512
"""Most announcements; S3 lists up to 1,000 keys with one request."""

_PLACE: Final = re.compile(r"[A-Za-z0-9][^/]*(/[A-Za-z0-9_][^/]*)*")
_MOST_BYTES: Final = 100_000


def announce(store: Store, run: OpenRun, number: int) -> bool:
    """Store that a run is about to store images with this number; return whether that succeeded."""
    with suppress(ReportUnwritable):
        store.put(_key(run), json_body({"first": number, "run": run.value()}))
        return True
    return False


def withdraw(store: Store, run: OpenRun) -> None:
    """Empty the announcement of a run: the chain names its images, or there are none."""
    with suppress(ReportUnwritable):
        store.put(_key(run), b"")


@dataclass(frozen=True, slots=True)
class Begun:
    """The announced runs that the chain does not list as open, with their images.

    A run without images was killed before it stored any.

    - `unusable`: the key of each announcement that cannot be used, with the reason.
    """

    runs: tuple[OpenRun, ...] = ()
    unusable: tuple[tuple[str, Issue], ...] = ()


def begun_runs(store: Store, opened: tuple[OpenRun, ...]) -> Begun:
    """Return the announced runs; those whose files do not answer are left out."""
    found = Begun()
    announcements: tuple[StoredKey, ...] = ()
    with suppress(Unavailable):
        announcements = store.find(FOLDER)
    for key in (stored.key for stored in announcements if stored.size):
        announced = read_state(store, key, _parsed, _MOST_BYTES)
        if announced.value:
            with suppress(Unavailable):
                run = _with_images(store, *announced.value)
                if not any(one.same(run) for one in opened):
                    found = replace(found, runs=(*found.runs, run))
        elif announced.issue and announced.answered:
            found = replace(found, unusable=(*found.unusable, (key, announced.issue)))
    return found


def clear(store: Store, key: str) -> None:
    """Empty an announcement that cannot be used, so that it is named once."""
    with suppress(ReportUnwritable):
        store.put(key, b"")


def _with_images(store: Store, run: OpenRun, first: int) -> OpenRun:
    keys = (one.key for one in store.find(f"runs/{run.place}/before.") if one.size)
    numbers = sorted(number for number in map(number_in, keys) if number >= first)
    images = (_image(store, file_key(run.place, "before", number)) for number in numbers)
    return replace(run, images=tuple(images))


def _parsed(value: Any) -> tuple[OpenRun, int]:
    """Return the announced run and the number of its first images; raises ValueError."""
    runs, first = open_runs_of([value["run"]]), value["first"]
    if not runs or type(first) is not int or not _PLACE.fullmatch(runs[0].place):
        raise ValueError("it announces no run")
    return runs[0], first


def _image(store: Store, key: str) -> ImageFile:
    digest = LineDigest()
    for _ in digest.through(whole_lines(store.pieces(key))):
        pass
    file = digest.file(key)
    return ImageFile(key, file.sha256, file.lines)


def _key(run: OpenRun) -> str:
    number = int(sha256(f"{run.place} {run.process}".encode()).hexdigest(), 16) % _KEYS
    return f"{FOLDER}{number:03x}.json"
