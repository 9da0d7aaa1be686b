"""OpenLineage events of runs and of a whole catalog that really serves."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from datasphere_glue.cli import main
from datasphere_glue.config.loading import load
from datasphere_glue.errors import LineageUnavailable
from datasphere_glue.handler import lambda_handler
from datasphere_glue.runs.lineage import lineage_events, with_lineage
from datasphere_glue.storage.store import FolderStore
from tests.functional.conftest import World, small_space
from tests.unit.samples import nightly

WITHOUT_THE_LIBRARY = """
import sys
sys.modules["openlineage"] = None
from datasphere_glue.cli import main
sys.exit(main(sys.argv[1:]))
"""
SETTINGS = {
    "DATASPHERE_URL": "https://acme.eu10.hcs.cloud.sap",
    "DATASPHERE_TOKEN_URL": "https://acme.authentication.eu10.hana.ondemand.com/oauth/token",
    "DATASPHERE_SECRET_ID": "secret",
    "GLUE_REGION": "eu-central-1",
}
ESTATE = "arn:aws:glue:eu-central-1:123456789012"


@pytest.fixture
def terminal(company: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return the sample tenant after a sync of SALES, its settings in the environment."""
    company.synced(SYNC_SPACES="SALES")
    for name, value in company.environment.items():
        monkeypatch.setenv(name, value)
    company.tenant.requests.clear()
    return company


