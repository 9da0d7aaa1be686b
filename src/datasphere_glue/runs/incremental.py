"""Runs that read what changed, and again what was not read for long."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from datasphere_glue.config.sections import Limits
from datasphere_glue.errors import ReportUnwritable, Unavailable
from datasphere_glue.events.request import RunAction
from datasphere_glue.outcome.run import Facts, Run, Status
from datasphere_glue.runs.ports import Job, Source, Target
from datasphere_glue.runs.sync import sync
from datasphere_glue.storage import read_cursor
from datasphere_glue.storage.read_cursor import ReadCursor
from datasphere_glue.storage.store import Store

_ENDED = frozenset({Status.SUCCESS, Status.NO_CHANGES, Status.DEGRADED})


def sync_incrementally(  # noqa: PLR0913 - a run, and where and how its pace is kept
    source: Source,
    target: Target,
    job: Job,
    *,
    store: Store | None,
    limits: Limits,
    facts: Facts,
) -> tuple[Run, Facts]:
    """Carry out a run and keep what it covered, once it covered everything.

    Without a place to keep that, assets are read again that no date tells about, and no others.
    """
    if store is None:
        return sync(source, target, job), facts
    asked = read_cursor_of(store, limits, facts)
    run = sync(source, target, replace(job, due=asked.due))
    return run, covered_by(run, job, asked, store, facts)


def covered_by(run: Run, job: Job, asked: ReadCursor, store: Store, facts: Facts) -> Facts:
    """Return the facts of a run; what it covered is kept, or how far its time sufficed."""
    narrow = job.scope.spaces or job.scope.assets
    cut = run.status is Status.PENDING and run.left > 0
    if job.action != RunAction.SYNC or narrow or (run.status not in _ENDED and not cut):
        return facts
    covered = asked.cut(run.listings) if cut else asked.after(run.listings)
    # Who cannot keep a report is told so when the report is kept.
    with suppress(ReportUnwritable):
        read_cursor.keep(store, facts.tenant, covered)
    oldest = covered.oldest(run.listings)
    return replace(facts, oldest=oldest.isoformat() if oldest else None)


def read_cursor_of(store: Store, limits: Limits, facts: Facts) -> ReadCursor:
    """Return what a run is to read again although nothing tells that it changed."""
    now = datetime.fromisoformat(facts.started) if facts.started else datetime.now(UTC)
    asked = ReadCursor(now, timedelta(limits.reread_days), limits.reread_assets)
    with suppress(Unavailable):
        return read_cursor.recorded(store, facts.tenant, asked)
    return asked
