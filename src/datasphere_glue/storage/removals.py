"""Stores what narrow runs removed since the last run over everything.

    state/<tenant>/removals/<number, descending>.json

A narrow run adds its removals before it writes, in a record that replaces the one before. Of two
runs at the same moment, one creates the next record; the other one sees that and does not write. A
run over everything stores nothing here: the record of reading (`read_cursor`) has its moment, and
entries before that no longer count.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.removals import SpaceAction, TableNames
from datasphere_glue.storage.moments import moment_of
from datasphere_glue.storage.state import Stored, read_state
from datasphere_glue.storage.store import Store

SCHEMA: Final = "datasphere-glue/removals/1"
_MOST: Final = 999_999_999
_NUMBERED: Final = re.compile(r"/removals/(\d{9})\.json$")


@dataclass(frozen=True, slots=True)
class Removal:
    """Tables of one space that a narrow run removed; `at`: when the run began."""

    at: datetime
    space: str
    action: ChangeAction
    tables: TableNames

    @property
    def key(self) -> SpaceAction:
        """Return space and action."""
        return self.space, self.action


@dataclass(frozen=True, slots=True)
class Record:
    """The newest record of removals; `number` is 0 if there is none yet."""

    number: int
    stored: Stored[tuple[Removal, ...]]


def load(store: Store, tenant: str) -> Record:
    """Return the newest record of removals.

    Raises:
        Unavailable: the records cannot be listed.

    """
    newest = store.first(f"state/{tenant}/removals/")
    match = _NUMBERED.search(newest or "")
    if match is None:
        return Record(0, read_state(store, former_key(tenant), _removals))
    number = _MOST - int(match[1])
    return Record(number, read_state(store, key_of(tenant, number), _removals))


def replace_record(store: Store, tenant: str, number: int, removals: Iterable[Removal]) -> bool:
    """Store these removals after the record with that number; return whether it was the newest.

    Raises:
        ReportUnwritable: the record cannot be stored.

    """
    record = {"schema": SCHEMA, "removed": [_value(removal) for removal in removals]}
    return store.create(key_of(tenant, number + 1), json.dumps(record).encode())


def key_of(tenant: str, number: int) -> str:
    """Return the key of a record of a tenant host; the newest one sorts first."""
    return f"state/{tenant}/removals/{_MOST - number:09d}.json"


def former_key(tenant: str) -> str:
    """Return the key under which earlier versions stored the only record."""
    return f"state/{tenant}/removals.json"


def _removals(record: Any) -> tuple[Removal, ...]:
    entries = record["removed"]
    if not isinstance(entries, list):
        raise TypeError("it holds no list of removals")
    return tuple(map(_removal, entries))


def _removal(entry: Any) -> Removal:
    action = ChangeAction(entry["action"])
    if not action.removes or not isinstance(entry["space"], str):
        raise ValueError("an entry names a space, and an action that removes")
    tables = frozenset(str(name) for name in entry["tables"])
    return Removal(moment_of(entry["at"]).astimezone(UTC), entry["space"], action, tables)


def _value(removal: Removal) -> dict[str, Any]:
    return {
        "at": removal.at.isoformat(),
        "space": removal.space,
        "action": str(removal.action),
        "tables": sorted(removal.tables),
    }
