"""Runs that read the assets that changed, and a share of the others in turn."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from datasphere_glue.errors import ReportUnwritable
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.plan.change import OutcomeStatus, TableChange
from datasphere_glue.plan.policy import UpgradePolicy
from datasphere_glue.plan.removals import after_changes
from datasphere_glue.runs.narrow import StoredRemovals
from datasphere_glue.runs.ports import Job, Source, Target
from datasphere_glue.runs.sync import sync
from datasphere_glue.runs.upgrade import Upgrade, by_day, everything, held_assets
from datasphere_glue.storage import read_cursor
from datasphere_glue.storage.read_cursor import ReadCursor
from datasphere_glue.storage.reader_progress import AssetName
from datasphere_glue.storage.store import Store

_ENDED = frozenset({Status.SUCCESS, Status.NO_CHANGES, Status.DEGRADED})
_UNWRITTEN = frozenset({OutcomeStatus.FAILED, OutcomeStatus.UNTRIED})


def sync_incrementally(source: Source, target: Target, job: Job, store: Store | None) -> Result:
    """Carry out a run and store how far it read.

    Without a store, only the assets without a date of change are read again, and those whose tables
    an earlier version of the reader filled, in turn.
    """
    if store is None:
        return sync(source, target, replace(job, upgrade=_upgrade_without_store(job)))
    cursor = cursor_of(store, job)
    ledger = StoredRemovals(store, job.context.tenants, cursor)
    result = sync(source, target, replace(job_at(job, cursor), ledger=ledger))
    return advance_cursor(result.with_unusable(*cursor.unusable), job, cursor, store)


def job_at(job: Job, cursor: ReadCursor) -> Job:
    """Return the job that goes on where earlier runs left off."""
    progress = cursor.reader
    upgrade = Upgrade(
        again=cursor.again,
        lacks=lambda space, asset: progress.lacks((space, asset)),
        held=lambda space, asset: (space, asset) in progress.held,
        holds=job.holds_new_facts,
    )
    return replace(job, due=cursor.due, upgrade=upgrade)


def _upgrade_without_store(job: Job) -> Upgrade:
    """Return how a run without state treats the tables of an earlier reader: some each day.

    A plan over what the configuration holds back reads all of them.
    """
    holds = job.holds_new_facts
    taken = job.meaning is UpgradePolicy.HOLD and not holds
    again = everything if taken else by_day(_started(job).date(), job.reread.days)
    return Upgrade(lambda _listings: again, everything, holds=holds)


def advance_cursor(result: Result, job: Job, cursor: ReadCursor, store: Store) -> Result:
    """Return the result with its oldest read; store how far a run over everything read."""
    cut_off = result.status is Status.PENDING and (result.left > 0 or _flows_left(result))
    covers_everything = job.action is RunAction.SYNC and not job.scope.narrow
    if not covers_everything or (result.status not in _ENDED and not cut_off):
        return result
    advanced = cursor.after_timeout(result.listings) if cut_off else _finished(cursor, result)
    # If the store cannot be written, the report of the run cannot either and names the cause.
    with suppress(ReportUnwritable):
        read_cursor.save(store, job.context.tenant, advanced)
    oldest = advanced.oldest(result.listings)
    return replace(result, oldest_read=oldest.isoformat() if oldest else None)


def _flows_left(result: Result) -> bool:
    """Return whether the time was over before the lists and documents of flows were read."""
    issues = (issue for listing in result.listings for issue in listing.degraded)
    return any(issue.code is IssueCode.OUT_OF_TIME for issue in issues)


def _finished(cursor: ReadCursor, result: Result) -> ReadCursor:
    """Return the cursor after a run over everything that finished."""
    done = [
        outcome.change
        for outcome in result.outcomes
        if outcome.result is OutcomeStatus.DONE and isinstance(outcome.change, TableChange)
    ]
    held = held_assets(result.plan.notes)
    return replace(
        cursor.after(result.listings, failed=_failed(result), held=held),
        holdings=after_changes(result.holdings, done),
        unevaluated=frozenset(one.space for one in result.listings if not one.complete),
    )


def _failed(result: Result) -> Iterator[AssetName]:
    """Yield the assets that were not read, and those whose tables were not written."""
    for listing in result.listings:
        unread = {issue.asset for issue in listing.unread if issue.asset} | listing.undefined
        yield from ((listing.space, name) for name in unread)
    for outcome in result.outcomes:
        change = outcome.change
        if isinstance(change, TableChange) and outcome.result in _UNWRITTEN:
            yield change.space, change.asset


def cursor_of(store: Store, job: Job) -> ReadCursor:
    """Return the stored position of incremental reading, a new one if it cannot be used."""
    within, takes_held = timedelta(job.reread.days), not job.holds_new_facts
    cursor = ReadCursor(_started(job), within, job.reread.assets, takes_held=takes_held)
    return read_cursor.load(store, job.context.tenants, cursor)


def _started(job: Job) -> datetime:
    started = job.context.started
    return datetime.fromisoformat(started) if started else datetime.now(UTC)
