"""A run as a value: its status, its counts and its result as in the contract."""

from dataclasses import replace

import pytest

from datasphere_glue.errors import (
    ConfigError,
    CredentialsRejected,
    EventError,
    GuardRefused,
    OutOfTime,
    PermissionDenied,
    PlanRefused,
    SettingsError,
    SourceUnavailable,
    WriteFailed,
)
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import (
    EXIT_CODES,
    MAX_ERRORS,
    Result,
    Status,
    as_issue,
    database_counts,
    reading,
    result_value,
    table_counts,
)
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Conflict, Outcome, OutcomeStatus, Plan
from tests.unit.samples import TENANT, database_change, issue, nightly, outcome, table_change

UPDATE = table_change()
PLAN = Plan(tables=(UPDATE,))
LISTING = SpaceListing("SALES", "Sales", listed=frozenset({"V"}), read=1)
CUT = SpaceListing("SALES", incomplete=issue("SALES", "SPACE_FORBIDDEN"))
OUT_OF_TIME = issue("SALES", OutOfTime.code)
COUNTS = dict.fromkeys(
    (
        *("created", "updated", "unchanged", "deprecated", "restored", "deleted"),
        *("conflicts", "skipped", "failed"),
    ),
    0,
)


def counts(**some: int) -> dict[str, int]:
    return COUNTS | some


def conflict(field: str, *, both: bool, table: str = "v") -> Conflict:
    return Conflict("datasphere_sales", table, "SALES", "V", field, "a", "b", both)


@pytest.mark.parametrize(
    ("run", "status"),
    [
        (Result(RunAction.SYNC), Status.NO_CHANGES),
        (Result(RunAction.SYNC, (LISTING,)), Status.NO_CHANGES),
        (Result(RunAction.DOCTOR, (LISTING,)), Status.NO_CHANGES),
        (Result(RunAction.SYNC, plan=PLAN, outcomes=(outcome(UPDATE),)), Status.SUCCESS),
        (
            Result(RunAction.SYNC, plan=PLAN, outcomes=(outcome(UPDATE, OutcomeStatus.UNCHANGED),)),
            Status.NO_CHANGES,
        ),
        (Result(RunAction.PLAN, plan=PLAN), Status.PENDING),
        (Result(RunAction.VERIFY, plan=PLAN), Status.PENDING),
        (
            Result(RunAction.SYNC, plan=PLAN, outcomes=(outcome(UPDATE, OutcomeStatus.UNTRIED),)),
            Status.PENDING,
        ),
        (Result(RunAction.SYNC, error=OutOfTime("over")), Status.PENDING),
        (Result(RunAction.SYNC, (SpaceListing("SALES", incomplete=OUT_OF_TIME),)), Status.PENDING),
        (Result(RunAction.SYNC, (CUT,)), Status.DEGRADED),
        (Result(RunAction.SYNC, (SpaceListing("SALES", unread=(issue(),)),)), Status.DEGRADED),
        (Result(RunAction.PLAN, (CUT,), plan=PLAN), Status.DEGRADED),
        (
            Result(RunAction.SYNC, plan=Plan(skipped=(issue("HR", "SPACE_VANISHED"),))),
            Status.DEGRADED,
        ),
        (
            Result(
                RunAction.SYNC,
                plan=PLAN,
                outcomes=(outcome(UPDATE, OutcomeStatus.FAILED, issue()),),
            ),
            Status.DEGRADED,
        ),
        (
            Result(
                RunAction.SYNC,
                plan=PLAN,
                outcomes=(outcome(UPDATE),),
                report_error=issue("run", "REPORT_UNWRITABLE"),
            ),
            Status.DEGRADED,
        ),
        (
            Result(RunAction.SYNC, plan=PLAN, objections=(issue("SALES", GuardRefused.code),)),
            Status.HALTED,
        ),
        (
            Result(RunAction.PLAN, plan=PLAN, objections=(issue("SALES", GuardRefused.code),)),
            Status.HALTED,
        ),
        (Result(RunAction.SYNC, error=CredentialsRejected("no")), Status.HALTED),
        (Result(RunAction.SYNC, error=PermissionDenied("no")), Status.HALTED),
        (
            Result(
                RunAction.SYNC,
                plan=PLAN,
                outcomes=(Outcome(UPDATE, OutcomeStatus.FAILED, halts=True),),
            ),
            Status.HALTED,
        ),
        (Result(RunAction.SYNC, error=SettingsError("no")), Status.FAILED),
        (Result(RunAction.SYNC, error=EventError("no")), Status.FAILED),
        (Result(RunAction.SYNC, error=ConfigError("no")), Status.FAILED),
        (Result(RunAction.SYNC, error=PlanRefused("no")), Status.FAILED),
        (Result(RunAction.SYNC, error=SourceUnavailable("no")), Status.FAILED),
        (Result(RunAction.SYNC, error=KeyError("no")), Status.FAILED),
    ],
)
def test_the_status_follows_from_the_result(run: Result, status: Status) -> None:
    assert run.status is status


