"""One Glue table in the words of Datasphere, read from the table alone."""

import json
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any, Final

from datasphere_glue.model.asset import Asset, Element
from datasphere_glue.model.glue_keys import COLUMN_KEYS, TABLE_KEYS
from datasphere_glue.model.key import JSON, PREFIX, Codec
from datasphere_glue.model.table import Column, Parameters, Table, sap_name

SCHEMA: Final = "datasphere-glue/table/1"

_KEYS: Final = (*TABLE_KEYS, *COLUMN_KEYS)
_JSON: Final = frozenset(key.name for key in _KEYS if key.codec in JSON)
_DIGESTS: Final = frozenset(key.name for key in _KEYS if key.codec is Codec.DIGEST)
_OBJECTS: Final = frozenset(key.attribute for key in _KEYS if key.codec is Codec.OBJECT)


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of ours and the asset that it was written from."""

    table: Table
    asset: Asset

    @property
    def place(self) -> str:
        """Return the name of the table in the catalog."""
        return f"{self.table.database}.{self.table.name}"

    @property
    def source(self) -> str:
        """Return the exact name of the asset in the tenant."""
        return f"{self.asset.space}.{self.asset.name}"

    @property
    def columns(self) -> tuple[tuple[Element, Column], ...]:
        """Return each element with its column, in the order of the asset."""
        held = {name: column for column in all_columns(self.table) if (name := sap_name(column))}
        elements = (e for e in self.asset.elements if e.name in held)
        return tuple((element, held[element.name]) for element in elements)


def describe_table(table: Table, asset: Asset | None, flaws: Iterable[str] = ()) -> dict[str, Any]:
    """Return all that a table says: its context as it stands, and the asset rebuilt from it.

    `context` holds our parameters by the last part of their key, JSON decoded. `asset` is None
    when the table is not ours; fields of it that say nothing are left out. `flaws` name what the
    table no longer tells.
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
    """Return all columns, those that the data are partitioned by at the end, as Athena does."""
    return (*table.columns, *table.partition_keys)


def context(parameters: Parameters) -> dict[str, Any]:
    """Return our parameters by the last part of their key, without digests."""
    own = {key.removeprefix(PREFIX): value for key, value in parameters if key.startswith(PREFIX)}
    return {
        key: _decoded(value) if key in _JSON else value
        for key, value in own.items()
        if key not in _DIGESTS
    }


def _decoded(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def plain_value(value: Any) -> Any:
    """Return a value of the model as plain JSON; a field at its default is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        said = {field.name: (getattr(value, field.name), field.default) for field in fields(value)}
        return {
            name: dict(told) if name in _OBJECTS else plain_value(told)
            for name, (told, default) in said.items()
            if default is MISSING or told != default
        }
    if isinstance(value, tuple):
        return [plain_value(item) for item in value]
    return str(value) if isinstance(value, str) else value
