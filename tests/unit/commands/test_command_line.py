"""What was typed, and how it is typed again."""

import sys
from pathlib import Path

import pytest

from datasphere_glue.cli import commands
from datasphere_glue.commands.command_line import program_name, typed_before_error, with_first_step
from datasphere_glue.errors import SettingsError
from datasphere_glue.report.typed import Typed


def test_a_module_is_called_by_its_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    name = Path(sys.executable).name

    assert program_name("/x/datasphere_glue/__main__.py", sys.executable).endswith(
        "-m datasphere_glue"
    )
    assert program_name("/x/__main__.py", sys.executable) in {
        f"{name} -m datasphere_glue",
        f"{sys.executable} -m datasphere_glue",
    }
    assert program_name("/x/__main__.py", "/no where/python") == (
        "'/no where/python' -m datasphere_glue"
    )


def test_a_script_is_called_by_its_path_only_if_the_shell_does_not_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "my tools" / "datasphere-glue"
    script.parent.mkdir()
    script.touch(mode=0o755)
    monkeypatch.setenv("PATH", "/nowhere")

    assert program_name(str(script), sys.executable) == f"'{script}'"
    monkeypatch.setenv("PATH", str(script.parent))
    assert program_name(str(script), sys.executable) == "datasphere-glue"
    assert program_name("/usr/bin/pytest", sys.executable) == "datasphere-glue"


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["plan", "--space", "sync"], "plan"),
        (["--profile", "prod", "audit", "verify"], "audit verify"),
        (["rollback", "RUN", "--plan"], "rollback"),
        (["nothing"], None),
        ([], None),
    ],
)
def test_the_typed_command_is_read_from_the_arguments(
    arguments: list[str], command: str | None
) -> None:
    assert typed_before_error(arguments, commands).command == command


def test_the_next_command_repeats_program_profile_settings_and_scope() -> None:
    arguments = ["--profile", "my prod", "plan", "--report-uri=/my reports", "--glue-region", "x"]
    line = typed_before_error(arguments, commands)

    assert line.line("rollback", "R") == (
        "datasphere-glue --profile 'my prod' rollback R --report-uri '/my reports' --glue-region x"
    )
    assert line.spelt("run `datasphere-glue audit verify`, or `datasphere-glue init`") == (
        "run `datasphere-glue --profile 'my prod' audit verify --report-uri '/my reports'`,"
        " or `datasphere-glue --profile 'my prod' init`"
    )


def test_a_run_is_planned_again_with_the_scope_of_the_typed_one() -> None:
    line = Typed(scope=("--space", "A B"))

    assert line.spelt("run `datasphere-glue plan` again") == (
        "run `datasphere-glue plan --space 'A B'` again"
    )
    assert line.spelt("a label `datasphere-glue  `") == "a label `datasphere-glue  `"
    assert line.spelt("run `datasphere-glue rollback R --plan`") == (
        "run `datasphere-glue rollback R --plan`"
    )


def test_without_any_setting_the_first_step_is_init() -> None:
    error = SettingsError("X: is required")

    assert with_first_step(error, []).remedy.startswith("`datasphere-glue init` asks")
    assert with_first_step(error, ["REPORT_URI"]) is error
