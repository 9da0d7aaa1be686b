"""Watches a run: how long each of its steps takes, and how far it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from datasphere_glue.runs.ports import Progress, StepName

Spent = Callable[[str, float], None]
"""Takes a step and the seconds that it took."""


class TimingObserver:
    """Measures the steps of the run's thread, and passes on its progress where there is one.

    A step inside another one counts for itself alone.
    """

    def __init__(
        self,
        spent: Spent,
        progress: Progress | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spent = spent
        self._progress = progress
        self._clock = clock
        self._inside = [0.0]

    @contextmanager
    def step(self, name: StepName, /) -> Iterator[None]:
        """Count the time of the block for a step."""
        began = self._clock()
        self._inside.append(0.0)
        try:
            yield
        finally:
            took = self._clock() - began
            self._spent(name, took - self._inside.pop())
            self._inside[-1] += took

    def expect(self, part: str, more: int) -> None:
        """Note that so much more of a part is to be done."""
        if self._progress:
            self._progress.expect(part, more)

    def done(self, part: str, count: int = 1) -> None:
        """Note that so much of a part was done."""
        if self._progress:
            self._progress.done(part, count)
