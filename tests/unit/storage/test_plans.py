"""Plans that are kept, and what approves them."""

from dataclasses import replace

import pytest

from datasphere_glue.errors import PlanRefused, SettingsError
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import ChangeAction, Plan
from datasphere_glue.storage import plans
from tests.unit.storage.stores import MemoryStore
from tests.unit.words import database_change, table_change

PLAN = Plan(databases=(database_change(),), tables=(table_change(), table_change(name="v_items")))
DIGEST = PLAN.digest


def kept() -> MemoryStore:
    store = MemoryStore()
    assert plans.keep(store, PLAN) == f"memory:plans/{DIGEST}.json"
    return store


@pytest.mark.parametrize("given", [DIGEST, DIGEST[:12], DIGEST[:40], DIGEST.upper()])
def test_a_stored_plan_is_approved_by_its_digest_or_the_beginning_of_it(given: str) -> None:
    assert plans.approval(given, kept()) == plans.approval_of(PLAN)


def test_a_whole_digest_approves_a_plan_that_is_not_stored() -> None:
    assert plans.approval("f" * 64, None) == plans.Approval("f" * 64)
    assert plans.approval("f" * 64, kept()) == plans.Approval("f" * 64)


@pytest.mark.parametrize("given", ["", "abc", DIGEST[:11], "x" * 64, "plan.json", DIGEST + "0"])
def test_what_is_no_digest_approves_nothing(given: str) -> None:
    with pytest.raises(PlanRefused, match="neither a plan file nor a digest"):
        plans.approval(given, kept())


def test_a_beginning_must_lead_to_one_stored_plan() -> None:
    store = kept()
    store.bodies[f"plans/{DIGEST[:12]}{'0' * 52}.json"] = b""
    store.times |= dict.fromkeys(store.bodies, 0.0)

    with pytest.raises(PlanRefused, match="beginning of 2 stored plans"):
        plans.approval(DIGEST[:12], store)
    assert plans.approval(DIGEST[:20], store).digest == DIGEST
    with pytest.raises(PlanRefused, match="beginning of no stored plan"):
        plans.approval("0" * 12, store)
    with pytest.raises(PlanRefused, match="without REPORT_URI") as told:
        plans.approval(DIGEST[:12], None)
    assert "--out" in told.value.remedy


def test_a_stored_plan_that_was_altered_or_replaced_approves_nothing() -> None:
    store = kept()
    key = f"plans/{DIGEST}.json"
    store.bodies[key] = store.bodies[key].replace(b"differs", b"equals")
    with pytest.raises(PlanRefused, match="altered"):
        plans.approval(DIGEST, store)

    other = MemoryStore()
    plans.keep(other, Plan(tables=(table_change(ChangeAction.DELETE),)))
    store.bodies[key] = next(iter(other.bodies.values()))
    with pytest.raises(PlanRefused, match="is stored in its place"):
        plans.approval(DIGEST, store)


def refused(plan: Plan, approved: plans.Approval) -> str:
    run = Result("sync", plan=plan, error=PlanRefused("another plan", remedy="review it"))
    told = plans.explain_refusal(run, approved)
    assert isinstance(told.error, PlanRefused)
    assert told.error.remedy == "review it"
    return told.error.message


def test_a_refusal_names_what_differs() -> None:
    now = Plan(
        tables=(replace(table_change(), version_id="4"), table_change(ChangeAction.CREATE, "v_new"))
    )

    assert refused(now, plans.approval_of(PLAN)) == (
        "another plan; different are datasphere_sales (create was approved, nothing now),"
        " datasphere_sales.v_items (update was approved, nothing now),"
        " datasphere_sales.v_new (nothing was approved, create now),"
        " datasphere_sales.v_orders (another update)"
    )


def test_a_refusal_stays_short() -> None:
    many = Plan(tables=tuple(table_change(name=f"v_{number}") for number in range(20)))

    message = refused(many, plans.approval_of(Plan()))

    assert message.count("was approved") == 5
    assert message.endswith("and 15 more")


def test_where_nothing_is_known_of_the_approved_plan_nothing_is_claimed() -> None:
    assert refused(PLAN, plans.Approval("f" * 64)) == "another plan"
    assert refused(PLAN, plans.approval_of(PLAN)) == "another plan"
    failed = Result("sync", plan=PLAN, error=SettingsError("no"))
    assert plans.explain_refusal(failed, plans.approval_of(Plan())) is failed
