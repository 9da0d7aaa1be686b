"""How far a new version of the reader is: every asset once, failures once more, then no more."""

import json
from dataclasses import replace

import pytest

from datasphere_glue.model.reader_version import READER_VERSION
from datasphere_glue.storage.reader_progress import ReaderProgress, progress_of, progress_value
from datasphere_glue.storage.state import UNUSABLE

ONE, OTHER = ("SALES", "V_ORDERS"), ("SALES", "V.ITEMS")


def test_a_record_of_a_version_that_recorded_none_is_of_the_first() -> None:
    assert progress_of(None) == ReaderProgress(1)
    assert not progress_of(None).finished


def test_it_is_finished_after_all_assets_of_both_kinds() -> None:
    progress = ReaderProgress()
    for dated, undated in ((0.6, 1.0), (0.3, 1.0)):
        progress = progress.after(dated, undated, (), ())
        assert not progress.finished
    progress = progress.after(0.2, 1.0, (), ())

    assert progress == ReaderProgress(READER_VERSION)
    assert progress.after(0.1, 0.1, (), ()) == progress


def test_what_failed_is_owed_once_more_and_then_comes_in_turn() -> None:
    first = ReaderProgress().after(1.0, 1.0, [ONE], ())
    assert (first.finished, first.lacks(ONE), first.lacks(OTHER)) == (True, True, False)

    second = first.after(0.1, 1.0, [ONE], ())
    assert not second.lacks(ONE)

    assert first.after(0.1, 1.0, (), ()) == ReaderProgress(READER_VERSION)


def test_a_failure_after_the_upgrade_is_none_of_its_matters() -> None:
    assert not ReaderProgress(READER_VERSION).after(0.1, 1.0, [ONE], ()).lacks(ONE)


def test_what_is_held_back_is_remembered_until_it_is_not() -> None:
    held = ReaderProgress().after(1.0, 1.0, (), [ONE])
    assert held == ReaderProgress(READER_VERSION, held=frozenset({ONE}))
    assert held.lacks(ONE)

    failed = held.after(0.1, 1.0, [ONE], ())
    assert failed == ReaderProgress(READER_VERSION, owed=frozenset({ONE}))


@pytest.mark.parametrize(
    "progress",
    [
        ReaderProgress(),
        ReaderProgress(1, 0.25, 1.0, frozenset({ONE}), frozenset({OTHER})),
        ReaderProgress(READER_VERSION),
    ],
)
def test_a_stored_progress_is_read_as_it_was(progress: ReaderProgress) -> None:
    assert progress_of(json.loads(json.dumps(progress_value(progress)))) == progress


def test_progress_toward_another_version_counts_for_nothing() -> None:
    stored = progress_value(ReaderProgress(1, 0.9, 1.0, frozenset({ONE})))

    for toward in (READER_VERSION - 1, READER_VERSION + 1):
        read = progress_of(stored | {"toward": toward})
        assert read == ReaderProgress(1, owed=frozenset({ONE}))


def test_a_later_version_that_ran_before_reads_everything_again_when_it_is_back() -> None:
    """The present version has read the assets that changed meanwhile, as far as it can."""
    later = ReaderProgress(READER_VERSION + 1)

    assert later.finished
    assert later.after(0.1, 1.0, (), ()).version == READER_VERSION


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        "2",
        {"version": "2"},
        {"version": True},
        {"toward": None},
        {"dated": -0.1},
        {"undated": 2},
        {"dated": float("nan")},
        {"owed": [["SALES"]]},
        {"held": [["SALES", 1]]},
        {"owed": None},
    ],
)
def test_a_record_that_no_run_stored_is_unusable(broken: object) -> None:
    value = progress_value(replace(ReaderProgress(), dated=0.5))
    odd = value | broken if isinstance(broken, dict) and broken else broken

    with pytest.raises(UNUSABLE):
        progress_of(odd)
