"""Our own record of written tables, read once for each table that a run asks about."""

from collections.abc import Collection, Mapping
from contextlib import suppress

from datasphere_glue.errors import Unavailable
from datasphere_glue.evidence.own_record import own_record
from datasphere_glue.mapping.ownership import Place
from datasphere_glue.storage.store import Store


class WrittenAssets:
    """Returns the asset that our runs last wrote at given places, by the audit files.

    A record that cannot be read counts as none, because a run must not depend on it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[Place, tuple[str, str] | None] = {}

    def __call__(self, places: Collection[Place]) -> Mapping[Place, tuple[str, str]]:
        """Return the exact SAP space and name, by place; nothing for a place we never wrote."""
        unread = frozenset(places) - self._read.keys()
        with suppress(Unavailable):
            record = own_record(self._store, unread, lambda one: one.written)
            for place, table in record.tables.items():
                write = next(iter(table.writes), None)
                self._read[place] = (write.space, write.asset) if write else None
        written = {place: self._read.get(place) for place in places}
        return {place: asset for place, asset in written.items() if asset is not None}
