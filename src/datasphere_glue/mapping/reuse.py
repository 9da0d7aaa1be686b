"""Reuses assets that did not change since their tables were written.

The lists of a tenant hold the dates of changes. If they equal those in the table, the asset is
rebuilt from the table. The fingerprint proves that the rebuilt asset is complete.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.governance import Governance
from datasphere_glue.mapping.tables import DEFINED, GOVERNED, fingerprint
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.listing import SpaceListing, Stamp
from datasphere_glue.model.table import CurrentTable, Table

_FINGERPRINT: Final = table_key("fingerprint")
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
    seen: set[str] = set()
    for current in tables:
        table = current.table
        space, name = table.asset
        ours = table.written_from(hosts) and space == listing.space
        if not ours or name not in names or name in seen or not _is_current(table, stamps[name]):
            continue
        if table.parameter(_GOVERNED) != rules.digest(space, name):
            continue
        recovered = asset_from_table(table)
        if recovered.flaws or fingerprint(recovered.asset) != table.parameter(_FINGERPRINT):
            continue
        seen.add(name)
        yield recovered.asset


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
