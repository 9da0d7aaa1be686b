"""Merge, beyond `test_planning`: what else people and other tools leave in a table."""

import json
from dataclasses import replace

import pytest

from datasphere_glue.model.asset import Element, SapType
from datasphere_glue.model.table import Column, Table, parameters
from datasphere_glue.plan.merge import applied_digests, digest, field_changes, fields, first, merge
from tests.unit.words import asset, listing, marked, planned, synced

COMMENT = "columns.net_amount.comment"


def wanted(label: str = "Orders", net: str = "Net") -> Table:
    one = asset("V", label=label)
    one = replace(one, elements=(replace(one.elements[0], label=net),))
    (change,) = planned([listing(one)], synced()).tables
    assert change.after is not None
    return change.after.with_parameters(applied=None)


def commented(table: Table, comment: str | None) -> Table:
    return replace(table, columns=(replace(table.columns[0], comment=comment),))


def test_a_new_table_remembers_what_was_applied_to_each_field() -> None:
    digests = applied_digests(first(wanted()))

    assert digests[COMMENT] == digest("Net")
    assert digests["description"] == digest("Orders")
    assert digests["parameters.classification"] == digest("sap-datasphere")
    assert "columns.net_amount.type" in digests
    assert "parameters.datasphere.fingerprint" not in digests
    assert "parameters.datasphere.applied" not in digests


def test_the_digests_have_one_spelling() -> None:
    text = first(wanted()).parameter("datasphere.applied") or ""

    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_merging_what_is_there_changes_nothing() -> None:
    merged = merge(first(wanted()), wanted())

    assert merged.table == first(wanted())
    assert merged.conflicts == ()


def test_a_conflict_tells_both_texts_and_whose_they_are() -> None:
    merged = merge(commented(first(wanted()), "by hand"), wanted(net="Net amount"))

    (conflict,) = merged.conflicts
    assert (conflict.space, conflict.asset) == ("SALES", "V")
    assert (conflict.database, conflict.table) == ("datasphere_sales", "v")
    assert (conflict.field, conflict.catalog, conflict.source) == (
        COMMENT,
        "by hand",
        "Net amount",
    )


def test_an_edit_that_is_taken_back_follows_the_source_again() -> None:
    kept = merge(commented(first(wanted()), "by hand"), wanted(net="Net amount")).table

    undone = merge(commented(kept, "Net"), wanted(net="Net amount"))

    assert undone.table.columns[0].comment == "Net amount"
    assert undone.conflicts == ()


def test_the_source_may_come_round_to_the_edit_and_then_it_is_followed_again() -> None:
    edited = commented(first(wanted()), "Net amount")

    agreed = merge(edited, wanted(net="Net amount"))
    later = merge(agreed.table, wanted(net="Net amount EUR"))

    assert agreed.conflicts == ()
    assert later.table.columns[0].comment == "Net amount EUR"


def test_a_comment_that_a_person_adds_or_empties_is_an_edit_like_any_other() -> None:
    silent = asset("V")
    silent = replace(silent, elements=(Element("Net Amount", SapType("Edm.Int32")),))
    (change,) = planned([listing(silent)], synced()).tables
    assert change.after is not None
    added = commented(change.after, "what it means")
    emptied = commented(first(wanted()), None)

    assert merge(added, change.after).table == added
    assert merge(emptied, wanted()).table == emptied
    assert [c.both for c in merge(emptied, wanted()).conflicts] == [False]


def test_a_description_edited_by_a_person_is_kept_while_its_label_follows() -> None:
    current = replace(first(wanted()), description="by hand")

    merged = merge(current, wanted(label="Sales orders"))

    assert merged.table.description == "by hand"
    assert merged.table.parameter("datasphere.label") == "Sales orders"


@pytest.mark.parametrize("key", ["classification", "typeOfData"])
def test_a_key_that_says_where_the_data_is_may_be_edited_or_removed(key: str) -> None:
    edited = marked(first(wanted()), **{key: "parquet"})
    removed = replace(edited, parameters=tuple(p for p in edited.parameters if p[0] != key))

    assert merge(edited, wanted()).table == edited
    assert merge(removed, wanted()).table == removed
    assert [c.field for c in merge(edited, wanted()).conflicts] == [f"parameters.{key}"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("sourceTable", "X"), ("columnMapping", "a=b"), ("datasphere.label", "X")],
)
def test_sap_facts_follow_the_source_whoever_wrote_over_them(key: str, value: str) -> None:
    merged = merge(marked(first(wanted()), **{key: value}), wanted())

    assert merged.table == first(wanted())
    assert merged.conflicts == ()


def test_a_column_keeps_the_keys_of_others_and_loses_our_stale_ones() -> None:
    current = first(wanted())
    pairs = dict(current.columns[0].parameters) | {"pii": "yes", "datasphere.unit": "gone"}
    current = replace(current, columns=(replace(current.columns[0], parameters=parameters(pairs)),))

    (column,) = merge(current, wanted()).table.columns

    assert ("pii", "yes") in column.parameters
    assert "datasphere.unit" not in dict(column.parameters)


def test_columns_come_and_go_and_stand_in_the_order_of_the_source() -> None:
    current = first(wanted())
    mine = Column("by_hand", "string")
    more = replace(
        wanted(), columns=(Column("day", "date", "Day"), *wanted().columns, Column("z", "int"))
    )

    merged = merge(replace(current, columns=(mine, *current.columns)), more).table

    assert [column.name for column in merged.columns] == ["day", "net_amount", "z"]
    (order,) = (c for c in field_changes(current, merged) if c.field == "columns")
    assert (order.before, order.after) == ("net_amount", "day,net_amount,z")


def test_partitions_storage_and_owner_of_others_go_through_untouched() -> None:
    current = replace(
        first(wanted()),
        partition_keys=(Column("load_day", "date"),),
        rest='{"Owner":"jane","StorageDescriptor":{"Location":"s3://lake/orders"}}',
    )

    merged = merge(current, wanted(net="Net amount")).table

    assert (merged.partition_keys, merged.rest) == (current.partition_keys, current.rest)


def test_absent_equals_empty() -> None:
    """Glue gives an empty comment back as none, and the other way round."""
    assert field_changes(commented(wanted(), ""), commented(wanted(), None)) == ()
    assert digest("") == digest(None)


def test_our_own_digests_are_told_only_when_nothing_else_differs() -> None:
    before = wanted().with_parameters(applied="{}")

    (change,) = field_changes(before, first(wanted()))

    assert change.field == "parameters.datasphere.applied"


def test_a_creation_lists_every_field_and_a_deletion_too() -> None:
    assert {change.field for change in field_changes(None, wanted())} >= {"description", COMMENT}
    assert all(change.after is None for change in field_changes(wanted(), None))
    assert fields(wanted())["columns.net_amount.type"] == "decimal(17,2)"
