"""The text of a run for a terminal."""

from dataclasses import replace

import pytest

from datasphere_glue.errors import GuardRefused
from datasphere_glue.model.completeness import Completeness, Share
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.checks import Check, Level
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import (
    ColumnChange,
    Conflict,
    FieldChange,
    Outcome,
    OutcomeStatus,
    Plan,
    Rename,
)
from datasphere_glue.plan.policy import SchemaChange
from datasphere_glue.report.render import text
from datasphere_glue.report.typed import Typed
from tests.unit.samples import ACTOR, TENANT, database_change, issue, nightly, table_change

SALES = SpaceListing("SALES", "Sales", listed=frozenset({"V"}), read=12)


def test_a_plan_lists_changes_counts_and_next_steps() -> None:
    run = Result(
        RunAction.PLAN,
        (SALES,),
        plan=Plan(
            databases=(database_change(),),
            tables=(
                table_change(ChangeAction.CREATE, "v_new"),
                table_change(),
                table_change(ChangeAction.RESTORE, "v_back"),
                table_change(ChangeAction.DEPRECATE, "v_old"),
                table_change(ChangeAction.DELETE, "v_gone"),
            ),
        ),
        digest="ab" * 32,
    )

    assert text(nightly(run, report="reports/runs/night-1/report.json")).splitlines() == [
        f"datasphere-glue plan  tenant={TENANT}  cfg=c0ffee  trigger=schedule  run=night-1",
        "Source  1 space (1 complete)  12 assets read  7 calls  1.2 s",
        "Target  0 databases  3 reads  1 write",
        "",
        "  - datasphere_sales.v_gone  differs from Datasphere",
        "  x datasphere_sales.v_old  differs from Datasphere",
        "  ~ datasphere_sales.v_orders  differs from Datasphere",
        '      description: "Orders" -> "Sales orders"',
        "  ^ datasphere_sales.v_back  differs from Datasphere",
        "  + datasphere_sales  (database of space SALES)",
        "  + datasphere_sales.v_new  differs from Datasphere, 0 columns",
        "",
        "Tables: 1 to create, 1 to update, 1 to deprecate, 1 to restore, 1 to delete",
        "Do next:",
        "  1) apply exactly this: datasphere-glue sync --plan abababababab",
        f"Plan: sha256:{'ab' * 32}",
        "Report: reports/runs/night-1/report.html",
        "Status: PENDING (exit 2)",
    ]


def test_the_next_step_of_a_planned_rollback_is_a_rollback() -> None:
    run = Result(RunAction.PLAN, plan=Plan((), (table_change(),)), digest="ab" * 32)

    place = "reports/runs/night-1/report.json"
    output = text(
        nightly(run, report=place, rollback_of="night-0"), typed=Typed(scope=("--space", "SALES"))
    )

    assert "datasphere-glue rollback night-0 --approved abababababab --space SALES" in output
    assert "sync --plan" not in output


def test_every_problem_comes_with_its_remedy() -> None:
    output = text(nightly(Result(RunAction.SYNC, (SpaceListing("SALES", unread=(issue(),)),))))

    assert "  ? SALES.V  ASSET_UNREADABLE: SALES.V cannot be read\n" in output
    assert output.endswith(
        "Tables: 1 failed\nDo next:\n  1) redeploy it (SALES.V)\nStatus: DEGRADED (exit 3)"
    )


def test_a_refusal_of_the_guard_is_shown_with_the_planned_changes() -> None:
    refused = Issue(GuardRefused.code, "40 of 100 tables", "raise it", space="SALES")
    run = Result(
        RunAction.SYNC,
        plan=Plan(tables=(table_change(ChangeAction.DEPRECATE),)),
        objections=(refused,),
    )

    output = text(nightly(run))

    assert "  x datasphere_sales.v_orders" in output
    assert "40 of 100 tables" in output
    assert output.endswith("Status: HALTED (exit 4)")


