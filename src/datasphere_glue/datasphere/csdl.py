"""A `$metadata` document in, what SAP says about one asset out. Pure: bytes to value.

Follows OData CSDL XML 4.01 and what Datasphere was seen to emit: annotations out of line, dots of a
name turned into underscores with `DataIntegration.OriginalName` beside, no keys and no `Nullable`
in the analytical form, an omitted scale that means 0.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from datasphere_glue.datasphere.types import Types
from datasphere_glue.datasphere.vocabulary import EDM, EDMX, Annotations, Vocabulary, targets
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Association, Element, Hierarchy, Usage, Variable

MAX_DOCUMENT: Final = 50 * 1024 * 1024

_PARAMETERS: Final = "Parameters"
_SET: Final = "Set"
_CONSUMED: Final = frozenset(
    {
        "common.label",
        "common.quickinfo",
        "common.text",
        "common.fieldcontrol",
        "core.description",
        "core.longdescription",
        "core.computed",
        "core.immutable",
        "analytics.dimension",
        "analytics.measure",
        "analytics.dimensiontype",
        "aggregation.default",
        "aggregation.recommendedaggregationmethod",
        "analytics.aggregationmethod",
        "measures.isocurrency",
        "measures.unit",
        "common.iscurrency",
        "common.isunit",
        "semantics.currencycode",
        "semantics.unitofmeasure",
        "dataintegration.originalname",
        "hierarchy.leveled",
        "hierarchy.parentchild",
    }
)


@dataclass(frozen=True, slots=True)
class EntityMetadata:
    """What one `$metadata` document says about its asset."""

    label: str | None = None
    description: str | None = None
    usage: Usage | None = None
    elements: tuple[Element, ...] = ()
    hierarchies: tuple[Hierarchy, ...] = ()
    associations: tuple[Association, ...] = ()
    variables: tuple[Variable, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()


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


def merged(relational: EntityMetadata, analytical: EntityMetadata) -> EntityMetadata:
    """Return both forms of one asset as one.

    The relational form gives order, types, keys and nullability; the analytical form adds roles,
    and whatever else the relational form leaves open.
    """
    other = {element.name: element for element in analytical.elements}
    elements = [
        _merged_element(element, other.pop(element.name)) if element.name in other else element
        for element in relational.elements
    ]
    return EntityMetadata(
        label=relational.label or analytical.label,
        description=relational.description or analytical.description,
        usage=relational.usage or analytical.usage,
        elements=(*elements, *(e for e in analytical.elements if e.name in other)),
        hierarchies=relational.hierarchies or analytical.hierarchies,
        associations=relational.associations or analytical.associations,
        variables=relational.variables or analytical.variables,
        custom=tuple(sorted((dict(analytical.custom) | dict(relational.custom)).items())),
    )


def _merged_element(one: Element, other: Element) -> Element:
    return replace(
        one,
        label=one.label or other.label,
        description=one.description or other.description,
        nullable=other.nullable if one.nullable is None else one.nullable,
        dimension=one.dimension or other.dimension,
        measure=one.measure or other.measure,
        is_text=one.is_text or other.is_text,
        is_currency=one.is_currency or other.is_currency,
        is_unit=one.is_unit or other.is_unit,
        aggregation=one.aggregation or other.aggregation,
        currency=one.currency or other.currency,
        unit=one.unit or other.unit,
        text=one.text or other.text,
        semantics=tuple(dict.fromkeys((*one.semantics, *other.semantics))),
        custom=tuple(sorted((dict(other.custom) | dict(one.custom)).items())),
    )


def _root(document: bytes) -> Node:
    if len(document) > MAX_DOCUMENT:
        raise DocumentError(f"metadata of {len(document)} bytes; at most {MAX_DOCUMENT} are read")
    try:
        root: Node = fromstring(document.lstrip(), forbid_dtd=True)
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
    about: Annotations = field(default_factory=Annotations)
    properties: dict[str, Annotations] = field(default_factory=dict)

    @property
    def original(self) -> str | None:
        return self.about.text("dataintegration.originalname")

    def annotations(self, name: str) -> Annotations:
        return self.properties.setdefault(name, Annotations())

    def exact(self, name: str) -> str:
        """Return the exact technical name of a property, which a path may lead to."""
        last = name.rpartition("/")[2]
        known = self.properties.get(last)
        return (known.text("dataintegration.originalname") if known else None) or last


class _Document:
    """One parsed document; lives for one call of `parse`."""

    def __init__(self, root: Node) -> None:
        self.schemas = list(root.iter(EDM + "Schema"))
        if not self.schemas:
            raise DocumentError("metadata has no schema", "edmx:Edmx")
        self.vocabulary = Vocabulary(root)
        self.types = Types(self.schemas)
        self.entities: dict[str, _Type] = {}
        for schema in self.schemas:
            self._declare(schema)
        sets = dict(self._sets())
        for target, node in targets(self.schemas):
            self._annotate(target, node, sets)

    def _declare(self, schema: Node) -> None:
        for node in schema.iterfind(EDM + "EntityType"):
            name = node.get("Name", "")
            kind = _Type(node, name)
            self.vocabulary.collect(node, kind.about)
            for prop in (*node.iterfind(EDM + "Property"), *_navigation(node)):
                self.vocabulary.collect(prop, kind.annotations(prop.get("Name", "")))
            self.entities[f"{schema.get('Namespace', '')}.{name}"] = kind

    def _sets(self) -> Iterator[tuple[str, str]]:
        for schema in self.schemas:
            for container in schema.iterfind(EDM + "EntityContainer"):
                prefix = f"{schema.get('Namespace', '')}.{container.get('Name', '')}/"
                for node in container.iterfind(EDM + "EntitySet"):
                    qualified = self.types.qualified(node.get("EntityType", ""))
                    yield prefix + node.get("Name", ""), qualified
                    if qualified in self.entities:
                        self.vocabulary.collect(node, self.entities[qualified].about)

    def _annotate(self, target: str, node: Node, sets: Mapping[str, str]) -> None:
        entity, _, path = self.types.qualified(target).partition("/")
        if sets.get(f"{entity}/{path}") in self.entities:
            self.vocabulary.collect(node, self.entities[sets[f"{entity}/{path}"]].about)
        elif entity in self.entities:
            kind = self.entities[entity]
            self.vocabulary.collect(node, kind.annotations(path) if path else kind.about)

    def entity(self, asset: str) -> EntityMetadata:
        kind = self._find(asset)
        keys = {ref.get("Name", "") for ref in kind.node.iterfind(f"{EDM}Key/{EDM}PropertyRef")}
        hierarchies = tuple(_hierarchies(kind))
        dimension = "analytics.dimensiontype" in kind.about.found or hierarchies
        return EntityMetadata(
            label=kind.about.text("common.label"),
            description=_description(kind.about),
            usage=Usage.DIMENSION if dimension else None,
            elements=tuple(self._elements(kind, keys)),
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
        for navigation in _navigation(kind.node):
            if navigation.get("Name") == _SET and kind.name.endswith(_PARAMETERS):
                target = navigation.get("Type", "")
                return self.types.qualified(target.removeprefix("Collection(").removesuffix(")"))
        return None

    def _elements(self, kind: _Type, keys: set[str]) -> Iterator[Element]:
        seen: set[str] = set()
        for node in kind.node.iterfind(EDM + "Property"):
            name = node.get("Name", "")
            element = self._element(kind, node, name, keys)
            if not element.name or element.name in seen:
                raise DocumentError(
                    f"property {name!r} has no name of its own", f"EntityType[{kind.name}]"
                )
            seen.add(element.name)
            yield element

    def _element(self, kind: _Type, node: Node, name: str, keys: set[str]) -> Element:
        about = kind.annotations(name)
        path = (f"EntityType[{kind.name}]", f"Property[{name}]")
        return Element(
            name=kind.exact(name),
            type=self.types.of(node, *path),
            label=about.text("common.label"),
            description=_description(about),
            key=name in keys,
            nullable=_nullable(node, has_keys=bool(keys)),
            dimension=about.flag("analytics.dimension"),
            measure=about.flag("analytics.measure"),
            is_currency=about.flag("common.iscurrency", "semantics.currencycode"),
            is_unit=about.flag("common.isunit", "semantics.unitofmeasure"),
            aggregation=_aggregation(about),
            currency=_reference(kind, about, "measures.isocurrency"),
            unit=_reference(kind, about, "measures.unit"),
            text=_reference(kind, about, "common.text"),
            semantics=_semantics(about),
            custom=_custom(about),
        )

    def _associations(self, kind: _Type) -> Iterator[Association]:
        for node in _navigation(kind.node):
            target = self.types.qualified(
                node.get("Type", "").removeprefix("Collection(").removesuffix(")")
            )
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
        qualified = {id(value): name for name, value in self.entities.items()}[id(kind)]
        for holder in self.entities.values():
            if self._result_of(holder) != qualified:
                continue
            for node in holder.node.iterfind(EDM + "Property"):
                name = node.get("Name", "")
                path = (f"EntityType[{holder.name}]", f"Property[{name}]")
                default = node.get("DefaultValue")
                yield Variable(
                    name=holder.exact(name),
                    type=self.types.of(node, *path),
                    label=holder.annotations(name).text("common.label"),
                    mandatory=default is None and node.get("Nullable") != "true",
                    default=default,
                )


def _navigation(node: Node) -> Iterable[Node]:
    return node.iterfind(EDM + "NavigationProperty")


def _exact(kind: _Type | None, name: str) -> str:
    return kind.exact(name) if kind else name


def _nullable(node: Node, *, has_keys: bool) -> bool | None:
    """Return whether a property may be null, None where the document does not say.

    CSDL's default is true, but the analytical form, which has no keys either, says nothing at all.
    """
    written = node.get("Nullable")
    if written is not None:
        return written == "true"
    return True if has_keys else None


def _description(about: Annotations) -> str | None:
    return about.text("common.quickinfo", "core.longdescription", "core.description")


def _aggregation(about: Annotations) -> str | None:
    value = about.value(
        "aggregation.default",
        "analytics.aggregationmethod",
        "aggregation.recommendedaggregationmethod",
    )
    if not isinstance(value, str) or not value:
        return None
    return value.rpartition("/")[2].removeprefix("#").upper()


def _reference(kind: _Type, about: Annotations, term: str) -> str | None:
    value = about.text(term)
    return kind.exact(value) if value and kind.exact(value) else None


def _semantics(about: Annotations) -> tuple[str, ...]:
    """Return the tagging terms that are true, such as `IsCalendarDate`, in a stable order."""
    tags = (
        annotation.term.rpartition(".")[2]
        for term, annotation in about.found.items()
        if annotation.value is True and term not in _CONSUMED and not _is_capability(term)
    )
    return tuple(sorted(tags))


def _custom(about: Annotations) -> tuple[tuple[str, str], ...]:
    """Return what is said beyond the known terms, as text or JSON, so that nothing is lost."""
    return tuple(
        sorted(
            (annotation.term, _plain(annotation.value))
            for term, annotation in about.found.items()
            if term not in _CONSUMED and not _is_capability(term) and annotation.value is not True
        )
    )


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _is_capability(term: str) -> bool:
    return term.startswith("capabilities.")


def _hierarchies(kind: _Type) -> Iterator[Hierarchy]:
    for record in _records(kind.about.value("hierarchy.leveled")):
        levels = (level.get("element") for level in _records(record.get("levels")))
        yield Hierarchy(
            name=str(record.get("name") or ""),
            kind="level",
            label=record.get("label") or None,
            levels=tuple(kind.exact(level) for level in levels if isinstance(level, str)),
        )
    for record in _records(kind.about.value("hierarchy.parentchild")):
        recurse = record.get("recurse")
        inner = recurse if isinstance(recurse, Mapping) else record
        yield Hierarchy(
            name=str(record.get("name") or ""),
            kind="parent_child",
            label=record.get("label") or None,
            parent=_paths(kind, inner.get("parent")),
            child=_paths(kind, inner.get("child")),
        )


def _records(value: Any) -> Iterator[Mapping[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return (item for item in items if isinstance(item, Mapping))


def _paths(kind: _Type, value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(kind.exact(item) for item in items if isinstance(item, str))
