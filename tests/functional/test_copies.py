"""Copies of our tables and databases: never counted, never touched, and named in one note."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.mapping.names import glue_name, with_suffix
from local.tenant.store import Space
from tests.functional.conftest import SET_BY_GLUE, World, small_space, view

FULL = "datasphere_full"
READ_ONLY = SET_BY_GLUE | {"DatabaseName", "IsRegisteredWithLakeFormation", "IsMultiDialectView"}


def suffixed(name: str, sap_name: str) -> str:
    """Return the other name that the rule of collisions could give."""
    return with_suffix(glue_name(name, "t_"), sap_name)


def copy_tables(
    world: World, database: str, name: Callable[[str], str], source: str = FULL
) -> None:
    for table in world.tables(source).values():
        copied = {k: v for k, v in table.items() if k not in READ_ONLY}
        body = copied | {"Name": name(table["Name"])}
        world.glue.create_table(DatabaseName=database, TableInput=body)


def copy_database(world: World, name: str) -> None:
    """Copy our database with its parameters, and all its tables."""
    original = world.glue.get_database(Name=FULL)["Database"]
    kept = {k: original[k] for k in ("Description", "Parameters") if k in original}
    world.glue.create_database(DatabaseInput={"Name": name, **kept})
    copy_tables(world, name, str)


def beside(world: World) -> None:
    copy_tables(world, FULL, lambda name: f"{name}_backup")


def unmarked(world: World) -> None:
    world.glue.create_database(DatabaseInput={"Name": "datasphere_backup"})
    copy_tables(world, "datasphere_backup", str)


def marked(world: World) -> None:
    copy_database(world, "datasphere_full_2")


def by_a_rule(world: World) -> None:
    copy_database(world, suffixed(FULL, "datasphere_FULL"))


def by_the_rule_of_tables(world: World) -> None:
    copy_tables(world, FULL, lambda name: suffixed(name, name.upper()))


COPIES = [beside, unmarked, marked, by_a_rule, by_the_rule_of_tables]


@pytest.mark.parametrize("copy", COPIES)
def test_copies_do_not_raise_the_limit_of_removals(
    world_of: Callable[..., World], copy: Callable[[World], None]
) -> None:
    world = world_of(small_space("FULL", 3))
    world.sync()
    copy(world)
    before = world.everything()
    for number in range(3):
        world.tenant.spaces.remove("FULL", f"V_{number:02}")

    answer = world.sync(MAX_REMOVAL_PERCENT="100")

    assert answer["status"] == "HALTED"
    assert "3 of 3 tables of space FULL would be deprecated" in str(answer["errors"])
    assert world.everything() == before


@pytest.mark.parametrize(
    ("copy", "settings"),
    [
        *((copy, {}) for copy in COPIES),
        (by_a_rule, {"REPORT_URI": ""}),
        (by_the_rule_of_tables, {"REPORT_URI": ""}),
    ],
)
def test_copies_stay_as_they_are_while_the_originals_change(
    world_of: Callable[..., World], copy: Callable[[World], None], settings: dict[str, Any]
) -> None:
    world = world_of(small_space("FULL", 3))
    world.sync(**settings)
    copy(world)
    originals = {f"{FULL}.v_{number:02}" for number in range(3)}
    before = {k: v for k, v in world.everything().items() if k not in originals}
    world.tenant.spaces.remove("FULL", "V_00")
    world.tenant.spaces.set_column_label("FULL", "V_01", "C2", "Changed")

    answer = world.sync(**settings)

    counts = answer["counts"]
    assert (counts["deprecated"], counts["updated"], counts["unchanged"]) == (1, 1, 1)
    now = world.everything()
    assert {k: v for k, v in now.items() if k not in originals} == before
    assert now[f"{FULL}.v_00"]["Parameters"]["datasphere.status"] == "deprecated"


@pytest.mark.parametrize("copy", [beside, unmarked])
def test_copies_cost_one_note_for_each_database(
    world_of: Callable[..., World], copy: Callable[[World], None]
) -> None:
    world = world_of(small_space("FULL", 3))
    world.sync()
    copy(world)

    answer = world.sync()

    assert (answer["status"], answer["errors"]) == ("NO_CHANGES", [])
    (note,) = [n for n in world.report(answer)["notes"] if n["code"] == "COPIES_IGNORED"]
    assert "3 copies" in note["message"]


@pytest.mark.parametrize("settings", [{}, {"REPORT_URI": ""}], ids=["with a record", "without"])
@pytest.mark.parametrize("copy", [by_a_rule, by_the_rule_of_tables])
def test_a_second_claim_by_rule_is_an_error_that_names_both(
    world_of: Callable[..., World], copy: Callable[[World], None], settings: dict[str, Any]
) -> None:
    world = world_of(small_space("FULL", 1))
    world.sync(**settings)
    copy(world)
    views = tuple(world.tenant.spaces.entries("FULL"))
    world.tenant.spaces.add_space(Space("FULL", "Another label", views))

    answer = world.sync(**settings)

    assert answer["status"] == "DEGRADED"
    (error,) = answer["errors"]
    assert error["code"] == "CLAIMED_TWICE"
    names = [FULL, suffixed(FULL, "datasphere_FULL")]
    if copy is by_the_rule_of_tables:
        names = ["v_00", suffixed("v_00", "V_00")]
    assert f"{names[0]} and {names[1]}" in error["message"]
    labels = {db["Name"]: db["Description"] for db in world.glue.get_databases()["DatabaseList"]}
    assert labels.pop(FULL) == "Another label"
    assert set(labels.values()) <= {"Space FULL"}


@pytest.mark.parametrize("collision", ["databases", "tables"])
def test_our_record_decides_between_names_that_the_rule_could_have_given(
    world_of: Callable[..., World], collision: str
) -> None:
    """Both spaces or assets got a suffix, so the plain name is that of the copy."""
    if collision == "databases":
        world = world_of(small_space("A-B", 1), small_space("A_B", 1))
    else:
        world = world_of(small_space("FULL", 1))
        world.tenant.spaces.remove("FULL", "V_00")
        for name in ("V_A", "v_a"):
            world.tenant.spaces.add("FULL", name, view(name))
    world.sync()
    databases = world.glue.get_databases()["DatabaseList"]
    if collision == "databases":
        original = min(databases, key=lambda database: database["Name"])
        kept = {k: original[k] for k in ("Description", "Parameters")}
        world.glue.create_database(DatabaseInput={"Name": "datasphere_a_b", **kept})
        copy_tables(world, "datasphere_a_b", str, original["Name"])
        world.tenant.spaces.set_label(kept["Parameters"]["datasphere.space"], "V_00", "Changed")
    else:
        originals = world.tables(FULL)
        first = min(originals)
        copy_tables(world, FULL, lambda name: "v_a" if name == first else f"{name}_copy")
        sap_name = originals[first]["Parameters"]["datasphere.name"]
        world.tenant.spaces.set_label("FULL", sap_name, "Changed")
    before = world.everything()

    answer = world.sync()

    assert [error["code"] for error in answer["errors"]] == ["CLAIMED_TWICE"]
    assert (answer["counts"]["updated"], answer["counts"]["created"]) == (1, 0)
    (changed,) = (name for name, table in world.everything().items() if before[name] != table)
    assert changed not in {"datasphere_a_b.v_00", f"{FULL}.v_a"}


@pytest.mark.parametrize("removal", ["by hand", "by grace"])
def test_a_table_whose_copy_remains_is_created_anew_under_its_name(
    world_of: Callable[..., World], removal: str
) -> None:
    world = world_of(small_space("FULL", 3))
    world.sync()
    beside(world)
    if removal == "by grace":
        world.tenant.spaces.remove("FULL", "V_00")
        world.sync()
        world.sync(ORPHAN_POLICY="delete", ORPHAN_GRACE_DAYS="0")
        world.tenant.spaces.add("FULL", "V_00", view("View 0"))
    else:
        world.glue.delete_table(DatabaseName=FULL, Name="v_00")
    before = world.everything()

    answer = world.sync()

    assert (answer["status"], answer["counts"]["created"]) == ("SUCCESS", 1)
    now = world.everything()
    assert now.keys() - before.keys() == {f"{FULL}.v_00"}
    assert {k: v for k, v in now.items() if k in before} == before


def test_tables_of_an_earlier_naming_rule_keep_their_names_and_stay_ours(
    world_of: Callable[..., World], tmp_path: Path
) -> None:
    world = world_of(small_space("FULL", 3))
    config = tmp_path / "config.json"
    config.write_text('{"version": 1, "naming": {"table_prefix": {"view": "dim_"}}}')
    world.sync(SYNC_CONFIG_URI=str(config))
    copy_tables(world, FULL, lambda name: f"{name}_backup")

    answer = world.sync()

    assert (answer["status"], answer["counts"]["unchanged"]) == ("NO_CHANGES", 3)
    world.tenant.spaces.remove("FULL", "V_00")
    before = world.everything()
    answer = world.sync()
    assert (answer["status"], answer["counts"]["deprecated"]) == ("SUCCESS", 1)
    changed = {name for name, table in world.everything().items() if before[name] != table}
    assert changed == {f"{FULL}.dim_v_00"}


@pytest.mark.parametrize("copy", [unmarked, marked, by_a_rule])
def test_a_vanished_space_is_one_issue_whatever_was_copied(
    world_of: Callable[..., World], copy: Callable[[World], None]
) -> None:
    world = world_of(small_space("FULL", 1))
    world.sync()
    copy(world)
    before = world.everything()
    world.tenant.spaces.remove_space("FULL")

    answer = world.sync()

    assert [error["code"] for error in answer["errors"]] == ["SPACE_VANISHED"]
    assert f"database {FULL} exists" in answer["errors"][0]["message"]
    assert world.everything() == before
