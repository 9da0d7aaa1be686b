"""What Glue shall hold and what it holds: databases, tables and columns as values.

One shape serves both sides, so that they compare directly. `parameters` are sorted pairs. What
Glue keeps beside the fields named here (Owner, Retention, the storage descriptor without its
columns, view texts...) travels unread in `rest`, as canonical JSON of a TableInput or
DatabaseInput without those fields, and goes back unchanged.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from datasphere_glue.model.glue_keys import column_key, table_key
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.key import PREFIX

MANAGED_BY: Final = "datasphere-glue"
OWN_KEYS: Final = frozenset({"classification", "typeOfData", "sourceTable", "columnMapping"})

EXPOSED: Final = "odata"
"""The word of `datasphere.provenance` for OData, which tells of exposed assets alone."""

_SHORT: Final = 64
_OUTLINE: Final = frozenset(map(table_key, ("managed_by", "tenant", "space", "name", "status")))
_MANAGED_BY: Final = table_key("managed_by")
_TENANT: Final = table_key("tenant")
_SPACE: Final = table_key("space")
_NAME: Final = table_key("name")
_PROVENANCE: Final = table_key("provenance")
_STATUS: Final = table_key("status")
_SAP_NAME: Final = column_key("name")

Parameters = tuple[tuple[str, str], ...]


def parameters(pairs: Mapping[str, str]) -> Parameters:
    """Return parameters in their canonical order.

    Keys, and most pairs, recur in every column of every table, so one copy serves them all.
    """
    return tuple(
        sorted(
            _pair(key, value) if len(value) <= _SHORT else (_pair(key, "")[0], value)
            for key, value in pairs.items()
        )
    )


@lru_cache(maxsize=16_384)
def _pair(key: str, value: str) -> tuple[str, str]:
    return key, value


def canonical_json(value: Any) -> str:
    """Return a value as JSON that equal values share: sorted keys, no blanks."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def is_own_key(key: str) -> bool:
    """Tell whether a parameter key of a table that we manage is ours to set and remove."""
    return key.startswith(PREFIX) or key in OWN_KEYS


@dataclass(frozen=True, slots=True)
class Column:
    """One Glue column; `comment` None means none."""

    name: str
    type: str
    comment: str | None = None
    parameters: Parameters = ()


def sap_name(column: Column) -> str | None:
    """Return the exact SAP name of a column, None of one that is not SAP's."""
    return next((value for key, value in column.parameters if key == _SAP_NAME), None)


@dataclass(frozen=True, slots=True)
class Table:
    """One Glue table."""

    database: str
    name: str
    columns: tuple[Column, ...] = ()
    partition_keys: tuple[Column, ...] = ()
    description: str | None = None
    table_type: str | None = "EXTERNAL_TABLE"
    parameters: Parameters = ()
    rest: str = "{}"

    def parameter(self, key: str) -> str | None:
        """Return the value of a table parameter, None when absent."""
        return next((value for name, value in self.parameters if name == key), None)

    def with_parameters(self, **changes: str | None) -> "Table":
        """Return a copy with `datasphere.<name>` parameters set, or removed where None."""
        pairs = dict(self.parameters)
        for name, value in changes.items():
            if value is None:
                pairs.pop(PREFIX + name, None)
            else:
                pairs[PREFIX + name] = value
        return replace(self, parameters=parameters(pairs))

    @property
    def managed(self) -> bool:
        """True when the table carries our marker."""
        return self.parameter(_MANAGED_BY) == MANAGED_BY

    @property
    def tenant(self) -> str | None:
        """Return the host of the tenant that the table was written from."""
        return self.parameter(_TENANT)

    @property
    def asset(self) -> tuple[str, str]:
        """Return the exact SAP (space, name) that the table was written from."""
        return self.parameter(_SPACE) or "", self.parameter(_NAME) or ""

    @property
    def exposed(self) -> bool:
        """True when OData describes the asset, so that the catalog of the tenant lists it."""
        return EXPOSED in self.sources

    @property
    def sources(self) -> frozenset[str]:
        """Return the words of `datasphere.provenance`: every source that gave a value."""
        try:
            told = json.loads(self.parameter(_PROVENANCE) or "{}")
        except ValueError:
            return frozenset()
        values = told.values() if isinstance(told, dict) else ()
        return frozenset(word for value in values for word in str(value).split("+"))

    @property
    def deprecated(self) -> bool:
        """True when the table is marked as gone at the source."""
        return self.parameter(_STATUS) == "deprecated"


@dataclass(frozen=True, slots=True)
class Database:
    """One Glue database. `link` names what a resource link or federated database points to."""

    name: str
    description: str | None = None
    parameters: Parameters = ()
    rest: str = "{}"
    link: str | None = None

    def parameter(self, key: str) -> str | None:
        """Return the value of a database parameter, None when absent."""
        return next((value for name, value in self.parameters if name == key), None)

    @property
    def managed(self) -> bool:
        """True when the database carries our marker."""
        return self.parameter(_MANAGED_BY) == MANAGED_BY

    @property
    def tenant(self) -> str | None:
        """Return the host of the tenant that the database was written from."""
        return self.parameter(_TENANT)

    @property
    def space(self) -> str | None:
        """Return the exact SAP space that the database was written from."""
        return self.parameter(_SPACE)


@dataclass(frozen=True, slots=True)
class CurrentTable:
    """A table as the catalog holds it now, with the lock an update must present.

    `unwritable` says why a table must never be updated (view definition, federated table, resource
    link), None when it may be.
    """

    table: Table
    version_id: str | None = None
    unwritable: str | None = None

    def outline(self) -> "CurrentTable":
        """Return the table with nothing but its names and whose it is."""
        kept = tuple(pair for pair in self.table.parameters if pair[0] in _OUTLINE)
        return CurrentTable(Table(self.table.database, self.table.name, parameters=kept))


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the target holds of the databases a run looks at, ours and foreign."""

    databases: tuple[Database, ...] = ()
    tables: tuple[CurrentTable, ...] = ()


@dataclass(frozen=True, slots=True)
class Desired:
    """What Glue shall hold of one space.

    `present` holds the exact SAP names of all assets that the tenant lists, read or not; only when
    `complete` is True does absence from it mean absence at the source. `unproven` holds the kinds
    whose own list was not read: for them, that is so of exposed assets alone. `held` says which
    tables must stay as they are because too little was read to write them. `notes` say what could
    not be expressed; they change no status. `objections` say why nothing at all may be written.
    """

    space: str
    database: Database
    tables: tuple[Table, ...] = ()
    present: frozenset[str] = frozenset()
    complete: bool = True
    notes: tuple[Issue, ...] = ()
    unproven: frozenset[str] = frozenset()
    held: tuple[Issue, ...] = ()
    objections: tuple[Issue, ...] = ()
