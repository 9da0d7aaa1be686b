"""Planning: ownership of fields, treatment of orphans, objections of the guard."""

from dataclasses import replace
from datetime import date

import pytest

from datasphere_glue.model.applied import READER, applied_digests
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import (
    MANAGED_BY,
    Catalog,
    Column,
    CurrentTable,
    Database,
    Desired,
    Table,
    parameters,
)
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.diff import diff
from datasphere_glue.plan.guard import GuardLimits, allowance, objections
from datasphere_glue.plan.merge import field_changes, initial_table, merge
from datasphere_glue.plan.policy import OrphanPolicy, Policy

TENANT = "acme"
TODAY = date(2026, 11, 23)
POLICY = Policy(TENANT, TODAY)


def desired_table(asset: str = "V", description: str = "Orders", comment: str = "Amount") -> Table:
    marks = {
        "managed_by": MANAGED_BY,
        "tenant": TENANT,
        "space": "S",
        "name": asset,
        "status": "active",
        "label": description,
    }
    pairs = {f"datasphere.{key}": value for key, value in marks.items()}
    pairs["classification"] = "sap-datasphere"
    column = Column("amount", "decimal(17,2)", comment, (("datasphere.name", "AMOUNT"),))
    return Table("db", asset.lower(), (column,), (), description, parameters=parameters(pairs))


def database() -> Database:
    marks = {"managed_by": MANAGED_BY, "tenant": TENANT, "space": "S"}
    return Database("db", parameters=parameters({f"datasphere.{k}": v for k, v in marks.items()}))


def space(*tables: Table, gone: bool = False, complete: bool = True) -> Desired:
    present = frozenset() if gone else frozenset(t.asset[1] for t in tables)
    return Desired("S", database(), () if gone else tables, present, complete=complete)


def catalog(*tables: Table) -> Catalog:
    return Catalog((database(),), tuple(CurrentTable(table, "3") for table in tables))


def edited(table: Table, comment: str) -> Table:
    return replace(table, columns=(replace(table.columns[0], comment=comment),))


def test_a_change_at_the_source_is_written() -> None:
    merged = merge(initial_table(desired_table()), desired_table(comment="Net amount"))

    assert merged.table.columns[0].comment == "Net amount"
    assert not merged.conflicts


def test_an_edit_in_glue_is_kept_and_needs_no_write() -> None:
    current = edited(initial_table(desired_table()), "explained by a person")

    merged = merge(current, desired_table())

    assert merged.table == current
    assert [(c.field, c.both) for c in merged.conflicts] == [("columns.amount.comment", False)]


def test_an_edit_on_both_sides_is_a_conflict_until_the_texts_agree() -> None:
    current = edited(initial_table(desired_table()), "explained by a person")

    once = merge(current, desired_table(comment="Net amount"))
    twice = merge(once.table, desired_table(comment="Net amount"))

    assert once.table.columns[0].comment == "explained by a person"
    assert [c.both for c in once.conflicts] == [True]
    assert twice.table == once.table
    assert [c.both for c in twice.conflicts] == [True]
    settled = merge(edited(once.table, "Net amount"), desired_table(comment="Net amount"))
    assert not settled.conflicts


def test_fields_without_a_conflict_follow_the_source() -> None:
    current = edited(initial_table(desired_table()), "explained by a person")

    merged = merge(current, desired_table(description="Invoices", comment="Net amount"))

    assert merged.table.description == "Invoices"
    assert merged.table.columns[0].comment == "explained by a person"


def test_foreign_keys_stay_and_our_stale_keys_are_removed() -> None:
    current = initial_table(desired_table())
    pairs = dict(current.parameters) | {"team": "sales", "datasphere.owner": "gone"}
    merged = merge(replace(current, parameters=parameters(pairs)), desired_table())

    assert merged.table.parameter("team") == "sales"
    assert merged.table.parameter("datasphere.owner") is None


def test_a_classification_set_by_a_person_is_kept() -> None:
    current = initial_table(desired_table())
    pairs = dict(current.parameters) | {"classification": "parquet"}

    merged = merge(replace(current, parameters=parameters(pairs)), desired_table())

    assert merged.table.parameter("classification") == "parquet"


def test_a_type_edited_in_glue_follows_the_source_again() -> None:
    current = initial_table(desired_table())
    broken = replace(current, columns=(replace(current.columns[0], type="string"),))

    assert merge(broken, desired_table()).table == current


@pytest.mark.parametrize("applied", ["", "[", "[]", "null", '{"description":7}'])
def test_unusable_digests_are_ignored(applied: str) -> None:
    table = desired_table().with_parameters(applied=applied)

    written = merge(table, desired_table()).table
    created = applied_digests(initial_table(desired_table()))
    assert applied_digests(table) == {}
    assert applied_digests(written) | {READER: created[READER]} == created
    assert written.with_parameters(applied=None) == desired_table()


