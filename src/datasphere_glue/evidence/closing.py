"""Closes a run that was cut off: stores the files that it did not store, and chains them.

Another run may close the same run at the same moment. Each file has one key and is created once,
so the second run finds the file of the first and continues from it.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from datasphere_glue.errors import EvidenceAltered, Unavailable
from datasphere_glue.evidence import records
from datasphere_glue.evidence.audit_files import named_images
from datasphere_glue.evidence.before_images import (
    Images,
    file_key,
    image_places,
    number_in,
    outcome_lines,
    read_lines,
)
from datasphere_glue.evidence.chain import (
    File,
    Head,
    LineDigest,
    Link,
    append_closing_link,
    append_link,
)
from datasphere_glue.evidence.open_runs import OpenRun
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Change, ChangeKey, Outcome, OutcomeStatus
from datasphere_glue.plan.reached import with_fields
from datasphere_glue.storage.store import Store, whole_lines

_CAUSE_LOST: Final = Issue(
    IssueCode.RUN_CUT_OFF, "the write failed, and the run ended before it recorded the cause"
)


@dataclass(frozen=True, slots=True)
class Traces:
    """What a run that was cut off has left.

    - `run`: the run.
    - `changes`: its planned changes, the last image of each.
    - `before`: its before-images.
    - `applied`: its file of outcomes, with the outcomes; None if it stored none.
    - `gone`: number of changes in chained images that are not in the store any more.
    """

    run: OpenRun
    changes: tuple[Change, ...]
    before: tuple[Images, ...]
    applied: tuple[Images, tuple[Outcome, ...]] | None = None
    gone: int = 0

    @property
    def last(self) -> int:
        """Return the number of the last before-images."""
        keys = (*(one.key for one in self.run.images), *(one.file.key for one in self.before))
        return max(map(number_in, keys))


def traces_of(store: Store, run: OpenRun) -> Traces:
    """Return what an open run has left; the retention time may have removed some of it.

    Raises:
        EvidenceAltered: its images are not those that the chain holds.
        Unavailable: its files cannot be read.

    """
    first = min(number_in(image.key) for image in run.images)
    sizes = {stored.key: stored.size for stored in store.find(f"runs/{run.place}/before.")}
    full = (number_in(key) for key, size in sizes.items() if size)
    numbers = sorted(number for number in full if number >= first)
    changes: dict[ChangeKey, Change] = {}
    before = tuple(
        _images(store, file_key(run.place, "before", number), changes) for number in numbers
    )
    hashes = {images.file.key: images.file.sha256 for images in before}
    for image in run.images:
        if image.key in sizes and hashes.get(image.key) != image.sha256:
            place = store.location(image.key)
            raise EvidenceAltered(f"{place} is not what it was when it was chained")
    gone = sum(image.changes for image in run.images if image.key not in sizes)
    traces = Traces(run, tuple(changes.values()), before, gone=gone)
    return replace(traces, applied=_applied(store, traces))


def keep_applied(
    store: Store, traces: Traces, outcomes: tuple[Outcome, ...]
) -> tuple[Images | None, tuple[Outcome, ...]]:
    """Store the outcomes of a run unless a file of them exists; return that file and its outcomes.

    Raises:
        ReportUnwritable: the outcomes cannot be stored.

    """
    if traces.applied is None and not traces.before:
        return None, outcomes
    if traces.applied is None:
        key, digest = file_key(traces.run.place, "applied", traces.last), LineDigest()
        lines = outcome_lines((outcome, False) for outcome in outcomes)
        if store.create(key, digest.through(lines)):
            return Images(digest.file(key), {}), outcomes
    return traces.applied or _applied(store, traces) or (None, outcomes)


def close_run(  # noqa: PLR0913 - the flag is passed by name
    store: Store,
    traces: Traces,
    applied: Images | None,
    result: Result,
    head: Head | None,
    *,
    chained: bool = True,
) -> Link | None:
    """Store the records of a run unless they exist, and chain all files of it.

    Return the link; None if another run has closed the run already. Without `chained`, the chain
    names no images of the run yet.

    Raises:
        ReportUnwritable: a file or the link cannot be stored.

    """
    images = (*traces.before, *((applied,) if applied else ()))
    lines = records.file_lines(result, image_places(images))
    audit = _keep_records(store, traces.run.place, lines, {one.file.key for one in images})
    if not chained:
        files = (*(one.file for one in images), audit)
        return append_link(store, traces.run.place, files, head, own=traces.run)
    named = {image.key for image in traces.run.images}
    files = (*(one.file for one in images if one.file.key not in named), audit)
    return append_closing_link(store, traces.run, files, head)


def _images(store: Store, key: str, changes: dict[ChangeKey, Change]) -> Images:
    """Return the images of a file, and add its changes."""
    files: dict[str, File] = {}
    lines: dict[ChangeKey, int] = {}
    for number, (name, _, change) in enumerate(read_lines(store, key, files), start=1):
        if change is not None:
            lines[name] = number
            changes[name] = with_fields(change)
    return Images(files[key], lines)


def _applied(store: Store, traces: Traces) -> tuple[Images, tuple[Outcome, ...]] | None:
    """Return the stored outcomes of a run; None without a readable file."""
    key = file_key(traces.run.place, "applied", traces.last)
    planned = {change.key: change for change in traces.changes}
    files: dict[str, File] = {}
    lines: dict[ChangeKey, int] = {}
    outcomes: dict[ChangeKey, Outcome] = {}
    if not any(stored.size for stored in store.find(key)):
        return None
    with suppress(Unavailable, ValueError):
        for number, (name, result, change) in enumerate(read_lines(store, key, files), start=1):
            lines |= {name: number} if change else {}
            if actual := with_fields(change) if change else planned.get(name):
                outcomes[name] = _outcome(actual, OutcomeStatus(result))
        return Images(files[key], lines), tuple(outcomes.values())
    return None


def _outcome(change: Change, result: OutcomeStatus) -> Outcome:
    error = _CAUSE_LOST if result is OutcomeStatus.FAILED else None
    return Outcome(change, result, error=error)


def _keep_records(
    store: Store, place: str, lines: Callable[[], Iterator[bytes]], images: set[str]
) -> File:
    """Store the records of a run under the first free key, unless a file before it holds them."""
    for number in count(1):
        key, digest = file_key(place, "audit", number), LineDigest()
        if store.create(key, digest.through(lines())):
            return digest.file(key)
        with suppress(Unavailable):
            existing = LineDigest()
            named = named_images(existing.through(whole_lines(store.pieces(key))))
            if named & images:
                return existing.file(key)
    raise AssertionError("the numbers do not end")
