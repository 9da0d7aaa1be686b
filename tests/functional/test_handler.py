"""The Lambda handler: every event of `events/`, raised errors, partial batch responses."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from datasphere_glue.errors import RunFailed, RunHalted
from datasphere_glue.handler import lambda_handler
from local.tenant.faults import FaultKind
from local.tenant.store import entry_of
from tests.functional.conftest import World, small_space, view

EVENTS = Path(__file__).parents[2] / "events"
SINGLE = sorted(path.name for path in EVENTS.glob("*.json") if "sqs" not in path.name)


@pytest.fixture
def deployed(world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a small world that the documented events fit, with the function's environment set."""
    document = {"definitions": {"V_ORDERS": view("Orders")}}
    orders = entry_of("SALES", "V_ORDERS", document, exposed=True, listing={})
    sales = small_space("SALES", 3)
    world = world_of(
        replace(sales, entries=(*sales.entries, orders)),
        small_space("FINANCE", 3),
        replace(small_space("HR", 1), forbidden=True),
    )
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "sync")
    return world


def context(seconds: float = 900) -> Any:
    return SimpleNamespace(
        get_remaining_time_in_millis=lambda: seconds * 1000,
        function_name="sync",
        aws_request_id="7c1d",
    )


def event(name: str) -> Any:
    return json.loads((EVENTS / name).read_text())


@pytest.mark.parametrize("name", SINGLE)
def test_every_documented_event_is_carried_out(deployed: World, name: str) -> None:
    payload = event(name)
    if undone := payload.get("rollback_of"):
        lambda_handler({"run_id": undone}, context())

    answer = lambda_handler(payload, context())

    assert answer["status"] in {"SUCCESS", "PENDING", "DEGRADED", "NO_CHANGES"}
    assert json.loads(json.dumps(answer)) == answer
    trigger = deployed.report(answer)["trigger"]
    expected = "schedule" if "schedule" in name else "change" if "change" in name else "manual"
    assert trigger == expected


@pytest.mark.usefixtures("deployed")
def test_the_result_has_the_shape_of_the_contract() -> None:
    answer = lambda_handler({}, context())

    assert set(answer) == {
        "run_id",
        "action",
        "status",
        "tenant",
        "counts",
        "databases",
        "spaces",
        "plan_digest",
        "calls",
        "duration_ms",
        "report",
        "errors",
    }
    assert set(answer["calls"]) == {"datasphere", "glue_read", "glue_write"}
    assert set(answer["spaces"][0]) == {"space", "database", "complete", "reason", "counts"}


def test_a_queue_batch_returns_only_what_failed(deployed: World) -> None:
    batch = event("change-event-sqs.json")
    batch["Records"][0]["body"] = '{"detail-type": "x", "source": "sap.datasphere", "detail": {}}'

    answer = lambda_handler(batch, context())

    failed = [item["itemIdentifier"] for item in answer["batchItemFailures"]]
    assert failed == [batch["Records"][0]["messageId"]]
    assert deployed.catalog.calls.writes


def test_a_batch_that_fails_as_a_whole_is_returned_as_a_whole(deployed: World) -> None:
    batch = event("change-event-sqs.json")
    for record in batch["Records"]:
        record["body"] = "not an event"

    answer = lambda_handler(batch, context())

    assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == [
        record["messageId"] for record in batch["Records"]
    ]
    assert not deployed.tenant.requests


def test_bad_settings_fail_with_every_problem_and_touch_nothing(
    deployed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATASPHERE_URL", "http://acme.eu10.hcs.cloud.sap")
    monkeypatch.setenv("MAX_REMOVAL_PERCENT", "many")
    monkeypatch.delenv("DATASPHERE_SECRET_ID")

    with pytest.raises(RunFailed) as failed:
        lambda_handler({}, context())

    for name in ("DATASPHERE_URL", "MAX_REMOVAL_PERCENT", "DATASPHERE_SECRET_ID"):
        assert name in str(failed.value)
    assert failed.value.result["status"] == "FAILED"
    assert not deployed.tenant.requests
    assert not len(deployed.catalog.calls)


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({"action": "destroy"}, "action"),
        ({"spaces": "SALES"}, "spaces"),
        ({"unknown": 1}, "unknown"),
        ({"detail-type": "x", "source": "somebody.else", "detail": {}}, "source"),
        ({"detail-type": "x", "source": "sap.datasphere", "detail": {"objectId": "V"}}, "spaceId"),
        ("text", "event"),
    ],
)
def test_a_bad_event_fails_naming_the_field_and_touches_nothing(
    deployed: World, bad: Any, named: str
) -> None:
    with pytest.raises(RunFailed, match=named):
        lambda_handler(bad, context())

    assert not deployed.tenant.requests


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ("not json", "could not be read"),
        ('{"client_id": "sb-x"}', "lacks client_secret"),
        ('{"client_id": "", "client_secret": ""}', "lacks client_id, client_secret"),
        ('{"client_id": "sb-x", "client_secret": "hunter2-wrong"}', "refused"),
    ],
)
def test_a_bad_secret_halts_with_one_clear_error(
    deployed: World, secret: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = deployed.environment["DATASPHERE_SECRET_ID"]
    deployed.catalog.client("secretsmanager").put_secret_value(SecretId=name, SecretString=secret)

    with pytest.raises(RunHalted, match=message) as halted:
        lambda_handler({}, context())

    assert not deployed.catalog.calls.writes
    report = Path(str(halted.value.result["report"]))
    assert json.loads(report.read_text())["result"]["status"] == "HALTED"
    for text in (str(halted.value), report.read_text(), *capsys.readouterr()):
        assert "hunter2" not in text


def test_a_rotated_secret_needs_no_deploy(deployed: World) -> None:
    lambda_handler({}, context())
    deployed.tenant.rotate_secret("rotated")
    name = deployed.environment["DATASPHERE_SECRET_ID"]
    client = {"client_id": deployed.tenant.client_id, "client_secret": "rotated"}
    secrets = deployed.catalog.client("secretsmanager")
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps(client))

    assert lambda_handler({}, context())["counts"]["unchanged"] > 0


