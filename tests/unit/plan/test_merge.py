"""Merge, in addition to `test_tables`: other edits of people and of other tools."""

import json
from dataclasses import replace

import pytest

from datasphere_glue.model.applied import applied_digests, digest
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Column, Table, parameters
from datasphere_glue.plan.fields import FieldConflict
from datasphere_glue.plan.merge import field_changes, fields, initial_table, merge
from datasphere_glue.plan.policy import FieldPolicy
from tests.unit.samples import asset, listing, marked, planned, synced

COMMENT = "columns.net_amount.comment"


def desired_table(label: str = "Orders", net: str = "Net") -> Table:
    one = asset("V", label=label)
    one = replace(one, elements=(replace(one.elements[0], label=net),))
    (change,) = planned([listing(one)], synced()).tables
    assert change.after is not None
    return change.after.with_parameters(applied=None)


def commented(table: Table, comment: str | None) -> Table:
    return replace(table, columns=(replace(table.columns[0], comment=comment),))


def test_a_new_table_holds_a_digest_of_each_applied_field() -> None:
    digests = applied_digests(initial_table(desired_table()))

    assert digests[COMMENT] == digest("Net")
    assert digests["description"] == digest("Orders")
    assert digests["parameters.classification"] == digest("sap-datasphere")
    assert "columns.net_amount.type" in digests
    assert "parameters.datasphere.fingerprint" not in digests
    assert "parameters.datasphere.applied" not in digests


def test_the_digests_are_canonical_json() -> None:
    text = initial_table(desired_table()).parameter("datasphere.applied") or ""

    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_merging_an_unchanged_table_changes_nothing() -> None:
    merged = merge(initial_table(desired_table()), desired_table())

    assert merged.table == initial_table(desired_table())
    assert merged.conflicts == ()


def test_a_conflict_holds_both_texts_and_its_place() -> None:
    merged = merge(
        commented(initial_table(desired_table()), "by hand"), desired_table(net="Net amount")
    )

    (conflict,) = merged.conflicts
    assert (conflict.space, conflict.asset) == ("SALES", "V")
    assert (conflict.database, conflict.table) == ("datasphere_sales", "v")
    assert (conflict.field, conflict.catalog, conflict.source) == (
        COMMENT,
        "by hand",
        "Net amount",
    )


def test_a_reverted_edit_follows_the_source_again() -> None:
    merged_table = merge(
        commented(initial_table(desired_table()), "by hand"), desired_table(net="Net amount")
    ).table

    undone = merge(commented(merged_table, "Net"), desired_table(net="Net amount"))

    assert undone.table.columns[0].comment == "Net amount"
    assert undone.conflicts == ()


def test_a_field_follows_the_source_again_when_the_source_equals_the_edit() -> None:
    edited = commented(initial_table(desired_table()), "Net amount")

    agreed = merge(edited, desired_table(net="Net amount"))
    later = merge(agreed.table, desired_table(net="Net amount EUR"))

    assert agreed.conflicts == ()
    assert later.table.columns[0].comment == "Net amount EUR"


def test_an_added_or_emptied_comment_is_an_edit() -> None:
    silent = asset("V")
    silent = replace(silent, elements=(Element("Net Amount", SapType("Edm.Int32")),))
    (change,) = planned([listing(silent)], synced()).tables
    assert change.after is not None
    added = commented(change.after, "what it means")
    emptied = commented(initial_table(desired_table()), None)

    assert merge(added, change.after).table == added
    assert merge(emptied, desired_table()).table == emptied
    assert [c.both for c in merge(emptied, desired_table()).conflicts] == [False]


def test_an_edited_description_is_kept_while_the_label_follows_the_source() -> None:
    current = replace(initial_table(desired_table()), description="by hand")

    merged = merge(current, desired_table(label="Sales orders"))

    assert merged.table.description == "by hand"
    assert merged.table.parameter("datasphere.label") == "Sales orders"


