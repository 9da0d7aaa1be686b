"""Reads one entity type: its columns, associations, hierarchies and input parameters."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.column_names import ColumnName, name_columns
from datasphere_glue.datasphere.odata.entity_type import EntityType
from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.datasphere.odata.types import EdmTypes
from datasphere_glue.datasphere.odata.vocabulary import (
    EDM,
    Annotation,
    ODataAnnotations,
    records_of,
)
from datasphere_glue.datasphere.values import as_flag, as_text, text_at
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Usage
from datasphere_glue.model.asset_parts import Association, Hierarchy, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType

_DESCRIPTIONS: Final = ("common.quickinfo", "core.description", "core.longdescription")
_AGGREGATIONS: Final = (
    "aggregation.default",
    "analytics.defaultaggregation",
    "analytics.aggregationmethod",
    "analytics.aggregation",
    "aggregation.recommendedaggregationmethod",
    "aggregation.customaggregate",
)
_UNTYPED: Final = SapType("")
_EXCERPT: Final = 40


class EntityReader:
    """Reads one entity type of a document.

    `entities`: all entity types of the document, by qualified name.
    """

    def __init__(
        self, types: EdmTypes, entities: Mapping[str, EntityType], entity: EntityType
    ) -> None:
        self._types = types
        self._entities = entities
        self._entity = entity
        self._notes: list[str] = []

    def read(self, holders: Sequence[EntityType], notes: tuple[str, ...]) -> EntityMetadata:
        """Return the metadata of the entity type.

        `holders`: the entity types of its input parameters.
        `notes`: what of the document could not be read.
        """
        entity = self._entity
        hierarchies = tuple(_hierarchies(entity))
        dimension = "analytics.dimensiontype" in entity.annotations.by_term or hierarchies
        # The original name is the name of the asset, so it counts as used.
        _ = entity.original
        nodes = entity.columns
        names = self._column_names(nodes)
        elements = tuple(self._elements(nodes, names))
        associations = tuple(self._associations())
        variables = tuple(self._variables(holders))
        nameless = tuple((one.name, one.written) for one in names if one.unread)
        return EntityMetadata(
            label=entity.annotations.text("common.label"),
            description=entity.annotations.text(*_DESCRIPTIONS),
            usage=Usage.DIMENSION if dimension else None,
            elements=elements,
            hierarchies=hierarchies,
            associations=associations,
            variables=variables,
            custom=_custom(entity.annotations),
            notes=(*notes, *entity.notes, *self._notes),
            unnamed=nameless,
            whole=entity.complete and not nameless,
        )

    def _column_names(self, nodes: Sequence[Node]) -> list[ColumnName]:
        """Return the names of the columns: the exact one, or OData's where that is taken."""
        names: list[str] = []
        taken: set[str] = set()
        for node in nodes:
            written = node.get("Name", "")
            exact = self._entity.exact(written) if written else ""
            if exact in taken and written not in taken:
                self._notes.append(f"the original name {exact} occurs twice")
                exact = written
            names.append(exact)
            taken.add(exact)
        return name_columns(names)

    def _elements(self, nodes: Sequence[Node], names: Sequence[ColumnName]) -> Iterator[Element]:
        keys = self._entity.keys
        for node, name in zip(nodes, names, strict=True):
            if name.unread is None:
                yield self._element(node, name.name, keys)
            else:
                sap_type = excerpt_of(node.get("Type", "no type"))
                self._notes.append(name.unread)
                yield Element(
                    name=name.name,
                    type=_UNTYPED,
                    unread=f"{name.unread}; the column, of {sap_type}, is kept as text",
                )

    def _element(self, node: Node, name: str, keys: frozenset[str]) -> Element:
        entity = self._entity
        odata_name = node.get("Name", "")
        annotations = entity.property_annotations(odata_name)
        sap_type, unread = self._type_of(node)
        nullable, odd = _nullable(node, has_keys=bool(keys))
        return Element(
            name=name,
            type=sap_type,
            label=annotations.text("common.label"),
            description=annotations.text(*_DESCRIPTIONS),
            key=odata_name in keys,
            nullable=nullable,
            dimension=annotations.flag("analytics.dimension"),
            measure=annotations.flag("analytics.measure"),
            is_text=annotations.flag("semantics.text"),
            is_currency=annotations.flag("common.iscurrency", "semantics.currencycode"),
            is_unit=annotations.flag("common.isunit", "semantics.unitofmeasure"),
            aggregation=_aggregation(annotations),
            currency=entity.reference(annotations, "measures.isocurrency"),
            unit=entity.reference(annotations, "measures.unit"),
            text=entity.reference(annotations, "common.text"),
            # Last, because these hold only what nothing above has used.
            semantics=tuple(sorted(a.term.rpartition(".")[2] for a in _tags(annotations))),
            custom=_custom(annotations, without=_tags(annotations)),
            unread="; ".join(filter(None, (unread, odd))) or None,
        )

    def _type_of(self, node: Node) -> tuple[SapType, str | None]:
        """Return the type of a property, and why it cannot be read where that is so."""
        if node.get("Type") == "":
            return _UNTYPED, "its type is empty; kept as text"
        try:
            return self._types.type_of(node), None
        except DocumentError as error:
            return _UNTYPED, f"{error.message}; kept as text"

    def _associations(self) -> Iterator[Association]:
        entity = self._entity
        for node in entity.navigation:
            target = self._types.target_of(node)
            other = self._entities.get(target)
            name = node.get("Name", "")
            if not name or not target:
                self._notes.append(f"the association {excerpt_of(name)!r} has no name or no target")
                continue
            yield Association(
                name=entity.exact(name),
                target=(other.original if other else None) or target.rpartition(".")[2],
                label=entity.property_annotations(name).text("common.label"),
                pairs=tuple(
                    (
                        entity.exact(pair.get("Property", "")),
                        _exact(other, pair.get("ReferencedProperty", "")),
                    )
                    for pair in node.iterfind(EDM + "ReferentialConstraint")
                ),
            )

    def _variables(self, holders: Sequence[EntityType]) -> Iterator[Variable]:
        for holder in holders:
            keys = holder.keys
            for node in holder.columns:
                name = node.get("Name", "")
                if keys and name not in keys:
                    continue
                if not name:
                    self._notes.append("an input parameter has no name and was left out")
                    continue
                default = node.get("DefaultValue")
                sap_type, unread = self._type_of(node)
                self._notes += [f"input parameter {name}: {unread}"] if unread else []
                yield Variable(
                    name=holder.exact(name),
                    type=sap_type,
                    label=holder.property_annotations(name).text("common.label"),
                    mandatory=default is None and not as_flag(node.get("Nullable", "false")),
                    default=default,
                )