def test_the_most_severe_status_wins() -> None:
    """HALTED before PENDING before DEGRADED before SUCCESS."""
    tried = (
        outcome(UPDATE),
        outcome(table_change(name="w"), OutcomeStatus.FAILED, issue()),
        outcome(table_change(name="x"), OutcomeStatus.UNTRIED),
        Outcome(table_change(name="y"), OutcomeStatus.FAILED, halts=True, error=issue()),
    )

    assert Result(RunAction.SYNC, outcomes=tried[:1]).status is Status.SUCCESS
    assert Result(RunAction.SYNC, outcomes=tried[:2]).status is Status.DEGRADED
    assert Result(RunAction.SYNC, outcomes=tried[:3]).status is Status.PENDING
    assert Result(RunAction.SYNC, outcomes=tried).status is Status.HALTED


def test_notes_and_edits_change_no_status() -> None:
    plan = Plan(notes=(issue(),), conflicts=(conflict("description", both=True),))

    assert Result(RunAction.SYNC, plan=plan).status is Status.NO_CHANGES


def test_every_status_has_the_exit_code_of_the_contract() -> None:
    assert {str(status): code for status, code in EXIT_CODES.items()} == {
        "SUCCESS": 0,
        "NO_CHANGES": 0,
        "FAILED": 1,
        "PENDING": 2,
        "DEGRADED": 3,
        "HALTED": 4,
    }
    assert set(EXIT_CODES) == set(Status)


def test_the_result_has_the_shape_of_the_contract() -> None:
    created = database_change()
    run = Result(
        RunAction.SYNC,
        (LISTING,),
        {"SALES": "datasphere_sales"},
        Plan(databases=(created,), tables=(UPDATE,), unchanged=(("SALES", 4),)),
        outcomes=(outcome(created), outcome(UPDATE)),
        digest="d" * 64,
    )

    assert result_value(nightly(run)) == {
        "run_id": "night-1",
        "action": "sync",
        "status": "SUCCESS",
        "tenant": TENANT,
        "counts": counts(updated=1, unchanged=4),
        "databases": counts(created=1),
        "spaces": [
            {
                "space": "SALES",
                "database": "datasphere_sales",
                "complete": True,
                "reason": None,
                "counts": counts(updated=1, unchanged=4),
            }
        ],
        "plan_digest": "d" * 64,
        "calls": {"datasphere": 7, "glue_read": 3, "glue_write": 1},
        "duration_ms": 1234,
        "report": None,
        "errors": [],
    }


def test_a_run_that_failed_before_its_start_has_the_same_shape() -> None:
    value = result_value(Result(RunAction.SYNC, error=SettingsError("no url")))

    assert set(value) == set(result_value(nightly(Result(RunAction.SYNC))))
    assert value["calls"] == {"datasphere": 0, "glue_read": 0, "glue_write": 0}
    assert value["counts"] == COUNTS
    assert [error["code"] for error in value["errors"]] == ["SETTINGS_INVALID"]


