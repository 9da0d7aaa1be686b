"""Laws of undo: a change followed by its reverse restores any table."""

import json
from dataclasses import replace
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from datasphere_glue.evidence.before_images import read_changes, write_applied, write_before
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import Catalog, CurrentTable, parameters
from datasphere_glue.plan.change import Outcome, OutcomeStatus, Plan
from datasphere_glue.plan.policy import OrphanPolicy
from datasphere_glue.plan.reverse import Origin, reverse, same_content
from datasphere_glue.plan.serial import document_parts, from_json, from_text, to_json
from tests.effort import examples
from tests.laws import strategies
from tests.laws.catalog import applied
from tests.laws.test_plan_laws import POLICY, TENANT, planned, synced
from tests.unit.storage.stores import MemoryStore

LISTINGS = strategies.listings()
POLICIES = st.sampled_from(
    [POLICY, replace(POLICY, orphans=OrphanPolicy.DELETE, grace=0)],
)
ORIGIN = Origin("night-1", TENANT)
FEW = examples(8, deadline=None)


def contents(catalog: Catalog) -> list[object]:
    return [current.table for current in catalog.tables]


def by_hand(catalog: Catalog) -> Catalog:
    """Return the catalog with edits of people in every table."""
    tables = [
        replace(
            current,
            table=replace(
                current.table,
                parameters=parameters(dict(current.table.parameters) | {"team": "sales"}),
                rest='{"Owner":"jane","Retention":7}',
            ),
        )
        for current in catalog.tables
    ]
    return replace(catalog, tables=tuple(tables))


@given(LISTINGS, LISTINGS, POLICIES)
@FEW
def test_a_run_followed_by_its_rollback_restores_every_table(
    before: tuple[SpaceListing, ...], after: tuple[SpaceListing, ...], policy: object
) -> None:
    catalog = by_hand(synced(before))
    # First what the policy deprecates, then what it deletes: both must come back.
    for _ in range(2):
        plan = planned(after, catalog, policy)  # type: ignore[arg-type]
        later = applied(plan, catalog)

        back = reverse(plan.changes, later, ORIGIN)

        assert not back.skipped
        assert contents(applied(back, later)) == contents(catalog)
        catalog = later


@given(LISTINGS, LISTINGS)
@FEW
def test_a_rollback_followed_by_its_rollback_restores_the_run(
    before: tuple[SpaceListing, ...], after: tuple[SpaceListing, ...]
) -> None:
    catalog = by_hand(synced(before))
    plan = planned(after, catalog)
    later = applied(plan, catalog)
    back = reverse(plan.changes, later, ORIGIN)
    restored = applied(back, later)

    again = reverse(back.changes, restored, replace(ORIGIN, run_id="night-2"))

    assert contents(applied(again, restored)) == contents(later)


@given(LISTINGS, LISTINGS, st.randoms())
@FEW
def test_a_rollback_skips_tables_changed_since_and_restores_the_rest(
    before: tuple[SpaceListing, ...], after: tuple[SpaceListing, ...], random: Random
) -> None:
    catalog = synced(before)
    plan = planned(after, catalog)
    later = applied(plan, catalog)
    written = {(change.database, change.table) for change in plan.tables}
    touched = {key for key in sorted(written) if random.random() < 0.5}
    edited = Catalog(
        later.databases,
        tuple(
            CurrentTable(replace(c.table, description="By hand"), "99")
            if (c.table.database, c.table.name) in touched
            else c
            for c in later.tables
        ),
    )

    back = reverse(plan.changes, edited, ORIGIN)

    assert {(c.database, c.table) for c in back.tables} == written - touched
    assert len(back.skipped) == len(touched)
    now = {(c.table.database, c.table.name): c.table for c in applied(back, edited).tables}
    assert all(now[key].description == "By hand" for key in touched)


@given(LISTINGS, LISTINGS, st.randoms())
@FEW
def test_an_interrupted_run_is_undone_as_far_as_it_wrote(
    before: tuple[SpaceListing, ...], after: tuple[SpaceListing, ...], random: Random
) -> None:
    """A killed run leaves only its before-images; the catalog shows which changes it wrote."""
    catalog = by_hand(synced(before))
    plan = planned(after, catalog)
    assume(not plan.empty)
    store = MemoryStore()
    write_before(store, "night-1", plan)
    done = tuple(change for change in plan.tables if random.random() < 0.5)
    half = applied(replace(plan, tables=done), catalog)
    if random.random() < 0.5:
        outcomes = (
            Outcome(c, OutcomeStatus.DONE if c in done else OutcomeStatus.UNTRIED)
            for c in plan.tables
        )
        write_applied(store, "night-1", plan, tuple(outcomes))

    back = reverse(read_changes(store, "night-1").changes, half, ORIGIN)

    assert not back.skipped
    assert contents(applied(back, half)) == contents(catalog)


@given(LISTINGS, LISTINGS, POLICIES)
@FEW
def test_a_plan_document_parses_to_the_same_plan(
    before: tuple[SpaceListing, ...], after: tuple[SpaceListing, ...], policy: object
) -> None:
    plan = planned(after, by_hand(synced(before)), policy)  # type: ignore[arg-type]

    again = from_json(json.loads(json.dumps(to_json(plan))))

    assert again == plan
    assert again.digest == plan.digest
    assert from_text("".join(document_parts(plan, plan.digest)).encode()) == plan


@given(LISTINGS)
@FEW
def test_a_table_has_the_same_content_as_itself_only(listings: tuple[SpaceListing, ...]) -> None:
    tables = [current.table for current in synced(listings).tables]

    for one in tables:
        assert [other for other in tables if same_content(one, other)] == [one]


def test_an_empty_run_has_an_empty_rollback() -> None:
    assert reverse((), Catalog(), ORIGIN) == Plan()
