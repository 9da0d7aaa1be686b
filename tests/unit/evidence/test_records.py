"""Audit records: actor, action, table, reason and outcome."""

import json
from dataclasses import replace
from typing import Any

from datasphere_glue import __version__
from datasphere_glue.errors import (
    CredentialsRejected,
    EventError,
    EvidenceAltered,
    PermissionDenied,
)
from datasphere_glue.evidence.hashed_lines import ORIGIN
from datasphere_glue.evidence.records import file_lines, records, security_events, shortened
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import FieldChange, OutcomeStatus, Plan
from tests.unit.samples import (
    CONTEXT,
    TENANT,
    database_change,
    issue,
    marked,
    nightly,
    outcome,
    table_change,
)

DIGEST = "d1" * 32
STAMPS = {"changed_on": None, "deployed_on": None, "changed_by": None, "fingerprint": None}


def change_records(*outcomes: Any) -> list[dict[str, Any]]:
    return list(records(nightly(Result(RunAction.SYNC, outcomes=outcomes, digest=DIGEST))))


def test_a_change_record_holds_every_field_of_the_contract() -> None:
    assert change_records(outcome(table_change())) == [
        {
            "schema": "datasphere-glue/audit/2",
            "run_id": "night-1",
            "started": "2026-11-23T01:00:00+00:00",
            "trigger": "schedule",
            "cause": "arn:aws:scheduler:eu-central-1:123456789012:schedule/default/night",
            "actor": "arn:aws:sts::123456789012:assumed-role/sync/sync",
            "tenant": TENANT,
            "environment": "prod",
            "version": __version__,
            "config_hash": "c0ffee",
            "plan_digest": DIGEST,
            "event": "change",
            "space": "SALES",
            "asset": "V_ORDERS",
            "database": "datasphere_sales",
            "table": "v_orders",
            "action": "update",
            "kind": "updated",
            "reason": "differs from Datasphere",
            "source": STAMPS,
            "fields": [{"field": "description", "before": "Orders", "after": "Sales orders"}],
            "outcome": "done",
            "verified": True,
            "attempts": 1,
            "error": None,
        }
    ]


def test_a_record_holds_the_version_of_the_asset_and_the_place_of_its_image() -> None:
    change = table_change()
    assert change.after is not None
    stamps = {
        "datasphere.changed_on": "2026-11-22T20:00:00Z",
        "datasphere.deployed_on": "2026-11-22T21:00:00Z",
        "datasphere.changed_by": "JANE",
        "datasphere.fingerprint": "f1",
    }
    change = replace(change, after=marked(change.after, **stamps))
    image = {"file": "runs/night-1/before.jsonl", "line": 7}
    run = Result(RunAction.SYNC, outcomes=(outcome(change), outcome(database_change())))

    table, database = records(nightly(run), {("datasphere_sales", "v_orders"): image})

    assert table["source"] == {
        key.removeprefix("datasphere."): value for key, value in stamps.items()
    }
    assert table["image"] == image
    assert (database["source"], database["image"]) == (None, None)


def test_the_record_of_a_deletion_holds_the_deleted_version() -> None:
    change = table_change(ChangeAction.DELETE)
    assert change.before is not None
    change = replace(change, before=marked(change.before, **{"datasphere.fingerprint": "f0"}))

    (record,) = change_records(outcome(change))

    assert record["source"] == STAMPS | {"fingerprint": "f0"}


def test_the_file_of_a_run_begins_with_the_run_record() -> None:
    refused = PermissionDenied("glue:UpdateTable was refused")
    run = Result(RunAction.SYNC, outcomes=(outcome(table_change()),), error=refused, digest=DIGEST)

    lines = list(file_lines(nightly(run), {})())

    parsed = [json.loads(line) for line in lines]
    assert [(one["number"], one["event"]) for one in parsed] == [
        (1, "run"),
        (2, "security"),
        (3, "change"),
    ]
    assert (parsed[0]["status"], parsed[0]["changes"], parsed[0]["action"]) == ("HALTED", 1, "sync")
    assert parsed[0]["error"]["code"] == "PERMISSION_DENIED"
    assert parsed[0]["counts"]["updated"] == 1
    assert [one["previous"] for one in parsed] == [ORIGIN, *(one["hash"] for one in parsed[:-1])]


def test_altered_evidence_is_a_security_event() -> None:
    (event,) = security_events(
        nightly(Result(RunAction.ROLLBACK, error=EvidenceAltered("it was changed")))
    )
    assert event["error"]["code"] == "EVIDENCE_ALTERED"


def test_the_record_of_a_database_has_no_asset_and_no_table() -> None:
    (record,) = change_records(outcome(database_change()))

    assert (record["database"], record["asset"], record["table"]) == (
        "datasphere_sales",
        None,
        None,
    )


def test_failed_and_untried_changes_are_recorded() -> None:
    failed, untried = change_records(
        outcome(table_change(), OutcomeStatus.FAILED, issue()),
        outcome(table_change(ChangeAction.DELETE), OutcomeStatus.UNTRIED),
    )

    assert (failed["outcome"], failed["verified"]) == ("failed", False)
    assert failed["error"]["code"] == "ASSET_UNREADABLE"
    assert (untried["action"], untried["outcome"]) == ("delete", "untried")


def test_a_plan_writes_no_audit_record() -> None:
    assert not list(records(nightly(Result(RunAction.PLAN, plan=Plan(tables=(table_change(),))))))


def test_a_log_line_is_bounded_but_the_record_is_not() -> None:
    fields = tuple(FieldChange(f"columns.c{n}.comment", "x" * 5_000, None) for n in range(120))
    (record,) = change_records(outcome(replace(table_change(), fields=fields)))

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


def test_a_short_record_is_logged_unchanged() -> None:
    (record,) = change_records(outcome(table_change()))

    assert shortened(record, 1_000) == record


def test_rejected_credentials_are_a_security_event() -> None:
    refused = Result(RunAction.SYNC, error=CredentialsRejected("the client was refused"))
    (event,) = security_events(nightly(refused))
    assert (event["event"], event["run_id"]) == ("security", CONTEXT.run_id)
    assert event["error"]["code"] == "CREDENTIALS_REJECTED"
    assert event["error"]["remedy"]


def test_an_invalid_event_is_no_security_event() -> None:
    assert (
        list(security_events(nightly(Result(RunAction.SYNC, error=EventError("field action")))))
        == []
    )
