"""Commands that read only Glue or the report place need no setting of Datasphere."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from datasphere_glue.cli import main
from tests.functional.conftest import World, small_space

OTHER = {
    "datasphere.managed_by": "datasphere-glue",
    "datasphere.tenant": "other.eu10.hcs.cloud.sap",
    "datasphere.space": "SALES",
}


@pytest.fixture
def reader(
    world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> World:
    """Return a synced space, in an environment without any setting of Datasphere."""
    world = world_of(small_space("SALES", 2))
    assert world.sync()["status"] == "SUCCESS"
    world.tenant.requests.clear()
    monkeypatch.chdir(tmp_path)
    for name, value in world.environment.items():
        if name.startswith("DATASPHERE_"):
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return world


def run_of(world: World) -> str:
    [folder] = [path.name for path in (world.reports / "runs").iterdir() if path.is_dir()]
    return folder


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["show", "datasphere_sales.v_00"], "V_00"),
        (["show", "SALES.V_00", "--json"], "V_00"),
        (["search", "V_01"], "SALES.V_01"),
        (["trace", "SALES.V_00"], "datasphere_sales.v_00"),
        (["history", "SALES.V_00"], "create"),
        (["report"], "SUCCESS"),
        (["audit", "verify"], "INTACT"),
        (["audit", "export"], "v_01"),
        (["lineage", "export", "--glue-region", "eu-central-1"], "v_00"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_that_reads_no_tenant_needs_none(
    reader: World, arguments: list[str], expected: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0

    output = capfd.readouterr()
    assert expected in output.out
    if arguments[0] in {"search", "trace", "lineage"}:
        assert "tenant: 127.0.0.1, the only one in the catalog" in output.err
    assert not reader.tenant.requests


@pytest.mark.parametrize("setting", ["DATASPHERE_TOKEN_URL", "DATASPHERE_CONCURRENCY"])
def test_a_wrong_setting_that_is_not_read_stops_nothing(
    reader: World,
    setting: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(setting, "nonsense")
    monkeypatch.setenv("MAX_REMOVAL_PERCENT", "10")

    assert main(["show", "datasphere_sales.v_00"]) == 0
    assert main(["history", "SALES.V_00"]) == 0
    assert main(["rollback", run_of(reader), "--plan"]) == 2
    assert capsys.readouterr().out


def test_a_run_is_rolled_back_with_the_tenant_of_its_evidence(
    reader: World, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = run_of(reader)

    assert main(["rollback", run_id, "--plan", "--json"]) == 2
    planned = json.loads(capsys.readouterr().out)
    assert planned["tenant"] == "127.0.0.1"
    assert {one["action"] for one in planned["changes"]} == {"delete"}
    assert main(["rollback", run_id]) == 0
    assert not reader.tables("datasphere_sales")
    assert not reader.tenant.requests


def test_several_tenants_are_named_and_one_is_chosen(
    reader: World, capsys: pytest.CaptureFixture[str]
) -> None:
    reader.glue.create_database(DatabaseInput={"Name": "other_sales", "Parameters": OTHER})

    for arguments in (["search", "V_00"], ["show", "SALES.V_00"], ["trace", "SALES.V_00"]):
        assert main(arguments) == 1
        problem = capsys.readouterr().err
        assert "2 tenants: 127.0.0.1, other.eu10.hcs.cloud.sap" in problem
        assert "--datasphere-url" in problem

    assert main(["search", "V_00", "--datasphere-url", reader.tenant.url]) == 0
    assert "SALES.V_00" in capsys.readouterr().out
    assert main(["show", "datasphere_sales.v_00"]) == 0


def test_tables_in_databases_without_a_marker_show_their_tenant(
    reader: World, capsys: pytest.CaptureFixture[str]
) -> None:
    reader.glue.update_database(
        Name="datasphere_sales", DatabaseInput={"Name": "datasphere_sales", "Parameters": {}}
    )

    assert main(["search", "V_00"]) == 0
    assert "SALES.V_00" in capsys.readouterr().out


@pytest.mark.usefixtures("reader")
def test_an_export_names_a_filter_without_records(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "export", "--space", "sales", "--asset", "V_0*"]) == 0

    output = capsys.readouterr()
    assert output.out == ""
    assert output.err == "--space sales matches no record; did you mean SALES?\n"


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("arguments", "variables", "message"),
    [
        (["search", "x"], {"AWS_PROFILE": "nobody"}, "nobody"),
        (["history", "a.b"], {"REPORT_URI": ""}, "REPORT_URI: is required"),
        (["rollback", "R"], {"REPORT_URI": ""}, "REPORT_URI: is required"),
        (["rollback", "R"], {}, "R"),
        (["report", "R"], {}, "there is no run R"),
    ],
)
def test_what_is_missing_is_named(
    arguments: list[str],
    variables: dict[str, str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert main(arguments) == 1

    shown = "".join(capsys.readouterr())
    assert message in shown
    assert "DATASPHERE_" not in shown
