"""The steps of a run that a state machine divides among workers: split, work, finish."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from datasphere_glue.config.sections import Limits
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import SettingsError
from datasphere_glue.events.request import Request, RunStep, Trigger
from datasphere_glue.model.scope import Part
from datasphere_glue.outcome.asset_index import AssetIndexBuilder, packed_spaces_of
from datasphere_glue.outcome.context import Costs, RunContext
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.guard import read_objections
from datasphere_glue.runs.fanout import divide, merge_workers
from datasphere_glue.runs.fanout.records import (
    Manifest,
    keep_manifest,
    keep_part,
    manifest_of,
    parts_of,
    place_of,
)
from datasphere_glue.runs.incremental import covered_by, read_cursor_of
from datasphere_glue.runs.ports import Job, Source, Target
from datasphere_glue.runs.sync import sync
from datasphere_glue.storage.store import Store

_NONE = Manifest("", "", None, (), full=False, parts=(), databases=())


@dataclass(frozen=True, slots=True)
class Sides:
    """What a step reads and writes, and where the steps of a run meet.

    `costs` returns what its requests cost so far, `collector` holds what it has read.
    """

    source: Source
    target: Target
    store: Store
    costs: Callable[[], Costs]
    collector: AssetIndexBuilder


@dataclass(frozen=True, slots=True)
class PreparedStep:
    """A step with everything that the earlier steps decided for it."""

    request: Request
    settings: Settings
    context: RunContext
    manifest: Manifest = field(default=_NONE)


def step_context(request: Request, context: RunContext) -> RunContext:
    """Return the context of a step, with the place in which it is recorded."""
    if request.step is None:
        return context
    place = {
        RunStep.SPLIT: f"{context.run_id}/split",
        RunStep.WORK: place_of(context.run_id, _part(request)) if request.spaces else None,
        RunStep.FINISH: None,
    }[request.step]
    return replace(context, step=str(request.step), place=place)


def prepare(
    request: Request, settings: Settings, context: RunContext, store: Store | None
) -> PreparedStep:
    """Return what a step is asked to do, with the settings and the context that hold for it.

    Every step of a run has the start, the trigger and the cause of its first one.

    Raises:
        SettingsError: there is no place where the steps of a run can meet.
        EventError: the run was not split.
        Unavailable: how it was split cannot be read.

    """
    if store is None:
        raise SettingsError(
            "REPORT_URI: is required for a run in steps, which hand on there what they came to"
        )
    if request.step is RunStep.SPLIT:
        return PreparedStep(request, settings, context)
    manifest = manifest_of(store, context.run_id)
    budget = max(1, int(settings.requests_per_minute * request.share))
    return PreparedStep(
        replace(
            request,
            trigger=Trigger(manifest.trigger),
            cause=manifest.cause,
            full=manifest.full,
            spaces=request.spaces or frozenset(manifest.spaces),
        ),
        settings.model_copy(update={"requests_per_minute": budget}),
        replace(
            context,
            started=manifest.started,
            trigger=manifest.trigger,
            cause=manifest.cause,
            narrow=bool(manifest.spaces),
        ),
        manifest,
    )


def earlier_time(step: PreparedStep, now: datetime) -> Costs:
    """Return the time from the start of a run to its last step; none for the other steps."""
    if step.request.step is not RunStep.FINISH:
        return Costs()
    begun = now - datetime.fromisoformat(step.manifest.started)
    return Costs(round(begun.total_seconds() * 1000))


def take(step: PreparedStep, sides: Sides, job: Job, limits: Limits) -> Result:
    """Take a step and return its result; that of the last step is the result of the whole run.

    Raises:
        ReportUnwritable: what the next step needs to know cannot be kept.
        Unavailable: what the steps before have kept cannot be read.

    """
    if step.request.step is RunStep.SPLIT:
        return _split(step.request, sides, job)
    if step.request.step is RunStep.WORK:
        return _work(step, sides, job, limits)
    return _finish(step.manifest, sides, job, limits)


def _split(request: Request, sides: Sides, job: Job) -> Result:
    size = request.slice_size or divide.SLICE
    listings, databases, parts = divide.split(sides.source, sides.target, job, size)
    costs = sides.costs()
    manifest = Manifest(
        started=job.context.started or datetime.now(UTC).isoformat(),
        trigger=str(request.trigger),
        cause=request.cause,
        spaces=tuple(sorted(request.spaces)),
        full=request.full,
        parts=parts,
        databases=tuple(sorted((space, str(name)) for space, name in databases.items())),
        undated=sum(one.undated for one in listings),
        calls=tuple(sorted(costs.calls.items())),
        health=costs.call_stats,
    )
    keep_manifest(sides.store, job.context.run_id, manifest)
    share = divide.share(parts, request.workers)
    return Result(
        job.action, listings, databases, context=job.context, parts=parts, worker_share=share
    )


def _work(step: PreparedStep, sides: Sides, job: Job, limits: Limits) -> Result:
    part, manifest = _part(step.request), step.manifest
    place = job.context.place or place_of(job.context.run_id, part)
    job = replace(job, due=read_cursor_of(sides.store, limits, job.context).due)
    mine = divide.worker_job(job, part, dict(manifest.databases), manifest.undated)
    result = sync(sides.source, sides.target, mine)
    keep_part(sides.store, place, result, sides.costs(), sides.collector.folios)
    return result


def _finish(manifest: Manifest, sides: Sides, job: Job, limits: Limits) -> Result:
    parts = tuple(parts_of(sides.store, job.context.run_id, manifest))
    read = (listing for part in parts if part.result for listing in part.result.listings)
    against = (*merge_workers.objections(parts), *read_objections(read, job.limits))
    databases = dict(manifest.databases)
    source = divide.LeftoverSource(
        sides.source, merge_workers.left(parts), merge_workers.missing(parts)
    )
    target = divide.CatalogBeforeRun(sides.target, merge_workers.new_to_us(parts))
    own = sync(source, target, divide.last_job(job, databases, allowed=not against))
    result = merge_workers.merge_workers(own, parts, databases, against)
    earlier = (
        folio for p in parts for key in p.atlases for folio in packed_spaces_of(sides.store, key)
    )
    sides.collector.begin_with(earlier)
    split = Costs(0, dict(manifest.calls), manifest.health)
    result = replace(result, costs=sum((part.costs for part in parts), start=split))
    return covered_by(result, job, read_cursor_of(sides.store, limits, job.context), sides.store)


def _part(request: Request) -> Part:
    return Part(tuple(sorted(request.spaces)), request.slice)
