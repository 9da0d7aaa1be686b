"""How a run is told at a terminal: bars while it works, and emphasis where there is a screen."""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from shutil import get_terminal_size
from textwrap import wrap
from typing import Any, Final, TextIO

import click

from datasphere_glue.outcome.run import Result
from datasphere_glue.report import render
from datasphere_glue.runs.ports import Progress

_COLOURS: Final = {
    "!": "red",
    "-": "red",
    "x": "yellow",
    ">": "cyan",
    "<": "magenta",
    "+": "green",
    "^": "green",
    "~": "blue",
    "?": "red",
    "i": "cyan",
}
_BOLD: Final = ("datasphere-glue ", "Do next:", "Status: ", "Tables: ")
_LEVELS: Final = {"problem": "red", "warning": "yellow"}


@dataclass(frozen=True, slots=True)
class Screen:
    """What the account is shown on; `width` is None in a pipe, where no line is folded."""

    width: int | None = None
    coloured: bool = False


def screen_of(stream: TextIO, environment: Mapping[str, str]) -> Screen:
    """Return what a stream shows on: a terminal, in colours unless NO_COLOR says otherwise."""
    if not stream.isatty():
        return Screen()
    return Screen(get_terminal_size().columns, "NO_COLOR" not in environment)


def account(result: Result, options: Mapping[str, Any], screen: Screen) -> str:
    """Return the account of a run as this terminal, and the person at it, want it."""
    told = render.text(result, everything=bool(options.get("everything")), flags=_again(options))
    lines = told.splitlines()
    if options.get("quiet"):
        lines = list(_wrong(lines))
    signed = render.signs(lines)
    if screen.width:
        signed = ((sign, _folded(line, screen.width)) for sign, line in signed)
    return "\n".join(_styled(one) if screen.coloured else one[1] for one in signed)


def _folded(line: str, width: int) -> str:
    """Return a line as several that are indented more, where it is wider than the terminal."""
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return "\n".join(
        wrap(line, width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
        or [""]
    )


def _again(options: Mapping[str, Any]) -> str:
    """Return the flags that another command must repeat to mean the same assets."""
    named = (("--space", "spaces"), ("--asset", "assets"))
    given = [part for flag, key in named for one in options.get(key) or () for part in (flag, one)]
    return shlex.join(given)


def _wrong(lines: list[str]) -> Iterator[str]:
    """Yield what is wrong, what to do about it, and the status."""
    doing = False
    for line in lines:
        doing = line == "Do next:" or (doing and line.startswith("  "))
        level = line.split()[:1]
        bad = line.startswith("  ? ") or (level and level[0] in _LEVELS)
        if doing or bad or line.startswith("Status: "):
            yield line


def _styled(signed: tuple[str, str]) -> str:
    sign, line = signed
    level = line.split()[:1]
    if sign in _COLOURS:
        return line[:2] + click.style(sign, fg=_COLOURS[sign], bold=True) + line[3:]
    if level and line.startswith("  ") and level[0] in _LEVELS:
        return click.style(line, fg=_LEVELS[level[0]])
    return click.style(line, bold=True) if line.startswith(_BOLD) else line


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress | None]:
    """Give what a run tells its progress to; nothing where nobody watches.

    Bars go to the standard error, and only where that is a terminal.
    """
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    from datasphere_glue.commands.progress_bars import bars  # noqa: PLC0415 - rich takes 100 ms to load

    with bars() as shown:
        yield shown
