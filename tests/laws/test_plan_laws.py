"""Laws of planning: what a run may and may not change in a catalog, for any content."""

from dataclasses import replace
from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, is_own_key, parameters
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.diff import diff
from datasphere_glue.plan.policy import OrphanPolicy, Policy
from datasphere_glue.plan.renames import TINY
from tests.effort import examples
from tests.laws import strategies
from tests.laws.catalog import applied

TENANT = "acme.eu10.hcs.cloud.sap"
RULES = Rules(TENANT)
POLICY = Policy(TENANT, date(2026, 11, 23))
LISTINGS = strategies.listings()


def planned(listings: tuple[SpaceListing, ...], catalog: Catalog, policy: Policy = POLICY) -> Plan:
    return diff(to_tables(listings, RULES, catalog), catalog, scope=Scope(), policy=policy)


def synced(listings: tuple[SpaceListing, ...], catalog: Catalog | None = None) -> Catalog:
    catalog = catalog or Catalog()
    return applied(planned(listings, catalog), catalog)


@given(LISTINGS)
@examples(25)
def test_a_second_sync_has_no_changes(listings: tuple[SpaceListing, ...]) -> None:
    """The diff after an apply is empty: the second run writes nothing."""
    assert planned(listings, synced(listings)).empty


@given(LISTINGS, LISTINGS)
@examples(25)
def test_one_sync_applies_any_change(
    before: tuple[SpaceListing, ...], after: tuple[SpaceListing, ...]
) -> None:
    catalog = synced(after, synced(before))

    assert planned(after, catalog).empty


@given(LISTINGS, LISTINGS, st.randoms())
@examples(25)
def test_the_order_of_the_input_is_irrelevant(
    before: tuple[SpaceListing, ...], after: tuple[SpaceListing, ...], random: Random
) -> None:
    catalog = synced(before)
    tables, databases = list(catalog.tables), list(catalog.databases)
    random.shuffle(tables)
    random.shuffle(databases)
    mixed = Catalog(tuple(databases), tuple(tables))

    assert planned(after, catalog).digest == planned(tuple(reversed(after)), mixed).digest


@given(LISTINGS, LISTINGS)
@examples(25)
def test_foreign_fields_survive_any_update(
    before: tuple[SpaceListing, ...], after: tuple[SpaceListing, ...]
) -> None:
    """UpdateTable replaces the whole table: fields that are not sent are removed (Glue API)."""
    catalog = synced(before)
    human = (("owner_team", "sales ops"), ("projection.enabled", "true"))
    tables = [
        replace(
            current,
            table=replace(
                current.table,
                parameters=parameters(dict(current.table.parameters) | dict(human)),
                rest='{"Owner":"jane","Retention":7}',
                columns=tuple(
                    replace(c, parameters=parameters(dict(c.parameters) | {"pii": "yes"}))
                    for c in current.table.columns
                ),
            ),
        )
        for current in catalog.tables
    ]
    later = synced(after, replace(catalog, tables=tuple(tables)))

    for was in tables:
        place = (was.table.database, was.table.name)
        now = next(c.table for c in later.tables if (c.table.database, c.table.name) == place)
        assert now.rest == was.table.rest
        assert set(human) <= set(now.parameters)
        columns = {column.name: column for column in now.columns}
        assert all(
            ("pii", "yes") in columns[column.name].parameters
            for column in was.table.columns
            if column.name in columns
        )


@given(LISTINGS, st.sampled_from([OrphanPolicy.DEPRECATE, OrphanPolicy.DELETE]))
@examples(25)
def test_an_incomplete_listing_never_removes_a_table(
    before: tuple[SpaceListing, ...], orphans: OrphanPolicy
) -> None:
    """A space that was not read completely keeps its tables, whatever its listing lacks."""
    lost = Issue(IssueCode.LISTING_INCOMPLETE, "page 2 lost", "none", space="SALES")
    cut_off = tuple(
        replace(one, assets=one.assets[:1], listed=frozenset(), incomplete=lost) for one in before
    )
    policy = replace(POLICY, orphans=orphans, grace=0)

    plan = planned(cut_off, synced(before), policy)

    assert not [c for c in plan.tables if c.action in {ChangeAction.DEPRECATE, ChangeAction.DELETE}]


@given(LISTINGS)
@examples(25)
def test_a_table_that_reappears_is_restored_and_not_created_again(
    listings: tuple[SpaceListing, ...],
) -> None:
    full = synced(listings)
    gone = synced(tuple(replace(x, assets=(), listed=frozenset()) for x in listings), full)

    assert all(current.table.deprecated for current in gone.tables)
    back = planned(listings, gone)
    assert {change.action for change in back.tables} <= {ChangeAction.RESTORE}
    assert [c.table for c in applied(back, gone).tables] == [c.table for c in full.tables]


@given(strategies.assets("SALES", "V_OLD"), st.text(min_size=1, max_size=20))
@examples(25)
def test_a_followed_rename_keeps_all_additions_of_people(asset: Asset, text: str) -> None:
    before = (SpaceListing("SALES", assets=(asset,), listed=frozenset({"V_OLD"})),)
    renamed = replace(asset, name="V_NEW")
    after = (SpaceListing("SALES", assets=(renamed,), listed=frozenset({"V_NEW"})),)
    (old,) = synced(before).tables
    touched = replace(
        old.table,
        description=text,
        rest='{"Owner":"jane","Retention":7}',
        parameters=parameters(dict(old.table.parameters) | {"team": text}),
        columns=tuple(
            replace(c, comment=text, parameters=parameters(dict(c.parameters) | {"pii": text}))
            for c in old.table.columns
        ),
    )
    catalog = replace(synced(before), tables=(replace(old, table=touched),))

    plan = planned(after, catalog)

    new, gone = plan.tables
    assert (new.action, gone.action) == (ChangeAction.CREATE, ChangeAction.DEPRECATE)
    assert (new.renamed is None) == (gone.renamed is None)
    if new.renamed is None:
        assert len(asset.elements) < TINY
        return
    assert new.after is not None
    assert (new.after.description, new.after.rest) == (text, touched.rest)
    assert new.after.parameter("team") == text
    assert [(c.name, c.comment) for c in new.after.columns] == [
        (c.name, c.comment) for c in touched.columns
    ]
    assert all(("pii", text) in c.parameters for c in new.after.columns)
    assert planned(after, applied(plan, catalog)).empty


@given(LISTINGS)
@examples(25)
def test_foreign_tables_and_tables_of_another_tenant_are_never_changed(
    listings: tuple[SpaceListing, ...],
) -> None:
    ours = synced(listings)
    other = Policy("other.eu10.hcs.cloud.sap", POLICY.today)
    desired = to_tables(listings, Rules(other.tenant), ours)

    plan = diff(desired, ours, scope=Scope(), policy=other)

    assert plan.empty
    assert {issue.code for issue in plan.skipped} <= {"FOREIGN_OBJECT"}
    assert len(plan.skipped) == len(ours.databases)


@given(LISTINGS)
@examples(25)
def test_a_plan_survives_json_with_the_same_digest(listings: tuple[SpaceListing, ...]) -> None:
    plan = planned(listings, Catalog())
    adapter = TypeAdapter(Plan)

    again = adapter.validate_json(adapter.dump_json(plan))

    assert again == plan
    assert again.digest == plan.digest


@given(st.text(max_size=20))
def test_a_key_is_either_ours_or_foreign(key: str) -> None:
    assert is_own_key("datasphere." + key)
    assert is_own_key(key) == (
        key.startswith("datasphere.")
        or key in {"classification", "typeOfData", "sourceTable", "columnMapping"}
    )
