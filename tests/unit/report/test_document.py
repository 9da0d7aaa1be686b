"""The report: everything that is too large for the result, as one JSON document."""

import json
from dataclasses import replace
from typing import Any

from datasphere_glue import __version__
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.completeness import WORST, Completeness, Score, Share
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


def reported(run: Result, **fields: Any) -> dict[str, Any]:
    """Return the report as its reader sees it, once through JSON."""
    found: dict[str, Any] = json.loads(json.dumps(document(nightly(run, **fields))))
    return found


def test_a_report_holds_the_result_and_what_surrounded_the_run() -> None:
    run = Result(RunAction.SYNC, (SpaceListing("SALES"),))

    told = reported(run)

    assert told["schema"] == "datasphere-glue/report/1"
    assert told["result"] == result_value(nightly(run))
    assert (told["trigger"], told["environment"], told["config_hash"]) == (
        "schedule",
        "prod",
        "c0ffee",
    )
    assert told["cause"] == CONTEXT.cause
    assert told["actor"] == ACTOR
    assert told["started"] == CONTEXT.started


def test_every_change_is_listed_with_its_fields_and_what_came_of_it() -> None:
    plan = Plan(databases=(database_change(),), tables=(table_change(),))

    applied = reported(
        Result(RunAction.SYNC, plan=plan, outcomes=tuple(map(outcome, plan.changes)))
    )
    only_planned = reported(Result(RunAction.PLAN, plan=plan))

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


def test_a_change_tells_what_it_means_to_those_who_use_the_table() -> None:
    rename = Rename("V_OLD", "V_NEW", 0.95, ("same label",), heir="datasphere_sales.v_new")
    column = Rename("id", "key", 0.9, ("same type",), followed=False)
    narrowed = ColumnChange("amount", SchemaChange.NARROWING, "bigint", "int")
    changes = (
        replace(table_change(ChangeAction.CREATE), renamed=rename),
        replace(table_change(name="w"), schema=(narrowed,), columns_renamed=(column,)),
    )

    renamed, breaking = reported(Result(RunAction.PLAN, plan=Plan(tables=changes)))["changes"]

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


def test_large_lists_are_whole_in_the_report() -> None:
    unread = tuple(issue(f"SALES.V{number}") for number in range(MAX_ERRORS + 20))
    changes = tuple(table_change(ChangeAction.CREATE, f"v{number}") for number in range(200))

    told = reported(
        Result(RunAction.PLAN, (SpaceListing("SALES", unread=unread),), plan=Plan(tables=changes))
    )

    assert len(told["issues"]) == MAX_ERRORS + 20
    assert len(told["changes"]) == 200


def test_edits_of_people_are_told_apart() -> None:
    drift = Conflict("datasphere_sales", "w", "SALES", "W", "description", "x", None, both=False)

    back = replace(drift, table=None, asset=None, kept=False)

    told = reported(Result(RunAction.SYNC, plan=Plan(conflicts=(EDIT, drift, back))))

    assert [found["kind"] for found in told["conflicts"]] == ["conflict", "drift", "set_back"]
    assert told["conflicts"][0] == {
        "database": "datasphere_sales",
        "table": "v",
        "space": "SALES",
        "asset": "V",
        "field": "description",
        "catalog": "mine",
        "source": "theirs",
        "kind": "conflict",
    }


def test_notes_and_listings_are_told() -> None:
    listing = SpaceListing(
        "SALES",
        "Sales",
        listed=frozenset({"A", "B"}),
        read=1,
        unread=(issue("SALES.B"),),
        incomplete=issue("SALES", "LISTING_INCOMPLETE"),
    )

    told = reported(Result(RunAction.SYNC, (listing,), plan=Plan(notes=(issue(code="TYPE_LOSS"),))))

    assert [note["code"] for note in told["notes"]] == ["TYPE_LOSS"]
    assert told["listings"] == [
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


def test_completeness_is_told_by_space_with_the_worst_assets_of_the_run() -> None:
    sales = Completeness("SALES", 20, 40, (Share("label", 3, 20, 1),), scored("SALES", *range(20)))
    other = Completeness("HR", 2, 4, (), scored("HR", 0, 50))

    told = reported(Result(RunAction.SYNC, completeness=(other, sales)))["completeness"]

    assert told["spaces"] == [
        {"space": "HR", "assets": 2, "columns": 4, "parts": []},
        {
            "space": "SALES",
            "assets": 20,
            "columns": 40,
            "parts": [{"part": "label", "have": 3, "of": 20, "unavailable": 1}],
        },
    ]
    assert len(told["worst"]) == WORST
    assert [one["asset"] for one in told["worst"]][:3] == ["HR.V_0", "SALES.V_0", "SALES.V_1"]
    assert told["worst"][0] == {
        "asset": "HR.V_0",
        "database": "db",
        "table": "v_0",
        "score": 0,
        "missing": ["label"],
    }


def test_the_health_of_the_run_is_told() -> None:
    recorder = CallRecorder()
    recorder.called("glue", "GetTable", "db.t", 0.05)
    recorder.spent("read", 1.5)

    told = reported(Result(RunAction.SYNC), call_stats=recorder.stats())["health"]

    assert told == {
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


def test_the_evidence_is_told() -> None:
    told = reported(Result(RunAction.PLAN, digest="d1"), audit_head="h1")["evidence"]

    assert told == {
        "audit_head": "h1",
        "plan_digest": "d1",
        "config_hash": CONTEXT.config_digest,
        "version": __version__,
    }
