"""Stored plans, and the digests that approve them."""

import pytest

from datasphere_glue.errors import PlanRefused
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.storage import plans
from tests.unit.samples import database_change, table_change
from tests.unit.storage.stores import MemoryStore

PLAN = Plan(databases=(database_change(),), tables=(table_change(), table_change(name="v_items")))
DIGEST = PLAN.digest


def store_with_plan() -> MemoryStore:
    store = MemoryStore()
    assert plans.keep(store, PLAN) == f"memory:plans/{DIGEST}.json"
    return store


@pytest.mark.parametrize("text", [DIGEST, DIGEST[:12], DIGEST[:40], DIGEST.upper()])
def test_a_stored_plan_is_approved_by_its_digest_or_a_prefix_of_it(text: str) -> None:
    assert plans.approval(text, store_with_plan()) == plans.approval_of(PLAN)


def test_a_full_digest_approves_a_plan_that_is_not_stored() -> None:
    assert plans.approval("f" * 64, None) == plans.Approval("f" * 64)
    assert plans.approval("f" * 64, store_with_plan()) == plans.Approval("f" * 64)


@pytest.mark.parametrize("text", ["", "abc", DIGEST[:11], "x" * 64, "plan.json", DIGEST + "0"])
def test_an_invalid_digest_approves_nothing(text: str) -> None:
    with pytest.raises(PlanRefused, match="neither a plan file nor a digest"):
        plans.approval(text, store_with_plan())


def test_a_digest_prefix_must_match_exactly_one_stored_plan() -> None:
    store = store_with_plan()
    store.bodies[f"plans/{DIGEST[:12]}{'0' * 52}.json"] = b""
    store.times |= dict.fromkeys(store.bodies, 0.0)

    with pytest.raises(PlanRefused, match="beginning of 2 stored plans"):
        plans.approval(DIGEST[:12], store)
    assert plans.approval(DIGEST[:20], store).digest == DIGEST
    with pytest.raises(PlanRefused, match="beginning of no stored plan"):
        plans.approval("0" * 12, store)
    with pytest.raises(PlanRefused, match="without REPORT_URI") as caught:
        plans.approval(DIGEST[:12], None)
    assert "--out" in caught.value.remedy


def test_an_altered_or_replaced_stored_plan_approves_nothing() -> None:
    store = store_with_plan()
    key = f"plans/{DIGEST}.json"
    store.bodies[key] = store.bodies[key].replace(b"differs", b"equals")
    with pytest.raises(PlanRefused, match="altered"):
        plans.approval(DIGEST, store)

    other = MemoryStore()
    plans.keep(other, Plan(tables=(table_change(ChangeAction.DELETE),)))
    store.bodies[key] = next(iter(other.bodies.values()))
    with pytest.raises(PlanRefused, match="is stored in its place"):
        plans.approval(DIGEST, store)
