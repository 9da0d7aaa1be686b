"""Consecutive budgets of workers keep the pace without shared state."""

from datasphere_glue.datasphere.budget import MINUTE, RateBudget


class World:
    """A clock that goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def departures(world: World, per_minute: int, workers: int, requests: int) -> list[float]:
    """Return when requests leave of workers that start at once after each other."""
    left = []
    for _ in range(workers):
        budget = RateBudget(per_minute, even=True, clock=world.clock, sleep=world.sleep)
        for _ in range(requests):
            assert budget.take()
            left.append(world.now)
    return left


def test_in_no_minute_do_workers_after_each_other_ask_more_than_one_would() -> None:
    left = departures(World(), per_minute=48, workers=30, requests=7)

    most = max(sum(start <= moment < start + MINUTE for moment in left) for start in left)
    assert most <= 48
    assert left[-1] - left[0] <= 30 * 7 * MINUTE / 48


def test_a_worker_uses_all_of_its_share() -> None:
    left = departures(World(), per_minute=48, workers=1, requests=480)

    assert abs((left[-1] - left[0]) - 479 * MINUTE / 48) < 1e-6


def test_an_even_budget_heeds_the_tenant_and_the_end_of_the_run() -> None:
    world = World()
    budget = RateBudget(60, even=True, clock=world.clock, sleep=world.sleep)
    assert budget.take()
    budget.pause(30.0)

    assert not budget.take(until=world.now + 29.0)
    assert budget.take(until=world.now + 31.0)
    before = world.now
    assert budget.take()
    assert world.now - before > 1.0
