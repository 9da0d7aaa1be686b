"""The conditions of a query: their SQL, and the columns that decide which rows there are."""

import pytest

from tests.unit.datasphere.csn.query.queries import (
    func,
    indirect,
    join,
    link,
    named,
    ref,
    select,
    union,
    val,
    view,
    xpr,
)
from tests.unit.datasphere.csn.samples import entity

SALE, ITEM, MAKER = "SALES.SALE", "SALES.ITEM", "HR.MAKER"


def test_where_and_having_are_kept_as_sql_the_inner_ones_first() -> None:
    inner = select(ref("SALE"), "*", where=[ref("NO"), ">", val(1)], alias="Filter 1")
    outer = select(inner, "*", where=[ref("Filter 1", "ITEM"), "=", val("x")], alias="Filter 2")
    query = select(
        outer,
        ref("Filter 2", "ITEM", alias="C"),
        groupBy=[ref("ITEM")],
        having=[func("SUM", ref("PRICE")), ">", val(9)],
    )
    assert view(query, "C").filter == (
        '"NO" > 1',
        '"Filter 1"."ITEM" = \'x\'',
        'SUM("PRICE") > 9',
    )


def test_the_columns_of_conditions_are_indirect_lineage() -> None:
    query = select(
        ref("SALE"),
        func("SUM", ref("PRICE"), alias="C"),
        where=[ref("NO"), "=", val(1)],
        groupBy=[ref("ITEM")],
        having=[func("MIN", ref("PRICE")), ">", val(9)],
        orderBy=[ref("ITEM", sort="desc"), ref("C")],
    )
    assert indirect(view(query, "C")) == {
        (SALE, "NO", "filter"),
        (SALE, "ITEM", "group"),
        (SALE, "PRICE", "filter"),
        (SALE, "ITEM", "sort"),
        (SALE, "PRICE", "sort"),
    }


def test_join_conditions_are_indirect_lineage_through_inner_queries() -> None:
    inner = select(ref("ITEM"), ref("ID", alias="KEY"), ref("NAME"), alias="i")
    query = select(
        join(ref("SALE", alias="s"), inner, ref("s", "ITEM"), "=", ref("i", "KEY"), kind="left"),
        ref("s", "NO"),
    )
    asset = view(query, "NO")
    assert indirect(asset) == {(SALE, "ITEM", "join"), (ITEM, "ID", "join")}
    assert asset.filter == ()


def test_the_condition_of_an_association_counts_once_and_only_if_it_is_followed() -> None:
    shown = view(select(ref("SALE"), ref("NO"), ref("_ITEM")), "NO")
    assert shown.indirect_lineage == ()
    used = view(select(ref("SALE"), ref("_ITEM", "NAME"), ref("_ITEM", "ID")), "NAME", "ID")
    assert indirect(used) == {(SALE, "ITEM", "join"), (ITEM, "ID", "join")}
    assert len(used.indirect_lineage) == 2


def test_filters_of_a_path_in_from_are_conditions() -> None:
    source = ref(
        {"id": "SALE", "where": [ref("NO"), "=", val(1)]},
        {"id": "_ITEM", "where": [ref("NAME"), "<>", val("x")]},
    )
    asset = view(select(source, ref("ID")), "ID")
    assert asset.filter == ('"NO" = 1', "\"NAME\" <> 'x'")
    assert {(SALE, "NO", "filter"), (ITEM, "NAME", "filter")} <= indirect(asset)


def test_a_filter_of_a_path_in_a_column_is_a_join_condition() -> None:
    filtered = ref({"id": "_ITEM", "where": [ref("MAKER"), "=", val(1)]}, "NAME")
    asset = view(select(ref("SALE"), filtered), "NAME")
    assert asset.filter == ()
    assert (ITEM, "MAKER", "join") in indirect(asset)
    assert asset.elements[0].formula == '"_ITEM"["MAKER" = 1]."NAME"'


