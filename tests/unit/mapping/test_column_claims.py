"""Markers of columns are believed where rule or mapping agree, and a forged one moves nothing."""

from dataclasses import replace

import pytest

from datasphere_glue.mapping.column_claims import column_claims
from datasphere_glue.mapping.names import glue_names
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Column, Table, parameters
from tests.unit.samples import RULES, listing, synced, table_in, with_table

NAMES = ("NET", "Tax", "Größe", "Net", "a,b")


def asset(*names: str) -> Asset:
    elements = tuple(Element(name, SapType("cds.String", length=5)) for name in names)
    return Asset("SALES", "V", Kind.VIEW, elements=elements)


def written(*names: str) -> Table:
    return table_in(synced(listing(asset(*names))), "v")


def marked(table: Table, **markers: str) -> Table:
    """Return the table with other markers, by Glue name; an empty one removes the marker."""
    return replace(table, columns=tuple(_marked(c, markers.get(c.name)) for c in table.columns))


def _marked(column: Column, marker: str | None) -> Column:
    if marker is None:
        return column
    return replace(
        column, parameters=parameters({**dict(column.parameters), "datasphere.name": marker})
    )


def test_untouched_markers_are_all_believed() -> None:
    names = glue_names(NAMES, "c_")
    claims = column_claims(written(*NAMES), NAMES)
    assert (claims.held, claims.forged) == (names, ())


@pytest.mark.parametrize(
    ("markers", "forged"),
    [
        ({"tax": "Größe", "groesse": "Tax"}, ("groesse", "tax")),
        ({"tax": "Größe"}, ("tax",)),
        ({"tax": "GONE"}, ("tax",)),
        ({"tax": "a,b", "a_b": "Tax"}, ("a_b", "tax")),
        ({"groesse": "Tax", "tax": "a,b", "a_b": "Größe"}, ("a_b", "groesse", "tax")),
        ({"tax": "NET", "groesse": "NET"}, ("groesse", "tax")),
    ],
    ids=["swapped", "doubled", "of no column", "swapped with an unmapped one", "turned", "tripled"],
)
def test_a_forged_marker_moves_no_column(markers: dict[str, str], forged: tuple[str, ...]) -> None:
    table = written(*NAMES)
    claims = column_claims(marked(table, **markers), NAMES)

    assert claims.forged == forged
    held = {name: glue for name, glue in claims.held.items() if name in NAMES}
    assert glue_names(NAMES, "c_", held) == glue_names(NAMES, "c_")


FORMS = [("_0MONTH", "0MONTH"), ("_BIC_X", "/BIC/X"), ("Gr__e", "Größe"), ("A_B", "A.B")]


@pytest.mark.parametrize(("before", "after"), [*FORMS, *((b, a) for a, b in FORMS)])
def test_a_column_whose_exact_name_becomes_known_keeps_its_place(before: str, after: str) -> None:
    first = synced(listing(asset("NET", before)))
    second = synced(listing(asset(after, "NET")), catalog=first)
    third = synced(listing(asset("NET", after)), catalog=second)
    old, new = table_in(first, "v"), table_in(third, "v")

    assert {c.name for c in new.columns} == {c.name for c in old.columns}
    claims = column_claims(new, ("NET", after))
    assert (claims.forged, set(claims.held)) == ((), {"NET", after})


def test_a_newcomer_takes_no_place_that_a_column_holds_by_its_odata_form() -> None:
    first = synced(listing(asset("_0MONTH")))
    second = synced(listing(asset("0MONTH")), catalog=first)
    third = synced(listing(asset("0MONTH", "_0MONTH")), catalog=second)

    held = column_claims(table_in(third, "v"), ("0MONTH", "_0MONTH"))
    assert (held.held["0MONTH"], held.forged) == ("_0month", ())
    assert held.held["_0MONTH"] not in {"_0month", "c_0month"}


def test_two_columns_of_one_form_take_no_place_of_the_form() -> None:
    first = synced(listing(asset("A_B")))
    second = table_in(synced(listing(asset("A.B", "A B")), catalog=first), "v")
    assert "a_b" not in {column.name for column in second.columns}


def test_a_marker_that_names_the_odata_form_by_hand_is_not_believed() -> None:
    table = table_in(
        synced(listing(asset("0MONTH", "N")), catalog=synced(listing(asset("_0MONTH", "N")))), "v"
    )
    claims = column_claims(marked(table, _0month="_0MONTH"), ("0MONTH", "N"))
    assert (claims.held["0MONTH"], claims.forged) == ("_0month", ("_0month",))


def test_markers_of_names_that_collide_are_held_to_the_mapping() -> None:
    first = synced(listing(asset("Net")))
    table = table_in(synced(listing(asset("Net", "NET")), catalog=first), "v")
    before = column_claims(table, ("Net", "NET")).held
    swapped = marked(table, **{before["Net"]: "NET", before["NET"]: "Net"})

    claims = column_claims(swapped, ("Net", "NET"))

    assert (claims.held, len(claims.forged)) == (before, 2)


def test_a_copied_column_does_not_take_over() -> None:
    table = written("NET", "Tax")
    copy = replace(table.columns[0], name="another")
    claims = column_claims(replace(table, columns=(copy, *table.columns)), ("NET", "Tax"))

    assert claims.held == {"NET": "net", "Tax": "tax"}
    assert claims.forged == ("another",)


def test_a_name_that_no_rule_gives_is_held_where_the_mapping_agrees() -> None:
    table = written("NET", "Tax")
    old = replace(table.columns[0], name="legacy")
    pairs = {**dict(table.parameters), "columnMapping": "legacy=NET,tax=Tax"}
    legacy = replace(table, columns=(old, table.columns[1]), parameters=parameters(pairs))

    claims = column_claims(legacy, ("NET", "Tax"))

    assert (claims.held, claims.forged) == ({"NET": "legacy", "Tax": "tax"}, ())


def test_a_swap_of_marker_and_mapping_is_noticed_by_the_rule() -> None:
    table = marked(written("NET", "Tax"), net="Tax", tax="NET")
    pairs = {**dict(table.parameters), "columnMapping": "net=Tax,tax=NET"}

    claims = column_claims(replace(table, parameters=parameters(pairs)), ("NET", "Tax"))

    assert (claims.held, claims.forged) == ({}, ("net", "tax"))


def test_a_forged_marker_is_an_issue_of_the_asset() -> None:
    first = synced(listing(asset("NET", "Tax")))
    forged = with_table(first, marked(table_in(first, "v"), net="Tax", tax="NET"))
    (desired,) = to_tables([listing(asset("NET", "Tax"))], RULES, forged)

    assert [column.name for column in desired.tables[0].columns] == ["net", "tax"]
    (issue,) = (note for note in desired.notes if note.code == "MARKER_FORGED")
    assert "net, tax" in issue.message
    second = synced(listing(asset("NET", "Tax")), catalog=forged)
    assert table_in(second, "v") == table_in(first, "v")
