"""The command line names what was typed, prints commands that work, and keeps its exit codes."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.cli import commands, main
from datasphere_glue.config.settings import SETTING_NAMES
from tests.functional.conftest import World, small_space

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def small(world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """Return one space of two views, with its settings in the environment."""
    world = world_of(small_space("SALES", 2))
    world.name = "small"
    monkeypatch.chdir(tmp_path)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    return world


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder in an environment without settings."""
    for name in SETTING_NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def command_in(output: str, label: str) -> list[str]:
    """Return the arguments of the command that follows a label in the output."""
    [line] = re.findall(rf"{label}: datasphere-glue (.*)", output)
    return shlex.split(line)


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan"],
        ["sync", "--space", "X"],
        ["verify"],
        ["doctor"],
        ["rollback", "RUN", "--plan"],
        ["rollback", "RUN"],
        ["show", "a.b"],
        ["search", "word"],
        ["trace", "A.B"],
        ["history", "a.b"],
        ["report"],
        ["audit", "verify"],
        ["audit", "export"],
        ["lineage", "export"],
    ],
    ids=" ".join,
)
def test_without_any_setting_a_command_names_itself_and_init(
    bare: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bare
    assert main(arguments) == 1

    shown = "".join(capsys.readouterr())
    words = [one for one in arguments if one in {"audit", "lineage", arguments[0]}]
    command = " ".join(arguments[:2] if words[0] in {"audit", "lineage"} else arguments[:1])
    assert f"datasphere-glue {command}  " in shown or f"Error: {command}: " in shown
    assert "`datasphere-glue init`" in shown
    assert shown.index("`datasphere-glue init` asks") < shown.index("; or ")


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["plan", "--asset", "NODOT"], "plan"),
        (["rollback", "NO_SUCH_RUN", "--plan"], "rollback"),
        (["rollback", "NO_SUCH_RUN"], "rollback"),
        (["sync", "--plan", "nonsense"], "sync"),
        (["verify", "--sync-config-uri", "missing.yaml"], "verify"),
        (["doctor", "--max-removal-percent", "x"], "doctor"),
    ],
)
def test_a_failed_run_names_the_typed_command(
    small: World, arguments: list[str], command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert small
    assert main(arguments) == 1

    assert capsys.readouterr().out.startswith(f"datasphere-glue {command}  ")


def test_every_printed_command_works_as_it_is_printed(
    small: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("REPORT_URI")
    place = ["--report-uri", str(small.reports.parent / "my reports"), "--space", "SALES"]

    assert main(["plan", *place]) == 2
    apply = command_in(capsys.readouterr().out, "apply exactly this")
    assert apply[:2] == ["sync", "--plan"]
    assert main(apply) == 0
    undo = command_in(capsys.readouterr().out, "undo")
    assert main([*undo, "--plan"]) == 2
    planned = capsys.readouterr().out
    assert planned.startswith("datasphere-glue rollback  ")
    assert main(command_in(planned, "apply exactly this")) == 0
    assert "Status: SUCCESS" in capsys.readouterr().out
    assert not small.tables("datasphere_sales")


def test_the_commands_after_init_repeat_its_profile(
    bare: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = (
        "--datasphere-url=https://acme.eu10.hcs.cloud.sap",
        "--datasphere-token-url=https://acme.example/token",
        "--datasphere-secret-id=x",
    )

    assert main(["--profile", "prod", "init", "--yes", "--no-mapping", *settings]) == 0

    assert "1) datasphere-glue --profile prod doctor\n" in capsys.readouterr().out
    assert (bare / ".datasphere-glue.prod.env").exists()


def test_plan_and_doctor_print_their_lists_as_json(
    small: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "--json"]) == 2
    planned = json.loads(capsys.readouterr().out)
    assert [(one["action"], one["table"]) for one in planned["changes"]] == [
        ("create", None),
        ("create", "v_00"),
        ("create", "v_01"),
    ]
    assert small.sync()["status"] == "SUCCESS"
    assert main(["plan", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []

    assert main(["doctor", "--json"]) == 0
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert {"token", "spaces", "selection"} <= {one["check"] for one in checks}


def test_doctor_names_invalid_settings_as_a_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATASPHERE_URL", "acme.example")

    assert main(["doctor", "--json"]) == 1

    (check,) = json.loads(capsys.readouterr().out)["checks"]
    assert (check["check"], check["level"]) == ("settings", "problem")
    assert "DATASPHERE_URL: must be an https:// URL" in check["message"]


def test_detailed_exit_codes_tell_changes_from_none_whatever_could_not_be_read(
    small: World, capsys: pytest.CaptureFixture[str]
) -> None:
    detailed = ["plan", "--detailed-exitcode", "--json"]
    assert main(detailed) == 2
    assert main([*detailed, "--space", "SALES", "--space", "NOWHERE"]) == 2
    small.sync()
    capsys.readouterr()

    assert main(detailed) == 0
    assert main([*detailed, "--space", "SALES", "--space", "NOWHERE"]) == 0
    assert '"DEGRADED"' in capsys.readouterr().out
    assert main([*detailed, "--asset", "NODOT"]) == 1
    small.tenant.spaces.remove("SALES", "V_00")
    small.tenant.spaces.remove("SALES", "V_01")
    assert main(detailed) == 4


def process(
    world: World, arguments: list[str], shell: str = "", **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a process of its own; `shell` follows the command."""
    environment: Mapping[str, Any] = {
        **os.environ,
        **world.environment,
        "PYTHONPATH": os.pathsep.join((str(REPOSITORY / "src"), str(REPOSITORY))),
        **variables,
    }
    line = f"{shlex.join([sys.executable, '-m', 'datasphere_glue', *arguments])} {shell}"
    return subprocess.run(  # noqa: S603 - the arguments are those of this test
        ["/bin/bash", "-c", line], env=environment, capture_output=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("arguments", "shell", "variables", "code"),
    [
        (["plan", "--json"], "", {"PYTHONIOENCODING": "ascii"}, 2),
        (["plan", "--space", "NOWHERE"], "2>&- | head -1; exit ${PIPESTATUS[0]}", {}, 3),
    ],
)
def test_no_terminal_changes_the_exit_code(
    small: World, arguments: list[str], shell: str, variables: dict[str, str], code: int
) -> None:
    small.tenant.spaces.set_label("SALES", "V_00", "Größe → 数量 \U0001f600")

    done = process(small, arguments, shell, **variables)

    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    if "--json" in arguments:
        assert json.loads(done.stdout)["status"] == "PENDING"


def test_a_defect_names_the_command_and_ends_with_a_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @commands.command("broken")
    def broken() -> None:
        raise ZeroDivisionError

    try:
        assert main(["broken"]) == 1
    finally:
        del commands.commands["broken"]

    problem = capsys.readouterr().err
    assert "Traceback" in problem
    assert problem.endswith("Error: broken: unexpected ZeroDivisionError\n")
