"""The reason for the refusal of a plan that differs from the approved one."""

from dataclasses import replace

from datasphere_glue.errors import PlanRefused, SettingsError
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.runs.approval import explain_refusal
from datasphere_glue.storage import plans
from tests.unit.samples import database_change, table_change

PLAN = Plan(databases=(database_change(),), tables=(table_change(), table_change(name="v_items")))


def refusal_message(plan: Plan, approved: plans.Approval) -> str:
    run = Result(RunAction.SYNC, plan=plan, error=PlanRefused("another plan", remedy="review it"))
    explained = explain_refusal(run, approved)
    assert isinstance(explained.error, PlanRefused)
    assert explained.error.remedy == "review it"
    return explained.error.message


def test_a_refusal_names_the_differences() -> None:
    now = Plan(
        tables=(replace(table_change(), version_id="4"), table_change(ChangeAction.CREATE, "v_new"))
    )

    assert refusal_message(now, plans.approval_of(PLAN)) == (
        "another plan; different are datasphere_sales (create was approved, nothing now),"
        " datasphere_sales.v_items (update was approved, nothing now),"
        " datasphere_sales.v_new (nothing was approved, create now),"
        " datasphere_sales.v_orders (another update)"
    )


def test_a_refusal_lists_few_differences() -> None:
    many = Plan(tables=tuple(table_change(name=f"v_{number}") for number in range(20)))

    message = refusal_message(many, plans.approval_of(Plan()))

    assert message.count("was approved") == 5
    assert message.endswith("and 15 more")


def test_without_details_of_the_approved_plan_no_difference_is_named() -> None:
    assert refusal_message(PLAN, plans.Approval("f" * 64)) == "another plan"
    assert refusal_message(PLAN, plans.approval_of(PLAN)) == "another plan"
    failed = Result(RunAction.SYNC, plan=PLAN, error=SettingsError("no"))
    assert explain_refusal(failed, plans.approval_of(Plan())) is failed
