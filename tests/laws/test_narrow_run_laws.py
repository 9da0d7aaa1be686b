"""Laws of narrow runs: however many there are, they remove no more than one full run may."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Scope
from datasphere_glue.outcome.context import RunContext
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.plan.guard import GuardLimits, allowance
from datasphere_glue.runs.incremental import sync_incrementally
from datasphere_glue.runs.ports import Job
from datasphere_glue.storage.store import Store
from tests.effort import examples
from tests.unit.runs.test_sync import Glue, Tenant
from tests.unit.samples import POLICY, RULES, TENANT, asset, listing
from tests.unit.storage.stores import MemoryStore

START = datetime(2026, 11, 23, 1, tzinfo=UTC)
SPACES = st.lists(st.integers(1, 9), min_size=1, max_size=4)


@dataclass(frozen=True)
class Step:
    """A change of one asset at the source, and the scope of the narrow run that follows."""

    space: int
    asset: int
    kind: str
    removes: bool = True


STEPS = st.lists(
    st.builds(
        Step,
        st.integers(0, 3),
        st.integers(0, 8),
        st.sampled_from(["asset", "assets", "space"]),
        st.sampled_from([True, True, True, False]),
    ),
    max_size=12,
)


class ScopedTenant(Tenant):
    """A tenant that lists the spaces in scope alone."""

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        every = super().survey(scope)
        return tuple(one for one in every if scope.covers_space(one.space))


class World:
    """A tenant and a catalog after a run over everything."""

    def __init__(self, sizes: list[int], limits: GuardLimits, store: Store | None) -> None:
        self.assets = {f"S{n}": [f"V_{k}" for k in range(size)] for n, size in enumerate(sizes)}
        self.gone: set[tuple[str, str]] = set()
        self.glue, self.store, self.limits, self.runs = Glue(), store, limits, 0
        self.run(Scope())

    def run(self, scope: Scope) -> Result:
        self.runs += 1
        started = (START + timedelta(minutes=self.runs)).isoformat()
        context = RunContext(f"run-{self.runs}", TENANT, started=started)
        job = Job(RunAction.SYNC, scope, RULES, POLICY, self.limits, context=context)
        return sync_incrementally(ScopedTenant(tuple(self._listings())), self.glue, job, self.store)

    def take(self, step: Step) -> Result | None:
        space = f"S{step.space}"
        name = f"V_{step.asset}"
        if name not in self.assets.get(space, ()):
            return None
        (self.gone.add if step.removes else self.gone.discard)((space, name))
        return self.run(self._scope(step, space, name))

    def deprecated(self) -> Counter[str]:
        tables = (current.table for current in self.glue.catalog.tables)
        return Counter(table.asset[0] for table in tables if table.deprecated)

    def _scope(self, step: Step, space: str, name: str) -> Scope:
        if step.kind == "space":
            return Scope(spaces=frozenset({space}))
        if step.kind == "assets":
            return Scope(assets=frozenset(self.gone | {(space, name)}))
        return Scope(assets=frozenset({(space, name)}))

    def _listings(self) -> Iterable[SpaceListing]:
        for space, names in self.assets.items():
            present = [name for name in names if (space, name) not in self.gone]
            yield listing(*(asset(name, space) for name in present), space=space)


def removing(*places: tuple[int, int], kind: str = "asset") -> list[Step]:
    return [Step(space, number, kind) for space, number in places]


@given(SPACES, STEPS, st.sampled_from([0, 10, 40, 100]))
@example([2, 2], removing((0, 0), (1, 0)), 10)
@example([9, 9, 9], removing((0, 0), (1, 0), (2, 0), (0, 1), kind="space"), 10)
@example([4], removing((0, 0), (0, 1), (0, 2), (0, 3)), 100)
@examples(60)
def test_a_series_of_narrow_runs_removes_no_more_than_one_full_run_may(
    sizes: list[int], steps: list[Step], percent: int
) -> None:
    limits = GuardLimits(max_removal_percent=percent)
    world = World(sizes, limits, MemoryStore())

    for step in steps:
        world.take(step)
        removed = world.deprecated()

        assert removed.total() <= allowance(sum(sizes), limits)
        for number, size in enumerate(sizes):
            assert removed[f"S{number}"] <= min(allowance(size, limits), size - 1)


@given(SPACES, STEPS)
@example([4], removing((0, 0), (0, 1)))
@examples(30)
def test_without_a_report_place_the_limit_of_each_space_holds_for_a_day(
    sizes: list[int], steps: list[Step]
) -> None:
    world = World(sizes, GuardLimits(), None)

    for step in steps:
        world.take(step)

        for number, size in enumerate(sizes):
            assert world.deprecated()[f"S{number}"] <= min(allowance(size, world.limits), size - 1)


@given(st.integers(2, 9), st.integers(0, 8), st.sampled_from(["asset", "assets", "space"]))
@examples(20)
def test_one_asset_that_is_gone_is_deprecated_by_one_narrow_run(
    size: int, number: int, kind: str
) -> None:
    world = World([size, 3], GuardLimits(), MemoryStore())

    result = world.take(Step(0, number % size, kind))

    assert result is not None
    assert result.status is Status.SUCCESS
    assert world.deprecated() == {"S0": 1}


@given(SPACES, STEPS)
@examples(20)
def test_a_full_run_decides_the_same_after_narrow_runs(sizes: list[int], steps: list[Step]) -> None:
    world, other = (World(sizes, GuardLimits(), MemoryStore()) for _ in range(2))
    for step in steps:
        world.take(step)
    other.gone, other.glue = world.gone, replace(world.glue)

    assert world.run(Scope()).status is other.run(Scope()).status
