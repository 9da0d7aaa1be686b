from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.datasphere.budget import RateBudget
from tests.unit.datasphere.fakes import World

MINUTE = 60.0


def _departures(budget: RateBudget, world: World, gaps: list[float]) -> Iterator[float]:
    for gap in gaps:
        world.time += gap
        assert budget.take()
        yield world.time


def _most_in_a_minute(departures: list[float]) -> int:
    return max(
        bisect_left(departures, moment + MINUTE - 1e-6) - start
        for start, moment in enumerate(departures)
    )


@given(
    per_minute=st.integers(1, 120),
    gaps=st.lists(st.sampled_from([0.0, 0.0, 0.1, 1.0, 7.0, 61.0]), min_size=1, max_size=200),
)
def test_no_minute_has_more_requests_than_the_budget(per_minute: int, gaps: list[float]) -> None:
    world = World()
    budget = RateBudget(per_minute, clock=world.clock, sleep=world.sleep)
    assert _most_in_a_minute(list(_departures(budget, world, gaps))) <= per_minute


@given(
    per_minute=st.integers(1, 40),
    steps=st.lists(
        st.tuples(st.sampled_from([0.0, 0.0, 0.3, 7.0, 61.0, 200.0]), st.booleans()),
        min_size=1,
        max_size=150,
    ),
    pause=st.sampled_from([0.0, 0.5, 20.0, 60.0]),
)
def test_pauses_and_refusals_never_let_a_minute_exceed_the_budget(
    per_minute: int, steps: list[tuple[float, bool]], pause: float
) -> None:
    world = World()
    budget = RateBudget(per_minute, clock=world.clock, sleep=world.sleep)
    departures: list[float] = []
    for gap, refused in steps:
        departures += _departures(budget, world, [gap])
        if refused:
            budget.pause(pause)
        assert 1 <= budget._pace(world.time) <= per_minute
    assert departures == sorted(departures)
    assert _most_in_a_minute(departures) <= per_minute


def test_threads_share_one_budget() -> None:
    waits: list[float] = []
    budget = RateBudget(20, clock=lambda: 0.0, sleep=waits.append)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: budget.take(), range(100)))
    assert Counter(waits) == dict.fromkeys([60.0, 120.0, 180.0, 240.0], 20)


@pytest.mark.parametrize("per_minute", [1, 29, 30, 60, 240, 300])
def test_a_full_queue_uses_exactly_the_budget(per_minute: int) -> None:
    world = World()
    budget = RateBudget(per_minute, clock=world.clock, sleep=world.sleep)
    departures = list(_departures(budget, world, [0.0] * (3 * per_minute)))
    assert _most_in_a_minute(departures) == per_minute
    assert departures[-1] - departures[0] < 3.2 * MINUTE


def test_a_run_that_fits_into_a_minute_never_waits() -> None:
    world = World()
    budget = RateBudget(240, clock=world.clock, sleep=world.sleep)
    assert list(_departures(budget, world, [0.0] * 240)) == [world.time] * 240
    assert world.waits == []
    budget.take()
    assert world.waits == [60.0]


def test_a_pause_delays_all_requests() -> None:
    world = World()
    budget = RateBudget(240, clock=world.clock, sleep=world.sleep)
    started = world.time
    budget.pause(20.0)
    assert budget.take()
    assert world.time == started + 20.0


def test_a_pause_delays_a_request_that_is_already_waiting() -> None:
    world = World()
    pauses = [30.0]

    def sleep(seconds: float) -> None:
        world.sleep(seconds)
        if pauses:
            budget.pause(pauses.pop())

    budget = RateBudget(60, clock=world.clock, sleep=sleep)
    while not world.waits:
        assert budget.take()
    assert world.waits[1] == 30.0


def test_a_shorter_pause_does_not_shorten_a_longer_one() -> None:
    world = World()
    budget = RateBudget(240, clock=world.clock, sleep=world.sleep)
    started = world.time
    budget.pause(20.0)
    budget.pause(1.0)
    budget.take()
    assert world.time == started + 20.0


def test_a_request_beyond_the_deadline_does_not_wait_and_uses_no_budget() -> None:
    world = World()
    budget = RateBudget(240, clock=world.clock, sleep=world.sleep)
    budget.pause(20.0)
    assert not budget.take(until=world.time + 19.0)
    assert world.waits == []
    assert budget.take(until=world.time + 20.5)
    assert world.waits == [20.0]


def test_no_request_starts_at_or_after_the_deadline() -> None:
    world = World()
    budget = RateBudget(240, clock=world.clock, sleep=world.sleep)
    assert not budget.take(until=world.time)


def test_a_refusal_halves_the_pace_and_the_pace_recovers_slowly() -> None:
    world = World()
    budget = RateBudget(240, clock=world.clock, sleep=world.sleep)
    budget.pause(0.0)
    paces = [budget._pace(world.time)]
    for _ in range(6):
        world.time += MINUTE
        paces.append(budget._pace(world.time))
    assert paces == [120, 144, 168, 192, 216, 240, 240]


def test_refusals_of_concurrent_requests_count_once() -> None:
    world = World()
    budget = RateBudget(240, clock=world.clock, sleep=world.sleep)
    for _ in range(8):
        budget.pause(30.0)
        world.time += 0.5
    assert budget._pace(world.time) == 121
    world.time += 30.0
    budget.pause(30.0)
    assert budget._pace(world.time) == 66


def test_the_pace_never_falls_to_zero() -> None:
    world = World()
    budget = RateBudget(3, clock=world.clock, sleep=world.sleep)
    for _ in range(20):
        budget.pause(1.0)
        world.time += 6.0
    assert budget._pace(world.time) == 1
    assert budget.take(until=world.time + 2 * MINUTE)


def test_a_lower_pace_is_enforced() -> None:
    world = World()
    budget = RateBudget(240, clock=world.clock, sleep=world.sleep)
    list(_departures(budget, world, [0.0] * 240))
    budget.pause(20.0)
    departures = list(_departures(budget, world, [0.0] * 600))
    assert _most_in_a_minute(departures[:120]) <= 132
    assert departures[0] == 1000.0 + MINUTE
