"""The atlas: every asset of a run in few bytes, and all of it back again."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from datasphere_glue.mapping.completeness import measure_completeness
from datasphere_glue.mapping.governance import Governance
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import (
    Asset,
    Association,
    Element,
    Hierarchy,
    Kind,
    SapType,
    SpaceListing,
    Usage,
    Variable,
)
from datasphere_glue.model.table import Catalog
from datasphere_glue.outcome.asset_index import (
    AssetIndex,
    AssetIndexBuilder,
    PackedSpace,
    bound_together,
    keep_packed_spaces,
    packed_spaces_of,
)
from tests.unit.outcome.asset_indexes import assets_of, index_of
from tests.unit.storage.stores import MemoryStore
from tests.unit.words import RULES, asset, listing

AMOUNT = Element(
    "NetAmount",
    SapType("cds.Decimal", precision=17, scale=2),
    label="Net amount",
    description="Without tax",
    measure=True,
    aggregation="SUM",
    currency="Currency",
)
ORDERS = Asset(
    "SALES",
    "V_ORDERS",
    Kind.VIEW,
    label="Orders </script><script>alert(1)</script>",
    description="All orders",
    usage=Usage.FACT,
    elements=(
        Element("ID", SapType("cds.String", length=10), label="Order", key=True),
        AMOUNT,
        Element("Währung", SapType("cds.String", length=5)),
    ),
    hierarchies=(Hierarchy("H", "level", levels=("YEAR", "MONTH")),),
    associations=(Association("_Customer", "CUSTOMERS", pairs=(("ID", "ORDER"),)),),
    variables=(Variable("P_DATE", SapType("cds.Date")),),
    owner="Ada",
    tags=("gold",),
    lineage=("SALES.T_ORDERS", "ERP.VBAK"),
)


def collected(*listings: SpaceListing, into: AssetIndexBuilder | None = None) -> AssetIndexBuilder:
    collector = into or AssetIndexBuilder()
    for desired in to_tables(listings, RULES, Catalog()):
        _, scores = measure_completeness(desired.space, desired.tables, Governance())
        found = zip(desired.tables, scores, strict=True)
        collector(desired.space, desired.database.name, found)
    return collector


def atlas_of(*listings: SpaceListing) -> AssetIndex:
    atlas = collected(*listings).atlas()
    assert atlas is not None
    return atlas


def large(space: str, assets: Iterable[int], columns: int = 3) -> SpaceListing:
    """Return a space of which hardly anything repeats, so that it cannot be packed well."""
    made = []
    for number in assets:
        elements = tuple(
            Element(f"{space}_{hash_of(number, place)}", SapType("cds.String", length=place + 1))
            for place in range(columns)
        )
        made.append(Asset(space, f"A_{number:04}", Kind.VIEW, elements=elements))
    return listing(*made, space=space)


def hash_of(*numbers: int) -> str:
    return f"{hash(numbers) & 0xFFFFFFFFFFFF:X}"


def test_an_asset_is_told_with_all_that_its_page_shows() -> None:
    found = assets_of(atlas_of(listing(ORDERS)))["SALES.V_ORDERS"]

    columns = found.pop("columns")
    assert found == {
        "name": "V_ORDERS",
        "table": "v_orders",
        "label": "Orders </script><script>alert(1)</script>",
        "description": "All orders",
        "kind": "view",
        "usage": "fact",
        "status": "active",
        "owner": "Ada",
        "tags": ["gold"],
        "hierarchies": [{"name": "H", "kind": "level", "levels": ["YEAR", "MONTH"]}],
        "associations": [
            {"name": "_Customer", "target": "CUSTOMERS", "columns": [["ID", "ORDER"]]}
        ],
        "variables": [{"name": "P_DATE", "type": "cds.Date"}],
        "lineage": ["SALES.T_ORDERS", "ERP.VBAK"],
    }
    assert columns["NetAmount"] == {
        "column": "netamount",
        "name": "NetAmount",
        "label": "Net amount",
        "role": "measure",
        "type": "decimal(17,2)",
        "sap_type": "cds.Decimal(17,2)",
        "key": 0,
        "aggregation": "SUM",
        "unit": "Currency",
        "description": "Without tax",
    }
    assert (columns["ID"]["key"], columns["ID"]["column"]) == (1, "id")
    assert columns["Währung"]["column"] == "waehrung"


def test_the_index_lists_all_assets_in_order_and_tells_what_they_are_made_of() -> None:
    source = Asset("SALES", "T_ORDERS", Kind.LOCAL_TABLE, elements=(AMOUNT,))
    other = Asset("ERP", "COPY", Kind.VIEW, lineage=("SALES.V_ORDERS",))

    found = index_of(atlas_of(listing(ORDERS, source), listing(other, space="ERP")))

    assert found["spaces"] == ["ERP", "SALES"]
    assert [[*row[:2], *row[6:]] for row in found["assets"]] == [
        [0, "COPY", [2], 0],
        [1, "T_ORDERS", [], 1],
        [1, "V_ORDERS", [1], 3],
    ]
    assert "left_out" not in found


def test_a_column_that_many_assets_have_is_told_once() -> None:
    shared = replace(ORDERS, name="V_COPY")

    atlas = atlas_of(listing(ORDERS, shared))

    raw = json.loads(gzip.decompress(dict(atlas.spaces)["SALES"]))["assets"]
    assert [[type(column) for column in one["columns"]] for one in raw] == [[list] * 3, [int] * 3]
    told = assets_of(atlas)
    assert told["SALES.V_COPY"]["columns"] == told["SALES.V_ORDERS"]["columns"]


def test_columns_that_differ_in_what_is_not_shown_are_told_apart_by_what_they_say() -> None:
    renamed = replace(ORDERS, name="V_COPY", elements=(replace(AMOUNT, label="Gross"),))

    told = assets_of(atlas_of(listing(ORDERS, renamed)))

    assert told["SALES.V_COPY"]["columns"]["NetAmount"]["label"] == "Gross"
    assert told["SALES.V_ORDERS"]["columns"]["NetAmount"]["label"] == "Net amount"


def test_the_same_assets_make_the_same_bytes_in_any_order() -> None:
    spaces = [listing(ORDERS, asset("V_A")), listing(asset("V_B", "HR"), space="HR")]

    assert atlas_of(*spaces) == atlas_of(*spaces[::-1])


def test_slices_of_a_space_come_together_as_the_space() -> None:
    names = [asset(f"V_{number}") for number in range(9)]
    whole = atlas_of(listing(*names))
    sliced = collected(listing(*names[1::2]), listing(*names[::2], space="SALES")).atlas()

    assert sliced is not None
    assert assets_of(sliced) == assets_of(whole)
    assert index_of(sliced) == index_of(whole)


def test_what_was_read_later_counts_more() -> None:
    later = collected(listing(asset("V_A", label="Later"), asset("V_B")))
    earlier = collected(listing(asset("V_A", label="Earlier"), asset("V_C")))
    later.begin_with(earlier.folios)

    told = assets_of(later.atlas() or pytest.fail("nothing was collected"))

    assert {name: one["label"] for name, one in told.items()} == {
        "SALES.V_A": "Later",
        "SALES.V_B": "All V_B",
        "SALES.V_C": "All V_C",
    }


def test_without_assets_there_is_no_atlas() -> None:
    assert AssetIndexBuilder().atlas() is None
    assert collected(listing(space="EMPTY")).atlas() is None


def test_an_atlas_within_its_limit_is_left_alone() -> None:
    atlas = atlas_of(listing(ORDERS))

    assert atlas.within(atlas.size) is atlas


def test_the_largest_spaces_are_left_out_until_the_rest_fits() -> None:
    atlas = atlas_of(large("BIG", range(60)), large("MID", range(30)), large("SMALL", range(3)))
    sizes = dict(atlas.spaces)
    assert len(sizes["BIG"]) > len(sizes["MID"]) > len(sizes["SMALL"])

    for limit in range(atlas.size - 1, 0, -atlas.size // 7):
        smaller = atlas.within(limit)
        left_out = index_of(smaller)["left_out"]
        assert left_out in (["BIG"], ["BIG", "MID"], ["BIG", "MID", "SMALL"])
        assert [space for space, _ in smaller.spaces] == [s for s in sizes if s not in left_out]
        assert index_of(smaller)["assets"] == index_of(atlas)["assets"]
        assert smaller.size <= limit or not smaller.spaces


def test_folios_are_kept_and_read_again() -> None:
    store = MemoryStore()
    folios = collected(listing(ORDERS), listing(asset("V_B", "HR"), space="HR")).folios

    keep_packed_spaces(store, "runs/1/atlas.1.jsonl", folios)

    assert tuple(packed_spaces_of(store, "runs/1/atlas.1.jsonl")) == folios
    assert bound_together(folios) == bound_together(packed_spaces_of(store, "runs/1/atlas.1.jsonl"))


@pytest.mark.parametrize("body", [b"no json\n", b"{}\n", b'{"space": "S", "database": "d"}\n'])
def test_folios_that_cannot_be_read_are_none(body: bytes) -> None:
    assert list(packed_spaces_of(MemoryStore({"key": body}), "key")) == []
    assert list(packed_spaces_of(MemoryStore(), "key")) == []


def test_nothing_is_kept_where_nothing_was_packed() -> None:
    store = MemoryStore()

    keep_packed_spaces(store, "key", list[PackedSpace]())

    assert not store.bodies
