"""Measures a run: how long each of its steps takes, and how far it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from datasphere_glue.runs.ports import Progress, StepName

Spent = Callable[[str, float], None]
"""Receives the name of a step and the seconds that it took."""


class TimingObserver:
    """Measures the steps in the thread of a run, and forwards its progress if there is a display.

    The time of a nested step does not count for the step around it.
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
        """Add the time of the block to a step."""
        began = self._clock()
        self._inside.append(0.0)
        try:
            yield
        finally:
            took = self._clock() - began
            self._spent(name, took - self._inside.pop())
            self._inside[-1] += took

    def expect(self, part: str, more: int) -> None:
        """Add to the expected count of a part."""
        if self._progress:
            self._progress.expect(part, more)

    def done(self, part: str, count: int = 1) -> None:
        """Add to the finished count of a part."""
        if self._progress:
            self._progress.done(part, count)
