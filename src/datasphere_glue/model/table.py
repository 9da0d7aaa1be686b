"""Databases, tables and columns of Glue as values, for both desired and current content.

One shape serves both sides, so that they compare directly. `parameters` are sorted pairs. `rest`
holds every other field of Glue (Owner, Retention, the storage descriptor without its columns, view
texts...): canonical JSON of a TableInput or DatabaseInput, which is written back unchanged.
"""

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from datasphere_glue.model.glue_keys import column_key, table_key
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.key import PREFIX

MANAGED_BY: Final = "datasphere-glue"
OWN_KEYS: Final = frozenset({"classification", "typeOfData", "sourceTable", "columnMapping"})

EXPOSED: Final = "odata"
"""The word of `datasphere.provenance` for OData, which describes only exposed assets."""

_MAPS: Final = frozenset({"Parameters", "SkewedColumnValueLocationMaps"})
"""Members of Glue that map text to text, where an empty text is a value."""

_EMPTY: Final = ('""', "[]", "{}", "null")
_SHORT: Final = 64
_OUTLINE: Final = frozenset(
    map(table_key, ("managed_by", "tenant", "space", "name", "status", "deprecated_on"))
)
_MANAGED_BY: Final = table_key("managed_by")
_TENANT: Final = table_key("tenant")
_SPACE: Final = table_key("space")
_NAME: Final = table_key("name")
_PROVENANCE: Final = table_key("provenance")
_STATUS: Final = table_key("status")
_DEPRECATED_ON: Final = table_key("deprecated_on")
_SAP_NAME: Final = column_key("name")

Parameters = tuple[tuple[str, str], ...]


def parameters(pairs: Mapping[str, str]) -> Parameters:
    """Return parameters in their canonical order.

    Keys and most pairs recur in every column, so that one cached copy of each saves memory.
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


def without_empty_values(rest: str) -> str:
    """Return the `rest` of a table or database without empty values, except those of maps.

    Glue treats most of them like absent values, and plans were hashed without them.
    """
    if not any(empty in rest for empty in _EMPTY):
        return rest
    return canonical_json(_dense(json.loads(rest)))


def with_empty_values(rest: str, current: str) -> str:
    """Return `rest` with the empty values of `current` for members that it does not name."""
    if not any(empty in current for empty in _EMPTY):
        return rest
    return canonical_json(_with_empty(json.loads(rest), json.loads(current)))


def _with_empty(value: dict[str, Any], current: dict[str, Any]) -> dict[str, Any]:
    empty = {k: v for k, v in current.items() if k not in value and _dense({k: v}) == {}}
    nested = {
        k: _with_empty(v, current[k])
        for k, v in value.items()
        if k not in _MAPS and isinstance(v, dict) and isinstance(current.get(k), dict)
    }
    return {**empty, **value, **nested}


def _dense(value: Any) -> Any:
    if isinstance(value, list):
        return [_dense(item) for item in value]
    if not isinstance(value, dict):
        return value
    pairs = {key: item if key in _MAPS else _dense(item) for key, item in value.items()}
    return {key: item for key, item in pairs.items() if item not in (None, "", {}, [])}


def is_own_key(key: str) -> bool:
    """Return True for a parameter key of a managed table that we set and remove."""
    return key.startswith(PREFIX) or key in OWN_KEYS


class _Marked:
    """The parameters that mark a managed object, shared by tables and databases."""

    __slots__ = ()
    parameters: Parameters

    def parameter(self, key: str) -> str | None:
        """Return the value of a parameter, None when absent."""
        return next((value for name, value in self.parameters if name == key), None)

    @property
    def managed(self) -> bool:
        """Return True when the object carries our marker."""
        return self.parameter(_MANAGED_BY) == MANAGED_BY

    @property
    def tenant(self) -> str | None:
        """Return the host of the tenant that the object was written from."""
        return self.parameter(_TENANT)

    def written_from(self, hosts: AbstractSet[str]) -> bool:
        """Return True when the object carries our marker and names one of these tenant hosts."""
        return self.managed and self.tenant in hosts


@dataclass(frozen=True, slots=True)
class Column:
    """One Glue column."""

    name: str
    type: str
    comment: str | None = None
    parameters: Parameters = ()


def sap_name(column: Column) -> str | None:
    """Return the exact SAP name of a column, None for a column that is not from SAP."""
    return next((value for key, value in column.parameters if key == _SAP_NAME), None)


@dataclass(frozen=True, slots=True)
class Table(_Marked):
    """One Glue table."""

    database: str
    name: str
    columns: tuple[Column, ...] = ()
    partition_keys: tuple[Column, ...] = ()
    description: str | None = None
    table_type: str | None = "EXTERNAL_TABLE"
    parameters: Parameters = ()
    rest: str = "{}"

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
    def asset(self) -> tuple[str, str]:
        """Return the exact SAP (space, name) that the table was written from."""
        return self.parameter(_SPACE) or "", self.parameter(_NAME) or ""

    @property
    def exposed(self) -> bool:
        """Return True when OData describes the asset, so that the tenant's catalog lists it."""
        return EXPOSED in self.sources

    @property
    def sources(self) -> frozenset[str]:
        """Return the words of `datasphere.provenance`: every source of a value."""
        try:
            provenance = json.loads(self.parameter(_PROVENANCE) or "{}")
        except ValueError:
            return frozenset()
        values = provenance.values() if isinstance(provenance, dict) else ()
        return frozenset(word for value in values for word in str(value).split("+"))

    @property
    def deprecated(self) -> bool:
        """Return True when the table is marked as deleted at the source."""
        return self.parameter(_STATUS) == "deprecated"

    @property
    def deprecated_on(self) -> str | None:
        """Return the date that a deprecated table bears, unchecked; None for any other table."""
        return self.parameter(_DEPRECATED_ON) if self.deprecated else None


