"""Narrow runs: which earlier removals count, and when their record is read or written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.removals import EarlierRemovals, Holding
from datasphere_glue.runs.narrow import StoredRemovals, judged_limits, note_removals
from datasphere_glue.storage.read_cursor import ReadCursor, Rotation
from datasphere_glue.storage.removals import key_of, load
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
    ledger(store).add(REMOVING)

    earlier = ledger(store, last, holdings={"STOCK": Holding(2, 3)}).earlier()

    assert earlier.tables == ({KEY: ORDERS} if counts else {})
    assert earlier.holdings == {"STOCK": Holding(2, 3)}


def test_removals_of_a_space_that_was_not_evaluated_still_count() -> None:
    store = MemoryStore()
    ledger(store).add(REMOVING)

    after = ledger(store, NOW + timedelta(hours=1), unevaluated=frozenset({"SALES"}))

    assert after.earlier().tables == {KEY: ORDERS}


def test_removals_under_an_earlier_address_of_the_tenant_count() -> None:
    store = MemoryStore()
    replace(ledger(store), tenants=("old.example",)).add(REMOVING)

    assert ledger(store).earlier().tables == {KEY: ORDERS}


def test_outdated_removals_are_dropped_from_the_record() -> None:
    store = MemoryStore()
    ledger(store).add(REMOVING)

    later = NOW + timedelta(hours=2)
    ledger(store, NOW + timedelta(hours=1), now=later).add(REMOVING)

    assert [removal.at for removal in load(store, TENANT).value or ()] == [later]


def test_an_unusable_record_counts_as_none_and_is_an_issue() -> None:
    store = MemoryStore({key_of(TENANT): b"[" * 50_000})

    earlier = ledger(store).earlier()

    assert earlier.tables == {}
    assert [issue.code for issue in earlier.issues] == [IssueCode.STATE_UNREADABLE]
    assert "removals.json" in earlier.issues[0].message


@pytest.mark.parametrize(
    ("scope", "plan"),
    [(Scope(), REMOVING), (NARROW, Plan(tables=(table_change(),)))],
    ids=["a run over everything", "a narrow run that removes nothing"],
)
def test_only_a_narrow_run_that_removes_something_uses_the_record(scope: Scope, plan: Plan) -> None:
    store = MemoryStore()
    ledger(store).add(REMOVING)
    before = dict(store.bodies)
    run = replace(job(), scope=scope, ledger=ledger(store))

    note_removals(plan, run)

    assert judged_limits(plan, Catalog(), Glue(), run).earlier == UNTOUCHED
    assert store.bodies == before
    narrow = replace(run, scope=NARROW)
    assert judged_limits(REMOVING, Catalog(), Glue(), narrow).earlier.tables
