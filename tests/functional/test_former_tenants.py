"""One tenant under a new address: `former_tenants` carries on what the earlier address wrote."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.cli import main
from tests.functional.conftest import World, small_space
from tests.functional.editing import EDITS, configure, edit, edits, in_parts, whole

OLD = "127.0.0.1"
NEW = "localhost"
DATABASE = "datasphere_shop"


@pytest.fixture
def moved(world_of: Callable[..., World]) -> World:
    """Return a world after a first run, whose tenant has a new address since."""
    world = world_of(small_space("SHOP", 3))
    world.name = "former tenants"
    configure(world)
    world.sync({"run_id": "first"})
    edit(world, DATABASE)
    move(world, NEW)
    return world


def move(world: World, host: str) -> None:
    """Give the tenant another address."""
    world.tenant.host = host
    world.environment["DATASPHERE_URL"] = world.tenant.url


def hosts(world: World, database: str = DATABASE) -> set[str]:
    """Return the tenant hosts that a database and its tables carry."""
    marked = [world.glue.get_database(Name=database)["Database"], *world.tables(database).values()]
    return {one["Parameters"]["datasphere.tenant"] for one in marked}


def named(world: World, run_id: str) -> dict[str, Any]:
    return world.sync({"run_id": run_id, "spaces": ["SHOP"]})


@pytest.mark.parametrize(
    ("run", "former"),
    [(whole, [OLD]), (named, ["other.example", f"https://{OLD}/"]), (in_parts, [OLD, NEW])],
)
def test_a_new_address_is_an_ordinary_update_that_keeps_edits(
    moved: World, run: Callable[[World, str], dict[str, Any]], former: list[str]
) -> None:
    configure(moved, former_tenants=str(former))

    answer = run(moved, "second")

    assert (answer["status"], answer["counts"]["updated"]) == ("SUCCESS", 3)
    assert answer["counts"]["created"] == answer["counts"]["deprecated"] == 0
    assert answer["databases"]["updated"] == 1
    assert hosts(moved) == {NEW}
    assert edits(moved.tables(DATABASE)["v_01"]) == EDITS
    assert set(moved.everything()) == {f"{DATABASE}.v_0{number}" for number in range(3)}
    quiet = whole(moved, "third")
    assert (quiet["status"], quiet["calls"]["glue_write"]) == ("NO_CHANGES", 0)


@pytest.mark.parametrize("former", [[], ["other.example"], [NEW]])
@pytest.mark.ci_only
def test_a_host_that_is_not_listed_stays_foreign_and_its_error_names_the_setting(
    moved: World, former: list[str]
) -> None:
    configure(moved, former_tenants=str(former))
    before = moved.everything()

    answer = moved.sync()

    assert answer["status"] == "DEGRADED"
    assert moved.everything() == before
    assert not moved.catalog.calls.writes
    (error,) = answer["errors"]
    assert (error["code"], error["asset"]) == ("FOREIGN_OBJECT", "SHOP")
    step = error["remedy"].split("`")[1]
    assert step == f"former_tenants: [{OLD}]"
    Path(moved.environment["SYNC_CONFIG_URI"]).write_text(f"version: 1\n{step}\n")
    assert moved.sync()["status"] == "SUCCESS"


def test_runs_of_the_earlier_address_can_be_rolled_back(moved: World) -> None:
    configure(moved, former_tenants=f"[{OLD}]")
    before = moved.everything()
    moved.sync({"run_id": "second"})

    renewed = moved.sync({"action": "rollback", "rollback_of": "second"})

    assert (renewed["status"], renewed["counts"]["updated"]) == ("SUCCESS", 3)
    assert moved.everything() == before
    first = moved.sync({"action": "rollback", "rollback_of": "first"})
    assert first["counts"]["deleted"] == 2
    assert set(moved.everything()) == {f"{DATABASE}.v_01"}, "edited since, so it stays"


def test_a_rollback_without_the_setting_names_it(moved: World) -> None:
    before = moved.everything()

    answer = moved.sync({"action": "rollback", "rollback_of": "first"})

    assert moved.everything() == before
    assert {error["code"] for error in answer["errors"]} == {"ROLLBACK_CONFLICT"}
    assert all(f"`former_tenants: [{OLD}]`" in error["remedy"] for error in answer["errors"])


def test_a_broken_configuration_does_not_stop_a_rollback(moved: World) -> None:
    move(moved, OLD)
    Path(moved.environment["SYNC_CONFIG_URI"]).write_text("version: [")

    answer = moved.sync({"action": "rollback", "rollback_of": "first"})

    assert answer["counts"]["deleted"] == 2


def test_assets_that_are_gone_are_deprecated_and_deprecated_tables_get_the_new_host(
    moved: World,
) -> None:
    move(moved, OLD)
    moved.tenant.spaces.remove("SHOP", "V_00")
    moved.sync()
    move(moved, NEW)
    moved.tenant.spaces.remove("SHOP", "V_02")
    configure(moved, former_tenants=f"[{OLD}]")

    answer = moved.sync()

    assert (answer["counts"]["updated"], answer["counts"]["deprecated"]) == (2, 1)
    assert hosts(moved) == {NEW}
    assert moved.sync()["status"] == "NO_CHANGES"


def test_a_database_whose_name_holds_the_tenant_keeps_its_name(
    world_of: Callable[..., World],
) -> None:
    world = world_of(small_space("SHOP", 2))
    world.environment["GLUE_DATABASE_TEMPLATE"] = "{tenant}_{space}"
    configure(world, former_tenants=f"[{OLD}]")
    world.sync()
    edit(world, "db_127_shop")
    move(world, NEW)

    assert world.sync()["counts"]["updated"] == 2

    assert hosts(world, "db_127_shop") == {NEW}
    assert set(world.everything()) == {"db_127_shop.v_00", "db_127_shop.v_01"}
    assert world.sync()["status"] == "NO_CHANGES"


def test_commands_find_the_tables_of_the_earlier_address(
    moved: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(moved, former_tenants=f"[{OLD}]")
    for name, value in moved.environment.items():
        monkeypatch.setenv(name, value)

    assert main(["show", "SHOP.V_01"]) == 0
    assert main(["search", "V_01"]) == 0
    assert main(["history", "SHOP.V_01"]) == 0

    assert f"{DATABASE}.v_01" in capsys.readouterr().out


def test_reading_goes_on_where_the_earlier_address_was(moved: World) -> None:
    configure(moved, former_tenants=f"[{OLD}]")
    position = moved.reports / "state" / OLD / "reading.json"
    before = position.read_text()

    moved.sync()

    assert (moved.reports / "state" / NEW / "reading.json").is_file()
    assert position.read_text() == before
