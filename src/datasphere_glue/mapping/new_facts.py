"""What a later reader found in an asset whose source did not change."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from datasphere_glue.mapping.context import column_context, table_context
from datasphere_glue.mapping.records import RECORDS
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.key import Key
from datasphere_glue.model.reader_version import (
    COLUMN_KEYS_OF_1,
    MEMBERS_OF_1,
    TABLE_KEYS_OF_1,
)
from datasphere_glue.model.table_keys import TABLE_KEYS

_FOLLOWS: Final = frozenset({"custom", "pairs", "provenance"})
"""Keys that change with others: an annotation that gets a key of its own leaves `custom`."""

_KEYS: Final[Mapping[str, Key]] = {key.name: key for key in TABLE_KEYS}
_COLUMN: Final = "column "


def new_facts(before: Asset, after: Asset) -> tuple[str, ...]:
    """Return the keys in which two readings of an asset differ, those of columns with `column`."""
    return tuple(sorted({key for _, key, _ in set(_context(before)) ^ set(_context(after))}))


def only_new_keys(before: Asset, after: Asset) -> bool:
    """Return whether two readings agree in everything that the first reader could read."""
    return before.kind == after.kind and _known(before) == _known(after)


def _context(asset: Asset) -> Iterator[tuple[str, str, str]]:
    """Yield the column (empty for the asset itself), the key and the text of each value."""
    for key, value in table_context(asset).items():
        yield "", key, value
    for element in asset.elements:
        for key, value in column_context(element).items():
            yield element.name, _COLUMN + key, value


def _known(asset: Asset) -> Any:
    table = {
        key: _without_new_members(key, value)
        for key, value in table_context(asset).items()
        if key in TABLE_KEYS_OF_1 - _FOLLOWS
    }
    columns = [
        {k: v for k, v in column_context(e).items() if k in COLUMN_KEYS_OF_1 - _FOLLOWS}
        for e in asset.elements
    ]
    return [asset.space, asset.name, table, columns]


def _without_new_members(key: str, value: str) -> Any:
    codec = _KEYS[key].codec
    members = MEMBERS_OF_1.get(codec)
    if codec not in RECORDS or members is None:
        return value
    return [
        {name: item for name, item in record.items() if name in members and name not in _FOLLOWS}
        for record in json.loads(value)
    ]
