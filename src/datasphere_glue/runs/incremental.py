"""Runs that read what changed, and again what was not read for long."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from datasphere_glue.config.sections import Limits
from datasphere_glue.errors import ReportUnwritable, Unavailable
from datasphere_glue.events.request import RunAction
from datasphere_glue.outcome.context import RunContext
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.runs.ports import Job, Source, Target
from datasphere_glue.runs.sync import sync
from datasphere_glue.storage import read_cursor
from datasphere_glue.storage.read_cursor import ReadCursor
from datasphere_glue.storage.store import Store

_ENDED = frozenset({Status.SUCCESS, Status.NO_CHANGES, Status.DEGRADED})


def sync_incrementally(
    source: Source, target: Target, job: Job, *, store: Store | None, limits: Limits
) -> Result:
    """Carry out a run and keep what it covered, once it covered everything.

    Without a place to keep that, assets are read again that no date tells about, and no others.
    """
    if store is None:
        return sync(source, target, job)
    asked = read_cursor_of(store, limits, job.context)
    result = sync(source, target, replace(job, due=asked.due))
    return covered_by(result, job, asked, store)


def covered_by(result: Result, job: Job, asked: ReadCursor, store: Store) -> Result:
    """Return the result with its oldest read; keep what the run covered, or how far it got."""
    narrow = job.scope.spaces or job.scope.assets
    cut = result.status is Status.PENDING and result.left > 0
    if job.action != RunAction.SYNC or narrow or (result.status not in _ENDED and not cut):
        return result
    covered = asked.cut(result.listings) if cut else asked.after(result.listings)
    # Who cannot keep a report is told so when the report is kept.
    with suppress(ReportUnwritable):
        read_cursor.keep(store, job.context.tenant, covered)
    oldest = covered.oldest(result.listings)
    return replace(result, oldest_read=oldest.isoformat() if oldest else None)


def read_cursor_of(store: Store, limits: Limits, context: RunContext) -> ReadCursor:
    """Return what a run is to read again although nothing tells that it changed."""
    started = context.started
    now = datetime.fromisoformat(started) if started else datetime.now(UTC)
    asked = ReadCursor(now, timedelta(limits.reread_days), limits.reread_assets)
    with suppress(Unavailable):
        return read_cursor.recorded(store, context.tenant, asked)
    return asked
