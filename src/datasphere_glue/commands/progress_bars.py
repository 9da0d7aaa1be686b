"""Progress bars on standard error: count, rate and remaining time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Display
from rich.text import Text


class _Rate(ProgressColumn):
    """Items per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.1f}/s" if task.speed else "")


class Bars:
    """One bar for each part of a run, from its first expected item on."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._lock = Lock()
        self._tasks: dict[str, TaskID] = {}
        self._totals: dict[str, int] = {}

    def expect(self, part: str, more: int) -> None:
        """Add `more` items to the total of a part."""
        with self._lock:
            if part not in self._tasks:
                self._tasks[part] = self._display.add_task(part, total=0)
            self._totals[part] = self._totals.get(part, 0) + more
            self._display.update(self._tasks[part], total=self._totals[part])

    def done(self, part: str, count: int = 1) -> None:
        """Advance the bar of a part by `count` items."""
        if part in self._tasks:
            self._display.advance(self._tasks[part], count)


@contextmanager
def bars() -> Iterator[Bars]:
    """Show bars until the end of the block, then clear them from the screen."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Display(*columns, console=Console(stderr=True), transient=True) as display:
        yield Bars(display)
