"""The doctor reports every check, even after failures, and writes nothing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.outcome.checks import Level
from datasphere_glue.runs import doctor
from tests.functional.conftest import World

WRITES = ("UpdateDatabase", "UpdateTable", "CreateTable")
DENIED = "User: arn:aws:sts::123456789012:x is not authorized to perform"


def checks(world: World, **settings: Any) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the result of a doctor and its checks by name."""
    answer = world.sync({"action": "doctor"}, **settings)
    return answer, {one["check"]: one for one in world.report(answer)["checks"]}


def test_a_healthy_set_up_has_no_warning(shop: World) -> None:
    answer, results = checks(shop)

    assert answer["status"] == "NO_CHANGES"
    assert {one["level"] for one in results.values()} == {"ok", "info"}
    assert "12 assets" in results["spaces"]["message"]
    assert set(WRITES) < set(results)


def test_the_doctor_writes_nothing(shop: World) -> None:
    shop.synced()
    before = shop.everything()
    databases = shop.glue.get_databases()["DatabaseList"]

    answer, results = checks(shop, ORPHAN_POLICY="delete")

    assert shop.everything() == before
    assert shop.glue.get_databases()["DatabaseList"] == databases
    assert {call.operation for call in shop.catalog.calls.writes} == {*WRITES, "DeleteTable"}
    assert results["DeleteTable"]["level"] == "ok"
    assert answer["counts"]["created"] == 0


def test_the_probe_uses_a_new_location_each_time(shop: World) -> None:
    buckets = set()
    for _ in range(2):
        checks(shop, GLUE_DATABASE_TEMPLATE="t_{space}")
        buckets |= {
            call.request["DatabaseName"]
            for call in shop.catalog.calls.writes
            if call.operation == "CreateTable"
        }

    assert len(buckets) == 2
    assert all(name.startswith("t_datasphere_glue_doctor_") for name in buckets)


@pytest.mark.parametrize("operation", WRITES)
def test_a_write_that_is_denied_halts_as_a_sync_would_and_hides_nothing(
    shop: World, operation: str
) -> None:
    shop.catalog.faults.add(
        operation=operation, error="AccessDeniedException", message=f"{DENIED}: glue:{operation}"
    )

    answer, results = checks(shop)

    assert answer["status"] == "HALTED"
    assert results[operation]["level"] == "problem"
    assert f"allow glue:{operation}" in results[operation]["remedy"]
    assert {results[name]["level"] for name in {*WRITES} - {operation}} == {"ok"}
    assert [one["code"] for one in answer["errors"]] == ["PERMISSION_DENIED"]


def test_a_lake_formation_denial_for_a_missing_object_is_a_warning(shop: World) -> None:
    shop.catalog.faults.add(
        operation="CreateTable",
        error="AccessDeniedException",
        message="Insufficient Lake Formation permission(s): Required Create Table on x",
    )

    answer, results = checks(shop)

    assert answer["status"] == "NO_CHANGES"
    assert results["CreateTable"]["level"] == "warning"
    assert "grant CREATE_TABLE" in results["CreateTable"]["remedy"]


def test_missing_write_permissions_of_the_review_function_are_information(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "glue-ReviewFunction-1A2B")
    for operation in WRITES:
        shop.catalog.faults.add(
            operation=operation, error="AccessDeniedException", message=f"{DENIED}: it"
        )

    answer, results = checks(shop)

    assert answer["status"] == "NO_CHANGES"
    assert {results[name]["level"] for name in WRITES} == {"info"}
    assert "only looks" in results["UpdateTable"]["message"]


def test_a_tenant_that_is_down_hides_no_check_of_aws(shop: World) -> None:
    answer, results = checks(shop, DATASPHERE_TOKEN_URL=shop.tenant.url + "/nowhere")

    assert answer["status"] in {"FAILED", "HALTED"}
    assert results["datasphere"]["level"] == "problem"
    assert results["CreateTable"]["level"] == "ok"
    assert results["AWS identity"]["level"] == "ok"


def test_a_catalog_that_may_not_be_read_hides_no_check_of_the_tenant(shop: World) -> None:
    shop.catalog.faults.add(
        operation="GetDatabases", error="AccessDeniedException", message=DENIED, times=9
    )

    answer, results = checks(shop)

    assert answer["status"] == "HALTED"
    assert results["GetDatabases"]["level"] == "problem"
    assert results["UpdateTable"]["level"] == "ok"


def test_an_invalid_configuration_is_reported_with_the_other_problems(
    shop: World, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("version: 1\nnamimg: {}\n")

    answer, results = checks(shop, SYNC_CONFIG_URI=str(wrong))

    assert answer["status"] == "FAILED"
    assert "namimg" in results["configuration"]["message"]
    assert results["UpdateTable"]["level"] == "ok"


def test_forbidden_tenant_access_is_reported_with_a_remedy(shop: World) -> None:
    shop.tenant.spaces.forbid("STOCK")

    answer, results = checks(shop)

    assert answer["status"] == "DEGRADED"
    assert results["spaces"]["message"].startswith("1 of 2 readable")
    assert results["space"]["level"] == "warning"
    assert "STOCK" in results["space"]["remedy"]


def test_a_place_for_reports_that_is_missing_is_a_warning(shop: World) -> None:
    answer = shop.sync({"action": "doctor"}, REPORT_URI="")

    assert answer["status"] == "NO_CHANGES"
    warned = [one.name for one in shop.run.checks if one.level is Level.WARNING]
    assert warned == ["reports"]


@pytest.mark.parametrize(("days", "level"), [(200, "ok"), (10, "warning"), (-3, "warning")])
def test_the_expiry_of_the_client_is_reported_in_advance(
    shop: World, days: int, level: str
) -> None:
    ends = datetime.now(UTC).date() + timedelta(days=days)
    secrets = shop.catalog.client("secretsmanager")
    client = {"client_id": shop.tenant.client_id, "client_secret": shop.tenant.client_secret}
    secrets.put_secret_value(
        SecretId=shop.environment["DATASPHERE_SECRET_ID"],
        SecretString=json.dumps({**client, "expires_on": ends.isoformat()}),
    )

    _, results = checks(shop)

    assert results["OAuth client"]["level"] == level
    assert str(ends) in results["OAuth client"]["message"]


@pytest.mark.parametrize(("seconds", "level"), [(1, "ok"), (90, "warning"), (400, "problem")])
def test_a_wrong_clock_is_reported(seconds: int, level: str) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)

    for skew in (seconds, -seconds):
        assert doctor.clock_check(now + timedelta(seconds=skew), now).level == level


@pytest.mark.parametrize(
    ("name", "value", "check"),
    [
        ("REPORT_URI", "s3://nobody-has-this/x", "settings"),
        ("SYNC_CONFIG_URI", "/no/such.yaml", "configuration"),
    ],
)
def test_a_mistake_of_ours_is_not_put_down_to_the_tenant(
    shop: World, name: str, value: str, check: str
) -> None:
    settings: dict[str, Any] = {name: value}
    answer = shop.sync({"action": "doctor"}, **settings)

    assert answer["status"] == "FAILED"
    results = {one.name: one for one in shop.run.checks}
    assert "datasphere" not in results
    assert value in results[check].message
