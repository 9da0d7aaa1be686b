"""The law of copies: a copy of a table, anywhere, changes no decision of a run."""

from dataclasses import replace
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.mapping.names import glue_name, with_suffix
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Database
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.guard import GuardLimits
from datasphere_glue.plan.policy import OrphanPolicy
from datasphere_glue.runs.ports import Job
from datasphere_glue.runs.sync import sync
from tests.effort import examples
from tests.laws import strategies
from tests.laws.test_plan_laws import POLICY, RULES, synced
from tests.unit.runs.test_sync import Glue, Tenant

LISTINGS = strategies.listings()
EXPECTED = {IssueCode.CLAIMED_TWICE, IssueCode.SPACE_VANISHED}
"""Issues that name a copied database; they decide nothing."""


@st.composite
def with_copies(draw: st.DrawFn, catalog: Catalog) -> Catalog:
    """Return the catalog with copies of tables, and of whole databases."""
    databases = {database.name: database for database in catalog.databases}
    numbers = count()
    copies: list[CurrentTable] = []
    for current in catalog.tables:
        table = current.table
        for place in draw(st.sets(st.sampled_from(["name", "rule", "backup", "marked"]))):
            database, name = table.database, table.name
            if place == "name":
                name = draw(
                    st.sampled_from([f"a{next(numbers)}_{name}", f"{name}_x{next(numbers)}"])
                )
            elif place == "rule" and name == glue_name(table.asset[1], "t_"):
                name = with_suffix(name, table.asset[1])
            elif place == "backup":
                database = "datasphere_backup"
                databases.setdefault(database, Database(database))
            else:
                database = draw(st.sampled_from([f"{database}_copy", f"a_{database}"]))
                databases[database] = replace(databases[table.database], name=database)
            moved = replace(table, database=database, name=name[:255])
            copies.append(replace(current, table=moved))
    taken = {(c.table.database, c.table.name): c for c in (*copies, *catalog.tables)}
    return Catalog(tuple(databases.values()), tuple(taken.values()))


def planned(
    after: tuple[SpaceListing, ...], catalog: Catalog, orphans: OrphanPolicy, percent: int
) -> Result:
    listed = {listing.space for listing in after}
    gone = frozenset(db.space for db in catalog.databases if db.space) - listed
    policy = replace(POLICY, orphans=orphans, gone_spaces=gone, grace=0)
    job = Job(RunAction.PLAN, Scope(), RULES, policy, limits=GuardLimits(percent))
    return sync(Tenant(after), Glue(catalog), job)


@given(LISTINGS, LISTINGS, st.sampled_from(OrphanPolicy), st.sampled_from([10, 50, 100]), st.data())
@examples(40, deadline=None)
def test_copies_change_no_decision(
    before: tuple[SpaceListing, ...],
    after: tuple[SpaceListing, ...],
    orphans: OrphanPolicy,
    percent: int,
    data: st.DataObject,
) -> None:
    catalog = synced(before)

    alone = planned(after, catalog, orphans, percent)
    among = planned(after, data.draw(with_copies(catalog)), orphans, percent)

    assert among.plan.databases == alone.plan.databases
    assert among.plan.tables == alone.plan.tables
    assert among.plan.unchanged == alone.plan.unchanged
    assert among.plan.conflicts == alone.plan.conflicts
    assert among.objections == alone.objections
    assert (
        not {i.code for i in among.plan.skipped} - {i.code for i in alone.plan.skipped} - EXPECTED
    )
