"""The report: all details of a run that exceed the result, as one JSON document."""

import json
from dataclasses import replace
from typing import Any

from datasphere_glue import __version__
from datasphere_glue.model.completeness import WORST, Completeness, Score, Share
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.call_stats import CallRecorder
from datasphere_glue.outcome.run import MAX_ERRORS, Result, result_value
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import ColumnChange, Conflict, Plan, Rename
from datasphere_glue.plan.policy import SchemaChange
from datasphere_glue.report.document import document
from tests.unit.samples import (
    ACTOR,
    CONTEXT,
    database_change,
    issue,
    nightly,
    outcome,
    table_change,
)

EDIT = Conflict("datasphere_sales", "v", "SALES", "V", "description", "mine", "theirs", both=True)


def report_of(run: Result, **fields: Any) -> dict[str, Any]:
    """Return the report after a round trip through JSON."""
    values: dict[str, Any] = json.loads(json.dumps(document(nightly(run, **fields))))
    return values


def test_a_report_holds_the_result_and_the_context_of_the_run() -> None:
    run = Result(RunAction.SYNC, (SpaceListing("SALES"),))

    report = report_of(run)

    assert report["schema"] == "datasphere-glue/report/1"
    assert report["result"] == result_value(nightly(run))
    assert (report["trigger"], report["environment"], report["config_hash"]) == (
        "schedule",
        "prod",
        "c0ffee",
    )
    assert report["cause"] == CONTEXT.cause
    assert report["actor"] == ACTOR
    assert report["started"] == CONTEXT.started


def test_every_change_is_listed_with_its_fields_and_outcome() -> None:
    plan = Plan(databases=(database_change(),), tables=(table_change(),))

    applied = report_of(
        Result(RunAction.SYNC, plan=plan, outcomes=tuple(map(outcome, plan.changes)))
    )
    only_planned = report_of(Result(RunAction.PLAN, plan=plan))

    assert applied["changes"] == [
        {
            "action": "create",
            "kind": "created",
            "space": "SALES",
            "asset": None,
            "database": "datasphere_sales",
            "table": None,
            "reason": "new in Datasphere",
            "fields": [],
            "outcome": "done",
            "verified": True,
        },
        {
            "action": "update",
            "kind": "updated",
            "space": "SALES",
            "asset": "V_ORDERS",
            "database": "datasphere_sales",
            "table": "v_orders",
            "reason": "differs from Datasphere",
            "fields": [{"field": "description", "before": "Orders", "after": "Sales orders"}],
            "schema": [],
            "renamed": None,
            "columns_renamed": [],
            "outcome": "done",
            "verified": True,
        },
    ]
    assert [(c["outcome"], c["verified"]) for c in only_planned["changes"]] == [(None, False)] * 2


def test_a_change_lists_schema_changes_and_renames() -> None:
    rename = Rename("V_OLD", "V_NEW", 0.95, ("same label",), heir="datasphere_sales.v_new")
    column = Rename("id", "key", 0.9, ("same type",), followed=False)
    narrowed = ColumnChange("amount", SchemaChange.NARROWING, "bigint", "int")
    changes = (
        replace(table_change(ChangeAction.CREATE), renamed=rename),
        replace(table_change(name="w"), schema=(narrowed,), columns_renamed=(column,)),
    )

    renamed, breaking = report_of(Result(RunAction.PLAN, plan=Plan(tables=changes)))["changes"]

    assert (renamed["kind"], breaking["kind"]) == ("renamed", "breaking")
    assert renamed["renamed"] == {
        "from": "V_OLD",
        "to": "V_NEW",
        "confidence": 0.95,
        "evidence": ["same label"],
        "followed": True,
        "heir": "datasphere_sales.v_new",
    }
    assert breaking["schema"] == [
        {"column": "amount", "kind": "narrowing", "before": "bigint", "after": "int"}
    ]
    assert [(c["from"], c["followed"]) for c in breaking["columns_renamed"]] == [("id", False)]


