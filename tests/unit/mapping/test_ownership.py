"""Which table counts for which asset: by rule, by our record, by spelling; the rest are copies."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from datasphere_glue.mapping.names import glue_name, with_suffix
from datasphere_glue.mapping.ownership import Claims, Place, Record, claims_of, no_record
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import CurrentTable, Table
from tests.unit.samples import RULES, asset, cut_off, listing, marked, plain_table

DATABASE = "datasphere_sales"
PREFIXED = replace(RULES, prefixes=((Kind.VIEW, "dim_"),))
SUFFIXED = with_suffix(glue_name("ORDERS", "t_"), "ORDERS")
"""The name of the table of ORDERS when its name collides."""


def table(name: str, of: str = "ORDERS", **marks: str) -> Table:
    marks = {"datasphere.name": of, "datasphere.kind": "view"} | marks
    return marked(plain_table(name), **marks)


def recording(*names: str, of: str = "ORDERS") -> Record:
    written = {(DATABASE, name): ("SALES", of) for name in names}

    def record(places: Collection[Place]) -> Mapping[Place, tuple[str, str]]:
        return {place: written[place] for place in places if place in written}

    return record


def claims(
    *tables: Table,
    source: SpaceListing | None = None,
    rules: Rules = RULES,
    record: Record = no_record,
) -> Claims:
    source = listing(asset("ORDERS")) if source is None else source
    return claims_of(source, DATABASE, map(CurrentTable, tables), rules, record)


@pytest.mark.parametrize("copy", ["a_orders", "orders_backup", "orders_2", "zz", "orders__"])
@pytest.mark.parametrize("source", [listing(asset("ORDERS")), listing()])
def test_the_name_by_rule_counts_and_any_other_name_is_a_copy(
    copy: str, source: SpaceListing
) -> None:
    result = claims(table(copy), table("orders"), source=source)

    assert (dict(result.holders), result.copies) == ({"ORDERS": "orders"}, frozenset({copy}))
    assert not result.issues


def test_the_only_table_of_a_listed_asset_keeps_a_name_of_an_earlier_rule() -> None:
    result = claims(table("ds_orders_v1"))

    assert dict(result.holders) == {"ORDERS": "ds_orders_v1"}


@pytest.mark.parametrize("names", [["orders_backup"], ["orders_backup", "a_orders"]])
def test_a_copy_does_not_replace_a_table_that_we_wrote_by_rule(names: list[str]) -> None:
    """The original was removed, by its grace or by hand; it is created anew under its name."""
    result = claims(*map(table, names), record=recording("orders"))

    assert not result.holders
    assert result.copies == frozenset(names)
    assert not result.issues


@pytest.mark.parametrize("source", [listing(asset("ORDERS")), listing()])
def test_a_copy_under_the_name_of_a_collision_does_not_replace_what_we_wrote(
    source: SpaceListing,
) -> None:
    """Without a record, or by the record of that name, it is a table of ours."""
    assert not claims(table(SUFFIXED), source=source, record=recording("orders")).holders
    for record in (no_record, recording(SUFFIXED), recording(SUFFIXED, "orders")):
        assert claims(table(SUFFIXED), source=source, record=record).holders


def test_our_record_of_an_odd_name_wins_over_that_of_the_name_by_rule() -> None:
    result = claims(table("ds_orders"), record=recording("orders", "ds_orders"))

    assert dict(result.holders) == {"ORDERS": "ds_orders"}


@pytest.mark.parametrize(
    ("record", "counts"),
    [(no_record, False), (recording("old"), True), (recording("old", of="OTHER"), False)],
)
def test_an_unlisted_asset_keeps_an_odd_name_only_by_our_record(
    record: Record, *, counts: bool
) -> None:
    """A copy whose original is gone looks just like a table of an earlier naming rule."""
    result = claims(table("old"), source=listing(), record=record)

    assert bool(result.holders) is counts
    assert bool(result.copies) is not counts


def test_a_listing_that_was_cut_off_proves_no_copy() -> None:
    result = claims(table("old"), source=cut_off(listing()))

    assert dict(result.holders) == {"ORDERS": "old"}


@pytest.mark.parametrize(
    ("names", "rules", "holder"),
    [
        (["orders", "dim_orders"], PREFIXED, "dim_orders"),
        (["orders", "other"], PREFIXED, "orders"),
        (["orders", "dim_orders"], RULES, "orders"),
    ],
)
def test_affixes_of_today_win_over_names_without_and_those_over_the_rest(
    names: list[str], rules: Rules, holder: str
) -> None:
    result = claims(*map(table, names), rules=rules)

    assert dict(result.holders) == {"ORDERS": holder}
    assert not result.issues


def test_two_names_that_the_rule_can_give_are_an_issue_that_names_both() -> None:
    result = claims(table(SUFFIXED), table("orders"))

    (issue,) = result.issues
    assert issue.code == IssueCode.CLAIMED_TWICE
    assert issue.subject == "SALES.ORDERS"
    assert f"tables orders and {SUFFIXED}" in issue.message
    assert dict(result.holders) == {"ORDERS": "orders"}


@pytest.mark.parametrize("written", ["orders", SUFFIXED])
def test_our_record_decides_between_two_names_that_the_rule_can_give(written: str) -> None:
    result = claims(table(SUFFIXED), table("orders"), record=recording(written))

    assert dict(result.holders) == {"ORDERS": written}
    assert f"{written} is written" in result.issues[0].message


def test_our_record_decides_between_two_names_that_no_rule_gives() -> None:
    result = claims(table("b_old"), table("a_old"), record=recording("b_old"))

    assert dict(result.holders) == {"ORDERS": "b_old"}
    assert not result.issues


def test_two_odd_names_of_a_listed_asset_are_an_issue() -> None:
    result = claims(table("b_old"), table("a_old"))

    assert [issue.code for issue in result.issues] == [IssueCode.CLAIMED_TWICE]
    assert dict(result.holders) == {"ORDERS": "a_old"}


def test_the_record_is_not_asked_where_the_rule_decides() -> None:
    def record(_: Collection[Place]) -> Mapping[Place, tuple[str, str]]:
        raise AssertionError

    claims(table("orders"), table("copy"), record=record)
    claims(table("orders"), source=listing(), record=record)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ORDERS", "Orders"),
        ("orders", "ORDERS"),
        ("Größe", "GRÖSSE"),
        ("Caf\u00e9", "Cafe\u0301"),
        ("Cafe\u0301", "CAF\u00c9"),
        ("\u304c", "\u304b\u3099"),
    ],
)
def test_another_spelling_of_the_name_keeps_the_table(before: str, after: str) -> None:
    result = claims(table("some_name", of=before), source=listing(asset(after)))

    assert dict(result.holders) == {after: "some_name"}
    assert result.respelled == {before}
    assert not result.copies


@pytest.mark.parametrize(
    "source",
    [
        listing(asset("Orders"), asset("ORDERS")),
        listing(asset("oRDERS"), asset("Orders")),
        listing(asset("Ordérs")),
        cut_off(listing(asset("Orders"))),
    ],
    ids=["both listed", "two new spellings", "another letter", "list cut off"],
)
def test_an_asset_that_really_is_another_one_takes_no_table_over(source: SpaceListing) -> None:
    result = claims(table("orders"), source=source)

    assert dict(result.holders) == {"ORDERS": "orders"}
    assert not result.respelled


def test_two_tables_of_two_spellings_stay_apart_when_one_asset_goes() -> None:
    tables = (table("orders_1", of="Orders"), table("orders_2", of="ORDERS"))

    result = claims(*tables, source=listing(asset("Orders")))

    assert not result.respelled
