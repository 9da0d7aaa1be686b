"""Runs that have stored before-images and no record yet: they still run, or they were cut off.

Each link of the chain lists the open runs after it. The newest link therefore names every run that
was cut off, however long ago that was, and one request finds them all.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from datasphere_glue.outcome.context import RunContext

_IMAGES: Final = re.compile(r"^runs/(.+)/before(\.\d+)?\.jsonl$")
_RECORDS: Final = re.compile(r"^runs/(.+)/audit(\.\d+)?\.jsonl$")


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A chained file of before-images: its key, its SHA-256, and its number of changes."""

    key: str
    sha256: str
    changes: int


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run, or a part of one, between its first before-image and its record.

    - `place`: its folder below `runs/`; the run id, or `RUN/parts/PART`.
    - `process`: identity of the process that carries it out; empty if unknown.
    - `images`: its chained before-images.
    - `started`, `until`: ISO 8601; after `until` the process cannot be alive, None if unknown.
    - `catalog`: identity of the catalog that it writes to; None if unknown.
    - the other fields are those of its context.
    """

    place: str
    process: str = ""
    images: tuple[ImageFile, ...] = ()
    started: str | None = None
    until: str | None = None
    catalog: str | None = None
    action: str = "sync"
    trigger: str = ""
    cause: str | None = None
    tenant: str = ""
    environment: str | None = None
    config_digest: str | None = None
    step: str | None = None
    rollback_of: str | None = None
    writer: str | None = None

    @property
    def run_id(self) -> str:
        """Return the id of the run."""
        return self.place.partition("/")[0]

    @property
    def context(self) -> RunContext:
        """Return the context of the run."""
        return RunContext(
            run_id=self.run_id,
            tenant=self.tenant,
            trigger=self.trigger,
            cause=self.cause,
            environment=self.environment,
            config_digest=self.config_digest,
            started=self.started,
            step=self.step,
            place=None if self.place == self.run_id else self.place,
            rollback_of=self.rollback_of,
            writer=self.writer,
        )

    @property
    def changes(self) -> int:
        """Return the number of changes in its images."""
        return sum(file.changes for file in self.images)

    @property
    def unknown(self) -> str:
        """Return that the outcome of its changes is unknown, as the part of a sentence."""
        count = self.changes
        changes = f" of {count:,} change{'' if count == 1 else 's'}" if count else ""
        return f"the outcome{changes} is unknown"

    def same(self, other: "OpenRun") -> bool:
        """Return whether both are the same attempt; an unknown process may be any."""
        known = self.process and other.process
        return self.place == other.place and (not known or self.process == other.process)

    def value(self) -> dict[str, Any]:
        """Return the open run as JSON values."""
        return asdict(self)


def is_record(key: str) -> bool:
    """Return whether a key is that of a file of records, which ends a run."""
    return _RECORDS.match(key) is not None


def open_after(
    before: tuple[OpenRun, ...], own: OpenRun, files: Iterable[tuple[str, str, int]]
) -> tuple[OpenRun, ...]:
    """Return the open runs after a link of a run that names these files (key, SHA-256, lines)."""
    files = tuple(files)
    others = tuple(run for run in before if not run.same(own))
    if any(is_record(key) for key, _, _ in files):
        return others
    images = tuple(ImageFile(*file) for file in files if _IMAGES.match(file[0]))
    if not images:
        return before
    earlier = next((run.images for run in before if run.same(own)), ())
    return (*others, replace(own, images=tuple(dict.fromkeys((*earlier, *images)))))


def open_runs_of(values: object) -> tuple[OpenRun, ...] | None:
    """Return the open runs in the JSON values of a link; None if it holds no valid list."""
    if not isinstance(values, list):
        return None
    try:
        return tuple(_open_run(value) for value in values)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None


def _open_run(value: Mapping[str, Any]) -> OpenRun:
    names = {field.name for field in fields(OpenRun)} & value.keys()
    run = OpenRun(**{name: value[name] for name in names} | {"images": _images(value["images"])})
    texts = (run.place, run.process, run.action, run.trigger, run.tenant)
    optional = (
        *(run.started, run.until, run.catalog, run.cause, run.environment, run.config_digest),
        *(run.step, run.rollback_of, run.writer),
    )
    if not run.place or not all(isinstance(text, str) for text in texts):
        raise TypeError("an open run has a place")
    if not all(isinstance(text, str | None) for text in optional):
        raise TypeError("the context of an open run is text")
    for moment in filter(None, (run.started, run.until)):
        datetime.fromisoformat(moment)
    return run


def _images(values: Iterable[Mapping[str, Any]]) -> tuple[ImageFile, ...]:
    images = tuple(ImageFile(one["key"], one["sha256"], one["changes"]) for one in values)
    for one in images:
        if type(one.changes) is not int or not isinstance(one.sha256, str):
            raise TypeError("an image has a hash and a number of changes")
        if not isinstance(one.key, str) or not _IMAGES.match(one.key):
            raise ValueError("an image has a key")
    return images
