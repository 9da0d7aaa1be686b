"""show, search and trace over a real catalog server, without a call to Datasphere."""

import json
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.cli import main
from tests.functional.conftest import World


@pytest.fixture
def terminal(company: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return the world of the sample tenant after a sync, its settings in the environment."""
    company.synced(SYNC_SPACES="SALES")
    for name, value in company.environment.items():
        monkeypatch.setenv(name, value)
    company.tenant.requests.clear()
    return company


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def model(world: World) -> tuple[str, str, str, str]:
    """Return space, asset, database and table of one analytic model that Glue holds."""
    for place, table in sorted(world.everything().items()):
        marks = table["Parameters"]
        if marks.get("datasphere.kind") == "analytic_model":
            database, _, name = place.partition(".")
            return marks["datasphere.space"], marks["datasphere.name"], database, name
    raise AssertionError("the sample tenant has no analytic model")


def test_an_analytic_model_is_shown_completely_under_either_name(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    space, asset, database, table = model(terminal)

    code, by_table = printed(capsys, "show", f"{database}.{table}")
    again, by_asset = printed(capsys, "show", f"{space}.{asset}")

    assert (code, again) == (0, 0)
    assert by_table == by_asset
    assert by_table["schema"] == "datasphere-glue/table/1"
    assert (by_table["asset"]["space"], by_table["asset"]["name"]) == (space, asset)
    assert [e["name"] for e in by_table["asset"]["elements"]] == [
        column["element"] for column in by_table["columns"]
    ]
    assert by_table["context"]["measures"]
    assert by_table["flaws"] == []
    assert main(["show", f"{space}.{asset}"]) == 0
    output = capsys.readouterr().out
    assert output.startswith(f"{database}.{table}  =  {space}.{asset}\n")
    assert "  Measures " in output
    assert not terminal.tenant.requests


def test_search_matches_both_vocabularies_and_shows_where(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    space, asset, database, table = model(terminal)

    for word in (asset, table, asset.lower()):
        code, answer = printed(capsys, "search", word)
        first = answer["hits"][0]
        assert code == 0
        assert (first["database"], first["table"]) == (database, table)
        assert (first["space"], first["asset"], first["kind"]) == (space, asset, "analytic_model")
    assert main(["search", asset]) == 0
    assert f"{database}.{table}  {space}.{asset}  analytic_model" in capsys.readouterr().out


def test_foreign_tables_are_never_found(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    _, asset, database, _ = model(terminal)
    body = {"Name": "copy_by_hand", "Description": asset}
    terminal.glue.create_table(DatabaseName=database, TableInput=body)
    terminal.glue.create_database(DatabaseInput={"Name": "lake"})
    terminal.glue.create_table(DatabaseName="lake", TableInput={"Name": asset.lower()})

    _, answer = printed(capsys, "search", asset)

    assert "lake" not in {hit["database"] for hit in answer["hits"]}
    assert "copy_by_hand" not in {hit["table"] for hit in answer["hits"]}
    assert main(["show", f"{database}.copy_by_hand"]) == 0
    assert "not managed by datasphere-glue" in capsys.readouterr().out


def test_no_hit_is_an_answer(terminal: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert terminal
    assert main(["search", "xyzzyplugh"]) == 0
    assert 'Nothing in the catalog matches "xyzzyplugh".' in capsys.readouterr().out


@pytest.mark.parametrize("database", ["datasphere_shop", "by_configuration"])
def test_a_database_that_was_made_by_hand_is_searched_too(
    shop: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    database: str,
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(f"version: 1\nnaming: {{databases: {{SHOP: {database}}}}}\n")
    shop.glue.create_database(DatabaseInput={"Name": database})
    shop.sync({"spaces": ["SHOP"]}, SYNC_CONFIG_URI=str(mapping))
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    if database == "by_configuration":
        monkeypatch.setenv("SYNC_CONFIG_URI", str(mapping))

    _, answer = printed(capsys, "search", "V_03")

    assert [(hit["database"], hit["table"]) for hit in answer["hits"]] == [(database, "v_03")]


def test_a_name_is_traced_from_either_side(
    terminal: World, capsys: pytest.CaptureFixture[str]
) -> None:
    space, asset, database, table = model(terminal)

    code, answer = printed(capsys, "trace", f"{space}.{asset}")

    (trace,) = answer["traces"]
    assert code == 0
    assert (trace["database"], trace["table"]) == (database, table)
    assert trace["up"]
    pair = trace["columns"][0]
    _, column = printed(capsys, "trace", f"{database}.{table}.{pair['column']}")
    assert column["traces"][0]["element"] == pair["element"]
    assert main(["trace", f"{database}.{table}"]) == 0
    assert "comes from" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["show", "trace"])
def test_an_unknown_name_is_an_error_with_a_suggestion(
    terminal: World, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    _, _, database, table = model(terminal)

    assert main([command, f"{database}.{table}x"]) == 1

    output = capsys.readouterr().err
    assert f"nothing in the catalog is named {database}.{table}x" in output
    assert f"{database}.{table}" in output.partition("->")[2]


@pytest.mark.parametrize("command", ["search", "trace"])
def test_help_is_readable_in_80_columns(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    assert main([command, "--help"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_what_the_readme_shows_of_parameters_is_what_glue_holds(terminal: World) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    lines = [line.split(" = ", 1) for line in readme.splitlines() if line.startswith("datasphere.")]
    parameters = terminal.tables("datasphere_sales")["sales_am"]["Parameters"]
    assert len(lines) > 3
    assert [parameters[name] for name, _ in lines] == [value for _, value in lines]
