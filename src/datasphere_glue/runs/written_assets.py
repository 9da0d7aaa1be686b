"""Our own record of written tables, as far as a run asks about it."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from datasphere_glue.errors import ReportUnwritable, Unavailable
from datasphere_glue.evidence.own_record import own_record
from datasphere_glue.mapping.ownership import Place
from datasphere_glue.storage import written_places
from datasphere_glue.storage.store import Store
from datasphere_glue.storage.written_places import WrittenPlaces


class WrittenAssets:
    """Returns the asset that our runs last wrote at given places, by the audit files.

    A record that cannot be read counts as none, because a run must not depend on it.
    """

    def __init__(self, store: Store, tenant: str, now: datetime) -> None:
        self._store = store
        self._tenant = tenant
        self._now = now
        self._places: WrittenPlaces | None = None

    def __call__(self, places: Collection[Place]) -> Mapping[Place, tuple[str, str]]:
        """Return the exact SAP space and name, by place; nothing for a place we never wrote."""
        if self._places is None:
            self._places = WrittenPlaces()
            with suppress(Unavailable):
                self._places = written_places.load(self._store, self._tenant, self._now)
        if unread := frozenset(places) - self._places.assets.keys():
            with suppress(Unavailable, ReportUnwritable):
                self._search(self._places, unread)
        stored = self._places.assets
        return {place: asset for place in places if (asset := stored.get(place)) is not None}

    def _search(self, known: WrittenPlaces, unread: Collection[Place]) -> None:
        record = own_record(self._store, unread, lambda one: one.written)
        found = {
            place: (table.writes[0].space, table.writes[0].asset) if table.writes else None
            for place, table in record.tables.items()
        }
        self._places = replace(
            known,
            assets={**known.assets, **found},
            searched=known.searched or self._now,
        )
        written_places.save(self._store, self._tenant, self._places)