def test_large_lists_are_complete_in_the_report() -> None:
    unread = tuple(issue(f"SALES.V{number}") for number in range(MAX_ERRORS + 20))
    changes = tuple(table_change(ChangeAction.CREATE, f"v{number}") for number in range(200))

    report = report_of(
        Result(RunAction.PLAN, (SpaceListing("SALES", unread=unread),), plan=Plan(tables=changes))
    )

    assert len(report["issues"]) == MAX_ERRORS + 20
    assert len(report["changes"]) == 200


def test_the_kinds_of_edits_are_distinguished() -> None:
    drift = Conflict("datasphere_sales", "w", "SALES", "W", "description", "x", None, both=False)

    back = replace(drift, table=None, asset=None, kept=False)

    report = report_of(Result(RunAction.SYNC, plan=Plan(conflicts=(EDIT, drift, back))))

    assert [entry["kind"] for entry in report["conflicts"]] == ["conflict", "drift", "set_back"]
    assert report["conflicts"][0] == {
        "database": "datasphere_sales",
        "table": "v",
        "space": "SALES",
        "asset": "V",
        "field": "description",
        "catalog": "mine",
        "source": "theirs",
        "kind": "conflict",
    }


def test_notes_and_listings_are_listed() -> None:
    listing = SpaceListing(
        "SALES",
        "Sales",
        listed=frozenset({"A", "B"}),
        read=1,
        unread=(issue("SALES.B"),),
        incomplete=issue("SALES", "LISTING_INCOMPLETE"),
    )

    report = report_of(
        Result(RunAction.SYNC, (listing,), plan=Plan(notes=(issue(code="TYPE_LOSS"),)))
    )

    assert [note["code"] for note in report["notes"]] == ["TYPE_LOSS"]
    assert report["listings"] == [
        {
            "space": "SALES",
            "label": "Sales",
            "complete": False,
            "listed": 2,
            "read": 1,
            "reused": 0,
            "left": 0,
            "unread": 1,
        }
    ]


def scored(space: str, *scores: int) -> tuple[Score, ...]:
    return tuple(Score(one, space, f"V_{one}", "db", f"v_{one}", ("label",)) for one in scores)


def test_completeness_is_listed_by_space_with_the_worst_assets_of_the_run() -> None:
    sales = Completeness("SALES", 20, 40, (Share("label", 3, 20, 1),), scored("SALES", *range(20)))
    other = Completeness("HR", 2, 4, (), scored("HR", 0, 50))

    report = report_of(Result(RunAction.SYNC, completeness=(other, sales)))["completeness"]

    assert report["spaces"] == [
        {"space": "HR", "assets": 2, "columns": 4, "parts": []},
        {
            "space": "SALES",
            "assets": 20,
            "columns": 40,
            "parts": [{"part": "label", "have": 3, "of": 20, "unavailable": 1}],
        },
    ]
    assert len(report["worst"]) == WORST
    assert [one["asset"] for one in report["worst"]][:3] == ["HR.V_0", "SALES.V_0", "SALES.V_1"]
    assert report["worst"][0] == {
        "asset": "HR.V_0",
        "database": "db",
        "table": "v_0",
        "score": 0,
        "missing": ["label"],
    }


def test_a_report_holds_the_call_statistics() -> None:
    recorder = CallRecorder()
    recorder.called("glue", "GetTable", "db.t", 0.05)
    recorder.spent("read", 1.5)

    report = report_of(Result(RunAction.SYNC), call_stats=recorder.stats())["health"]

    assert report == {
        "endpoints": [
            {
                "side": "glue",
                "endpoint": "GetTable",
                "calls": 1,
                "retries": 0,
                "throttled": 0,
                "failed": 0,
                "p50_ms": 50,
                "p95_ms": 50,
                "max_ms": 50,
            }
        ],
        "slowest": [{"side": "glue", "endpoint": "GetTable", "subject": "db.t", "ms": 50}],
        "steps": [{"step": "read", "ms": 1500}],
    }


def test_a_report_holds_the_evidence() -> None:
    report = report_of(Result(RunAction.PLAN, digest="d1"), audit_head="h1")["evidence"]

    assert report == {
        "audit_head": "h1",
        "plan_digest": "d1",
        "config_hash": CONTEXT.config_digest,
        "version": __version__,
    }
