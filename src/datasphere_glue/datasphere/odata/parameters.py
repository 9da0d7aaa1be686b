"""Tells the entity types of input parameters from those of rows.

An asset with input parameters has two entity types: `V_PRICESParameters`, whose key is the
parameters and whose navigation property `Set` leads to the rows, and `V_PRICESType` with the rows,
which may lead back by `Parameters` (SAP's documentation of the consumption API).
"""

from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.odata.entity_type import NAVIGATION, EntityType
from datasphere_glue.datasphere.odata.types import EdmTypes
from datasphere_glue.datasphere.values import as_flag

_PARAMETERS: Final = "Parameters"
_ROWS: Final = frozenset({"Set", "Results"})


def row_types(entities: Mapping[str, EntityType], types: EdmTypes) -> dict[str, str]:
    """Return the entity type of the rows of each entity type of parameters; names are qualified."""
    forward = {
        entity.qualified_name: types.target_of(navigation)
        for entity in entities.values()
        for navigation in entity.own(NAVIGATION)
        if navigation.get("Name") in _ROWS and _leads_to_rows(entity, navigation)
    }
    return dict(_backward(entities, types)) | forward


def _leads_to_rows(entity: EntityType, navigation: Node) -> bool:
    """Return whether the type is named like one of parameters, or consists of keys alone."""
    if entity.name.endswith(_PARAMETERS):
        return True
    names = {column.get("Name") for column in entity.columns}
    contained = as_flag(navigation.get("ContainsTarget")) is True
    return contained and bool(names) and names == entity.keys


def _backward(entities: Mapping[str, EntityType], types: EdmTypes) -> Iterator[tuple[str, str]]:
    """Yield the types that are known as parameters only by the navigation property to them."""
    for entity in entities.values():
        for navigation in entity.own(NAVIGATION):
            target = types.target_of(navigation)
            named = navigation.get("Name") == _PARAMETERS and target.endswith(_PARAMETERS)
            if named and target in entities and target != entity.qualified_name:
                yield target, entity.qualified_name
