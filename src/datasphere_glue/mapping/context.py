"""Business context in, parameters out, and the way back.

Lists and objects are JSON in one canonical form (sorted keys, real characters), never joined by
commas: SAP names hold commas.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from datasphere_glue.mapping.text import storable
from datasphere_glue.mapping.types import raw_type
from datasphere_glue.model.asset import (
    Asset,
    Association,
    Element,
    Hierarchy,
    ModelSource,
    Variable,
)

Pairs = tuple[tuple[str, str], ...]


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no blanks, real characters."""
    return storable(
        json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    )


def _present(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if item not in (None, (), [], {}, "")}


def _names(elements: Iterable[Element], chosen: Callable[[Element], bool]) -> list[str]:
    return [element.name for element in elements if chosen(element)]


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
            "custom": dict(hierarchy.custom),
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
            "custom": dict(association.custom),
        }
    )


def variable_value(variable: Variable) -> dict[str, Any]:
    """Return an input parameter as the object that `datasphere.variables` lists."""
    return _present(
        {
            "name": variable.name,
            "label": variable.label,
            "type": raw_type(variable.type),
            "mandatory": variable.mandatory,
            "default": variable.default,
            "kind": variable.kind,
            "column": variable.column,
            "description": variable.description,
            "custom": dict(variable.custom),
        }
    )


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
    told = (
        ("key", element.key),
        ("measure", element.measure),
        ("currency", element.is_currency),
        ("unit", element.is_unit),
        ("text", element.is_text),
        ("dimension", element.dimension),
        ("attribute", element.attribute),
    )
    return [name for name, said in told if said]


_TABLE_LISTS: Final[Mapping[str, Callable[[Asset], Any]]] = {
    "keys": lambda a: _names(a.elements, lambda e: e.key),
    "dimensions": lambda a: _names(a.elements, lambda e: e.dimension),
    "measures": lambda a: _names(a.elements, lambda e: e.measure),
    "hierarchies": lambda a: [hierarchy_value(h) for h in a.hierarchies],
    "associations": lambda a: [association_value(x) for x in a.associations],
    "variables": lambda a: [variable_value(v) for v in a.variables],
    "tags": lambda a: list(a.tags),
    "terms": lambda a: list(a.terms),
    "custom": lambda a: dict(a.custom),
    "lineage": lambda a: list(a.lineage),
    "provenance": lambda a: dict(a.provenance),
    "key_sequence": lambda a: list(a.key_sequence),
    "delta": lambda a: dict(a.delta),
    "sources": lambda a: [source_value(s) for s in a.model_sources],
}

_TABLE_TEXTS: Final = (
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


def table_context(asset: Asset) -> dict[str, str]:
    """Return the context of an asset by the last part of its key; absent context is absent."""
    texts = {key: getattr(asset, key) for key in _TABLE_TEXTS}
    lists = {key: rule(asset) for key, rule in _TABLE_LISTS.items()}
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
    texts = {
        "name": element.name,
        "type": raw_type(element.type),
        "label": element.label,
        "description": element.description,
        "role": next(iter(roles(element)), None),
        "aggregation": element.aggregation,
        "currency": element.currency,
        "unit": element.unit,
        "text": element.text,
        "association": element.association,
        "text_association": element.text_association,
        "measure_type": element.measure_type,
        "formula": element.formula,
        "owner": element.owner,
        "steward": element.steward,
        "certification": element.certification,
        "modelled_type": raw_type(element.modelled_type) if element.modelled_type else None,
    }
    lists = {
        "roles": roles(element) if len(roles(element)) > 1 else [],
        "semantics": list(element.semantics),
        "tags": list(element.tags),
        "terms": list(element.terms),
        "custom": dict(element.custom),
        "sources": [list(source) for source in element.sources],
    }
    return {
        **{key: storable(value) for key, value in texts.items() if value},
        **{key: str(value).lower() for key, value in flags.items() if value is not None},
        **{key: canonical(value) for key, value in lists.items() if value},
    }
