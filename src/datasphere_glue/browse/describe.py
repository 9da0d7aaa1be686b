"""Describes one Glue table in the terms of Datasphere, from its parameters alone."""

import json
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any, Final

from datasphere_glue.model.asset import Asset
from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.element import Element
from datasphere_glue.model.key import JSON, PREFIX, Codec
from datasphere_glue.model.table import Column, Parameters, Table, sap_name
from datasphere_glue.model.table_keys import TABLE_KEYS

SCHEMA: Final = "datasphere-glue/table/1"

_KEYS: Final = (*TABLE_KEYS, *COLUMN_KEYS)
_JSON: Final = frozenset(key.name for key in _KEYS if key.codec in JSON)
_DIGESTS: Final = frozenset(key.name for key in _KEYS if key.codec is Codec.DIGEST)
_OBJECTS: Final = frozenset(key.attribute for key in _KEYS if key.codec is Codec.OBJECT)


@dataclass(frozen=True, slots=True)
class Entry:
    """A managed table and the asset that it was written from."""

    table: Table
    asset: Asset

    @property
    def place(self) -> str:
        """Return the name of the table in the catalog, `database.table`."""
        return f"{self.table.database}.{self.table.name}"

    @property
    def source(self) -> str:
        """Return the exact name of the asset in the tenant, `SPACE.asset`."""
        return f"{self.asset.space}.{self.asset.name}"

    @property
    def columns(self) -> tuple[tuple[Element, Column], ...]:
        """Return each element with its column, in the order of the asset."""
        by_name = {name: column for column in all_columns(self.table) if (name := sap_name(column))}
        elements = (e for e in self.asset.elements if e.name in by_name)
        return tuple((element, by_name[element.name]) for element in elements)


def describe_table(table: Table, asset: Asset | None, flaws: Iterable[str] = ()) -> dict[str, Any]:
    """Return the JSON document of a table: its context, and the asset rebuilt from it.

    `context`: our parameters by key without prefix, JSON decoded.
    `asset`: None when the table is not managed; fields at their default are left out.
    `flaws`: descriptions of values that cannot be decoded.
    """
    return {
        "schema": SCHEMA,
        "database": table.database,
        "table": table.name,
        "description": table.description,
        "context": context(table.parameters),
        "asset": None if asset is None else plain_value(asset),
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "comment": column.comment,
                "element": sap_name(column),
                "partition_key": column in table.partition_keys,
                "context": context(column.parameters),
            }
            for column in all_columns(table)
        ],
        "flaws": list(flaws),
    }


def all_columns(table: Table) -> tuple[Column, ...]:
    """Return all columns with the partition keys at the end, as Athena orders them."""
    return (*table.columns, *table.partition_keys)


def context(parameters: Parameters) -> dict[str, Any]:
    """Return our parameters by key without prefix, JSON decoded, without digests."""
    own = {key.removeprefix(PREFIX): value for key, value in parameters if key.startswith(PREFIX)}
    return {
        key: _decode(value) if key in _JSON else value
        for key, value in own.items()
        if key not in _DIGESTS
    }


def _decode(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def plain_value(value: Any) -> Any:
    """Return a value of the model as JSON types; fields at their default are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        values = {
            field.name: (getattr(value, field.name), field.default) for field in fields(value)
        }
        return {
            name: dict(item) if name in _OBJECTS else plain_value(item)
            for name, (item, default) in values.items()
            if default is MISSING or item != default
        }
    if isinstance(value, tuple):
        return [plain_value(part) for part in value]
    return str(value) if isinstance(value, str) else value
