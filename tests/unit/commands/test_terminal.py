"""The output of a run at a terminal and in a pipe."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console
from rich.progress import Progress as Display

from datasphere_glue.commands import terminal
from datasphere_glue.commands.progress_bars import Bars
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import Plan
from datasphere_glue.report.typed import Typed
from datasphere_glue.text_layout import SIGNS, LineKind
from tests.unit.samples import issue, nightly, table_change

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
PIPE = terminal.Screen()
RUN = Result(
    RunAction.PLAN,
    (SpaceListing("SALES", unread=(issue(),)),),
    plan=Plan(tables=(table_change(),)),
    digest="ab" * 32,
)


class Terminal(io.StringIO):
    """A terminal that records its output."""

    def isatty(self) -> bool:
        return True


def test_colours_do_not_change_the_text() -> None:
    plain = terminal.result_text(nightly(RUN), {}, PIPE)
    shown = terminal.result_text(nightly(RUN), {}, terminal.Screen(200, coloured=True))

    assert "\x1b[" not in plain
    assert shown != plain
    assert ESCAPE.sub("", shown) == plain


def test_only_a_terminal_without_no_color_is_coloured() -> None:
    assert terminal.screen_of(io.StringIO(), {}) == PIPE
    assert terminal.screen_of(Terminal(), {}).coloured
    assert not terminal.screen_of(Terminal(), {"NO_COLOR": "1"}).coloured


def test_long_lines_are_wrapped_on_a_terminal_and_not_in_a_pipe() -> None:
    long = Result(
        RunAction.SYNC, plan=Plan(skipped=(replace(issue(), message="many words " * 20),))
    )

    narrow = terminal.result_text(nightly(long), {}, terminal.Screen(60)).splitlines()
    whole = terminal.result_text(nightly(long), {}, PIPE).splitlines()

    assert max(map(len, narrow)) <= 60
    assert max(map(len, whole)) > 200
    assert "".join("".join(narrow).split()) == "".join("".join(whole).split())


def test_the_kind_of_a_line_determines_its_style() -> None:
    evil = replace(issue(), message="\x1b[31mred\ndatasphere-glue [bold]x[/] :smile:")
    result = replace(RUN, listings=(SpaceListing("SALES", unread=(evil,)),))

    drawn = terminal.result_text(result, {}, terminal.Screen(300, coloured=True)).splitlines()

    [problem] = [line for line in drawn if "ASSET_UNREADABLE" in line]
    assert problem.startswith("  \x1b[1;31m?\x1b[0m SALES.V  ASSET_UNREADABLE: \ufffd[31mred")
    assert "datasphere-glue [bold]x[/] :smile:" in drawn
    assert drawn[0].startswith("\x1b[1mdatasphere-glue plan")


def test_quiet_shows_only_problems_next_steps_and_status() -> None:
    quiet = terminal.result_text(RUN, {"quiet": True}, PIPE).splitlines()

    assert quiet[0].startswith("  ? SALES.V  ASSET_UNREADABLE")
    assert quiet[1] == "Do next:"
    assert quiet[2].startswith("  1) redeploy it")
    assert quiet[-1].startswith("Status: ")
    assert not [line for line in quiet if "v_orders" in line]


def test_every_kind_of_line_has_a_style_or_is_plain() -> None:
    plain = {
        *(LineKind.FIELD, LineKind.DETAIL, LineKind.REMEDY, LineKind.MORE),
        *(LineKind.CHECK, LineKind.STEP, LineKind.BLANK),
    }

    assert terminal._SIGN_STYLES.keys() == SIGNS.keys()
    assert terminal._SIGN_STYLES.keys() | terminal._STYLES.keys() | plain == set(LineKind)


def test_a_command_is_neither_folded_nor_cut_in_any_width() -> None:
    typed = Typed("python3 -m datasphere_glue", scope=("--space", "SALES", "--asset", "HR.a b"))
    command = "python3 -m datasphere_glue sync --plan abababababab --space SALES --asset 'HR.a b'"
    result = nightly(RUN, report="r/report.json")

    for screen in (PIPE, terminal.Screen(0), terminal.Screen(10), terminal.Screen(80)):
        assert command in terminal.result_text(result, {}, screen, typed)


@pytest.mark.parametrize("quiet", [True, False])
def test_a_pipe_has_no_progress_display(quiet: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    with terminal.progress(quiet=quiet) as progress:
        assert progress is None


def test_bars_count_completed_and_total() -> None:
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
