"""The columns that each column of a view is made from, for every form of a query."""

from typing import Any

import pytest

from tests.unit.datasphere.csn.query.queries import (
    TEXT,
    Edges,
    column,
    edges,
    func,
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

ONE_COLUMN: dict[str, tuple[Any, Edges]] = {
    "handed through": (ref("PRICE", alias="C"), {(SALE, "PRICE", "renamed")}),
    "by alias": (ref("s", "PRICE", alias="C"), {(SALE, "PRICE", "renamed")}),
    "by the name of its object": (ref("SALE", "PRICE", alias="C"), {(SALE, "PRICE", "renamed")}),
    "literal": (val(1, alias="C"), set()),
    "null": (val(None, alias="C"), set()),
    "enum": ({"#": "open", "as": "C"}, set()),
    "parameter": (ref("P", alias="C", param=True), set()),
    "parameter of an older document": (ref("P", alias="C", scope="param"), set()),
    "parameter with colon": (ref(":P", alias="C"), set()),
    "parameter by $parameters": (ref("$parameters", "P", alias="C"), set()),
    "value of the session": (ref("$user", "id", alias="C"), set()),
    "expression": (
        xpr(ref("PRICE"), "*", ref("P", param=True), alias="C"),
        {(SALE, "PRICE", "computed")},
    ),
    "bracketed column": (xpr(ref("PRICE"), alias="C"), {(SALE, "PRICE", "renamed")}),
    "case": (
        xpr("case", "when", ref("NO"), "=", val("1"), "then", ref("PRICE"), "end", alias="C"),
        {(SALE, "NO", "computed"), (SALE, "PRICE", "computed")},
    ),
    "nested expression": (
        xpr(xpr(ref("PRICE"), "+", val(1)), "*", xpr(ref("NO"), "-", val(2)), alias="C"),
        {(SALE, "NO", "computed"), (SALE, "PRICE", "computed")},
    ),
    "function": (func("UPPER", ref("NO"), alias="C"), {(SALE, "NO", "computed")}),
    "function without arguments": ({"func": "CURRENT_DATE", "as": "C"}, set()),
    "named arguments": (
        {"func": "f", "args": {"x": ref("NO")}, "as": "C"},
        {(SALE, "NO", "computed")},
    ),
    "cast": (
        ref("PRICE", alias="C", cast={"type": "cds.Integer"}),
        {(SALE, "PRICE", "computed")},
    ),
    "list": (named({"list": [ref("NO"), ref("ITEM")]}, "C"),
             {(SALE, "NO", "computed"), (SALE, "ITEM", "computed")}),
    "count of rows": (func("COUNT", "*", alias="C"), set()),
    "count of values": (
        func("count", xpr("distinct", ref("NO")), alias="C"),
        {(SALE, "NO", "aggregated")},
    ),
    "the stronger use counts": (
        xpr(func("Sum", ref("PRICE")), "/", ref("PRICE"), alias="C"),
        {(SALE, "PRICE", "aggregated")},
    ),
    "aggregate of an expression": (
        func("max", xpr(ref("PRICE"), "*", ref("NO")), alias="C"),
        {(SALE, "PRICE", "aggregated"), (SALE, "NO", "aggregated")},
    ),
    "window": (
        func(
            "SUM",
            ref("PRICE"),
            alias="C",
            xpr=["over", xpr("partition", "by", ref("ITEM"), "order", "by", ref("NO"))],
        ),
        {(SALE, "PRICE", "aggregated"), (SALE, "ITEM", "computed"), (SALE, "NO", "computed")},
    ),
    "rank": (
        func("rank", alias="C", xpr=["over", xpr("order", "by", ref("NO"), "desc")]),
        {(SALE, "NO", "computed")},
    ),
    "association": (ref("_ITEM", "NAME", alias="C"), {(ITEM, "NAME", "renamed")}),
    "association behind an alias": (
        ref("s", "_ITEM", "NAME", alias="C"),
        {(ITEM, "NAME", "renamed")},
    ),
    "two associations": (
        ref("s", "_ITEM", "_BY", "TOWN", alias="C"),
        {(MAKER, "TOWN", "renamed")},
    ),
    "association with a filter": (
        ref({"id": "_ITEM", "where": [ref("NAME"), "=", val("x")]}, "ID", alias="C"),
        {(ITEM, "ID", "renamed")},
    ),
    "association with parameters": (
        ref({"id": "_ITEM", "args": {"P": val(1)}}, "ID", alias="C"),
        {(ITEM, "ID", "renamed")},
    ),
    "association in an expression": (
        xpr(ref("_ITEM", "NAME"), "||", ref("NO"), alias="C"),
        {(ITEM, "NAME", "computed"), (SALE, "NO", "computed")},
    ),
    "scalar query": (
        {**select(ref("ITEM"), func("MAX", ref("NAME"))), "as": "C"},
        {(ITEM, "NAME", "aggregated")},
    ),
    "scalar query in an expression": (
        xpr(select(ref("ITEM"), ref("NAME")), "||", ref("NO"), alias="C"),
        {(ITEM, "NAME", "computed"), (SALE, "NO", "computed")},
    ),
    "test of existence": (
        xpr("case", "when", "exists", select(ref("ITEM"), ref("ID")), "then", ref("NO"), "end",
            alias="C"),
        {(SALE, "NO", "computed")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ONE_COLUMN)
def test_a_column_names_its_origins(case: str) -> None:
    node, expected = ONE_COLUMN[case]
    by_name = case == "by the name of its object"
    source = ref("SALE") if by_name else ref("SALE", alias="s")
    asset = view(select(source, node), "C")
    assert edges(asset.elements[0]) == expected
    assert asset.lineage_complete is None


def test_a_column_under_its_own_name_is_direct() -> None:
    assert edges(column(select(ref("SALE"), ref("NO")), "NO")) == {(SALE, "NO", "direct")}


def test_the_first_and_the_last_name_count_not_those_between() -> None:
    inner = select(ref("SALE"), ref("NO", alias="X"), alias="Projection 1")
    assert edges(column(select(inner, ref("Projection 1", "X", alias="NO")), "NO")) == {
        (SALE, "NO", "direct")
    }


def test_each_inner_query_adds_how_it_uses_a_column() -> None:
    calculated = select(ref("SALE"), xpr(ref("PRICE"), "+", val(1), alias="P"), alias="Calc 1")
    summed = select(calculated, func("SUM", ref("Calc 1", "P"), alias="S"), alias="Aggregate 1")
    assert edges(column(select(summed, ref("S", alias="C")))) == {(SALE, "PRICE", "aggregated")}


JOINED = join(ref("SALE", alias="s"), ref("ITEM", alias="i"), ref("s", "ITEM"), "=", ref("i", "ID"))


def test_joins_hand_the_columns_of_each_side_through() -> None:
    nested = join(JOINED, ref("HR.MAKER", alias="m"), ref("i", "MAKER"), "=", ref("m", "CODE"))
    asset = view(
        select(nested, ref("s", "NO"), ref("i", "NAME"), ref("TOWN")), "NO", "NAME", "TOWN"
    )
    assert [edges(one) for one in asset.elements] == [
        {(SALE, "NO", "direct")},
        {(ITEM, "NAME", "direct")},
        {(MAKER, "TOWN", "direct")},
    ]


def test_a_bare_name_in_a_join_belongs_to_the_source_that_has_it() -> None:
    asset = view(select(JOINED, ref("PRICE"), ref("MAKER")), "PRICE", "MAKER")
    assert [edges(one) for one in asset.elements] == [
        {(SALE, "PRICE", "direct")},
        {(ITEM, "MAKER", "direct")},
    ]


def test_a_bare_name_that_two_sources_have_is_not_claimed() -> None:
    twice = join(
        ref("SALE", alias="a"), ref("SALE", alias="b"), ref("a", "NO"), "=", ref("b", "NO")
    )
    asset = view(select(twice, ref("PRICE", alias="C")), "C")
    assert asset.elements[0].lineage == ()
    assert asset.lineage_complete is False


def test_sources_in_a_list_are_joined() -> None:
    asset = view(select([ref("SALE"), ref("ITEM")], ref("NO"), ref("NAME")), "NO", "NAME")
    assert [edges(one) for one in asset.elements] == [
        {(SALE, "NO", "direct")},
        {(ITEM, "NAME", "direct")},
    ]


class TestStar:
    def test_it_hands_every_column_through_without_a_definition(self) -> None:
        asset = view(select(ref("OTHER"), "*"), "A", "B")
        assert [edges(one) for one in asset.elements] == [
            {("SALES.OTHER", "A", "direct")},
            {("SALES.OTHER", "B", "direct")},
        ]
        assert asset.lineage_complete is None

    def test_it_goes_through_inner_queries(self) -> None:
        inner = select(select(ref("SALE"), alias="Filter 1"), "*", alias="Filter 2")
        assert edges(column(select(inner), "NO")) == {(SALE, "NO", "direct")}

    def test_of_a_join_it_takes_each_column_from_its_source(self) -> None:
        asset = view(select(JOINED, "*"), "NO", "PRICE", "ID", "NAME")
        assert [edges(one) for one in asset.elements] == [
            {(SALE, "NO", "direct")},
            {(SALE, "PRICE", "direct")},
            {(ITEM, "ID", "direct")},
            {(ITEM, "NAME", "direct")},
        ]

    @pytest.mark.parametrize(
        "star", [ref("i", inline=["*"]), ref("i", "*")], ids=["inline", "last step"]
    )
    def test_of_an_alias_it_takes_the_columns_of_that_source(self, star: Any) -> None:
        assert edges(column(select(JOINED, star), "ID")) == {(ITEM, "ID", "direct")}

    def test_a_listed_column_takes_the_place_of_one_in_it(self) -> None:
        query = select(ref("SALE"), "*", xpr(ref("NO"), "||", ref("ITEM"), alias="NO"))
        assert edges(column(query, "NO")) == {(SALE, "NO", "computed"), (SALE, "ITEM", "computed")}

    def test_excluded_columns_are_not_in_it(self) -> None:
        query = select(ref("SALE"), "*", excluding=["NO"])
        asset = view(query, "ITEM", "NO")
        assert edges(asset.elements[0]) == {(SALE, "ITEM", "direct")}
        assert asset.elements[1].lineage == ()
        assert asset.lineage_complete is False


class TestSets:
    def test_columns_meet_by_place(self) -> None:
        query = union(
            select(ref("SALE"), ref("NO", alias="A"), ref("PRICE", alias="B")),
            select(ref("ITEM"), ref("NAME", alias="B"), ref("ID", alias="A")),
        )
        asset = view(query, "A", "B")
        assert [edges(one) for one in asset.elements] == [
            {(SALE, "NO", "renamed"), (ITEM, "NAME", "renamed")},
            {(SALE, "PRICE", "renamed"), (ITEM, "ID", "renamed")},
        ]

    def test_the_stronger_use_of_one_column_counts(self) -> None:
        query = union(select(ref("SALE"), ref("NO")), select(ref("SALE"), func("lower", ref("NO"))))
        assert edges(column(query, "NO")) == {(SALE, "NO", "computed")}

    def test_sets_in_sets_and_in_from_are_followed(self) -> None:
        inner = union(select(ref("SALE"), ref("NO")), select(ref("ITEM"), ref("ID")))
        query = select(
            union(inner, select(ref("HR.MAKER"), ref("CODE")), op="intersect", alias="u"),
            func("MIN", ref("u", "NO"), alias="C"),
        )
        assert edges(column(query)) == {
            (SALE, "NO", "aggregated"),
            (ITEM, "ID", "aggregated"),
            (MAKER, "CODE", "aggregated"),
        }

    @pytest.mark.parametrize("op", ["except", "minus", "MINUS"])
    def test_what_is_only_taken_away_gives_no_values(self, op: str) -> None:
        query = union(select(ref("SALE"), ref("NO")), select(ref("ITEM"), ref("ID")), op=op)
        asset = view(query, "NO")
        assert edges(asset.elements[0]) == {(SALE, "NO", "direct")}
        assert asset.indirect_lineage[0].object == ITEM
        assert asset.lineage == (SALE, ITEM)

    def test_a_star_has_the_places_of_its_source(self) -> None:
        query = union(
            select(ref("ITEM")), select(ref("SALE"), ref("NO"), ref("ITEM"), ref("PRICE"))
        )
        asset = view(query, "ID", "NAME", "MAKER")
        assert edges(asset.elements[2]) == {(ITEM, "MAKER", "direct"), (SALE, "PRICE", "renamed")}

    def test_the_columns_of_the_view_name_a_star_that_comes_first(self) -> None:
        query = union(select(ref("OTHER")), select(ref("SALE"), ref("NO"), ref("PRICE")))
        asset = view(query, "A", "B")
        assert edges(asset.elements[1]) == {
            ("SALES.OTHER", "B", "direct"),
            (SALE, "PRICE", "renamed"),
        }
        assert asset.lineage_complete is None

    def test_a_listed_column_keeps_its_place_in_a_star(self) -> None:
        query = union(
            select(ref("HR.MAKER"), ref("CODE"), ref("TOWN")),
            select(ref("ITEM"), "*", val("x", alias="ID"), excluding=["MAKER"]),
        )
        asset = view(query, "CODE", "TOWN")
        assert edges(asset.elements[0]) == {(MAKER, "CODE", "direct")}
        assert edges(asset.elements[1]) == {(MAKER, "TOWN", "direct"), (ITEM, "NAME", "renamed")}

    def test_an_association_has_no_place(self) -> None:
        query = union(
            select(ref("SALE"), ref("NO"), ref("_ITEM"), ref("PRICE")),
            select(ref("ITEM"), ref("ID"), ref("NAME")),
        )
        asset = view(query, "NO", "PRICE")
        assert edges(asset.elements[1]) == {(SALE, "PRICE", "direct"), (ITEM, "NAME", "renamed")}

    def test_a_branch_with_fewer_columns_is_a_gap(self) -> None:
        query = union(select(ref("SALE"), ref("NO"), ref("PRICE")), select(ref("ITEM"), ref("ID")))
        asset = view(query, "NO", "PRICE")
        assert edges(asset.elements[1]) == {(SALE, "PRICE", "direct")}
        assert asset.lineage_complete is False


_ON_MAKER = [ref("$projection", "MAKER"), "=", ref("_m", "CODE")]
MIXIN = {"_m": {"type": "cds.Association", "target": "HR.MAKER", "on": _ON_MAKER}}


class TestAssociations:
    def test_a_mixin_leads_to_its_target(self) -> None:
        query = select(ref("ITEM"), ref("MAKER"), ref("_m", "TOWN"), mixin=MIXIN)
        asset = view(query, "MAKER", "TOWN")
        assert edges(asset.elements[1]) == {(MAKER, "TOWN", "direct")}
        assert asset.lineage == (ITEM, MAKER)
        assert {(o.column, o.how) for o in asset.indirect_lineage} == {
            ("MAKER", "join"),
            ("CODE", "join"),
        }

    def test_a_mixin_that_is_only_shown_is_no_source(self) -> None:
        asset = view(select(ref("ITEM"), ref("MAKER"), ref("_m"), mixin=MIXIN), "MAKER")
        assert asset.lineage == (ITEM,)
        assert asset.indirect_lineage == ()

    def test_an_inner_query_hands_an_association_through(self) -> None:
        inner = select(ref("ITEM"), ref("MAKER"), ref("_BY"), ref("_m"), mixin=MIXIN, alias="i")
        asset = view(
            select(inner, ref("i", "_BY", "TOWN", alias="A"), ref("i", "_m", "TOWN", alias="B")),
            "A",
            "B",
        )
        assert [edges(one) for one in asset.elements] == [{(MAKER, "TOWN", "renamed")}] * 2
        assert asset.lineage == (ITEM, MAKER)

    def test_a_path_in_from_reads_its_last_target(self) -> None:
        query = select(ref("SALE", "_ITEM", "_BY"), ref("_BY", "TOWN"), ref("CODE"))
        asset = view(query, "TOWN", "CODE")
        assert [edges(one) for one in asset.elements] == [
            {(MAKER, "TOWN", "direct")},
            {(MAKER, "CODE", "direct")},
        ]
        assert set(asset.lineage) == {SALE, ITEM, MAKER}

    def test_a_part_of_a_structure_belongs_to_its_column(self) -> None:
        address = {"ADDRESS": {"elements": {"STREET": TEXT}}}
        query = select(ref("SHOP", alias="s"), ref("s", "ADDRESS", "STREET", alias="C"))
        assert edges(column(query, SHOP=entity(address))) == {("SALES.SHOP", "ADDRESS", "renamed")}

    def test_what_is_neither_column_nor_association_is_a_gap(self) -> None:
        asset = view(select(ref("SALE", alias="s"), ref("s", "_NONE", "X", alias="C")), "C")
        assert asset.elements[0].lineage == ()
        assert asset.lineage_complete is False

    def test_an_association_of_a_known_target_in_another_space_is_followed(self) -> None:
        town = entity({"ZIP": TEXT})
        maker = entity({"CODE": TEXT, "_T": link("HR.TOWN", "CODE", "ZIP", "_T")})
        query = select(ref("SALE"), ref("_ITEM", "_BY", "_T", "ZIP", alias="C"))
        found = column(query, "C", **{"HR.MAKER": maker, "HR.TOWN": town})
        assert edges(found) == {("HR.TOWN", "ZIP", "renamed")}