def test_queries_in_conditions_count_with_their_own_conditions() -> None:
    inner = select(ref("ITEM", alias="i"), ref("ID"), where=[ref("i", "NAME"), "=", ref("s", "NO")])
    query = select(ref("SALE", alias="s"), ref("NO"), where=[ref("ITEM"), "in", inner])
    asset = view(query, "NO")
    assert indirect(asset) == {
        (SALE, "ITEM", "filter"),
        (ITEM, "ID", "filter"),
        (ITEM, "NAME", "filter"),
        (SALE, "NO", "filter"),
    }
    assert asset.filter == (
        '"ITEM" IN (SELECT "ID" FROM "ITEM" AS "i" WHERE "i"."NAME" = "s"."NO")',
    )
    assert asset.lineage == (SALE, ITEM)


def test_exists_needs_the_condition_of_its_query_only() -> None:
    inner = select(ref("OTHER"), "*", where=[ref("OTHER", "K"), "=", ref("SALE", "NO")])
    asset = view(select(ref("SALE"), ref("NO"), where=["not", "exists", inner]), "NO")
    assert indirect(asset) == {("SALES.OTHER", "K", "filter"), (SALE, "NO", "filter")}
    assert asset.lineage_complete is None


def test_exists_of_an_association_follows_it() -> None:
    path = ref({"id": "_ITEM", "where": [ref("NAME"), "=", val("x")]})
    asset = view(select(ref("SALE"), ref("NO"), where=["exists", path]), "NO")
    assert asset.lineage == (SALE, ITEM)
    assert indirect(asset) == {
        (SALE, "ITEM", "join"),
        (ITEM, "ID", "join"),
        (ITEM, "NAME", "join"),
    }
    assert asset.filter == ('EXISTS "_ITEM"["NAME" = \'x\']',)


def test_a_set_is_sorted_by_its_own_columns() -> None:
    query = union(
        select(ref("SALE"), ref("NO", alias="A")),
        select(ref("ITEM"), ref("ID")),
        orderBy=[ref("A")],
    )
    assert indirect(view(query, "A")) == {(SALE, "NO", "sort"), (ITEM, "ID", "sort")}


def test_each_branch_of_a_set_has_its_conditions() -> None:
    query = union(
        select(ref("SALE"), ref("NO"), where=[ref("PRICE"), "=", val(1)]),
        select(ref("ITEM"), ref("ID"), where=[ref("NAME"), "is not null"]),
    )
    assert view(query, "NO").filter == ('"PRICE" = 1', '"NAME" IS NOT NULL')


def test_own_columns_in_conditions_stand_for_their_origins() -> None:
    query = select(
        ref("SALE"),
        xpr(ref("PRICE"), "*", ref("NO"), alias="C"),
        where=[ref("$self", "C"), ">", val(0)],
    )
    assert indirect(view(query, "C")) == {(SALE, "PRICE", "filter"), (SALE, "NO", "filter")}


def test_a_condition_may_be_one_expression() -> None:
    query = select(ref("SALE"), ref("NO"), where=xpr(ref("PRICE"), ">", val(0)))
    asset = view(query, "NO")
    assert asset.filter == ('"PRICE" > 0',)
    assert indirect(asset) == {(SALE, "PRICE", "filter")}


def test_a_condition_of_an_unknown_form_is_a_gap() -> None:
    asset = view(select(ref("SALE"), ref("NO"), where=[{"strange": 1}]), "NO")
    assert asset.filter == ()
    assert asset.lineage_complete is False


def test_parameters_of_a_source_are_no_columns() -> None:
    source = ref({"id": "SALE", "args": {"P": ref("Q", param=True)}}, alias="s")
    asset = view(select(source, ref("s", "NO")), "NO")
    assert asset.lineage == (SALE,)
    assert asset.indirect_lineage == ()


def test_the_row_itself_in_a_condition_is_no_column() -> None:
    mixin = {"_m": {"target": "ITEM", "on": [ref("_m", "NAME"), "=", ref("$self")]}}
    asset = view(select(ref("SALE"), ref("_m", "ID"), mixin=mixin), "ID")
    assert indirect(asset) == {(ITEM, "NAME", "join")}
    assert asset.lineage_complete is None


