"""Annotations of a CSDL document, by normalised term for every alias, place and case.

The case of terms is unstable: a tenant writes `Analytics.dimension` in a relational document and
`Analytics.Dimension` in an analytical one. A normalised term is the last part of the vocabulary's
namespace and the term, in lower case, with aliases resolved from `edmx:Include`.
"""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.values import as_flag

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
_DEPTH: Final = 60
_NESTED: Final = frozenset({"Collection", "Record"})
TOO_DEEP: Final = "…"
"""The value of an annotation that is nested too deeply to be read."""

_IGNORED: Final = frozenset({"common.fieldcontrol", "core.computed", "core.immutable"})


class Path(str):
    """The value of a path expression: the name of a property, as opposed to plain text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation: its term as displayed, and its value as JSON-like content."""

    term: str
    value: Any


@dataclass(slots=True)
class ODataAnnotations:
    """The annotations of one target.

    `by_term`: annotations by normalised term (`common.label`).
    `used`: the terms that a reader has interpreted; the caller keeps the unused ones.
    """

    by_term: dict[str, Annotation] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def text(self, *terms: str) -> str | None:
        """Return the first non-empty text of the terms, None where there is none."""
        for term in terms:
            annotation = self.by_term.get(term)
            if annotation is not None and annotation.value and type(annotation.value) is str:
                self.used.add(term)
                return annotation.value
        return None

    def flag(self, *terms: str) -> bool:
        """Return whether one of these tagging terms is present and not false."""
        is_set = False
        for term in terms:
            if term in self.by_term and isinstance(value := self.by_term[term].value, bool):
                self.used.add(term)
                is_set = is_set or value
        return is_set

    def path(self, term: str, properties: Container[str]) -> str | None:
        """Return the name in the path of a term if it is one of the properties, else None."""
        value = self.value(term)
        if isinstance(value, Path) and value in properties:
            self.used.add(term)
            return value
        return None

    def records(self, term: str) -> list[Mapping[str, Any]]:
        """Return the records of a term, which holds one or a collection of them."""
        records = records_of(self.value(term))
        if records:
            self.used.add(term)
        return records

    def value(self, term: str) -> Any:
        """Return the value of a term without marking it as used, None where it is absent."""
        annotation = self.by_term.get(term)
        return None if annotation is None else annotation.value

    def unused(self) -> Iterator[Annotation]:
        """Yield the annotations without use, in the order of their terms.

        Capabilities and field control are left out: they describe writing through the service.
        """
        for term in sorted(self.by_term.keys() - self.used - _IGNORED):
            if not term.startswith("capabilities."):
                yield self.by_term[term]


class AnnotationReader:
    """Reads the annotations of one document."""

    def __init__(self, root: Node) -> None:
        declared = [
            (alias, namespace)
            for include in root.iter(EDMX + "Include")
            if (alias := include.get("Alias")) and (namespace := include.get("Namespace"))
        ]
        self._namespaces = {alias.lower(): namespace.lower() for alias, namespace in declared}
        self._aliases = {namespace.lower(): alias for alias, namespace in declared}
        self._terms: dict[str, tuple[str, str]] = {}

    def _normalise(self, written: str) -> tuple[str, str]:
        """Return the normalised form of a term, and the displayed one, with its alias if any."""
        if written not in self._terms:
            prefix, _, name = written.rpartition(".")
            namespace = self._namespaces.get(prefix.lower(), prefix.lower())
            normal = f"{_VOCABULARIES.get(namespace, namespace)}.{name.lower()}"
            displayed = f"{self._aliases.get(prefix.lower(), prefix)}.{name}".removeprefix(".")
            self._terms[written] = normal, displayed
        return self._terms[written]

    def collect(self, node: Node, into: ODataAnnotations) -> None:
        """Add the annotations directly below a node; the first one of a term counts.

        A qualified annotation is independent of the unqualified one (CSDL XML 4.01, 14.1).
        """
        for child in node:
            if child.tag != _ANNOTATION:
                continue
            qualifier = child.get("Qualifier") or node.get("Qualifier")
            suffix = f"#{qualifier}" if qualifier else ""
            normal, displayed = self._normalise(child.get("Term", ""))
            into.by_term.setdefault(
                normal + suffix, Annotation(displayed + suffix, value_of(child))
            )


def records_of(value: Any) -> list[Mapping[str, Any]]:
    """Return a value that is a record, or the records in a list."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, Mapping)]


def value_of(node: Node, depth: int = _DEPTH) -> Any:
    """Return the value of an annotation expression: text, bool, number, list or object.

    A tagging annotation without any value is true (OData CSDL XML 4.01, 14.2). Values that are
    nested deeper than `depth` levels are left out.
    """
    for kind in _VALUES:
        written = node.get(kind)
        if written is not None:
            return _scalar(kind, written)
    for child in node:
        tag = child.tag.removeprefix(EDM)
        if tag in _NESTED:
            return _nested(child, tag, depth - 1) if depth else TOO_DEEP
        if tag in _VALUES:
            return _scalar(tag, child.text or "")
        if tag == "Null":
            return None
    return True


def _nested(node: Node, tag: str, depth: int) -> Any:
    return [_item(item, depth) for item in node] if tag == "Collection" else _record(node, depth)


def _scalar(kind: str, written: str) -> Any:
    if kind == "Bool":
        flag = as_flag(written)
        return written if flag is None else flag
    if kind == "Int" and _INT.fullmatch(written.strip()):
        return int(written)
    return Path(written.strip()) if kind in _PATHS else written


def _item(node: Node, depth: int) -> Any:
    tag = node.tag.removeprefix(EDM)
    if tag == "Record":
        return _record(node, depth)
    return _scalar(tag, node.text or "")


def _record(node: Node, depth: int) -> Mapping[str, Any]:
    return {
        value.get("Property", ""): value_of(value, depth)
        for value in node.iterfind(EDM + "PropertyValue")
    }


def targets(schemas: list[Node]) -> Iterator[tuple[str, Node]]:
    """Yield each out-of-line `Annotations` node with the target it names."""
    for schema in schemas:
        for node in schema.iterfind(EDM + "Annotations"):
            target = node.get("Target")
            if target:
                yield target, node