def excerpt_of(written: str) -> str:
    """Return the first characters of a foreign text, for a note."""
    return written[:_EXCERPT]


def _exact(entity: EntityType | None, name: str) -> str:
    return entity.exact(name) if entity else name


def _nullable(node: Node, *, has_keys: bool) -> tuple[bool | None, str | None]:
    """Return whether a property may be null, None where that is open, and what cannot be read.

    CSDL's default is true, but the analytical form, which has no keys either, never has the facet.
    """
    written = node.get("Nullable")
    if written is None:
        return (True if has_keys else None), None
    flag = as_flag(written)
    odd = f"nullable {excerpt_of(written)!r} cannot be read and was left out"
    return flag, odd if flag is None else None


def _aggregation(annotations: ODataAnnotations) -> str | None:
    """Return the aggregation as one upper-case word, given as an enum member or as text.

    The text of a custom aggregate may also be its type, which is not an aggregation.
    """
    for term in _AGGREGATIONS:
        value = annotations.value(term)
        if isinstance(value, str) and value and not value.startswith("Edm."):
            annotations.used.add(term)
            return value.rpartition("/")[2].removeprefix("#").upper()
    return None


def _tags(annotations: ODataAnnotations) -> list[Annotation]:
    return [annotation for annotation in annotations.unused() if annotation.value is True]


def _custom(
    annotations: ODataAnnotations, without: Collection[Annotation] = ()
) -> tuple[tuple[str, str], ...]:
    """Return the unused annotations as text or JSON, except for the given ones."""
    unused = (one for one in annotations.unused() if one not in without)
    return tuple(sorted((one.term, as_text(one.value)) for one in unused))


def _hierarchies(entity: EntityType) -> Iterator[Hierarchy]:
    for record in entity.annotations.records("hierarchy.leveled"):
        yield Hierarchy(
            name=text_at(record, "name") or "",
            kind="level",
            label=text_at(record, "label"),
            levels=_paths(entity, record.get("levels")),
        )
    for record in entity.annotations.records("hierarchy.parentchild"):
        recurse = records_of(record.get("recurse")) or [record]
        yield Hierarchy(
            name=text_at(record, "name") or "",
            kind="parent_child",
            label=text_at(record, "label"),
            parent=tuple(name for r in recurse for name in _paths(entity, r.get("parent"))),
            child=tuple(name for r in recurse for name in _paths(entity, r.get("child"))),
        )


def _paths(entity: EntityType, value: Any) -> tuple[str, ...]:
    """Return the exact names of the properties in paths, or in records with a path."""
    items = value if isinstance(value, list) else [value]
    paths = (item.get("element") if isinstance(item, Mapping) else item for item in items)
    return tuple(entity.exact(str(path)) for path in paths if isinstance(path, str))