@pytest.mark.parametrize("key", ["classification", "typeOfData"])
def test_a_key_about_the_data_format_may_be_edited_or_removed(key: str) -> None:
    edited = marked(initial_table(desired_table()), **{key: "parquet"})
    removed = replace(edited, parameters=tuple(p for p in edited.parameters if p[0] != key))

    assert merge(edited, desired_table()).table == edited
    assert merge(removed, desired_table()).table == removed
    assert [c.field for c in merge(edited, desired_table()).conflicts] == [f"parameters.{key}"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("sourceTable", "X"), ("columnMapping", "a=b"), ("datasphere.label", "X")],
)
def test_edited_sap_facts_are_set_back(key: str, value: str) -> None:
    merged = merge(marked(initial_table(desired_table()), **{key: value}), desired_table())

    assert merged.table == initial_table(desired_table())
    (set_back,) = merged.conflicts
    assert (set_back.field, set_back.catalog, set_back.kind) == (
        f"parameters.{key}",
        value,
        "set_back",
    )


def test_an_added_key_with_our_prefix_is_set_back_and_reported() -> None:
    merged = merge(
        marked(initial_table(desired_table()), **{"datasphere.owner": "me"}), desired_table()
    )

    assert merged.table == initial_table(desired_table())
    assert [(c.field, c.source, c.kind) for c in merged.conflicts] == [
        ("parameters.datasphere.owner", None, "set_back")
    ]


def with_key(table: Table, **keys: str) -> Table:
    first_column, *others = table.columns
    pairs = dict(first_column.parameters) | {f"datasphere.{k}": v for k, v in keys.items()}
    return replace(table, columns=(replace(first_column, parameters=parameters(pairs)), *others))


def test_an_edited_column_fact_is_set_back_and_reported() -> None:
    merged = merge(with_key(initial_table(desired_table()), label="mine"), desired_table())

    assert merged.table == initial_table(desired_table())
    assert [(c.field, c.catalog, c.source, c.kind) for c in merged.conflicts] == [
        ("columns.net_amount.parameters.datasphere.label", "mine", "Net", "set_back")
    ]


def test_a_column_fact_changed_by_the_source_is_no_edit() -> None:
    assert merge(initial_table(desired_table()), desired_table(net="Net amount")).conflicts == ()


def test_an_edited_type_is_set_back_and_reported() -> None:
    current = initial_table(desired_table())
    broken = replace(current, columns=(replace(current.columns[0], type="string"),))

    assert [(c.field, c.kind) for c in merge(broken, desired_table()).conflicts] == [
        ("columns.net_amount.type", "set_back")
    ]


EDITED = replace(initial_table(desired_table()), description="by hand")


def test_a_policy_can_give_the_description_to_the_source() -> None:
    merged = merge(EDITED, desired_table(), (("description", FieldPolicy.SOURCE),))

    assert merged.table == initial_table(desired_table())
    assert [c.kind for c in merged.conflicts] == ["set_back"]


@pytest.mark.parametrize("current", [EDITED, initial_table(desired_table())])
def test_a_policy_can_give_the_description_to_the_catalog(current: Table) -> None:
    policies = (("desc*", FieldPolicy.CATALOG),)

    merged = merge(current, desired_table(label="Invoices"), policies)

    assert merged.table.description == current.description
    assert merged.table.parameter("datasphere.label") == "Invoices"
    assert [(c.catalog, c.source, c.kind) for c in merged.conflicts] == [
        (current.description, "Invoices", "drift")
    ]
    # After a change of the policy back to the source, only a person's edit remains an edit.
    back = merge(merged.table, desired_table(label="Invoices")).table
    assert back.description == ("by hand" if current is EDITED else "Invoices")


def test_a_policy_can_refuse_a_table_with_an_edit() -> None:
    policies = (("description", FieldPolicy.FAIL),)

    with pytest.raises(FieldConflict, match='description was edited in Glue to "by hand"'):
        merge(EDITED, desired_table(), policies)
    assert (
        merge(initial_table(desired_table()), desired_table(label="Invoices"), policies).conflicts
        == ()
    )


def test_the_first_matching_pattern_applies_except_to_identity_keys() -> None:
    policies = (
        ("parameters.datasphere.label", FieldPolicy.MERGE),
        ("*", FieldPolicy.CATALOG),
    )
    current = marked(initial_table(desired_table()), **{"datasphere.status": "deprecated"})

    merged = merge(current, desired_table(label="Invoices", net="Net amount"), policies)

    assert merged.table.parameter("datasphere.status") == "active"
    assert merged.table.parameter("datasphere.label") == "Invoices"
    assert merged.table.columns[0].comment == "Net"