@pytest.mark.parametrize(("expiry", "days"), [("2099-01-01", 1), ("soon", 0), (7, 0)])
def test_the_secret_may_hold_the_expiry_of_the_client(
    deployed: World, expiry: object, days: int, capsys: pytest.CaptureFixture[str]
) -> None:
    client = {
        "client_id": deployed.tenant.client_id,
        "client_secret": deployed.tenant.client_secret,
    }
    body = json.dumps(client | {"expires_on": expiry})
    name = deployed.environment["DATASPHERE_SECRET_ID"]
    deployed.catalog.client("secretsmanager").put_secret_value(SecretId=name, SecretString=body)
    lambda_handler({"action": "doctor"}, context())
    assert ("ClientDaysLeft" in capsys.readouterr().out) == days


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"spaces": ["S" * 1_000_000]}, "spaces[0]"),
        ({"assets": ["S.A"] * 20_000}, "assets"),
        (
            {"source": "sap.datasphere", "detail": {"spaceId": "S" * 1_000_000, "objectId": "*"}},
            "detail.spaceId",
        ),
    ],
)
def test_an_event_that_is_too_long_is_an_error_that_names_the_field(
    deployed: World, event: dict[str, Any], field: str
) -> None:
    with pytest.raises(RunFailed) as caught:
        lambda_handler(event, context())

    (error,) = caught.value.result["errors"]
    assert (error["code"], error["message"].partition(":")[0]) == ("EVENT_INVALID", field)
    assert len(str(caught.value)) < 1_000
    assert not deployed.catalog.calls.writes
    assert not deployed.tenant.requests


@pytest.mark.parametrize("seconds", [0.5, 3, 3.8])
def test_a_timeout_without_usable_time_is_an_error_that_names_it(
    deployed: World, seconds: float
) -> None:
    with pytest.raises(RunFailed, match=f"timeout of {seconds} s .* at least 4 s") as caught:
        lambda_handler({}, context(seconds))

    (error,) = caught.value.result["errors"]
    assert error["code"] == "TIME_TOO_SHORT"
    assert not deployed.catalog.calls.writes


@pytest.mark.parametrize("seconds", [15, 30, 31])
def test_a_timeout_about_as_long_as_the_reserve_leaves_time_for_a_run(
    deployed: World, seconds: float
) -> None:
    assert lambda_handler({"spaces": ["FINANCE"]}, context(seconds))["status"] == "SUCCESS"
    assert deployed.catalog.calls.writes


@pytest.mark.ci_only
def test_a_short_timeout_in_which_nothing_was_read_is_an_error_that_names_it(
    deployed: World,
) -> None:
    deployed.tenant.faults.add("/catalog/spaces", FaultKind.DELAY, seconds=60, times=None)

    with pytest.raises(RunFailed, match=r"timeout of 4 s was over .* at least 60 s"):
        lambda_handler({}, context(4))


def test_logs_are_json_lines_with_one_audit_record_per_change_and_no_secret(
    deployed: World,
) -> None:
    code = (
        "from datasphere_glue.handler import lambda_handler as run;"
        "run({'spaces': ['FINANCE']}, None); run({'spaces': ['FINANCE']}, None)"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code],
        env=os.environ | deployed.environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    logged = [line["message"] for line in lines if "message" in line]
    audits = [entry["audit"] for entry in logged if entry["event"] == "change"]
    metrics = [line for line in lines if "_aws" in line]
    assert len(audits) == len(deployed.tables("datasphere_finance")) + 1
    assert [e["result"]["status"] for e in logged if e["event"] == "run"] == [
        "SUCCESS",
        "NO_CHANGES",
    ]
    assert [blob["RunSUCCESS"] for blob in metrics] == [[1.0], [0.0]]
    assert deployed.tenant.client_secret not in done.stdout + done.stderr
    assert "Bearer" not in done.stdout + done.stderr
