"""Reads the hierarchies that the annotations of an entity type declare."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from datasphere_glue.datasphere.odata.expressions import Path, paths_of, records_of
from datasphere_glue.datasphere.odata.property_names import PropertyNames
from datasphere_glue.datasphere.odata.vocabulary import ODataAnnotations
from datasphere_glue.datasphere.values import as_text, text_at
from datasphere_glue.model.asset_parts import Association, Hierarchy

_LEVELED: Final = "aggregation.leveledhierarchy"
_RECURSIVE: Final = ("aggregation.recursivehierarchy", "hierarchy.recursivehierarchy")
"""The base term of OASIS, and SAP's term of the same qualifier with further properties."""

_NODE: Final = "NodeProperty"
_PARENT: Final = "ParentNavigationProperty"


def read_hierarchies(
    entity: ODataAnnotations, names: PropertyNames, associations: Mapping[str, Association]
) -> Iterator[Hierarchy]:
    """Yield the hierarchies of an entity type with properties of these names.

    `associations`: its associations, by the names of their navigation properties.
    """
    for record in entity.records("hierarchy.leveled"):
        yield Hierarchy(
            name=text_at(record, "name") or "",
            kind="level",
            label=text_at(record, "label"),
            levels=_columns(names, record.get("levels")),
        )
    for term, qualifier in _qualified(entity, _LEVELED):
        levels = paths_of(entity.value(term))
        if levels:
            entity.used.add(term)
            yield Hierarchy(name=qualifier, kind="level", levels=_columns(names, levels))
    for record in entity.records("hierarchy.parentchild"):
        recurse = records_of(record.get("recurse")) or [record]
        yield Hierarchy(
            name=text_at(record, "name") or "",
            kind="parent_child",
            label=text_at(record, "label"),
            parent=tuple(name for r in recurse for name in _columns(names, r.get("parent"))),
            child=tuple(name for r in recurse for name in _columns(names, r.get("child"))),
        )
    yield from _recursive(entity, names, associations)


def _recursive(
    entity: ODataAnnotations, names: PropertyNames, associations: Mapping[str, Association]
) -> Iterator[Hierarchy]:
    """Yield the recursive hierarchies, named by their qualifiers, from both of their terms."""
    qualifiers = {q: None for term in _RECURSIVE for _, q in _qualified(entity, term)}
    for qualifier in qualifiers:
        terms = [f"{term}#{qualifier}" if qualifier else term for term in _RECURSIVE]
        members: dict[str, Any] = {}
        for term in reversed(terms):
            for record in records_of(entity.value(term)):
                members |= record
        if _NODE not in members and _PARENT not in members:
            continue
        entity.used.update(terms)
        child = _columns(names, members.pop(_NODE, None))
        parent = _parents(associations.get(str(members.get(_PARENT))), child)
        if parent:
            del members[_PARENT]
        yield Hierarchy(
            name=qualifier,
            kind="parent_child",
            parent=parent,
            child=child,
            custom=tuple(sorted((key, _text(names, value)) for key, value in members.items())),
        )


def _parents(link: Association | None, child: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that hold the parent: those that the link compares with the child."""
    pairs = link.pairs if link else ()
    return tuple(own for own, other in pairs if other in child) or tuple(own for own, _ in pairs)


def _qualified(entity: ODataAnnotations, term: str) -> list[tuple[str, str]]:
    """Return each term of this name with its qualifier, which is empty without one."""
    found = (one.partition("#") for one in entity.by_term)
    return [(name + sign + rest, rest) for name, sign, rest in found if name == term]


def _columns(names: PropertyNames, value: Any) -> tuple[str, ...]:
    """Return the exact names of the properties in paths, or in records with a path."""
    items = value if isinstance(value, list) else [value]
    paths = (item.get("element") if isinstance(item, Mapping) else item for item in items)
    return tuple(names.find(str(path)) or str(path) for path in paths if isinstance(path, str))


def _text(names: PropertyNames, value: Any) -> str:
    exact = names.find(value) if isinstance(value, Path) else None
    return exact or as_text(value)
