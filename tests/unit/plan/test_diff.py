"""Diff, in addition to `test_tables`: vanished spaces, foreign objects and order."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Database, parameters
from datasphere_glue.plan.actions import ChangeAction, ChangeKind
from datasphere_glue.plan.diff import diff
from datasphere_glue.plan.guard import GuardLimits, objections
from datasphere_glue.plan.orphans import GONE, orphan_change
from datasphere_glue.plan.policy import FieldPolicy, OrphanPolicy
from tests.laws.catalog import applied
from tests.unit.samples import (
    POLICY,
    RULES,
    TENANT,
    TODAY,
    asset,
    cut_off,
    listing,
    marked,
    planned,
    synced,
    table_in,
    with_table,
)

ORDERS, ITEMS = asset("V_ORDERS"), asset("V_ITEMS")
BOTH = listing(ORDERS, ITEMS)


def test_the_database_is_created_before_its_tables() -> None:
    plan = planned([BOTH], Catalog())

    assert [(c.action, c.database, c.table) for c in plan.changes] == [
        (ChangeAction.CREATE, "datasphere_sales", None),
        (ChangeAction.CREATE, "datasphere_sales", "v_items"),
        (ChangeAction.CREATE, "datasphere_sales", "v_orders"),
    ]
    assert all(change.before is None for change in plan.changes)


def test_a_space_without_assets_gets_no_database() -> None:
    assert planned([listing()], Catalog()).empty


def test_unchanged_tables_are_counted_per_space() -> None:
    plan = planned([BOTH], synced(BOTH))

    assert plan.empty
    assert plan.unchanged == (("SALES", 2),)
    assert plan.kept == ("datasphere_sales",)


def test_an_update_holds_both_states_its_fields_and_the_version() -> None:
    catalog = with_table(synced(BOTH), table_in(synced(BOTH), "v_orders"))

    (change,) = planned([listing(asset("V_ORDERS", label="Orders"), ITEMS)], catalog).tables

    assert (change.action, change.version_id) == (ChangeAction.UPDATE, "7")
    assert change.before == table_in(catalog, "v_orders")
    assert {(f.field, f.before, f.after) for f in change.fields} == {
        ("description", "All V_ORDERS", "Orders"),
        ("parameters.datasphere.label", "All V_ORDERS", "Orders"),
    }


def test_a_restored_table_has_no_marks_of_its_deprecation() -> None:
    full = synced(BOTH)
    gone = synced(listing(ITEMS), catalog=full)
    assert table_in(gone, "v_orders").deprecated

    (change,) = planned([BOTH], gone).tables

    assert (change.action, change.reason) == (ChangeAction.RESTORE, "listed by Datasphere again")
    assert change.after == table_in(full, "v_orders")


def test_creations_and_updates_come_before_removals() -> None:
    full = synced(listing(ORDERS, ITEMS, asset("V_OLD"), asset("V_BACK")))
    past = (TODAY - timedelta(days=31)).isoformat()
    aged = {"status": "deprecated", "deprecated_on": past}
    catalog = with_table(
        full,
        table_in(full, "v_old").with_parameters(**aged),
        table_in(full, "v_back").with_parameters(**aged),
    )
    now = listing(asset("V_ORDERS", label="New"), asset("V_NEW"), asset("V_BACK"))

    plan = planned([now], catalog, policy=replace(POLICY, orphans=OrphanPolicy.DELETE))

    assert [(c.action, c.table) for c in plan.tables] == [
        (ChangeAction.CREATE, "v_new"),
        (ChangeAction.UPDATE, "v_orders"),
        (ChangeAction.RESTORE, "v_back"),
        (ChangeAction.DEPRECATE, "v_items"),
        (ChangeAction.DELETE, "v_old"),
    ]
    assert plan.tables[-1].after is None
    assert plan.tables[-1].reason == f"{GONE}, deprecated for 30 days"


def test_a_deprecated_table_is_not_deprecated_again_the_next_day() -> None:
    gone = synced(listing(ITEMS), catalog=synced(BOTH))

    plan = planned([listing(ITEMS)], gone, policy=replace(POLICY, today=TODAY + timedelta(days=9)))

    assert plan.empty
    assert plan.unchanged == (("SALES", 2),)


def test_an_unread_but_listed_asset_keeps_its_table() -> None:
    unread = replace(listing(ITEMS), listed=frozenset({"V_ITEMS", "V_ORDERS"}))

    assert planned([unread], synced(BOTH)).empty


def test_an_incomplete_listing_still_updates_the_assets_that_were_read() -> None:
    (change,) = planned([cut_off(listing(asset("V_ORDERS", label="New")))], synced(BOTH)).tables

    assert (change.action, change.table) == (ChangeAction.UPDATE, "v_orders")


def test_an_empty_incomplete_listing_leaves_the_database_unchanged() -> None:
    """A space requested by name that the tenant no longer lists has no label."""
    plan = planned([cut_off(listing(label=None))], synced(BOTH))

    assert plan.empty
    assert plan.kept == ("datasphere_sales",)


def test_an_excluded_asset_is_not_deprecated() -> None:
    plan = planned([listing()], synced(BOTH), scope=Scope(exclude=("SALES.V_ITEMS",)))

    assert [change.table for change in plan.tables] == ["v_orders"]


def test_an_event_for_one_asset_evaluates_only_that_asset() -> None:
    scope = Scope(assets=frozenset({("SALES", "V_ORDERS")}))

    plan = planned([listing()], synced(BOTH), scope=scope)

    assert [(c.action, c.table) for c in plan.tables] == [(ChangeAction.DEPRECATE, "v_orders")]


def test_a_vanished_space_is_reported_and_keeps_its_tables() -> None:
    """A space also vanishes when the user loses a role."""
    hr = listing(asset("V_STAFF", "HR"), space="HR", label="People")

    plan = planned([hr], synced(BOTH, hr))

    assert plan.empty
    (problem,) = plan.skipped
    assert (problem.subject, problem.code) == ("SALES", "SPACE_VANISHED")
    assert "datasphere_sales" in problem.message
    assert "SYNC_EXCLUDE" in problem.remedy


@pytest.mark.parametrize("scope", [Scope(spaces=frozenset(["HR"])), Scope(exclude=("SALES",))])
def test_a_space_out_of_scope_is_not_reported_as_vanished(scope: Scope) -> None:
    assert planned([], synced(BOTH), scope=scope).skipped == ()


def test_a_database_of_a_former_template_is_noted_and_not_changed() -> None:
    catalog = synced(BOTH)
    old = replace(catalog.databases[0], name="old_sales")

    plan = planned([BOTH], replace(catalog, databases=(*catalog.databases, old)))

    assert plan.empty
    assert plan.skipped == ()
    (note,) = (note for note in plan.notes if note.code == "LEFT_BEHIND")
    assert "old_sales" in note.message
    assert "GLUE_DATABASE_TEMPLATE" in note.remedy


def test_databases_of_another_tenant_are_ignored() -> None:
    theirs = Database(
        "other_sales",
        parameters=parameters(
            {
                "datasphere.managed_by": "datasphere-glue",
                "datasphere.tenant": "other",
                "datasphere.space": "SALES",
            }
        ),
    )

    plan = planned([], Catalog((theirs,)))

    assert (plan.skipped, plan.notes) == ((), ())


@pytest.mark.parametrize(
    ("marks", "text"),
    [
        ({"datasphere.managed_by": "me"}, "without our marker"),
        ({"datasphere.tenant": "other"}, "tenant other"),
    ],
)
def test_a_foreign_table_is_skipped_and_the_others_are_written(
    marks: dict[str, str], text: str
) -> None:
    full = synced(listing(ORDERS))
    theirs = marked(table_in(full, "v_orders"), **marks)

    plan = planned([BOTH], with_table(full, theirs))

    assert [(c.action, c.table) for c in plan.tables] == [(ChangeAction.CREATE, "v_items")]
    (refused,) = plan.skipped
    assert (refused.subject, refused.code) == ("SALES.V_ORDERS", "FOREIGN_OBJECT")
    assert text in refused.message


def test_a_glue_view_is_not_written() -> None:
    full = synced(listing(ORDERS))
    locked = Catalog(
        full.databases, (CurrentTable(table_in(full, "v_orders"), "1", "it has a view definition"),)
    )

    plan = planned([listing(asset("V_ORDERS", label="New"))], locked)

    assert plan.empty
    assert "view definition" in plan.skipped[0].message
    assert planned([listing()], locked).empty


def test_foreign_tables_in_our_database_are_never_orphans() -> None:
    full = synced(listing(ORDERS))
    original = table_in(full, "v_orders")
    strangers = (
        replace(original, name="by_hand", parameters=()),
        marked(replace(original, name="theirs"), **{"datasphere.tenant": "other"}),
        marked(replace(original, name="moved"), **{"datasphere.space": "HR"}),
    )

    assert planned([listing(ORDERS)], with_table(full, *strangers)).empty


def test_the_label_of_a_space_updates_its_database() -> None:
    (change,) = planned([replace(BOTH, label="Sales EU")], synced(BOTH)).databases

    assert change.action is ChangeAction.UPDATE
    assert [(f.field, f.before, f.after) for f in change.fields] == [
        ("description", "Sales", "Sales EU"),
        ("parameters.datasphere.label", "Sales", "Sales EU"),
    ]


@pytest.mark.parametrize("label", ["Sales", " Sales \n"])
def test_surrounding_blanks_of_the_old_label_are_no_edit(label: str) -> None:
    (change,) = planned([replace(BOTH, label="X")], synced(replace(BOTH, label=label))).databases

    assert change.after.description == "X"


def test_a_database_keeps_the_description_and_the_keys_of_people() -> None:
    catalog = synced(BOTH)
    (database,) = catalog.databases
    edited = replace(
        database,
        description="by hand",
        parameters=parameters(dict(database.parameters) | {"team": "sales"}),
        rest='{"LocationUri":"s3://lake"}',
    )
    catalog = replace(catalog, databases=(edited,))

    assert planned([BOTH], catalog).empty
    (change,) = planned([replace(BOTH, label="X")], catalog).databases
    assert change.after.description == "by hand"
    assert change.after.parameter("team") == "sales"
    assert change.after.parameter("datasphere.label") == "X"
    assert change.after.rest == edited.rest


def test_conflicts_of_all_spaces_are_in_one_order() -> None:
    hr = listing(asset("V_STAFF", "HR"), space="HR")
    catalog = synced(BOTH, hr)
    catalog = with_table(
        catalog, *(replace(current.table, description="by hand") for current in catalog.tables)
    )

    plan = planned([BOTH, hr], catalog)

    assert plan.empty
    assert [conflict.table for conflict in plan.conflicts] == ["v_staff", "v_items", "v_orders"]


def test_a_changed_text_changes_the_digest_and_the_order_of_reading_does_not() -> None:
    hr = listing(asset("V_STAFF", "HR"), space="HR")
    renamed = listing(ORDERS, asset("V_ITEMS", label="Items"))

    digest = planned([BOTH, hr], Catalog()).digest

    assert planned([hr, BOTH], Catalog()).digest == digest
    assert planned([renamed, hr], Catalog()).digest != digest


def test_the_digest_covers_the_current_version_of_a_table() -> None:
    """A plan that was approved must not be applied over another version of a table."""
    catalog = synced(BOTH)
    now = [listing(asset("V_ORDERS", label="New"), ITEMS)]
    touched = with_table(catalog, table_in(catalog, "v_orders"))

    assert planned(now, catalog).digest != planned(now, touched).digest


def test_an_orphan_has_no_change_if_kept_by_policy_or_unwritable() -> None:
    current = CurrentTable(table_in(synced(BOTH), "v_items"), "1")

    assert orphan_change(current, replace(POLICY, orphans=OrphanPolicy.KEEP)) is None
    assert orphan_change(replace(current, unwritable="a link"), POLICY) is None


def test_a_deleted_table_is_created_again_when_its_asset_reappears() -> None:
    full = synced(BOTH)
    policy = replace(POLICY, orphans=OrphanPolicy.DELETE, grace=0)
    deprecated = applied(planned([listing(ORDERS)], full, policy=policy), full)
    deleted = applied(planned([listing(ORDERS)], deprecated, policy=policy), deprecated)

    assert [current.table.name for current in deleted.tables] == ["v_orders"]
    assert [c.action for c in planned([BOTH], deleted, policy=policy).tables] == [
        ChangeAction.CREATE
    ]


def test_the_digest_ignores_empty_values_which_earlier_versions_did_not_read() -> None:
    catalog = synced(listing(asset("V_ORDERS")))
    now = [listing(asset("V_ORDERS", label="New"), label="New")]
    table = replace(table_in(catalog, "v_orders"), rest='{"StorageDescriptor":{"SortColumns":[]}}')
    database = replace(catalog.databases[0], rest='{"CreateTableDefaultPermissions":[]}')
    filled = replace(with_table(catalog, table), databases=(database,))
    plain = with_table(catalog, table_in(catalog, "v_orders"))

    plan = planned(now, filled)

    assert plan.digest == planned(now, plain).digest
    assert [change.after.rest for change in plan.databases] == [database.rest]
    assert [change.after and change.after.rest for change in plan.tables] == [table.rest]


def test_a_plan_with_deprecations_has_the_same_digest_after_midnight() -> None:
    tomorrow = replace(POLICY, today=TODAY + timedelta(days=1))
    today, later = (
        planned([listing(ITEMS)], synced(BOTH), policy=policy) for policy in (POLICY, tomorrow)
    )

    assert today != later
    assert today.digest == later.digest
    assert today.digest != planned([listing(ORDERS)], synced(BOTH)).digest


def test_the_digest_covers_the_date_of_an_earlier_deprecation() -> None:
    gone = synced(listing(ITEMS), catalog=synced(BOTH))
    older = with_table(gone, table_in(gone, "v_orders").with_parameters(deprecated_on="2026-01-01"))

    policy = replace(POLICY, orphans=OrphanPolicy.DELETE, grace=0)
    one, other = (planned([listing(ITEMS)], catalog, policy=policy) for catalog in (gone, older))

    assert [change.action for change in one.tables] == [ChangeAction.DELETE]
    assert one.digest != other.digest


def by_hand(catalog: Catalog, *names: str) -> Catalog:
    """Return the catalog with its database and the named tables as if a person had created them."""
    strangers = (
        replace(
            table_in(catalog, name),
            parameters=parameters({"classification": "parquet", "team": "sales"}),
            description="what it is",
            rest='{"StorageDescriptor":{"Location":"s3://lake/orders"}}',
        )
        for name in names
    )
    databases = (Database("datasphere_sales", "by hand", parameters({"team": "sales"})),)
    return replace(with_table(catalog, *strangers), databases=databases)


ADOPTING = replace(POLICY, adopt=("SALES.V_ORDERS",))


def test_an_adopted_table_keeps_all_values_of_its_owner() -> None:
    catalog = by_hand(synced(BOTH), "v_orders", "v_items")

    plan = planned([BOTH], catalog, policy=ADOPTING)

    (change,) = plan.tables
    assert (change.action, change.table, change.kind) == (
        ChangeAction.UPDATE,
        "v_orders",
        ChangeKind.ADOPTED,
    )
    assert change.reason.startswith("adopted")
    assert change.after is not None
    assert change.after.managed
    assert change.after.description == "what it is"
    assert change.after.parameter("team") == "sales"
    assert change.after.parameter("classification") == "parquet"
    assert change.after.rest == table_in(catalog, "v_orders").rest
    assert {(c.field, c.kind) for c in plan.conflicts} == {
        ("description", "drift"),
        ("parameters.classification", "drift"),
    }
    assert [issue.subject for issue in plan.skipped] == ["SALES.V_ITEMS"]
    assert plan.databases == ()


def test_after_an_adoption_the_plan_is_empty_and_the_texts_are_still_edits() -> None:
    catalog = by_hand(synced(BOTH), "v_orders")
    adopted = applied(planned([BOTH], catalog, policy=ADOPTING), catalog)

    plan = planned([BOTH], adopted)

    assert plan.empty
    assert {c.field for c in plan.conflicts} == {"description", "parameters.classification"}


@pytest.mark.parametrize("pattern", ["SALES", "SALES.*", "SAL*"])
def test_a_database_is_adopted_by_a_pattern_for_its_space(pattern: str) -> None:
    catalog = by_hand(synced(BOTH), "v_orders")

    plan = planned([BOTH], catalog, policy=replace(POLICY, adopt=(pattern,)))

    (change,) = plan.databases
    assert change.reason.startswith("adopted")
    assert change.after.managed
    assert change.after.description == "by hand"
    assert change.after.parameter("team") == "sales"
    assert [(c.table, c.field, c.kind) for c in plan.conflicts][:1] == [
        (None, "description", "drift")
    ]
    assert planned([BOTH], applied(plan, catalog)).empty


@pytest.mark.parametrize(
    "what",
    [
        {"parameters": parameters({"datasphere.tenant": "other"})},
        {"table_type": "VIRTUAL_VIEW"},
        {"rest": '{"ViewOriginalText":"SELECT 1"}'},
    ],
)
def test_foreign_tenants_and_views_are_never_adopted(what: dict[str, Any]) -> None:
    catalog = by_hand(synced(listing(ORDERS)), "v_orders")
    catalog = with_table(catalog, replace(table_in(catalog, "v_orders"), **what))

    plan = planned([listing(ORDERS)], catalog, policy=replace(POLICY, adopt=("*",)))

    assert plan.tables == ()
    assert [issue.code for issue in plan.skipped] == ["FOREIGN_OBJECT"]


def test_a_link_and_a_database_of_another_tenant_are_never_adopted() -> None:
    policy = replace(POLICY, adopt=("*",))
    (ours,) = synced(BOTH).databases
    link = replace(ours, parameters=(), link="other.db")
    theirs = replace(
        ours, parameters=parameters(dict(ours.parameters) | {"datasphere.tenant": "other"})
    )

    for database in (link, theirs):
        assert planned([BOTH], Catalog((database,)), policy=policy).empty


def test_an_edit_under_the_policy_fail_skips_the_table() -> None:
    full = synced(BOTH)
    catalog = with_table(full, replace(table_in(full, "v_orders"), description="by hand"))
    policy = replace(POLICY, fields=(("description", FieldPolicy.FAIL),))

    plan = planned([listing(asset("V_ORDERS", label="New"), ITEMS)], catalog, policy=policy)

    assert plan.empty
    assert [(i.subject, i.code) for i in plan.skipped] == [("SALES.V_ORDERS", "FIELD_CONFLICT")]


def test_an_update_that_only_sets_back_a_sap_fact_has_the_kind_drifted() -> None:
    full = synced(BOTH)
    catalog = with_table(full, table_in(full, "v_orders").with_parameters(label="typed over"))

    plan = planned([BOTH], catalog)

    (change,) = plan.tables
    assert change.kind is ChangeKind.DRIFTED
    assert change.reason == "edited in Glue, set back: parameters.datasphere.label"
    assert [(c.catalog, c.kind) for c in plan.conflicts] == [("typed over", "set_back")]


def test_an_edited_description_of_a_database_is_listed() -> None:
    catalog = synced(BOTH)
    catalog = replace(catalog, databases=(replace(catalog.databases[0], description="by hand"),))

    drift, both = (
        planned([replace(BOTH, label=label)], catalog).conflicts[0] for label in ("Sales", "X")
    )

    assert (drift.table, drift.catalog, drift.source, drift.kind) == (
        None,
        "by hand",
        "Sales",
        "drift",
    )
    assert (both.source, both.kind) == ("X", "conflict")


GONE_FOR_GOOD = replace(POLICY, gone_spaces=frozenset({"SALES"}))
HR = listing(asset("V_STAFF", "HR"), space="HR")


def test_the_tables_of_a_confirmed_gone_space_are_deprecated() -> None:
    catalog = synced(BOTH, HR)

    plan = planned([HR], catalog, policy=GONE_FOR_GOOD)

    assert [(c.action, c.table) for c in plan.tables] == [
        (ChangeAction.DEPRECATE, "v_items"),
        (ChangeAction.DEPRECATE, "v_orders"),
    ]
    assert plan.skipped == ()
    assert plan.databases == ()
    assert objections(plan, catalog, tenant=POLICY.tenant, limits=GuardLimits()) == ()
    later = applied(plan, catalog)
    again = planned([HR], later, policy=GONE_FOR_GOOD)
    assert again.empty
    assert again.unchanged == (("HR", 1), ("SALES", 2))


def test_the_tables_of_a_gone_space_are_deleted_only_after_the_grace() -> None:
    catalog = applied(planned([HR], synced(BOTH, HR), policy=GONE_FOR_GOOD), synced(BOTH, HR))
    policy = replace(GONE_FOR_GOOD, orphans=OrphanPolicy.DELETE)

    assert planned([HR], catalog, policy=policy).empty
    later = replace(policy, today=TODAY + timedelta(days=30))
    plan = planned([HR], catalog, policy=later)

    assert [c.action for c in plan.tables] == [ChangeAction.DELETE, ChangeAction.DELETE]
    assert objections(plan, catalog, tenant=POLICY.tenant, limits=GuardLimits()) == ()
    assert [db.name for db in applied(plan, catalog).databases] == [
        "datasphere_hr",
        "datasphere_sales",
    ]


def test_a_reappeared_space_is_restored_and_its_confirmation_is_noted() -> None:
    gone = applied(planned([HR], synced(BOTH, HR), policy=GONE_FOR_GOOD), synced(BOTH, HR))

    plan = planned([BOTH, HR], gone, policy=GONE_FOR_GOOD)

    assert {c.action for c in plan.tables} == {ChangeAction.RESTORE}
    assert [note.code for note in plan.notes] == ["GONE_SPACE_LISTED"]


def test_a_confirmation_does_not_disable_the_guard_of_a_listed_space() -> None:
    catalog = synced(listing(ORDERS, ITEMS, asset("V_A"), asset("V_B")), HR)

    plan = planned([listing(ORDERS), HR], catalog, policy=GONE_FOR_GOOD)

    assert objections(plan, catalog, tenant=POLICY.tenant, limits=GuardLimits())


def test_an_empty_listed_space_may_be_confirmed_as_gone() -> None:
    catalog = synced(BOTH, HR)

    plan = planned([listing(), HR], catalog, policy=GONE_FOR_GOOD)

    assert len(plan.tables) == 2
    assert objections(plan, catalog, tenant=POLICY.tenant, limits=GuardLimits()) == ()
    assert objections(
        planned([listing(), HR], catalog), catalog, tenant=TENANT, limits=GuardLimits()
    )


def test_a_vanished_space_in_an_unmanaged_database_is_reported() -> None:
    catalog = by_hand(synced(BOTH))

    plan = planned([HR], catalog)

    assert [(i.subject, i.code) for i in plan.skipped] == [("SALES", "SPACE_VANISHED")]
    confirmed = planned([HR], catalog, policy=GONE_FOR_GOOD)
    assert [c.action for c in confirmed.tables if c.space == "SALES"] == [
        ChangeAction.DEPRECATE
    ] * 2


def test_a_gone_space_out_of_scope_is_not_evaluated() -> None:
    plan = planned([HR], synced(BOTH, HR), policy=GONE_FOR_GOOD, scope=Scope(exclude=("SALES",)))

    assert plan.empty


def test_tables_are_written_in_the_order_of_their_kinds() -> None:
    assets = [
        replace(asset("A_VIEW"), kind=Kind.VIEW),
        replace(asset("B_TABLE"), kind=Kind.LOCAL_TABLE),
        replace(asset("C_MODEL"), kind=Kind.ANALYTIC_MODEL),
        replace(asset("D_REMOTE"), kind=Kind.REMOTE_TABLE),
    ]
    views_only = replace(POLICY, priorities=(Kind.VIEW,))

    default = planned([listing(*assets)], Catalog())
    chosen = planned([listing(*assets)], Catalog(), policy=views_only)

    assert [c.table for c in default.tables] == ["c_model", "b_table", "d_remote", "a_view"]
    assert [c.table for c in chosen.tables] == ["a_view", "b_table", "c_model", "d_remote"]


def test_objections_of_a_desired_space_reach_the_guard() -> None:
    (desired,) = to_tables([BOTH], RULES, Catalog())
    rule = Issue(
        IssueCode.RULE_REFUSED, "has no owner", "name one", space="SALES", asset="V_ORDERS"
    )

    plan = diff([replace(desired, objections=(rule,))], Catalog(), scope=Scope(), policy=POLICY)

    assert objections(plan, Catalog(), tenant=TENANT, limits=GuardLimits()) == (rule,)
