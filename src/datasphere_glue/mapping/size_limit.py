"""Keeps a table below the size that Glue takes in one request.

Glue publishes no cap; `Payload size of request exceeded limit` was seen at about 570 KB, so
bodies stay below 400 KB (design 1.5). What goes first is what can be read elsewhere in the table.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from datasphere_glue.model.glue_keys import column_key, table_key
from datasphere_glue.model.table import Column, Table, parameters

BUDGET: Final = 340_000
"""Bytes for what we write; the rest of 400 KB is room for applied digests and foreign fields."""

_LONGEST_KEPT: Final = 20_000
_PROVENANCE: Final = table_key("provenance")
_OF_COLUMN: Final = 2
"""Dots in the provenance of one column, `elements.NAME.field`; that of a table stays."""

_TELLING: Final = (
    *("name", "type", "label", "role", "key", "nullable", "aggregation"),
    *("currency", "unit", "text", "association"),
)


def size(table: Table) -> int:
    """Return the bytes that the content of a table takes in a Glue request, closely."""
    columns = [
        {"Name": c.name, "Type": c.type, "Comment": c.comment, "Parameters": dict(c.parameters)}
        for c in table.columns
    ]
    return len(json.dumps([table.description, dict(table.parameters), columns]))


def fit_to_limit(table: Table) -> tuple[Table, tuple[str, ...]]:
    """Return the table within the budget and what was left out, nothing when all of it fits.

    Identity (managed_by, tenant, space, name), column names and types are never left out; a table
    that is too large even so is returned as small as it gets, and its write fails alone.
    """
    left_out: list[str] = []
    for what, shorten in _STEPS:
        if size(table) <= BUDGET:
            break
        table = shorten(table)
        left_out.append(what)
    return table, tuple(left_out)


def _without_parameters(*keys: str) -> Callable[[Table], Table]:
    def shorten(table: Table) -> Table:
        kept = {key: value for key, value in table.parameters if key not in keys}
        return replace(table, parameters=parameters(kept))

    return shorten


def _columns_keeping(*keys: str) -> Callable[[Table], Table]:
    kept = set(map(column_key, keys))

    def shorten(table: Table) -> Table:
        return replace(table, columns=tuple(_keeping(column, kept) for column in table.columns))

    return shorten


def _keeping(column: Column, keys: set[str]) -> Column:
    return replace(column, parameters=tuple(p for p in column.parameters if p[0] in keys))


def _without_column_provenance(table: Table) -> Table:
    told = table.parameter(_PROVENANCE)
    if told is None:
        return table
    kept = {key: source for key, source in json.loads(told).items() if key.count(".") < _OF_COLUMN}
    text = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return replace(table, parameters=parameters(dict(table.parameters) | {_PROVENANCE: text}))


def _column_details_dropped(table: Table) -> Table:
    return _columns_keeping(*_TELLING)(_without_column_provenance(table))


def _long_texts_cut(table: Table) -> Table:
    short = {
        key: value if len(value) <= _LONGEST_KEPT or value[:1] in "[{" else value[:_LONGEST_KEPT]
        for key, value in table.parameters
    }
    return replace(table, parameters=parameters(short))


def _long_lists_dropped(table: Table) -> Table:
    short = {key: value for key, value in table.parameters if len(value) <= _LONGEST_KEPT}
    return replace(table, parameters=parameters(short))


def _without_comments(table: Table) -> Table:
    return replace(table, columns=tuple(replace(column, comment=None) for column in table.columns))


_STEPS: Final[tuple[tuple[str, Callable[[Table], Table]], ...]] = (
    ("columnMapping", _without_parameters("columnMapping")),
    (
        "column descriptions, custom properties and provenance",
        _column_details_dropped,
    ),
    ("long texts, cut at 20,000 characters", _long_texts_cut),
    ("column labels and references", _columns_keeping("name", "type", "role")),
    ("long lists", _long_lists_dropped),
    ("column types and roles of SAP", _columns_keeping("name")),
    ("column comments", _without_comments),
)
