"""Disagreement: another writer that undoes this stack is noticed by our own record."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import FieldChange, Plan, Rename, TableChange
from datasphere_glue.plan.disagreement import status_changes, updates, without_quarrel
from datasphere_glue.plan.proof import NO_PROOF, Proof
from datasphere_glue.plan.recorded import RecordedWrite, TableRecord, Writer
from tests.unit.samples import TODAY, issue, recorded, table_change

ORDERS = ("datasphere_sales", "v_orders")
CREATE, RESTORE, DEPRECATE = ChangeAction.CREATE, ChangeAction.RESTORE, ChangeAction.DEPRECATE
UPDATE = ChangeAction.UPDATE
US, THEM = Writer("us", "c1"), Writer("them", "c1")
ONCE = (DEPRECATE, CREATE)
TWICE = (DEPRECATE, DEPRECATE, CREATE)


def history(*writes: ChangeAction | tuple[ChangeAction, Writer]) -> tuple[RecordedWrite, ...]:
    """Return writes, newest first; those without a writer are ours."""
    pairs = [write if isinstance(write, tuple) else (write, US) for write in writes]
    return tuple(
        replace(recorded(action, TODAY - timedelta(days)), writer=writer, actor="arn:role")
        for days, (action, writer) in enumerate(pairs)
    )


def judged(change: TableChange, writes: Sequence[RecordedWrite]) -> Plan:
    return without_quarrel(Plan(tables=(change,)), Proof({ORDERS: TableRecord(tuple(writes))}), US)


@pytest.mark.parametrize(
    "writes",
    [
        (),
        (CREATE,),
        (RESTORE, DEPRECATE, CREATE),
        (RESTORE, DEPRECATE, RESTORE, DEPRECATE),
        (UPDATE, CREATE),
        (ChangeAction.DELETE, DEPRECATE, DEPRECATE),
        ((DEPRECATE, THEM), (CREATE, THEM)),
        ((DEPRECATE, THEM), (DEPRECATE, THEM), CREATE),
    ],
)
def test_a_deprecation_that_nobody_undid_is_made(
    writes: tuple[ChangeAction | tuple[ChangeAction, Writer], ...],
) -> None:
    plan = Plan(tables=(table_change(DEPRECATE),))

    assert judged(plan.tables[0], history(*writes)) == plan


@pytest.mark.parametrize(
    "writes", [ONCE, ((RESTORE, THEM), *ONCE), (UPDATE, DEPRECATE, RESTORE, CREATE)]
)
def test_a_deprecation_that_was_undone_once_is_made_again_and_reported(
    writes: tuple[ChangeAction, ...],
) -> None:
    plan = judged(table_change(DEPRECATE), history(*writes))

    assert [change.action for change in plan.tables] == [DEPRECATE]
    (reported,) = plan.skipped
    assert (reported.code, reported.subject) == (IssueCode.WRITERS_DISAGREE, "SALES")
    assert "active again: datasphere_sales.v_orders" in reported.message


@pytest.mark.parametrize(
    "writes", [TWICE, ((RESTORE, THEM), DEPRECATE, (RESTORE, THEM), DEPRECATE)]
)
def test_a_deprecation_that_was_undone_twice_is_held_back_and_reported(
    writes: tuple[ChangeAction | tuple[ChangeAction, Writer], ...],
) -> None:
    plan = judged(table_change(DEPRECATE), history(*writes))

    assert plan.empty
    assert plan.unchanged == (("SALES", 1),)
    assert "stay active: datasphere_sales.v_orders" in plan.skipped[0].message
    shared = isinstance(writes[0], tuple)
    assert ("as arn:role" in plan.skipped[0].message) is shared


def test_the_first_deprecation_by_another_writer_is_a_note() -> None:
    plan = judged(table_change(RESTORE), history(UPDATE, CREATE))

    assert plan.tables
    assert not plan.skipped
    assert [note.code for note in plan.notes] == [IssueCode.WRITERS_DISAGREE]
    assert "datasphere_sales.v_orders; they are restored" in plan.notes[0].message


@pytest.mark.parametrize("writes", [(RESTORE, CREATE), ((DEPRECATE, THEM), RESTORE)])
def test_a_second_deprecation_by_another_writer_is_an_issue(
    writes: tuple[ChangeAction | tuple[ChangeAction, Writer], ...],
) -> None:
    plan = judged(table_change(RESTORE), history(*writes))

    assert [change.action for change in plan.tables] == [RESTORE]
    assert "deprecated again: datasphere_sales.v_orders" in plan.skipped[0].message


@pytest.mark.parametrize("writes", [(), (DEPRECATE, CREATE), ((CREATE, THEM),)])
def test_an_asset_that_returns_is_restored_without_an_issue(
    writes: tuple[ChangeAction | tuple[ChangeAction, Writer], ...],
) -> None:
    plan = Plan(tables=(table_change(RESTORE),))

    assert judged(plan.tables[0], history(*writes)) == plan


def relabelling(before: str, after: str) -> TableChange:
    change = table_change(UPDATE)
    fields = (FieldChange("description", before, after),)
    return replace(change, fields=fields, desired=change.after)


@pytest.mark.parametrize(
    ("written", "reported"),
    [(("B", "A"), True), (("A", "B"), False), (("C", "A"), False)],
    ids=["the same again", "the opposite", "over another value"],
)
def test_a_value_that_was_overwritten_again_is_reported(
    written: tuple[str, str], *, reported: bool
) -> None:
    (write,) = history(UPDATE)
    plan = judged(relabelling("B", "A"), [replace(write, fields={"description": written})])

    assert plan.tables
    assert bool(plan.skipped) is reported
    assert not reported or "overwritten again in: datasphere_sales.v_orders" in (
        plan.skipped[0].message
    )


def test_edits_of_people_and_bookkeeping_are_no_quarrel() -> None:
    (write,) = history(UPDATE)
    key = "parameters.datasphere.fingerprint"
    change = replace(relabelling("B", "A"), fields=(FieldChange(key, "1", "2"),))

    assert not judged(change, [replace(write, fields={key: ("1", "2")})]).skipped
    assert updates(Plan(tables=(replace(change, drifted=True),))) == ()
    assert updates(Plan(tables=(change,))) == (ORDERS,)


def test_only_status_changes_need_the_status_of_the_record() -> None:
    changes = tuple(table_change(action) for action in ChangeAction)

    assert status_changes(Plan(tables=changes)) == (ORDERS, ORDERS)
    assert without_quarrel(Plan(tables=changes), NO_PROOF, US) == Plan(tables=changes)


def test_a_rollback_and_a_run_of_an_earlier_version_count_as_ours() -> None:
    for writer in (Writer("us", None), Writer(None, "c1"), Writer()):
        assert judged(table_change(DEPRECATE), history((RESTORE, writer), DEPRECATE)).skipped == ()


def test_issues_of_the_record_are_reported_once() -> None:
    altered = issue("run", "EVIDENCE_ALTERED")
    plan = Plan(tables=(table_change(DEPRECATE),), skipped=(altered,))

    assert without_quarrel(plan, Proof(issues=(altered,)), US).skipped == (altered,)


@pytest.mark.parametrize(
    ("action", "writes", "disagrees"),
    [
        (DEPRECATE, ((RESTORE, THEM), *ONCE), False),
        (DEPRECATE, ((RESTORE, THEM), *TWICE), True),
        (RESTORE, ((DEPRECATE, THEM), CREATE), False),
        (RESTORE, ((DEPRECATE, THEM), RESTORE, CREATE), True),
    ],
)
def test_a_space_that_moves_back_once_is_no_disagreement(
    action: ChangeAction,
    writes: tuple[ChangeAction | tuple[ChangeAction, Writer], ...],
    *,
    disagrees: bool,
) -> None:
    """The configuration decides where a space is written, and it may change and change back."""
    move = Rename("V_ORDERS", "V_ORDERS", 1.0, heir="lake_sales.v_orders")
    change = replace(table_change(action), renamed=move)

    plan = judged(change, history(*writes))

    assert plan.tables == (change,)
    assert bool(plan.skipped) is disagrees
    assert not plan.notes
