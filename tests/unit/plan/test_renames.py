"""Renames at the source: detected by evidence, followed or reported, never guessed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, Table, parameters
from datasphere_glue.plan.actions import ChangeAction, ChangeKind
from datasphere_glue.plan.change import Plan, TableChange
from datasphere_glue.plan.policy import OrphanPolicy, Policy, RenamePolicy
from datasphere_glue.plan.renames import CONFIDENCE
from tests.laws.catalog import applied
from tests.unit.samples import POLICY, TODAY, listing, marked, planned, synced, table_in, with_table

STRING = SapType("cds.String", length=10)
FOLLOW, REPORT, OFF = (replace(POLICY, renames=policy) for policy in RenamePolicy)


def element(name: str, label: str | None = None, kind: SapType = STRING) -> Element:
    return Element(name, kind, label=f"The {name}" if label is None else label or None)


COLUMNS = tuple(element(name) for name in ("Id", "Day", "Region", "Amount"))


def view(name: str, *elements: Element, label: str = "Orders", **more: Any) -> Asset:
    return replace(
        Asset("SALES", name, Kind.VIEW, label=label, elements=elements or COLUMNS), **more
    )


OTHER = view("V_OTHER", element("X"), element("Y"), element("Z"), label="Other")
OLD, NEW = view("V_OLD"), view("V_NEW")
BEFORE = synced(listing(OLD, OTHER))


def change_of(plan: Plan, table: str) -> TableChange:
    return next(change for change in plan.tables if change.table == table)


def after(*assets: Asset, catalog: Catalog = BEFORE, policy: Policy = FOLLOW) -> Plan:
    return planned([listing(*assets)], catalog, policy=policy)


def touched(catalog: Catalog, name: str = "v_old") -> Table:
    """Return the table with every kind of edit that people make."""
    table = marked(table_in(catalog, name), team="sales")
    first, *others = table.columns
    edited = replace(
        first, comment="by hand", parameters=parameters(dict(first.parameters) | {"pii": "yes"})
    )
    return replace(
        table,
        columns=(edited, *others),
        description="explained by a person",
        rest='{"Owner":"jane","Retention":7}',
    )


def test_a_renamed_asset_becomes_a_new_table_to_which_the_old_one_refers() -> None:
    plan = after(NEW, OTHER)

    new, old = change_of(plan, "v_new"), change_of(plan, "v_old")
    assert (new.action, new.kind) == (ChangeAction.CREATE, ChangeKind.RENAMED)
    assert (old.action, old.kind) == (ChangeAction.DEPRECATE, ChangeKind.DEPRECATED)
    assert new.after is not None
    assert old.after is not None
    assert new.after.parameter("datasphere.renamed_from") == "V_OLD"
    assert old.after.parameter("datasphere.renamed_to") == "V_NEW"
    assert "datasphere_sales.v_new" in (old.after.parameter("datasphere.deprecated_reason") or "")
    for change in (new, old):
        assert change.renamed is not None
        assert change.renamed.confidence >= CONFIDENCE
        assert "V_OLD renamed to V_NEW (confidence 1.00: same 4 columns" in change.reason


def test_a_rename_carries_over_the_edits_of_people() -> None:
    catalog = with_table(BEFORE, touched(BEFORE))
    later = applied(after(NEW, OTHER, catalog=catalog), catalog)

    new = table_in(later, "v_new")
    assert new.parameter("team") == "sales"
    assert new.description == "explained by a person"
    assert new.rest == '{"Owner":"jane","Retention":7}'
    assert new.columns[0].comment == "by hand"
    assert dict(new.columns[0].parameters)["pii"] == "yes"
    again = after(view("V_NEW", label="Invoices"), OTHER, catalog=later)
    assert [(c.field, c.kind) for c in again.conflicts if c.table == "v_new"] == [
        ("columns.id.comment", "drift"),
        ("description", "conflict"),
    ]


def test_the_plan_after_a_rename_is_empty() -> None:
    later = applied(after(NEW, OTHER), BEFORE)

    assert after(NEW, OTHER, catalog=later).empty
    assert table_in(later, "v_new").parameter("datasphere.renamed_from") == "V_OLD"


def test_a_note_asks_to_move_the_lake_formation_tags() -> None:
    (note,) = (note for note in after(NEW, OTHER).notes if note.code == "RENAME_TAGS")

    assert note.subject == "SALES.V_NEW"
    assert "LF-tags" in note.remedy


def test_a_reverted_rename_restores_the_old_table() -> None:
    later = applied(after(NEW, OTHER), BEFORE)

    plan = after(OLD, OTHER, catalog=later)

    assert change_of(plan, "v_old").action is ChangeAction.RESTORE
    assert change_of(plan, "v_old").after == table_in(BEFORE, "v_old")
    assert change_of(plan, "v_new").action is ChangeAction.DEPRECATE


def test_a_reported_rename_carries_nothing_over() -> None:
    plan = after(NEW, OTHER, catalog=with_table(BEFORE, touched(BEFORE)), policy=REPORT)

    new = change_of(plan, "v_new")
    assert new.after is not None
    assert new.after.parameter("team") is None
    assert new.after.parameter("datasphere.renamed_from") is None
    assert "V_OLD renamed to V_NEW" in new.reason
    assert [note.code for note in plan.notes] == ["ASSET_RENAMED"]
    old = change_of(plan, "v_old").after
    assert old is not None
    assert old.parameter("datasphere.renamed_to") is None


def test_renames_are_not_detected_when_the_policy_is_off() -> None:
    plan = after(NEW, OTHER, policy=OFF)

    assert all(change.renamed is None for change in plan.tables)
    assert change_of(plan, "v_new").reason == "new in Datasphere"


@pytest.mark.parametrize(
    "new",
    [
        view("V_NEW", *COLUMNS[:2], element("P"), element("Q")),
        view("V_NEW", label="Something else"),
        replace(NEW, kind=Kind.LOCAL_TABLE),
        view("V_NEW", *(replace(c, type=SapType("cds.Date")) for c in COLUMNS)),
    ],
    ids=["other columns", "other label", "other kind", "other types"],
)
def test_assets_that_differ_too_much_are_no_rename(new: Asset) -> None:
    plan = after(new, OTHER)

    assert all(change.renamed is None for change in plan.tables)
    assert {change.action for change in plan.tables} == {
        ChangeAction.CREATE,
        ChangeAction.DEPRECATE,
    }


def test_two_new_candidates_are_ambiguous() -> None:
    plan = after(NEW, view("V_NEWER"), OTHER)

    assert all(change.renamed is None for change in plan.tables)


def test_two_removed_candidates_are_ambiguous() -> None:
    catalog = synced(listing(OLD, view("V_OLDER"), OTHER))

    assert all(change.renamed is None for change in after(NEW, OTHER, catalog=catalog).tables)


def test_two_simultaneous_renames_are_matched_by_their_columns() -> None:
    parts = tuple(element(name) for name in ("Part", "Plant", "Stock", "Unit"))
    catalog = synced(listing(OLD, view("V_STOCK", *parts, label="Stock"), OTHER))

    plan = after(NEW, view("V_INVENTORY", *parts, label="Stock"), OTHER, catalog=catalog)

    assert {c.renamed.text.split(" (")[0] for c in plan.tables if c.renamed} == {
        "V_OLD renamed to V_NEW",
        "V_STOCK renamed to V_INVENTORY",
    }


def test_an_added_column_lowers_the_confidence_of_a_rename() -> None:
    ten = tuple(element(f"C{number}") for number in range(10))
    catalog = synced(listing(view("V_OLD", *ten), OTHER))

    plan = after(view("V_NEW", *ten, element("More")), OTHER, catalog=catalog)

    renamed = change_of(plan, "v_new").renamed
    assert renamed is not None
    assert CONFIDENCE <= renamed.confidence < 1
    assert renamed.evidence[0] == "10 of 11 columns and types"


def test_small_tables_need_evidence_in_addition_to_their_structure() -> None:
    small = (element("Id"), element("Text"))
    catalog = synced(listing(view("T_OLD", *small), OTHER))

    plain = after(view("T_NEW", *small), OTHER, catalog=catalog)
    assert all(change.renamed is None for change in plain.tables)

    facts: dict[str, Any] = {"description": "All codes", "lineage": ("SALES.CODES",)}
    catalog = synced(listing(view("T_OLD", *small, **facts), OTHER))
    sure = after(view("T_NEW", *small, **facts), OTHER, catalog=catalog)
    assert change_of(sure, "t_new").renamed is not None


def test_an_unproven_absence_is_no_rename() -> None:
    unproven = replace(listing(NEW, OTHER), unproven=frozenset({Kind.VIEW}))

    plan = planned([unproven], BEFORE)

    assert [(c.action, c.renamed) for c in plan.tables] == [(ChangeAction.CREATE, None)]


def test_a_rename_in_two_events_is_detected_at_the_second() -> None:
    def event(asset: str) -> Scope:
        return Scope(assets=frozenset({("SALES", asset)}))

    names = frozenset({"V_NEW", "V_OTHER"})
    gone = SpaceListing("SALES", "Sales", (), names)
    deprecated = applied(planned([gone], BEFORE, scope=event("V_OLD")), BEFORE)
    renamed = SpaceListing("SALES", "Sales", (NEW,), names)

    plan = planned([renamed], deprecated, scope=event("V_NEW"))

    (new,) = plan.tables
    assert new.renamed is not None
    whole = applied(plan, deprecated)
    assert after(NEW, OTHER, catalog=whole).empty


def test_an_old_deprecation_is_no_rename() -> None:
    deprecated = applied(after(OTHER), BEFORE)
    much_later = replace(POLICY, today=TODAY + timedelta(days=31))

    plan = after(NEW, OTHER, catalog=deprecated, policy=much_later)

    assert [(c.table, c.renamed) for c in plan.tables] == [("v_new", None)]


def test_a_full_run_marks_the_table_that_was_deprecated_a_day_before() -> None:
    deprecated = applied(after(OTHER), BEFORE)

    plan = after(NEW, OTHER, catalog=deprecated)

    old = change_of(plan, "v_old")
    assert old.action is ChangeAction.UPDATE
    assert [field.field for field in old.fields] == [
        "parameters.datasphere.deprecated_reason",
        "parameters.datasphere.renamed_to",
    ]
    assert after(NEW, OTHER, catalog=applied(plan, deprecated)).empty


def test_a_rename_does_not_change_an_orphan_under_the_policy_keep() -> None:
    plan = after(NEW, OTHER, policy=replace(POLICY, orphans=OrphanPolicy.KEEP))

    assert [change.table for change in plan.tables] == ["v_new"]


def test_a_renamed_column_keeps_the_edits_of_people() -> None:
    catalog = with_table(BEFORE, touched(BEFORE))
    renamed = (replace(COLUMNS[0], name="Order Id"), *COLUMNS[1:])

    plan = after(view("V_OLD", *renamed), OTHER, catalog=catalog)

    (change,) = plan.tables
    assert change.after is not None
    column = change.after.columns[0]
    assert (column.name, column.comment) == ("order_id", "by hand")
    assert dict(column.parameters)["pii"] == "yes"
    (rename,) = change.columns_renamed
    assert (rename.before, rename.after, rename.confidence) == ("id", "order_id", 1.0)
    assert "id renamed to order_id" in change.reason
    assert change.kind is ChangeKind.BREAKING, "queries of the old name will fail"
    assert [note.code for note in plan.notes] == ["COLUMN_RENAMED"]
    assert ("columns.order_id.comment", "drift") in [(c.field, c.kind) for c in plan.conflicts]
    assert after(view("V_OLD", *renamed), OTHER, catalog=applied(plan, catalog)).empty


@pytest.mark.parametrize("policy", [REPORT, OFF], ids=["report", "off"])
def test_a_column_rename_that_is_not_followed_drops_the_edits(policy: Policy) -> None:
    catalog = with_table(BEFORE, touched(BEFORE))
    renamed = (replace(COLUMNS[0], name="Order Id"), *COLUMNS[1:])

    plan = after(view("V_OLD", *renamed), OTHER, catalog=catalog, policy=policy)

    (change,) = plan.tables
    assert change.after is not None
    assert change.after.columns[0].comment == "The Id"
    assert [n.code for n in plan.notes] == (["COLUMN_RENAMED"] if policy is REPORT else [])


@pytest.mark.parametrize(
    "column",
    [
        element("Order Id", "The Number"),
        element("Order Id", ""),
        element("Order Id", "The Id", SapType("cds.Date")),
        replace(element("Order Id", "The Id"), key=True),
    ],
    ids=["other label", "no label", "other type", "other role"],
)
def test_a_column_with_other_evidence_is_no_rename(column: Element) -> None:
    (change,) = after(view("V_OLD", column, *COLUMNS[1:]), OTHER).tables

    assert change.columns_renamed == ()


def test_ambiguous_columns_are_no_rename() -> None:
    twins = tuple(element(name, "Value") for name in ("A", "B"))
    catalog = synced(listing(view("V_OLD", *twins, *COLUMNS), OTHER))
    renamed = tuple(element(name, "Value") for name in ("C", "D"))

    (change,) = after(view("V_OLD", *renamed, *COLUMNS), OTHER, catalog=catalog).tables

    assert change.columns_renamed == ()


def test_two_columns_can_be_renamed_at_once() -> None:
    renamed = (element("Key", "The Id"), element("Date", "The Day"), *COLUMNS[2:])

    (change,) = after(view("V_OLD", *renamed), OTHER).tables

    assert [(r.before, r.after) for r in change.columns_renamed] == [("day", "date"), ("id", "key")]


def test_an_asset_and_its_column_can_be_renamed_at_once() -> None:
    ten = tuple(element(f"C{number}") for number in range(20))
    catalog = synced(listing(view("V_OLD", *ten), OTHER))
    catalog = with_table(catalog, touched(catalog))
    now = (element("Key", "The C0"), *ten[1:])

    new = change_of(after(view("V_NEW", *now), OTHER, catalog=catalog), "v_new")

    assert new.after is not None
    assert (new.after.columns[0].name, new.after.columns[0].comment) == ("key", "by hand")
