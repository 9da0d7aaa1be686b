"""The steps of a run that a state machine divides among workers: split, work, finish."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from datasphere_glue.aws.s3 import store_of
from datasphere_glue.config.sections import Limits
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import SettingsError
from datasphere_glue.events.request import Request, RunStep, Trigger
from datasphere_glue.model.scope import Part
from datasphere_glue.outcome.asset_index import AssetIndexBuilder, packed_spaces_of
from datasphere_glue.outcome.call_stats import CallStats
from datasphere_glue.outcome.run import Facts, Run
from datasphere_glue.plan.guard import unreadable
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

    `calls` and `health` tell of its requests so far, `collector` holds what it has read.
    """

    source: Source
    target: Target
    store: Store
    calls: Callable[[], Mapping[str, int]]
    health: Callable[[], CallStats]
    collector: AssetIndexBuilder


@dataclass(frozen=True, slots=True)
class Prepared:
    """A step with everything that the steps before have decided for it."""

    request: Request
    settings: Settings
    facts: Facts
    manifest: Manifest = field(default=_NONE)


def named(request: Request, facts: Facts) -> Facts:
    """Return the facts of a step, with the place of its own in which it is recorded."""
    if request.step is None:
        return facts
    place = {
        RunStep.SPLIT: f"{facts.run_id}/split",
        RunStep.WORK: place_of(facts.run_id, _part(request)) if request.spaces else None,
        RunStep.FINISH: None,
    }[request.step]
    return replace(facts, step=str(request.step), place=place)


def prepared(request: Request, settings: Settings, facts: Facts) -> Prepared:
    """Return what a step is asked to do, with the settings and facts that hold for it.

    Every step of a run has the moment, the trigger and the cause of its first one.

    Raises:
        SettingsError: there is no place where the steps of a run can meet.
        EventError: the run was not split.
        Unavailable: how it was split cannot be read.

    """
    store = store_of(settings)
    if store is None:
        raise SettingsError(
            "REPORT_URI: is required for a run in steps, which hand on there what they came to"
        )
    if request.step is RunStep.SPLIT:
        return Prepared(request, settings, facts)
    manifest = manifest_of(store, facts.run_id)
    begun = datetime.now(UTC) - datetime.fromisoformat(manifest.started)
    last = request.step is RunStep.FINISH
    budget = max(1, int(settings.requests_per_minute * request.share))
    return Prepared(
        replace(
            request,
            trigger=Trigger(manifest.trigger),
            cause=manifest.cause,
            full=manifest.full,
            spaces=request.spaces or frozenset(manifest.spaces),
        ),
        settings.model_copy(update={"requests_per_minute": budget}),
        replace(
            facts,
            started=manifest.started,
            trigger=manifest.trigger,
            cause=manifest.cause,
            narrow=bool(manifest.spaces),
            earlier_ms=round(begun.total_seconds() * 1000) if last else 0,
        ),
        manifest,
    )


def taken(
    step: Prepared, sides: Sides, job: Job, limits: Limits, facts: Facts
) -> tuple[Run, Facts]:
    """Take a step and return its run; that of the last step is the whole run.

    Raises:
        ReportUnwritable: what the next step needs to know cannot be kept.
        Unavailable: what the steps before have kept cannot be read.

    """
    if step.request.step is RunStep.SPLIT:
        return _split(step.request, sides, job, facts)
    if step.request.step is RunStep.WORK:
        return _work(step, sides, job, limits, facts)
    return _finish(step.manifest, sides, job, limits, facts)


def _split(request: Request, sides: Sides, job: Job, facts: Facts) -> tuple[Run, Facts]:
    size = request.slice_size or divide.SLICE
    listings, databases, parts = divide.split(sides.source, sides.target, job, size)
    manifest = Manifest(
        started=facts.started or datetime.now(UTC).isoformat(),
        trigger=str(request.trigger),
        cause=request.cause,
        spaces=tuple(sorted(request.spaces)),
        full=request.full,
        parts=parts,
        databases=tuple(sorted((space, str(name)) for space, name in databases.items())),
        undated=sum(one.undated for one in listings),
        calls=tuple(sorted(sides.calls().items())),
        health=sides.health(),
    )
    keep_manifest(sides.store, facts.run_id, manifest)
    share = divide.share(parts, request.workers)
    run = Run(job.action, listings, databases, parts=parts)
    return run, replace(facts, share=share)


def _work(
    step: Prepared, sides: Sides, job: Job, limits: Limits, facts: Facts
) -> tuple[Run, Facts]:
    part, manifest = _part(step.request), step.manifest
    job = replace(job, due=read_cursor_of(sides.store, limits, facts).due)
    mine = divide.worker_job(job, part, dict(manifest.databases), manifest.undated)
    run = sync(sides.source, sides.target, mine)
    keep_part(
        sides.store,
        facts.place or place_of(facts.run_id, part),
        run,
        sides.calls(),
        health=sides.health(),
        folios=sides.collector.folios,
    )
    return run, facts


def _finish(
    manifest: Manifest, sides: Sides, job: Job, limits: Limits, facts: Facts
) -> tuple[Run, Facts]:
    parts = tuple(parts_of(sides.store, facts.run_id, manifest))
    read = (listing for part in parts if part.run for listing in part.run.listings)
    against = (*merge_workers.objections(parts), *unreadable(read, job.limits))
    databases = dict(manifest.databases)
    source = divide.LeftoverSource(
        sides.source, merge_workers.left(parts), merge_workers.missing(parts)
    )
    target = divide.CatalogBeforeRun(sides.target, merge_workers.new_to_us(parts))
    own = sync(source, target, divide.last_job(job, databases, allowed=not against))
    run = merge_workers.merge_workers(own, parts, databases, against)
    earlier = (
        folio for p in parts for key in p.atlases for folio in packed_spaces_of(sides.store, key)
    )
    sides.collector.begin_with(earlier)
    facts = replace(
        facts,
        earlier_calls=merge_workers.calls(parts, dict(manifest.calls)),
        health=sum((part.health for part in parts), start=manifest.health),
    )
    return run, covered_by(run, job, read_cursor_of(sides.store, limits, facts), sides.store, facts)


def _part(request: Request) -> Part:
    return Part(tuple(sorted(request.spaces)), request.slice)
