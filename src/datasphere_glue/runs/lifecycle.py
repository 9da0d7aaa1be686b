"""One run from event to report."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from datasphere_glue import config
from datasphere_glue.aws.documents import configuration
from datasphere_glue.aws.s3 import report_store, store_of
from datasphere_glue.aws.session import caller_identity
from datasphere_glue.bootstrap import Clients, build_clients
from datasphere_glue.config.settings import Settings, load
from datasphere_glue.errors import SyncError
from datasphere_glue.events.request import Request, RunAction
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.evidence.run_evidence import evidence_of
from datasphere_glue.model.scope import Scope
from datasphere_glue.outcome.asset_index import AssetIndexBuilder
from datasphere_glue.outcome.run import Facts, Run, as_issue
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.reverse import Origin
from datasphere_glue.report import html
from datasphere_glue.report.document import document
from datasphere_glue.runs import doctor
from datasphere_glue.runs.caller import Caller
from datasphere_glue.runs.fanout import steps
from datasphere_glue.runs.incremental import sync_incrementally
from datasphere_glue.runs.job import job_of
from datasphere_glue.runs.lineage import with_lineage
from datasphere_glue.runs.notify import notified
from datasphere_glue.runs.ports import BeforeWrites, Job, Target
from datasphere_glue.runs.rollback import Undo, roll_back
from datasphere_glue.storage import plans
from datasphere_glue.storage.plans import Approval
from datasphere_glue.storage.store import json_body

ReadRequest = Callable[[], Request]


def execute_run(
    read_request: ReadRequest, environment: Mapping[str, str], door: Caller
) -> tuple[Run, Facts]:
    """Carry out one run from event to report; every failure ends in the run's status."""
    began, now = time.monotonic(), datetime.now(UTC)
    facts = Facts(run_id=_new_run_id(now), tenant="", trigger="", started=now.isoformat())
    try:
        settings = load(environment)
    except SyncError as error:
        return Run(_action_of(read_request), error=error), _timed(facts, began)
    facts = replace(facts, tenant=settings.tenant, environment=settings.environment or None)
    ledger = EvidenceRecorder()
    run, facts = _attempted(read_request, settings, door, facts, ledger)
    run, facts = _kept(run, _timed(facts, began), settings, ledger, door.until)
    return notified(run, facts, settings), _timed(facts, began)


def _action_of(read_request: ReadRequest) -> RunAction:
    """Return what was asked for, a sync where that cannot be understood either."""
    try:
        return read_request().action
    except SyncError:
        return RunAction.SYNC


def _attempted(
    read_request: ReadRequest,
    settings: Settings,
    door: Caller,
    facts: Facts,
    ledger: EvidenceRecorder,
) -> tuple[Run, Facts]:
    request, edges = Request(), None
    try:
        request = read_request()
        facts = _about(request, door, facts)
        step = steps.prepared(request, settings, facts) if request.step else None
        if step:
            request, settings, facts = step.request, step.settings, step.facts
        # An undo owes nothing to the configuration, and must work when just that is broken.
        chosen = config.NONE if request.rollback_of else configuration(settings)
        facts = replace(facts, config_hash=chosen.digest)
        # Steps follow each other within one minute, and none knows what the one before has asked.
        edges = build_clients(settings, door, chosen.mapping, even=step is not None)
        approval = _approval(request, settings, door)
        approved = approval.digest if approval else None
        collector = AssetIndexBuilder()
        job = replace(
            job_of(request, settings, chosen.mapping, door.until),
            approved=approved,
            shown=collector if settings.report_uri else None,
            before=_before_images(settings, facts.place or facts.run_id, ledger),
            observer=edges.observer,
        )
        if request.rollback_of:
            run = _rolled_back(request.rollback_of, edges.target, job, settings)
        elif step:
            sides = _sides(edges, settings, collector)
            run, facts = steps.taken(step, sides, job, chosen.mapping.limits, facts)
        else:
            run, facts = sync_incrementally(
                edges.source,
                edges.target,
                job,
                store=store_of(settings),
                limits=chosen.mapping.limits,
                facts=facts,
            )
        run = plans.explain_refusal(run, approval) if approval else run
        run = run if facts.place else _with_assets(run, collector)
    except Exception as error:  # noqa: BLE001 - the last door: any failure must end in a status
        run = Run(request.action, error=error)
    if request.action == RunAction.DOCTOR:
        run = _examined(run, settings, door, edges)
    if edges is not None:
        calls = Counter(edges.calls())
        calls.update(facts.earlier_calls)
        facts = replace(
            facts,
            calls=dict(calls),
            actor=caller_identity(edges.session),
            client_expires=edges.tokens.expires_on,
            health=facts.health + edges.recorder.health(),
        )
    return run, facts


