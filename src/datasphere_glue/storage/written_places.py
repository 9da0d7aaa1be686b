"""Which asset our runs wrote at which place, so that no run searches all audit files again.

    state/<tenant>/written.json

A place that no run wrote is searched again after a day. The state only saves time: without it, or
if it cannot be read, the audit files are searched.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from datasphere_glue.storage.moments import moment_of
from datasphere_glue.storage.state import Stored, read_state
from datasphere_glue.storage.store import Store

SCHEMA: Final = "datasphere-glue/written/1"
_DAY: Final = timedelta(1)

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class WrittenPlaces:
    """The asset (space, name) that was written at each place (database, table).

    - `assets`: by place; None where no run wrote.
    - `searched`: when the audit files were last searched; None if never.
    """

    assets: Mapping[Place, tuple[str, str] | None] = field(default_factory=dict)
    searched: datetime | None = None

    def at(self, now: datetime) -> "WrittenPlaces":
        """Return what is still valid at a moment."""
        if self.searched is not None and timedelta() <= now - self.searched < _DAY:
            return self
        written = {place: asset for place, asset in self.assets.items() if asset is not None}
        return WrittenPlaces(written)


def load(store: Store, tenant: str, now: datetime) -> Stored[WrittenPlaces]:
    """Return the stored places that are still valid, or why they cannot be used."""
    return read_state(store, _key(tenant), lambda document: _decoded(document).at(now))


def save(store: Store, tenant: str, places: WrittenPlaces) -> None:
    """Store the places.

    Raises:
        ReportUnwritable: they cannot be stored.

    """
    document = {
        "schema": SCHEMA,
        "searched": places.searched.isoformat() if places.searched else None,
        "places": [
            [*place, *(asset or (None, None))] for place, asset in sorted(places.assets.items())
        ],
    }
    store.put(_key(tenant), json.dumps(document).encode() + b"\n")


def _key(tenant: str) -> str:
    return f"state/{tenant}/written.json"


def _decoded(document: Any) -> WrittenPlaces:
    """Return the places of a document; raises one of UNUSABLE."""
    if document["schema"] != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    assets = {
        (_text(database), _text(table)): None if asset is None else (_text(space), _text(asset))
        for database, table, space, asset in document["places"]
    }
    searched = document["searched"]
    return WrittenPlaces(assets, None if searched is None else moment_of(_text(searched)))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a name or a moment is no text")
    return value
