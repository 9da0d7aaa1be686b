"""The law of incremental reading: what need not be read leads to what reading it would."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.mapping.governance import Governance, Overlay
from datasphere_glue.mapping.reuse import unchanged_assets
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import space_tables
from datasphere_glue.model.asset import Asset, SpaceListing, Stamp
from datasphere_glue.model.key import PREFIX
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


def known(asset: Asset, stamp: Stamp, catalog: Catalog, rules: Rules) -> tuple[Asset, ...]:
    listing = surveyed(asset, stamp)
    found = unchanged_assets(listing, catalog.tables, {asset.name}, TENANT, rules.governance)
    return tuple(found)


@given(ASSETS, RULES)
@examples(30, deadline=None)
def test_a_table_that_is_rebuilt_is_the_table_that_reading_would_give(
    asset: Asset, rules: Rules
) -> None:
    catalog = written(asset, rules)
    for rebuilt in known(asset, stamp_of(asset), catalog, rules):
        listing = replace(surveyed(asset, stamp_of(asset)), assets=(rebuilt,))
        again = space_tables(listing, DATABASE, rules, catalog)
        assert again.tables == tuple(current.table for current in catalog.tables)


@given(ASSETS)
@examples(30, deadline=None)
def test_an_asset_that_the_lists_know_as_it_was_is_not_read(asset: Asset) -> None:
    whole = replace(
        asset,
        changed_on="2026-01-01T00:00:00Z",
        deployed_on="2026-01-02T00:00:00Z",
        changed_by="ANNA",
        object_status="Deployed",
    )
    catalog = written(whole, Rules(TENANT))
    assert len(known(whole, stamp_of(whole), catalog, Rules(TENANT))) == 1


@given(
    ASSETS,
    st.sampled_from(("changed_on", "deployed_on", "changed_by", "object_status", "exposed")),
)
@examples(30, deadline=None)
def test_any_difference_in_the_lists_has_an_asset_read(asset: Asset, what: str) -> None:
    catalog, stamp = written(asset, Rules(TENANT)), stamp_of(asset)
    other: Any = not stamp.exposed if what == "exposed" else f"{getattr(stamp, what)} changed"
    assert known(asset, replace(stamp, **{what: other}), catalog, Rules(TENANT)) == ()


@given(ASSETS, st.sampled_from(("fingerprint", "label", "columns")))
@examples(30, deadline=None)
def test_a_table_that_lost_what_was_read_is_not_believed(asset: Asset, what: str) -> None:
    whole = replace(asset, label="Orders", changed_on="2026-01-01T00:00:00Z")
    catalog = written(whole, Rules(TENANT))
    (current,) = catalog.tables
    if what == "columns":
        if not current.table.columns:
            return
        spoilt = replace(current.table, columns=current.table.columns[1:])
    elif current.table.parameter(PREFIX + what) is None:
        return
    else:
        spoilt = current.table.with_parameters(**{what: None})
    found = Catalog(catalog.databases, (replace(current, table=spoilt),))
    assert known(whole, stamp_of(whole), found, Rules(TENANT)) == ()