def _examined(run: Run, settings: Settings, door: Caller, edges: Clients | None) -> Run:
    """Return the run of a doctor with what it looked at, whatever becomes of that."""
    try:
        return doctor.examined(run, settings, door, edges)
    except Exception as error:  # noqa: BLE001 - the last door of the doctor
        return replace(run, error=run.error or error)


def _sides(edges: Clients, settings: Settings, collector: AssetIndexBuilder) -> steps.Sides:
    return steps.Sides(
        edges.source,
        edges.target,
        report_store(settings),
        edges.calls,
        edges.recorder.health,
        collector,
    )


def _about(request: Request, door: Caller, facts: Facts) -> Facts:
    facts = replace(
        facts,
        run_id=request.run_id or facts.run_id,
        trigger=door.trigger or str(request.trigger),
        cause=request.cause,
        narrow=bool(request.spaces or request.assets),
        undone=request.rollback_of,
    )
    return steps.named(request, facts)


def _approval(request: Request, settings: Settings, door: Caller) -> Approval | None:
    """Return what alone may be applied, None when nothing was approved or nothing is applied."""
    if request.action not in {RunAction.SYNC, RunAction.ROLLBACK}:
        return None
    if door.approval:
        return door.approval()
    return plans.approval(request.plan_digest, store_of(settings)) if request.plan_digest else None


def _before_images(
    settings: Settings, run_id: str, ledger: EvidenceRecorder
) -> BeforeWrites | None:
    """Return what keeps the before-images of each plan, None where there is no place to."""
    if settings.report_uri is None:
        return None

    def keep(plan: Plan) -> None:
        ledger.before(report_store(settings), run_id, plan)

    return keep


def _rolled_back(undone: str, target: Target, job: Job, settings: Settings) -> Run:
    scope = Scope(spaces=job.scope.spaces, assets=job.scope.assets)
    made, proven = evidence_of(report_store(settings), undone)
    origin = Origin(undone, settings.tenant, proven=proven)
    undo = Undo(job.action, origin, scope, job.approved, job.until, job.before, job.observer)
    return roll_back(target, made, undo)


def _with_assets(run: Run, collector: AssetIndexBuilder) -> Run:
    """Return the run with the assets that it evaluated; what it did stands without them."""
    try:
        return replace(run, atlas=collector.atlas())
    except Exception as err:  # noqa: BLE001 - no outcome must be lost to what a page shows
        return replace(run, unreported=as_issue(err))


def _timed(facts: Facts, began: float) -> Facts:
    here = round((time.monotonic() - began) * 1000)
    return replace(facts, duration_ms=facts.earlier_ms + here)


def _new_run_id(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H%M%SZ}-{uuid.uuid4().hex[:6]}"


def _kept(
    run: Run, facts: Facts, settings: Settings, ledger: EvidenceRecorder, until: float
) -> tuple[Run, Facts]:
    """Return the run and where its report is; a report that cannot be kept degrades the run."""
    store = store_of(settings)
    if store is None:
        return run, facts
    place = facts.place or facts.run_id
    folder = f"runs/{place}"
    facts = replace(facts, report=store.location(f"{folder}/report.json"))
    try:
        if not run.own and run.digest and (run.action == RunAction.PLAN or not run.plan.empty):
            plans.keep(store, run.plan)
        head, unchained = ledger.after(store, place, run, facts)
        run = replace(run, unreported=unchained or run.unreported)
        run = with_lineage(run, facts, settings, store, until)
        facts = replace(facts, audit_head=head)
        report = document(run, facts)
        store.put(f"{folder}/report.json", json_body(report))
        if facts.place is None:
            html.keep(store, report, run.atlas)
    except Exception as err:  # noqa: BLE001 - what was done is done, whatever its report comes to
        return replace(run, unreported=as_issue(err)), replace(facts, report=None)
    return run, facts
