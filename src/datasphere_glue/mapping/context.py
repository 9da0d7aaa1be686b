"""Business context in, parameters out; `from_table` reads them again.

Lists and objects are JSON in one canonical form (sorted keys, real characters), never joined by
commas: SAP names hold commas. An empty text says as little as an absent one, and is absent.
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
"""The type of a column that does not say one; it has no `datasphere.type`."""

POSITION: Final = "position"
"""Key of a column that stands among the partition keys: its place among the asset's columns."""

PAIRS: Final = "pairs"
"""Key for pairs that the JSON object beside it cannot tell: in an order of their own, or twice."""


_JSON: Final = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
)


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no blanks, real characters."""
    return storable(_JSON.encode(value))


def _present(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if item not in (None, (), [], {}, "")}


def _names(elements: Iterable[Element], chosen: Callable[[Element], bool]) -> list[str]:
    return [element.name for element in elements if chosen(element)]


def _object(pairs: Pairs) -> dict[str, str]:
    return {storable(key): storable(value) for key, value in pairs}


def _is_object(pairs: Pairs) -> bool:
    """Tell whether a JSON object, whose keys are sorted, says all that the pairs say."""
    if not pairs:
        return True
    return sorted(_object(pairs).items()) == [(storable(a), storable(b)) for a, b in pairs]


def _exact(pairs_of: Mapping[str, Callable[[Any], Pairs]], thing: Any) -> dict[str, Pairs]:
    """Return the pairs of a thing that a JSON object would distort, by their key."""
    pairs = {key: read(thing) for key, read in pairs_of.items()}
    return {key: value for key, value in pairs.items() if not _is_object(value)}


def _object_or_list(pairs: Pairs) -> dict[str, str] | Pairs:
    """Return pairs as an object, or as they are where an object would lose something."""
    return _object(pairs) if _is_object(pairs) else pairs


def _type(sap: SapType | None) -> str:
    return "" if sap in (None, UNTYPED) else raw_type(sap)


def hierarchy_value(hierarchy: Hierarchy) -> dict[str, Any]:
    """Return a hierarchy as the object that `datasphere.hierarchies` lists."""
    return _present(
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
    return _present(
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

    Here alone an empty text says something: it is the default that a parameter has.
    """
    told = _present(
        {
            "name": variable.name,
            "label": variable.label,
            "type": _type(variable.type),
            "mandatory": variable.mandatory,
            "kind": variable.kind,
            "column": variable.column,
            "description": variable.description,
            "custom": _object_or_list(variable.custom),
        }
    )
    return told if variable.default is None else {**told, "default": variable.default}


def source_value(source: ModelSource) -> dict[str, Any]:
    """Return a source of an analytic model as the object that `datasphere.sources` lists."""
    return _present(
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
"""The field of an element that each role tells, the main role first."""

_ENCODERS: Final[Mapping[Codec, Callable[[Any], str]]] = {
    Codec.TEXT: storable,
    Codec.WORD: str,
    Codec.MARK: lambda _: "true",
    Codec.FLAG: lambda value: "" if value is None else str(value).lower(),
    Codec.TYPE: lambda value: storable(_type(value)),
    Codec.NAMES: canonical,
    Codec.TRIPLES: canonical,
    Codec.OBJECT: lambda value: canonical(_object(value)),
    Codec.EXACT: canonical,
    Codec.HIERARCHIES: lambda value: canonical(list(map(hierarchy_value, value))),
    Codec.ASSOCIATIONS: lambda value: canonical(list(map(association_value, value))),
    Codec.VARIABLES: lambda value: canonical(list(map(variable_value, value))),
    Codec.SOURCES: lambda value: canonical(list(map(source_value, value))),
}
"""The text of a value, by the codec of its key. A digest is no context."""

_DERIVED: Final[Mapping[str, Callable[[Any], Any]]] = {
    "keys": lambda asset: _names(asset.elements, lambda e: e.key),
    "dimensions": lambda asset: _names(asset.elements, lambda e: e.dimension),
    "measures": lambda asset: _names(asset.elements, lambda e: e.measure),
    "role": lambda element: next(iter(roles(element)), None),
    "roles": lambda element: several if len(several := roles(element)) > 1 else (),
}
"""The values that several fields of the model give."""


def _pairs_of(keys: Iterable[Key]) -> dict[str, Callable[[Any], Pairs]]:
    """Return what reads the pairs of each key whose value is an object."""
    return {
        key.name: attrgetter(key.attribute)
        for key in keys
        if key.codec is Codec.OBJECT and key.attribute
    }


class _Row(NamedTuple):
    """How one key gets its text: the value of a thing, and the encoder of it."""

    name: str
    read: Callable[[Any], Any]
    encode: Callable[[Any], str]


def _rows(keys: Iterable[Key]) -> tuple[_Row, ...]:
    """Return the rows of all keys that follow an asset or a column, worked out once."""
    return tuple(_row(key, keys) for key in keys if key.owner is Owner.ASSET)


def _row(key: Key, keys: Iterable[Key]) -> _Row:
    encode = _ENCODERS[key.codec]
    if key.codec is Codec.EXACT:
        return _Row(key.name, partial(_exact, _pairs_of(keys)), encode)
    if key.attribute is None:
        return _Row(key.name, _DERIVED[key.name], encode)
    read = attrgetter(key.attribute)
    if key.codec is Codec.FLAG:
        # False is a value here, and the text "false" counts as one.
        return _Row(key.name, lambda thing: encode(read(thing)), str)
    return _Row(key.name, read, encode)


_TABLE_ROWS: Final = _rows(TABLE_KEYS)
_COLUMN_ROWS: Final = _rows(COLUMN_KEYS)


def table_context(asset: Asset) -> dict[str, str]:
    """Return the context of an asset by the last part of its key; absent context is absent."""
    return _encoded(_TABLE_ROWS, asset)


def column_context(element: Element) -> dict[str, str]:
    """Return the context of a column by the last part of its key; absent context is absent."""
    context = _encoded(_COLUMN_ROWS, element)
    # A name is there even if it is empty: it marks a column of SAP.
    return context if element.name else {**context, "name": ""}


def _encoded(rows: Iterable[_Row], thing: Asset | Element) -> dict[str, str]:
    return {
        name: text
        for name, read, encode in rows
        if (value := read(thing)) and (text := encode(value))
    }
