"""Logs and metrics: one JSON line per change and run, no secret in any of them."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from datasphere_glue.errors import SettingsError
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.context import RunContext
from datasphere_glue.outcome.run import Result, Status, result_value
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import FieldChange, OutcomeStatus, Plan
from datasphere_glue.runs import telemetry
from datasphere_glue.runs.telemetry import masked, record_run
from tests.unit.samples import ACTOR, database_change, issue, nightly, outcome, table_change

RESERVED = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
RUN = Result(
    RunAction.SYNC,
    (SpaceListing("SALES"), SpaceListing("HR", incomplete=issue("HR"))),
    plan=Plan(databases=(database_change(),), tables=(table_change(),)),
    outcomes=(outcome(database_change()), outcome(table_change())),
)


@pytest.fixture
def lines() -> Iterator["Lines"]:
    """Return the output of the logger of the function during a test."""
    handler = telemetry.logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    output = Lines()
    before = handler.setStream(output.stream)
    yield output
    handler.setStream(before or sys.stdout)
    telemetry.logger.remove_keys(["correlation_id"])


class Lines:
    """Log lines, decoded."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


def metrics(printed: str) -> dict[str, Any]:
    (line,) = printed.splitlines()
    values: dict[str, Any] = json.loads(line)
    return values


def test_each_change_and_the_run_have_one_line(lines: Lines) -> None:
    record_run(nightly(RUN))

    messages = [record["message"] for record in lines.records]
    assert [line["event"] for line in messages] == ["change", "change", "run"]
    assert messages[1]["audit"]["table"] == "v_orders"
    assert messages[1]["audit"]["fields"] == [
        {"field": "description", "before": "Orders", "after": "Sales orders"}
    ]
    assert messages[2]["result"] == result_value(nightly(RUN))
    assert messages[2]["actor"] == ACTOR


@pytest.mark.parametrize(("cause", "expected"), [("event-7", "event-7"), (None, "night-1")])
def test_the_cause_of_a_run_is_its_correlation_id(
    lines: Lines, cause: str | None, expected: str
) -> None:
    record_run(nightly(RUN, trigger="change", cause=cause))

    assert {record["correlation_id"] for record in lines.records} == {expected}


def test_no_reserved_word_of_log_records_is_used_as_a_key(lines: Lines) -> None:
    record_run(nightly(RUN, audit_head="ab" * 32))

    own = {"event", "audit", "actor", "trigger", "result", "audit_head"}
    assert {key for record in lines.records for key in record["message"]} == own
    assert not own & RESERVED


@pytest.mark.parametrize(
    ("run", "level"),
    [
        (Result(RunAction.SYNC), "INFO"),
        (Result(RunAction.SYNC, outcomes=(outcome(table_change()),)), "INFO"),
        (Result(RunAction.SYNC, (SpaceListing("HR", incomplete=issue("HR")),)), "WARNING"),
        (Result(RunAction.SYNC, error=SettingsError("no url")), "WARNING"),
    ],
)
def test_the_level_of_the_run_follows_from_its_status(
    lines: Lines, run: Result, level: str
) -> None:
    record_run(nightly(run))

    assert lines.records[-1]["level"] == level


def test_an_unexpected_error_has_its_own_line(lines: Lines) -> None:
    record_run(nightly(Result(RunAction.SYNC, error=KeyError("x"))))

    assert [record["level"] for record in lines.records] == ["ERROR", "WARNING"]


def raised() -> ValueError:
    with pytest.raises(ValueError, match="hunter2") as caught:
        int("client_secret=hunter2 and Bearer abc.def")
    return caught.value


def test_the_log_holds_the_traceback_of_an_unexpected_error(lines: Lines) -> None:
    """The result refers to the log for the place of the error."""
    record_run(nightly(Result(RunAction.SYNC, error=raised())))

    assert "test_telemetry.py" in lines.text
    assert "ValueError" in lines.text


def test_no_secret_of_an_error_reaches_the_log(lines: Lines) -> None:
    record_run(nightly(Result(RunAction.SYNC, error=raised())))

    assert "hunter2" not in lines.text
    assert "abc.def" not in lines.text


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer hunter2",
        "authorization: basic hunter2",
        '{"client_secret": "hunter2"}',
        "client_secret=hunter2&grant_type=client_credentials",
        "CLIENT_SECRET: 'hunter2'",
        '{"access_token":"hunter2","token_type":"bearer"}',
    ],
)
def test_possible_secrets_are_masked(lines: Lines, text: str) -> None:
    telemetry.logger.info(text)
    telemetry.logger.info({"event": "x", "nested": [{"deep": text}]})

    assert "hunter2" not in masked(text)
    assert "hunter2" not in lines.text
    assert lines.text.count("***") == 2


