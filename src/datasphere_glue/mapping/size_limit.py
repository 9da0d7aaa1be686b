"""Keeps a table below the size that Glue accepts in one request.

Glue documents no limit. `Payload size of request exceeded limit` was observed at about 570 KB, so
bodies stay below 400 KB (design 1.5). Content that the table holds elsewhere is left out first.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from datasphere_glue.model.glue_keys import column_key, table_key
from datasphere_glue.model.table import Column, Table, parameters

BUDGET: Final = 340_000
"""Bytes of our content; the rest of 400 KB is for `datasphere.applied` and foreign fields."""

_LONGEST_KEPT: Final = 20_000
_PROVENANCE: Final = table_key("provenance")
_OF_COLUMN: Final = 2
"""Dots in a provenance key of one column, `elements.NAME.field`. Keys of the table stay."""

_ESSENTIAL: Final = (
    *("name", "type", "label", "role", "key", "nullable", "aggregation"),
    *("currency", "unit", "text", "association"),
)


def size(table: Table) -> int:
    """Return the approximate size in bytes of the content of a table in a Glue request."""
    columns = [
        {"Name": c.name, "Type": c.type, "Comment": c.comment, "Parameters": dict(c.parameters)}
        for c in table.columns
    ]
    return len(json.dumps([table.description, dict(table.parameters), columns]))


def fit_to_limit(table: Table) -> tuple[Table, tuple[str, ...]]:
    """Return the table within BUDGET, and the names of the content that was left out.

    Identity (managed_by, tenant, space, name), column names and types are never left out. A table
    that is still too large is returned at its smallest, and only its own write fails.
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
        remaining = {key: value for key, value in table.parameters if key not in keys}
        return replace(table, parameters=parameters(remaining))

    return shorten


def _reduce_columns(*keys: str) -> Callable[[Table], Table]:
    key_set = set(map(column_key, keys))

    def shorten(table: Table) -> Table:
        return replace(
            table, columns=tuple(_with_keys(column, key_set) for column in table.columns)
        )

    return shorten


def _with_keys(column: Column, keys: set[str]) -> Column:
    return replace(column, parameters=tuple(p for p in column.parameters if p[0] in keys))


def _without_column_provenance(table: Table) -> Table:
    provenance = table.parameter(_PROVENANCE)
    if provenance is None:
        return table
    remaining = {
        key: source for key, source in json.loads(provenance).items() if key.count(".") < _OF_COLUMN
    }
    text = json.dumps(remaining, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return replace(table, parameters=parameters(dict(table.parameters) | {_PROVENANCE: text}))


def _without_column_details(table: Table) -> Table:
    return _reduce_columns(*_ESSENTIAL)(_without_column_provenance(table))


def _with_short_texts(table: Table) -> Table:
    short = {
        key: value if len(value) <= _LONGEST_KEPT or value[:1] in "[{" else value[:_LONGEST_KEPT]
        for key, value in table.parameters
    }
    return replace(table, parameters=parameters(short))


def _without_long_lists(table: Table) -> Table:
    short = {key: value for key, value in table.parameters if len(value) <= _LONGEST_KEPT}
    return replace(table, parameters=parameters(short))


def _without_comments(table: Table) -> Table:
    return replace(table, columns=tuple(replace(column, comment=None) for column in table.columns))


_STEPS: Final[tuple[tuple[str, Callable[[Table], Table]], ...]] = (
    ("columnMapping", _without_parameters("columnMapping")),
    (
        "column descriptions, custom properties and provenance",
        _without_column_details,
    ),
    ("long texts, cut at 20,000 characters", _with_short_texts),
    ("column labels and references", _reduce_columns("name", "type", "role")),
    ("long lists", _without_long_lists),
    ("column types and roles of SAP", _reduce_columns("name")),
    ("column comments", _without_comments),
)
