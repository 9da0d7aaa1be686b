"""A new version of the reader over tables of the first one, through handler and command line.

The tables are written by this version, and then reduced to what the first version could read.
"""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from datasphere_glue.cli import main
from datasphere_glue.glue.table_input import table_from_glue, table_input
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.tables import fingerprint
from datasphere_glue.model.applied import READER, applied_digests
from datasphere_glue.model.reader_version import (
    COLUMN_KEYS_OF_1,
    TABLE_KEYS_OF_1,
    reader_of,
)
from datasphere_glue.model.table import Column, Parameters, Table, canonical_json
from datasphere_glue.plan.fields import owned_digests
from local.tenant.faults import FaultKind
from local.tenant.store import Space, entry_of
from tests.functional.conftest import World, small_space
from tests.functional.depot import depot
from tests.functional.editing import configure
from tests.functional.test_fanout import Flow

DAY_1 = "2026-05-01T10:00:00.000Z"
DAY_2 = "2026-05-02T10:00:00.000Z"
HOLD = "{meaning: hold}"
VIEWS = tuple(f"V_{number}" for number in range(4))


def entry(name: str, changed: str | None, label: str = "View") -> Any:
    """Return a view of a column with a default value, which only this version reads."""
    definition = {
        "kind": "entity",
        "@EndUserText.label": label,
        "@DataWarehouse.consumption.external": True,
        "elements": {
            "ID": {"type": "cds.Integer", "key": True, "notNull": True},
            "STATE": {"type": "cds.String", "length": 3, "default": {"val": "NEW"}},
        },
        "query": {"SELECT": {"from": {"ref": ["T"]}}},
    }
    listing = {"status": "Deployed"} | ({"changedOn": changed} if changed else {})
    return entry_of("SALES", name, {"definitions": {name: definition}}, exposed=True,
                    listing=listing)  # fmt: skip


def sales(changed: str | None = DAY_1, **others: Any) -> Space:
    return Space("SALES", "Sales", tuple(others.get(v) or entry(v, changed) for v in VIEWS))


@pytest.fixture
def old(world_of: Callable[..., World]) -> World:
    """Return a world whose tables the first version wrote: four views, each with a date."""
    return aged(world_of(sales()))


def aged(world: World) -> World:
    """Sync a world, then reduce its tables and its state to what the first version left."""
    world.sync()
    for database in world.glue.get_databases()["DatabaseList"]:
        for row in world.tables(database["Name"]).values():
            body = table_input(of_the_first_version(table_from_glue(row).table))
            world.glue.update_table(DatabaseName=database["Name"], TableInput=body)
    for path in world.reports.glob("state/*/reading.json"):
        state = json.loads(path.read_text())
        del state["reader"]
        path.write_text(json.dumps(state))
    return world


def of_the_first_version(table: Table) -> Table:
    known = replace(
        table,
        parameters=known_pairs(table.parameters, TABLE_KEYS_OF_1 - {"applied"}),
        columns=tuple(map(known_column, table.columns)),
    )
    known = known.with_parameters(fingerprint=fingerprint(asset_from_table(known).asset))
    assert READER in applied_digests(table)
    digests = owned_digests(replace(known, rest="{}"), ())
    return known.with_parameters(applied=canonical_json(digests))


def known_column(column: Column) -> Column:
    return replace(column, parameters=known_pairs(column.parameters, COLUMN_KEYS_OF_1))


def known_pairs(pairs: Parameters, keys: frozenset[str]) -> Parameters:
    return tuple(
        pair
        for pair in pairs
        if not pair[0].startswith("datasphere.") or pair[0].partition(".")[2] in keys
    )


def reading(world: World) -> tuple[int, int]:
    """Return how many assets the last run read, and how many it knew to be unchanged."""
    listings = world.run.listings
    return sum(one.read for one in listings), sum(one.reused for one in listings)


