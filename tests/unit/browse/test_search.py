"""Search and trace: a name of SAP or Glue resolves to the asset and its counterpart."""

from dataclasses import replace
from typing import Any

import pytest

from datasphere_glue.browse.describe import Entry
from datasphere_glue.browse.search import search, search_text, search_value, suggestions
from datasphere_glue.browse.trace import (
    TraceStep,
    close_names,
    find_traces,
    trace_text,
    trace_value,
)
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element, Origin
from datasphere_glue.model.sap_type import SapType
from tests.golden.everything import EVERYTHING
from tests.golden.orders import ORDERS
from tests.unit.samples import listing, synced

SIZE = Element(
    "Größe",
    SapType("cds.String"),
    label="Size of the café",
    tags=("measured",),
    sources=(("SALES", "T_ORDERS", "SIZE"),),
)
ITEMS = Asset(
    "SALES",
    "V.ITEMS",
    Kind.VIEW,
    label="Order items",
    description="Each line of an order",
    elements=(SIZE,),
    lineage=("SALES.T_ORDERS", "SALES.V_ORDERS"),
    owner="Jane Doe",
)
RAW = Asset(
    "SALES",
    "T_ORDERS",
    Kind.LOCAL_TABLE,
    elements=(Element("SIZE", SapType("cds.String")),),
    lineage=("SALES.V.ITEMS",),
)


def entries(*assets: Asset) -> tuple[Entry, ...]:
    catalog = synced(listing(*assets))
    return tuple(Entry(c.table, asset_from_table(c.table).asset) for c in catalog.tables)


ALL = entries(ORDERS, EVERYTHING, ITEMS, RAW)


def hit_names(*words: str) -> list[str]:
    return [hit.entry.asset.name for hit in search(words, ALL)]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("V.ITEMS", "V.ITEMS"),
        ("v_items", "V.ITEMS"),
        ("items", "V.ITEMS"),
        ("SALES.V.ITEMS", "V.ITEMS"),
        ("datasphere_sales.v_items", "V.ITEMS"),
        ("each line", "V.ITEMS"),
        ("GROESSE", "V.ITEMS"),
        ("grosse", "V.ITEMS"),
        ("GRÖSSE", "V.ITEMS"),
        ("größe", "V.ITEMS"),
        ("cafe", "V.ITEMS"),
        ("Cafe\u0301", "V.ITEMS"),
        ("MEASURED", "V.ITEMS"),
        ("criticality", None),
        ("c_2ndcustomer", "V_ORDERS"),
        ("/bic/menge", "V_ORDERS"),
        ("without tax", "V_ORDERS"),
    ],
)
def test_a_word_matches_the_asset_by_sap_or_glue_name(word: str, expected: str | None) -> None:
    assert hit_names(word)[:1] == ([expected] if expected else [])


def test_every_word_must_match_in_any_place() -> None:
    assert hit_names("order", "cafe") == ["V.ITEMS"]
    assert hit_names("order", "nowhere") == []
    assert hit_names() == []
    assert hit_names(" ") == []


def test_tags_terms_and_people_match_their_assets() -> None:
    assert set(hit_names("finance")) == {"V_ORDERS", "AM.ORDERS"}
    assert set(hit_names("umsatz")) == {"V_ORDERS", "AM.ORDERS"}
    assert set(hit_names("jane")) == {"V_ORDERS", "AM.ORDERS", "V.ITEMS"}


def test_hits_are_ranked_by_names_then_labels_then_columns_and_descriptions() -> None:
    def named(name: str, **more: Any) -> Asset:
        return replace(Asset("SALES", name, Kind.VIEW), **more)

    catalog_entries = entries(
        named("A", description="about orders"),
        replace(named("B"), elements=(Element("ORDERS", SapType("x")),)),
        named("C", label="All the orders"),
        named("MYORDERS"),
        named("ORDERS"),
    )

    hits = [hit.entry.asset.name for hit in search(["orders"], catalog_entries)]

    assert hits == ["ORDERS", "C", "MYORDERS", "B", "A"]


def test_a_hit_names_the_place_of_its_match() -> None:
    hits = search(["size"], ALL[:0] + entries(ITEMS))

    assert search_text(["size"], hits, ()).splitlines() == [
        "datasphere_sales.v_items  SALES.V.ITEMS  view  Order items",
        '    column Größe = groesse label "Size of the café"',
    ]
    (hit,) = search_value(["size"], hits, ())["hits"]
    assert hit["matches"] == [
        {
            "where": "column label",
            "text": "Size of the café",
            "element": "Größe",
            "column": "groesse",
        }
    ]
    assert (hit["database"], hit["table"]) == ("datasphere_sales", "v_items")
    assert (hit["space"], hit["asset"], hit["kind"]) == ("SALES", "V.ITEMS", "view")


def test_many_places_are_summarised_and_a_deprecated_table_is_marked() -> None:
    many = replace(ITEMS, elements=tuple(replace(SIZE, name=f"SIZE{n}") for n in range(9)))
    (one,) = entries(many)
    deprecated = replace(one, table=one.table.with_parameters(status="deprecated"))

    text = search_text(["size"], search(["size"], [deprecated]), ())

    assert text.splitlines()[0].endswith("Order items  (deprecated)")
    assert text.splitlines()[-1] == "    ... and 13 more (all of them in --json)"


def test_a_search_without_hits_suggests_close_names() -> None:
    close = suggestions(["itmes", "orders"], ALL)

    assert "items" in close
    assert search_text(["itmes"], (), close).startswith(
        'Nothing in the catalog matches "itmes". Close to it: '
    )
    assert search_text(["xyzzy"], (), suggestions(["xyzzy"], ALL)) == (
        'Nothing in the catalog matches "xyzzy".'
    )


