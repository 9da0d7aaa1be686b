"""The law of incremental reading: a reused asset leads to the same table as a fresh read."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.mapping.governance import Governance, Overlay
from datasphere_glue.mapping.reuse import unchanged_assets
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import space_tables
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.key import PREFIX
from datasphere_glue.model.listing import SpaceListing, Stamp
from datasphere_glue.model.table import Catalog, CurrentTable
from tests.effort import examples
from tests.laws import strategies

TENANT = "acme.eu10.hcs.cloud.sap"
DATABASE = "datasphere_sales"
ASSETS = strategies.assets("SALES", "V_ORDERS", strategies.SMALL_ASSETS)
OVERLAYS = (
    Overlay("SALES.*", description="governed", tags=("kpi",)),
    Overlay("SALES.V_*", column="*", owner="Finance"),
)
RULES = st.sampled_from(
    (
        Rules(TENANT),
        Rules(TENANT, governance=Governance((("acme.*", "owner"),), OVERLAYS, ("de", "en"))),
    )
)


def stamp_of(asset: Asset) -> Stamp:
    provenance = {word for _, words in asset.provenance for word in words.split("+")}
    return Stamp(
        exposed="odata" in provenance,
        defined="csn" in provenance,
        changed_on=asset.changed_on,
        deployed_on=asset.deployed_on,
        changed_by=asset.changed_by,
        object_status=asset.object_status,
    )


def surveyed(asset: Asset, stamp: Stamp) -> SpaceListing:
    return SpaceListing("SALES", listed=frozenset({asset.name}), stamps=((asset.name, stamp),))


def written(asset: Asset, rules: Rules) -> Catalog:
    listing = replace(surveyed(asset, stamp_of(asset)), assets=(asset,))
    desired = space_tables(listing, DATABASE, rules, Catalog())
    return Catalog((desired.database,), tuple(CurrentTable(t, "1") for t in desired.tables))


def reused_assets(asset: Asset, stamp: Stamp, catalog: Catalog, rules: Rules) -> tuple[Asset, ...]:
    listing = surveyed(asset, stamp)
    reused = unchanged_assets(listing, catalog.tables, {asset.name}, rules.hosts, rules.governance)
    return tuple(reused)


@given(ASSETS, RULES)
@examples(30, deadline=None)
def test_a_rebuilt_table_equals_the_table_of_a_fresh_read(asset: Asset, rules: Rules) -> None:
    catalog = written(asset, rules)
    for rebuilt in reused_assets(asset, stamp_of(asset), catalog, rules):
        listing = replace(surveyed(asset, stamp_of(asset)), assets=(rebuilt,))
        again = space_tables(listing, DATABASE, rules, catalog)
        assert again.tables == tuple(current.table for current in catalog.tables)


@given(ASSETS)
@examples(30, deadline=None)
def test_an_asset_with_an_unchanged_stamp_is_not_read(asset: Asset) -> None:
    whole = replace(
        asset,
        changed_on="2026-01-01T00:00:00Z",
        deployed_on="2026-01-02T00:00:00Z",
        changed_by="ANNA",
        object_status="Deployed",
    )
    catalog = written(whole, Rules(TENANT))
    assert len(reused_assets(whole, stamp_of(whole), catalog, Rules(TENANT))) == 1


@given(
    ASSETS,
    st.sampled_from(("changed_on", "deployed_on", "changed_by", "object_status", "exposed")),
)
@examples(30, deadline=None)
def test_an_asset_with_a_different_stamp_is_read(asset: Asset, what: str) -> None:
    catalog, stamp = written(asset, Rules(TENANT)), stamp_of(asset)
    other: Any = not stamp.exposed if what == "exposed" else f"{getattr(stamp, what)} changed"
    assert reused_assets(asset, replace(stamp, **{what: other}), catalog, Rules(TENANT)) == ()


@given(ASSETS, st.sampled_from(("fingerprint", "label", "columns")))
@examples(30, deadline=None)
def test_a_table_with_missing_facts_is_not_reused(asset: Asset, what: str) -> None:
    whole = replace(asset, label="Orders", changed_on="2026-01-01T00:00:00Z")
    catalog = written(whole, Rules(TENANT))
    (current,) = catalog.tables
    if what == "columns":
        if not current.table.columns:
            return
        corrupt = replace(current.table, columns=current.table.columns[1:])
    elif current.table.parameter(PREFIX + what) is None:
        return
    else:
        corrupt = current.table.with_parameters(**{what: None})
    later = Catalog(catalog.databases, (replace(current, table=corrupt),))
    assert reused_assets(whole, stamp_of(whole), later, Rules(TENANT)) == ()
