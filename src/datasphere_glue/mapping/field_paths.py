"""The paths of the fields in Glue that a policy for edits can name."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.table_keys import TABLE_KEYS

_COLUMN_FIELDS: Final = ("comment", "type", "parameters")
_COLUMN_PLACES: Final = ("columns", "partition_keys")
_PLAIN_KEYS: Final = (
    *("classification", "typeOfData", "sourceTable", "columnMapping", "connectionName"),
    *("EXTERNAL", "skip.header.line.count"),
)
_DESCRIPTOR: Final = "rest.StorageDescriptor"
_REST: Final = ("Location", "InputFormat", "OutputFormat", "SerdeInfo")


@lru_cache(maxsize=256)
def field_paths(pattern: str) -> frozenset[str]:
    """Return every path that a pattern may match; columns have the name that the pattern names."""
    return frozenset(_paths(pattern))


def _paths(pattern: str) -> Iterator[str]:
    yield from ("description", "table_type")
    yield from (f"parameters.{key.full}" for key in TABLE_KEYS)
    yield from (f"parameters.{key}" for key in _PLAIN_KEYS)
    yield from (f"{_DESCRIPTOR}.{name}" for name in _REST)
    if pattern.startswith(f"{_DESCRIPTOR}.SerdeInfo."):
        yield pattern.replace("*", "x").replace("?", "x")
    named = pattern.split(".")
    column = named[1].replace("*", "x").replace("?", "x") if len(named) > 1 else "x"
    keys = [f"parameters.{key.full}" for key in COLUMN_KEYS]
    for place in _COLUMN_PLACES:
        yield from (f"{place}.{column}.{field}" for field in (*_COLUMN_FIELDS, *keys))
