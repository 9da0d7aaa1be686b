"""One run from event to announced result, stage by stage."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from datasphere_glue import config
from datasphere_glue.config.settings import Settings, load
from datasphere_glue.errors import SyncError
from datasphere_glue.events.request import Request, RunAction
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.evidence.run_evidence import evidence_of
from datasphere_glue.model.scope import Scope
from datasphere_glue.outcome.asset_index import AssetIndexBuilder
from datasphere_glue.outcome.context import Costs, RunContext
from datasphere_glue.outcome.run import Result, as_issue
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.reverse import Origin
from datasphere_glue.runs import archive, doctor
from datasphere_glue.runs.approval import explain_refusal, read_approval
from datasphere_glue.runs.caller import Caller
from datasphere_glue.runs.connections import Bootstrap, Clients
from datasphere_glue.runs.fanout import steps
from datasphere_glue.runs.incremental import sync_incrementally
from datasphere_glue.runs.job import job_of
from datasphere_glue.runs.notify import notified
from datasphere_glue.runs.ports import BeforeWrites, Job, Target
from datasphere_glue.runs.rollback import Undo, roll_back
from datasphere_glue.storage.store import Store

ReadRequest = Callable[[], Request]


def execute_run(
    read_request: ReadRequest,
    environment: Mapping[str, str],
    caller: Caller,
    bootstrap: Bootstrap,
) -> Result:
    """Carry out one run from event to announced result; every failure ends in its status."""
    lap, now = _stopwatch(), datetime.now(UTC)
    context = RunContext(_new_run_id(now), started=now.isoformat())
    try:
        settings = load(environment)
    except SyncError as error:
        action = _requested_action(read_request)
        return Result(action, error=error, context=context, costs=lap())
    context = replace(context, tenant=settings.tenant, environment=settings.environment or None)
    recorder = EvidenceRecorder()
    run = _Run(settings, caller, bootstrap, recorder)
    result = _attempt(read_request, context, run).charged(lap())
    result = archive.keep(result, settings, recorder, bootstrap, caller.until)
    return notified(result, settings, bootstrap).charged(lap())


@dataclass(frozen=True, slots=True)
class _Run:
    """What every stage of one run may use."""

    settings: Settings
    caller: Caller
    bootstrap: Bootstrap
    recorder: EvidenceRecorder


def _attempt(read_request: ReadRequest, context: RunContext, run: _Run) -> Result:
    """Do what the event asks for, up to the costs of it; any failure ends in a result."""
    settings, caller, bootstrap = run.settings, run.caller, run.bootstrap
    request, earlier = Request(), Costs()
    step: steps.PreparedStep | None = None
    clients: Clients | None = None
    try:
        request = read_request()
        context = _request_context(request, caller, context)
        if request.step:
            step = steps.prepare(request, settings, context, bootstrap.store_of(settings))
            request, settings, context = step.request, step.settings, step.context
            earlier = steps.earlier_time(step, datetime.now(UTC))
        # A rollback needs no configuration, and must work when just that is broken.
        chosen = config.NONE if request.rollback_of else bootstrap.configuration(settings)
        context = replace(context, config_digest=chosen.digest)
        # Steps follow each other within one minute, and none knows what the one before has asked.
        clients = bootstrap.build_clients(settings, caller, chosen.mapping, even=step is not None)
        store = bootstrap.store_of(settings)
        approval = read_approval(request, caller, store)
        collector = AssetIndexBuilder()
        job = replace(
            job_of(request, settings, chosen.mapping, caller.until),
            context=context,
            approved=approval.digest if approval else None,
            shown=collector if store else None,
            before=_before_images(store, context, run.recorder),
            observer=clients.observer,
        )
        if request.rollback_of:
            result = _rolled_back(
                request.rollback_of, clients.target, job, bootstrap.report_store(settings)
            )
        elif step:
            sides = steps.Sides(
                clients.source,
                clients.target,
                bootstrap.report_store(settings),
                clients.costs,
                collector,
            )
            result = steps.take(step, sides, job, chosen.mapping.limits)
        else:
            result = sync_incrementally(
                clients.source,
                clients.target,
                job,
                store=store,
                limits=chosen.mapping.limits,
            )
        result = explain_refusal(result, approval)
        result = result if context.place else _with_assets(result, collector)
    except Exception as error:  # noqa: BLE001 - the last door: any failure must end in a status
        result = Result(request.action, error=error, context=context)
    if request.action == RunAction.DOCTOR:
        result = _examined(result, run, clients)
    return _with_costs(result, earlier, clients)


def _requested_action(read_request: ReadRequest) -> RunAction:
    """Return what was asked for, a sync where that cannot be understood either."""
    try:
        return read_request().action
    except SyncError:
        return RunAction.SYNC


def _request_context(request: Request, caller: Caller, context: RunContext) -> RunContext:
    context = replace(
        context,
        run_id=request.run_id or context.run_id,
        trigger=caller.trigger or str(request.trigger),
        cause=request.cause,
        narrow=bool(request.spaces or request.assets),
        rollback_of=request.rollback_of,
    )
    return steps.step_context(request, context)


def _examined(result: Result, run: _Run, clients: Clients | None) -> Result:
    """Return the result of a doctor with its checks, even where one of them fails."""
    try:
        return doctor.examined(result, run.settings, run.caller, run.bootstrap, clients)
    except Exception as error:  # noqa: BLE001 - the last door of the doctor
        return replace(result, error=result.error or error)


def _before_images(
    store: Store | None, context: RunContext, recorder: EvidenceRecorder
) -> BeforeWrites | None:
    """Return what keeps the before-images of each plan, None where there is no place to."""
    if store is None:
        return None

    def keep(plan: Plan) -> None:
        recorder.before(store, context.folder, plan)

    return keep


def _rolled_back(run_id: str, target: Target, job: Job, store: Store) -> Result:
    scope = Scope(spaces=job.scope.spaces, assets=job.scope.assets)
    changes, proven = evidence_of(store, run_id)
    origin = Origin(run_id, job.context.tenant, proven=proven)
    undo = Undo(job.action, origin, scope, job.approved, job.until, job.before, job.observer)
    return replace(roll_back(target, changes, undo), context=job.context)


def _with_assets(result: Result, collector: AssetIndexBuilder) -> Result:
    """Return the result with the assets that it evaluated; what it did stands without them."""
    try:
        return replace(result, asset_index=collector.atlas())
    except Exception as err:  # noqa: BLE001 - no outcome must be lost to what a page shows
        return replace(result, report_error=as_issue(err))


def _with_costs(result: Result, earlier: Costs, clients: Clients | None) -> Result:
    """Return the result with the costs of this run and the identities that it used."""
    result = result.charged(earlier)
    if clients is None:
        return result
    return replace(
        result.charged(clients.costs()),
        actor=clients.actor(),
        client_expires=clients.client_expires,
    )


def _stopwatch() -> Callable[[], Costs]:
    """Return the function that returns the time since it was last called."""
    last = time.monotonic()

    def lap() -> Costs:
        nonlocal last
        began, last = last, time.monotonic()
        return Costs(round((last - began) * 1000))

    return lap


def _new_run_id(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"
