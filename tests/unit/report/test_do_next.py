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
    return Result(RunAction.SYNC, plan=Plan(skipped=(actionable_issue(code),)), outcomes=DONE)


def with_note(code: IssueCode) -> Result:
    return Result(RunAction.SYNC, plan=Plan(notes=(actionable_issue(code),)), outcomes=DONE)


def actionable_issue(code: IssueCode) -> Issue:
    return replace(issue(code=code), remedy="please do this")


def surfaces(run: Result) -> dict[str, bool]:
    run_with_report = nightly(run, report=REPORT)
    message = notification_of(run_with_report, None)
    assert message is not None
    report = document(run_with_report)
    return {
        "terminal": "please do this" in text(run_with_report).partition("\nDo next:\n")[2],
        "message": "please do this" in message.text.partition("\nDo next:\n")[2],
        "page": any(
            one["severity"] == Severity.ACT for one in (*report["issues"], *report["notes"])
        ),
    }


@pytest.mark.parametrize("code", IssueCode)
def test_every_surface_lists_exactly_the_issues_of_severity_act(code: IssueCode) -> None:
    expected = code.severity is Severity.ACT

    assert surfaces(with_issue(code)) == dict.fromkeys(("terminal", "message", "page"), expected)


@pytest.mark.parametrize("code", IssueCode)
def test_every_surface_lists_exactly_the_notes_of_severity_act(code: IssueCode) -> None:
    expected = code.severity_as_note is Severity.ACT

    assert surfaces(with_note(code)) == dict.fromkeys(("terminal", "message", "page"), expected)


def test_unavailable_definitions_as_a_note_need_no_action() -> None:
    code = IssueCode.DEFINITIONS_UNAVAILABLE

    assert actionable(with_issue(code)) == (actionable_issue(code),)
    assert actionable(with_note(code)) == ()


def test_issues_come_before_notes() -> None:
    notes = (actionable_issue(IssueCode.SCHEMA_HELD),)
    run = Result(
        RunAction.SYNC,
        plan=Plan(skipped=(actionable_issue(IssueCode.FOREIGN_OBJECT),), notes=notes),
    )

    assert [one.code for one in actionable(run)] == [
        IssueCode.FOREIGN_OBJECT,
        IssueCode.SCHEMA_HELD,
    ]
