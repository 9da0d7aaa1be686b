"""Proof: a deletion needs a deprecation on record, and its grace counts from there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.policy import OrphanPolicy
from datasphere_glue.plan.proof import NO_PROOF, Proof, proven, unproven
from datasphere_glue.plan.recorded import RecordedWrite, TableRecord
from tests.unit.samples import (
    POLICY,
    TODAY,
    asset,
    issue,
    listing,
    planned,
    recorded,
    synced,
    table_in,
    with_table,
)

ORDERS = ("datasphere_sales", "v_orders")
DATED = "datasphere.deprecated_on"
LEFT = listing(asset("V_ITEMS"))
CATALOG = synced(LEFT, catalog=synced(listing(asset("V_ITEMS"), asset("V_ORDERS"))))
DELETE = replace(POLICY, orphans=OrphanPolicy.DELETE, grace=30)


def due(dated: str | None = "2020-01-01") -> Plan:
    """Return the plan for a table that is gone and deprecated on that date by its marker."""
    table = table_in(CATALOG, "v_orders").with_parameters(deprecated_on=dated)
    return planned([LEFT], with_table(CATALOG, table), policy=DELETE)


def judged(*writes: RecordedWrite, plan: Plan | None = None) -> Plan:
    return proven(plan or due(), Proof({ORDERS: TableRecord(writes)}), DELETE)


def test_a_deletion_is_kept_after_the_grace_of_the_recorded_deprecation() -> None:
    plan = due()

    assert unproven(plan) == (ORDERS,)
    assert judged(recorded(day=TODAY - timedelta(30))) == plan


@pytest.mark.parametrize(
    ("writes", "since"),
    [
        ((), TODAY),
        ((recorded(day=TODAY - timedelta(29)),), TODAY - timedelta(29)),
        ((recorded(),), TODAY),
        ((recorded(ChangeAction.RESTORE), recorded(day=TODAY - timedelta(90))), TODAY),
        ((recorded(ChangeAction.CREATE, TODAY - timedelta(90)),), TODAY),
        ((recorded(day=TODAY - timedelta(90), asset="V_OTHER"),), TODAY),
    ],
    ids=["none", "young", "of today", "restored since", "only created", "of another asset"],
)
def test_an_unproven_deletion_is_dated_by_the_record_instead(
    writes: tuple[RecordedWrite, ...], since: object
) -> None:
    plan = judged(*writes)

    (change,) = plan.tables
    assert change.action is ChangeAction.UPDATE
    assert change.after is not None
    assert change.after.deprecated
    assert change.after.parameter(DATED) == str(since)
    assert [field.field for field in change.fields] == [f"parameters.{DATED}"]
    (reported,) = plan.skipped
    assert reported.code is IssueCode.DEPRECATION_UNPROVEN
    assert reported.subject == "SALES.V_ORDERS"
    assert "datasphere_sales.v_orders is marked as deprecated since 2020-01-01" in reported.message


@pytest.mark.parametrize("dated", [None, "", "soon"])
def test_a_status_without_a_usable_date_is_reported_and_dated_by_the_record(
    dated: str | None,
) -> None:
    plan = judged(recorded(day=TODAY - timedelta(3)), plan=due(dated))

    (change,) = plan.tables
    assert change.after is not None
    assert change.after.parameter(DATED) == str(TODAY - timedelta(3))
    assert "without a usable date" in plan.skipped[0].message


@pytest.mark.parametrize("dated", ["2020-01-01", "2026-10-24"])
def test_nothing_is_deleted_without_a_record_and_the_run_reports_it(dated: str) -> None:
    plan = proven(due(dated), NO_PROOF, DELETE)

    assert plan.empty
    assert plan.unchanged == (("SALES", 2),)
    (reported,) = plan.skipped
    assert "it was not deleted" in reported.message
    assert "REPORT_URI" in reported.remedy


def test_issues_of_the_record_are_reported() -> None:
    altered = issue("run", "EVIDENCE_ALTERED")

    plan = proven(due(), Proof(issues=(altered,)), DELETE)

    assert plan.skipped[0] is altered


def test_a_date_stays_while_a_part_of_the_record_cannot_be_used() -> None:
    plan = proven(due(), Proof(complete=False), DELETE)

    assert plan.tables == ()
    assert [issue.code for issue in plan.skipped] == [IssueCode.DEPRECATION_UNPROVEN]


def test_other_changes_need_no_proof() -> None:
    plan = planned([listing(asset("V_ITEMS", label="New"), asset("V_NEW"))], CATALOG)

    assert unproven(plan) == ()
    assert proven(plan, NO_PROOF, POLICY) == plan
    assert unproven(planned([LEFT], synced(listing(asset("V_ITEMS"), asset("V_ORDERS"))))) == ()
