"""Our own record of written tables, as far as a run asks about it."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from datasphere_glue.errors import ReportUnwritable, Unavailable
from datasphere_glue.evidence.own_record import own_record
from datasphere_glue.mapping.ownership import Place
from datasphere_glue.model.issues import Issue
from datasphere_glue.storage import written_places
from datasphere_glue.storage.store import Store
from datasphere_glue.storage.written_places import WrittenPlaces


class WrittenAssets:
    """Returns the asset that our runs last wrote at given places, by the audit files.

    A record that cannot be read counts as none, because a run must not depend on it. Without a
    store there is no record.
    """

    def __init__(self, store: Store | None, tenant: str, now: datetime) -> None:
        self._store = store
        self._tenant = tenant
        self._now = now
        self._places: WrittenPlaces | None = None
        self._issues = list[Issue]()

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Return why the stored state could not be used."""
        return tuple(self._issues)

    def __call__(self, places: Collection[Place]) -> Mapping[Place, tuple[str, str]]:
        """Return the exact SAP space and name, by place; nothing for a place we never wrote."""
        if self._store is None:
            return {}
        stored = self._loaded(self._store)
        if unread := frozenset(places) - stored.keys():
            with suppress(Unavailable, ReportUnwritable):
                self._search(self._store, unread)
                stored = self._loaded(self._store)
        return {place: asset for place in places if (asset := stored.get(place)) is not None}

    def _loaded(self, store: Store) -> Mapping[Place, tuple[str, str] | None]:
        if self._places is None:
            stored = written_places.load(store, self._tenant, self._now)
            self._issues += [stored.issue] if stored.issue else []
            self._places = stored.value or WrittenPlaces()
        return self._places.assets

    def _search(self, store: Store, unread: Collection[Place]) -> None:
        record = own_record(store, unread, lambda one: one.written)
        found = {
            place: (table.writes[0].space, table.writes[0].asset) if table.writes else None
            for place, table in record.tables.items()
        }
        earlier = self._places or WrittenPlaces()
        self._places = replace(
            earlier, assets={**earlier.assets, **found}, searched=earlier.searched or self._now
        )
        written_places.save(store, self._tenant, self._places)
