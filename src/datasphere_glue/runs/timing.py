"""Both sides of a run with a watch on them: how long each step of it takes."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager

from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import CurrentTable, Database
from datasphere_glue.plan.change import Outcome, Plan, Replan
from datasphere_glue.runs.ports import AssetFilter, Source, Target

Spent = Callable[[str, float], None]
"""Is told of a step and of seconds that it took."""


class Watch:
    """Measures the steps of one thread; a step inside another one counts for itself alone."""

    def __init__(self, spent: Spent, clock: Callable[[], float] = time.monotonic) -> None:
        self._spent = spent
        self._clock = clock
        self._inside = [0.0]

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the time of the block for a step."""
        began = self._clock()
        self._inside.append(0.0)
        try:
            yield
        finally:
            took = self._clock() - began
            self._spent(name, took - self._inside.pop())
            self._inside[-1] += took


class TimedSource:
    """A source whose steps are `list` and `read`: the time that a run waits for them."""

    def __init__(self, source: Source, watch: Watch) -> None:
        self._source = source
        self._watch = watch

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return what the source does; raises as the source does."""
        with self._watch.step("list"):
            return self._source.survey(scope)

    def assets(self, wanted: Iterable[tuple[SpaceListing, AssetFilter]]) -> Generator[SpaceListing]:
        """Yield what the source does; raises as the source does."""
        with closing(self._source.assets(wanted)) as read:
            while True:
                with self._watch.step("read"):
                    listing = next(read, None)
                if listing is None:
                    return
                yield listing


class TimedTarget:
    """A target whose steps are `catalog`, which reads it, and `apply`."""

    def __init__(self, target: Target, watch: Watch) -> None:
        self._target = target
        self._watch = watch

    def databases(self) -> tuple[Database, ...]:
        """Return what the target does; raises as the target does."""
        with self._watch.step("catalog"):
            return self._target.databases()

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        """Return what the target does; raises as the target does."""
        with self._watch.step("catalog"):
            return self._target.tables(database)

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        """Return what the target does; raises as the target does."""
        with self._watch.step("apply"):
            return self._target.apply(plan, until=until, replan=replan)
