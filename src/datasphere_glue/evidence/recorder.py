"""The ledger of one run: what it leaves as evidence, kept for good and chained.

    runs/<run id>/before.jsonl      before the first write, so that it can be undone (`images`)
    runs/<run id>/applied.jsonl     what became of each change
    runs/<run id>/audit.jsonl       the records of the run, its changes and its refusals (`audit`)

Each is created and never written over, and then named by a link of the chain of all runs. A run
that cannot chain goes on, and says so; what it left is there, and `audit verify` calls it
unchained.
"""

from datasphere_glue.errors import SyncError
from datasphere_glue.evidence import before_images, records
from datasphere_glue.evidence.chain import File, Head, linked
from datasphere_glue.model.issues import Issue
from datasphere_glue.outcome.run import Result, as_issue
from datasphere_glue.plan.change import Plan
from datasphere_glue.storage.store import Store


class EvidenceRecorder:
    """What one run has kept so far, and its newest link."""

    def __init__(self) -> None:
        self._head: Head | None = None
        self._waiting: tuple[File, ...] = ()
        self._before: tuple[before_images.Images, ...] = ()

    def before(self, store: Store, place: str, plan: Plan) -> None:
        """Keep the image of every change that is about to be applied, and chain it if possible.

        Raises:
            ReportUnwritable: the images cannot be kept; nothing must be written then.

        """
        kept = before_images.keep_before(store, place, plan)
        self._before += (kept,)
        # Unchained images still undo a run; they are tried again at its end, which tells.
        self._chained(store, place, kept.file)

    def after(self, store: Store, place: str, result: Result) -> tuple[str | None, Issue | None]:
        """Keep what the run came to; return the hash of its last link, or why there is none.

        Raises:
            ReportUnwritable: outcomes or records cannot be kept.

        """
        made = self._before
        kept: tuple[File, ...] = ()
        if outcomes := result.unrecorded:
            applied = before_images.keep_applied(store, place, result.plan, outcomes, self._before)
            made, kept = (*made, applied), (applied.file,)
        lines = records.file_lines(result, before_images.places(made))
        kept += (before_images.keep_anew(store, place, "audit", lines),)
        unchained = self._chained(store, place, *kept)
        return (None if unchained or self._head is None else self._head.hash), unchained

    def _chained(self, store: Store, place: str, *files: File) -> Issue | None:
        self._waiting += files
        try:
            self._head = linked(store, place, self._waiting, self._head).head
        except SyncError as err:
            return as_issue(err)
        self._waiting = ()
        return None
