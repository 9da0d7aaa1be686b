"""What a person at a terminal sees of a run, and what a pipe does not."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console
from rich.progress import Progress as Display

from datasphere_glue.commands import console
from datasphere_glue.commands.progress_bars import Bars
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan
from tests.unit.words import issue, nightly, table_change

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
PIPE = console.Screen()
RUN = Result(
    "plan",
    (SpaceListing("SALES", unread=(issue(),)),),
    plan=Plan(tables=(table_change(),)),
    digest="ab" * 32,
)


class Terminal(io.StringIO):
    """A terminal that keeps what is written."""

    def isatty(self) -> bool:
        return True


def test_colours_only_add_to_what_is_there() -> None:
    plain = console.account(nightly(RUN), {}, PIPE)
    shown = console.account(nightly(RUN), {}, console.Screen(200, coloured=True))

    assert "\x1b[" not in plain
    assert shown != plain
    assert ESCAPE.sub("", shown) == plain


def test_only_a_terminal_is_given_colours_and_none_to_whoever_wants_none() -> None:
    assert console.screen_of(io.StringIO(), {}) == PIPE
    assert console.screen_of(Terminal(), {}).coloured
    assert not console.screen_of(Terminal(), {"NO_COLOR": "1"}).coloured


def test_long_lines_are_folded_on_a_terminal_and_whole_in_a_pipe() -> None:
    long = Result("sync", plan=Plan(skipped=(replace(issue(), message="many words " * 20),)))

    narrow = console.account(nightly(long), {}, console.Screen(60)).splitlines()
    whole = console.account(nightly(long), {}, PIPE).splitlines()

    assert max(map(len, narrow)) <= 60
    assert max(map(len, whole)) > 200
    assert "".join("".join(narrow).split()) == "".join("".join(whole).split())


def test_the_next_command_repeats_what_was_asked_for() -> None:
    told = console.account(nightly(RUN), {"spaces": ("SALES",), "assets": ("HR.a b",)}, PIPE)

    assert "--space SALES --asset 'HR.a b'" in " ".join(told.split())


@pytest.mark.parametrize("quiet", [True, False])
def test_nothing_watches_a_run_in_a_pipe(quiet: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    with console.progress(quiet=quiet) as progress:
        assert progress is None


def test_bars_tell_how_far_and_how_fast() -> None:
    screen = Terminal()
    with Display(console=Console(file=screen, force_terminal=True, width=80)) as display:
        bars = Bars(display)
        bars.done("never expected")
        bars.expect("assets read", 3)
        bars.expect("assets read", 1)
        bars.done("assets read", 2)
        task = display.tasks[0]

        assert (task.completed, task.total) == (2, 4)
    assert "assets read" in screen.getvalue()
