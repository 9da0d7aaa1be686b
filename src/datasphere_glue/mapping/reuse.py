"""Assets that need not be read again, because the catalog still says all that was read of them.

The lists of a tenant tell when an object was changed. Where they say what they said when a table
was written, its asset is rebuilt from the table; the fingerprint proves that nothing is missing.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.governance import Governance
from datasphere_glue.mapping.tables import DEFINED, GOVERNED, fingerprint
from datasphere_glue.model.asset import Asset, SpaceListing, Stamp
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.table import CurrentTable, Table

_FINGERPRINT: Final = table_key("fingerprint")
_GOVERNED: Final = table_key(GOVERNED)


def unchanged_assets(
    listing: SpaceListing,
    tables: Iterable[CurrentTable],
    left: Collection[str],
    tenant: str,
    rules: Governance,
) -> Iterator[Asset]:
    """Yield the assets of a space that are as they were when their tables were written.

    Only those named in `left`, which need not be read for another reason.
    """
    stamps = dict(listing.stamps)
    seen: set[str] = set()
    for current in tables:
        table = current.table
        space, name = table.asset
        ours = table.managed and table.tenant == tenant and space == listing.space
        if not ours or name not in left or name in seen or not _stands(table, stamps[name]):
            continue
        if table.parameter(_GOVERNED) != rules.digest(space, name):
            continue
        recovered = asset_from_table(table)
        if recovered.flaws or fingerprint(recovered.asset) != table.parameter(_FINGERPRINT):
            continue
        seen.add(name)
        yield recovered.asset


def _stands(table: Table, stamp: Stamp) -> bool:
    """Tell whether the lists say of an asset what they said when its table was written."""
    if table.deprecated or stamp.exposed != table.exposed:
        return False
    if stamp.defined and DEFINED not in table.sources:
        return False
    told = {
        "changed_on": stamp.changed_on,
        "deployed_on": stamp.deployed_on,
        "changed_by": stamp.changed_by,
        "object_status": stamp.object_status,
    }
    return all(table.parameter(table_key(key)) == value for key, value in told.items())
