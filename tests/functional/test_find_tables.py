"""Tables that a sync wrote are found by every command that browses, whatever names their database.

The cases: a template in the environment or in the mapping configuration, the name of one space, and
a database that a person created, which carries no marker.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.cli import main
from tests.functional.conftest import World, small_space


@dataclass(frozen=True)
class Naming:
    """How the database of the space SHOP gets its name."""

    database: str
    template: str = ""
    mapping: str = ""
    by_hand: bool = False
    written_by: str = ""


NAMINGS = {
    "template in the environment": Naming("shop_raw", template="{space}_raw"),
    "template in the configuration": Naming(
        "lake_shop", mapping='naming: {database_template: "lake_{space}"}'
    ),
    "configuration stronger than environment": Naming(
        "lake_shop", template="{space}_raw", mapping='naming: {database_template: "lake_{space}"}'
    ),
    "name of one space": Naming("retail", mapping="naming: {databases: {SHOP: retail}}"),
    "by hand, template in the environment": Naming("shop_raw", "{space}_raw", by_hand=True),
    "by hand, template in the configuration": Naming(
        "lake_shop", mapping='naming: {database_template: "lake_{space}"}', by_hand=True
    ),
    "by hand, name of one space": Naming(
        "retail", mapping="naming: {databases: {SHOP: retail}}", by_hand=True
    ),
    "by hand, the space alone is the name": Naming("shop", "{space}", by_hand=True),
    "marker alone, after the configuration changed": Naming(
        "lake_shop", written_by='naming: {database_template: "lake_{space}"}'
    ),
}


VIEWS = 4


@pytest.fixture
def retail(world_of: Callable[..., World]) -> World:
    """Return a world of one space."""
    return world_of(small_space("SHOP", VIEWS))


@pytest.fixture(params=NAMINGS.values(), ids=list(NAMINGS))
def database(
    request: pytest.FixtureRequest, retail: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> str:
    """Return the database of SHOP after a sync, with the settings in the environment."""
    naming: Naming = request.param
    settings = {"GLUE_DATABASE_TEMPLATE": naming.template} if naming.template else {}

    def configured(text: str) -> dict[str, str]:
        if not text:
            return {}
        file = tmp_path / "mapping.yaml"
        file.write_text(f"version: 1\n{text}\n")
        return {"SYNC_CONFIG_URI": str(file)}

    if naming.by_hand:
        retail.glue.create_database(DatabaseInput={"Name": naming.database})
    before = retail.environment | settings
    retail.environment = before | configured(naming.written_by or naming.mapping)
    retail.sync({"spaces": ["SHOP"]})
    for name, value in (before | configured(naming.mapping)).items():
        monkeypatch.setenv(name, value)
    marks = retail.glue.get_database(Name=naming.database)["Database"].get("Parameters", {})
    assert ("datasphere.managed_by" in marks) is not naming.by_hand
    assert len(retail.tables(naming.database)) == VIEWS
    return naming.database


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Return the function that runs a command and returns what it prints as JSON."""

    def run(*arguments: str) -> Any:
        assert main([*arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def test_every_command_finds_the_tables(
    database: str, printed: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "lineage.jsonl"

    hits = printed("search", "V_03")["hits"]
    output = printed("show", "SHOP.V_03")
    traced = printed("trace", "SHOP.V_03")["traces"]
    records = printed("history", "SHOP.V_03")["records"]
    exported = printed("lineage", "export", "--out", str(file))

    assert [(hit["database"], hit["table"]) for hit in hits] == [(database, "v_03")]
    assert (output["database"], output["table"]) == (database, "v_03")
    assert [(trace["database"], trace["table"]) for trace in traced] == [(database, "v_03")]
    assert [(one["database"], one["table"]) for one in records] == [(database, "v_03")]
    assert exported["assets"] == VIEWS
    assert f"table/{database}/v_03" in file.read_text()


def test_a_template_that_fits_any_name_finds_no_foreign_table(
    retail: World, monkeypatch: pytest.MonkeyPatch, printed: Callable[..., Any]
) -> None:
    retail.sync({"spaces": ["SHOP"]}, GLUE_DATABASE_TEMPLATE="{space}")
    retail.glue.create_database(DatabaseInput={"Name": "lake"})
    retail.glue.create_table(DatabaseName="lake", TableInput={"Name": "v_03"})
    for name, value in (retail.environment | {"GLUE_DATABASE_TEMPLATE": "{space}"}).items():
        monkeypatch.setenv(name, value)

    hits = printed("search", "V_03")["hits"]

    assert [(hit["database"], hit["table"]) for hit in hits] == [("shop", "v_03")]
