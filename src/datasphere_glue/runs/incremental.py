"""Runs that read the assets that changed, and a share of the others in turn."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from datasphere_glue.errors import ReportUnwritable
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.plan.change import OutcomeStatus, TableChange
from datasphere_glue.plan.removals import after_changes
from datasphere_glue.runs.narrow import StoredRemovals
from datasphere_glue.runs.ports import Job, Source, Target
from datasphere_glue.runs.sync import sync
from datasphere_glue.storage import read_cursor
from datasphere_glue.storage.read_cursor import ReadCursor
from datasphere_glue.storage.store import Store

_ENDED = frozenset({Status.SUCCESS, Status.NO_CHANGES, Status.DEGRADED})


def sync_incrementally(source: Source, target: Target, job: Job, store: Store | None) -> Result:
    """Carry out a run and store how far it read.

    Without a store, only the assets without a date of change are read again.
    """
    if store is None:
        return sync(source, target, job)
    cursor = cursor_of(store, job)
    ledger = StoredRemovals(store, job.context.tenants, cursor)
    result = sync(source, target, replace(job, due=cursor.due, ledger=ledger))
    return advance_cursor(result.with_unusable(*cursor.unusable), job, cursor, store)


def advance_cursor(result: Result, job: Job, cursor: ReadCursor, store: Store) -> Result:
    """Return the result with its oldest read; store how far a run over everything read."""
    cut_off = result.status is Status.PENDING and result.left > 0
    covers_everything = job.action is RunAction.SYNC and not job.scope.narrow
    if not covers_everything or (result.status not in _ENDED and not cut_off):
        return result
    advanced = cursor.after_timeout(result.listings) if cut_off else _finished(cursor, result)
    # If the store cannot be written, the report of the run cannot either and names the cause.
    with suppress(ReportUnwritable):
        read_cursor.save(store, job.context.tenant, advanced)
    oldest = advanced.oldest(result.listings)
    return replace(result, oldest_read=oldest.isoformat() if oldest else None)


def _finished(cursor: ReadCursor, result: Result) -> ReadCursor:
    """Return the cursor after a run over everything that finished."""
    done = [
        outcome.change
        for outcome in result.outcomes
        if outcome.result is OutcomeStatus.DONE and isinstance(outcome.change, TableChange)
    ]
    return replace(
        cursor.after(result.listings),
        holdings=after_changes(result.holdings, done),
        unevaluated=frozenset(one.space for one in result.listings if not one.complete),
    )


def cursor_of(store: Store, job: Job) -> ReadCursor:
    """Return the stored position of incremental reading, a new one if it cannot be used."""
    started = job.context.started
    now = datetime.fromisoformat(started) if started else datetime.now(UTC)
    cursor = ReadCursor(now, timedelta(job.reread.days), job.reread.assets)
    return read_cursor.load(store, job.context.tenants, cursor)