def test_long_values_have_their_own_lines() -> None:
    long = FieldChange("columns.a_rather_long_name.comment", "before " * 40, "after " * 40)
    gone = FieldChange("columns.x.comment", "short", None)

    output = text(
        nightly(
            Result(
                RunAction.PLAN, plan=Plan(tables=(replace(table_change(), fields=(long, gone)),))
            )
        )
    )

    assert '      columns.x.comment: "short" -> (none)' in output
    assert max(map(len, output.splitlines())) <= 100


def test_an_edit_shows_both_values() -> None:
    both = Conflict(
        "datasphere_sales", "v", "SALES", "V", "description", "m" * 90, "d" * 90, both=True
    )
    drift = replace(both, field="columns.a.comment", catalog=None, both=False)

    lines = text(nightly(Result(RunAction.SYNC, plan=Plan(conflicts=(both, drift))))).splitlines()

    assert "  < datasphere_sales.v  description: conflict" in lines
    assert "  < datasphere_sales.v  columns.a.comment: edited in Glue" in lines
    assert "      kept (none)" in lines
    assert max(map(len, lines)) <= 100


def test_edits_that_were_set_back_and_edits_of_databases_are_marked() -> None:
    set_back = Conflict(
        "db", "v", "S", "V", "parameters.datasphere.label", "a", "b", both=False, kept=False
    )
    database = Conflict("db", None, "S", None, "description", "by hand", "Sales", both=False)

    lines = text(
        nightly(Result(RunAction.SYNC, plan=Plan(conflicts=(set_back, database))))
    ).splitlines()

    assert lines[4:10] == [
        "  < db.v  parameters.datasphere.label: edited in Glue",
        '      set back "a"',
        '      Datasphere: "b"',
        "  < db  description: edited in Glue",
        '      kept "by hand"',
        '      Datasphere: "Sales"',
    ]


def test_breaking_and_renamed_tables_have_their_own_signs() -> None:
    narrowed = ColumnChange("amount", SchemaChange.NARROWING, "bigint", "int")
    changes = (
        replace(table_change(ChangeAction.CREATE, "v_new"), renamed=Rename("V_OLD", "V_NEW", 0.95)),
        replace(table_change(name="v_less"), schema=(narrowed,)),
    )

    output = text(nightly(Result(RunAction.PLAN, plan=Plan(tables=changes))))

    assert "  > datasphere_sales.v_new" in output
    assert "  ! datasphere_sales.v_less" in output


def test_only_notes_that_require_a_decision_are_shown() -> None:
    waiting = Issue(
        IssueCode.SCHEMA_HELD, "column amount waits", "allow it", space="SALES", asset="V"
    )
    notes = (waiting, issue(code="TYPE_LOSS"), *[replace(waiting, asset="W")] * 20)

    output = text(nightly(Result(RunAction.PLAN, plan=Plan(notes=notes))))

    assert "  i SALES.V  SCHEMA_HELD: column amount waits\n" in output
    assert "  1) allow it (SALES.V, SALES.W)" in output
    assert "TYPE_LOSS" not in output
    assert "... and 17 more notes (--all or the report)" in output


def test_a_large_run_is_shortened_and_refers_to_the_report() -> None:
    edits = tuple(
        Conflict("db", f"v{n}", "SALES", "V", "description", "a", "b", both=True) for n in range(20)
    )
    fields = tuple(FieldChange(f"columns.c{n}.type", "int", "bigint") for n in range(10))
    changes = tuple(replace(table_change(name=f"v{n}"), fields=fields) for n in range(50))
    unread = tuple(issue(f"SALES.V{n}") for n in range(30))

    run = Result(
        RunAction.SYNC,
        (SpaceListing("SALES", unread=unread),),
        plan=Plan(tables=changes, conflicts=edits),
    )
    output, whole = text(nightly(run)), text(nightly(run), everything=True)

    assert "... and 42 more changes (--all or the report)" in output
    assert "... and 7 more fields" in output
    assert "... and 16 more edits (--all or the report)" in output
    assert "... and 26 more problems (--all or the report)" in output
    assert "1) redeploy it (SALES.V0, SALES.V1, SALES.V2 and 27 more)" in output
    assert "... and" not in whole
    assert "datasphere_sales.v49" in whole