def test_an_incomplete_space_has_a_reason() -> None:
    value = result_value(nightly(Result(RunAction.SYNC, (CUT,), {"SALES": "datasphere_sales"})))

    (space,) = value["spaces"]
    assert (space["complete"], space["reason"]) == (False, "SALES cannot be read")


def every_action() -> Plan:
    return Plan(tables=tuple(table_change(action, f"v_{action}") for action in ChangeAction))


def test_a_plan_counts_its_planned_changes() -> None:
    value = table_counts(Result(RunAction.PLAN, plan=every_action()))

    assert value == counts(created=1, updated=1, restored=1, deprecated=1, deleted=1)


def test_a_refused_plan_counts_nothing_as_done() -> None:
    run = Result(
        RunAction.SYNC, plan=every_action(), objections=(issue("SALES", GuardRefused.code),)
    )

    assert table_counts(run) == COUNTS


def test_an_applied_plan_counts_its_outcomes() -> None:
    plan = every_action()
    results = (
        OutcomeStatus.DONE,
        OutcomeStatus.FAILED,
        OutcomeStatus.UNCHANGED,
        OutcomeStatus.UNTRIED,
        OutcomeStatus.DONE,
    )
    outcomes = tuple(
        outcome(change, result) for change, result in zip(plan.tables, results, strict=True)
    )

    value = table_counts(Result(RunAction.SYNC, plan=plan, outcomes=outcomes))

    assert value == counts(created=1, failed=1, unchanged=1, deleted=1)


def test_the_counts_of_all_spaces_add_up_to_those_of_the_run() -> None:
    listings = (
        SpaceListing("SALES", unread=(issue("SALES.U"),)),
        SpaceListing("HR", unread=(issue("HR.U"), issue("HR.W"))),
    )
    plan = Plan(
        tables=(table_change(name="a"), table_change(ChangeAction.CREATE, "b", "HR")),
        skipped=(issue("SALES.X.Y", "FOREIGN_OBJECT"),),
        unchanged=(("HR", 3), ("SALES", 2)),
        conflicts=(conflict("description", both=True),),
    )
    run = Result(RunAction.SYNC, listings, plan=plan, outcomes=tuple(map(outcome, plan.tables)))

    value = result_value(nightly(run))

    assert value["counts"] == counts(
        created=1, updated=1, unchanged=5, skipped=1, conflicts=1, failed=3
    )
    for key in COUNTS:
        assert value["counts"][key] == sum(space["counts"][key] for space in value["spaces"])


def test_conflicts_are_counted_by_table_without_drift() -> None:
    plan = Plan(
        conflicts=(
            conflict("description", both=True),
            conflict("columns.a.comment", both=True),
            conflict("description", both=False, table="w"),
        )
    )

    assert table_counts(Result(RunAction.SYNC, plan=plan))["conflicts"] == 1


def test_an_edit_that_is_set_back_is_not_counted_as_a_conflict() -> None:
    back = replace(conflict("parameters.datasphere.label", both=True), kept=False)

    assert table_counts(Result(RunAction.SYNC, plan=Plan(conflicts=(back,))))["conflicts"] == 0


def test_a_conflict_of_a_database_is_counted_with_the_databases() -> None:
    both = replace(conflict("description", both=True), table=None, asset=None)
    run = Result(RunAction.SYNC, plan=Plan(conflicts=(both,)))

    assert database_counts(run)["conflicts"] == 1
    assert table_counts(run)["conflicts"] == 0


def test_databases_and_tables_are_counted_separately() -> None:
    created = database_change()
    plan = Plan(
        databases=(created,),
        kept=("datasphere_hr",),
        skipped=(issue("SHOP", "SPACE_VANISHED"), issue("SALES.V", "FOREIGN_OBJECT")),
    )
    run = Result(RunAction.SYNC, plan=plan, outcomes=(outcome(created),))

    assert database_counts(run) == counts(created=1, unchanged=1, skipped=1)
    assert table_counts(run) == counts(skipped=1)


