"""The steps of a run that a state machine divides among workers: `split`, `work`, `finish`."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import assert_never

from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import SettingsError
from datasphere_glue.events.request import Request, RunStep, Trigger
from datasphere_glue.model.scope import Part
from datasphere_glue.outcome.asset_index import AssetIndexBuilder, packed_spaces_of
from datasphere_glue.outcome.context import Costs, RunContext
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.guard import read_objections
from datasphere_glue.runs.connections import Clients
from datasphere_glue.runs.fanout import divide, merge_workers
from datasphere_glue.runs.fanout.merge_resumed import join_matches
from datasphere_glue.runs.fanout.records import (
    Manifest,
    keep_manifest,
    keep_part,
    manifest_of,
    parts_of,
    place_of,
)
from datasphere_glue.runs.incremental import advance_cursor, cursor_of, job_at
from datasphere_glue.runs.narrow import StoredRemovals
from datasphere_glue.runs.ports import Job
from datasphere_glue.runs.sync import sync
from datasphere_glue.storage.read_cursor import Counts, ReadCursor
from datasphere_glue.storage.store import Store

_NONE = Manifest("", "", None, (), full=False, parts=(), databases=())


@dataclass(frozen=True, slots=True)
class StepPorts:
    """What a step reads and writes.

    `store`: where the steps of a run exchange their results.
    `assets`: the evaluated assets of this step.
    """

    clients: Clients
    store: Store
    assets: AssetIndexBuilder


@dataclass(frozen=True, slots=True)
class PreparedStep:
    """A step with everything that the earlier steps decided for it.

    `earlier`: time from the start of the run to its last step; none for the other steps.
    """

    request: Request
    settings: Settings
    context: RunContext
    manifest: Manifest = field(default=_NONE)
    earlier: Costs = field(default_factory=Costs)


def step_context(request: Request, context: RunContext) -> RunContext:
    """Return the context of a step, with the folder of its records."""
    if request.step is None:
        return context
    return replace(context, step=str(request.step), place=_place(request, request.step, context))


def _place(request: Request, step: RunStep, context: RunContext) -> str | None:
    match step:
        case RunStep.SPLIT:
            return f"{context.run_id}/split"
        case RunStep.WORK:
            return place_of(context.run_id, _part(request)) if request.spaces else None
        case RunStep.FINISH:
            return None
        case _:
            assert_never(step)


def prepare(
    request: Request, settings: Settings, context: RunContext, store: Store | None
) -> PreparedStep:
    """Return a step with its request, settings and context.

    Every step of a run has the start, the trigger and the cause of the step `split`.

    Raises:
        SettingsError: there is no store in which the steps of a run exchange their results.
        EventError: the run was not split.
        Unavailable: the manifest of the run cannot be read.

    """
    if store is None:
        raise SettingsError(
            "REPORT_URI: is required for a run in steps, which exchange their results there"
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
        _time_since(manifest.started) if request.step is RunStep.FINISH else Costs(),
    )


def _time_since(started: str) -> Costs:
    elapsed = datetime.now(UTC) - datetime.fromisoformat(started)
    return Costs(round(elapsed.total_seconds() * 1000))


def take(step: PreparedStep, ports: StepPorts, job: Job) -> Result:
    """Carry out a step and return its result; that of `finish` is the result of the whole run.

    Raises:
        ReportUnwritable: the records for the next step cannot be stored.
        Unavailable: the records of the earlier steps cannot be read.

    """
    match step.request.step:
        case RunStep.SPLIT:
            return _split(step.request, ports, job)
        case RunStep.WORK:
            return _work(step, ports, job)
        case RunStep.FINISH:
            return _finish(step.manifest, ports, job)
        case None:
            raise ValueError("a request without a step is no step")
        case _:
            assert_never(step.request.step)


def _split(request: Request, ports: StepPorts, job: Job) -> Result:
    clients = ports.clients
    size = request.slice_size or divide.SLICE
    listings, databases, parts = divide.split(clients.source, clients.target, job, size)
    costs = clients.costs()
    manifest = Manifest(
        started=job.context.started or datetime.now(UTC).isoformat(),
        trigger=str(request.trigger),
        cause=request.cause,
        spaces=tuple(sorted(request.spaces)),
        full=request.full,
        parts=parts,
        databases=tuple(sorted((space, str(name)) for space, name in databases.items())),
        undated=sum(one.undated for one in listings),
        dated=sum(len(one.listed) - one.undated for one in listings),
        calls=tuple(sorted(costs.calls.items())),
        health=costs.call_stats,
    )
    keep_manifest(ports.store, job.context.run_id, manifest)
    share = divide.share(parts, request.workers)
    return Result(
        job.action, listings, databases, context=job.context, parts=parts, worker_share=share
    )


def _work(step: PreparedStep, ports: StepPorts, job: Job) -> Result:
    clients, part, manifest = ports.clients, _part(step.request), step.manifest
    place = job.context.place or place_of(job.context.run_id, part)
    job = job_at(job, _cursor_of(manifest, ports.store, job))
    job = divide.worker_job(job, part, dict(manifest.databases))
    result = sync(clients.source, clients.target, job)
    keep_part(ports.store, place, result, clients.costs(), ports.assets.packed_spaces)
    return result


def _finish(manifest: Manifest, ports: StepPorts, job: Job) -> Result:
    parts = tuple(parts_of(ports.store, job.context.run_id, manifest))
    listings = (listing for part in parts if part.result for listing in part.result.listings)
    objections = (*merge_workers.objections(parts), *read_objections(listings, job.limits))
    databases = dict(manifest.databases)
    source = divide.LeftoverSource(
        ports.clients.source, merge_workers.leftover_assets(parts), merge_workers.missing(parts)
    )
    target = divide.CatalogBeforeRun(ports.clients.target, merge_workers.added_tables(parts))
    matches = join_matches(part.result for part in parts)
    last = divide.last_job(job, databases, matches, allowed=not objections)
    cursor = _cursor_of(manifest, ports.store, job)
    ledger = StoredRemovals(ports.store, job.context.tenants, cursor)
    last = replace(last, ledger=ledger)
    own = sync(source, target, last)
    result = merge_workers.merge_workers(own, parts, databases, objections)
    earlier = (
        packed
        for part in parts
        for key in part.asset_index_keys
        for packed in packed_spaces_of(ports.store, key)
    )
    ports.assets.prepend(earlier)
    split = Costs(0, dict(manifest.calls), manifest.health)
    result = replace(result, costs=sum((part.costs for part in parts), start=split))
    return advance_cursor(result.with_unusable(*cursor.unusable), job, cursor, ports.store)


def _cursor_of(manifest: Manifest, store: Store, job: Job) -> ReadCursor:
    """Return the position of reading: all parts of the run share its limits."""
    counts = Counts(manifest.dated, manifest.undated)
    return replace(cursor_of(store, job), counts=counts)


def _part(request: Request) -> Part:
    return Part(tuple(sorted(request.spaces)), request.slice)