def events_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    file = Path(answer["report"]).with_name("lineage.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def tables(events: list[dict[str, Any]]) -> set[str]:
    """Return the Glue tables that events describe, as `database.table`."""
    named = (event["dataset"] for event in events if "dataset" in event)
    return {
        one["name"].removeprefix("table/").replace("/", ".")
        for one in named
        if one["namespace"] == ESTATE
    }


def test_a_run_keeps_the_events_of_what_it_wrote_and_of_itself(company: World) -> None:
    answer = company.sync({"spaces": ["SALES"]}, LINEAGE_EXPORT="on")

    *events, start, end = events_of(answer)
    written = set(company.everything())
    assert tables(events) == written
    assert len(events) == 2 * len(written)
    assert {event["eventTime"] for event in events} == {start["eventTime"]}
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert len(end["inputs"]) == len(end["outputs"]) == len(written)
    jobs = {event["job"]["name"]: event for event in events if "job" in event}
    assert {one["name"] for one in jobs["SALES.SALES_AM"]["inputs"]} == {
        "SALES.V_ORDERS",
        "SALES.DIM_KUNDE_VB",
    }


def test_an_unchanged_run_or_disabled_lineage_stores_no_events(company: World) -> None:
    quiet = company.sync({"spaces": ["SALES"]})
    idle = company.sync({"spaces": ["SALES"]}, LINEAGE_EXPORT="on")

    assert quiet["counts"]["created"]
    assert idle["status"] in {"NO_CHANGES", "DEGRADED"}
    assert events_of(quiet) == events_of(idle) == []


def test_a_removal_is_no_event_of_what_was_written(company: World) -> None:
    company.synced(SYNC_SPACES="SALES")
    company.tenant.spaces.remove("SALES", "V_ORDERS")

    answer = company.sync({"spaces": ["SALES"]}, LINEAGE_EXPORT="on")

    assert answer["counts"]["deprecated"] == 1
    assert "datasphere_sales.v_orders" not in tables(events_of(answer))


@pytest.mark.ci_only
def test_each_part_of_a_divided_run_keeps_its_events_and_the_last_step_names_all(
    world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(small_space("SHOP", 4), small_space("STOCK", 2))
    deployed = {"AWS_LAMBDA_FUNCTION_NAME": "sync", "LINEAGE_EXPORT": "on"}
    for name, value in (world.environment | deployed).items():
        monkeypatch.setenv(name, value)
    step = {"action": "sync", "run_id": "night-1"}
    lambda_context = SimpleNamespace(function_name="sync", aws_request_id="7c1d")

    split = lambda_handler({**step, "step": "split", "workers": 2, "event": {}}, lambda_context)
    for item in split["items"]:
        lambda_handler({**step, **item, "step": "work", "share": split["share"]}, lambda_context)
    answer = lambda_handler({**step, "step": "finish"}, lambda_context)

    written = set(world.everything())
    parts = [
        [json.loads(line) for line in file.read_text().splitlines()]
        for file in sorted((world.reports / "runs/night-1/parts").glob("**/lineage.jsonl"))
    ]
    assert len(parts) == len(split["items"]) > 1
    assert sum(map(len, parts)) == 2 * len(written)
    assert set().union(*map(tables, parts)) == written
    start, end = events_of(answer)
    assert {one["name"] for one in end["outputs"]} == {
        f"table/{place.replace('.', '/')}" for place in written
    }
    assert {event["eventTime"] for part in parts for event in part} == {start["eventTime"]}


def test_events_are_not_stored_after_the_deadline(company: World) -> None:
    company.sync({"spaces": ["SALES"]}, LINEAGE_EXPORT="on")
    store, result = FolderStore(company.reports), nightly(company.run, run_id="late")
    settings = load(company.environment | {"LINEAGE_EXPORT": "on"})

    late = with_lineage(
        result, settings, store, lambda: "eu-central-1", until=time.monotonic() - 60
    )

    assert late.outcomes == company.run.outcomes
    assert late.report_error is not None
    assert late.report_error.code == "LINEAGE_UNAVAILABLE"
    assert "lineage export" in late.report_error.remedy
    assert store.find("runs/late/") == ()


def test_the_whole_catalog_is_exported_from_glue_alone(
    terminal: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "events.jsonl"

    assert main(["lineage", "export", "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    events = [json.loads(line) for line in out.read_text().splitlines()]
    assert tables(events) == set(terminal.everything())
    assert not terminal.tenant.requests


def test_events_can_be_piped_and_limited_to_one_space(
    terminal: World, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["lineage", "export", "--space", "SALES"]) == 0
    events = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert tables(events) == set(terminal.everything())

    assert main(["lineage", "export", "--space", "SALSE"]) == 1
    assert "close to it: SALES" in capfd.readouterr().err


def without_the_library(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command where the optional library cannot be imported."""
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", WITHOUT_THE_LIBRARY, *arguments],
        env=os.environ | world.environment | {"LINEAGE_EXPORT": "on"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.ci_only
def test_without_the_library_an_export_names_what_to_install(company: World) -> None:
    done = without_the_library(company, "lineage", "export")

    assert done.returncode == 1
    assert "datasphere-glue[lineage]" in done.stderr
    assert not company.tenant.requests


@pytest.mark.ci_only
def test_without_the_library_a_run_writes_and_reports_the_missing_library(company: World) -> None:
    done = without_the_library(company, "sync", "--space", "SALES", "--json")

    answer = json.loads(done.stdout)
    assert (done.returncode, answer["status"]) == (3, "DEGRADED")
    assert "LINEAGE_UNAVAILABLE" in {one["code"] for one in answer["errors"]}
    assert answer["counts"]["created"] == len(company.everything()) > 0
    assert "LINEAGE_UNAVAILABLE" in Path(answer["report"]).read_text()
    assert events_of(answer) == []


@pytest.mark.parametrize(
    ("given", "actor", "account"),
    [
        ({"GLUE_CATALOG_ID": "111122223333"}, "arn:aws:sts::999999999999:x", "111122223333"),
        ({"GLUE_ROLE_ARN": "arn:aws:iam::444455556666:role/x"}, None, "444455556666"),
        ({}, "arn:aws:sts::999999999999:assumed-role/sync/sync", "999999999999"),
    ],
)
def test_the_account_of_the_catalog_is_that_of_setting_role_or_identity(
    given: dict[str, str], actor: str | None, account: str
) -> None:
    settings = load(SETTINGS | given)

    assert lineage_events(settings, lambda: actor, lambda: None).naming.account == account


def test_events_are_not_created_for_an_unknown_account() -> None:
    with pytest.raises(LineageUnavailable, match="account") as refused:
        lineage_events(load(SETTINGS), lambda: None, lambda: None)

    assert "GLUE_CATALOG_ID" in refused.value.remedy
