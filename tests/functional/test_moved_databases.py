"""A space that moves to another database: a rename across databases, with what people wrote."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from datasphere_glue.cli import main
from tests.functional.conftest import World, small_space, view
from tests.functional.editing import EDITS, configure, edit, edits, in_parts, whole

OLD = "datasphere_shop"
NEW = "lake_shop"
STATUS = "datasphere.status"
POINTER = "datasphere.renamed_to"
NAMES = ("v_00", "v_01", "v_02")

Move = Callable[[World], None]
Run = Callable[[World, str], dict[str, Any]]


@pytest.fixture
def shop_of_three(world_of: Callable[..., World]) -> World:
    """Return a world after a first run, with a table that people edited."""
    world = world_of(small_space("SHOP", 3))
    world.name = "moved databases"
    world.sync()
    edit(world, OLD)
    return world


def by_template(world: World) -> None:
    world.environment["GLUE_DATABASE_TEMPLATE"] = "lake_{space}"


def by_name(world: World) -> None:
    configure(world, naming="{databases: {SHOP: lake_shop}}")


def by_configured_template(world: World) -> None:
    configure(world, naming="{database_template: 'lake_{space}', table_prefix: {view: ''}}")


def back(world: World) -> None:
    world.environment.pop("GLUE_DATABASE_TEMPLATE", None)
    world.environment.pop("SYNC_CONFIG_URI", None)


def statuses(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {name: table["Parameters"][STATUS] for name, table in tables.items()}


def unmark(world: World, database: str) -> None:
    """Let a database be one that people made by hand."""
    world.glue.update_database(Name=database, DatabaseInput={"Name": database})


def one_after_the_other(world: World, run_id: str) -> dict[str, Any]:
    """Run once for each asset."""
    runs = [
        world.sync({"assets": [f"SHOP.{name.upper()}"], "run_id": f"{run_id}-{name}"})
        for name in NAMES
    ]
    return runs[-1]


def assert_moved(world: World, old: str, new: str) -> None:
    assert statuses(world.tables(new)) == dict.fromkeys(NAMES, "active")
    assert edits(world.tables(new)["v_01"]) == EDITS
    former = world.tables(old)
    assert statuses(former) == dict.fromkeys(NAMES, "deprecated")
    for name, table in former.items():
        assert table["Parameters"][POINTER] == f"{new}.{name}"
        assert f"{new}.{name}" in table["Parameters"]["datasphere.deprecated_reason"]
        moved_from = world.tables(new)[name]["Parameters"]["datasphere.moved_from"]
        assert moved_from == f"{old}.{name}"


@pytest.mark.parametrize(
    ("run", "move", "marked"),
    [
        (whole, by_template, True),
        (whole, by_name, False),
        (whole, by_configured_template, True),
        (in_parts, by_template, False),
        (in_parts, by_name, True),
    ],
)
def test_a_moved_space_keeps_edits_and_leaves_no_active_table(
    shop_of_three: World, run: Run, move: Move, *, marked: bool
) -> None:
    world = shop_of_three
    if not marked:
        unmark(world, OLD)
    move(world)

    answer = run(world, "move")

    assert (answer["status"], answer["errors"]) == ("SUCCESS", [])
    assert (answer["counts"]["created"], answer["counts"]["deprecated"]) == (3, 3)
    assert_moved(world, OLD, NEW)
    quiet = whole(world, "quiet")
    assert (quiet["status"], quiet["calls"]["glue_write"]) == ("NO_CHANGES", 0)
    assert "LEFT_BEHIND" not in {note["code"] for note in world.report(quiet)["notes"]}


@pytest.mark.parametrize(("run", "marked"), [(whole, False), (in_parts, True)])
@pytest.mark.ci_only
def test_a_space_that_moves_back_brings_later_edits_along(
    shop_of_three: World, run: Run, *, marked: bool
) -> None:
    world = shop_of_three
    by_template(world)
    world.sync()
    if not marked:
        unmark(world, NEW)
    edit(world, NEW, "v_02")
    back(world)

    answer = run(world, "back")

    assert answer["status"] == "SUCCESS"
    assert (answer["counts"]["restored"], answer["counts"]["deprecated"]) == (3, 3)
    assert statuses(world.tables(OLD)) == dict.fromkeys(NAMES, "active")
    assert edits(world.tables(OLD)["v_01"]) == edits(world.tables(OLD)["v_02"]) == EDITS
    assert POINTER not in world.tables(OLD)["v_01"]["Parameters"]
    assert statuses(world.tables(NEW)) == dict.fromkeys(NAMES, "deprecated")
    assert world.tables(NEW)["v_00"]["Parameters"][POINTER] == f"{OLD}.v_00"
    assert whole(world, "quiet")["status"] == "NO_CHANGES"
    by_template(world)
    again = whole(world, "again")
    assert (again["status"], again["counts"]["restored"]) == ("SUCCESS", 3)
    assert edits(world.tables(NEW)["v_02"]) == EDITS
    assert whole(world, "still")["status"] == "NO_CHANGES"


@pytest.mark.parametrize(
    "event",
    [
        {"assets": ["SHOP.V_01"]},
        {
            "source": "sap.datasphere",
            "detail": {
                "spaceId": "SHOP",
                "objectId": "V_01",
                "objectType": "view",
                "action": "changed",
            },
        },
    ],
)
@pytest.mark.ci_only
def test_a_narrow_run_moves_its_assets_and_a_full_one_the_rest(
    shop_of_three: World, event: dict[str, Any]
) -> None:
    world = shop_of_three
    by_template(world)

    answer = world.sync(event)

    assert (answer["counts"]["created"], answer["counts"]["deprecated"]) == (1, 1)
    assert statuses(world.tables(OLD))["v_00"] == "active"
    assert world.sync({"spaces": ["SHOP"]})["counts"]["created"] == 2
    assert_moved(world, OLD, NEW)
    assert world.sync()["status"] == "NO_CHANGES"


@pytest.mark.parametrize("moved_before", ["V_00", "V_02"])
@pytest.mark.ci_only
def test_an_event_about_a_deleted_asset_is_judged_with_the_tables_that_still_wait(
    shop_of_three: World, moved_before: str
) -> None:
    world = shop_of_three
    by_template(world)
    world.sync({"assets": [f"SHOP.{moved_before}"]})
    world.tenant.spaces.remove("SHOP", "V_02")

    answer = world.sync({"assets": ["SHOP.V_02"]})

    assert (answer["status"], answer["counts"]["deprecated"]) == ("SUCCESS", 1)
    assert statuses(world.tables(OLD))["v_02"] == "deprecated"
    assert world.sync()["counts"]["created"] > 0
    assert edits(world.tables(NEW)["v_01"]) == EDITS
    assert world.sync()["status"] == "NO_CHANGES"


@pytest.mark.ci_only
def test_a_moving_run_can_be_planned_approved_and_rolled_back(shop_of_three: World) -> None:
    world = shop_of_three
    before = world.everything()
    by_template(world)
    planned = world.sync({"action": "plan"})
    assert planned["status"] == "PENDING"
    assert world.sync({"action": "plan"})["plan_digest"] == planned["plan_digest"]

    world.sync({"run_id": "move", "plan_digest": planned["plan_digest"]})

    assert_moved(world, OLD, NEW)
    rolled = world.sync({"action": "rollback", "rollback_of": "move"})
    assert (rolled["counts"]["deleted"], rolled["counts"]["restored"]) == (3, 3)
    assert world.everything() == before
    back(world)
    assert world.sync()["status"] == "NO_CHANGES"
    by_template(world)
    world.sync()
    assert_moved(world, OLD, NEW)


@pytest.mark.parametrize("run", [whole, in_parts])
@pytest.mark.ci_only
def test_a_move_and_a_rename_of_an_asset_coincide(world_of: Callable[..., World], run: Run) -> None:
    world = world_of(small_space("SHOP", 3))
    world.tenant.spaces.add("SHOP", "V_ORDERS", view("Orders", columns=6))
    world.sync()
    edit(world, OLD, "v_orders")
    world.tenant.spaces.remove("SHOP", "V_ORDERS")
    world.tenant.spaces.add("SHOP", "V_SALES_ORDERS", view("Orders", columns=6))
    by_template(world)

    answer = run(world, "both")

    assert (answer["counts"]["created"], answer["counts"]["deprecated"]) == (4, 4)
    heir = world.tables(NEW)["v_sales_orders"]
    assert edits(heir) == EDITS
    assert heir["Parameters"]["datasphere.renamed_from"] == "V_ORDERS"
    former = world.tables(OLD)["v_orders"]["Parameters"]
    assert (former[STATUS], former[POINTER]) == ("deprecated", f"{NEW}.v_sales_orders")
    assert whole(world, "quiet")["status"] == "NO_CHANGES"


def test_assets_that_are_gone_when_the_space_moves_are_counted_by_the_guard(
    world_of: Callable[..., World],
) -> None:
    world = world_of(small_space("SHOP", 4))
    world.sync()
    for number in range(2):
        world.tenant.spaces.remove("SHOP", f"V_0{number}")
    by_template(world)

    refused = world.sync()

    assert refused["status"] == "HALTED"
    assert "2 of 4 tables of space SHOP" in refused["errors"][0]["message"]
    allowed = world.sync(MAX_REMOVAL_PERCENT="50")
    assert (allowed["counts"]["created"], allowed["counts"]["deprecated"]) == (2, 4)
    assert world.sync()["status"] == "NO_CHANGES"


def test_copies_of_a_database_are_never_followed(shop_of_three: World) -> None:
    world = shop_of_three
    copies = ("backup", "datasphere_shop_backup", "another")
    for copy in copies:
        duplicate(world, OLD, copy)
    before = {name: table for name, table in world.everything().items() if name.startswith(copies)}
    by_template(world)

    world.sync()

    assert_moved(world, OLD, NEW)
    after = {name: table for name, table in world.everything().items() if name.startswith(copies)}
    assert after == before
    assert world.sync()["status"] == "NO_CHANGES"


def duplicate(world: World, database: str, copy: str) -> None:
    """Copy a database with its tables, all parameters included."""
    original = world.glue.get_database(Name=database)["Database"]
    world.glue.create_database(DatabaseInput={"Name": copy, "Parameters": original["Parameters"]})
    kept = ("Name", "Description", "Parameters", "StorageDescriptor", "TableType", "PartitionKeys")
    for table in world.tables(database).values():
        body = {key: table[key] for key in kept if key in table}
        world.glue.create_table(DatabaseName=copy, TableInput=body)


@pytest.mark.parametrize(
    ("move", "copied", "run"),
    [
        (by_template, NAMES, whole),
        (by_name, NAMES[:2], in_parts),
        (by_configured_template, NAMES[1:], one_after_the_other),
    ],
)
def test_a_space_that_moves_onto_a_copy_leaves_no_active_table(
    shop_of_three: World, move: Move, copied: tuple[str, ...], run: Run
) -> None:
    """Somebody copied tables into the new database before the configuration named it."""
    world = shop_of_three
    duplicate(world, OLD, NEW)
    for name in set(NAMES) - set(copied):
        world.glue.delete_table(DatabaseName=NEW, Name=name)
    move(world)

    answer = run(world, "move")

    assert answer["status"] == "SUCCESS"
    assert statuses(world.tables(NEW)) == dict.fromkeys(NAMES, "active")
    assert edits(world.tables(NEW)["v_01"])[:2] == EDITS[:2]
    former = world.tables(OLD)
    assert statuses(former) == dict.fromkeys(NAMES, "deprecated")
    assert {table["Parameters"][POINTER] for table in former.values()} == {
        f"{NEW}.{name}" for name in NAMES
    }
    assert world.sync()["status"] == "NO_CHANGES"


def test_another_stack_with_a_record_of_its_own_leaves_the_first_one_alone(
    shop_of_three: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = shop_of_three
    before = world.everything()
    own: dict[str, Any] = {
        "GLUE_DATABASE_TEMPLATE": "dev_{space}",
        "REPORT_URI": str(tmp_path_factory.mktemp("dev")),
    }

    second = world.sync(**own)

    assert (second["counts"]["created"], second["counts"]["deprecated"]) == (3, 0)
    assert {name: world.everything()[name] for name in before} == before
    world.glue.delete_table(DatabaseName="dev_shop", Name="v_01")
    assert world.sync(**own)["counts"]["created"] == 1
    assert edits(world.tables("dev_shop")["v_01"]) != EDITS, "the record shows another stack"
    assert {name: world.everything()[name] for name in before} == before
    assert world.sync()["status"] == "NO_CHANGES"


def test_without_a_record_edits_are_carried_over_and_the_former_tables_stay(
    shop_of_three: World,
) -> None:
    world = shop_of_three
    before = world.everything()
    world.environment.pop("REPORT_URI")
    by_template(world)

    answer = world.sync()

    assert (answer["counts"]["created"], answer["counts"]["deprecated"]) == (3, 0)
    assert {name: world.everything()[name] for name in before} == before
    assert edits(world.tables(NEW)["v_01"]) == EDITS
    assert world.sync()["status"] == "NO_CHANGES"
    assert "LEFT_BEHIND" in {str(note.code) for note in world.run.plan.notes}


@pytest.mark.parametrize(
    ("operation", "error"),
    [("CreateTable", "InvalidInputException"), ("UpdateTable", "AccessDeniedException")],
)
@pytest.mark.ci_only
def test_a_move_that_is_cut_off_loses_no_table_and_goes_on_in_the_next_run(
    shop_of_three: World, operation: str, error: str
) -> None:
    world = shop_of_three
    by_template(world)
    world.catalog.faults.add(operation=operation, error=error, match="v_01", times=99)

    assert world.sync()["status"] in {"DEGRADED", "HALTED"}

    assert statuses(world.tables(OLD))["v_01"] == "active"
    world.catalog.faults.clear()
    assert world.sync()["status"] == "SUCCESS"
    assert_moved(world, OLD, NEW)
    assert world.sync()["status"] == "NO_CHANGES"


@pytest.mark.parametrize("run", [whole, in_parts])
@pytest.mark.ci_only
def test_a_move_that_is_cut_off_and_given_up_leaves_no_active_table_there(
    shop_of_three: World, run: Run
) -> None:
    world = shop_of_three
    by_template(world)
    world.catalog.faults.add(operation="UpdateTable", error="AccessDeniedException", times=99)
    assert world.sync()["counts"]["created"] == 3
    world.catalog.faults.clear()
    back(world)

    answer = run(world, "back")

    assert (answer["status"], answer["counts"]["deprecated"]) == ("SUCCESS", 3)
    assert statuses(world.tables(OLD)) == dict.fromkeys(NAMES, "active")
    assert statuses(world.tables(NEW)) == dict.fromkeys(NAMES, "deprecated")
    assert world.tables(NEW)["v_00"]["Parameters"][POINTER] == f"{OLD}.v_00"
    assert edits(world.tables(OLD)["v_01"]) == EDITS
    assert whole(world, "quiet")["status"] == "NO_CHANGES"
    by_template(world)
    assert whole(world, "again")["status"] == "SUCCESS"
    assert_moved(world, OLD, NEW)


def test_an_older_database_that_an_earlier_version_left_behind_is_not_touched(
    shop_of_three: World,
) -> None:
    """That version wrote every table anew, and left the former ones active."""
    world = shop_of_three
    before = world.everything()
    by_template(world)
    world.sync()
    for name in NAMES:
        restore(world, OLD, name, before[f"{OLD}.{name}"])
        unmoved = world.everything()[f"{NEW}.{name}"]
        unmoved["Parameters"].pop("datasphere.moved_from")
        restore(world, NEW, name, unmoved)
    left = world.everything()

    answer = world.sync()

    assert (answer["status"], answer["calls"]["glue_write"]) == ("NO_CHANGES", 0)
    assert world.everything() == left
    assert "LEFT_BEHIND" in {note["code"] for note in world.report(answer)["notes"]}


def restore(world: World, database: str, name: str, table: Mapping[str, Any]) -> None:
    kept = ("Description", "Parameters", "StorageDescriptor", "TableType", "PartitionKeys")
    body = {key: table[key] for key in kept if key in table} | {"Name": name}
    world.glue.update_table(DatabaseName=database, TableInput=body)


def test_a_new_address_a_move_and_another_prefix_coincide(shop_of_three: World) -> None:
    world = shop_of_three
    world.tenant.host = "localhost"
    world.environment["DATASPHERE_URL"] = world.tenant.url
    configure(
        world,
        former_tenants="[127.0.0.1]",
        naming="{database_template: 'lake_{space}', table_prefix: {view: p_}}",
    )

    answer = world.sync()

    assert (answer["counts"]["created"], answer["counts"]["deprecated"]) == (3, 3)
    assert edits(world.tables(NEW)["p_v_01"]) == EDITS
    former = world.tables(OLD)["v_01"]["Parameters"]
    assert (former[STATUS], former[POINTER]) == ("deprecated", f"{NEW}.p_v_01")
    assert world.sync()["status"] == "NO_CHANGES"


def test_commands_show_the_table_where_it_is_now_and_its_whole_history(
    shop_of_three: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = shop_of_three
    by_template(world)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)

    assert main(["sync"]) == 0
    assert f"moved to {NEW}.v_01" in capsys.readouterr().out
    assert main(["show", "SHOP.V_01"]) == 0
    assert f"{NEW}.v_01" in capsys.readouterr().out
    assert main(["history", "SHOP.V_01"]) == 0
    history = capsys.readouterr().out
    assert f"moved from {OLD}.v_01" in history
    assert f"moved to {NEW}.v_01" in history
