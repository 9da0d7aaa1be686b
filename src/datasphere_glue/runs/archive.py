"""Stores what REPORT_URI keeps of a run: its plan, evidence, lineage events and report."""

from collections.abc import Collection
from dataclasses import replace

from datasphere_glue.config.settings import Settings
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.outcome.asset_index import AssetIndexBuilder, UnusableAssets
from datasphere_glue.outcome.run import Result, as_issue
from datasphere_glue.report import html
from datasphere_glue.report.document import document
from datasphere_glue.report.unlisted import UnlistedRun, unlisted_runs
from datasphere_glue.runs.connections import Bootstrap
from datasphere_glue.runs.earlier_runs import EarlierRuns
from datasphere_glue.runs.lineage import with_lineage
from datasphere_glue.storage import plans
from datasphere_glue.storage.state import Stored
from datasphere_glue.storage.store import Store, json_body


def keep(  # noqa: PLR0913 - one value of each stage before
    result: Result,
    settings: Settings,
    recorder: EvidenceRecorder,
    bootstrap: Bootstrap,
    *,
    earlier: EarlierRuns,
    until: float,
) -> Result:
    """Store the records of a run, and return its result with the location of the report.

    A failure degrades the run. `earlier` are the runs before it without a record. Lineage events
    may be built until shortly after the monotonic time `until`.
    """
    try:
        store = bootstrap.store_of(settings)
        if store is None:
            return result
        whole = result.context.place is None
        stored = html.stored_runs(store) if whole else Stored()
        result = result.with_unusable(stored.issue)
        key = f"runs/{result.context.folder}/report.json"
        result = replace(result, report=store.location(key))
        if _plan_is_kept(result):
            plans.keep(store, result.plan)
        head, unchained = recorder.after(store, result.context.folder, result)
        result = replace(result, report_error=unchained or result.report_error)
        result = replace(
            with_lineage(result, settings, store, bootstrap.own_region, until), audit_head=head
        )
        if not whole:
            store.put(key, json_body(document(result)))
            return result
        listed = html.with_others(stored.value or (), earlier.listed)
        known = {*html.ended(listed), result.context.run_id}
        others = _unlisted(store, recorder, earlier, known) if stored.answered else ()
        runs = html.with_others(listed, (*listed, *(one.run for one in others)))
        issues = (one.issue for one in others if one.issue)
        result = replace(result, earlier=(*result.earlier, *issues))
        report = document(result)
        store.put(key, json_body(report))
        html.keep(store, report, replace(stored, value=runs), result.asset_index)
    except Exception as err:  # noqa: BLE001 - what the run wrote stands without its report
        return replace(result, report_error=as_issue(err), report=None)
    return result


def _unlisted(
    store: Store, recorder: EvidenceRecorder, earlier: EarlierRuns, listed: Collection[str]
) -> tuple[UnlistedRun, ...]:
    """Return runs that the list lacks: they ended before their report, or were overwritten."""
    if earlier.head is None:
        return ()
    return tuple(unlisted_runs(store, recorder.links | earlier.links, earlier.head, listed))


def add_asset_index(result: Result, builder: AssetIndexBuilder) -> Result:
    """Return the result with the index of the evaluated assets; a failure degrades the run."""
    try:
        return replace(result, asset_index=builder.build())
    except UnusableAssets as err:
        issue = Issue(IssueCode.STATE_UNREADABLE, f"runs/{result.context.run_id}/parts: {err}")
        return replace(result, asset_index=builder.build_own()).with_unusable(issue)
    except Exception as err:  # noqa: BLE001 - what the run wrote stands without its index
        return replace(result, report_error=as_issue(err))


def _plan_is_kept(result: Result) -> bool:
    """Return whether somebody may still approve the plan, or look up later what it was."""
    untouched = bool(result.digest) and not result.unrecorded
    return untouched and (result.action.traits.keeps_any_plan or not result.plan.empty)
