"""Writes business context as Glue parameters; `from_table` reads them back."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any, Final, NamedTuple

from datasphere_glue.mapping.json_texts import Pairs, as_object, canonical, is_object, type_text
from datasphere_glue.mapping.records import RECORDS, record_value
from datasphere_glue.mapping.text import storable
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.element import Element
from datasphere_glue.model.key import Codec, Key, Owner
from datasphere_glue.model.table_keys import TABLE_KEYS

POSITION: Final = "position"
"""Key of a partition key that is a column of the asset: its position in the asset, from 0."""


def _names(elements: Iterable[Element], chosen: Callable[[Element], bool]) -> list[str]:
    return [element.name for element in elements if chosen(element)]


def _lossy_pairs(pairs_of: Mapping[str, Callable[[Any], Pairs]], thing: Any) -> dict[str, Pairs]:
    """Return by key the pairs that a JSON object cannot hold without loss."""
    pairs = {key: read(thing) for key, read in pairs_of.items()}
    return {key: value for key, value in pairs.items() if not is_object(value)}


def _listed(records: Iterable[Any]) -> str:
    return canonical(list(map(record_value, records)))


def roles(element: Element) -> list[str]:
    """Return all roles of a column, the main one first."""
    return [role for role, field in ROLES.items() if getattr(element, field)]


ROLES: Final[Mapping[str, str]] = {
    "key": "key",
    "measure": "measure",
    "currency": "is_currency",
    "unit": "is_unit",
    "text": "is_text",
    "dimension": "dimension",
    "attribute": "attribute",
}
"""The field of `Element` that marks each role, the main role first."""

_ENCODERS: Final[Mapping[Codec, Callable[[Any], str]]] = {
    Codec.TEXT: storable,
    Codec.WORD: str,
    Codec.MARK: lambda _: "true",
    Codec.FLAG: lambda value: "" if value is None else str(value).lower(),
    Codec.TYPE: lambda value: storable(type_text(value)),
    Codec.NAMES: canonical,
    Codec.TRIPLES: canonical,
    Codec.OBJECT: lambda value: canonical(as_object(value)),
    Codec.EXACT: canonical,
    **dict.fromkeys(RECORDS, _listed),
}
"""The encoder of a value, by the codec of its key. Digests are not context."""

_DERIVED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "keys": lambda asset: _names(asset.elements, lambda e: e.key),
    "dimensions": lambda asset: _names(asset.elements, lambda e: e.dimension),
    "measures": lambda asset: _names(asset.elements, lambda e: e.measure),
    "role": lambda element: next(iter(roles(element)), None),
    "roles": lambda element: several if len(several := roles(element)) > 1 else (),
}
"""The values that are derived from several fields of the model."""


def _pairs_of(keys: Iterable[Key]) -> dict[str, Callable[[Any], Pairs]]:
    """Return by name the reader of each key whose value is an object."""
    return {
        key.name: attrgetter(key.attribute)
        for key in keys
        if key.codec is Codec.OBJECT and key.attribute
    }


class _Row(NamedTuple):
    """How one key gets its text: `read` returns the value, `encode` the text of it."""

    name: str
    read: Callable[[Any], Any]
    encode: Callable[[Any], str]


def _rows(keys: Iterable[Key]) -> tuple[_Row, ...]:
    """Return the rows of all keys that hold content of an asset or a column."""
    return tuple(_row(key, keys) for key in keys if key.owner is Owner.ASSET)


def _row(key: Key, keys: Iterable[Key]) -> _Row:
    encode = _ENCODERS[key.codec]
    if key.codec is Codec.EXACT:
        return _Row(key.name, partial(_lossy_pairs, _pairs_of(keys)), encode)
    if key.attribute is None:
        return _Row(key.name, _DERIVED[key.name], encode)
    read = attrgetter(key.attribute)
    if key.codec is Codec.FLAG:
        # False is a value of a flag: it is written as "false" instead of being absent.
        return _Row(key.name, lambda thing: encode(read(thing)), str)
    return _Row(key.name, read, encode)


_TABLE_ROWS: Final = _rows(TABLE_KEYS)
_COLUMN_ROWS: Final = _rows(COLUMN_KEYS)


def table_context(asset: Asset) -> dict[str, str]:
    """Return the context of an asset by key without prefix; empty values have no key."""
    return _encode_all(_TABLE_ROWS, asset)


def column_context(element: Element) -> dict[str, str]:
    """Return the context of a column by key without prefix; empty values have no key."""
    context = _encode_all(_COLUMN_ROWS, element)
    # An empty name is written as well: the key marks a column of SAP.
    return context if element.name else {**context, "name": ""}


def _encode_all(rows: Iterable[_Row], thing: Asset | Element) -> dict[str, str]:
    return {
        name: text
        for name, read, encode in rows
        if (value := read(thing)) and (text := encode(value))
    }
