"""Names inside a query: own columns, nested projections, scopes; and forms that are unknown."""

from typing import Any

import pytest

from tests.unit.datasphere.csn.query.queries import (
    SHOP,
    TEXT,
    column,
    definition,
    edges,
    ref,
    select,
    val,
    view,
    xpr,
)
from tests.unit.datasphere.csn.samples import entity, read

SALE, ITEM, MAKER = "SALES.SALE", "SALES.ITEM", "HR.MAKER"


class TestOwnColumns:
    @pytest.mark.parametrize("own", ["$self", "$projection"])
    def test_they_stand_for_their_origins(self, own: str) -> None:
        query = select(
            ref("SALE"),
            xpr(ref("PRICE"), "+", val(1), alias="X"),
            xpr(ref(own, "X"), "*", ref("NO"), alias="Y"),
            ref(own, "X", alias="Z"),
        )
        asset = view(query, "X", "Y", "Z")
        assert edges(asset.elements[1]) == {(SALE, "PRICE", "computed"), (SALE, "NO", "computed")}
        assert edges(asset.elements[2]) == {(SALE, "PRICE", "computed")}

    def test_a_circle_is_a_gap(self) -> None:
        query = select(ref("SALE"), ref("$self", "Y", alias="X"), ref("$self", "X", alias="Y"))
        asset = view(query, "X", "Y")
        assert all(one.lineage == () for one in asset.elements)
        assert asset.lineage_complete is False

    def test_an_association_that_the_query_shows_can_be_followed(self) -> None:
        query = select(ref("SALE"), ref("_ITEM", alias="_I"), ref("$self", "_I", "NAME", alias="C"))
        assert edges(column(query)) == {(ITEM, "NAME", "renamed")}


class TestNestedProjections:
    def test_inline_columns_keep_their_paths(self) -> None:
        inner = ref("_ITEM", inline=[ref("NAME"), ref("_BY", inline=[ref("TOWN", alias="T")])])
        asset = view(select(ref("SALE"), inner), "NAME", "T")
        assert [edges(one) for one in asset.elements] == [
            {(ITEM, "NAME", "direct")},
            {(MAKER, "TOWN", "renamed")},
        ]

    def test_inline_columns_may_have_the_path_in_their_name(self) -> None:
        query = select(ref("SALE"), ref("_ITEM", inline=[ref("NAME")]))
        assert edges(column(query, "_ITEM_NAME")) == {(ITEM, "NAME", "renamed")}

    def test_an_expanded_column_is_made_from_all_inside(self) -> None:
        query = select(ref("SALE"), ref("_ITEM", expand=[ref("ID"), ref("_BY", "TOWN")], alias="C"))
        assert edges(column(query)) == {(ITEM, "ID", "computed"), (MAKER, "TOWN", "computed")}

    def test_an_expanded_star_needs_the_columns_of_the_target(self) -> None:
        query = select(ref("SALE"), ref("_ITEM", expand=["*"], excluding=["ID"], alias="C"))
        assert edges(column(query)) == {(ITEM, "NAME", "computed"), (ITEM, "MAKER", "computed")}


class TestScopes:
    def test_an_inner_query_sees_the_aliases_around_it(self) -> None:
        inner = select(ref("ITEM", alias="i"), xpr(ref("i", "NAME"), "||", ref("s", "NO")))
        query = select(ref("SALE", alias="s"), {**inner, "as": "C"})
        assert edges(column(query)) == {(ITEM, "NAME", "computed"), (SALE, "NO", "computed")}

    def test_the_nearest_alias_counts(self) -> None:
        inner = select(ref("ITEM", alias="s"), ref("s", "ID"))
        query = select(ref("SALE", alias="s"), {**inner, "as": "C"}, ref("s", "NO"))
        asset = view(query, "C", "NO")
        assert edges(asset.elements[0]) == {(ITEM, "ID", "computed")}
        assert edges(asset.elements[1]) == {(SALE, "NO", "direct")}

    def test_a_bare_name_can_belong_to_the_query_around(self) -> None:
        query = select(ref("SALE"), {**select(ref("ITEM"), ref("PRICE")), "as": "C"})
        assert edges(column(query)) == {(SALE, "PRICE", "computed")}

    def test_an_alias_may_be_the_name_of_a_column(self) -> None:
        query = select(ref("SALE", alias="NO"), ref("NO"), ref("NO", "ITEM", alias="C"))
        asset = view(query, "NO", "C")
        assert edges(asset.elements[0]) == {(SALE, "NO", "direct")}
        assert edges(asset.elements[1]) == {(SALE, "ITEM", "renamed")}

    @pytest.mark.parametrize("first", ["SAP.TIME.DAYS", "DAYS"])
    def test_names_with_dots_stand_for_themselves_and_their_end(self, first: str) -> None:
        query = select(ref("SAP.TIME.DAYS"), ref(first, "D", alias="C"))
        assert edges(column(query)) == {("SALES.SAP.TIME.DAYS", "D", "renamed")}

    def test_a_query_without_from_has_only_literals(self) -> None:
        asset = view({"SELECT": {"columns": [val(1, alias="C")]}}, "C")
        assert asset.elements[0].lineage == ()
        assert asset.lineage_complete is None