def defaults(world: World) -> dict[str, str | None]:
    """Return the default value of the column of each view, as its table holds it."""
    return {
        name: row["StorageDescriptor"]["Columns"][1]["Parameters"].get("datasphere.default")
        for name, row in sorted(world.tables("datasphere_sales").items())
        if name.startswith("v_")
    }


def held(world: World) -> list[str]:
    return [note.subject for note in world.run.notes if note.code == "UPGRADE_HELD"]


def new_facts(world: World) -> int:
    return sum(value == "NEW" for value in defaults(world).values())


def test_every_table_is_read_once_by_the_new_version(old: World) -> None:
    assert new_facts(old) == 0
    assert reader_of(table_from_glue(old.tables("datasphere_sales")["v_0"]).table) == 1

    answer = old.sync()

    assert (answer["status"], answer["counts"]["updated"]) == ("SUCCESS", 4)
    assert (reading(old), new_facts(old)) == ((4, 0), 4)
    assert old.sync()["status"] == "NO_CHANGES"
    assert reading(old) == (0, 4)


def test_each_write_of_the_upgrade_has_its_image(old: World) -> None:
    before = old.everything()
    old.sync({"run_id": "upgraded"})
    assert old.everything() != before

    assert old.sync({"action": "rollback", "rollback_of": "upgraded"})["counts"]["updated"] == 4
    assert old.everything() == before


def test_a_large_tenant_is_read_in_shares(old: World) -> None:
    configure(old, limits="{reread_assets: 1}")

    read, done = [], []
    for _ in range(9):
        old.sync()
        read.append(reading(old)[0])
        done.append(new_facts(old))

    assert done[-1] == 4
    assert done == sorted(done)
    assert sum(read) == 4
    assert max(read) < 4