def test_a_policy_can_allow_edits_of_a_single_column_fact() -> None:
    policies = (("columns.*.parameters.datasphere.label", FieldPolicy.MERGE),)
    start = merge(initial_table(desired_table()), desired_table(), policies).table
    current = with_key(start, label="mine", unit="mine, too")

    merged = merge(current, desired_table(net="Net amount"), policies)

    facts = dict(merged.table.columns[0].parameters)
    assert facts["datasphere.label"] == "mine"
    assert "datasphere.unit" not in facts
    assert [(c.field.rpartition(".")[2], c.kind) for c in merged.conflicts] == [
        ("label", "conflict"),
        ("unit", "set_back"),
    ]
    assert merge(merged.table, desired_table(net="Net amount"), policies).table == merged.table


BOUND = {
    "StorageDescriptor": {
        "Location": "s3://lake/orders/",
        "InputFormat": "parquet",
        "SerdeInfo": {"SerializationLibrary": "ParquetSerDe"},
    }
}


def bound(**storage: object) -> Table:
    rest = {"StorageDescriptor": BOUND["StorageDescriptor"] | storage}
    return replace(
        desired_table(),
        rest=json.dumps(rest),
        partition_keys=(Column("load_day", "date", "Day of load"),),
    )


def location(table: Table) -> str | None:
    place: str | None = json.loads(table.rest).get("StorageDescriptor", {}).get("Location")
    return place


def test_a_binding_is_merged_into_the_values_of_people_leaf_by_leaf() -> None:
    current = replace(
        initial_table(desired_table()),
        rest='{"Owner":"jane","Retention":7,"StorageDescriptor":{"SerdeInfo":{"Name":"mine"}}}',
    )

    merged = merge(current, bound()).table

    assert json.loads(merged.rest) == {
        "Owner": "jane",
        "Retention": 7,
        "StorageDescriptor": BOUND["StorageDescriptor"]
        | {"SerdeInfo": {"Name": "mine", "SerializationLibrary": "ParquetSerDe"}},
    }
    assert [c.name for c in merged.partition_keys] == ["load_day"]
    assert merge(merged, bound()).table == merged
    changed = {c.field for c in field_changes(current, merged)}
    assert "rest.StorageDescriptor.Location" in changed
    assert "rest.StorageDescriptor.SerdeInfo.SerializationLibrary" in changed
    assert "rest.Owner" not in changed


def test_values_of_a_removed_binding_are_removed_and_those_of_people_stay() -> None:
    current = merge(replace(initial_table(desired_table()), rest='{"Owner":"jane"}'), bound()).table

    merged = merge(current, desired_table()).table

    assert merged.rest == '{"Owner":"jane"}'
    assert merged.partition_keys == ()
    assert applied_digests(merged) == applied_digests(initial_table(desired_table()))


def test_an_edited_location_is_kept_and_an_edited_format_is_set_back() -> None:
    start = initial_table(bound())
    rest = json.loads(start.rest)
    rest["StorageDescriptor"] |= {"Location": "s3://mine/", "InputFormat": "csv"}

    merged = merge(replace(start, rest=json.dumps(rest)), bound(Location="s3://lake/new/"))

    assert location(merged.table) == "s3://mine/"
    assert {(c.field.rpartition(".")[2], c.kind) for c in merged.conflicts} == {
        ("Location", "conflict"),
        ("InputFormat", "set_back"),
    }


def test_a_changed_location_of_a_binding_is_applied() -> None:
    assert location(merge(initial_table(bound()), bound(Location="s3://new/")).table) == "s3://new/"


def test_a_key_of_a_binding_is_removed_with_it() -> None:
    desired = marked(desired_table(), **{"projection.enabled": "true"})
    current = marked(merge(initial_table(desired_table()), desired).table, team="sales")

    assert current.parameter("projection.enabled") == "true"
    unbound = merge(current, desired_table()).table
    assert unbound.parameter("projection.enabled") is None
    assert unbound.parameter("team") == "sales"


def test_an_edit_survives_the_move_of_a_column_to_the_partition_keys() -> None:
    edited = commented(initial_table(desired_table()), "by hand")
    moved = replace(desired_table(), columns=(), partition_keys=desired_table().columns)

    merged = merge(edited, moved)

    assert merged.table.columns == ()
    assert merged.table.partition_keys[0].comment == "by hand"
    assert [c.both for c in merged.conflicts] == [False]
    assert merge(merged.table, desired_table()).table.columns[0].comment == "by hand"


