"""The command line: commands, exit codes, flags, pipes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from datasphere_glue.cli import commands, main
from tests.functional.conftest import World


@pytest.fixture
def terminal(shop: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return the small world with its settings in the environment."""
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    return shop


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_plan_is_pending_then_synced_then_nothing(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, planned = printed(capsys, "plan")
    assert (code, planned["status"]) == (2, "PENDING")

    code, synced = printed(capsys, "sync", "--plan", planned["plan_digest"])
    assert (code, synced["status"]) == (0, "SUCCESS")
    assert terminal.report(synced)["trigger"] == "cli"

    code, again = printed(capsys, "verify")
    assert (code, again["status"]) == (0, "NO_CHANGES")


def test_an_approval_that_is_empty_applies_nothing(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = printed(capsys, "sync", "--plan", "")

    assert code == 1
    assert "plan_digest" in answer["errors"][0]["message"]
    assert not len(terminal.catalog.calls)


def test_the_text_shows_changes_problems_and_status(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.tenant.spaces.forbid("STOCK")

    code = main(["sync"])

    output = capsys.readouterr().out
    assert code == 3
    assert "+ datasphere_shop.v_00" in output
    assert "? STOCK  SPACE_FORBIDDEN" in output
    assert "make the technical user a member of space STOCK" in output
    assert output.rstrip().endswith("Status: DEGRADED (exit 3)")
    assert "\x1b" not in output


def test_flags_override_the_environment_and_narrow_the_scope(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = printed(
        capsys, "sync", "--space", "SHOP", "--glue-database-template", "t_{space}"
    )

    assert code == 0
    assert [space["database"] for space in answer["spaces"]] == ["t_shop"]
    assert len(terminal.tables("t_shop")) == 10


def test_a_mistyped_space_is_reported_with_a_suggestion(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = printed(capsys, "plan", "--space", "SHOPP")

    assert code == 3
    assert "did you mean SHOP?" in answer["errors"][0]["message"]
    assert not terminal.catalog.calls.writes


def test_show_describes_a_table_from_glue_alone(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["sync"])
    capsys.readouterr()
    terminal.tenant.requests.clear()

    code, output = printed(capsys, "show", "datasphere_shop.v_03")

    assert code == 0
    assert output["context"]["name"] == "V_03"
    assert output["context"]["keys"] == ["ID"]
    assert output["columns"][1]["context"]["label"] == "Column 1"
    assert not terminal.tenant.requests
    assert main(["show", "datasphere_shop.v_03"]) == 0
    assert "V_03" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["no_dot", "datasphere_shop.nothing"])
def test_show_of_nothing_is_an_error_with_a_cause(
    terminal: World, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert terminal
    assert main(["show", name]) == 1
    assert "Error" in capsys.readouterr().err


def test_doctor_lists_identity_and_spaces(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terminal
    assert main(["doctor"]) == 0

    words = " ".join(capsys.readouterr().out.split())
    assert "ok AWS identity arn:aws:sts::123456789012:user/moto" in words
    assert "space SHOP 10 assets" in words


def test_missing_settings_are_listed_and_nothing_is_called(
    terminal: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATASPHERE_URL")
    monkeypatch.delenv("DATASPHERE_TOKEN_URL")

    assert main(["plan"]) == 1

    output = capsys.readouterr().out
    assert output.startswith("datasphere-glue plan ")
    assert "`datasphere-glue init` asks for them" in output
    assert "DATASPHERE_URL: is required" in output
    assert "DATASPHERE_TOKEN_URL: is required" in output
    assert not terminal.tenant.requests


def every_command(group: click.Group = commands, *names: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command that there is."""
    yield names
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, *names, name)
        else:
            yield (*names, name)


@pytest.mark.parametrize("command", [*every_command()], ids=" ".join)
def test_help_is_readable_in_80_columns(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert main([*command, "--help"]) == 0

    output = capsys.readouterr().out
    paragraphs = output.split("\n\n")
    assert max(map(len, output.splitlines())) <= 80
    assert re.match(r"  [A-Z].*[.:]", paragraphs[1].replace("\n", " "))
    assert not re.search(r"-\n", output)
    assert "-client-secret" not in output


def test_a_mistyped_command_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plna"]) == 1
    assert "Did you mean plan?" in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_script_of_a_shell(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    assert "_DATASPHERE_GLUE_COMPLETE" in capsys.readouterr().out


def test_quiet_prints_only_problems_and_the_status(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "--quiet"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Do next:"
    assert lines[-1] == "Status: PENDING (exit 2)"

    terminal.tenant.spaces.forbid("STOCK")
    assert main(["plan", "-q"]) == 3
    output = capsys.readouterr().out
    assert output.startswith("  ? STOCK  SPACE_FORBIDDEN")
    assert "+ datasphere" not in output


def test_report_shows_the_newest_run_and_copies_its_page(
    terminal: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    main(["sync"])
    capsys.readouterr()
    copy = tmp_path / "copy.html"

    code, output = printed(capsys, "report")
    assert (code, output["status"], output["counts"]["created"]) == (0, "SUCCESS", 12)
    assert Path(output["page"]).is_file()

    assert main(["report", output["run_id"], "--out", str(copy)]) == 0
    assert copy.read_bytes() == Path(output["page"]).read_bytes()
    assert f"Report: {copy}" in capsys.readouterr().out
    assert terminal


def test_report_of_an_unknown_run_is_an_error_with_a_remedy(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terminal
    assert main(["report"]) == 1
    assert "no run is reported" in capsys.readouterr().err
    main(["plan"])
    assert main(["report", "nothing"]) == 1
    assert "there is no run nothing" in capsys.readouterr().err


def test_a_page_in_a_bucket_is_copied(
    terminal: World,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    terminal.catalog.client("s3").create_bucket(
        Bucket="looked-at", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    monkeypatch.setenv("REPORT_URI", "s3://looked-at/reports")
    main(["plan"])

    assert main(["report", "--out", str(tmp_path / "page.html")]) == 0
    assert b"<html" in (tmp_path / "page.html").read_bytes()[:2000]
    assert capsys.readouterr().out
