"""Stores what REPORT_URI keeps of a run: its plan, evidence, lineage events and report."""

from dataclasses import replace

from datasphere_glue.config.settings import Settings
from datasphere_glue.evidence.recorder import EvidenceRecorder
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.outcome.asset_index import AssetIndexBuilder, UnusableAssets
from datasphere_glue.outcome.run import Result, as_issue
from datasphere_glue.report import html
from datasphere_glue.report.document import document
from datasphere_glue.runs.connections import Bootstrap
from datasphere_glue.runs.lineage import with_lineage
from datasphere_glue.storage import plans
from datasphere_glue.storage.state import Stored
from datasphere_glue.storage.store import json_body


def keep(
    result: Result,
    settings: Settings,
    recorder: EvidenceRecorder,
    bootstrap: Bootstrap,
    until: float,
) -> Result:
    """Store the records of a run, and return its result with the location of the report.

    A failure degrades the run. Lineage events may be built until shortly after the monotonic time
    `until`.
    """
    try:
        store = bootstrap.store_of(settings)
        if store is None:
            return result
        whole = result.context.place is None
        earlier = html.stored_runs(store) if whole else Stored()
        result = result.with_unusable(earlier.issue)
        key = f"runs/{result.context.folder}/report.json"
        result = replace(result, report=store.location(key))
        if _plan_is_kept(result):
            plans.keep(store, result.plan)
        head, unchained = recorder.after(store, result.context.folder, result)
        result = replace(result, report_error=unchained or result.report_error)
        result = replace(
            with_lineage(result, settings, store, bootstrap.own_region, until), audit_head=head
        )
        report = document(result)
        store.put(key, json_body(report))
        if whole:
            html.keep(store, report, earlier, result.asset_index)
    except Exception as err:  # noqa: BLE001 - what the run wrote stands without its report
        return replace(result, report_error=as_issue(err), report=None)
    return result


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