def test_a_projection_is_a_query() -> None:
    body = {"from": ref("SALE"), "columns": [ref("NO", alias="C")]}
    entities = {**SHOP, "V": entity({"C": TEXT}, projection=body)}
    (element,) = read({"definitions": entities}).asset.elements
    assert edges(element) == {(SALE, "NO", "renamed")}


def test_a_column_that_the_query_does_not_have_is_a_gap() -> None:
    asset = view(select(ref("SALE"), ref("NO")), "NO", "LOST")
    assert asset.elements[1].lineage == ()
    assert asset.lineage_complete is False
    assert asset.elements[0].lineage


UNKNOWN: dict[str, Any] = {
    "node": {"strange": 1, "as": "C"},
    "token": xpr(7, "+", ref("NO"), alias="C"),
    "reference": {"ref": ["NO", 5], "as": "C"},
    "no reference": {"ref": "NO", "as": "C"},
    "function": {"func": None, "as": "C"},
    "arguments": {"func": "F", "args": 1, "as": "C"},
    "query": {"SELECT": 5, "as": "C"},
    "set": {"SET": {"op": "union"}, "as": "C"},
    "inline": {"ref": ["_ITEM"], "inline": [3], "as": "C"},
    "expand": {"ref": ["_ITEM"], "expand": [3], "as": "C"},
    "column": 12,
    "list": {"list": 4, "as": "C"},
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_an_unknown_form_costs_completeness_not_the_asset(case: str) -> None:
    definition = read(
        {
            "definitions": {
                **SHOP,
                "V": entity(
                    {"C": TEXT, "NO": TEXT},
                    query=select(ref("SALE"), UNKNOWN[case], ref("NO")),
                ),
            }
        }
    )
    assert definition.asset.lineage_complete is False
    assert edges(definition.asset.elements[1]) == {(SALE, "NO", "direct")}
    assert [note for note in definition.notes if note.startswith("column lineage")]


@pytest.mark.parametrize(
    "source", [5, {"join": "left"}, {"odd": 1}, {"func": "F", "args": [], "as": "f"}]
)
def test_an_unknown_source_costs_completeness_not_the_asset(source: Any) -> None:
    asset = view(select(source, ref("NO")), "NO")
    assert asset.elements[0].lineage == ()
    assert asset.lineage_complete is False


@pytest.mark.parametrize("query", [{}, {"SELECT": None}, {"SET": []}, {"DELETE": {}}])
def test_a_query_of_an_unknown_form_is_a_gap(query: Any) -> None:
    assert view(query, "C").lineage_complete is False


def test_a_query_of_its_own_view_claims_nothing() -> None:
    asset = view(select(ref("V"), ref("C"), where=[ref("C"), "=", val(1)]), "C")
    assert asset.elements[0].lineage == ()
    assert (asset.lineage, asset.indirect_lineage) == ((), ())
    assert asset.lineage_complete is False


def test_a_note_names_forms_and_never_values() -> None:
    odd = xpr(ref("NO"), "=", {"secret": "value"}, 4711, alias="C")
    found = definition(select(ref("SALE"), odd), "C", **SHOP)
    (note,) = found.notes
    assert note == (
        "column lineage is not complete: a part of an unknown form (secret); "
        "a part of an unknown form (int)"
    )


def test_a_note_names_a_few_gaps_only() -> None:
    names = [f"LOST{number}" for number in range(9)]
    (note,) = definition(select(ref("SALE"), ref("NO")), *names).notes
    assert note.count("LOST") == 5
    assert note.endswith("; and 4 more")
