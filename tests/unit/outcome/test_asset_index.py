"""The asset index: a compact, lossless form of all assets of a run."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from datasphere_glue.mapping.completeness import measure_completeness
from datasphere_glue.mapping.governance import Governance
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.asset_parts import Association, Hierarchy, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog
from datasphere_glue.outcome.asset_index import (
    AssetIndex,
    AssetIndexBuilder,
    PackedSpace,
    build_index,
    keep_packed_spaces,
    packed_spaces_of,
)
from tests.unit.outcome.asset_indexes import assets_of, index_of
from tests.unit.samples import RULES, asset, listing
from tests.unit.storage.stores import MemoryStore

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


def index_builder(
    *listings: SpaceListing, into: AssetIndexBuilder | None = None
) -> AssetIndexBuilder:
    collector = into or AssetIndexBuilder()
    for desired in to_tables(listings, RULES, Catalog()):
        _, scores = measure_completeness(desired.space, desired.tables, Governance())
        collector(desired.space, desired.database.name, zip(desired.tables, scores, strict=True))
    return collector


def packed_index(*listings: SpaceListing) -> AssetIndex:
    index = index_builder(*listings).build()
    assert index is not None
    return index


def large(space: str, assets: Iterable[int], columns: int = 3) -> SpaceListing:
    """Return a space with few repetitions, so that it compresses badly."""
    listed = []
    for number in assets:
        elements = tuple(
            Element(f"{space}_{hash_of(number, place)}", SapType("cds.String", length=place + 1))
            for place in range(columns)
        )
        listed.append(Asset(space, f"A_{number:04}", Kind.VIEW, elements=elements))
    return listing(*listed, space=space)


def hash_of(*numbers: int) -> str:
    return f"{hash(numbers) & 0xFFFFFFFFFFFF:X}"


def test_an_asset_holds_every_value_that_its_page_shows() -> None:
    packed = assets_of(packed_index(listing(ORDERS)))["SALES.V_ORDERS"]

    columns = packed.pop("columns")
    assert packed == {
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


def test_the_index_lists_all_assets_in_order_with_their_upstream() -> None:
    source = Asset("SALES", "T_ORDERS", Kind.LOCAL_TABLE, elements=(AMOUNT,))
    other = Asset("ERP", "COPY", Kind.VIEW, lineage=("SALES.V_ORDERS",))

    index = index_of(packed_index(listing(ORDERS, source), listing(other, space="ERP")))

    assert index["spaces"] == ["ERP", "SALES"]
    assert [[*row[:2], *row[6:]] for row in index["assets"]] == [
        [0, "COPY", [2], 0],
        [1, "T_ORDERS", [], 1],
        [1, "V_ORDERS", [1], 3],
    ]
    assert "left_out" not in index


def test_a_shared_column_is_stored_once() -> None:
    shared = replace(ORDERS, name="V_COPY")

    index = packed_index(listing(ORDERS, shared))

    raw = json.loads(gzip.decompress(dict(index.spaces)["SALES"]))["assets"]
    assert [[type(column) for column in one["columns"]] for one in raw] == [[list] * 3, [int] * 3]
    assets = assets_of(index)
    assert assets["SALES.V_COPY"]["columns"] == assets["SALES.V_ORDERS"]["columns"]


def test_columns_with_one_name_and_different_labels_are_stored_twice() -> None:
    renamed = replace(ORDERS, name="V_COPY", elements=(replace(AMOUNT, label="Gross"),))

    assets = assets_of(packed_index(listing(ORDERS, renamed)))

    assert assets["SALES.V_COPY"]["columns"]["NetAmount"]["label"] == "Gross"
    assert assets["SALES.V_ORDERS"]["columns"]["NetAmount"]["label"] == "Net amount"


def test_the_index_does_not_depend_on_the_order_of_assets() -> None:
    spaces = [listing(ORDERS, asset("V_A")), listing(asset("V_B", "HR"), space="HR")]

    assert packed_index(*spaces) == packed_index(*spaces[::-1])


def test_slices_of_a_space_merge_into_one_space() -> None:
    names = [asset(f"V_{number}") for number in range(9)]
    whole = packed_index(listing(*names))
    sliced = index_builder(listing(*names[1::2]), listing(*names[::2], space="SALES")).build()

    assert sliced is not None
    assert assets_of(sliced) == assets_of(whole)
    assert index_of(sliced) == index_of(whole)


def test_the_later_version_of_an_asset_replaces_the_earlier() -> None:
    later = index_builder(listing(asset("V_A", label="Later"), asset("V_B")))
    earlier = index_builder(listing(asset("V_A", label="Earlier"), asset("V_C")))
    later.prepend(earlier.packed_spaces)

    assets = assets_of(later.build() or pytest.fail("nothing was collected"))

    assert {name: one["label"] for name, one in assets.items()} == {
        "SALES.V_A": "Later",
        "SALES.V_B": "All V_B",
        "SALES.V_C": "All V_C",
    }


def test_without_assets_there_is_no_index() -> None:
    assert AssetIndexBuilder().build() is None
    assert index_builder(listing(space="EMPTY")).build() is None


def test_an_index_within_its_limit_is_unchanged() -> None:
    index = packed_index(listing(ORDERS))

    assert index.within(index.size) is index


def test_the_largest_spaces_are_omitted_until_the_rest_fits() -> None:
    index = packed_index(large("BIG", range(60)), large("MID", range(30)), large("SMALL", range(3)))
    sizes = dict(index.spaces)
    assert len(sizes["BIG"]) > len(sizes["MID"]) > len(sizes["SMALL"])

    for limit in range(index.size - 1, 0, -index.size // 7):
        smaller = index.within(limit)
        left_out = index_of(smaller)["left_out"]
        assert left_out in (["BIG"], ["BIG", "MID"], ["BIG", "MID", "SMALL"])
        assert [space for space, _ in smaller.spaces] == [s for s in sizes if s not in left_out]
        assert index_of(smaller)["assets"] == index_of(index)["assets"]
        assert smaller.size <= limit or not smaller.spaces


def test_stored_packed_spaces_can_be_read() -> None:
    store = MemoryStore()
    packed_spaces = index_builder(
        listing(ORDERS), listing(asset("V_B", "HR"), space="HR")
    ).packed_spaces

    keep_packed_spaces(store, "runs/1/atlas.1.jsonl", packed_spaces)

    assert tuple(packed_spaces_of(store, "runs/1/atlas.1.jsonl")) == packed_spaces
    assert build_index(packed_spaces) == build_index(
        packed_spaces_of(store, "runs/1/atlas.1.jsonl")
    )


@pytest.mark.parametrize("body", [b"no json\n", b"{}\n", b'{"space": "S", "database": "d"}\n'])
def test_unreadable_packed_spaces_are_omitted(body: bytes) -> None:
    assert list(packed_spaces_of(MemoryStore({"key": body}), "key")) == []
    assert list(packed_spaces_of(MemoryStore(), "key")) == []


def test_without_packed_spaces_no_file_is_written() -> None:
    store = MemoryStore()

    keep_packed_spaces(store, "key", list[PackedSpace]())

    assert not store.bodies