def test_a_partition_key_set_by_a_person_stays_one() -> None:
    current = initial_table(desired_table())
    parted = replace(current, columns=(), partition_keys=current.columns)

    merged = merge(parted, desired_table(label="Invoices")).table

    assert merged.columns == ()
    assert merged.partition_keys == current.columns


def test_wide_tables_keep_the_digests_of_comments() -> None:
    columns = tuple(
        Column(f"c{n:04}", "int", "c", (("datasphere.name", f"C{n}"),)) for n in range(2_500)
    )

    digests = applied_digests(initial_table(replace(desired_table(), columns=columns)))

    assert "columns.c0001.comment" in digests
    assert "columns.c0001.parameters" not in digests


def test_a_column_keeps_foreign_keys_and_loses_our_stale_ones() -> None:
    current = initial_table(desired_table())
    pairs = dict(current.columns[0].parameters) | {"pii": "yes", "datasphere.unit": "gone"}
    current = replace(current, columns=(replace(current.columns[0], parameters=parameters(pairs)),))

    (column,) = merge(current, desired_table()).table.columns

    assert ("pii", "yes") in column.parameters
    assert "datasphere.unit" not in dict(column.parameters)


def test_columns_are_those_of_the_source_in_its_order() -> None:
    current = initial_table(desired_table())
    mine = Column("by_hand", "string")
    more = replace(
        desired_table(),
        columns=(Column("day", "date", "Day"), *desired_table().columns, Column("z", "int")),
    )

    merged = merge(replace(current, columns=(mine, *current.columns)), more).table

    assert [column.name for column in merged.columns] == ["day", "net_amount", "z"]
    (order,) = (c for c in field_changes(current, merged) if c.field == "columns")
    assert (order.before, order.after) == ("net_amount", "day,net_amount,z")


def test_partitions_storage_and_owner_of_people_stay_unchanged() -> None:
    current = replace(
        initial_table(desired_table()),
        partition_keys=(Column("load_day", "date"),),
        rest='{"Owner":"jane","StorageDescriptor":{"Location":"s3://lake/orders"}}',
    )

    merged = merge(current, desired_table(net="Net amount")).table

    assert (merged.partition_keys, merged.rest) == (current.partition_keys, current.rest)


def test_absent_equals_empty() -> None:
    """Glue may return an empty comment as none, and none as an empty comment."""
    assert field_changes(commented(desired_table(), ""), commented(desired_table(), None)) == ()
    assert digest("") == digest(None)


def test_our_digests_are_listed_only_if_nothing_else_differs() -> None:
    before = desired_table().with_parameters(applied="{}")

    (change,) = field_changes(before, initial_table(desired_table()))

    assert change.field == "parameters.datasphere.applied"


def test_creations_and_deletions_list_every_field() -> None:
    assert {change.field for change in field_changes(None, desired_table())} >= {
        "description",
        COMMENT,
    }
    assert all(change.after is None for change in field_changes(desired_table(), None))
    assert fields(desired_table())["columns.net_amount.type"] == "decimal(17,2)"


def with_sql(table: Table, text: str) -> Table:
    return table.with_parameters(sql=text)


def test_a_withheld_value_is_described_in_changes_and_conflicts() -> None:
    old, new = "RETURN :lakes;", "RETURN :rivers;"
    before = initial_table(with_sql(desired_table(), old))
    after = with_sql(desired_table(), new)
    (change,) = field_changes(before, merge(before, after).table)
    assert change.field == "parameters.datasphere.sql"
    assert change.before == f"text of 14 characters ({digest(old)})"
    assert change.after == f"text of 15 characters ({digest(new)})"
    (removed,) = field_changes(before, before.with_parameters(sql=None))
    assert removed.after is None

    edited = with_sql(before, "by hand")
    (conflict,) = merge(edited, after).conflicts
    assert (conflict.catalog, conflict.source) == (
        f"text of 7 characters ({digest('by hand')})",
        change.after,
    )
    with pytest.raises(FieldConflict) as refused:
        merge(edited, after, (("parameters.datasphere.sql", FieldPolicy.FAIL),))
    assert "rivers" not in refused.value.message
    assert "by hand" not in refused.value.message
