"""Terminals that lack characters, width, a reader or a stream: no exit code changes."""

import json

import pytest

from tests.functional.conftest import World
from tests.functional.test_command_line import process, small

__all__ = ["small"]

TERMINALS = {
    "cp1252": ("", {"PYTHONIOENCODING": "cp1252"}),
    "ascii": ("", {"PYTHONIOENCODING": "ascii"}),
    "latin-1 without width": ("", {"PYTHONIOENCODING": "latin-1", "COLUMNS": "0"}),
    "C": ("", {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    "a reader that stops": ("| head -1; exit ${PIPESTATUS[0]}", {}),
    "no reader": ("| true; exit ${PIPESTATUS[0]}", {}),
    "no output": (">&-", {}),
    "no streams": (">&- 2>&-", {"NO_COLOR": "1"}),
}
COMMANDS = {
    "plan": 2,
    "plan --json": 2,
    "plan --space NOWHERE": 3,
    "doctor": 0,
    "search nothing": 0,
    "show nothing.there": 1,
    "audit export": 0,
    "config schema": 0,
    "rollback NO_RUN": 1,
}


@pytest.mark.parametrize("terminal", TERMINALS)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_terminal_changes_the_exit_code_of_any_command(
    small: World,
    terminal: str,
    command: str,
) -> None:
    small.tenant.spaces.set_label("SALES", "V_00", "Größe → 数量 \U0001f600")
    shell, variables = TERMINALS[terminal]

    done = process(small, command.split(), shell, **variables)

    assert done.returncode == COMMANDS[command], done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    if command.endswith("--json") and not shell:
        assert json.loads(done.stdout)["status"] == "PENDING"


def test_output_that_is_lost_is_a_failure(small: World) -> None:
    done = process(small, ["config", "schema"], "> /dev/full")

    assert done.returncode == 1
    assert b"standard output cannot be written" in done.stderr
