"""Rereading of unchanged assets: each is reread in time, and its age is recorded."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing, Stamp
from datasphere_glue.model.reader_version import READER_VERSION
from datasphere_glue.model.scope import LISTS
from datasphere_glue.storage import read_cursor
from datasphere_glue.storage.read_cursor import Counts, ReadCursor, Rotation
from datasphere_glue.storage.reader_progress import ReaderProgress
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


def empty_cursor(now: datetime = NOW, share: int = 10) -> ReadCursor:
    return ReadCursor(now, WEEK, share)


def due_assets(one: ReadCursor, surveyed: SpaceListing) -> set[str]:
    due = one.due((surveyed,))
    return {name for name in surveyed.listed if due("SALES", name)}


def test_without_a_record_only_a_few_undated_assets_are_due() -> None:
    assert due_assets(empty_cursor(), listing(100, DATED)) == set()
    assert due_assets(empty_cursor(), listing(100, UNDATED)) == set()
    assert len(due_assets(empty_cursor(), listing(10, UNDATED))) == 10


def again(one: ReadCursor, surveyed: SpaceListing) -> set[str]:
    due = one.again((surveyed,))
    return {name for name in surveyed.listed if due("SALES", name)}


@examples(20, deadline=None)
@given(st.integers(1, 120), st.integers(0, 40), st.integers(1, 30))
def test_a_new_reader_reads_every_dated_asset_once_within_the_budget(
    dated: int, undated: int, share: int
) -> None:
    surveyed = listing(dated, DATED, reused=1)
    others = SpaceListing("HR", listed=frozenset(map(str, range(undated))), undated=undated)
    current = empty_cursor(share=share)
    most = max(share - min(share, undated), share // 4, 1)
    seen: set[str] = set()
    for _ in range(-(-dated // most) + 1):
        chosen = {n for n in surveyed.listed if current.again((surveyed, others))("SALES", n)}
        assert not chosen & seen
        seen |= chosen
        current = current.after([surveyed, others])

    assert seen == surveyed.listed
    assert again(current, surveyed) == set()


def test_undated_assets_are_read_in_turn_and_not_for_a_new_reader() -> None:
    assert again(empty_cursor(), listing(100, UNDATED)) == set()


def test_a_new_reader_is_done_after_a_run_that_read_everything() -> None:
    assert empty_cursor().after([listing(100, DATED)]).reader == ReaderProgress(READER_VERSION)


def test_a_new_reader_waits_for_the_turn_of_undated_assets() -> None:
    surveyed = listing(30, UNDATED, reused=1)
    current = replace(empty_cursor(share=10), known=True)
    finished = []
    for _ in range(4):
        current = current.after([surveyed])
        finished.append(current.reader.finished)

    assert finished == [False, False, True, True]


def test_a_run_out_of_time_reads_less_again_and_repeats_it() -> None:
    surveyed = listing(100, DATED, reused=1)
    started = empty_cursor(share=50)

    shorter = started.after_timeout([replace(surveyed, read=20)])

    assert shorter.reader == started.reader
    assert 0 < len(again(shorter, surveyed)) < len(again(started, surveyed))


def test_all_parts_of_a_run_share_the_budget() -> None:
    surveyed = listing(100, DATED, reused=1)
    of_run = replace(empty_cursor(share=10), counts=Counts(1_000, 0))
    divided = replace(empty_cursor(share=40), known=True, counts=Counts(0, 900))

    assert len(again(of_run, surveyed)) < len(again(empty_cursor(share=10), surveyed))
    assert len(due_assets(divided, listing(40, UNDATED))) < 40


def test_owed_assets_are_due_and_held_ones_in_a_run_that_takes_them() -> None:
    names = frozenset({("SALES", "V_7")}), frozenset({("SALES", "V_8")})
    progress = ReaderProgress(READER_VERSION, owed=names[0], held=names[1])
    stored = replace(empty_cursor(), reader=progress)

    assert due_assets(stored, listing(100, DATED)) == {"V_7"}
    assert due_assets(replace(stored, takes_held=True), listing(100, DATED)) == {"V_7", "V_8"}


def test_only_as_many_failures_are_remembered_as_a_run_reads_again() -> None:
    failed = [("SALES", f"V_{number}") for number in range(100)]

    after = empty_cursor(share=10).after([listing(100, DATED)], failed=failed)

    assert len(after.reader.owed) == 10


@examples(20, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=30))
def test_dated_assets_are_reread_within_a_week_at_any_run_interval(hours: list[int]) -> None:
    surveyed = listing(50, DATED, reused=50)
    covered = empty_cursor().after([listing(50, DATED)])
    read = dict.fromkeys(surveyed.listed, NOW)
    now = NOW
    for gap in hours:
        now += timedelta(hours=gap)
        current = ReadCursor(now, WEEK, 10, covered.dated, covered.undated, known=True)
        read |= dict.fromkeys(due_assets(current, surveyed), now)
        covered = current.after([surveyed])
        oldest = covered.oldest([surveyed])
        assert oldest is not None
        assert oldest <= min(read.values())
        assert now - min(read.values()) <= WEEK + timedelta(hours=gap)


@examples(20, deadline=None)
@given(st.integers(11, 120), st.integers(1, 10))
def test_undated_assets_are_reread_in_as_many_runs_as_the_share_requires(
    count: int, share: int
) -> None:
    surveyed = listing(count, UNDATED, reused=1)
    current = ReadCursor(NOW, WEEK, share).after([listing(count, UNDATED)])
    runs = -(-count // share)
    read: set[str] = set()
    for number in range(runs + 1):
        moment = NOW + timedelta(minutes=15 * (number + 1))
        current = ReadCursor(moment, WEEK, share, current.dated, current.undated, known=True)
        read |= due_assets(current, surveyed)
        current = current.after([surveyed])
    assert read == surveyed.listed
    assert current.oldest([surveyed]) == NOW + timedelta(minutes=30)


def test_the_age_is_unknown_until_every_asset_was_read_once() -> None:
    surveyed = listing(100, DATED, reused=100)
    first = empty_cursor().after([surveyed])
    assert first.oldest([surveyed]) is None
    later = ReadCursor(NOW + WEEK, WEEK, 10, first.dated, first.undated, known=True)
    assert due_assets(later, surveyed) == surveyed.listed
    assert later.after([surveyed]).oldest([surveyed]) == NOW + WEEK


def test_many_small_arcs_are_merged_into_few() -> None:
    ring = Rotation().turned(1.0, NOW)
    for number in range(5_000):
        ring = ring.turned(0.0007, NOW + timedelta(minutes=number))
    assert len(ring.arcs) < 250
    oldest = ring.oldest
    assert oldest is not None
    assert NOW + timedelta(minutes=5_000 - 1_450) < oldest < NOW + timedelta(minutes=5_000 - 1_400)


def test_a_saved_record_can_be_loaded() -> None:
    store = MemoryStore()
    covered = empty_cursor().after([listing(3, DATED)])
    read_cursor.save(store, TENANT, covered)
    loaded = read_cursor.load(store, (TENANT,), empty_cursor(NOW + timedelta(hours=1)))
    assert (loaded.dated, loaded.undated, loaded.known) == (covered.dated, covered.undated, True)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"dated": {}, "undated": {}}'])
def test_an_unusable_record_is_ignored(body: bytes) -> None:
    store = MemoryStore()
    store.put(f"state/{TENANT}/reading.json", body)
    assert read_cursor.load(store, (TENANT,), empty_cursor()) == empty_cursor()


def test_after_a_timeout_the_next_run_reads_no_more_than_fits() -> None:
    surveyed = replace(listing(9, UNDATED), read=4)
    first = empty_cursor().after_timeout([surveyed])
    assert due_assets(first, surveyed) == set()

    later = empty_cursor().after([listing(9, UNDATED)]).after_timeout([surveyed])
    seen: set[str] = set()
    for _ in range(4):
        arc = due_assets(later, surveyed)
        assert len(arc) < 9
        seen |= arc
        later = replace(later, undated=later.undated.turned(3 / 9, NOW))
    assert seen == surveyed.listed
    assert later.after([surveyed]).fits == 4


def test_the_number_of_assets_that_fit_can_be_loaded() -> None:
    store = MemoryStore()
    read_cursor.save(
        store, TENANT, empty_cursor().after_timeout([replace(listing(3, UNDATED), read=2)])
    )
    loaded = read_cursor.load(store, (TENANT,), empty_cursor())
    assert (loaded.known, loaded.fits) == (False, 1)


def test_a_lowered_pace_rises_until_every_asset_fits() -> None:
    surveyed = listing(100, UNDATED, reused=1)
    current = (
        empty_cursor(share=1_000)
        .after([listing(100, UNDATED)])
        .after_timeout([replace(surveyed, read=40)])
    )
    assert current.fits == 30
    for _ in range(8):
        current = current.after([surveyed])
    assert current.fits is None
    assert due_assets(current, surveyed) == surveyed.listed


def test_a_space_whose_flows_were_not_read_is_due_until_they_are() -> None:
    unread = Issue(IssueCode.OBJECTS_UNREAD, "data flows were lost", space="SALES")
    lost = replace(listing(3, DATED), degraded=(unread,))
    after = empty_cursor().after([lost])
    assert after.due((listing(3, DATED),))("SALES", LISTS)
    assert not after.due((listing(3, DATED),))("HR", LISTS)
    store = MemoryStore()
    read_cursor.save(store, TENANT, after)
    assert read_cursor.load(store, [TENANT], empty_cursor()).unlisted == {"SALES"}
    assert not after.after([listing(3, DATED)]).due((listing(3, DATED),))("SALES", LISTS)
    assert after.after_timeout([]).unlisted == {"SALES"}


def test_names_that_no_list_of_assets_has_are_due_like_dated_ones() -> None:
    """The undated ring is whole for a tenant without undated assets."""
    due = replace(empty_cursor(), known=True).due((listing(3, DATED),))
    assert not due("SALES", "data_flow DF")
    later = empty_cursor(NOW).after([listing(3, DATED)])
    assert replace(later, now=NOW + WEEK).due((listing(3, DATED),))("SALES", "data_flow DF")


def test_the_progress_of_a_new_reader_is_stored() -> None:
    store = MemoryStore()
    stored = replace(empty_cursor(), known=True).after(
        [listing(40, DATED, reused=1)], failed=[("SALES", "V_1")], held=[("SALES", "V_2")]
    )

    read_cursor.save(store, TENANT, stored)

    assert 0 < stored.reader.dated < 1
    assert read_cursor.load(store, [TENANT], empty_cursor()).reader == stored.reader


def test_a_new_reader_reads_flows_in_its_first_run_and_for_what_is_held() -> None:
    surveyed = listing(40, DATED, reused=1)
    first = empty_cursor()
    later = first.after([surveyed])
    held = replace(later, reader=ReaderProgress(READER_VERSION, held=frozenset({("SALES", "V_1")})))

    assert first.again((surveyed,))("SALES", LISTS)
    assert not later.again((surveyed,))("SALES", "data_flow DF")
    assert not held.due((surveyed,))("SALES", LISTS)
    assert replace(held, takes_held=True).due((surveyed,))("SALES", LISTS)
