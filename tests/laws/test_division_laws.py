"""The law of a divided run: its parts, in any order, and its last step equal one run."""

from dataclasses import replace
from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.scope import Part, Scope, Slice
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.diff import diff
from datasphere_glue.plan.policy import PlanShare, Policy
from tests.effort import examples
from tests.laws import strategies
from tests.laws.catalog import applied

TENANT = "acme.eu10.hcs.cloud.sap"
RULES = Rules(TENANT)
POLICY = Policy(TENANT, date(2026, 11, 23))
LISTINGS = strategies.listings()


def planned(
    listings: tuple[SpaceListing, ...],
    catalog: Catalog,
    *,
    share: PlanShare = PlanShare.ALL,
    scope: Scope | None = None,
) -> Plan:
    desired = to_tables(listings, RULES, catalog)
    policy = replace(POLICY, share=share)
    return diff(desired, catalog, scope=scope or Scope(), policy=policy)


def parts_of(listings: tuple[SpaceListing, ...], count: int) -> list[Part]:
    numbers = range(1, count + 1)
    return [Part((one.space,), Slice(number, count)) for one in listings for number in numbers]


def read(
    listings: tuple[SpaceListing, ...], names: set[tuple[str, str]]
) -> tuple[SpaceListing, ...]:
    """Return the listings with only the named assets read."""
    return tuple(
        replace(one, assets=tuple(a for a in one.assets if (one.space, a.name) in names))
        for one in listings
    )


def divided(
    listings: tuple[SpaceListing, ...], catalog: Catalog, parts: list[Part]
) -> tuple[Catalog, list[Plan]]:
    """Return the catalog and the plans after the parts, one by one, and then the last step."""
    before = catalog
    plans = []
    for part in parts:
        scope = Scope(spaces=frozenset(part.spaces), slice=part.slice)
        own = tuple(one for one in listings if one.space in part.spaces)
        taken = {
            (one.space, a) for one in own for a in one.listed if scope.covers_asset(one.space, a)
        }
        plan = planned(read(own, taken), catalog, share=PlanShare.PER_TABLE, scope=scope)
        catalog = applied(plan, catalog)
        plans.append(plan)
    leftover_assets = {asset for plan in plans for asset in plan.left}
    last = planned(read(listings, leftover_assets), before, share=PlanShare.CROSS_TABLE)
    return applied(last, catalog), [*plans, last]


@given(LISTINGS, LISTINGS, st.integers(1, 3), st.randoms())
@examples(10, deadline=None)
def test_a_divided_run_changes_any_catalog_like_one_run(
    before: tuple[SpaceListing, ...],
    after: tuple[SpaceListing, ...],
    count: int,
    random: Random,
) -> None:
    catalog = applied(planned(before, Catalog()), Catalog())
    parts = parts_of(after, count)
    random.shuffle(parts)

    whole = planned(after, catalog)
    result, plans = divided(after, catalog, parts)

    one = applied(whole, catalog)
    assert {c.table for c in result.tables} == {c.table for c in one.tables}
    assert result.databases == one.databases
    changes = [change for plan in plans for change in plan.tables]
    assert sorted((c.database, c.table, c.action) for c in changes) == sorted(
        (c.database, c.table, c.action) for c in whole.tables
    )
    unchanged = sum(count for plan in plans for _, count in plan.unchanged)
    assert unchanged == sum(count for _, count in whole.unchanged)


@given(LISTINGS, LISTINGS)
@examples(8, deadline=None)
def test_a_worker_never_removes_a_table(
    before: tuple[SpaceListing, ...], after: tuple[SpaceListing, ...]
) -> None:
    catalog = applied(planned(before, Catalog()), Catalog())

    plan = planned(after, catalog, share=PlanShare.PER_TABLE)

    assert {change.action for change in plan.tables} <= {"create", "update", "restore"}
    assert all(change.renamed is None for change in plan.tables)
