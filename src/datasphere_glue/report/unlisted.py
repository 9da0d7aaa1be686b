"""Runs that the audit chain holds and the list of runs does not: they ended before their report."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from datasphere_glue.errors import Unavailable
from datasphere_glue.evidence.audit_files import AUDIT
from datasphere_glue.evidence.chain import Head, Link, key_of
from datasphere_glue.evidence.process import is_alive
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.report.html import ListedRun
from datasphere_glue.storage.store import Store, whole_lines

_MOST: Final = 10
"""Most links that are read; in most runs it is none."""


@dataclass(frozen=True, slots=True)
class UnlistedRun:
    """A run with a record that is not listed; `ended` if its process can store no report."""

    run: ListedRun
    ended: bool

    @property
    def issue(self) -> Issue | None:
        """Return the issue of a run that was cut off before its report, None for others."""
        run = self.run
        if run.paged or not self.ended:
            return None
        message = f"run {run.run_id} {without_report(run)}"
        undo = f"`datasphere-glue rollback {run.run_id}`"
        remedy = f"see its records: `{records_command(run)}`; undo what it wrote: {undo}"
        return Issue(IssueCode.RUN_CUT_OFF, message, remedy)


def without_report(run: ListedRun) -> str:
    """Return how a run with a record and no report ended, as the part of a sentence."""
    changes = f"{run.changes:,} change{'' if run.changes == 1 else 's'}"
    return f"ended as {run.status} with {changes}, and was cut off before its report was stored"


def records_command(run: ListedRun) -> str:
    """Return the command that prints the records of a run."""
    return f"datasphere-glue audit export --run {run.run_id}"


def unlisted_runs(
    store: Store, own: Collection[int], head: Head, listed: Collection[str]
) -> Iterator[UnlistedRun]:
    """Yield the runs of the newest links with records, up to the first one that is listed.

    - `own`: numbers of the links that the run that asks has made.
    - `head`: the newest link at the start of this run.
    """
    newest = max((head.number, *own))
    for number in range(newest, max(0, newest - _MOST), -1):
        if number in own:
            continue
        if number == head.number and head.run in listed:
            return
        try:
            link = Link.of(b"".join(store.pieces(key_of(number))))
        except Unavailable:
            return
        record = next((f.key for f in link.files if AUDIT.search(f.key)), None) if link else None
        if link is None or record is None or "/" in link.run:
            continue
        if link.run in listed:
            return
        if run := recorded_run(store, record):
            yield UnlistedRun(run, is_alive(link.by) is False)


def recorded_run(store: Store, key: str) -> ListedRun | None:
    """Return the run that an audit file describes; None if the file cannot be read."""
    page = f"{key.rpartition('/')[0]}/report.html"
    try:
        record = json.loads(next(whole_lines(store.pieces(key)), b""))
        return ListedRun(
            str(record["run_id"]),
            str(record["started"]),
            str(record["action"]),
            str(record["status"]),
            int(record["changes"]),
            0,
            paged=bool(store.find(page)),
        )
    except (Unavailable, ValueError, KeyError, TypeError, RecursionError):
        return None
