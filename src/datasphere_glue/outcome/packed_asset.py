"""One table as the page of a report needs it: the keys that it shows, and the columns in rows.

    asset  {"name", values of the keys, "columns": [...], "origins", "details"}
    row    Glue name, SAP name, label, role, Glue type, SAP type, 1 for a key, aggregation, unit or
           currency, description; empty ends are cut off

What only some columns have is outside of their rows, so that many assets share the rows.
`origins` has the `objects` that the columns come from, and an entry for each of the `columns`: the
position of an object that has the same column and hands it through, or a list of
`[position of the object, column, how]`, where `how` is left out if the column is handed through.
Entries at the end without any are cut off. `indirect_lineage` is `[[object, [[column, how, ...],
...]], ...]`. `details` lists columns with a formula and the like, each with its position (`at`).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.completeness import Score
from datasphere_glue.model.glue_keys import column_key, table_key
from datasphere_glue.model.key import JSON, Codec, Key
from datasphere_glue.model.table import Column, Table
from datasphere_glue.model.table_keys import TABLE_KEYS

Row = list[Any]
"""A column, or an asset of the index; its upstream is `SPACE.OBJECT` until the index is built."""

_LONGEST: Final = 1_000
"""Characters of an expression; `show --json` has all of it."""

_INDIRECT: Final = "indirect_lineage"
_ON_PAGE: Final = tuple(key for key in TABLE_KEYS if key.page and key.name != _INDIRECT)
_OF_COLUMN: Final = tuple(
    column_key(key)
    for key in ("name", "label", "role", "type", "key", "aggregation", "unit", "description")
)
_OTHER_UNITS: Final = tuple(column_key(k) for k in ("currency", "currency_value", "unit_value"))
_IN_ROW: Final = frozenset({*_OF_COLUMN, *_OTHER_UNITS})
_IN_DETAILS: Final = tuple(
    key
    for key in COLUMN_KEYS
    if key.page and key.full not in _IN_ROW and key.codec not in {Codec.ORIGINS, Codec.TRIPLES}
)
_LINEAGE: Final = column_key("lineage")
_SOURCES: Final = column_key("sources")
_USUAL: Final = {"lineage_complete": "true", "measure_type": "BASE"}
"""Values that the page leaves out, as most assets and columns have them."""

_HANDED_THROUGH: Final = frozenset({"direct", "renamed"})

_Origin = tuple[str, str, str]
"""Object, column, and how it is used; no word where the value is handed through."""


def packed_asset(table: Table, score: Score) -> dict[str, Any]:
    """Return an asset without its columns; keys without a value are absent."""
    asset: dict[str, Any] = {"name": score.name}
    if shortened := _unless_lower(table.name, score.name):
        asset["table"] = shortened
    asset |= _values(_ON_PAGE, dict(table.parameters))
    if rows := _indirect(table.parameter(table_key(_INDIRECT))):
        asset[_INDIRECT] = rows
    columns = (*table.columns, *table.partition_keys)
    if origins := _origins(columns):
        asset["origins"] = origins
    if details := list(_details(columns)):
        asset["details"] = details
    return asset


def packed_column(column: Column) -> Row:
    """Return the row of a column, without empty ends."""
    parameters = dict(column.parameters)
    name, label, role, sap, key, aggregation, unit, description = map(parameters.get, _OF_COLUMN)
    units = (unit, *map(parameters.get, _OTHER_UNITS))
    row = [
        _unless_lower(column.name, name or ""),
        name or "",
        label or "",
        role or "",
        column.type,
        sap or "",
        1 if key == "true" else 0,
        aggregation or "",
        next(filter(None, units), ""),
        description or "",
    ]
    while not row[-1]:
        row.pop()
    return row


def _values(keys: Iterable[Key], parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of keys that are present, decoded and at most _LONGEST characters each."""
    values: dict[str, Any] = {}
    for key in keys:
        text = parameters.get(key.full)
        if text is None or text == _USUAL.get(key.name):
            continue
        if key.codec not in JSON:
            values[key.name] = _shortened(text) if key.name == "formula" else text
        elif value := _decoded(text, dict if key.codec is Codec.OBJECT else list):
            values[key.name] = [*map(_shortened, value)] if key.name == "filter" else value
    return values


def _details(columns: Iterable[Column]) -> Iterator[dict[str, Any]]:
    for position, column in enumerate(columns):
        if values := _values(_IN_DETAILS, dict(column.parameters)):
            yield {"at": position, **values}


def _origins(columns: Iterable[Column]) -> dict[str, Any]:
    """Return the origins of all columns, empty if no column has one."""
    positions: dict[str, int] = {}
    entries: Row = []
    for column in columns:
        parameters = dict(column.parameters)
        name = parameters.get(_OF_COLUMN[0])
        origins = [
            (positions.setdefault(source, len(positions)), *origin)
            for (source, *origin) in _origins_of(parameters)
        ]
        match origins:
            case [(position, same, "")] if same == name:
                entries.append(position)
            case _:
                entries.append([[*origin] if origin[2] else [*origin[:2]] for origin in origins])
    while entries and entries[-1] == []:
        entries.pop()
    return {"objects": list(positions), "columns": entries} if entries else {}


def _origins_of(parameters: Mapping[str, str]) -> Iterator[_Origin]:
    """Yield the origins of a column, each once; what a query says beats the word of a model."""
    origins: dict[tuple[str, str], str] = {}
    for triple in _decoded(parameters.get(_SOURCES), list):
        match triple:
            case [space, name, column]:
                origins[f"{space}.{name}", str(column)] = ""
    for source, column, how in _records(parameters.get(_LINEAGE)):
        origins[source, column] = "" if how in _HANDED_THROUGH else how
    for (source, column), how in origins.items():
        yield source, column, how


def _indirect(text: str | None) -> list[Row]:
    """Return the columns that decide which rows there are, grouped by object, each once."""
    by_object: dict[str, dict[str, Row]] = {}
    for source, column, how in _records(text):
        by_object.setdefault(source, {}).setdefault(column, [column]).append(how)
    return [[source, list(columns.values())] for source, columns in by_object.items()]


def _records(text: str | None) -> Iterator[_Origin]:
    for record in _decoded(text, list):
        if isinstance(record, dict):
            yield (
                str(record.get("object", "")),
                str(record.get("column", "")),
                str(record.get("how", "")),
            )


def _unless_lower(glue: str, sap: str) -> str:
    """Return a Glue name, empty if it is the SAP name in lower case, in ASCII alone."""
    return "" if sap.isascii() and glue == sap.lower() else glue


def _shortened(text: Any) -> Any:
    cut = isinstance(text, str) and len(text) > _LONGEST
    return f"{text[: _LONGEST - 1]}…" if cut else text


def _decoded(text: str | None, sort: type) -> Any:
    """Return the list or object in the JSON of a parameter, an empty one if it holds no such."""
    try:
        value = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return sort()
    return value if isinstance(value, sort) else sort()
