"""Compares the written with the read state; only equality makes an outcome verified."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from datasphere_glue.errors import first_few
from datasphere_glue.glue.table_input import (
    database_from_glue,
    database_input,
    table_from_glue,
    table_input,
)
from datasphere_glue.model.table import Column, Database, Table, without_empty_values

_NAMED: Final = 3
"""Most differing fields that an error lists; the rest is counted."""


def differences(expected: Table, actual: Table) -> tuple[str, ...]:
    """Return the paths of the fields in which two tables differ, sorted; empty if they agree.

    Outside of columns, False and 0 equal absent, because Glue adds such defaults (Retention,
    Compressed, NumberOfBuckets, StoredAsSubDirectories). The time of the last access is ignored.
    """
    if expected.columns == actual.columns:
        # Equal columns cannot differ, and they are most of a table.
        expected, actual = replace(expected, columns=()), replace(actual, columns=())
    return _differing(_table_fields(expected), _table_fields(actual))


def database_differences(expected: Database, actual: Database) -> tuple[str, ...]:
    """Return the paths of the fields in which a database differs from the expected one, sorted.

    Additional members of `rest` are ignored: Glue adds default permissions. A member that was
    written empty must be empty or absent.
    """
    expected_fields = _database_fields(expected)
    actual_fields = _database_fields(actual)
    written = {f"rest.{member}" for member in json.loads(expected.rest)}
    extra = {
        key
        for key in actual_fields.keys() - expected_fields.keys() - written
        if key.startswith("rest.")
    }
    return _differing(
        expected_fields, {key: value for key, value in actual_fields.items() if key not in extra}
    )


def first_paths(paths: tuple[str, ...]) -> str:
    """Return the first paths, and the number of the others, as text."""
    return first_few(paths, _NAMED)


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    keys = one.keys() | other.keys()
    return tuple(sorted(key for key in keys if one.get(key) != other.get(key)))


def _table_fields(table: Table) -> dict[str, Any]:
    # The conversion to a request and back makes "" and absent equal.
    plain = table_from_glue({**table_input(table), "DatabaseName": table.database}).table
    rest = json.loads(without_empty_values(plain.rest))
    # Any reader of a table may change it, and a catalog may set it at creation.
    rest.pop("LastAccessTime", None)
    descriptor = rest.pop("StorageDescriptor", {})
    return {
        "database": plain.database,
        "name": plain.name,
        "description": plain.description,
        "table_type": plain.table_type,
        **_parameters(plain.parameters),
        **_columns("columns", plain.columns),
        **_columns("partition_keys", plain.partition_keys),
        **{f"rest.{key}": value for key, value in rest.items() if value},
        **{f"rest.StorageDescriptor.{key}": v for key, v in descriptor.items() if _has_content(v)},
    }


def _has_content(value: Any) -> bool:
    return bool(value) and value != {"Parameters": {}}


def _columns(kind: str, columns: Iterable[Column]) -> dict[str, Any]:
    fields: dict[str, Any] = {f"{kind} (names)": [column.name for column in columns]}
    for column in columns:
        path = f"{kind}.{column.name}"
        fields[f"{path}.type"] = column.type
        fields[f"{path}.comment"] = column.comment
        fields |= {f"{path}.{key}": value for key, value in _parameters(column.parameters).items()}
    return fields


def _parameters(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {f"parameters.{key}": value for key, value in pairs}


def _database_fields(database: Database) -> dict[str, Any]:
    plain = database_from_glue(database_input(database))
    rest = json.loads(without_empty_values(plain.rest))
    return {
        "name": plain.name,
        "description": plain.description,
        **_parameters(plain.parameters),
        **{f"rest.{key}": value for key, value in rest.items()},
    }