def test_a_condition_of_more_than_pairs_counts_with_the_pairs_it_has() -> None:
    linked = link("ITEM", "ITEM", "ID", "_I")
    linked["on"] = [*linked["on"], "and", ref("_I", "NAME"), "=", val("x")]
    order = entity({"ITEM": {"type": "cds.String"}, "_I": linked})
    asset = view(select(ref("ORDER"), ref("_I", "MAKER")), "MAKER", ORDER=order)
    assert indirect(asset) == {("SALES.ORDER", "ITEM", "join"), (ITEM, "ID", "join")}


@pytest.mark.parametrize("part", ["where", "having", "groupBy", "orderBy", "mixin", "limit"])
def test_an_empty_part_is_no_part(part: str) -> None:
    asset = view(select(ref("SALE"), ref("NO"), **{part: None}), "NO")
    assert (asset.filter, asset.indirect_lineage, asset.lineage_complete) == ((), (), None)


def test_a_computed_column_has_its_sql_and_a_plain_one_has_none() -> None:
    query = select(
        ref("SALE", alias="s"),
        ref("s", "NO"),
        xpr(ref("s", "PRICE"), "*", val(2), alias="TWICE"),
        val("EUR", alias="CURRENCY"),
        ref("P", param=True, alias="P"),
    )
    asset = view(query, "NO", "TWICE", "CURRENCY", "P")
    formulas = [one.formula for one in asset.elements]
    assert formulas == [None, '"s"."PRICE" * 2', "'EUR'", ":P"]


def test_an_inner_column_hands_its_sql_through() -> None:
    inner = select(ref("SALE"), xpr(ref("PRICE"), "*", val(2), alias="X"), alias="i")
    assert view(select(inner, ref("i", "X", alias="C")), "C").elements[0].formula == '"PRICE" * 2'


def test_a_computed_column_shows_the_computed_columns_that_it_uses() -> None:
    inner = select(ref("SALE"), xpr(ref("PRICE"), "*", val(2), alias="X"), ref("NO"), alias="i")
    middle = select(inner, xpr(ref("X"), "+", ref("NO"), alias="Y"), alias="m")
    query = select(middle, func("SUM", ref("Y"), alias="C"))
    assert view(query, "C").elements[0].formula == (
        'SUM("Y") /* "Y": "X" + "NO"; "X": "PRICE" * 2 */'
    )


def test_a_long_list_of_used_columns_is_cut_at_a_whole_one() -> None:
    names = [f"X{number:03}" for number in range(60)]
    columns = [xpr(ref("PRICE"), "*", val("*/" * 10), alias=name) for name in names]
    query = select(select(ref("SALE"), *columns, alias="i"), func("F", *map(ref, names), alias="C"))
    formula = view(query, "C").elements[0].formula or ""
    assert formula.endswith("; ... */")
    assert formula.count("*/") == 1


def test_a_column_of_a_set_shows_each_branch_where_one_computes() -> None:
    query = union(
        select(ref("SALE"), ref("NO", alias="A"), val(None, alias="B"), ref("ITEM", alias="C")),
        select(
            ref("ITEM"),
            xpr(ref("ID"), "||", val("x")),
            ref("NAME"),
            val(None, cast={"type": "cds.String", "length": 9}),
        ),
        all=True,
    )
    formulas = [one.formula for one in view(query, "A", "B", "C").elements]
    assert formulas == ['"NO" UNION ALL "ID" || \'x\'', None, None]


def test_a_function_that_begins_like_null_is_no_null() -> None:
    query = union(
        select(ref("SALE"), ref("NO", alias="C")),
        select(ref("ITEM"), func("NULLIF", ref("ID"), val(0))),
    )
    assert view(query, "C").elements[0].formula == '"NO" UNION NULLIF("ID", 0)'


def test_a_nested_projection_shows_its_columns() -> None:
    query = select(ref("SALE"), named({"ref": ["_ITEM"], "expand": [ref("ID"), "*"]}, "C"))
    assert view(query, "C").elements[0].formula == '"_ITEM" {"ID", *}'