def test_issues_are_ordered_by_importance() -> None:
    run = Result(
        RunAction.SYNC,
        (CUT,),
        plan=Plan(skipped=(issue("SALES.B", "FOREIGN_OBJECT"),)),
        objections=(issue("SALES", GuardRefused.code),),
        outcomes=(outcome(UPDATE, OutcomeStatus.FAILED, issue("SALES.C", WriteFailed.code)),),
        error=OutOfTime("over"),
        report_error=issue("run", "REPORT_UNWRITABLE"),
    )

    assert [problem.code for problem in run.issues] == [
        *("OUT_OF_TIME", "GUARD_REFUSED", "SPACE_FORBIDDEN", "FOREIGN_OBJECT", "WRITE_FAILED"),
        "REPORT_UNWRITABLE",
    ]


def test_the_same_issue_of_two_stages_is_one() -> None:
    missing = issue("run", "SETTINGS_INVALID")
    run = Result(
        RunAction.PLAN, report_error=missing, selection=(missing, issue("B", "SELECTION_UNMATCHED"))
    )

    assert run.issues == (missing, issue("B", "SELECTION_UNMATCHED"))


def test_an_error_names_asset_code_message_and_remedy() -> None:
    value = result_value(
        nightly(Result(RunAction.SYNC, (SpaceListing("SALES", unread=(issue(),)),)))
    )

    assert value["errors"] == [
        {
            "asset": "SALES.V",
            "code": "ASSET_UNREADABLE",
            "message": "SALES.V cannot be read",
            "remedy": "redeploy it",
        }
    ]


@pytest.mark.parametrize(("count", "listed"), [(50, 50), (51, 51), (300, 51)])
def test_errors_above_the_limit_of_a_result_are_only_counted(count: int, listed: int) -> None:
    """Lambda accepts at most 6 MB and EventBridge 256 KB: the report has the rest."""
    unread = tuple(issue(f"SALES.V{number}") for number in range(count))

    errors = result_value(nightly(Result(RunAction.SYNC, (SpaceListing("SALES", unread=unread),))))[
        "errors"
    ]

    assert len(errors) == listed
    if count > MAX_ERRORS:
        assert errors[-1]["code"] == "MORE_ERRORS"
        assert errors[-1]["message"].startswith(f"{count - MAX_ERRORS} more")


def test_the_text_of_an_unexpected_error_is_not_in_the_result() -> None:
    """The text may hold secrets from a library."""
    value = as_issue(RuntimeError("client_secret=hunter2"))

    assert value.code == "UNEXPECTED"
    assert "RuntimeError" in value.message
    assert "hunter2" not in value.message


def test_untried_changes_are_reported_with_their_number() -> None:
    untried = outcome(table_change(), result=OutcomeStatus.UNTRIED)
    value = Result(RunAction.SYNC, outcomes=(untried, untried))
    assert value.status is Status.PENDING
    (issue_,) = value.issues
    assert (issue_.code, issue_.message[:9]) == ("OUT_OF_TIME", "2 changes")


def test_unread_assets_make_a_run_pending_and_are_counted() -> None:
    run = Result(RunAction.SYNC, (replace(LISTING, left=3, reused=5),), outcomes=(outcome(UPDATE),))
    assert run.status is Status.PENDING
    (value,) = run.issues
    assert value.code == OutOfTime.code
    assert value.message == "3 assets were not read: the time of the run is over"
    assert reading(nightly(run)) == {"read": 1, "reused": 5, "left": 3, "oldest": None}
    assert table_counts(run)["failed"] == 0


def test_untried_changes_and_unread_assets_are_one_issue() -> None:
    untried = outcome(UPDATE, OutcomeStatus.UNTRIED)
    run = Result(RunAction.SYNC, (replace(LISTING, left=2),), outcomes=(untried,))
    assert run.issues[0].message.startswith("1 changes were not tried and 2 assets were not read")
