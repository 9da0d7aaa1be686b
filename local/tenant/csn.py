"""What the embedded tenant reads out of CSN: sort, usage, services and types of each object."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from local.tenant.edmx import ASSOCIATIONS, Definition, Form

Lookup = Callable[[str], Definition | None]


class Segment(StrEnum):
    """The object lists that the tenant fills, as the object API spells them."""

    VIEWS = "views"
    ANALYTIC_MODELS = "analyticmodels"
    LOCAL_TABLES = "localtables"
    REMOTE_TABLES = "remotetables"


_USAGE = {
    "DATA_STRUCTURE": "RelationalDataset",
    "ANALYTICAL_DIMENSION": "Dimension",
    "ANALYTICAL_FACT": "Fact",
    "ANALYTICAL_CUBE": "AnalyticalDataset",
    "LANGUAGE_DEPENDENT_TEXT": "Text",
    "ANALYTICAL_PARENT_CHILD_HIERARCHY_NODE": "Hierarchy",
}

_COMPUTED = frozenset(
    {
        *("query", "projection"),
        *("@DataWarehouse.sqlEditor.query", "@DataWarehouse.tableFunction.script"),
    }
)


def segment_of(definition: Definition, *, modelled: bool) -> Segment:
    """Return the list an entity belongs to; `modelled` means it has a business layer part."""
    editor = definition.get("@DataWarehouse.editorType", {})
    if modelled or editor == {"#": "DWCQueryModelEditor"}:
        return Segment.ANALYTIC_MODELS
    if not _COMPUTED.isdisjoint(definition):
        return Segment.VIEWS
    if "@DataWarehouse.remote.connection" in definition:
        return Segment.REMOTE_TABLES
    return Segment.LOCAL_TABLES


def usage_of(definition: Definition) -> str:
    """Return the semantic usage in the words of the object list."""
    pattern = definition.get("@ObjectModel.modelingPattern", {}).get("#", "DATA_STRUCTURE")
    return _USAGE.get(pattern, "RelationalDataset")


def forms_of(segment: Segment, definition: Definition) -> frozenset[Form]:
    """Return the services that an exposed object has.

    An analytic model has the analytical one, an analytical dataset (a view that is a cube) both,
    any other view the relational one; tables have none.
    """
    if segment is Segment.ANALYTIC_MODELS:
        return frozenset({Form.ANALYTICAL})
    if segment is not Segment.VIEWS:
        return frozenset()
    dataset = usage_of(definition) == "AnalyticalDataset"
    return frozenset(Form) if dataset else frozenset({Form.RELATIONAL})


def typed(definition: Definition, layer: Definition | None, lookup: Lookup) -> Definition:
    """Return the entity with the types that its columns inherit from named types or sources.

    The columns of an analytic model carry no types in CSN: they are those of the fact's or the
    dimension's columns. A restricted measure has that of its base, and a count is a whole number.
    Where the source is not at hand the column stays without a type.
    """
    elements = {
        name: _typed_element(name, element, layer or {}, lookup)
        for name, element in definition.get("elements", {}).items()
    }
    return {**definition, "elements": elements}


def _typed_element(name: str, element: Definition, layer: Definition, lookup: Lookup) -> Definition:
    kind = element.get("type")
    if kind in ASSOCIATIONS:
        return element
    if kind is None:
        source = _source_column(name, layer, lookup)
        return {**_facets(source and _with_named_type(source, lookup)), **element}
    return _with_named_type(element, lookup)


def _with_named_type(element: Definition, lookup: Lookup) -> Definition:
    kind = element.get("type")
    named = lookup(kind) if isinstance(kind, str) and not kind.startswith("cds.") else None
    return {**element, **_facets(named)} if named else element


def _facets(element: Definition | None) -> dict[str, Any]:
    names = ("type", "length", "precision", "scale", "srid")
    return {key: element[key] for key in names if key in element} if element else {}


def _source_column(name: str, layer: Definition, lookup: Lookup) -> Definition | None:
    measures = layer.get("measures", {})
    column = {**layer.get("attributes", {}), **measures}.get(name, {})
    kind = column.get("measureType", "").rpartition(".")[2]
    if kind.startswith("CountDistinct"):
        return {"type": "cds.Integer64"}
    base = column.get("key") if kind and "sourceKey" not in column else None
    if isinstance(base, str) and base in measures and base != name:
        return _source_column(base, layer, lookup)
    model = layer.get("sourceModel", {})
    mapping = column.get("attributeMapping") or column.get("measureMapping")
    if mapping:
        alias, target = next(iter(mapping.items()))
        source = model.get("factSources", {}).get(alias)
        key = target if isinstance(target, str) else target.get("key")
    else:
        source = model.get("dimensionSources", {}).get(column.get("sourceKey"))
        key = column.get("key")
    entity = lookup(source["dataEntity"]["key"]) if source else None
    element: Definition | None = entity.get("elements", {}).get(key) if entity else None
    return element
