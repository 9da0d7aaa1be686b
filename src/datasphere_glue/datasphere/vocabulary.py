"""Annotations of a CSDL document, found by term whatever alias, place or case they came in.

The case of terms is unstable: a tenant writes `Analytics.dimension` in a relational document and
`Analytics.Dimension` in an analytical one. So terms are compared as the last part of their
vocabulary's namespace and the term, in lower case, aliases resolved from `edmx:Include`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element as Node

EDM: Final = "{http://docs.oasis-open.org/odata/ns/edm}"
EDMX: Final = "{http://docs.oasis-open.org/odata/ns/edmx}"

_VALUES: Final = (
    "String", "Bool", "Int", "Decimal", "Float", "Date", "DateTimeOffset", "Duration", "Guid",
    "TimeOfDay", "EnumMember", "Path", "PropertyPath", "AnnotationPath", "NavigationPropertyPath",
)  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation: the term as written, and its value as plain JSON-like content."""

    term: str
    value: Any


@dataclass(slots=True)
class Annotations:
    """What is said about one target, by normalised term (`common.label`)."""

    found: dict[str, Annotation] = field(default_factory=dict)

    def value(self, *terms: str) -> Any:
        """Return the value of the first of the terms that is there, None when none is."""
        return next((self.found[term].value for term in terms if term in self.found), None)

    def text(self, *terms: str) -> str | None:
        """Return the value as text, None when absent or empty."""
        value = self.value(*terms)
        return value if isinstance(value, str) and value else None

    def flag(self, *terms: str) -> bool:
        """Tell whether a tagging term is there and not false."""
        return any(self.found[term].value is True for term in terms if term in self.found)


class Vocabulary:
    """Reads annotations of one document."""

    def __init__(self, root: Node) -> None:
        self._namespaces = {
            alias: namespace
            for include in root.iter(EDMX + "Include")
            if (alias := include.get("Alias")) and (namespace := include.get("Namespace"))
        }
        self._known: dict[str, str] = {}

    def term(self, written: str) -> str:
        """Return a term in its normal form: vocabulary, dot, term, in lower case."""
        normal = self._known.get(written)
        if normal is None:
            prefix, _, name = written.rpartition(".")
            namespace = self._namespaces.get(prefix, prefix).lower()
            normal = f"{_VOCABULARIES.get(namespace, namespace)}.{name.lower()}"
            self._known[written] = normal
        return normal

    def collect(self, node: Node, into: Annotations) -> None:
        """Add the annotations that stand directly below a node; the first of a term holds."""
        for child in node.iterfind(EDM + "Annotation"):
            written = child.get("Term", "")
            into.found.setdefault(self.term(written), Annotation(written, value_of(child)))


def value_of(node: Node) -> Any:
    """Return what an annotation expression holds: text, bool, number, list or object.

    A tagging annotation without any value is true (OData CSDL 4.01, 14.2). A path is given as its
    text.
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
    if kind == "Int" and written.strip().lstrip("-").isdecimal():
        return int(written)
    return written


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
