"""The monitoring of the deployed stack: alarms, dashboard and queries use existing data."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.config.loading import load
from datasphere_glue.errors import PermissionDenied
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.runs.telemetry import record_run
from deploy.stack import Stack
from tests.unit.samples import CONTEXT, nightly, outcome, table_change

MakeStack = Callable[..., Stack]
RUNBOOKS = Path(__file__).parents[2] / "docs" / "operations.md"
TOPIC = "arn:aws:sns:eu-central-1:111122223333:alarms"


def alarms(stack: Stack) -> dict[str, dict[str, Any]]:
    return stack.of_type("AWS::CloudWatch::Alarm")


def emitted(capsys: pytest.CaptureFixture[str], **fields: Any) -> dict[str, Any]:
    """Return the metrics line of a run that has a value for everything."""
    change = table_change(ChangeAction.UPDATE)
    assert change.after is not None
    deployed = change.after.with_parameters(deployed_on="2026-11-23T00:50:00Z")
    change = replace(change, after=deployed)
    run = Result(
        RunAction.SYNC,
        (SpaceListing("S"),),
        plan=Plan(tables=(change,)),
        outcomes=(outcome(change),),
    )
    dates = {"oldest_read": CONTEXT.started, "client_expires": date(2026, 12, 1)}
    record_run(nightly(run, **dates, **fields))
    record: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return record


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    if "MetricName" in alarm:
        return [alarm]
    return [m["MetricStat"]["Metric"] for m in alarm["Metrics"] if "MetricStat" in m]


@pytest.mark.parametrize("environment", ["", "prod"])
def test_alarms_watch_metrics_that_the_function_writes(
    stack_with: MakeStack, environment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = stack_with(SyncEnvironment=environment)
    (function,) = (
        f
        for f in stack.of_type("AWS::Lambda::Function").values()
        if f["Handler"].startswith("datasphere_glue")
    )
    variables = {k: str(v) for k, v in function["Environment"]["Variables"].items()}
    settings = load(variables | {"AWS_LAMBDA_FUNCTION_NAME": "sync"})
    line = emitted(capsys, tenant=settings.tenant, environment=settings.environment or None)
    (written,) = line["_aws"]["CloudWatchMetrics"]
    dimensions = {name: line[name] for name in written["Dimensions"][0]}
    names = {metric["Name"] for metric in written["Metrics"]}

    own = [m for a in alarms(stack).values() for m in metrics_of(a)]
    own = [m for m in own if m["Namespace"] == written["Namespace"]]

    assert len(own) == 7
    for metric in own:
        assert metric["MetricName"] in names
        assert {d["Name"]: d["Value"] for d in metric["Dimensions"]} == dimensions


def test_every_alarm_has_a_runbook(stack_with: MakeStack) -> None:
    sections = set(re.findall(r"^## ([a-z-]+)$", RUNBOOKS.read_text(), re.MULTILINE))
    named = set()
    for name, alarm in alarms(stack_with(FanOut="true")).items():
        (section,) = re.findall(r"See docs/operations\.md, ([a-z-]+)\.$", alarm["AlarmDescription"])
        named.add(section)
        assert f"`{name}`" in RUNBOOKS.read_text()
    assert named == sections


def test_alarms_go_to_the_topic_if_there_is_one(stack_with: MakeStack) -> None:
    for alarm in alarms(stack_with(AlarmTopicArn=TOPIC)).values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [TOPIC]
    for alarm in alarms(stack_with()).values():
        assert "AlarmActions" not in alarm


def test_silence_is_an_alarm_only_where_a_run_is_expected(stack: Stack) -> None:
    silent = {n for n, a in alarms(stack).items() if a["TreatMissingData"] == "breaching"}
    assert silent == {"NoGoodRunAlarm"}


def test_no_alarm_exceeds_the_maximum_period_of_cloudwatch(stack_with: MakeStack) -> None:
    for alarm in alarms(stack_with(GoodRunWithinHours="168", DegradedHours="168")).values():
        stats = [m["MetricStat"] for m in alarm.get("Metrics", ()) if "MetricStat" in m]
        period = alarm.get("Period") or stats[0]["Period"]
        assert int(period) * int(alarm["EvaluationPeriods"]) <= 7 * 86_400


@pytest.mark.parametrize("environment", ["", "prod"])
def test_the_dashboard_shows_existing_metrics(
    stack_with: MakeStack, environment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = stack_with(SyncEnvironment=environment)
    (dashboard,) = stack.of_type("AWS::CloudWatch::Dashboard").values()
    assert dashboard["DashboardName"] == "stack"
    body = json.loads(dashboard["DashboardBody"])
    line = emitted(capsys, tenant="acme.eu10.hcs.cloud.sap", environment=environment or None)
    names = {metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    dimensions = {n: line[n] for n in line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]}
    metrics = [
        metric
        for widget in body["widgets"]
        if widget["type"] == "metric"
        for metric in widget["properties"]["metrics"]
    ]
    ours = [metric for metric in metrics if metric[0] == "DatasphereGlue"]
    assert len(ours) > 20
    for _, name, *rest in ours:
        pairs = [item for item in rest if isinstance(item, str)]
        assert name in names
        assert dict(zip(pairs[::2], pairs[1::2], strict=True)) == dimensions


def test_widgets_do_not_overlap(stack: Stack) -> None:
    (dashboard,) = stack.of_type("AWS::CloudWatch::Dashboard").values()
    occupied: set[tuple[int, int]] = set()
    for widget in json.loads(dashboard["DashboardBody"])["widgets"]:
        cells = {
            (x, y)
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        }
        assert not cells & occupied
        assert widget["x"] + widget["width"] <= 24
        occupied |= cells


def test_saved_queries_use_fields_of_the_log_lines(
    stack: Stack, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    emitted(capsys)
    failed = Result(RunAction.SYNC, error=PermissionError("unforeseen"))
    record_run(nightly(failed))
    record_run(nightly(Result(RunAction.SYNC, error=PermissionDenied("denied"))))
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    logged = {path for line in lines for path in paths("message", line)}
    queries = stack.of_type("AWS::Logs::QueryDefinition")
    assert len(queries) == 4
    for query in queries.values():
        queried = set(re.findall(r"message(?:\.\w+)+", query["QueryString"]))
        assert queried <= logged
        assert query["Name"].startswith("stack/")


def paths(prefix: str, value: Any) -> set[str]:
    if isinstance(value, dict):
        return {p for key, item in value.items() for p in paths(f"{prefix}.{key}", item)} | {prefix}
    if isinstance(value, list):
        pairs = enumerate(value)
        return {p for n, item in pairs for p in paths(f"{prefix}.{n}", item)} | {prefix}
    return {prefix}


def test_a_key_encrypts_everything_stored(stack_with: MakeStack) -> None:
    key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd"
    stack = stack_with(KmsKeyArn=key, FanOut="true")
    groups = stack.of_type("AWS::Logs::LogGroup")
    assert {group["KmsKeyId"] for group in groups.values()} == {key}
    (bucket,) = stack.of_type("AWS::S3::Bucket").values()
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": key,
    }
    (secret,) = stack.of_type("AWS::SecretsManager::Secret").values()
    assert secret["KmsKeyId"] == key
    plain = stack_with(FanOut="true").of_type("AWS::Logs::LogGroup")
    assert not any("KmsKeyId" in group for group in plain.values())
