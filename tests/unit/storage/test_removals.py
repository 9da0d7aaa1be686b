"""The record of what narrow runs removed: kept, read back, and never believed when unusable."""

from datetime import UTC, datetime

import pytest

from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.storage.removals import Record, Removal, key_of, load, replace_record
from datasphere_glue.storage.state import Stored
from tests.unit.storage.stores import MemoryStore

TENANT = "acme.example"
ONE = Removal(
    datetime(2026, 11, 23, 1, tzinfo=UTC),
    "SALES",
    ChangeAction.DEPRECATE,
    frozenset({"datasphere_sales.v_orders", "datasphere_sales.v_größe"}),
)


def test_what_is_stored_can_be_loaded() -> None:
    store = MemoryStore()
    other = Removal(ONE.at, "STOCK", ChangeAction.DELETE, frozenset({"datasphere_stock.v_bins"}))

    assert replace_record(store, TENANT, 0, (ONE,))
    assert not replace_record(store, TENANT, 0, (other,))
    assert replace_record(store, TENANT, 1, (ONE, other))

    assert load(store, TENANT) == Record(2, Stored((ONE, other)))
    assert load(store, "other.example") == Record(0, Stored())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 100_000,
        b"\xff\x00",
        b"null",
        b'{"removed": {"a": 1}}',
        b'{"removed": [{"at": 1e999, "space": "S", "action": "delete", "tables": []}]}',
        b'{"removed": [{"at": "2026-11-23", "space": 1, "action": "delete", "tables": []}]}',
        b'{"removed": [{"at": "2026-11-23", "space": "S", "action": "update", "tables": []}]}',
        b'{"removed": [{"at": "2026-11-23", "space": "S", "action": "delete", "tables": 7}]}',
        b'{"removed": []}' + b" " * 10_000_000,
        b'{"removed": [' + b"9" * 10_000 + b"]}",
    ],
    ids=lambda body: repr(body[:30]),
)
def test_an_unusable_record_is_named(body: bytes) -> None:
    store = MemoryStore({key_of(TENANT, 1): body})

    unusable = load(store, TENANT).stored

    assert unusable.value is None
    assert unusable.issue is not None
    assert key_of(TENANT, 1) in unusable.issue.message
