"""The message about a run: only relevant changes, each problem once, valid for SNS."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.errors import ReportUnwritable, SourceUnavailable
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Conflict, FieldChange, OutcomeStatus, Plan, TableChange
from datasphere_glue.report.notification import (
    LONGEST_SUBJECT,
    Notification,
    notification_of,
    store_marks,
    stored_marks,
)
from tests.effort import examples
from tests.unit.samples import (
    TENANT,
    database_change,
    issue,
    marked,
    nightly,
    outcome,
    plain_table,
    table_change,
)
from tests.unit.storage.stores import MemoryStore

NOTHING: frozenset[str] = frozenset()
QUIET = Result(RunAction.SYNC)
TROUBLED = Result(RunAction.SYNC, plan=Plan(skipped=(issue(),)))
REPORT = "s3://acme/reports/runs/night-1/report.json"
MOST_BYTES = 100_000
LABEL = "datasphere.label"
CONSOLE = (
    "https://eu-central-1.console.aws.amazon.com/s3/object/acme"
    "?region=eu-central-1&prefix=reports/runs/night-1/report.html"
)


def done(*changes: TableChange) -> Result:
    return Result(RunAction.SYNC, plan=Plan(tables=changes), outcomes=tuple(map(outcome, changes)))


def finished(run: Result, **fields: Any) -> Result:
    return nightly(run, **({"report": REPORT} | fields))


def edit(*, both: bool = True, kept: bool = True) -> Conflict:
    place = ("datasphere_sales", "v_orders", "SALES", "V_ORDERS", "description")
    return Conflict(*place, "Mine", "Theirs", both=both, kept=kept)


def message_of(run: Result, before: frozenset[str] | None = NOTHING, **fields: Any) -> Notification:
    message = notification_of(finished(run, **fields), before, "eu-central-1")
    assert message is not None
    return message


def test_a_run_without_changes_and_problems_sends_no_message() -> None:
    assert notification_of(nightly(QUIET), NOTHING) is None
    assert notification_of(nightly(QUIET), None) is None


def test_a_message_lists_changes_problems_and_next_steps() -> None:
    table = marked(plain_table("v_orders"), **{LABEL: "Sales orders"})
    fields = (FieldChange("parameters.datasphere.label", "Orders", "Sales orders"),)
    update = replace(table_change(), after=table, fields=fields)
    gone = table_change(ChangeAction.DELETE, "v_gone")
    run = done(table_change(ChangeAction.CREATE, "v_new"), update, gone)
    run = replace(run, plan=replace(run.plan, conflicts=(edit(),), skipped=(issue("SALES.V_BAD"),)))

    message = message_of(run)

    assert message.subject == "[prod] Datasphere to Glue: 3 changes, 2 to look at (DEGRADED)"
    assert message.attributes == {
        "status": "DEGRADED",
        "tenant": TENANT,
        "environment": "prod",
        "changed": 3,
    }
    assert message.text.splitlines() == [
        "What could be done was done; the rest was left as it is.",
        "",
        f"Tenant: {TENANT} (prod)",
        "Run: night-1, sync, started by schedule",
        "Tables: 1 created, 1 updated, 1 deleted, 1 conflicts, 1 skipped, 1 edit in Glue",
        "",
        "Changed:",
        "  deleted: SALES.V_GONE as datasphere_sales.v_gone",
        "  updated: Sales orders (SALES.V_ORDERS) as datasphere_sales.v_orders",
        '      label: "Orders" -> "Sales orders"',
        "  created: SALES.V_NEW as datasphere_sales.v_new",
        "",
        "Edited in Glue by people:",
        '  datasphere_sales.v_orders, description: kept "Mine"',
        '      Datasphere says "Theirs"',
        "",
        "Problems:",
        "  SALES.V_BAD: SALES.V_BAD cannot be read [ASSET_UNREADABLE]",
        "",
        "Do next:",
        "  1) redeploy it (SALES.V_BAD)",
        "  2) decide what stands, the edit or what Datasphere says (datasphere_sales.v_orders)",
        "",
        "Report: s3://acme/reports/runs/night-1/report.html",
        f"  in the console: {CONSOLE}",
        "All runs: s3://acme/reports/index.html",
    ]


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/s3/"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/s3/"),
    ],
)
def test_the_console_of_another_partition_has_its_own_host(region: str, host: str) -> None:
    message = notification_of(finished(TROUBLED), NOTHING, region)
    assert message is not None
    assert host in message.text


def test_a_message_has_a_console_link_only_for_a_report_in_s3() -> None:
    assert "Report: none was kept (see REPORT_URI)" in message_of(TROUBLED, report=None).text
    folder = "reports/runs/night-1/report.json"
    assert "Report: reports/runs/night-1/report.html\nAll runs: reports/index.html\n" in (
        message_of(TROUBLED, report=folder).text
    )


def test_a_reported_problem_is_not_reported_again() -> None:
    earlier = message_of(TROUBLED).reported

    assert notification_of(finished(TROUBLED), earlier) is None
    another = Result(RunAction.SYNC, plan=Plan(skipped=(issue(), issue("SALES.W"))))
    assert message_of(another, before=earlier).subject.endswith("2 to look at (DEGRADED)")


def test_a_problem_with_another_message_is_the_same_problem() -> None:
    first, second = (
        Result(
            RunAction.SYNC,
            plan=Plan(
                skipped=(Issue(IssueCode.FOREIGN_OBJECT, f"{n} tables", "look", space="SALES"),)
            ),
        )
        for n in (3, 4)
    )
    assert notification_of(finished(second), message_of(first).reported) is None


def test_a_recovery_is_reported_once() -> None:
    message = message_of(QUIET, before=message_of(TROUBLED).reported)

    assert message.subject == "[prod] Datasphere to Glue: all good again (NO_CHANGES)"
    assert "All is good again" in message.text
    assert notification_of(finished(QUIET), message.reported) is None


def test_solved_problems_are_counted() -> None:
    both = Result(RunAction.SYNC, plan=Plan(skipped=(issue(), issue("SALES.W"))))

    message = message_of(TROUBLED, before=message_of(both).reported)

    assert "Solved since the last message: 1 problem." in message.text
    assert "All is good again" not in message.text


@pytest.mark.parametrize(
    "result",
    [
        finished(QUIET, narrow=True),
        finished(Result(RunAction.SYNC, plan=Plan(tables=(table_change(),)))),
    ],
    ids=["a few assets", "out of time"],
)
def test_a_partial_run_solves_no_problem(result: Result) -> None:
    assert notification_of(result, message_of(TROUBLED).reported) is None


def test_a_run_that_failed_early_keeps_the_marks_of_earlier_problems() -> None:
    earlier = message_of(TROUBLED).reported
    down = Result(RunAction.SYNC, error=SourceUnavailable("the tenant does not answer"))

    message = message_of(down, before=earlier)

    assert message.reported > earlier
    assert notification_of(finished(down), message.reported) is None


def test_without_stored_marks_every_problem_is_reported() -> None:
    assert message_of(TROUBLED, before=None) == message_of(TROUBLED, before=None)


def test_a_problem_without_action_sends_no_message() -> None:
    passing = Issue(
        IssueCode.LISTING_INCOMPLETE, "cut", "nothing to do if the next run succeeds", space="SALES"
    )
    assert (
        notification_of(finished(Result(RunAction.SYNC, plan=Plan(skipped=(passing,)))), NOTHING)
        is None
    )


def test_an_edit_sends_a_message_only_if_both_sides_changed() -> None:
    assert message_of(Result(RunAction.SYNC, plan=Plan(conflicts=(edit(),)))).reported
    drift = Result(RunAction.SYNC, plan=Plan(conflicts=(edit(both=False),)))
    assert notification_of(finished(drift), NOTHING) is None


def test_a_note_that_waits_for_a_decision_is_reported_once() -> None:
    waiting = Issue(
        IssueCode.SCHEMA_HELD, "a type would narrow", "decide", space="SALES", asset="V"
    )
    run = Result(RunAction.SYNC, plan=Plan(notes=(waiting,)))

    message = message_of(run)

    assert "  1) decide (SALES.V)" in message.text
    assert notification_of(finished(run), message.reported) is None


def test_a_failed_change_is_not_listed_as_a_change() -> None:
    change = table_change()
    run = Result(RunAction.SYNC, plan=Plan(tables=(change,)))
    refused = replace(run, outcomes=(outcome(change, OutcomeStatus.FAILED, issue()),))

    message = message_of(refused)

    assert message.attributes["changed"] == 0
    assert "Changed:" not in message.text


def test_the_planned_changes_of_a_halted_run_are_shown_as_planned() -> None:
    plan = Plan(tables=(table_change(ChangeAction.DEPRECATE, "v_old"),))
    halted = Result(RunAction.SYNC, plan=plan, objections=(issue("SALES", "GUARD_REFUSED"),))

    message = message_of(halted)

    assert message.attributes["status"] == "HALTED"
    assert "Not changed, but would have been:\n  deprecated: SALES.V_OLD" in message.text


def test_changed_texts_come_before_changed_dates() -> None:
    dates = (FieldChange("parameters.datasphere.changed_on", "Monday", "Tuesday"),) * 3
    change = table_change()

    text = message_of(done(replace(change, fields=(*dates, *change.fields)))).text

    assert '      description: "Orders" -> "Sales orders"\n      changed_on: ' in text
    assert "      ... and 1 more fields in the report\n" in text


def test_a_database_is_shown_with_its_space() -> None:
    change = database_change()
    run = Result(RunAction.SYNC, plan=Plan(databases=(change,)), outcomes=(outcome(change),))
    assert "  created: datasphere_sales (database of space SALES)\n" in message_of(run).text


def test_marks_are_stored_and_an_invalid_record_is_ignored() -> None:
    store = MemoryStore()
    assert stored_marks(store, (TENANT,)).value == NOTHING

    store_marks(store, TENANT, frozenset({"b", "a"}))
    assert stored_marks(store, (TENANT,)).value == frozenset({"a", "b"})
    for body in (b"[]", b"{", b'{"marks": 3}', b"null", b"\xff"):
        store.bodies[f"state/{TENANT}/notified.json"] = body
        unusable = stored_marks(store, (TENANT,))
        assert unusable.value is None
        assert unusable.issue is not None
        assert f"state/{TENANT}/notified.json" in unusable.issue.message
    store.full = True
    with pytest.raises(ReportUnwritable):
        store_marks(store, TENANT, NOTHING)


ANY = st.text(st.characters(), max_size=300)
LONG = st.builds(lambda text, times: text * times, ANY, st.integers(1, 200))


@given(
    label=LONG,
    before=st.none() | LONG,
    after=st.none() | LONG,
    environment=st.none() | ANY,
    count=st.integers(1, 40),
)
@examples(60)
def test_any_text_yields_a_valid_message(
    label: str, before: str | None, after: str | None, environment: str | None, count: int
) -> None:
    table = marked(plain_table("v_orders"), **{LABEL: label})
    fields = (FieldChange(label, before, after),) * count
    change = replace(table_change(), asset=label, after=table, fields=fields)
    run = done(*(change,) * count)
    wrong = Issue(IssueCode.ASSET_UNREADABLE, before or "-", after or "-", space=label)
    conflict = replace(edit(), field=label, catalog=before, source=after)
    plan = replace(
        run.plan,
        skipped=(wrong,) * count,
        conflicts=(conflict,) * count,
        notes=(replace(wrong, code=IssueCode.SCHEMA_HELD),) * count,
    )

    message = message_of(replace(run, plan=plan), environment=environment)

    assert 0 < len(message.subject) <= LONGEST_SUBJECT < 100
    assert all(" " <= char <= "~" for char in message.subject)
    assert message.subject[0] != " "
    assert 0 < len(message.text.encode()) < MOST_BYTES
    texts = [message.text.replace("\n", ""), *map(str, message.attributes.values())]
    assert not {c for text in texts for c in text if unicodedata.category(c) in {"Cc", "Cs"}}
    assert all(texts)
    assert message.text.splitlines() == message.text.removesuffix("\n").split("\n")


@given(st.lists(st.sampled_from("ABCD"), unique=True), st.lists(st.sampled_from("ABCD")))
@examples(60)
def test_a_message_is_sent_exactly_if_the_problems_differ(
    first: list[str], second: list[str]
) -> None:
    one, two = (
        Result(RunAction.SYNC, plan=Plan(skipped=tuple(issue(f"SALES.{name}") for name in names)))
        for names in (first, second)
    )
    message = notification_of(finished(one), NOTHING)
    before = message.reported if message else NOTHING

    assert (notification_of(finished(two), before) is None) == (set(first) == set(second))
