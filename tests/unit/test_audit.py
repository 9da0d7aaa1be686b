"""Audit: who did what to which table, why, and what came of it."""

from dataclasses import replace
from typing import Any

from datasphere_glue.errors import CredentialsRejected, EventError
from datasphere_glue.plan.change import Action, FieldChange, Plan, Result
from datasphere_glue.report.audit import records, security_events, shortened
from datasphere_glue.report.run import Run
from tests.unit.words import FACTS, TENANT, database_change, issue, outcome, table_change


def recorded(*outcomes: Any) -> list[dict[str, Any]]:
    return list(records(Run("sync", outcomes=outcomes), FACTS))


def test_a_record_says_all_that_an_auditor_asks() -> None:
    assert recorded(outcome(table_change())) == [
        {
            "run_id": "night-1",
            "started": "2026-11-23T01:00:00+00:00",
            "trigger": "schedule",
            "cause": "arn:aws:scheduler:eu-central-1:123456789012:schedule/default/night",
            "actor": "arn:aws:sts::123456789012:assumed-role/sync/sync",
            "tenant": TENANT,
            "config_hash": "c0ffee",
            "event": "change",
            "space": "SALES",
            "asset": "V_ORDERS",
            "database": "datasphere_sales",
            "table": "v_orders",
            "action": "update",
            "kind": "updated",
            "reason": "differs from Datasphere",
            "fields": [{"field": "description", "before": "Orders", "after": "Sales orders"}],
            "outcome": "done",
            "verified": True,
            "attempts": 1,
            "error": None,
        }
    ]


def test_a_database_has_a_record_without_asset_and_table() -> None:
    (record,) = recorded(outcome(database_change()))

    assert (record["database"], record["asset"], record["table"]) == (
        "datasphere_sales",
        None,
        None,
    )


def test_what_failed_and_what_was_not_tried_is_recorded_too() -> None:
    failed, untried = recorded(
        outcome(table_change(), Result.FAILED, issue()),
        outcome(table_change(Action.DELETE), Result.UNTRIED),
    )

    assert (failed["outcome"], failed["verified"]) == ("failed", False)
    assert failed["error"]["code"] == "ASSET_UNREADABLE"
    assert (untried["action"], untried["outcome"]) == ("delete", "untried")


def test_a_plan_leaves_no_audit_record() -> None:
    assert not list(records(Run("plan", plan=Plan(tables=(table_change(),))), FACTS))


def test_a_log_line_is_bounded_while_the_record_is_not() -> None:
    fields = tuple(FieldChange(f"columns.c{n}.comment", "x" * 5_000, None) for n in range(120))
    (record,) = recorded(outcome(replace(table_change(), fields=fields)))

    short = shortened(record, 1_000)

    assert len(record["fields"]) == 120
    assert record["fields"][0]["before"] == "x" * 5_000
    assert len(short["fields"]) == 50
    assert short["fields_left_out"] == 70
    assert short["fields"][0] == {
        "field": "columns.c0.comment",
        "before": "x" * 999 + "…",
        "after": None,
    }


def test_a_short_record_is_logged_as_it_is() -> None:
    (record,) = recorded(outcome(table_change()))

    assert shortened(record, 1_000) == record


def test_a_refused_identity_is_a_security_event() -> None:
    refused = Run("sync", error=CredentialsRejected("the client was refused"))
    (event,) = security_events(refused, FACTS)
    assert (event["event"], event["run_id"]) == ("security", FACTS.run_id)
    assert event["error"]["code"] == "CREDENTIALS_REJECTED"
    assert event["error"]["remedy"]


def test_an_invalid_event_is_none() -> None:
    assert list(security_events(Run("sync", error=EventError("field action")), FACTS)) == []
