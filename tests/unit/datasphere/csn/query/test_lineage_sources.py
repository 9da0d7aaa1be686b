"""Definitions of other objects that a query needs: which, when, and without them."""

from typing import Any

import pytest

from datasphere_glue.datasphere.csn.completion import lineage_sources, resolve_lineage
from datasphere_glue.datasphere.csn.parser import Definition, parse_definition
from tests.unit.datasphere.csn.query.queries import (
    SHOP,
    TEXT,
    definition,
    edges,
    func,
    indirect,
    join,
    ref,
    select,
    union,
    val,
)
from tests.unit.datasphere.csn.samples import entity

SALE, ITEM, MAKER = "SALES.SALE", "SALES.ITEM", "HR.MAKER"
PLACES = {SALE: ("SALES", "SALE"), ITEM: ("SALES", "ITEM"), MAKER: ("HR", "MAKER")}
JOINED = join(ref("SALE", alias="s"), ref("ITEM", alias="i"), ref("s", "ITEM"), "=", ref("i", "ID"))


def source(place: str) -> Definition:
    """Return the definition of an object of the shop, from a document of its own."""
    space, name = PLACES[place]
    return parse_definition(
        {"definitions": {name: SHOP.get(name, SHOP.get(place))}}, name, space=space, spaces=("HR",)
    )


def resolved(found: Definition, refused: frozenset[str] = frozenset()) -> tuple[Any, list[str]]:
    """Return a definition with all sources that it asks for, and their names in order."""
    known: dict[str, Definition | None] = {}
    while places := lineage_sources(found, known):
        for space, name in places:
            place = f"{space}.{name}"
            assert place not in known
            known[place] = None if place in refused else source(place)
    return resolve_lineage(found, known), list(known)


NONE_NEEDED = {
    "columns": select(ref("SALE", alias="s"), ref("s", "NO", alias="C")),
    "star": select(ref("SALE"), "*"),
    "join": select(JOINED, ref("s", "NO", alias="C"), where=[ref("i", "NAME"), "=", val(1)]),
    "set": union(select(ref("SALE"), ref("NO", alias="C")), select(ref("ITEM"), ref("ID"))),
    "star of an inner query": select(select(ref("SALE"), ref("NO", alias="C"), alias="i"), "*"),
    "shown association": select(ref("SALE"), ref("NO", alias="C"), ref("_ITEM")),
    "mixin": select(
        ref("SALE"),
        ref("_m", "TOWN", alias="C"),
        mixin={"_m": {"target": "HR.MAKER", "on": [ref("NO"), "=", ref("_m", "CODE")]}},
    ),
    "exists": select(ref("SALE"), ref("NO", alias="C"), where=["exists", select(ref("ITEM"), "*")]),
    "inner query": select(
        ref("SALE"), ref("NO", alias="C"), where=[ref("NO"), "in", select(ref("ITEM"), ref("ID"))]
    ),
}


@pytest.mark.parametrize("case", NONE_NEEDED)
def test_no_definition_is_read_where_the_query_says_all(case: str) -> None:
    found = definition(NONE_NEEDED[case], "C")
    assert lineage_sources(found, {}) == ()
    assert found.query is None
    assert found.asset.lineage_complete is None
    assert found.asset.elements[0].lineage


NEEDED: dict[str, tuple[Any, list[str], set[tuple[str, str, str]]]] = {
    "path": (select(ref("SALE"), ref("_ITEM", "NAME", alias="C")), [SALE],
             {(ITEM, "NAME", "renamed")}),
    "long path": (select(ref("SALE"), ref("_ITEM", "_BY", "TOWN", alias="C")), [SALE, ITEM],
                  {(MAKER, "TOWN", "renamed")}),
    "path in from": (select(ref("SALE", "_ITEM", "_BY"), ref("TOWN", alias="C")), [SALE, ITEM],
                     {(MAKER, "TOWN", "renamed")}),
    "path of an inner query": (
        select(select(ref("SALE"), ref("_ITEM"), alias="i"), ref("i", "_ITEM", "ID", alias="C")),
        [SALE],
        {(ITEM, "ID", "renamed")},
    ),
    "bare name in a join": (select(JOINED, ref("MAKER", alias="C")), [SALE, ITEM],
                            {(ITEM, "MAKER", "renamed")}),
    "star in a set": (
        select(
            union(select(ref("SALE"), ref("NO", alias="C")), select(ref("HR.MAKER")), alias="u"),
            ref("C"),
        ),
        [MAKER],
        {(SALE, "NO", "renamed"), (MAKER, "CODE", "renamed")},
    ),
    "inline": (select(ref("SALE"), ref("_ITEM", inline=[ref("NAME", alias="C")])), [SALE],
               {(ITEM, "NAME", "renamed")}),
    "expanded star": (select(ref("HR.MAKER"), ref("HR.MAKER", expand=["*"], alias="C")), [MAKER],
                      {(MAKER, "CODE", "computed"), (MAKER, "TOWN", "computed")}),
    "in a function": (select(ref("SALE"), func("MAX", ref("_ITEM", "ID"), alias="C")), [SALE],
                      {(ITEM, "ID", "aggregated")}),
}  # fmt: skip


