"""Reuses assets that did not change since their tables were written.

The lists of a tenant hold the dates of changes. If they equal those in the table, the asset is
rebuilt from the table. The fingerprint proves that the rebuilt asset is complete.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.governance import Governance
from datasphere_glue.mapping.tables import DEFINED, GOVERNED, fingerprint
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.listing import SpaceListing, Stamp
from datasphere_glue.model.table import CurrentTable, Table

_FINGERPRINT: Final = table_key("fingerprint")
_DATES: Final = ("changed_on", "deployed_on", "exported")
_GOVERNED: Final = table_key(GOVERNED)


def unchanged_assets(
    listing: SpaceListing,
    tables: Iterable[CurrentTable],
    names: Collection[str],
    hosts: frozenset[str],
    rules: Governance,
) -> Iterator[Asset]:
    """Yield the assets of a space that did not change since their tables were written.

    `names`: exact names of the candidates; other assets must be read for another reason.
    `hosts`: current and earlier hosts of the tenant; tables of other tenants are ignored.
    """
    stamps = dict(listing.stamps)
    found: dict[str, Asset] = {}
    changed: set[str] = set()
    for current in tables:
        table = current.table
        space, name = table.asset
        if name not in stamps or not (table.written_from(hosts) and space == listing.space):
            continue
        if _has_changed(table, stamps[name]):
            changed.add(name)
        if name not in names or name in found or not _is_current(table, stamps[name]):
            continue
        if table.parameter(_GOVERNED) != rules.digest(space, name):
            continue
        recovered = asset_from_table(table)
        if recovered.flaws or fingerprint(recovered.asset) != table.parameter(_FINGERPRINT):
            continue
        found[name] = recovered.asset
    yield from _without_changed_sources(found, changed, listing.space)


def _without_changed_sources(
    assets: Mapping[str, Asset], changed: Collection[str], space: str
) -> Iterator[Asset]:
    """Yield the assets but for models on a changed asset of the space, through any models.

    A model takes the meaning of its columns from its sources. A source in another space, or one
    without a table, is not looked at: such a model waits for its turn.
    """
    models = {name: one for name, one in assets.items() if one.kind is Kind.ANALYTIC_MODEL}
    outdated: set[str] = set()
    fresh = set(changed)
    while fresh:
        places = {f"{space}.{name}" for name in fresh}
        fresh = {
            name
            for name, one in models.items()
            if name not in outdated and not places.isdisjoint(one.lineage)
        }
        outdated |= fresh
    yield from (one for name, one in assets.items() if name not in outdated)


def _has_changed(table: Table, stamp: Stamp) -> bool:
    """Return whether the lists date an asset differently than when its table was written."""
    recorded = {key: table.parameter(table_key(key)) for key in _DATES}
    listed = {key: getattr(stamp, key) for key in _DATES}
    return not table.deprecated and recorded != listed


def _is_current(table: Table, stamp: Stamp) -> bool:
    """Return True when the lists agree with what the table recorded about its asset."""
    if table.deprecated or stamp.exposed != table.exposed:
        return False
    if stamp.defined and DEFINED not in table.sources:
        return False
    listed = {
        "changed_on": stamp.changed_on,
        "deployed_on": stamp.deployed_on,
        "changed_by": stamp.changed_by,
        "object_status": stamp.object_status,
        "exported": stamp.exported,
    }
    return all(table.parameter(table_key(key)) == value for key, value in listed.items())
