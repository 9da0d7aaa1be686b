"""Rebuilds an asset from its Glue table, the inverse of `context` and `tables`.

Only parameters are read: people may edit comments and descriptions, and Glue types are less exact
than SAP types. The function is total: a value that cannot be decoded is absent from the asset and
becomes a flaw.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from datasphere_glue.mapping.context import POSITION, ROLES
from datasphere_glue.mapping.json_texts import UNTYPED
from datasphere_glue.mapping.records import RECORDS, read_record
from datasphere_glue.mapping.stored_values import Flaws, StoredValues, excerpt_of
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.element import Element
from datasphere_glue.model.key import JSON, PREFIX, Codec, Key
from datasphere_glue.model.table import Parameters, Table, sap_name
from datasphere_glue.model.table_keys import TABLE_KEYS

_LISTED_FIELDS: Final = {"keys": "key", "dimensions": "dimension", "measures": "measure"}
"""The field of an element that each list of column names sets."""

_ROLES: Final = frozenset(ROLES)
_IN_JSON: Final = JSON | {Codec.MARK, Codec.FLAG}
"""Codecs whose text is JSON; the texts of flags, `true` and `false`, are JSON as well."""

_TABLE_JSON: Final = frozenset(key.name for key in TABLE_KEYS if key.codec in _IN_JSON)
_COLUMN_JSON: Final = frozenset(key.name for key in COLUMN_KEYS if key.codec in _IN_JSON)
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Recovered:
    """The asset that a table was written from; `flaws` describe values that cannot be decoded."""

    asset: Asset
    flaws: tuple[str, ...] = ()


def asset_from_table(table: Table) -> Recovered:
    """Return the asset that a managed table was written from, complete and in its order.

    Lone surrogates, which Glue texts cannot hold, come back as U+FFFD, and empty texts as None.
    Columns without `datasphere.name` are not from SAP and are left out.
    """
    flaws: Flaws = {}
    values = StoredValues(_decode(table.parameters, _TABLE_JSON, "table", flaws), "table", flaws)
    elements = _with_listed_roles(values, _elements(table, flaws))
    asset = Asset(
        space=values.text("space") or "",
        name=values.text("name") or "",
        kind=values.word("kind", Kind) or _likely_kind(table),
        elements=elements,
        **{field: decode(values, key) for key, field, decode in _TABLE_ROWS},
    )
    return Recovered(asset, tuple(f"{at} cannot be used: {value!r}" for at, value in flaws.items()))


def _decode(pairs: Parameters, coded: Collection[str], where: str, flaws: Flaws) -> dict[str, Any]:
    """Return our parameters by key without prefix, JSON and flags decoded."""
    decoded: dict[str, Any] = {}
    for full, value in pairs:
        key = full.removeprefix(PREFIX)
        if key == full:
            continue
        if key not in coded:
            decoded[key] = value
            continue
        try:
            decoded[key] = json.loads(value)
        except (ValueError, RecursionError):
            flaws[f"{where}: {key}"] = excerpt_of(value)
    return decoded


def _likely_kind(table: Table) -> Kind:
    return Kind.LOCAL_TABLE if table.parameter("typeOfData") == "table" else Kind.VIEW


def _elements(table: Table, flaws: Flaws) -> list[Element]:
    """Return the elements in the order of the asset, partition keys at their positions."""
    elements: dict[str, Element] = {}
    positions: list[tuple[int, str]] = []
    for column in (*table.columns, *table.partition_keys):
        name = sap_name(column)
        if name is None:
            continue
        if name in elements:
            flaws[f"column {column.name}: name"] = excerpt_of(name)
            continue
        where = f"column {column.name}"
        values = _decode(column.parameters, _COLUMN_JSON, where, flaws)
        elements[name] = _element(name, StoredValues(values, where, flaws))
        place = str(values.get(POSITION, ""))
        if place.isdecimal():
            positions.append((int(place[:_DIGITS]), name))
    positioned = {name for _, name in positions}
    order = [name for name in elements if name not in positioned]
    for index, name in sorted(positions):
        order.insert(index, name)
    return [elements[name] for name in order]


def _element(name: str, values: StoredValues) -> Element:
    main = values.text("role")
    roles = values.names("roles") or ((main,) if main else ())
    for unknown in sorted(frozenset(roles) - _ROLES):
        values.flaw("role", unknown)
    fields: dict[str, Any] = {field: decode(values, key) for key, field, decode in _COLUMN_ROWS}
    fields |= {field: True for role, field in ROLES.items() if role in roles}
    return Element(**fields | {"name": name, "type": fields["type"] or UNTYPED})


def _with_listed_roles(values: StoredValues, elements: Iterable[Element]) -> tuple[Element, ...]:
    """Return the elements with the roles that the lists of the table add.

    `size_limit` may have left out the roles of the columns.
    """
    names_by_field = {field: frozenset(values.names(key)) for key, field in _LISTED_FIELDS.items()}
    result = []
    for element in elements:
        roles: dict[str, Any] = {
            field: True for field, names in names_by_field.items() if element.name in names
        }
        lacking = {field for field in roles if not getattr(element, field)}
        result.append(replace(element, **roles) if lacking else element)
    return tuple(result)


def _records(kind: type[Any], values: StoredValues, key: str) -> tuple[Any, ...]:
    return tuple(read_record(one, kind) for one in values.records(key))


_Decoder = Callable[[StoredValues, str], Any]

_DECODERS: Final[Mapping[Codec, _Decoder]] = {
    Codec.TEXT: StoredValues.text,
    Codec.WORD: lambda values, key: values.word(key, Usage),
    Codec.MARK: lambda values, key: values.flag(key) or False,
    Codec.FLAG: StoredValues.flag,
    Codec.TYPE: StoredValues.sap,
    Codec.NAMES: StoredValues.names,
    Codec.TRIPLES: StoredValues.triples,
    Codec.OBJECT: StoredValues.ordered,
    **{codec: partial(_records, kind) for codec, kind in RECORDS.items()},
}
"""The decoder of a field, by the codec of its key. Derived keys have no field."""


def _rows(keys: Iterable[Key]) -> tuple[tuple[str, str, _Decoder], ...]:
    """Return key, field and decoder of every key that holds one field."""
    return tuple((key.name, key.attribute, _DECODERS[key.codec]) for key in keys if key.attribute)


_TABLE_ROWS: Final = _rows(TABLE_KEYS)
_COLUMN_ROWS: Final = _rows(COLUMN_KEYS)
