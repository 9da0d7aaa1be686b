"""Stores what narrow runs removed since the last run over everything.

    state/<tenant>/removals.json

A narrow run adds its removals before it writes. A run over everything stores nothing here: the
record of reading (`read_cursor`) has its moment, and entries before that no longer count.
"""

import json
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


def load(store: Store, tenant: str) -> Stored[tuple[Removal, ...]]:
    """Return the stored removals."""
    return read_state(store, key_of(tenant), _removals)


def save(store: Store, tenant: str, removals: Iterable[Removal]) -> None:
    """Store these removals in place of the former ones.

    Raises:
        ReportUnwritable: the record cannot be stored.

    """
    record = {"schema": SCHEMA, "removed": [_value(removal) for removal in removals]}
    store.put(key_of(tenant), json.dumps(record).encode())


def key_of(tenant: str) -> str:
    """Return the key of the record of a tenant host."""
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
