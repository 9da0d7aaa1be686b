"""The entity sets of a document: the names by which consumers reach its entity types."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.odata.entity_type import EntitySet, EntityType
from datasphere_glue.datasphere.odata.expressions import EDM
from datasphere_glue.datasphere.odata.types import EdmTypes
from datasphere_glue.datasphere.odata.vocabulary import AnnotationReader

_KINDS: Final = ("EntitySet", "Singleton")
_ROWS: Final = frozenset({"Set", "Results"})


def read_sets(
    container: Node,
    entities: Mapping[str, EntityType],
    row_types: Mapping[str, str],
    types: EdmTypes,
    reader: AnnotationReader,
) -> Iterator[EntitySet]:
    """Yield the entity sets and singletons of a container, with their inline annotations.

    `row_types`: entity type of the rows of each entity type of input parameters.
    """
    for kind in _KINDS:
        for node in container.iterfind(EDM + kind):
            entity = entities.get(types.qualify(node.get("EntityType", node.get("Type", ""))))
            if entity is None:
                continue
            one = EntitySet(
                name=node.get("Name", ""),
                entity=entity,
                result=entities.get(row_types.get(entity.qualified_name, ""), entity),
                bindings=dict(_bindings(node, types)),
            )
            reader.collect(node, one.annotations)
            yield one


def _bindings(node: Node, types: EdmTypes) -> Iterator[tuple[str, str]]:
    """Yield the target of each navigation property, also of those of the rows or a subtype."""
    for binding in node.iterfind(EDM + "NavigationPropertyBinding"):
        *steps, name = binding.get("Path", "").split("/")
        target = binding.get("Target", "")
        if target and all("." in step or step in _ROWS for step in steps):
            yield name, types.qualify(target)


def named_sets(sets: Iterable[EntitySet], names: Collection[str]) -> list[EntitySet]:
    """Return the sets with one of these names; all of them where there is none."""
    found = list(sets)
    return [one for one in found if one.name in names] or found