def test_runs_in_parts_share_the_upgrade(old: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old.tenant.spaces.add_space(small_space("STOCK", 2))
    for name, value in old.environment.items():
        monkeypatch.setenv(name, value)

    first = Flow(old, "night-1", slice_size=2).run()
    second = Flow(old, "night-2", slice_size=2).run()

    assert (first["counts"]["updated"], first["counts"]["created"]) == (4, 2)
    assert new_facts(old) == 4
    assert second["status"] == "NO_CHANGES"
    assert old.report(second)["reading"]["reused"] >= 4


def test_an_asset_that_could_not_be_read_is_tried_by_the_next_run(old: World) -> None:
    old.tenant.faults.add("V_3", FaultKind.STATUS, status=500, times=None)
    assert old.sync()["counts"]["updated"] == 3
    old.tenant.faults.clear()

    assert old.sync()["counts"]["updated"] == 1
    assert (reading(old), new_facts(old)) == ((1, 3), 4)


def test_a_table_that_could_not_be_written_is_tried_by_the_next_run(old: World) -> None:
    old.catalog.faults.add(operation="UpdateTable", error="AlreadyExistsException", times=50)
    assert old.sync()["counts"]["failed"] > 0
    old.catalog.faults.clear()

    old.sync()

    assert new_facts(old) == 4


def test_what_fails_again_comes_in_turn_and_not_every_night(old: World) -> None:
    old.tenant.faults.add("V_3", FaultKind.STATUS, status=500, times=None)
    old.sync()
    old.sync()
    assert old.run.status == "DEGRADED"

    assert old.sync()["status"] == "NO_CHANGES"
    assert reading(old) == (0, 4)


def test_undated_assets_are_read_as_ever(world_of: Callable[..., World]) -> None:
    world = aged(world_of(sales(changed=None)))

    assert world.sync()["counts"]["updated"] == 4
    assert world.sync()["status"] == "NO_CHANGES"


def test_without_a_report_place_a_share_of_the_old_tables_is_read_each_day(
    world_of: Callable[..., World],
) -> None:
    world = world_of(sales())
    del world.environment["REPORT_URI"]
    aged(world)
    configure(world, limits="{reread_days: 1}")

    assert world.sync()["counts"]["updated"] == 4
    assert world.sync()["status"] == "NO_CHANGES"
    assert reading(world) == (0, 4)


def test_new_tables_are_not_read_again_without_a_report_place(
    world_of: Callable[..., World],
) -> None:
    world = world_of(small_space("STOCK", 3), sales())
    del world.environment["REPORT_URI"]
    configure(world, limits="{reread_days: 1}")
    world.sync()
    world.sync()

    assert next(one for one in world.run.listings if one.space == "SALES").read == 0


def test_held_facts_are_named_and_not_written(old: World) -> None:
    configure(old, upgrades=HOLD)
    before = old.everything()

    for event in ({}, {"full": True}, {"action": "verify"}, {"assets": ["SALES.V_1"]}, {}):
        answer = old.sync(event)
        expected = ["SALES.V_1"] if "assets" in event else [f"SALES.{name}" for name in VIEWS]
        assert (answer["status"], held(old)) == ("NO_CHANGES", expected)
        assert not old.catalog.calls.writes
    assert old.everything() == before
    assert reading(old) == (0, 4)


def test_a_changed_asset_takes_its_new_facts_along(old: World) -> None:
    configure(old, upgrades=HOLD)
    old.sync()
    old.tenant.spaces.add_space(sales(V_2=entry("V_2", DAY_2, label="Changed")))

    assert old.sync()["counts"]["updated"] == 1
    assert defaults(old) == {"v_0": None, "v_1": None, "v_2": "NEW", "v_3": None}
    assert held(old) == ["SALES.V_0", "SALES.V_1", "SALES.V_3"]
    assert old.sync()["status"] == "NO_CHANGES"


def test_other_rules_take_the_new_facts_along_or_leave_them(old: World) -> None:
    """A rule for types works without reading; one for context has the asset read."""
    configure(old, upgrades=HOLD, columns="{'SALES.V_0.STATE': string}")
    assert old.sync()["counts"]["updated"] == 1
    assert new_facts(old) == 0

    configure(old, upgrades=HOLD, context="[{asset: SALES.V_1, owner: Jane}]")
    old.sync()
    assert defaults(old)["v_1"] == "NEW"
    assert old.sync()["status"] == "NO_CHANGES"


def test_a_plan_by_the_command_line_takes_what_is_held(
    old: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(old, upgrades=HOLD)
    for name, value in old.environment.items():
        monkeypatch.setenv(name, value)
    capsys.readouterr()

    assert main(["sync"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "review `datasphere-glue plan` and apply it by its digest" in said
    assert "SALES.V_2 and 1 more" in said
    assert main(["plan"]) == 2
    command = re.search(r"datasphere-glue sync --plan (\w+)", capsys.readouterr().out)
    assert command is not None
    assert main(["sync", "--plan", command[1]]) == 0

    assert new_facts(old) == 4
    assert main(["sync"]) == 0
    assert "apply it by its digest" not in capsys.readouterr().out


def test_a_plan_by_event_takes_what_is_held_without_a_report_place(
    world_of: Callable[..., World],
) -> None:
    world = world_of(sales())
    del world.environment["REPORT_URI"]
    aged(world)
    configure(world, upgrades=HOLD)
    assert world.sync({"full": True})["status"] == "NO_CHANGES"
    assert len(held(world)) == 4

    plan = world.sync({"action": "plan"})
    answer = world.sync({"plan_digest": plan["plan_digest"]})

    assert (plan["counts"]["updated"], answer["status"]) == (4, "SUCCESS")
    assert new_facts(world) == 4
    assert world.sync()["status"] == "NO_CHANGES"


def test_undated_assets_are_held_by_their_keys(world_of: Callable[..., World]) -> None:
    """Without dates, only keys that the first version lacked prove an unchanged source."""
    world = aged(world_of(sales(changed=None)))
    configure(world, upgrades=HOLD)
    assert (world.sync()["status"], len(held(world))) == ("NO_CHANGES", 4)

    world.tenant.spaces.add_space(sales(None, V_1=entry("V_1", None, label="Changed")))

    assert world.sync()["counts"]["updated"] == 1
    assert defaults(world)["v_1"] == "NEW"
    assert len(held(world)) == 3


def test_a_deleted_asset_is_no_longer_held(old: World) -> None:
    configure(old, upgrades=HOLD)
    old.sync()
    old.tenant.spaces.add_space(
        Space("SALES", "Sales", tuple(entry(name, DAY_1) for name in VIEWS[1:]))
    )
    old.sync(MAX_REMOVAL_PERCENT="50")

    assert held(old) == ["SALES.V_1", "SALES.V_2", "SALES.V_3"]
    assert old.sync()["status"] == "NO_CHANGES"


def test_a_change_without_a_date_is_no_matter_of_the_upgrade_once_it_is_over(old: World) -> None:
    """What the upgrade read and did not hold back is a change of the source from then on."""
    configure(old, upgrades="{meaning: apply}")
    old.sync()
    configure(old, upgrades=HOLD)
    old.tenant.spaces.add_space(sales(V_1=entry("V_1", DAY_1, label="Changed")))

    assert old.sync({"full": True})["counts"]["updated"] == 1
    assert held(old) == []


def test_a_spoilt_progress_is_named_and_the_upgrade_is_done(old: World) -> None:
    for path in old.reports.glob("state/*/reading.json"):
        state = json.loads(path.read_text()) | {"reader": {"version": "two"}}
        path.write_text(json.dumps(state))

    old.sync()

    assert new_facts(old) == 4
    assert any(one.code == "STATE_UNREADABLE" for one in old.run.unusable)
    assert old.sync()["status"] == "NO_CHANGES"


@pytest.fixture
def old_depot(world_of: Callable[..., World]) -> World:
    """Return a world whose tables are loaded by flows, which the first version did not read."""
    return aged(world_of(depot()))


def loaded(world: World) -> set[str]:
    """Return the tables that name what loads them."""
    tables = world.tables("datasphere_depot")
    return {name for name, row in tables.items() if "datasphere.loads" in row["Parameters"]}


def test_flows_reach_tables_that_exist(old_depot: World) -> None:
    assert loaded(old_depot) == set()

    old_depot.sync()

    assert loaded(old_depot) >= {"t_parts", "t_raw", "t_stock"}
    assert old_depot.sync()["status"] == "NO_CHANGES"


def test_flows_are_held_back_and_taken_by_plan(old_depot: World) -> None:
    configure(old_depot, upgrades=HOLD)
    before = old_depot.everything()
    for event in ({}, {"full": True}, {}):
        assert old_depot.sync(event)["status"] == "NO_CHANGES"
        assert "DEPOT.T_RAW" in held(old_depot)
    assert old_depot.everything() == before

    plan = old_depot.sync({"action": "plan"})
    assert old_depot.sync({"plan_digest": plan["plan_digest"]})["status"] == "SUCCESS"

    taken = old_depot.everything()
    assert loaded(old_depot) >= {"t_parts", "t_raw", "t_stock"}
    assert old_depot.sync({"full": True})["status"] == "NO_CHANGES"
    assert (old_depot.everything(), held(old_depot)) == (taken, [])


def test_a_run_in_parts_holds_new_facts_back(old: World, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(old, upgrades=HOLD)
    for name, value in old.environment.items():
        monkeypatch.setenv(name, value)
    before = old.everything()

    for run_id in ("night-1", "night-2"):
        answer = Flow(old, run_id, slice_size=2).run()
        notes = [n["asset"] for n in old.report(answer)["notes"] if n["code"] == "UPGRADE_HELD"]
        assert (answer["status"], sorted(notes)) == ("NO_CHANGES", [f"SALES.{v}" for v in VIEWS])
    assert old.everything() == before

    plan = old.sync({"action": "plan"})
    old.sync({"plan_digest": plan["plan_digest"]})
    assert new_facts(old) == 4