def test_doctor_shows_identity_and_spaces_but_no_table_counts() -> None:
    cut = SpaceListing("HR", incomplete=issue("HR", "SPACE_FORBIDDEN"))
    run = Result(
        RunAction.DOCTOR, (SALES, cut), {"SALES": "datasphere_sales", "HR": "datasphere_hr"}
    )

    output = text(nightly(run))

    assert f"  AWS identity  {ACTOR}" in output
    assert "  space SALES  1 assets -> datasphere_sales" in output
    assert "  space HR  not readable -> datasphere_hr" in output
    assert "Tables:" not in output
    assert "unknown (STS did not answer)" in text(nightly(run, actor=None))


@pytest.mark.parametrize("trick", ["\x1b[2J", "\x07", "\x9b31m", "\r"])
def test_control_characters_of_a_label_do_not_reach_the_terminal(trick: str) -> None:
    change = FieldChange("description", f"a{trick}b", None)
    run = Result(
        RunAction.SYNC,
        plan=Plan(tables=(replace(table_change(), fields=(change,)),), skipped=(issue(trick),)),
    )

    assert not set(trick[:1]) & set(text(nightly(run)))


def test_breaking_changes_come_first_and_creations_keep_their_order() -> None:
    narrowed = ColumnChange("amount", SchemaChange.NARROWING, "bigint", "int")
    changes = (
        table_change(ChangeAction.CREATE, "model"),
        table_change(ChangeAction.CREATE, "view"),
        table_change(ChangeAction.DEPRECATE, "old"),
        replace(table_change(name="less"), schema=(narrowed,)),
    )

    output = text(nightly(Result(RunAction.PLAN, plan=Plan(tables=changes))))

    places = [
        output.index(f"datasphere_sales.{name} ") for name in ("less", "old", "model", "view")
    ]
    assert places == sorted(places)
    assert "! datasphere_sales.less  BREAKING: " in output
    assert "1 breaking" in output


def test_quality_covers_all_spaces() -> None:
    spaces = (
        Completeness("A", shares=(Share("label", 9, 10), Share("owner", 0, 0))),
        Completeness("B", shares=(Share("label", 5, 10),)),
    )

    output = text(nightly(Result(RunAction.PLAN, completeness=spaces)))

    assert "Quality: labels 70.0%\n" in output


def test_a_sync_shows_verified_writes_and_the_undo_command() -> None:
    change = table_change()
    run = Result(
        RunAction.SYNC,
        plan=Plan(tables=(change,)),
        outcomes=(Outcome(change, OutcomeStatus.DONE, verified=True),),
    )

    output = text(nightly(run, report="r/report.json"))

    assert (
        "Written: 1, verified by reading back 1/1; undo: datasphere-glue rollback night-1" in output
    )
    assert "undo" not in text(nightly(run))


def test_the_next_command_has_the_same_scope() -> None:
    run = Result(RunAction.PLAN, plan=Plan(tables=(table_change(),)), digest="ab" * 32)

    output = text(nightly(run), typed=Typed(scope=("--space", "SALES")))

    assert f"datasphere-glue sync --plan {'ab' * 32} --space SALES" in output.replace(
        "\n     ", " "
    )


def test_each_check_of_the_doctor_has_a_line_with_its_remedy() -> None:
    checks = (
        Check("token", Level.OK, "fine"),
        Check("GetTables", Level.PROBLEM, "denied", "grant it", IssueCode.PERMISSION_DENIED),
    )

    output = text(nightly(Result(RunAction.DOCTOR, checks=checks)))

    assert "  ok       token          fine\n" in output
    assert "  problem  GetTables      denied\n           -> grant it\n" in output
