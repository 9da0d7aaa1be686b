"""Page, terminal and message list the same under "Do next": what has severity `act`."""

from dataclasses import replace

import pytest

from datasphere_glue.model.issue_codes import IssueCode, Severity
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import OutcomeStatus, Plan
from datasphere_glue.report.document import document
from datasphere_glue.report.next_steps import actionable
from datasphere_glue.report.notification import notification_of
from datasphere_glue.report.render import text
from tests.unit.samples import issue, nightly, outcome, table_change

REPORT = "s3://bucket/runs/night-1/report.json"
DONE = (outcome(table_change(), OutcomeStatus.DONE),)


def with_issue(code: IssueCode) -> Result:
    return Result(RunAction.SYNC, plan=Plan(skipped=(asking(code),)), outcomes=DONE)


def with_note(code: IssueCode) -> Result:
    return Result(RunAction.SYNC, plan=Plan(notes=(asking(code),)), outcomes=DONE)


def asking(code: IssueCode) -> Issue:
    return replace(issue(code=code), remedy="please do this")


def surfaces(run: Result) -> dict[str, bool]:
    kept = nightly(run, report=REPORT)
    message = notification_of(kept, None)
    assert message is not None
    report = document(kept)
    return {
        "terminal": "please do this" in text(kept).partition("\nDo next:\n")[2],
        "message": "please do this" in message.text.partition("\nDo next:\n")[2],
        "page": any(
            one["severity"] == Severity.ACT for one in (*report["issues"], *report["notes"])
        ),
    }


@pytest.mark.parametrize("code", IssueCode)
def test_every_surface_asks_for_what_a_person_must_do_and_for_nothing_else(code: IssueCode) -> None:
    asked = code.severity is Severity.ACT

    assert surfaces(with_issue(code)) == dict.fromkeys(("terminal", "message", "page"), asked)


@pytest.mark.parametrize("code", IssueCode)
def test_every_surface_asks_for_what_a_note_demands_and_for_nothing_else(code: IssueCode) -> None:
    asked = code.severity_as_note is Severity.ACT

    assert surfaces(with_note(code)) == dict.fromkeys(("terminal", "message", "page"), asked)


def test_definitions_that_are_optional_are_nothing_to_act_on() -> None:
    code = IssueCode.DEFINITIONS_UNAVAILABLE

    assert actionable(with_issue(code)) == (asking(code),)
    assert actionable(with_note(code)) == ()


def test_issues_come_before_notes() -> None:
    notes = (asking(IssueCode.SCHEMA_HELD),)
    run = Result(
        RunAction.SYNC, plan=Plan(skipped=(asking(IssueCode.FOREIGN_OBJECT),), notes=notes)
    )

    assert [one.code for one in actionable(run)] == [
        IssueCode.FOREIGN_OBJECT,
        IssueCode.SCHEMA_HELD,
    ]
