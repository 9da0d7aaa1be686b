"""Writes business context as Glue parameters; `from_table` reads them back.

Lists and objects are JSON in one canonical form (sorted keys, unescaped characters). They are never
joined by commas, because SAP names hold commas. An empty text counts as absent.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any, Final, NamedTuple

from datasphere_glue.mapping.raw_types import raw_type
from datasphere_glue.mapping.text import storable
from datasphere_glue.model.asset import (
    Asset,
    Association,
    Element,
    Hierarchy,
    ModelSource,
    SapType,
    Variable,
)
from datasphere_glue.model.glue_keys import COLUMN_KEYS, TABLE_KEYS
from datasphere_glue.model.key import Codec, Key, Owner

Pairs = tuple[tuple[str, str], ...]

UNTYPED: Final = SapType("")
"""The type of a column without one; it has no `datasphere.type`."""

POSITION: Final = "position"
"""Key of a partition key that is a column of the asset: its position in the asset, from 0."""

PAIRS: Final = "pairs"
"""Key of pairs that a JSON object cannot hold: keys that repeat or are not sorted."""

_JSON: Final = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
)


def canonical(value: Any) -> str:
    """Return the canonical JSON text of a value: sorted keys, no blanks, unescaped characters."""
    return storable(_JSON.encode(value))


def _without_empty(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if item not in (None, (), [], {}, "")}


def _names(elements: Iterable[Element], chosen: Callable[[Element], bool]) -> list[str]:
    return [element.name for element in elements if chosen(element)]


def _object(pairs: Pairs) -> dict[str, str]:
    return {storable(key): storable(value) for key, value in pairs}


def _is_object(pairs: Pairs) -> bool:
    """Return True when a JSON object with sorted keys holds the pairs without loss."""
    if not pairs:
        return True
    return sorted(_object(pairs).items()) == [(storable(a), storable(b)) for a, b in pairs]


def _lossy_pairs(pairs_of: Mapping[str, Callable[[Any], Pairs]], thing: Any) -> dict[str, Pairs]:
    """Return by key the pairs that a JSON object cannot hold without loss."""
    pairs = {key: read(thing) for key, read in pairs_of.items()}
    return {key: value for key, value in pairs.items() if not _is_object(value)}


def _object_or_list(pairs: Pairs) -> dict[str, str] | Pairs:
    """Return pairs as an object, or unchanged where an object would lose content."""
    return _object(pairs) if _is_object(pairs) else pairs


def _type_text(sap: SapType | None) -> str:
    return "" if sap in (None, UNTYPED) else raw_type(sap)


def hierarchy_value(hierarchy: Hierarchy) -> dict[str, Any]:
    """Return a hierarchy as the object that `datasphere.hierarchies` lists."""
    return _without_empty(
        {
            "name": hierarchy.name,
            "kind": hierarchy.kind,
            "label": hierarchy.label,
            "levels": list(hierarchy.levels),
            "parent": list(hierarchy.parent),
            "child": list(hierarchy.child),
            "association": hierarchy.association,
            "custom": _object_or_list(hierarchy.custom),
        }
    )


def association_value(association: Association) -> dict[str, Any]:
    """Return an association as the object that `datasphere.associations` lists."""
    return _without_empty(
        {
            "name": association.name,
            "label": association.label,
            "space": association.target_space,
            "target": association.target,
            "columns": [list(pair) for pair in association.pairs],
            "composition": association.composition or None,
            "cardinality": association.cardinality,
            "custom": _object_or_list(association.custom),
        }
    )


def variable_value(variable: Variable) -> dict[str, Any]:
    """Return an input parameter as the object that `datasphere.variables` lists.

    Only `default` can be an empty text: it is the default value of the parameter.
    """
    value = _without_empty(
        {
            "name": variable.name,
            "label": variable.label,
            "type": _type_text(variable.type),
            "mandatory": variable.mandatory,
            "kind": variable.kind,
            "column": variable.column,
            "description": variable.description,
            "custom": _object_or_list(variable.custom),
        }
    )
    return value if variable.default is None else {**value, "default": variable.default}


def source_value(source: ModelSource) -> dict[str, Any]:
    """Return a source of an analytic model as the object that `datasphere.sources` lists."""
    return _without_empty(
        {
            "role": source.role,
            "name": source.name,
            "space": source.target_space,
            "target": source.target,
            "label": source.label,
            "associations": list(source.associations),
        }
    )


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
    Codec.TYPE: lambda value: storable(_type_text(value)),
    Codec.NAMES: canonical,
    Codec.TRIPLES: canonical,
    Codec.OBJECT: lambda value: canonical(_object(value)),
    Codec.EXACT: canonical,
    Codec.HIERARCHIES: lambda value: canonical(list(map(hierarchy_value, value))),
    Codec.ASSOCIATIONS: lambda value: canonical(list(map(association_value, value))),
    Codec.VARIABLES: lambda value: canonical(list(map(variable_value, value))),
    Codec.SOURCES: lambda value: canonical(list(map(source_value, value))),
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
