"""Assets and columns in another case or Unicode form keep their table and what people wrote."""

from collections.abc import Callable
from typing import Any

import pytest

from local.tenant.store import Entry, Space, entry_of
from tests.functional.conftest import World, view
from tests.functional.test_sync import edit

SHOP = "datasphere_shop"


def definition(column: str = "C1") -> dict[str, Any]:
    """Return a view whose second column has this name."""
    document: dict[str, Any] = view("Orders")
    renamed = ((column if k == "C1" else k, v) for k, v in document["elements"].items())
    return document | {"elements": dict(renamed)}


def entry(name: str, column: str = "C1") -> Entry:
    document = {"definitions": {name: definition(column)}}
    return entry_of("SHOP", name, document, exposed=True, listing={})


def edited(world: World, name: str) -> None:
    world.sync()
    edit(world, SHOP, name)


SPELLINGS = [
    ("Orders", "ORDERS", "orders"),
    ("ORDERS", "orders", "orders"),
    ("Caf\u00e9", "Cafe\u0301", "cafe"),
]


@pytest.mark.parametrize(
    ("before", "after", "table", "event"),
    [
        *((*spelling, "everything") for spelling in SPELLINGS),
        (*SPELLINGS[0], "the new name"),
        (*SPELLINGS[0], "the old name first"),
    ],
)
def test_an_asset_in_another_spelling_keeps_its_table_and_the_edits(
    world_of: Callable[..., World], before: str, after: str, table: str, event: str
) -> None:
    world = world_of(Space("SHOP", "Shop", (entry(before), entry("V_OTHER"))))
    edited(world, table)
    world.tenant.spaces.remove("SHOP", before)
    world.tenant.spaces.add("SHOP", after, view("Orders"))
    if event == "the old name first":
        world.sync({"assets": [f"SHOP.{before}"]})

    answer = world.sync({} if event == "everything" else {"assets": [f"SHOP.{after}"]})

    counts = answer["counts"]
    assert (answer["status"], counts["updated"]) == ("SUCCESS", 1)
    assert (counts["created"], counts["deprecated"]) == (0, 0)
    tables = world.tables(SHOP)
    assert set(tables) == {table, "v_other"}
    assert tables[table]["Parameters"]["datasphere.name"] == after
    assert tables[table]["Description"] == "What analysts call it"
    assert tables[table]["Parameters"]["team"] == "sales ops"
    assert world.sync()["status"] == "NO_CHANGES"


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        ("Orders", "ORDERS", [{"assets": ["SHOP.ORDERS"]}]),
        (
            "Caf\u00e9",
            "Cafe\u0301",
            [{"assets": ["SHOP.V_OTHER"]}, {"assets": ["SHOP.Cafe\u0301"]}],
        ),
        ("ORDERS", "orders", [{"assets": ["SHOP.ORDERS"]}, {}]),
        ("Orders", "orders", [{"spaces": ["SHOP"]}]),
    ],
)
def test_another_spelling_and_another_database_coincide(
    world_of: Callable[..., World], before: str, after: str, events: list[dict[str, Any]]
) -> None:
    """The view changes as well, so that its structure is no hint."""
    world = world_of(Space("SHOP", "Shop", (entry(before), entry("V_OTHER"))))
    table = after.casefold() if after.isascii() else "cafe"
    edited(world, table)
    world.tenant.spaces.remove("SHOP", before)
    world.tenant.spaces.add("SHOP", after, view("Another label", columns=9))
    lake: dict[str, Any] = {"GLUE_DATABASE_TEMPLATE": "lake_{space}"}

    answers = [world.sync(event, **lake) for event in events]

    assert {answer["status"] for answer in answers} <= {"SUCCESS", "NO_CHANGES"}
    heir, former = world.tables("lake_shop")[table], world.tables(SHOP)[table]
    assert heir["Parameters"]["datasphere.name"] == after
    assert heir["Description"] == "What analysts call it"
    assert heir["Parameters"]["team"] == "sales ops"
    assert former["Parameters"]["datasphere.status"] == "deprecated"
    assert former["Parameters"]["datasphere.renamed_to"] == f"lake_shop.{table}"
    world.sync(**lake)
    assert world.sync(**lake)["status"] == "NO_CHANGES"


def test_two_assets_that_differ_in_case_alone_both_exist(world_of: Callable[..., World]) -> None:
    world = world_of(Space("SHOP", "Shop", (entry("Orders"),)))
    edited(world, "orders")
    world.tenant.spaces.add("SHOP", "ORDERS", view("Orders"))

    answer = world.sync()

    assert (answer["status"], answer["counts"]["created"]) == ("SUCCESS", 1)
    names = {t["Parameters"]["datasphere.name"]: name for name, t in world.tables(SHOP).items()}
    assert names["Orders"] == "orders"
    assert set(names) == {"Orders", "ORDERS"}
    assert world.tables(SHOP)["orders"]["Description"] == "What analysts call it"


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [("Net", "NET", "net"), ("NET", "net", "net"), ("Caf\u00e9", "Cafe\u0301", "cafe")],
)
def test_a_column_in_another_spelling_keeps_its_comment_and_foreign_parameters(
    world_of: Callable[..., World], before: str, after: str, column: str
) -> None:
    world = world_of(Space("SHOP", "Shop", (entry("V", before),)))
    world.sync()
    table = world.tables(SHOP)["v"]
    body = {k: table[k] for k in ("Name", "Description", "TableType", "Parameters")}
    written = next(c for c in table["StorageDescriptor"]["Columns"] if c["Name"] == column)
    written["Comment"] = "Explained by a person"
    written["Parameters"]["pii"] = "no"
    body |= {"StorageDescriptor": table["StorageDescriptor"], "PartitionKeys": []}
    world.glue.update_table(DatabaseName=SHOP, TableInput=body)
    world.tenant.spaces.add("SHOP", "V", definition(after))

    answer = world.sync({"full": True})

    assert (answer["status"], answer["counts"]["updated"]) == ("SUCCESS", 1)
    columns = {c["Name"]: c for c in world.tables(SHOP)["v"]["StorageDescriptor"]["Columns"]}
    assert columns[column]["Comment"] == "Explained by a person"
    assert columns[column]["Parameters"]["pii"] == "no"
    assert columns[column]["Parameters"]["datasphere.name"] == after
    assert set(columns) == {"id", column, "c2"}
