"""One run from event to announced result, stage by stage, in the order in which they happen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from datasphere_glue.config.loading import load
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import SyncError
from datasphere_glue.events.request import Request
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.asset_index import AssetIndexBuilder
from datasphere_glue.outcome.context import Costs, RunContext
from datasphere_glue.outcome.run import Result
from datasphere_glue.runs import archive, doctor, notify
from datasphere_glue.runs.approval import explain_refusal, read_approval
from datasphere_glue.runs.connections import Bootstrap, Clients
from datasphere_glue.runs.context import (
    ReadRequest,
    add_configuration,
    add_request,
    add_settings,
    new_context,
    requested_action,
    settings_need,
)
from datasphere_glue.runs.costs import add_costs, stopwatch
from datasphere_glue.runs.fanout import steps
from datasphere_glue.runs.former_databases import own_places
from datasphere_glue.runs.incremental import sync_incrementally
from datasphere_glue.runs.job import job_of
from datasphere_glue.runs.ports import Caller
from datasphere_glue.runs.proof import read_proof
from datasphere_glue.runs.rollback import (
    configuration_of_rollback,
    roll_back_run,
    with_recorded_tenant,
)
from datasphere_glue.runs.time_limit import refuse_idle_run, require_usable_time
from datasphere_glue.runs.written_assets import WrittenAssets
from datasphere_glue.storage.moments import moment_of


@dataclass(slots=True)
class _Run:
    """One run: what it works with, and how far it is. A failure is reported with this much."""

    settings: Settings
    caller: Caller
    bootstrap: Bootstrap
    context: RunContext
    recorder: EvidenceRecorder = field(default_factory=EvidenceRecorder)
    request: Request = field(default_factory=Request)
    earlier: Costs = field(default_factory=Costs)
    clients: Clients | None = None


def execute_run(
    read_request: ReadRequest,
    environment: Mapping[str, str],
    caller: Caller,
    bootstrap: Bootstrap,
) -> Result:
    """Carry out one run from event to announced result; every failure ends in its status."""
    lap, context = stopwatch(), new_context()
    # 1. Settings
    try:
        settings = load(environment, settings_need(read_request))
    except SyncError as error:
        action = requested_action(read_request, caller)
        return Result(action, error=error, context=context, costs=lap())
    request = Request(caller.action)
    run = _Run(settings, caller, bootstrap, add_settings(context, settings), request=request)
    # 2. to 7. Request to run
    try:
        result = _attempt(read_request, run)
    except Exception as error:  # noqa: BLE001 - any failure must end in a status
        result = Result(run.request.action, error=error, context=run.context)
    result = refuse_idle_run(result, caller.time_limit)
    # 8. Checks of the doctor, also after a failure
    if run.request.action is RunAction.DOCTOR:
        result = doctor.add_checks(result, run.settings, caller, bootstrap, run.clients)
    # 9. Costs
    result = add_costs(result, run.earlier, run.clients).charged(lap())
    # 10. Archive: evidence and report
    result = archive.keep(result, run.settings, run.recorder, bootstrap, caller.until)
    # 11. Announcement
    return notify.announce(result, run.settings, bootstrap).charged(lap())


def _attempt(read_request: ReadRequest, run: _Run) -> Result:
    """Carry out the stages that may fail; `run` keeps how far they are."""
    settings, caller, bootstrap = run.settings, run.caller, run.bootstrap
    # 2. Request and context
    request = run.request = read_request()
    context = run.context = add_request(run.context, request, caller)
    require_usable_time(caller.time_limit)
    step = None
    if request.step:
        step = steps.prepare(request, settings, context, bootstrap.store_of(settings))
        request, settings, context = step.request, step.settings, step.context
        run.request, run.context, run.earlier = request, context, step.earlier
    # 3. Configuration: a rollback needs none, and must work if the configuration is broken
    if request.rollback_of:
        settings = run.settings = with_recorded_tenant(settings, request.rollback_of, bootstrap)
        context = add_settings(context, settings)
        chosen = configuration_of_rollback(settings, bootstrap)
    else:
        chosen = bootstrap.configuration(settings)
    context = run.context = add_configuration(context, chosen)
    # 4. Clients: the steps of a run share one minute, and none knows the requests of the others
    even = step is not None
    clients = run.clients = bootstrap.build_clients(settings, caller, chosen.mapping, even=even)
    # 5. Approval
    store = bootstrap.store_of(settings)
    approval = read_approval(request, caller, store)
    # 6. Job
    assets = AssetIndexBuilder()
    now = moment_of(context.started) if context.started else datetime.now(UTC)
    record = WrittenAssets(store, context.tenant, now)
    job = replace(
        job_of(request, settings, chosen.mapping, caller.until),
        context=context,
        approved=approval.digest if approval else None,
        shown=assets if store else None,
        before=partial(run.recorder.before, store, context.folder) if store else None,
        proof=partial(read_proof, store),
        record=record,
        written_into=own_places(store, context) if store else None,
        observer=clients.observer,
    )
    # 7. Run: a rollback, a step of a divided run, or a sync (also `plan`, `verify`, `doctor`)
    if request.rollback_of:
        evidence = bootstrap.report_store(settings)
        result = roll_back_run(request.rollback_of, clients.target, job, evidence)
    elif step:
        ports = steps.StepPorts(clients, bootstrap.report_store(settings), assets)
        result = steps.take(step, ports, job)
    else:
        result = sync_incrementally(clients.source, clients.target, job, store)
    result = explain_refusal(result, approval).with_unusable(*record.issues)
    return result if context.place else archive.add_asset_index(result, assets)
