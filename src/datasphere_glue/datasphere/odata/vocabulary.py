"""Annotations of a CSDL document, found by term whatever alias, place or case they came in.

The case of terms is unstable: a tenant writes `Analytics.dimension` in a relational document and
`Analytics.Dimension` in an analytical one. So terms are compared as the last part of their
vocabulary's namespace and the term, in lower case, aliases resolved from `edmx:Include`.
"""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element as Node

EDM: Final = "{http://docs.oasis-open.org/odata/ns/edm}"
EDMX: Final = "{http://docs.oasis-open.org/odata/ns/edmx}"

_ANNOTATION: Final = EDM + "Annotation"
_VALUES: Final = (
    "String", "Bool", "Int", "Decimal", "Float", "Date", "DateTimeOffset", "Duration", "Guid",
    "TimeOfDay", "EnumMember", "Path", "PropertyPath", "AnnotationPath", "NavigationPropertyPath",
)  # fmt: skip
_PATHS: Final = frozenset({"Path", "PropertyPath", "AnnotationPath", "NavigationPropertyPath"})
_VOCABULARIES: Final = {
    "org.odata.aggregation.v1": "aggregation",
    "org.odata.capabilities.v1": "capabilities",
    "org.odata.core.v1": "core",
    "org.odata.measures.v1": "measures",
    "com.sap.vocabularies.analytics.v1": "analytics",
    "com.sap.vocabularies.common.v1": "common",
    "com.sap.vocabularies.dataintegration.v1": "dataintegration",
    "com.sap.vocabularies.hierarchy.v1": "hierarchy",
    "com.sap.vocabularies.semantics.v1": "semantics",
}
_INT: Final = re.compile(r"[+-]?[0-9]{1,19}")
_IGNORED: Final = frozenset({"common.fieldcontrol", "core.computed", "core.immutable"})


class Path(str):
    """The value of a path expression: it names a property, where other text is only text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation: the term as it is shown, and its value as plain JSON-like content."""

    term: str
    value: Any


@dataclass(slots=True)
class ODataAnnotations:
    """What is said about one target, by normalised term (`common.label`).

    Reading a value uses its term up; what nobody could read is left over, so nothing gets lost.
    """

    found: dict[str, Annotation] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def text(self, *terms: str) -> str | None:
        """Return the first of the terms that is text and not empty, None when none is."""
        for term in terms:
            annotation = self.found.get(term)
            if annotation is not None and annotation.value and type(annotation.value) is str:
                self.used.add(term)
                return annotation.value
        return None

    def flag(self, *terms: str) -> bool:
        """Tell whether one of these tagging terms is there and not false."""
        told = False
        for term in terms:
            if term in self.found and isinstance(value := self.found[term].value, bool):
                self.used.add(term)
                told = told or value
        return told

    def path(self, term: str, known: Container[str]) -> str | None:
        """Return the known property that a term leads to, None when it leads to none."""
        value = self.value(term)
        if isinstance(value, Path) and value in known:
            self.used.add(term)
            return value
        return None

    def records(self, term: str) -> list[Mapping[str, Any]]:
        """Return the records of a term, which holds one or a collection of them."""
        found = records_of(self.value(term))
        if found:
            self.used.add(term)
        return found

    def value(self, term: str) -> Any:
        """Return the value of a term without using it up, None when it is absent."""
        annotation = self.found.get(term)
        return None if annotation is None else annotation.value

    def left(self) -> Iterator[Annotation]:
        """Yield what was not used, in the order of the terms; what a service allows is no context.

        Capabilities and field control speak of writing through the service.
        """
        for term in sorted(self.found.keys() - self.used - _IGNORED):
            if not term.startswith("capabilities."):
                yield self.found[term]


class Vocabulary:
    """Reads annotations of one document."""

    def __init__(self, root: Node) -> None:
        declared = [
            (alias, namespace)
            for include in root.iter(EDMX + "Include")
            if (alias := include.get("Alias")) and (namespace := include.get("Namespace"))
        ]
        self._namespaces = {alias.lower(): namespace.lower() for alias, namespace in declared}
        self._aliases = {namespace.lower(): alias for alias, namespace in declared}
        self._known: dict[str, tuple[str, str]] = {}

    def _term(self, written: str) -> tuple[str, str]:
        """Return a term in its normal form, and as it is shown: by alias where there is one."""
        if written not in self._known:
            prefix, _, name = written.rpartition(".")
            namespace = self._namespaces.get(prefix.lower(), prefix.lower())
            normal = f"{_VOCABULARIES.get(namespace, namespace)}.{name.lower()}"
            shown = f"{self._aliases.get(prefix.lower(), prefix)}.{name}".removeprefix(".")
            self._known[written] = normal, shown
        return self._known[written]

    def collect(self, node: Node, into: ODataAnnotations) -> None:
        """Add the annotations that stand directly below a node; the first of a term holds.

        A qualified annotation speaks of something else than the plain one (CSDL XML 4.01, 14.1).
        """
        for child in node:
            if child.tag != _ANNOTATION:
                continue
            qualifier = child.get("Qualifier") or node.get("Qualifier")
            suffix = f"#{qualifier}" if qualifier else ""
            normal, shown = self._term(child.get("Term", ""))
            into.found.setdefault(normal + suffix, Annotation(shown + suffix, value_of(child)))


def records_of(value: Any) -> list[Mapping[str, Any]]:
    """Return the records that a value is or holds."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]


def value_of(node: Node) -> Any:
    """Return what an annotation expression holds: text, bool, number, list or object.

    A tagging annotation without any value is true (OData CSDL XML 4.01, 14.2).
    """
    for kind in _VALUES:
        written = node.get(kind)
        if written is not None:
            return _scalar(kind, written)
    for child in node:
        tag = child.tag.removeprefix(EDM)
        if tag == "Collection":
            return [_item(item) for item in child]
        if tag == "Record":
            return _record(child)
        if tag in _VALUES:
            return _scalar(tag, child.text or "")
        if tag == "Null":
            return None
    return True


def _scalar(kind: str, written: str) -> Any:
    if kind == "Bool":
        return written.strip().lower() == "true"
    if kind == "Int" and _INT.fullmatch(written.strip()):
        return int(written)
    return Path(written.strip()) if kind in _PATHS else written


def _item(node: Node) -> Any:
    tag = node.tag.removeprefix(EDM)
    if tag == "Record":
        return _record(node)
    return _scalar(tag, node.text or "")


def _record(node: Node) -> Mapping[str, Any]:
    return {
        value.get("Property", ""): value_of(value) for value in node.iterfind(EDM + "PropertyValue")
    }


def targets(schemas: list[Node]) -> Iterator[tuple[str, Node]]:
    """Yield each out-of-line `Annotations` node with the target it names."""
    for schema in schemas:
        for node in schema.iterfind(EDM + "Annotations"):
            target = node.get("Target")
            if target:
                yield target, node