@dataclass(frozen=True, slots=True)
class Database(_Marked):
    """One Glue database.

    `link`: target of a resource link or federated database, None for other databases.
    """

    name: str
    description: str | None = None
    parameters: Parameters = ()
    rest: str = "{}"
    link: str | None = None

    @property
    def space(self) -> str | None:
        """Return the exact SAP space that the database was written from."""
        return self.parameter(_SPACE)


@dataclass(frozen=True, slots=True)
class CurrentTable:
    """The current content of a table in the catalog.

    `version_id`: optimistic lock that an update must present.
    `unwritable`: why the table must never be updated (view definition, federated table, resource
        link); None when it can be.
    `copy`: True when the table carries our marker but does not count for its asset (see
        `mapping.ownership`).
    """

    table: Table
    version_id: str | None = None
    unwritable: str | None = None
    copy: bool = False

    def outline(self) -> "CurrentTable":
        """Return the table with only its names and the parameters that identify it."""
        identity = tuple(pair for pair in self.table.parameters if pair[0] in _OUTLINE)
        outline = Table(self.table.database, self.table.name, parameters=identity)
        return CurrentTable(outline, copy=self.copy)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The current content of all databases in the scope of a run, ours and foreign."""

    databases: tuple[Database, ...] = ()
    tables: tuple[CurrentTable, ...] = ()


@dataclass(frozen=True, slots=True)
class Desired:
    """The content that Glue shall hold for one space.

    `present`: exact SAP names of all assets that the tenant lists, read or not.
    `complete`: True when absence from `present` means absence at the source.
    `notes`: content that Glue cannot express; they change no status.
    `unproven`: kinds whose own list was not read. For them, absence is proven only for exposed
        assets.
    `held`: tables that must stay unchanged because too little was read to write them.
    `objections`: reasons why the run must write nothing.
    `copies`: Glue names of the tables that carry our marker and do not count for their asset.
    `respelled`: former names of assets that the tenant lists in another case or Unicode form.
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
    copies: frozenset[str] = frozenset()
    respelled: frozenset[str] = frozenset()