def test_field_changes_exclude_our_digests() -> None:
    after = merge(initial_table(desired_table()), desired_table(comment="Net amount")).table

    (change,) = field_changes(initial_table(desired_table()), after)

    assert (change.field, change.before, change.after) == (
        "columns.amount.comment",
        "Amount",
        "Net amount",
    )


def planned(desired: Desired, current: Catalog, policy: Policy = POLICY) -> Plan:
    return diff([desired], current, scope=Scope(), policy=policy)


def test_an_orphan_is_deprecated_with_date_and_reason() -> None:
    (change,) = planned(space(gone=True), catalog(initial_table(desired_table()))).tables

    assert change.action is ChangeAction.DEPRECATE
    assert change.version_id == "3"
    assert change.after is not None
    assert change.after.parameter("datasphere.deprecated_on") == "2026-11-23"
    assert change.after.columns == desired_table().columns


@pytest.mark.parametrize(
    ("policy", "days", "action"),
    [
        (OrphanPolicy.DELETE, 30, ChangeAction.DELETE),
        (OrphanPolicy.DELETE, 29, None),
        (OrphanPolicy.DEPRECATE, 400, None),
        (OrphanPolicy.KEEP, 400, None),
    ],
)
def test_a_deprecated_table_is_deleted_only_by_policy_and_after_the_grace(
    policy: OrphanPolicy, days: int, action: ChangeAction | None
) -> None:
    since = date.fromordinal(TODAY.toordinal() - days).isoformat()
    old = initial_table(desired_table()).with_parameters(status="deprecated", deprecated_on=since)

    plan = planned(space(gone=True), catalog(old), replace(POLICY, orphans=policy))

    assert [change.action for change in plan.tables] == ([action] if action else [])


@pytest.mark.parametrize("since", [None, "", "soon", "2026-13-01"])
def test_a_deprecation_without_a_usable_date_is_dated_instead_of_deleted(since: str | None) -> None:
    old = initial_table(desired_table()).with_parameters(status="deprecated", deprecated_on=since)
    policy = replace(POLICY, orphans=OrphanPolicy.DELETE, grace=0)

    (change,) = planned(space(gone=True), catalog(old), policy).tables

    assert change.action is ChangeAction.UPDATE
    assert change.after == old.with_parameters(deprecated_on="2026-11-23")
    assert (
        objections(Plan(tables=(change,)), catalog(old), tenant=TENANT, limits=GuardLimits()) == ()
    )


@pytest.mark.parametrize(
    ("current", "text"),
    [
        (Database("db", link="other.db"), "link to other.db"),
        (
            replace(
                database(),
                parameters=parameters(
                    {**dict(database().parameters), "datasphere.tenant": "other"}
                ),
            ),
            "tenant other",
        ),
        (
            replace(
                database(),
                parameters=parameters({**dict(database().parameters), "datasphere.space": "T"}),
            ),
            "space T",
        ),
    ],
)
def test_a_foreign_database_is_refused(current: Database, text: str) -> None:
    plan = planned(space(desired_table()), Catalog((current,)))

    assert plan.empty
    assert text in plan.skipped[0].message


def test_a_database_without_marker_is_used_but_not_changed() -> None:
    plan = planned(space(desired_table()), Catalog((Database("db", "by hand"),)))

    assert not plan.databases
    assert [change.action for change in plan.tables] == [ChangeAction.CREATE]


@pytest.mark.parametrize(
    ("owned", "going", "allowed"),
    [(1, 1, False), (2, 1, True), (9, 9, False), (10, 1, True), (10, 2, False),
     (100, 10, True), (100, 11, False), (100, 40, False), (10_000, 1_000, True),
     (10_000, 1_001, False)],
)  # fmt: skip
def test_the_guard_applies_to_any_number_of_tables(
    owned: int, going: int, *, allowed: bool
) -> None:
    tables = tuple(initial_table(desired_table(f"V{number}")) for number in range(owned))
    present = frozenset(f"V{number}" for number in range(going, owned))
    desired = Desired("S", database(), (), present)
    plan = planned(desired, catalog(*tables))

    refusals = objections(plan, catalog(*tables), tenant=TENANT, limits=GuardLimits(10))

    assert (refusals == ()) == allowed
    if not allowed:
        assert f"{going} of {owned} tables" in refusals[0].message
        assert "MAX_REMOVAL_PERCENT" in refusals[0].message + refusals[0].remedy


def test_the_allowance_is_rounded_down_but_at_least_one() -> None:
    assert [allowance(n, GuardLimits(10)) for n in (0, 1, 19, 20, 99)] == [1, 1, 1, 2, 9]


def test_a_failed_listing_does_not_remove_the_label_of_a_database() -> None:
    labelled = replace(
        database(),
        description="Sales",
        parameters=parameters({**dict(database().parameters), "datasphere.label": "Sales"}),
    )

    assert planned(space(complete=False), Catalog((labelled,))).empty
