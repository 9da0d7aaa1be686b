"""Own places: which databases our runs wrote a space into, the last one first."""

from dataclasses import replace
from math import inf

import pytest

from datasphere_glue.evidence.own_places import OwnPlaces
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import TableChange
from datasphere_glue.storage.store import Store
from tests.unit.evidence.audit_trails import write_run
from tests.unit.evidence.test_own_record import CountingStore
from tests.unit.samples import TENANT, table_change


def change_in(database: str, action: ChangeAction = ChangeAction.UPDATE) -> TableChange:
    change = table_change(action)
    before, after = (
        table and replace(table, database=database) for table in (change.before, change.after)
    )
    return replace(change, before=before, after=after)


def run(store: CountingStore, day: int, *changes: TableChange) -> None:
    write_run(store, f"day-{day:02}", *changes, started=f"2026-11-{day:02}T01:00:00+00:00")


def places(store: Store, environment: str | None = "prod", tenant: str = TENANT) -> OwnPlaces:
    return OwnPlaces(store, (tenant,), environment, inf)


@pytest.fixture
def store() -> CountingStore:
    store = CountingStore()
    run(store, 3, change_in("first"))
    run(store, 4, change_in("second"))
    run(store, 5, change_in("home"))
    return store


def test_the_last_database_comes_first_and_home_is_none_of_them(store: CountingStore) -> None:
    assert places(store)("SALES", "home", {"first", "second"}) == ("second", "first")
    assert places(store)("SALES", "second", {"first"}) == ("home", "first")
    assert places(store)("HR", "home", {"first"}) == ()


def test_reading_ends_once_the_wanted_databases_are_found(store: CountingStore) -> None:
    ours = places(store)

    assert ours("SALES", "home", ()) == ("second",)
    first = "runs/day-03/audit.jsonl"
    read_ahead = store.read[first]
    ours("SALES", "home", {"second"})
    assert store.read[first] == read_ahead


def test_other_stacks_and_deletions_are_not_ours(store: CountingStore) -> None:
    run(store, 6, change_in("dropped", ChangeAction.DELETE))

    assert "dropped" not in places(store)("SALES", "home", {"first"})
    assert places(store, environment="dev")("SALES", "home", {"first"}) == ()
    assert places(store, tenant="other.example")("SALES", "home", {"first"}) == ()


def test_an_altered_file_proves_nothing(store: CountingStore) -> None:
    key = "runs/day-04/audit.jsonl"
    body = b"".join(store.pieces(key))
    store.put(key, body.replace(b'"second"', b'"backup"'))

    assert places(store)("SALES", "home", {"first", "backup"}) == ("first",)
