"""Narrow runs: which earlier removals count, and when their record is read or written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from datasphere_glue.errors import GuardRefused
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.removals import EarlierRemovals, Holding
from datasphere_glue.runs.narrow import StoredRemovals, judged_limits, note_removals
from datasphere_glue.storage.read_cursor import ReadCursor, Rotation
from datasphere_glue.storage.removals import former_key, key_of, load
from tests.unit.runs.test_sync import Glue, job
from tests.unit.samples import TENANT, table_change
from tests.unit.storage.stores import MemoryStore

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REMOVING = Plan(tables=(table_change(ChangeAction.DEPRECATE),))
KEY = ("SALES", ChangeAction.DEPRECATE)
ORDERS = frozenset({"datasphere_sales.v_orders"})
NARROW = Scope(assets=frozenset({("SALES", "V_ORDERS")}))
UNTOUCHED = EarlierRemovals()


def ledger(store: MemoryStore, last: datetime | None = None, **more: Any) -> StoredRemovals:
    cursor = ReadCursor(NOW, timedelta(7), 10, dated=Rotation(last=last))
    return StoredRemovals(store, (TENANT, "old.example"), replace(cursor, **more))


@pytest.mark.parametrize(
    ("last", "counts"),
    [(None, True), (NOW - timedelta(hours=1), True), (NOW + timedelta(hours=1), False)],
)
def test_removals_count_until_the_next_run_over_everything(
    last: datetime | None, *, counts: bool
) -> None:
    store = MemoryStore()
    ledger(store).add(REMOVING, 0)

    earlier = ledger(store, last, holdings={"STOCK": Holding(2, 3)}).earlier()

    assert earlier.tables == ({KEY: ORDERS} if counts else {})
    assert earlier.holdings == {"STOCK": Holding(2, 3)}


def test_removals_of_a_space_that_was_not_evaluated_still_count() -> None:
    store = MemoryStore()
    ledger(store).add(REMOVING, 0)

    after = ledger(store, NOW + timedelta(hours=1), unevaluated=frozenset({"SALES"}))

    assert after.earlier().tables == {KEY: ORDERS}


def test_removals_under_an_earlier_address_of_the_tenant_count() -> None:
    store = MemoryStore()
    replace(ledger(store), tenants=("old.example",)).add(REMOVING, 0)

    assert ledger(store).earlier().tables == {KEY: ORDERS}


def test_outdated_removals_are_dropped_from_the_record() -> None:
    store = MemoryStore()
    ledger(store).add(REMOVING, 0)

    later = NOW + timedelta(hours=2)
    ledger(store, NOW + timedelta(hours=1), now=later).add(REMOVING, 1)

    assert [removal.at for removal in load(store, TENANT).stored.value or ()] == [later]


def test_an_unusable_record_counts_as_none_and_is_an_issue() -> None:
    store = MemoryStore({key_of(TENANT, 7): b"[" * 50_000})

    earlier = ledger(store).earlier()

    assert earlier.tables == {}
    assert [issue.code for issue in earlier.issues] == [IssueCode.STATE_UNREADABLE]
    assert key_of(TENANT, 7) in earlier.issues[0].message


def test_of_two_runs_at_the_same_moment_one_removes() -> None:
    store = MemoryStore()
    first, second = ledger(store), ledger(store)
    judged = (first.earlier().number, second.earlier().number)
    first.add(REMOVING, judged[0])

    with pytest.raises(GuardRefused, match="at the same moment"):
        second.add(REMOVING, judged[1])

    assert second.earlier() == EarlierRemovals({KEY: ORDERS}, number=1)
    second.add(REMOVING, 1)


def test_the_only_record_of_an_earlier_version_counts() -> None:
    store = MemoryStore()
    ledger(store).add(REMOVING, 0)
    ((key, body),) = store.bodies.items()
    former = MemoryStore({former_key(TENANT): body})

    assert key != former_key(TENANT)
    assert ledger(former).earlier() == EarlierRemovals({KEY: ORDERS})
    ledger(former).add(REMOVING, 0)
    assert ledger(former).earlier().number == 1


@pytest.mark.parametrize(
    ("scope", "plan"),
    [(Scope(), REMOVING), (NARROW, Plan(tables=(table_change(),)))],
    ids=["a run over everything", "a narrow run that removes nothing"],
)
def test_only_a_narrow_run_that_removes_something_uses_the_record(scope: Scope, plan: Plan) -> None:
    store = MemoryStore()
    ledger(store).add(REMOVING, 0)
    before = dict(store.bodies)
    run = replace(job(), scope=scope, ledger=ledger(store))

    note_removals(plan, run, 0)

    assert judged_limits(plan, Catalog(), Glue(), run).earlier == UNTOUCHED
    assert store.bodies == before
    narrow = replace(run, scope=NARROW)
    assert judged_limits(REMOVING, Catalog(), Glue(), narrow).earlier.tables
