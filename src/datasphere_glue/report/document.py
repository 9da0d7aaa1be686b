"""The report of a run: one JSON document with everything that is too large for the result."""

from typing import Any, Final, assert_never

from datasphere_glue import __version__
from datasphere_glue.evidence.records import changed_fields
from datasphere_glue.model.completeness import Completeness, Score, worst_scores
from datasphere_glue.model.issue_codes import Severity
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.call_stats import call_stats_value
from datasphere_glue.outcome.checks import check_value
from datasphere_glue.outcome.run import Result, issue_value, reading, result_value
from datasphere_glue.plan.change import Change, Conflict, Outcome, Rename, TableChange

SCHEMA: Final = "datasphere-glue/report/1"


def document(result: Result) -> dict[str, Any]:
    """Return the report: the result, every change with its outcome, conflicts, issues, notes."""
    context = result.context
    outcomes = {outcome.change.key: outcome for outcome in result.outcomes}
    return {
        "schema": SCHEMA,
        "result": result_value(result),
        "trigger": context.trigger,
        "cause": context.cause,
        "actor": result.actor,
        "environment": context.environment,
        "config_hash": context.config_digest,
        "started": context.started,
        "reading": reading(result),
        "changes": [_change(change, outcomes.get(change.key)) for change in result.plan.changes],
        "conflicts": [_conflict(conflict) for conflict in result.plan.conflicts],
        "issues": [_issue(one, one.code.severity) for one in result.issues],
        "notes": [_issue(one, one.code.severity_as_note) for one in result.notes],
        "listings": [_listing(listing) for listing in result.listings],
        "completeness": {
            "spaces": [_completeness(one) for one in result.completeness],
            "worst": [
                _score(one)
                for one in worst_scores(s for part in result.completeness for s in part.worst)
            ],
        },
        "health": call_stats_value(result.costs.call_stats),
        **({"checks": [check_value(one) for one in result.checks]} if result.checks else {}),
        "evidence": {
            "audit_head": result.audit_head,
            "plan_digest": result.digest,
            "config_hash": context.config_digest,
            "version": __version__,
        },
    }


def terminal_document(result: Result) -> dict[str, Any]:
    """Return the result as a terminal prints it: with what it would change, or with its checks."""
    value = result_value(result)
    match result.action:
        case RunAction.PLAN | RunAction.VERIFY:
            outcomes = {outcome.change.key: outcome for outcome in result.outcomes}
            changes = (_change(one, outcomes.get(one.key)) for one in result.plan.changes)
            return {**value, "changes": list(changes)}
        case RunAction.DOCTOR:
            return {**value, "checks": [check_value(one) for one in result.checks]}
        case RunAction.SYNC | RunAction.ROLLBACK:
            return value
        case _:
            assert_never(result.action)


def _issue(issue: Issue, severity: Severity) -> dict[str, str]:
    return {**issue_value(issue), "severity": str(severity)}


def _change(change: Change, outcome: Outcome | None) -> dict[str, Any]:
    return {
        "action": str(change.action),
        "kind": str(change.kind),
        "space": change.space,
        "asset": change.asset,
        "database": change.database,
        "table": change.table,
        "reason": change.reason,
        "fields": changed_fields(change),
        **(_structure(change) if isinstance(change, TableChange) else {}),
        "outcome": str(outcome.result) if outcome else None,
        "verified": outcome.verified if outcome else False,
    }


def _structure(change: TableChange) -> dict[str, Any]:
    return {
        "schema": [
            {
                "column": column.column,
                "kind": str(column.kind),
                "before": column.before,
                "after": column.after,
            }
            for column in change.schema
        ],
        "renamed": _rename(change.renamed) if change.renamed else None,
        "columns_renamed": [_rename(rename) for rename in change.columns_renamed],
    }


def _rename(rename: Rename) -> dict[str, Any]:
    return {
        "from": rename.before,
        "to": rename.after,
        "confidence": rename.confidence,
        "evidence": list(rename.evidence),
        "followed": rename.followed,
        "heir": rename.heir,
    }


def _conflict(conflict: Conflict) -> dict[str, Any]:
    return {
        "database": conflict.database,
        "table": conflict.table,
        "space": conflict.space,
        "asset": conflict.asset,
        "field": conflict.field,
        "catalog": conflict.catalog,
        "source": conflict.source,
        "kind": conflict.kind,
    }


def _completeness(counted: Completeness) -> dict[str, Any]:
    return {
        "space": counted.space,
        "assets": counted.assets,
        "columns": counted.columns,
        "parts": [
            {
                "part": share.part,
                "have": share.have,
                "of": share.of,
                "unavailable": share.unavailable,
            }
            for share in counted.shares
        ],
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "asset": f"{score.space}.{score.name}",
        "database": score.database,
        "table": score.table,
        "score": score.score,
        "missing": list(score.missing),
    }


def _listing(listing: SpaceListing) -> dict[str, Any]:
    return {
        "space": listing.space,
        "label": listing.label,
        "complete": listing.complete,
        "listed": len(listing.listed),
        "read": listing.read,
        "reused": listing.reused,
        "left": listing.left,
        "unread": len(listing.unread),
    }