def test_business_terms_are_not_masked() -> None:
    assert masked("Basic material, Bearer of costs") == "Basic material, Bearer of costs"


def test_arguments_of_a_message_are_masked(lines: Lines) -> None:
    telemetry.logger.info("answered %s", "Bearer hunter2")

    assert "hunter2" not in lines.text


def test_the_log_line_of_a_large_change_is_bounded(lines: Lines) -> None:
    fields = tuple(FieldChange(f"columns.c{n}.comment", "x" * 9_000, None) for n in range(3_000))

    record_run(
        nightly(Result(RunAction.SYNC, outcomes=(outcome(replace(table_change(), fields=fields)),)))
    )

    assert len(lines.text.splitlines()[0]) < 256 * 1024


def test_the_metrics_count_the_run_and_its_tables(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lines
    record_run(nightly(RUN))

    values = metrics(capsys.readouterr().out)

    assert values["RunDEGRADED"] == [1.0]
    assert values["RunSUCCESS"] == [0.0]
    assert {f"Run{status}" for status in Status} <= set(values)
    assert values["TablesUpdated"] == [1.0]
    assert values["DatabasesCreated"] == [1.0]
    assert values["SpacesIncomplete"] == [1.0]
    assert values["Calls_glue_write"] == [1.0]
    assert values["Duration"] == [1234.0]
    assert values["run_id"] == "night-1"


def test_assets_and_runs_are_no_dimensions(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each distinct value would be a separate custom metric with its own cost."""
    assert lines
    record_run(nightly(RUN))

    (spec,) = metrics(capsys.readouterr().out)["_aws"]["CloudWatchMetrics"]

    assert spec["Namespace"] == "DatasphereGlue"
    assert {name for names in spec["Dimensions"] for name in names} == {
        "tenant",
        "environment",
        "service",
    }


def test_metrics_of_one_run_do_not_reach_the_next(
    lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lines
    record_run(nightly(RUN))
    capsys.readouterr()

    record_run(
        Result(
            RunAction.SYNC,
            plan=Plan(tables=(table_change(ChangeAction.DELETE),)),
            outcomes=(outcome(table_change(ChangeAction.DELETE), OutcomeStatus.FAILED, issue()),),
            context=RunContext("r2", trigger="manual"),
        )
    )

    values = metrics(capsys.readouterr().out)
    assert (values["tenant"], values["TablesUpdated"], values["TablesFailed"]) == (
        "unknown",
        [0.0],
        [1.0],
    )
    assert "environment" not in values


def test_metrics_count_read_assets_and_the_age_of_the_oldest_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listing = SpaceListing("SALES", read=2, reused=40, left=1)
    record_run(nightly(Result(RunAction.SYNC, (listing,)), oldest_read="2026-11-22T01:00:00+00:00"))
    values = metrics(capsys.readouterr().out)
    names = ("AssetsRead", "AssetsReused", "AssetsLeft", "OldestRead")
    assert [values[name] for name in names] == [[2.0], [40.0], [1.0], [86_400.0]]


@pytest.mark.parametrize(
    ("before", "after", "minutes"),
    [
        ("2026-11-20T00:00:00Z", "2026-11-23T00:30:00Z", 30.0),
        (None, "2026-11-23T00:30:00.000Z", 30.0),
        ("2026-11-23T00:30:00Z", "2026-11-23T00:30:00Z", None),
        (None, "2026-11-23", None),
        (None, "yesterday", None),
        (None, None, None),
    ],
)
def test_the_lag_is_measured_from_a_new_deployment(
    before: str | None, after: str | None, minutes: float | None, capsys: pytest.CaptureFixture[str]
) -> None:
    change = table_change()
    assert change.before is not None
    assert change.after is not None
    change = replace(
        change,
        before=change.before.with_parameters(deployed_on=before),
        after=change.after.with_parameters(deployed_on=after),
    )
    run = Result(RunAction.SYNC, plan=Plan(tables=(change,)), outcomes=(outcome(change),))
    record_run(nightly(run, duration_ms=0))
    values = metrics(capsys.readouterr().out)
    assert values.get("LagMinutes") == (None if minutes is None else [minutes])


def test_the_days_until_the_client_expires_are_a_metric(capsys: pytest.CaptureFixture[str]) -> None:
    record_run(nightly(RUN, client_expires=date(2026, 12, 1)))
    assert metrics(capsys.readouterr().out)["ClientDaysLeft"] == [8.0]
