"""Laws of a move to another database: nothing that people wrote is lost, whenever it is cut off."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import space_tables
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, parameters
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.diff import diff_space
from datasphere_glue.plan.moves import FormerTables, tables_to_follow
from datasphere_glue.plan.policy import Policy
from tests.effort import examples
from tests.laws import strategies
from tests.laws.catalog import applied
from tests.unit.samples import TODAY

TENANT = "acme.eu10.hcs.cloud.sap"
RULES = Rules(TENANT)
POLICY = Policy(TENANT, TODAY)
OLD, NEW = "datasphere_sales", "lake_sales"
ASSETS = st.lists(
    st.sampled_from(["V_A", "V_B", "V_C"]), min_size=1, max_size=3, unique=True
).flatmap(
    lambda names: st.tuples(
        *(strategies.assets("SALES", name, strategies.SMALL_ASSETS) for name in names)
    )
)


def synced(listing: SpaceListing, home: str, catalog: Catalog) -> Plan:
    """Return the plan of a run whose record proves that it wrote the other database."""
    at_home = [one.table for one in catalog.tables if one.table.database == home]
    elsewhere = [one for one in catalog.tables if one.table.database != home]
    followed = tables_to_follow(at_home, elsewhere, listed=listing.listed, read=listing.listed)
    former = FormerTables(followed)
    moving = {asset: one.table for asset, one in former.by_asset().items()}
    desired = space_tables(listing, home, RULES, catalog, former=moving)
    return diff_space(desired, catalog, scope=Scope(), policy=POLICY, former=former)


def edited(catalog: Catalog, database: str) -> Catalog:
    """Return the catalog after people wrote into every table of a database."""
    return replace(
        catalog,
        tables=tuple(
            replace(
                one,
                table=replace(
                    one.table,
                    description=f"edited in {one.table.name}",
                    parameters=parameters({**dict(one.table.parameters), "team": "ops"}),
                ),
            )
            if one.table.database == database
            else one
            for one in catalog.tables
        ),
    )


def first_changes(plan: Plan, count: int) -> Plan:
    """Return the plan as a run carries it out that is cut off after so many tables."""
    return replace(plan, tables=plan.tables[:count])


@given(ASSETS, st.integers(0, 6), st.booleans())
@examples(25)
def test_a_move_keeps_edits_and_leaves_no_active_table_wherever_it_is_cut_off(
    assets: tuple[Asset, ...],
    cut: int,
    returns: bool,  # noqa: FBT001 - generated
) -> None:
    listing = SpaceListing("SALES", "Sales", assets, frozenset(asset.name for asset in assets))
    catalog = edited(applied(synced(listing, OLD, Catalog()), Catalog()), OLD)
    moves = [(OLD, NEW), (NEW, OLD)] if returns else [(OLD, NEW)]
    for old, new in moves:
        catalog = applied(first_changes(synced(listing, new, catalog), cut), catalog)
        catalog = applied(synced(listing, new, catalog), catalog)

        tables = {(one.table.database, one.table.asset[1]): one.table for one in catalog.tables}
        for asset in assets:
            heir, former = tables[new, asset.name], tables[old, asset.name]
            assert heir.parameter("team") == "ops"
            assert heir.description == f"edited in {former.name}"
            assert (heir.deprecated, former.deprecated) == (False, True)
            assert former.parameter("datasphere.renamed_to") == f"{new}.{heir.name}"
        assert synced(listing, new, catalog).empty
