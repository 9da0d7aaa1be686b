"""Business context in, parameters out; `back` reads them again.

Lists and objects are JSON in one canonical form (sorted keys, real characters), never joined by
commas: SAP names hold commas. An empty text says as little as an absent one, and is absent.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

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


def _told_apart(**values: Pairs) -> dict[str, Pairs]:
    return {key: pairs for key, pairs in values.items() if not _is_object(pairs)}


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

TABLE_TEXTS: Final = (
    "label",
    "description",
    "usage",
    "owner",
    "steward",
    "certification",
    "changed_on",
    "deployed_on",
    "changed_by",
    "object_status",
    "representative_key",
    "remote_connection",
    "remote_entity",
)
"""Keys whose value is the field of the same name of an asset."""

TABLE_LISTS: Final[Mapping[str, Callable[[Asset], Any]]] = {
    "keys": lambda a: _names(a.elements, lambda e: e.key),
    "dimensions": lambda a: _names(a.elements, lambda e: e.dimension),
    "measures": lambda a: _names(a.elements, lambda e: e.measure),
    "hierarchies": lambda a: [hierarchy_value(h) for h in a.hierarchies],
    "associations": lambda a: [association_value(x) for x in a.associations],
    "variables": lambda a: [variable_value(v) for v in a.variables],
    "tags": lambda a: a.tags,
    "terms": lambda a: a.terms,
    "custom": lambda a: _object(a.custom),
    "lineage": lambda a: a.lineage,
    "provenance": lambda a: _object(a.provenance),
    "key_sequence": lambda a: a.key_sequence,
    "delta": lambda a: _object(a.delta),
    "sources": lambda a: [source_value(s) for s in a.model_sources],
    PAIRS: lambda a: _told_apart(custom=a.custom, provenance=a.provenance, delta=a.delta),
}
"""Keys whose value is JSON."""

COLUMN_TEXTS: Final = (
    "label",
    "description",
    "aggregation",
    "currency",
    "unit",
    "text",
    "association",
    "text_association",
    "measure_type",
    "formula",
    "owner",
    "steward",
    "certification",
)
"""Keys whose value is the field of the same name of an element."""

COLUMN_LISTS: Final[Mapping[str, Callable[[Element], Any]]] = {
    "roles": lambda e: said if len(said := roles(e)) > 1 else (),
    "semantics": lambda e: e.semantics,
    "tags": lambda e: e.tags,
    "terms": lambda e: e.terms,
    "custom": lambda e: _object(e.custom),
    "sources": lambda e: e.sources,
    PAIRS: lambda e: _told_apart(custom=e.custom),
}
"""Keys whose value is JSON."""


def table_context(asset: Asset) -> dict[str, str]:
    """Return the context of an asset by the last part of its key; absent context is absent."""
    texts = {key: getattr(asset, key) for key in TABLE_TEXTS}
    lists = {key: rule(asset) for key, rule in TABLE_LISTS.items()}
    return {
        **({"hidden": "true"} if asset.hidden else {}),
        **{key: storable(str(value)) for key, value in texts.items() if value},
        **{key: canonical(value) for key, value in lists.items() if value},
    }


def column_context(element: Element) -> dict[str, str]:
    """Return the context of a column by the last part of its key; absent context is absent."""
    flags = {
        "key": element.key or None,
        "hidden": element.hidden or None,
        "nullable": element.nullable,
    }
    modelled = element.modelled_type
    texts = {
        "type": _type(element.type),
        "role": next(iter(roles(element)), None),
        "modelled_type": None if modelled is None else raw_type(modelled),
        **{key: getattr(element, key) for key in COLUMN_TEXTS},
    }
    lists = {key: rule(element) for key, rule in COLUMN_LISTS.items()}
    return {
        "name": storable(element.name),
        **{key: storable(value) for key, value in texts.items() if value},
        **{key: str(value).lower() for key, value in flags.items() if value is not None},
        **{key: canonical(value) for key, value in lists.items() if value},
    }
