"""Finds earlier runs without a record, and closes those whose process has ended.

The newest link of the audit chain lists them, so a run finds them with the two requests that its
own link needs anyway. One more lists the runs whose images no link names yet. Each change is judged
before this run writes: afterwards, the catalog would not show any more who wrote it.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any, Final

from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import CutOff, SyncError
from datasphere_glue.events.request import RunStep
from datasphere_glue.evidence.begun import Begun, begun_runs, clear, withdraw
from datasphere_glue.evidence.chain import Head, newest_head, open_runs
from datasphere_glue.evidence.closing import Traces, close_run, keep_applied, traces_of
from datasphere_glue.evidence.open_runs import OpenRun
from datasphere_glue.evidence.process import is_alive, own_process
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.context import RunContext
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Outcome
from datasphere_glue.plan.reached import reached_outcomes
from datasphere_glue.report import html
from datasphere_glue.report.document import document
from datasphere_glue.runs.connections import Bootstrap
from datasphere_glue.runs.current_catalog import current_catalog
from datasphere_glue.runs.interruption import plan_of, written_of
from datasphere_glue.runs.ports import LAMBDA_MARGIN_S, Caller, Target
from datasphere_glue.storage.store import Store, json_body

_SLACK_S: Final = 30.0
"""Seconds after the end of its time until a process counts as dead: clocks differ."""

_LONGEST_S: Final = 1e6


@dataclass(frozen=True, slots=True)
class EarlierRuns:
    """What a run knows of the runs before it.

    - `head`: the newest link of the chain at the start; None if the chain could not be read.
    - `last`: the newest link after those that closed runs.
    - `links`: numbers of the links that closed runs.
    - `issues`: one for each run without a record.
    - `listed`: these runs as the list of runs shows them.
    - `unusable`: why announcements of runs cannot be used.
    """

    head: Head | None = None
    last: Head | None = None
    links: frozenset[int] = frozenset()
    issues: tuple[Issue, ...] = ()
    listed: tuple[html.ListedRun, ...] = ()
    unusable: tuple[Issue, ...] = ()


def own_run(
    context: RunContext, action: RunAction, settings: Settings, caller: Caller, bootstrap: Bootstrap
) -> OpenRun:
    """Return how the chain lists this run while it is open."""
    left = caller.until - time.monotonic()
    end = None
    if isfinite(left) and left < _LONGEST_S:
        end = datetime.now(UTC) + timedelta(seconds=left + LAMBDA_MARGIN_S + _SLACK_S)
    role = (settings.role_arn or "").split(":")
    account = settings.catalog_id or (role[4] if len(role) > 4 else "own")  # noqa: PLR2004 - ARN
    return OpenRun(
        context.folder,
        own_process(),
        started=context.started,
        until=end.isoformat() if end else None,
        catalog=f"{account}/{settings.region or bootstrap.own_region() or ''}",
        action=str(action),
        trigger=context.trigger,
        cause=context.cause,
        tenant=context.tenant,
        environment=context.environment,
        config_digest=context.config_digest,
        step=context.step,
        rollback_of=context.rollback_of,
        writer=context.writer,
    )


def close_earlier_runs(store: Store, target: Target, own: OpenRun) -> EarlierRuns:
    """Close the runs whose process has ended, and return what is known of all without a record.

    Only a run that may write closes others. No failure here affects the run.
    """
    try:
        head = newest_head(store)
        opened = open_runs(store, head)
        begun = begun_runs(store, opened)
        found = EarlierRuns(head, head, unusable=_unusable(store, own, begun))
        for run in (*opened, *_unchained(store, own, begun)):
            if own.step != RunStep.WORK or run.place == own.place:
                found = _judge(store, target, own, run, found)
    except SyncError:  # the run reports it when it stores its own evidence
        return EarlierRuns()
    return found


def _unusable(store: Store, own: OpenRun, begun: Begun) -> tuple[Issue, ...]:
    """Return why announcements cannot be used; a run that writes empties them."""
    if RunAction(own.action).traits.writes and own.step != RunStep.WORK:
        for key, _ in begun.unusable:
            clear(store, key)
    return tuple(issue for _, issue in begun.unusable)


def _unchained(store: Store, own: OpenRun, begun: Begun) -> Iterator[OpenRun]:
    """Yield the runs with images that no link names."""
    for run in begun.runs:
        if run.images:
            yield run
        elif RunAction(own.action).traits.writes and is_alive(run) is False:
            withdraw(store, run)  # it was killed before its images, so it wrote nothing


def _judge(
    store: Store, target: Target, own: OpenRun, run: OpenRun, found: EarlierRuns
) -> EarlierRuns:
    """Return what is known, with one more run, which is closed if its process has ended."""
    alive = is_alive(run)
    if alive:
        return found
    if alive is None and not _must_have_ended(run, own):
        return _with(found, _unfinished(run), _listed(run, html.UNFINISHED))
    if not RunAction(own.action).traits.writes or _elsewhere(run, own):
        return _with(
            found, _not_closed(run, "another run must close it"), _listed(run, html.CUT_OFF)
        )
    try:
        return _close(store, target, run, found)
    except Exception as err:  # noqa: BLE001 - what an earlier run left must not stop this one
        cause = err.message if isinstance(err, SyncError) else type(err).__name__
        return _with(found, _not_closed(run, cause), _listed(run, html.CUT_OFF))


def _must_have_ended(run: OpenRun, own: OpenRun) -> bool:
    """Return whether the platform ends that run before it starts this one.

    A retry starts after the attempt before it, and the last step after all workers.
    """
    finishing = own.step == RunStep.FINISH and run.run_id == own.run_id
    return run.place == own.place or finishing


def _elsewhere(run: OpenRun, own: OpenRun) -> bool:
    """Return whether a run wrote to another catalog, which would show nothing of its changes."""
    return run.catalog not in {None, own.catalog}


def _close(store: Store, target: Target, run: OpenRun, found: EarlierRuns) -> EarlierRuns:
    traces = traces_of(store, run)
    names = {change.database for change in traces.changes}
    reached = reached_outcomes(traces.changes, current_catalog(target, names))
    applied, outcomes = keep_applied(store, traces, reached)
    result = _result(traces, Result(RunAction(run.action), outcomes=outcomes))
    last = found.last or Head()
    chained = any(one.same(run) for one in open_runs(store, last))
    link = close_run(store, traces, applied, result, last, chained=chained)
    withdraw(store, run)
    if link is None:
        return found
    found = replace(found, last=link.head, links=found.links | {link.number})
    key = f"runs/{run.place}/report.json"
    if any(stored.size for stored in store.find(key)):
        return found  # the run ended, and only its link could not be stored
    result = replace(result, report=store.location(key), audit_head=link.hash)
    report = document(result)
    _keep_report(store, run, key, report)
    issue = Issue(
        IssueCode.RUN_CUT_OFF,
        f"run {run.run_id} was cut off before its record was stored: {_known(traces, outcomes)};"
        " its record is stored now",
        _remedy(traces),
    )
    part = run.place != run.run_id
    return _with(found, issue, _listed(run, html.CUT_OFF) if part else html.run_entry(report))


def _result(traces: Traces, result: Result) -> Result:
    """Return the result of a run that was cut off."""
    message = f"the process ended before the run did: {_known(traces, result.outcomes)}"
    return replace(
        result,
        plan=plan_of(outcome.change for outcome in result.outcomes),
        error=CutOff(message, remedy=_remedy(traces)),
        context=traces.run.context,
    )


def _known(traces: Traces, outcomes: tuple[Outcome, ...]) -> str:
    """Return what is known of the changes, as the part of a sentence."""
    if not traces.gone:
        return written_of(outcomes)
    count = f"{traces.gone:,} change{'' if traces.gone == 1 else 's'}"
    lost = f"the before-images of {count} are gone from REPORT_URI, and the outcome is unknown"
    return f"{written_of(outcomes)}; {lost}" if outcomes else lost


def _remedy(traces: Traces) -> str:
    if traces.before:
        return _undo(traces.run)
    return "no rollback is possible without before-images; the next full sync writes what differs"


def _keep_report(store: Store, run: OpenRun, key: str, report: Mapping[str, Any]) -> None:
    store.put(key, json_body(report))
    if run.place == run.run_id:
        store.put(f"runs/{run.run_id}/report.html", html.page(report, ()))


def _unfinished(run: OpenRun) -> Issue:
    return Issue(
        IssueCode.RUN_UNFINISHED,
        f"run {run.run_id} has stored before-images since {run.started} and no record yet: it still"
        f" runs, or it was cut off; {run.unknown}",
        f"none needed while it runs; if it was cut off: {_undo(run)}",
    )


def _not_closed(run: OpenRun, cause: str) -> Issue:
    return Issue(
        IssueCode.RUN_CUT_OFF,
        f"run {run.run_id} was cut off before its record was stored: {run.unknown} ({cause})",
        f"run `datasphere-glue sync` with the settings of that run, which closes it; {_undo(run)}",
    )


def _undo(run: OpenRun) -> str:
    command = f"`datasphere-glue rollback {run.run_id}`"
    return f"undo what it wrote: {command}; the next sync completes it"


def _listed(run: OpenRun, status: str) -> html.ListedRun:
    """Return a run without a report as the list of runs shows it."""
    return html.ListedRun(
        run.run_id, run.started or "", run.action, status, run.changes, 0, paged=False
    )


def _with(found: EarlierRuns, issue: Issue, listed: html.ListedRun) -> EarlierRuns:
    return replace(found, issues=(*found.issues, issue), listed=(*found.listed, listed))
