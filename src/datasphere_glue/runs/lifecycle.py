"""One run from event to announced result, stage by stage, in the order in which they happen."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from datasphere_glue.config.loading import load
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import Interrupted, SyncError
from datasphere_glue.events.request import Request
from datasphere_glue.evidence.process import carrying_out
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.asset_index import AssetIndexBuilder
from datasphere_glue.outcome.checks import failed
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
from datasphere_glue.runs.earlier_runs import EarlierRuns, close_earlier_runs, own_run
from datasphere_glue.runs.fanout import steps
from datasphere_glue.runs.former_databases import own_places
from datasphere_glue.runs.incremental import sync_incrementally
from datasphere_glue.runs.interruption import RunInterrupted, ended_early, interrupted
from datasphere_glue.runs.job import job_of
from datasphere_glue.runs.ports import Caller
from datasphere_glue.runs.proof import read_history, read_proof
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
    earlier_runs: EarlierRuns = field(default_factory=EarlierRuns)
    alive: ExitStack = field(default_factory=ExitStack)


def execute_run(
    read_request: ReadRequest,
    environment: Mapping[str, str],
    caller: Caller,
    bootstrap: Bootstrap,
) -> Result:
    """Carry out one run from event to announced result; every failure ends in its status.

    Raises:
        RunInterrupted: Ctrl-C or SIGTERM ended the run; it holds the result.

    """
    lap, context = stopwatch(), new_context()
    # 1. Settings
    try:
        settings = load(environment, settings_need(read_request))
    except SyncError as error:
        action = requested_action(read_request, caller)
        checks = (failed("settings", error),) if action is RunAction.DOCTOR else ()
        return Result(action, error=error, context=context, costs=lap(), checks=checks)
    request = Request(caller.action)
    run = _Run(settings, caller, bootstrap, add_settings(context, settings), request=request)
    with run.alive:
        # 2. to 8. Request to run
        try:
            result = _attempt(read_request, run)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - must end in a status
            result = _cut_short(run, error)
        result = refuse_idle_run(result, caller.time_limit)
        try:
            result = _conclude(replace(result, earlier=run.earlier_runs.issues), run, lap)
        except KeyboardInterrupt as error:
            # The next run finds what this one did not store any more.
            raise RunInterrupted(interrupted(result)) from error
    if isinstance(result.error, Interrupted):
        raise RunInterrupted(result)
    return result


def _cut_short(run: _Run, error: BaseException) -> Result:
    """Return the result of a run that an error or a signal ended, maybe after some writes."""
    result = Result(run.request.action, context=run.context)
    target = run.clients.target if run.clients else None
    return ended_early(result, error, run.recorder.started.values(), target)


def _conclude(result: Result, run: _Run, lap: Callable[[], Costs]) -> Result:
    """Carry out the stages after the run, also after a failure; none of them can fail it."""
    settings, bootstrap = run.settings, run.bootstrap
    # 9. Checks of the doctor
    if run.request.action is RunAction.DOCTOR:
        result = doctor.add_checks(result, settings, run.caller, bootstrap, run.clients)
    # 10. Costs
    result = add_costs(result, run.earlier, run.clients).charged(lap())
    # 11. Archive: evidence and report
    result = archive.keep(
        result,
        settings,
        run.recorder,
        bootstrap,
        earlier=run.earlier_runs,
        until=run.caller.until,
    )
    # 12. Announcement
    return notify.announce(result, settings, bootstrap).charged(lap())


def _attempt(read_request: ReadRequest, run: _Run) -> Result:
    """Carry out the stages that may fail; `run` keeps how far they are."""
    settings, caller, bootstrap = run.settings, run.caller, run.bootstrap
    recorder = run.recorder
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
        proof=partial(read_proof, store),
        history=partial(read_history, store),
        record=record,
        written_into=own_places(store, context) if store else None,
        before=partial(recorder.before, store, context.folder) if store else recorder.expect,
        observer=clients.observer,
    )
    # 7. Earlier runs: those that were cut off are closed before this one writes
    run.alive.enter_context(carrying_out(context.folder))
    if store:
        own = own_run(context, request.action, settings, caller, bootstrap)
        run.earlier_runs = close_earlier_runs(store, clients.target, own)
        recorder.begin(own, run.earlier_runs.last)
    # 8. Run: a rollback, a step of a divided run, or a sync (also `plan`, `verify`, `doctor`)
    if request.rollback_of:
        evidence = bootstrap.report_store(settings)
        result = roll_back_run(request.rollback_of, clients.target, job, evidence)
    elif step:
        ports = steps.StepPorts(clients, bootstrap.report_store(settings), assets)
        result = steps.take(step, ports, job)
    else:
        result = sync_incrementally(clients.source, clients.target, job, store)
    unusable = (*record.issues, *run.earlier_runs.unusable)
    result = explain_refusal(result, approval).with_unusable(*unusable)
    return result if context.place else archive.add_asset_index(result, assets)
