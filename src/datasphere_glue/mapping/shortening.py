"""What a table leaves out, step by step, if it does not fit into one request.

The steps go from what the table holds twice to what nothing else holds. Identity, columns and
types always remain. A key that no step names belongs to the step of the details, so that a new
key of `TABLE_KEYS` or `COLUMN_KEYS` has its place.
"""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from datasphere_glue.mapping.json_texts import canonical
from datasphere_glue.mapping.text import cut_comment
from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.glue_keys import column_key, table_key
from datasphere_glue.model.key import JSON, Key, Owner
from datasphere_glue.model.packed_names import COLUMN_NAMES, PACKED
from datasphere_glue.model.table import Column, Table, parameters
from datasphere_glue.model.table_keys import TABLE_KEYS

Shorten = Callable[[Table], Table]

LONG: Final = 20_000
"""Characters of a text that stay; a longer list is left out as a whole."""

_MAPPING: Final = "columnMapping"
_PROVENANCE: Final = table_key("provenance")
_LABEL: Final = column_key("label")
_OF_COLUMN: Final = 2
"""Dots in a provenance key of one column, `elements.NAME.field`. Keys of the table stay."""

_COMMENT_BYTES: Final = (200, 160, 120, 100, 80, 60, 40, 20)


class ShorteningStep(NamedTuple):
    """One step: what it leaves out, in words, and how."""

    what: str
    shorten: Shorten


def cut_comments(table: Table, fits: Callable[[Table], bool]) -> tuple[Table, str]:
    """Return the table with its comments as long as they fit, and what was cut.

    Only for a table that does not fit without anything but names, types and comments.
    """
    most = next((m for m in _COMMENT_BYTES if fits(_commented(table, m))), _COMMENT_BYTES[-1])
    return _commented(table, most), f"column comments, cut at {most} bytes"


def _commented(table: Table, most: int) -> Table:
    return _with_columns(table, lambda c: replace(c, comment=cut_comment(c.comment, most)))


def _without_table_keys(keys: Collection[str]) -> Shorten:
    def shorten(table: Table) -> Table:
        remaining = tuple(pair for pair in table.parameters if pair[0] not in keys)
        return replace(table, parameters=remaining)

    return shorten


def _without_column_keys(keys: Collection[str]) -> Shorten:
    def shorten(table: Table) -> Table:
        return _with_columns(table, lambda column: _without(column, keys))

    return shorten


def _without(column: Column, keys: Collection[str]) -> Column:
    return replace(column, parameters=tuple(p for p in column.parameters if p[0] not in keys))


def _with_columns(table: Table, change: Callable[[Column], Column]) -> Table:
    return replace(
        table,
        columns=tuple(map(change, table.columns)),
        partition_keys=tuple(map(change, table.partition_keys)),
    )


def _without_column_provenance(table: Table) -> Table:
    provenance = table.parameter(_PROVENANCE)
    if provenance is None:
        return table
    remaining = {
        key: source for key, source in json.loads(provenance).items() if key.count(".") < _OF_COLUMN
    }
    text = {_PROVENANCE: canonical(remaining)}
    return replace(table, parameters=parameters(dict(table.parameters) | text))


def _without_repeated_labels(table: Table) -> Table:
    def change(column: Column) -> Column:
        repeated = column.comment and (_LABEL, column.comment) in column.parameters
        return _without(column, (_LABEL,)) if repeated else column

    return _with_columns(table, change)


def _with_short_texts(table: Table) -> Table:
    short = {k: v[:LONG] if k in _TEXTS else v for k, v in table.parameters}
    return replace(table, parameters=parameters(short))


def _without_long_lists(table: Table) -> Table:
    short = (p for p in table.parameters if p[0] not in _LISTS or len(p[1]) <= LONG)
    return replace(table, parameters=tuple(short))


def _with_packed_names(table: Table) -> Table:
    return replace(table, parameters=parameters({**dict(table.parameters), COLUMN_NAMES: PACKED}))


def _full(keys: Iterable[Key], *names: str) -> frozenset[str]:
    """Return keys with their prefix; every name must be one of these keys."""
    full = {key.name: key.full for key in keys}
    return frozenset(full[name] for name in names)


def _content(keys: Iterable[Key]) -> frozenset[str]:
    """Return the keys that hold content of an asset or a column."""
    return frozenset(key.full for key in keys if key.owner is Owner.ASSET)


_SQL: Final = _full(TABLE_KEYS, "sql")
_INDIRECT: Final = _full(TABLE_KEYS, "indirect_lineage", "filter")
_CUSTOM: Final = _full(TABLE_KEYS, "custom", "pairs")
_KEPT_LONGEST: Final = _full(TABLE_KEYS, "label", "provenance")
_PROPERTIES: Final = _content(TABLE_KEYS) - _SQL - _INDIRECT - _CUSTOM - _KEPT_LONGEST
_TEXTS: Final = frozenset(key.full for key in TABLE_KEYS if key.codec not in JSON) & (
    _PROPERTIES | _KEPT_LONGEST
)
_LISTS: Final = _PROPERTIES - _TEXTS

_COLUMN_LINEAGE: Final = _full(COLUMN_KEYS, "lineage", "sources")
_COLUMN_CUSTOM: Final = _full(COLUMN_KEYS, "custom", "pairs")
_COLUMN_TEXTS: Final = _full(COLUMN_KEYS, "description")
_COLUMN_REFERENCES: Final = _full(
    *(COLUMN_KEYS, "aggregation", "measure_type", "currency", "unit", "currency_value"),
    *("unit_value", "text", "text_association", "association", "semantics", "label", "loss"),
)
_COLUMN_TYPES: Final = _full(COLUMN_KEYS, "type", "role", "roles", "key", "nullable")
_COLUMN_NAME: Final = _full(COLUMN_KEYS, "name", "position")
_COLUMN_DETAILS: Final = (
    frozenset(key.full for key in COLUMN_KEYS)
    - _COLUMN_LINEAGE
    - _COLUMN_CUSTOM
    - _COLUMN_TEXTS
    - _COLUMN_REFERENCES
    - _COLUMN_TYPES
    - _COLUMN_NAME
)

STEPS: Final = (
    ShorteningStep(_MAPPING, _without_table_keys((_MAPPING,))),
    ShorteningStep("provenance of columns", _without_column_provenance),
    ShorteningStep("text of the definition", _without_table_keys(_SQL)),
    ShorteningStep("conditions and indirect lineage", _without_table_keys(_INDIRECT)),
    ShorteningStep("column lineage", _without_column_keys(_COLUMN_LINEAGE)),
    ShorteningStep("custom properties of columns", _without_column_keys(_COLUMN_CUSTOM)),
    ShorteningStep("custom properties", _without_table_keys(_CUSTOM)),
    ShorteningStep("column descriptions", _without_column_keys(_COLUMN_TEXTS)),
    ShorteningStep("details of columns", _without_column_keys(_COLUMN_DETAILS)),
    ShorteningStep("column labels that their comments repeat", _without_repeated_labels),
    ShorteningStep(f"long texts, cut at {LONG:,} characters", _with_short_texts),
    ShorteningStep("long lists", _without_long_lists),
    ShorteningStep("column labels and references", _without_column_keys(_COLUMN_REFERENCES)),
    ShorteningStep("column types and roles of SAP", _without_column_keys(_COLUMN_TYPES)),
    ShorteningStep("properties of the table", _without_table_keys(_PROPERTIES)),
    ShorteningStep("exact column names, now in a short form", _with_packed_names),
)
"""The steps, the first one first."""
