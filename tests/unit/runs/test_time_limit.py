"""What a run may use of the time-out of its function, and what is too little."""

import time
from types import SimpleNamespace

import pytest

from datasphere_glue.errors import OutOfTime, SettingsError, TimeTooShort
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.runs.ports import Caller
from datasphere_glue.runs.time_limit import refuse_idle_run, require_usable_time

OVER = OutOfTime("the time of the run is over")


def caller(left: float, limit: float | None = None) -> tuple[Caller, float]:
    """Return the caller for so many seconds, and the seconds that its run has."""
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: left * 1000)
    one = Caller.of(context, limit)
    return one, one.until - time.monotonic()


@pytest.mark.parametrize(
    ("left", "usable"), [(900, 870), (90, 60), (60, 30), (40, 20), (30, 15), (10, 5), (0, 0)]
)
def test_the_reserve_is_at_most_half_of_a_short_timeout(left: float, usable: float) -> None:
    one, seconds = caller(left)
    assert seconds == pytest.approx(usable, abs=0.5)
    assert one.time_limit == left


@pytest.mark.parametrize(("left", "usable"), [(900, 870), (100, 70), (31, 1), (20, 0)])
def test_a_later_run_of_an_invocation_has_the_reserve_of_the_whole_timeout(
    left: float, usable: float
) -> None:
    one, seconds = caller(left, 900)
    assert seconds == pytest.approx(usable, abs=0.5)
    assert one.time_limit == (900 if left == 900 else None)


def test_a_caller_without_a_clock_has_no_limit() -> None:
    assert Caller.of(None) == Caller()


@pytest.mark.parametrize("limit", [0, 1, 3, 3.89])
def test_a_timeout_below_the_least_value_is_refused(limit: float) -> None:
    with pytest.raises(TimeTooShort, match=f"timeout of {limit:.3g} s .* at least 4 s"):
        require_usable_time(limit)


@pytest.mark.parametrize("limit", [None, 3.99, 4, 30, 900])
def test_other_timeouts_are_accepted(limit: float | None) -> None:
    require_usable_time(limit)


@pytest.mark.parametrize(
    ("result", "limit", "status"),
    [
        (Result(RunAction.SYNC, error=OVER), 30, Status.FAILED),
        (Result(RunAction.SYNC, (SpaceListing("S", left=3),)), 59, Status.FAILED),
        (Result(RunAction.SYNC, error=OVER), 60, Status.PENDING),
        (Result(RunAction.SYNC, error=OVER), None, Status.PENDING),
        (Result(RunAction.SYNC, (SpaceListing("S", left=3, read=1),)), 30, Status.PENDING),
        (Result(RunAction.SYNC, (SpaceListing("S", read=1),)), 30, Status.NO_CHANGES),
    ],
)
def test_only_a_short_timeout_in_which_nothing_happened_is_an_error(
    result: Result, limit: float | None, status: Status
) -> None:
    assert refuse_idle_run(result, limit).status is status


def test_another_error_stays_the_error() -> None:
    result = Result(RunAction.SYNC, error=SettingsError("REPORT_URI: missing"))
    assert refuse_idle_run(result, 30) is result
