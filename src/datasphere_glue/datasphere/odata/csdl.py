"""Parses a `$metadata` document into the metadata of one asset. Pure: bytes to value.

Follows OData CSDL XML 4.01 and what Datasphere was observed to emit: out-of-line annotations; names
with underscores for dots, plus `DataIntegration.OriginalName`; no keys and no `Nullable` in the
analytical form; an omitted scale that means 0.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.datasphere.odata.types import EdmTypes
from datasphere_glue.datasphere.odata.vocabulary import (
    EDM,
    EDMX,
    Annotation,
    AnnotationReader,
    ODataAnnotations,
    records_of,
    targets,
)
from datasphere_glue.datasphere.values import as_text, text_at
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Association, Element, Hierarchy, Usage, Variable

MAX_DOCUMENT: Final = 50 * 1024 * 1024

_PARAMETERS: Final = "Parameters"
_SET: Final = "Set"
_BOM: Final = b"\xef\xbb\xbf"
_DESCRIPTIONS: Final = ("common.quickinfo", "core.description", "core.longdescription")
_AGGREGATIONS: Final = (
    "aggregation.default",
    "analytics.defaultaggregation",
    "analytics.aggregationmethod",
    "analytics.aggregation",
    "aggregation.recommendedaggregationmethod",
    "aggregation.customaggregate",
)


def parse_metadata(document: bytes, asset: str) -> EntityMetadata:
    """Return the metadata of an asset in a relational or analytical `$metadata` document.

    Raises:
        DocumentError: it is not a whole EDMX document, declares XML entities or a document type,
            or does not describe the asset; the message holds the path.

    """
    try:
        return _Document(_root(document)).entity(asset)
    except RecursionError:
        raise DocumentError("metadata is nested too deeply to be read") from None


def _root(document: bytes) -> Node:
    if len(document) > MAX_DOCUMENT:
        raise DocumentError(f"metadata of {len(document)} bytes; at most {MAX_DOCUMENT} are read")
    try:
        root: Node = fromstring(document.removeprefix(_BOM).lstrip(), forbid_dtd=True)
    except DefusedXmlException as err:
        raise DocumentError("metadata declares a document type or entities") from err
    except (ParseError, ValueError, LookupError) as err:
        raise DocumentError(f"metadata is not whole XML ({err})") from err
    if root.tag != EDMX + "Edmx":
        raise DocumentError(f"metadata is no edmx:Edmx document but {root.tag[:80]}")
    return root


@dataclass(slots=True)
class _EntityType:
    """An entity type with its annotations.

    `annotations`: those of the type and of its entity set.
    `properties`: those of each property, by the name of the property.
    """

    node: Node
    name: str
    qualified_name: str
    annotations: ODataAnnotations = field(default_factory=ODataAnnotations)
    properties: dict[str, ODataAnnotations] = field(default_factory=dict)

    @property
    def columns(self) -> list[Node]:
        return self.node.findall(EDM + "Property")

    @property
    def navigation(self) -> list[Node]:
        return self.node.findall(EDM + "NavigationProperty")

    @property
    def keys(self) -> frozenset[str]:
        refs = self.node.iterfind(f"{EDM}Key/{EDM}PropertyRef")
        return frozenset(ref.get("Name", "") for ref in refs)

    @property
    def original(self) -> str | None:
        return self.annotations.text("dataintegration.originalname")

    def property_annotations(self, name: str) -> ODataAnnotations:
        if name not in self.properties:
            self.properties[name] = ODataAnnotations()
        return self.properties[name]

    def exact(self, name: str) -> str:
        """Return the exact technical name of a property."""
        annotations = self.properties.get(name)
        return (annotations.text("dataintegration.originalname") if annotations else None) or name

    def reference(self, annotations: ODataAnnotations, term: str) -> str | None:
        """Return the exact name of the property of this type in the path of a term."""
        name = annotations.path(term, self.properties)
        return None if name is None else self.exact(name)


class _Document:
    """One parsed document; lives for one call of `parse_metadata`."""

    def __init__(self, root: Node) -> None:
        self.schemas = list(root.iter(EDM + "Schema"))
        if not self.schemas:
            raise DocumentError("metadata has no schema", "edmx:Edmx")
        self.annotation_reader = AnnotationReader(root)
        self.types = EdmTypes(self.schemas)
        self.entities: dict[str, _EntityType] = {}
        for schema in self.schemas:
            self._declare(schema)
        sets = dict(self._sets())
        for target, node in targets(self.schemas):
            self._annotate(target, node, sets)

    def _declare(self, schema: Node) -> None:
        for node in schema.iterfind(EDM + "EntityType"):
            name = node.get("Name", "")
            entity = _EntityType(node, name, f"{schema.get('Namespace', '')}.{name}")
            self.annotation_reader.collect(node, entity.annotations)
            for prop in (*entity.columns, *entity.navigation):
                self.annotation_reader.collect(
                    prop, entity.property_annotations(prop.get("Name", ""))
                )
            self.entities[entity.qualified_name] = entity

    def _sets(self) -> Iterator[tuple[str, _EntityType]]:
        for schema in self.schemas:
            for container in schema.iterfind(EDM + "EntityContainer"):
                prefix = f"{schema.get('Namespace', '')}.{container.get('Name', '')}/"
                for node in container.iterfind(EDM + "EntitySet"):
                    entity = self.entities.get(self.types.qualify(node.get("EntityType", "")))
                    if entity is not None:
                        self.annotation_reader.collect(node, entity.annotations)
                        yield prefix + node.get("Name", ""), entity

    def _annotate(self, target: str, node: Node, sets: Mapping[str, _EntityType]) -> None:
        name, _, path = self.types.qualify(target).partition("/")
        head, _, rest = path.partition("/")
        entity = sets.get(f"{name}/{head}")
        if entity is not None:
            path = rest
        else:
            entity = self.entities.get(name)
        if entity is not None and (not path or path in entity.properties):
            into = entity.property_annotations(path) if path else entity.annotations
            self.annotation_reader.collect(node, into)

    def entity(self, asset: str) -> EntityMetadata:
        """Return the metadata of an asset."""
        entity = self._find(asset)
        hierarchies = tuple(_hierarchies(entity))
        dimension = "analytics.dimensiontype" in entity.annotations.by_term or hierarchies
        entity.annotations.text("dataintegration.originalname")
        return EntityMetadata(
            label=entity.annotations.text("common.label"),
            description=entity.annotations.text(*_DESCRIPTIONS),
            usage=Usage.DIMENSION if dimension else None,
            elements=tuple(self._elements(entity)),
            hierarchies=hierarchies,
            associations=tuple(self._associations(entity)),
            variables=tuple(self._variables(entity)),
            custom=_custom(entity.annotations),
        )

    def _find(self, asset: str) -> _EntityType:
        entities = [k for k in self.entities.values() if self._result_of(k) is None]
        folded = "".join(c if c.isalnum() or c == "_" else "_" for c in asset)
        for fits in (
            lambda entity: entity.original == asset,
            lambda entity: entity.name in {asset, asset.replace(".", "_")},
            lambda entity: entity.name in {folded, folded + "Type", asset + "Type"},
            lambda _: len(entities) == 1,
        ):
            matching = [entity for entity in entities if fits(entity)]
            if len(matching) == 1:
                return matching[0]
        first = ", ".join(entity.name for entity in entities[:5]) or "none"
        raise DocumentError(f"no entity type for {asset}; there are: {first}", "edmx:DataServices")

    def _result_of(self, entity: _EntityType) -> str | None:
        """Return the result type of a parameters entity type, None for any other type."""
        for navigation in entity.navigation:
            if navigation.get("Name") == _SET and entity.name.endswith(_PARAMETERS):
                return self._target(navigation)
        return None

    def _target(self, navigation: Node) -> str:
        written = navigation.get("Type", "").removeprefix("Collection(").removesuffix(")")
        return self.types.qualify(written)

    def _elements(self, entity: _EntityType) -> Iterator[Element]:
        keys = entity.keys
        seen: set[str] = set()
        for node in entity.columns:
            element = self._element(entity, node, keys)
            if not element.name or element.name in seen:
                raise DocumentError(
                    f"property {element.name!r} has no name of its own",
                    f"EntityType[{entity.name}]",
                )
            seen.add(element.name)
            yield element

    def _element(self, entity: _EntityType, node: Node, keys: frozenset[str]) -> Element:
        name = node.get("Name", "")
        annotations = entity.property_annotations(name)
        return Element(
            name=entity.exact(name),
            type=self.types.type_of(node, f"EntityType[{entity.name}]", f"Property[{name}]"),
            label=annotations.text("common.label"),
            description=annotations.text(*_DESCRIPTIONS),
            key=name in keys,
            nullable=_nullable(node, has_keys=bool(keys)),
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
        )

    def _associations(self, entity: _EntityType) -> Iterator[Association]:
        for node in entity.navigation:
            target = self._target(node)
            other = self.entities.get(target)
            name = node.get("Name", "")
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

    def _variables(self, entity: _EntityType) -> Iterator[Variable]:
        for holder in self.entities.values():
            if self._result_of(holder) != entity.qualified_name:
                continue
            keys = holder.keys
            for node in holder.columns:
                name = node.get("Name", "")
                if keys and name not in keys:
                    continue
                default = node.get("DefaultValue")
                yield Variable(
                    name=holder.exact(name),
                    type=self.types.type_of(
                        node, f"EntityType[{holder.name}]", f"Property[{name}]"
                    ),
                    label=holder.property_annotations(name).text("common.label"),
                    mandatory=default is None and not _is_true(node.get("Nullable", "false")),
                    default=default,
                )


def _exact(entity: _EntityType | None, name: str) -> str:
    return entity.exact(name) if entity else name


def _is_true(written: str) -> bool:
    return written.strip().lower() in {"true", "1"}


def _nullable(node: Node, *, has_keys: bool) -> bool | None:
    """Return whether a property may be null, None where the document leaves it open.

    CSDL's default is true, but the analytical form, which has no keys either, never has the facet.
    """
    written = node.get("Nullable")
    if written is not None:
        return _is_true(written)
    return True if has_keys else None


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


def _hierarchies(entity: _EntityType) -> Iterator[Hierarchy]:
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


def _paths(entity: _EntityType, value: Any) -> tuple[str, ...]:
    """Return the exact names of the properties in paths, or in records with a path."""
    items = value if isinstance(value, list) else [value]
    paths = (item.get("element") if isinstance(item, Mapping) else item for item in items)
    return tuple(entity.exact(str(path)) for path in paths if isinstance(path, str))
