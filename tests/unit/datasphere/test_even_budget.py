"""Consecutive budgets of workers respect the pace without shared state."""

from datasphere_glue.datasphere.budget import MINUTE, RateBudget


class World:
    """A clock that advances only during sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def departures(world: World, per_minute: int, workers: int, requests: int) -> list[float]:
    """Return the times of the requests of workers that run directly after each other."""
    times = []
    for _ in range(workers):
        budget = RateBudget(per_minute, even=True, clock=world.clock, sleep=world.sleep)
        for _ in range(requests):
            assert budget.take()
            times.append(world.now)
    return times


def test_consecutive_workers_never_exceed_the_budget_of_a_minute() -> None:
    times = departures(World(), per_minute=48, workers=30, requests=7)

    most = max(sum(start <= moment < start + MINUTE for moment in times) for start in times)
    assert most <= 48
    assert times[-1] - times[0] <= 30 * 7 * MINUTE / 48


def test_a_worker_uses_its_full_share() -> None:
    times = departures(World(), per_minute=48, workers=1, requests=480)

    assert abs((times[-1] - times[0]) - 479 * MINUTE / 48) < 1e-6


def test_an_even_budget_respects_pauses_and_the_deadline() -> None:
    world = World()
    budget = RateBudget(60, even=True, clock=world.clock, sleep=world.sleep)
    assert budget.take()
    budget.pause(30.0)

    assert not budget.take(until=world.now + 29.0)
    assert budget.take(until=world.now + 31.0)
    before = world.now
    assert budget.take()
    assert world.now - before > 1.0
