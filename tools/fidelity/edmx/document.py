"""The XML of a `$metadata` document: entity types, their properties, and annotations by term.

A term is named by the last part of its vocabulary before the version, whatever alias the document
uses: `Org.OData.Validation.V1.Minimum` is `Validation.Minimum`. Tenants change the case of terms,
so that they are compared without it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

EDM: Final = "{http://docs.oasis-open.org/odata/ns/edm}"
EDMX: Final = "{http://docs.oasis-open.org/odata/ns/edmx}"

_VERSION: Final = re.compile(r"\.[vV][0-9]+$")
_PATHS: Final = ("Path", "PropertyPath", "NavigationPropertyPath", "AnnotationPath")
_CONSTANTS: Final = (
    *("String", "Bool", "Int", "Decimal", "Float", "Date", "DateTimeOffset", "Duration", "Guid"),
    *("TimeOfDay", "EnumMember"),
)
_COLLECTION: Final = "Collection("
_SET: Final = "Set"
_PARAMETERS: Final = "Parameters"
_ORIGINAL: Final = "dataintegration.originalname"


@dataclass(frozen=True, slots=True)
class Path:
    """The value of a path expression: the name of a property."""

    name: str


Terms = dict[str, tuple[str, Any]]
"""Annotations by term in lower case, each with its term as written and its value."""


@dataclass(slots=True)
class EntityType:
    """One entity type with what it inherits."""

    name: str
    properties: dict[str, Mapping[str, str]] = field(default_factory=dict)
    navigation: list[Element] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    terms: Terms = field(default_factory=dict)
    property_terms: dict[str, Terms] = field(default_factory=dict)

    def original(self, name: str) -> str:
        """Return the exact name of a property."""
        term = self.property_terms.get(name, {}).get(_ORIGINAL)
        return str(term[1]) if term else name

    @property
    def asset(self) -> str:
        """The exact name of the object that the type describes, as far as it is known."""
        term = self.terms.get(_ORIGINAL)
        return str(term[1]) if term else self.name


class Metadata:
    """One parsed document."""

    def __init__(self, text: str) -> None:
        """Read all types. Raises ValueError where the text is no EDMX document."""
        root = fromstring(text.encode())
        self._schemas = list(root.iter(EDM + "Schema"))
        if root.tag != EDMX + "Edmx" or not self._schemas:
            raise ValueError("it is no EDMX document")
        self._aliases = {
            include.get("Alias", ""): include.get("Namespace", "")
            for include in root.iter(EDMX + "Include")
        }
        self._own = {
            **self._aliases,
            **{s.get("Alias", ""): s.get("Namespace", "") for s in self._schemas},
        }
        self.analytical = any(
            s.get("Namespace", "").startswith("InaApplicationService") for s in self._schemas
        )
        nodes = dict(self._nodes("EntityType"))
        self.types = {name: self._type(node, nodes) for name, node in nodes.items()}
        self._definitions = dict(self._defined("TypeDefinition", "Property"))
        self._enumerations = dict(self._defined("EnumType", "Member"))
        self.sets = dict(self._sets())
        for target, node in self._targets():
            self._annotate(target, node)
        for _, container in self._nodes("EntityContainer"):
            self._aggregates_of_all(container)
        for name, node in nodes.items():
            self._inherit(self.types[name], node, nodes)
        for one in self.types.values():
            self._take_definitions(one)

    def type_of(self, asset: str) -> EntityType | None:
        """Return the entity type of an object: by its original name, its own, or the only one."""
        results = [one for one in self.types.values() if not self.parameters_for(one)]
        folded = folded_name(asset)
        for fits in (
            [one for one in results if one.asset == asset],
            [one for one in results if one.name in {asset, folded, f"{folded}Type"}],
            [one for one in results if self.serves(one, asset, folded)],
            results,
        ):
            if len(fits) == 1:
                return fits[0]
        return None

    def parameters_for(self, one: EntityType) -> str | None:
        """Return the result type of a type that holds parameters, None for any other."""
        if not one.name.endswith(_PARAMETERS):
            return None
        for node in one.navigation:
            contained = is_true(node.get("ContainsTarget")) and node.get("Type", "").startswith(
                _COLLECTION
            )
            if node.get("Name") == _SET or contained:
                return self.qualified(target_of(node))
        return None

    def qualified(self, name: str) -> str:
        """Return a qualified name with the namespace instead of its alias."""
        prefix, _, rest = name.rpartition(".")
        return f"{self._own.get(prefix, prefix)}.{rest}"

    def serves(self, one: EntityType, *names: str) -> bool:
        """Return whether the entity set of an object leads to a type, or to its parameters."""
        for name, target in self.sets.items():
            if name in names:
                served = self.types.get(target)
                result = self.parameters_for(served) if served else None
                return self.types.get(result or target) is one
        return False

    def _nodes(self, tag: str) -> Iterator[tuple[str, Element]]:
        for schema in self._schemas:
            for node in schema.iterfind(EDM + tag):
                yield f"{schema.get('Namespace', '')}.{node.get('Name', '')}", node

    def _defined(self, tag: str, part: str) -> Iterator[tuple[str, EntityType]]:
        """Yield the types of another tag, with their parts as properties."""
        for name, node in self._nodes(tag):
            result = EntityType(node.get("Name", ""))
            self._collect(node, result.terms)
            for one in node.iterfind(EDM + part):
                member = one.get("Name", "")
                result.properties[member] = dict(one.attrib)
                self._collect(one, result.property_terms.setdefault(member, {}))
            yield name, result

    def _take_definitions(self, one: EntityType) -> None:
        """Add what the type definitions of properties say (CSDL XML 4.01, section 11)."""
        for name, attributes in one.properties.items():
            definition = self._definitions.get(self.qualified(attributes.get("Type", "")))
            for term, annotation in definition.terms.items() if definition else ():
                one.property_terms.setdefault(name, {}).setdefault(term, annotation)

    def enumeration(self, attributes: Mapping[str, str]) -> EntityType | None:
        """Return the enumeration type of a property, its members as properties."""
        return self._enumerations.get(self.qualified(attributes.get("Type", "")))

    def _type(self, node: Element, nodes: Mapping[str, Element]) -> EntityType:
        result = EntityType(node.get("Name", ""))
        for one in self._bases(node, nodes):
            for prop in one.iterfind(EDM + "Property"):
                name = prop.get("Name", "")
                result.properties[name] = dict(prop.attrib)
                self._collect(prop, result.property_terms.setdefault(name, {}))
            for link in one.iterfind(EDM + "NavigationProperty"):
                result.navigation.append(link)
                self._collect(link, result.property_terms.setdefault(link.get("Name", ""), {}))
            result.keys += [ref.get("Name", "") for ref in one.iter(EDM + "PropertyRef")]
            self._collect(one, result.terms)
        return result

    def _bases(self, node: Element, nodes: Mapping[str, Element]) -> list[Element]:
        """Return the types that a type inherits from, the first one first, and the type."""
        chain = [node]
        while base := chain[0].get("BaseType"):
            found = nodes.get(self.qualified(base))
            if found is None or found in chain:
                break
            chain.insert(0, found)
        return chain

    def _inherit(self, one: EntityType, node: Element, nodes: Mapping[str, Element]) -> None:
        """Add the annotations of its base types to the properties of a type."""
        for base in reversed(self._bases(node, nodes)[:-1]):
            name = next(name for name, other in nodes.items() if other is base)
            for prop, terms in self.types[name].property_terms.items():
                into = one.property_terms.setdefault(prop, {})
                into.update({term: value for term, value in terms.items() if term not in into})

    def _sets(self) -> Iterator[tuple[str, str]]:
        for _, container in self._nodes("EntityContainer"):
            for node in container.iterfind(EDM + "EntitySet"):
                yield node.get("Name", ""), self.qualified(node.get("EntityType", ""))

    def _targets(self) -> Iterator[tuple[str, Element]]:
        for schema in self._schemas:
            for node in schema.iterfind(EDM + "Annotations"):
                yield node.get("Target", ""), node

    def _annotate(self, target: str, node: Element) -> None:
        """Add annotations to a type or property, and to all types that inherit it."""
        head, _, rest = target.partition("/")
        name = self.qualified(head)
        defined = self._definitions.get(name) or self._enumerations.get(name)
        found = self.types.get(name) or defined
        if found is None and not rest:
            self._aggregates_of_all(node)
        elif found is None:
            name, _, rest = rest.partition("/")
            found = self.types.get(self.sets.get(name, ""))
        if found is not None:
            into = found.property_terms.setdefault(rest, {}) if rest else found.terms
            self._collect(node, into)

    def _aggregates_of_all(self, node: Element) -> None:
        """Add the custom aggregates of a container to all types."""
        terms: Terms = {}
        self._collect(node, terms)
        for term, annotation in terms.items():
            if term.startswith("aggregation.customaggregate#"):
                for one in self.types.values():
                    one.terms.setdefault(term, annotation)

    def objects_behind(self, link: Element) -> tuple[str, ...]:
        """Return the names that the target of a navigation property may have as an object."""
        target = self.types.get(self.qualified(target_of(link)))
        if target is None:
            return (target_of(link).rpartition(".")[2],)
        if target.asset != target.name:
            return (target.asset,)
        sets = [name for name, served in self.sets.items() if self.types.get(served) is target]
        return (target.name, *sets)

    def _collect(self, node: Element, into: Terms) -> None:
        """Add the annotations below a node; the first one of a term counts."""
        for one in node.iterfind(EDM + "Annotation"):
            qualifier = one.get("Qualifier") or node.get("Qualifier")
            term = self._term(one.get("Term", "")) + (f"#{qualifier}" if qualifier else "")
            value = value_of(one)
            if value is not None:
                into.setdefault(term.casefold(), (term, value))

    def _term(self, written: str) -> str:
        prefix, _, name = written.rpartition(".")
        namespace = self._aliases.get(prefix, prefix)
        vocabulary = _VERSION.sub("", namespace).rpartition(".")[2]
        return f"{vocabulary}.{name}" if vocabulary else name


def folded_name(name: str) -> str:
    """Return a name as OData allows it: word characters only, no digit at the beginning."""
    folded = re.sub(r"\W", "_", name)
    return f"_{folded}" if folded[:1].isdigit() else folded


def target_of(node: Element) -> str:
    """Return the name of the type that a navigation property leads to."""
    return node.get("Type", "").removeprefix(_COLLECTION).removesuffix(")")


def is_true(text: str | None) -> bool:
    """Return whether an attribute is true, in any case."""
    return (text or "").strip().casefold() == "true"


def value_of(node: Element) -> Any:
    """Return the value of an annotation; one without a value is true, and null is none."""
    for kind in (*_PATHS, *_CONSTANTS):
        if kind in node.attrib:
            return _scalar(kind, node.attrib[kind])
    for child in node:
        tag = child.tag.removeprefix(EDM)
        if tag == "Null":
            return None
        if tag in {"Collection", "Record"} | set(_PATHS) | set(_CONSTANTS):
            return _item(child)
    return True


def _item(node: Element) -> Any:
    tag = node.tag.removeprefix(EDM)
    if tag == "Collection":
        return [_item(child) for child in node]
    if tag == "Record":
        values = node.iterfind(EDM + "PropertyValue")
        return {one.get("Property", ""): value_of(one) for one in values}
    return _scalar(tag, node.text or "")


def _scalar(kind: str, text: str) -> Any:
    if kind == "Bool":
        return text.strip() == "true"
    return Path(text.strip()) if kind in _PATHS else text
