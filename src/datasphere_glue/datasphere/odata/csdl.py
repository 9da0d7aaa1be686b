"""A `$metadata` document in, what SAP says about one asset out. Pure: bytes to value.

Follows OData CSDL XML 4.01 and what Datasphere was seen to emit: annotations out of line, dots of a
name turned into underscores with `DataIntegration.OriginalName` beside, no keys and no `Nullable`
in the analytical form, an omitted scale that means 0.
"""

import json
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
    ODataAnnotations,
    Vocabulary,
    records_of,
    targets,
)
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


def parse(document: bytes, asset: str) -> EntityMetadata:
    """Return what a relational or analytical `$metadata` document says about an asset.

    Raises:
        DocumentError: it is no whole EDMX document, declares entities or a document type, or does
            not describe the asset; the message holds the path.

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
class _Type:
    """An entity type with the annotations of itself, its set and its properties."""

    node: Node
    name: str
    qualified: str
    about: ODataAnnotations = field(default_factory=ODataAnnotations)
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
        return self.about.text("dataintegration.originalname")

    def annotations(self, name: str) -> ODataAnnotations:
        known = self.properties.get(name)
        return self.properties.setdefault(name, ODataAnnotations()) if known is None else known

    def exact(self, name: str) -> str:
        """Return the exact technical name of a property."""
        known = self.properties.get(name)
        return (known.text("dataintegration.originalname") if known else None) or name

    def reference(self, about: ODataAnnotations, term: str) -> str | None:
        """Return the exact name of the own property that a term leads to."""
        name = about.path(term, self.properties)
        return None if name is None else self.exact(name)


class _Document:
    """One parsed document; lives for one call of `parse`."""

    def __init__(self, root: Node) -> None:
        self.schemas = list(root.iter(EDM + "Schema"))
        if not self.schemas:
            raise DocumentError("metadata has no schema", "edmx:Edmx")
        self.vocabulary = Vocabulary(root)
        self.types = EdmTypes(self.schemas)
        self.entities: dict[str, _Type] = {}
        for schema in self.schemas:
            self._declare(schema)
        sets = dict(self._sets())
        for target, node in targets(self.schemas):
            self._annotate(target, node, sets)

    def _declare(self, schema: Node) -> None:
        for node in schema.iterfind(EDM + "EntityType"):
            name = node.get("Name", "")
            kind = _Type(node, name, f"{schema.get('Namespace', '')}.{name}")
            self.vocabulary.collect(node, kind.about)
            for prop in (*kind.columns, *kind.navigation):
                self.vocabulary.collect(prop, kind.annotations(prop.get("Name", "")))
            self.entities[kind.qualified] = kind

    def _sets(self) -> Iterator[tuple[str, _Type]]:
        for schema in self.schemas:
            for container in schema.iterfind(EDM + "EntityContainer"):
                prefix = f"{schema.get('Namespace', '')}.{container.get('Name', '')}/"
                for node in container.iterfind(EDM + "EntitySet"):
                    kind = self.entities.get(self.types.qualified(node.get("EntityType", "")))
                    if kind is not None:
                        self.vocabulary.collect(node, kind.about)
                        yield prefix + node.get("Name", ""), kind

    def _annotate(self, target: str, node: Node, sets: Mapping[str, _Type]) -> None:
        entity, _, path = self.types.qualified(target).partition("/")
        head, _, rest = path.partition("/")
        kind = sets.get(f"{entity}/{head}")
        if kind is not None:
            path = rest
        else:
            kind = self.entities.get(entity)
        if kind is not None and (not path or path in kind.properties):
            self.vocabulary.collect(node, kind.annotations(path) if path else kind.about)

    def entity(self, asset: str) -> EntityMetadata:
        """Return what the document says about an asset."""
        kind = self._find(asset)
        hierarchies = tuple(_hierarchies(kind))
        dimension = "analytics.dimensiontype" in kind.about.found or hierarchies
        kind.about.text("dataintegration.originalname")
        return EntityMetadata(
            label=kind.about.text("common.label"),
            description=kind.about.text(*_DESCRIPTIONS),
            usage=Usage.DIMENSION if dimension else None,
            elements=tuple(self._elements(kind)),
            hierarchies=hierarchies,
            associations=tuple(self._associations(kind)),
            variables=tuple(self._variables(kind)),
            custom=_custom(kind.about),
        )

    def _find(self, asset: str) -> _Type:
        kinds = [k for k in self.entities.values() if self._result_of(k) is None]
        folded = "".join(c if c.isalnum() or c == "_" else "_" for c in asset)
        for fits in (
            lambda kind: kind.original == asset,
            lambda kind: kind.name in {asset, asset.replace(".", "_")},
            lambda kind: kind.name in {folded, folded + "Type", asset + "Type"},
            lambda _: len(kinds) == 1,
        ):
            found = [kind for kind in kinds if fits(kind)]
            if len(found) == 1:
                return found[0]
        told = ", ".join(kind.name for kind in kinds[:5]) or "none"
        raise DocumentError(f"no entity type for {asset}; there are: {told}", "edmx:DataServices")

    def _result_of(self, kind: _Type) -> str | None:
        """Return the entity type that a parameters entity type leads to, None for any other."""
        for navigation in kind.navigation:
            if navigation.get("Name") == _SET and kind.name.endswith(_PARAMETERS):
                return self._target(navigation)
        return None

    def _target(self, navigation: Node) -> str:
        written = navigation.get("Type", "").removeprefix("Collection(").removesuffix(")")
        return self.types.qualified(written)

    def _elements(self, kind: _Type) -> Iterator[Element]:
        keys = kind.keys
        seen: set[str] = set()
        for node in kind.columns:
            element = self._element(kind, node, keys)
            if not element.name or element.name in seen:
                raise DocumentError(
                    f"property {element.name!r} has no name of its own", f"EntityType[{kind.name}]"
                )
            seen.add(element.name)
            yield element

    def _element(self, kind: _Type, node: Node, keys: frozenset[str]) -> Element:
        name = node.get("Name", "")
        about = kind.annotations(name)
        return Element(
            name=kind.exact(name),
            type=self.types.of(node, f"EntityType[{kind.name}]", f"Property[{name}]"),
            label=about.text("common.label"),
            description=about.text(*_DESCRIPTIONS),
            key=name in keys,
            nullable=_nullable(node, has_keys=bool(keys)),
            dimension=about.flag("analytics.dimension"),
            measure=about.flag("analytics.measure"),
            is_text=about.flag("semantics.text"),
            is_currency=about.flag("common.iscurrency", "semantics.currencycode"),
            is_unit=about.flag("common.isunit", "semantics.unitofmeasure"),
            aggregation=_aggregation(about),
            currency=kind.reference(about, "measures.isocurrency"),
            unit=kind.reference(about, "measures.unit"),
            text=kind.reference(about, "common.text"),
            # Last, because these are what nothing above has used.
            semantics=tuple(sorted(a.term.rpartition(".")[2] for a in _tags(about))),
            custom=_custom(about, besides=_tags(about)),
        )

    def _associations(self, kind: _Type) -> Iterator[Association]:
        for node in kind.navigation:
            target = self._target(node)
            known = self.entities.get(target)
            name = node.get("Name", "")
            yield Association(
                name=kind.exact(name),
                target=(known.original if known else None) or target.rpartition(".")[2],
                label=kind.annotations(name).text("common.label"),
                pairs=tuple(
                    (
                        kind.exact(pair.get("Property", "")),
                        _exact(known, pair.get("ReferencedProperty", "")),
                    )
                    for pair in node.iterfind(EDM + "ReferentialConstraint")
                ),
            )

    def _variables(self, kind: _Type) -> Iterator[Variable]:
        for holder in self.entities.values():
            if self._result_of(holder) != kind.qualified:
                continue
            keys = holder.keys
            for node in holder.columns:
                name = node.get("Name", "")
                if keys and name not in keys:
                    continue
                default = node.get("DefaultValue")
                yield Variable(
                    name=holder.exact(name),
                    type=self.types.of(node, f"EntityType[{holder.name}]", f"Property[{name}]"),
                    label=holder.annotations(name).text("common.label"),
                    mandatory=default is None and not _is_true(node.get("Nullable", "false")),
                    default=default,
                )


def _exact(kind: _Type | None, name: str) -> str:
    return kind.exact(name) if kind else name


def _is_true(written: str) -> bool:
    return written.strip().lower() in {"true", "1"}


def _nullable(node: Node, *, has_keys: bool) -> bool | None:
    """Return whether a property may be null, None where the document does not say.

    CSDL's default is true, but the analytical form, which has no keys either, says nothing at all.
    """
    written = node.get("Nullable")
    if written is not None:
        return _is_true(written)
    return True if has_keys else None


def _aggregation(about: ODataAnnotations) -> str | None:
    """Return the aggregation as one upper-case word, whether given as enum member or as text.

    The text of a custom aggregate may also be its type, which is no aggregation.
    """
    for term in _AGGREGATIONS:
        value = about.value(term)
        if isinstance(value, str) and value and not value.startswith("Edm."):
            about.used.add(term)
            return value.rpartition("/")[2].removeprefix("#").upper()
    return None


def _tags(about: ODataAnnotations) -> list[Annotation]:
    return [annotation for annotation in about.left() if annotation.value is True]


def _custom(
    about: ODataAnnotations, besides: Collection[Annotation] = ()
) -> tuple[tuple[str, str], ...]:
    """Return what is said beyond the known terms, as text or JSON, so that nothing is lost."""
    return tuple(sorted((a.term, _plain(a.value)) for a in about.left() if a not in besides))


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _hierarchies(kind: _Type) -> Iterator[Hierarchy]:
    for record in kind.about.records("hierarchy.leveled"):
        yield Hierarchy(
            name=_text(record, "name") or "",
            kind="level",
            label=_text(record, "label"),
            levels=_paths(kind, record.get("levels")),
        )
    for record in kind.about.records("hierarchy.parentchild"):
        recurse = records_of(record.get("recurse")) or [record]
        yield Hierarchy(
            name=_text(record, "name") or "",
            kind="parent_child",
            label=_text(record, "label"),
            parent=tuple(name for r in recurse for name in _paths(kind, r.get("parent"))),
            child=tuple(name for r in recurse for name in _paths(kind, r.get("child"))),
        )


def _text(record: Mapping[str, Any], key: str) -> str | None:
    value = record.get(key)
    return value if isinstance(value, str) and value else None


def _paths(kind: _Type, value: Any) -> tuple[str, ...]:
    """Return the exact names of the properties that paths, or records with a path, lead to."""
    items = value if isinstance(value, list) else [value]
    found = (item.get("element") if isinstance(item, Mapping) else item for item in items)
    return tuple(kind.exact(str(item)) for item in found if isinstance(item, str))
