"""What is read again although nothing changed: everything comes round, and the age is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.model.asset import SpaceListing, Stamp
from datasphere_glue.storage import read_cursor
from datasphere_glue.storage.read_cursor import ReadCursor, Rotation
from tests.effort import examples
from tests.unit.storage.stores import MemoryStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)
WEEK = timedelta(days=7)
DATED = Stamp(exposed=True, changed_on="2026-01-01T00:00:00Z")
UNDATED = Stamp(exposed=True)
TENANT = "acme.eu10.hcs.cloud.sap"


def listing(names: int, stamp: Stamp, reused: int = 0) -> SpaceListing:
    stamps = tuple((f"V_{number}", stamp) for number in range(names))
    return SpaceListing(
        "SALES",
        listed=frozenset(name for name, _ in stamps),
        stamps=stamps,
        undated=0 if stamp.dated else names,
        reused=reused,
    )


def asked(now: datetime = NOW, share: int = 10) -> ReadCursor:
    return ReadCursor(now, WEEK, share)


def due_of(one: ReadCursor, told: SpaceListing) -> set[str]:
    due = one.due((told,))
    return {name for name in told.listed if due("SALES", name)}


def test_before_anything_is_known_only_a_few_assets_without_dates_are_due() -> None:
    assert due_of(asked(), listing(100, DATED)) == set()
    assert due_of(asked(), listing(100, UNDATED)) == set()
    assert len(due_of(asked(), listing(10, UNDATED))) == 10


@examples(20, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=30))
def test_dated_assets_come_round_within_the_week_whenever_runs_happen(hours: list[int]) -> None:
    told = listing(50, DATED, reused=50)
    covered = asked().after([listing(50, DATED)])
    read = dict.fromkeys(told.listed, NOW)
    now = NOW
    for gap in hours:
        now += timedelta(hours=gap)
        current = ReadCursor(now, WEEK, 10, covered.dated, covered.undated, known=True)
        read |= dict.fromkeys(due_of(current, told), now)
        covered = current.after([told])
        oldest = covered.oldest([told])
        assert oldest is not None
        assert oldest <= min(read.values())
        assert now - min(read.values()) <= WEEK + timedelta(hours=gap)


@examples(20, deadline=None)
@given(st.integers(11, 120), st.integers(1, 10))
def test_undated_assets_come_round_in_as_many_runs_as_the_share_allows(
    count: int, share: int
) -> None:
    told = listing(count, UNDATED, reused=1)
    current = ReadCursor(NOW, WEEK, share).after([listing(count, UNDATED)])
    runs = -(-count // share)
    read: set[str] = set()
    for number in range(runs + 1):
        moment = NOW + timedelta(minutes=15 * (number + 1))
        current = ReadCursor(moment, WEEK, share, current.dated, current.undated, known=True)
        read |= due_of(current, told)
        current = current.after([told])
    assert read == told.listed
    assert current.oldest([told]) == NOW + timedelta(minutes=30)


def test_the_age_is_unknown_until_everything_was_read_once() -> None:
    told = listing(100, DATED, reused=100)
    first = asked().after([told])
    assert first.oldest([told]) is None
    later = ReadCursor(NOW + WEEK, WEEK, 10, first.dated, first.undated, known=True)
    assert due_of(later, told) == told.listed
    assert later.after([told]).oldest([told]) == NOW + WEEK


def test_many_small_arcs_are_kept_as_few() -> None:
    ring = Rotation().turned(1.0, NOW)
    for number in range(5_000):
        ring = ring.turned(0.0007, NOW + timedelta(minutes=number))
    assert len(ring.arcs) < 250
    oldest = ring.oldest
    assert oldest is not None
    assert NOW + timedelta(minutes=5_000 - 1_450) < oldest < NOW + timedelta(minutes=5_000 - 1_400)


def test_a_record_is_kept_and_found_again() -> None:
    store = MemoryStore()
    covered = asked().after([listing(3, DATED)])
    read_cursor.save(store, TENANT, covered)
    found = read_cursor.load(store, TENANT, asked(NOW + timedelta(hours=1)))
    assert (found.dated, found.undated, found.known) == (covered.dated, covered.undated, True)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"dated": {}, "undated": {}}'])
def test_an_unusable_record_is_none(body: bytes) -> None:
    store = MemoryStore()
    store.put(f"state/{TENANT}/reading.json", body)
    assert read_cursor.load(store, TENANT, asked()) == asked()


def test_after_a_run_that_was_cut_off_the_next_asks_for_no_more_than_fits() -> None:
    told = replace(listing(9, UNDATED), read=4)
    first = asked().after_timeout([told])
    assert due_of(first, told) == set()

    later = asked().after([listing(9, UNDATED)]).after_timeout([told])
    seen: set[str] = set()
    for _ in range(4):
        arc = due_of(later, told)
        assert len(arc) < 9
        seen |= arc
        later = replace(later, undated=later.undated.turned(3 / 9, NOW))
    assert seen == told.listed
    assert later.after([told]).fits == 4


def test_how_much_fits_is_kept_and_found_again() -> None:
    store = MemoryStore()
    read_cursor.save(store, TENANT, asked().after_timeout([replace(listing(3, UNDATED), read=2)]))
    found = read_cursor.load(store, TENANT, asked())
    assert (found.known, found.fits) == (False, 1)


def test_a_pace_that_was_lowered_comes_back_until_everything_fits() -> None:
    told = listing(100, UNDATED, reused=1)
    current = (
        asked(share=1_000).after([listing(100, UNDATED)]).after_timeout([replace(told, read=40)])
    )
    assert current.fits == 30
    for _ in range(8):
        current = current.after([told])
    assert current.fits is None
    assert due_of(current, told) == told.listed