@pytest.mark.parametrize("name", ["SALES.V.ITEMS", "datasphere_sales.v_items"])
def test_an_asset_and_its_table_have_the_same_trace(name: str) -> None:
    (trace,) = find_traces(name, ALL)

    assert (trace.entry.source, trace.entry.place) == (
        "SALES.V.ITEMS",
        "datasphere_sales.v_items",
    )
    assert trace.columns == (("Größe", "groesse"),)
    assert trace.column is None


@pytest.mark.parametrize("name", ["SALES.V.ITEMS.Größe", "datasphere_sales.v_items.groesse"])
def test_a_column_and_its_element_have_the_same_trace(name: str) -> None:
    (trace,) = find_traces(name, ALL)

    assert trace.column == ("Größe", "groesse")
    assert trace.up == (TraceStep(1, "SALES.T_ORDERS.SIZE", "datasphere_sales.t_orders.size"),)
    assert find_traces("SALES.T_ORDERS.SIZE", ALL)[0].down == (
        TraceStep(1, "SALES.V.ITEMS.Größe", "datasphere_sales.v_items.groesse"),
    )


def test_a_name_with_dots_may_match_several_objects() -> None:
    dotted = Asset("SALES", "V.ITEMS.Größe", Kind.VIEW)

    both = find_traces("SALES.V.ITEMS.Größe", entries(ITEMS, dotted))

    assert {trace.column for trace in both} == {None, ("Größe", "groesse")}


def test_lineage_is_followed_in_both_directions_and_cycles_end() -> None:
    (trace,) = find_traces("SALES.V.ITEMS", ALL)

    assert trace.up == (
        TraceStep(1, "SALES.T_ORDERS", "datasphere_sales.t_orders"),
        TraceStep(1, "SALES.V_ORDERS", "datasphere_sales.v_orders"),
        TraceStep(2, "MASTER.D_Customer", None),
    )
    assert [step.source for step in trace.down] == ["SALES.T_ORDERS", "SALES.V_ORDERS", *MODELS]


MODELS = ["SALES.AM.ORDERS"]


def column_of(name: str, *origins: Origin) -> Asset:
    """Return a view of one column with these origins, both of one name."""
    element = Element(name, SapType("cds.String"), lineage=origins)
    return Asset("SALES", name, Kind.VIEW, elements=(element,))


CHAIN = entries(
    column_of("RAW"),
    column_of("CLEAN", Origin("SALES.RAW", "RAW", "renamed"), Origin("HR.X", "a.b", "computed")),
    column_of("TOTAL", Origin("SALES.CLEAN", "CLEAN", "aggregated")),
)


def test_a_column_is_followed_through_all_views() -> None:
    (total,) = find_traces("SALES.TOTAL.TOTAL", CHAIN)

    assert total.up == (
        TraceStep(1, "SALES.CLEAN.CLEAN", "datasphere_sales.clean.clean", "aggregated"),
        TraceStep(2, "SALES.RAW.RAW", "datasphere_sales.raw.raw", "renamed"),
        TraceStep(2, "HR.X.a.b", None, "computed"),
    )
    (raw,) = find_traces("SALES.RAW.RAW", CHAIN)
    assert [(step.depth, step.source, step.how) for step in raw.down] == [
        (1, "SALES.CLEAN.CLEAN", "renamed"),
        (2, "SALES.TOTAL.TOTAL", "aggregated"),
    ]


def test_the_trace_of_a_column_says_how_it_is_made() -> None:
    traces = find_traces("SALES.TOTAL.TOTAL", CHAIN)

    lines = trace_text(traces).splitlines()
    assert lines[3].split() == ["SALES.CLEAN.CLEAN", "datasphere_sales.clean.clean", "aggregated"]
    (value,) = trace_value("SALES.TOTAL.TOTAL", traces)["traces"]
    assert value["up"][2] == {"depth": 2, "source": "HR.X.a.b", "table": None, "how": "computed"}


def test_the_text_of_a_trace_lists_pairs() -> None:
    text = trace_text(find_traces("SALES.V.ITEMS", entries(ITEMS, RAW))).splitlines()

    assert text == [
        "SALES.V.ITEMS  =  datasphere_sales.v_items",
        "  view  Order items",
        "  comes from",
        "    SALES.T_ORDERS  datasphere_sales.t_orders",
        "    SALES.V_ORDERS  (no table)",
        "  is used by",
        "    SALES.T_ORDERS  datasphere_sales.t_orders",
        "  columns",
        "    Größe  groesse",
    ]
    assert trace_text(find_traces("SALES.V.ITEMS.Größe", entries(ITEMS))).splitlines()[0] == (
        "SALES.V.ITEMS.Größe  =  datasphere_sales.v_items.groesse"
    )


def test_a_trace_is_one_document() -> None:
    value = trace_value("SALES.V.ITEMS", find_traces("SALES.V.ITEMS", entries(ITEMS)))

    (one,) = value["traces"]
    assert value["schema"] == "datasphere-glue/trace/1"
    assert one["columns"] == [{"element": "Größe", "column": "groesse"}]
    assert one["up"][0] == {"depth": 1, "source": "SALES.T_ORDERS", "table": None}
    assert (one["element"], one["column"]) == (None, None)


def test_an_unknown_name_has_no_trace_and_suggests_close_names() -> None:
    assert find_traces("SALES.V_ITEM", ALL) == ()
    assert close_names("SALES.V_ITEMS", ALL)[0] == "SALES.V.ITEMS"