@pytest.mark.parametrize("case", NEEDED)
def test_only_the_definitions_that_are_needed_are_read(case: str) -> None:
    query, expected, lineage = NEEDED[case]
    found = definition(query, "C")
    assert found.asset.lineage_complete is False
    complete, read = resolved(found)
    assert read == expected
    assert edges(complete.asset.elements[0]) == lineage
    assert complete.asset.lineage_complete is None
    assert complete.notes == ()
    assert complete.query is None


@pytest.mark.parametrize("case", [case for case in NEEDED if case != "bare name in a join"])
def test_a_refused_definition_costs_what_needs_it_and_a_note(case: str) -> None:
    query, expected, _ = NEEDED[case]
    complete, read = resolved(definition(query, "C"), frozenset({expected[-1]}))
    assert read == expected
    assert complete.asset.lineage_complete is False
    assert expected[-1] in complete.notes[0]
    assert len(complete.notes) == 1


def test_a_source_that_lacks_a_bare_name_leaves_it_to_the_other_one() -> None:
    query = select(JOINED, ref("MAKER", alias="C"))
    complete, _ = resolved(definition(query, "C"), frozenset({ITEM}))
    assert edges(complete.asset.elements[0]) == {(ITEM, "MAKER", "renamed")}
    complete, _ = resolved(definition(query, "C"), frozenset({SALE, ITEM}))
    assert complete.asset.elements[0].lineage == ()


def test_columns_that_need_no_definition_stay_when_one_is_refused() -> None:
    query = select(ref("SALE", alias="s"), ref("s", "NO"), ref("s", "_ITEM", "NAME", alias="C"))
    complete, _ = resolved(definition(query, "NO", "C"), frozenset({SALE}))
    assert edges(complete.asset.elements[0]) == {(SALE, "NO", "direct")}
    assert complete.asset.elements[1].lineage == ()
    assert complete.asset.lineage == (SALE,)


def test_the_target_of_a_path_becomes_a_source_with_its_join() -> None:
    query = select(ref("SALE"), ref("_ITEM", "NAME", alias="C"))
    complete, _ = resolved(definition(query, "C"))
    assert complete.asset.lineage == (SALE, ITEM)
    assert indirect(complete.asset) == {(SALE, "ITEM", "join"), (ITEM, "ID", "join")}
    assert dict(complete.asset.provenance)["indirect_lineage"] == "csn"


def test_the_document_of_the_view_beats_other_documents() -> None:
    query = select(ref("SALE"), ref("_ITEM", "NAME", alias="C"))
    found = definition(query, "C", SALE=SHOP["SALE"])
    assert lineage_sources(found, {}) == ()
    assert edges(found.asset.elements[0]) == {(ITEM, "NAME", "renamed")}


def test_what_waits_for_a_source_keeps_no_annotations() -> None:
    noise = {"@big": "x" * 1000, "@EndUserText.label": "Label"}
    query = select(ref("SALE"), ref("_ITEM", "NAME", alias="C"))
    found = definition(query, "C", OTHER=entity({"X": TEXT}, **noise))
    assert found.query is not None
    assert "@big" not in found.query.document.definitions["OTHER"]
    complete, _ = resolved(found)
    assert edges(complete.asset.elements[0]) == {(ITEM, "NAME", "renamed")}
