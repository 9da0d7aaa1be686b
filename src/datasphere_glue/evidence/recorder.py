"""Records the evidence of one run: permanent files that the hash chain names.

    runs/<run id>/before.jsonl      before the first write, for a rollback (`before_images`)
    runs/<run id>/applied.jsonl     the result of each change
    runs/<run id>/audit.jsonl       records of the run, its changes and its refusals (`records`)

Each file is created, never overwritten, and then named by a link of the chain of all runs. A run
that cannot append a link goes on and reports that; its files are stored, and `audit verify` lists
them as unchained. From its first image to its record, the run is open in the chain (`open_runs`).
Until its first link, an announcement names it (`begun`).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from datasphere_glue.errors import SyncError
from datasphere_glue.evidence import before_images, records
from datasphere_glue.evidence.begun import announce, withdraw
from datasphere_glue.evidence.chain import File, Head, append_link
from datasphere_glue.evidence.open_runs import OpenRun
from datasphere_glue.model.issues import Issue
from datasphere_glue.outcome.run import Result, as_issue
from datasphere_glue.plan.change import Change, ChangeKey, Plan
from datasphere_glue.storage.store import Store


class EvidenceRecorder:
    """Stores the evidence of one run; holds its images, its newest link and its unchained files."""

    def __init__(self) -> None:
        self._own: OpenRun | None = None
        self._head: Head | None = None
        self._links: frozenset[int] = frozenset()
        self._waiting: tuple[File, ...] = ()
        self._before: tuple[before_images.Images, ...] = ()
        self._started: dict[ChangeKey, Change] = {}
        self._announced = False

    def begin(self, own: OpenRun, head: Head | None) -> None:
        """Set how open runs list this run, and a recent link of the chain."""
        self._own, self._head = own, head

    @property
    def links(self) -> frozenset[int]:
        """Return the numbers of the links of this run."""
        return self._links

    @property
    def started(self) -> Mapping[ChangeKey, Change]:
        """Return each change that may have been written, as it was planned last."""
        return self._started

    def expect(self, plan: Plan) -> None:
        """Note the changes that are about to be applied; without a store, nothing else is kept."""
        self._started |= {change.key: change for change in plan.changes}

    def before(self, store: Store, place: str, plan: Plan) -> None:
        """Store the image of every change that is about to be applied, and chain it if possible.

        Raises:
            ReportUnwritable: the images cannot be stored; nothing must be written to the catalog.

        """
        images = before_images.write_before(store, place, plan, self._announcer(store, place))
        self.expect(plan)
        self._before += (images,)
        # Unchained images still allow a rollback; `after` tries again and reports the failure.
        self._chain(store, place, images.file)

    def after(self, store: Store, place: str, result: Result) -> tuple[str | None, Issue | None]:
        """Store outcomes and records of a run; return the hash of its last link, or an issue.

        Raises:
            ReportUnwritable: outcomes or records cannot be stored.

        """
        images = self._before
        files: tuple[File, ...] = ()
        if outcomes := result.unrecorded:
            applied = before_images.write_applied(store, place, result.plan, outcomes, self._before)
            images, files = (*images, applied), (applied.file,)
        lines = records.file_lines(result, before_images.image_places(images))
        files += (before_images.write_new_file(store, place, "audit", lines),)
        unchained = self._chain(store, place, *files)
        self._withdraw(store, place)  # the run has its record, and reports what it could not chain
        return (None if unchained or self._head is None else self._head.hash), unchained

    def _chain(self, store: Store, place: str, *files: File) -> Issue | None:
        self._waiting += files
        own = self._owner(place)
        try:
            self._head = append_link(store, place, self._waiting, self._head, own=own).head
        except SyncError as err:
            return as_issue(err)
        self._links |= {self._head.number}
        self._waiting = ()
        self._withdraw(store, place)
        return None

    def _withdraw(self, store: Store, place: str) -> None:
        own = self._owner(place)
        if own and self._announced:
            withdraw(store, own)
            self._announced = False

    def _owner(self, place: str) -> OpenRun | None:
        return replace(self._own, place=place) if self._own else None

    def _announcer(self, store: Store, place: str) -> Callable[[int], None] | None:
        """Return what announces the first images; None once the run is announced or chained."""
        own = self._owner(place)
        if own is None or self._announced or self._links:
            return None

        def announcer(number: int) -> None:
            self._announced = announce(store, own, number)

        return announcer
