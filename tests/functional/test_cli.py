"""The human door: commands, exit codes, flags, pipes."""

import json
from typing import Any

import pytest

from datasphere_glue.cli import main
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


def test_the_text_tells_changes_problems_and_status(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.tenant.spaces.forbid("STOCK")

    code = main(["sync"])

    told = capsys.readouterr().out
    assert code == 3
    assert "+ datasphere_shop.v_00" in told
    assert "? STOCK  SPACE_FORBIDDEN" in told
    assert "make the technical user a member of space STOCK" in told
    assert told.rstrip().endswith("Status: DEGRADED")
    assert "\x1b" not in told


def test_flags_override_the_environment_and_narrow_the_scope(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = printed(
        capsys, "sync", "--space", "SHOP", "--glue-database-template", "t_{space}"
    )

    assert code == 0
    assert [space["database"] for space in answer["spaces"]] == ["t_shop"]
    assert len(terminal.tables("t_shop")) == 10


def test_a_mistyped_space_is_told_with_a_suggestion(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = printed(capsys, "plan", "--space", "SHOPP")

    assert code == 3
    assert "did you mean SHOP?" in answer["errors"][0]["message"]
    assert not terminal.catalog.calls.writes


def test_show_tells_a_table_from_glue_alone(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["sync"])
    capsys.readouterr()
    terminal.tenant.requests.clear()

    code, shown = printed(capsys, "show", "datasphere_shop.v_03")

    assert code == 0
    assert shown["context"]["name"] == "V_03"
    assert shown["context"]["keys"] == ["ID"]
    assert shown["columns"][1]["context"]["label"] == "Column 1"
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

    told = capsys.readouterr().out
    assert "AWS identity  arn:aws:sts::123456789012:user/moto" in told
    assert "space SHOP  10 assets" in told


def test_missing_settings_are_listed_and_nothing_is_called(
    terminal: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATASPHERE_URL")
    monkeypatch.delenv("DATASPHERE_TOKEN_URL")

    assert main(["sync"]) == 1

    told = capsys.readouterr().out
    assert "DATASPHERE_URL: is required" in told
    assert "DATASPHERE_TOKEN_URL: is required" in told
    assert not terminal.tenant.requests


@pytest.mark.parametrize("command", [[], ["plan"], ["sync"], ["verify"], ["show"], ["doctor"]])
def test_help_is_readable_in_80_columns(
    command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert main([*command, "--help"]) == 0

    told = capsys.readouterr().out
    assert told
    assert max(map(len, told.splitlines())) <= 80
    assert "client-secret" not in told
