"""Prints typed lines, styled by rich on a terminal and plain in a pipe. Shows progress bars."""

import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from shutil import get_terminal_size
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any, Final, TextIO

from datasphere_glue.commands.output import holds_unicode
from datasphere_glue.outcome.run import Result
from datasphere_glue.report import render
from datasphere_glue.report.typed import NOT_TYPED, Typed
from datasphere_glue.runs.ports import Progress
from datasphere_glue.text_layout import Line, LineKind, fold_text

if TYPE_CHECKING:
    from rich.text import Text

_SIGN_STYLES: Final = {
    LineKind.BREAKING: "bold red",
    LineKind.REMOVAL: "bold red",
    LineKind.DEPRECATION: "bold yellow",
    LineKind.RENAME: "bold cyan",
    LineKind.EDIT: "bold magenta",
    LineKind.CREATION: "bold green",
    LineKind.RESTORATION: "bold green",
    LineKind.UPDATE: "bold blue",
    LineKind.PROBLEM: "bold red",
    LineKind.NOTE: "bold cyan",
}
"""Styles of the sign at the start of a line."""

_STYLES: Final = {
    LineKind.TITLE: "bold",
    LineKind.TOTAL: "bold",
    LineKind.HEADING: "bold",
    LineKind.STATUS: "bold",
    LineKind.CHECK_PROBLEM: "red",
    LineKind.CHECK_WARNING: "yellow",
}
"""Styles of a whole line."""

_QUIET: Final = frozenset(
    {
        LineKind.PROBLEM,
        LineKind.CHECK_PROBLEM,
        LineKind.CHECK_WARNING,
        LineKind.HEADING,
        LineKind.STEP,
        LineKind.STATUS,
    }
)
"""Kinds of lines that `--quiet` prints: problems, next steps, and the status."""

_NARROWEST: Final = 20
"""Least width in cells; some terminals report none."""

_HANG: Final = 4
"""Cells by which continuation lines are indented more than the first line."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a result is shown; `width` is in cells, None in a pipe, which folds no line."""

    width: int | None = None
    coloured: bool = False


def screen_of(stream: TextIO, environment: Mapping[str, str]) -> Screen:
    """Return the screen of a stream; a terminal has colours unless NO_COLOR is set."""
    if not stream.isatty():
        return Screen()
    return Screen(get_terminal_size().columns, "NO_COLOR" not in environment)


def result_text(
    result: Result, options: Mapping[str, Any], screen: Screen, typed: Typed = NOT_TYPED
) -> str:
    """Return the result of a run as text: styled and folded on a terminal, plain in a pipe.

    The options `everything` and `quiet` select its lines.
    """
    lines = render.lines(result, everything=bool(options.get("everything")), typed=typed)
    chosen = [line for line in lines if not options.get("quiet") or line.kind in _QUIET]
    if screen.width is None:
        return "\n".join(line.plain for line in chosen)
    return _draw(chosen, screen, max(screen.width, _NARROWEST))


def _draw(lines: Iterable[Line], screen: Screen, width: int) -> str:
    from rich.console import Console  # noqa: PLC0415 - rich takes 100 ms to load

    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=True,
        color_system="standard" if screen.coloured else None,
    )
    with console.capture() as drawn:
        for line in lines:
            console.print(_style(line, width), soft_wrap=True)
    return drawn.get().removesuffix("\n")


def _style(line: Line, width: int) -> "Text":
    from rich.text import Text  # noqa: PLC0415 - rich takes 100 ms to load

    parts = (part for one in line.plain.split("\n") for part in _fold(one, width))
    folded = line.plain if line.whole else "\n".join(parts)
    text = Text(folded, style=_STYLES.get(line.kind, ""))
    if line.kind in _SIGN_STYLES:
        text.stylize(_SIGN_STYLES[line.kind], 2, 3)
    return text


def _fold(line: str, width: int) -> list[str]:
    """Return a line folded to `width`, with continuation lines indented more.

    rich would break long words, too, but a path or a digest must stay whole to be copied.
    """
    indent = " " * (len(line) - len(line.lstrip()) + _HANG)
    return fold_text(line, width, indent)


@contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Handle the signals that end a process like Ctrl-C, so that a run can store its record.

    Signals that the caller ignores (as with nohup) stay ignored. Only the main thread may do this.
    """
    names = ("SIGTERM", "SIGHUP", "SIGBREAK") if current_thread() is main_thread() else ()
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    former = {number: signal.getsignal(number) for number in numbers}
    for number, handler in former.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler or signal.SIG_DFL)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress | None]:
    """Yield the receiver of a run's progress: bars on standard error, None without a terminal.

    `quiet` turns the bars off.
    """
    shown = sys.stderr.isatty() and holds_unicode(sys.stderr)
    if quiet or not shown or os.environ.get("TERM") == "dumb":
        yield None
        return
    from datasphere_glue.commands.progress_bars import bars  # noqa: PLC0415 - rich takes 100 ms to load

    with bars() as display:
        yield display
