"""Annotations of a CSDL document, by normalised term for every alias, place and case.

The case of terms is unstable: a tenant writes `Analytics.dimension` in a relational document and
`Analytics.Dimension` in an analytical one. A normalised term is the last part of the vocabulary's
namespace and the term, in lower case, with aliases resolved from `edmx:Include`. An alias is the
document's own business (CSDL XML 4.01, 3.3): a term is displayed with the last part of the
namespace before its version, so that `Org.OData.Validation.V1.Minimum` is `Validation.Minimum`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.odata.expressions import (
    ANNOTATION,
    EDM,
    records_of,
    value_of,
)
from datasphere_glue.datasphere.values import as_text
from datasphere_glue.model.term_globs import TermGlobs

EDMX: Final = "{http://docs.oasis-open.org/odata/ns/edmx}"

LABEL: Final = "common.label"
DESCRIPTIONS: Final = ("common.quickinfo", "core.description", "core.longdescription")

_VOCABULARIES: Final = {
    "org.odata.aggregation.v1": "Aggregation",
    "org.odata.capabilities.v1": "Capabilities",
    "org.odata.core.v1": "Core",
    "org.odata.measures.v1": "Measures",
    "com.sap.vocabularies.analytics.v1": "Analytics",
    "com.sap.vocabularies.common.v1": "Common",
    "com.sap.vocabularies.dataintegration.v1": "DataIntegration",
    "com.sap.vocabularies.hierarchy.v1": "Hierarchy",
    "com.sap.vocabularies.personaldata.v1": "PersonalData",
    "com.sap.vocabularies.semantics.v1": "Semantics",
    "com.sap.vocabularies.ui.v1": "UI",
}
"""Vocabularies whose terms are interpreted, with the prefix of their terms."""

_KNOWN: Final = frozenset(prefix.lower() for prefix in _VOCABULARIES.values())

_ONCE_CUSTOM: Final = (
    *("aggregation.customaggregate", "aggregation.applysupported"),
    *("aggregation.leveledhierarchy", "aggregation.recursivehierarchy"),
    *("analytics.aggregatedpropert", "analytics.analyticalcontext", "analytics.dimensiontype"),
    *("common.heading", "common.semantickey", "hierarchy.recursivehierarchy"),
    *("measures.isocurrency", "measures.unit", "personaldata.", "ui.hidden"),
)
"""Starts of the terms that earlier versions kept as custom, and that have a field of their own."""

_STANDARD: Final = ("org.odata.", "com.sap.vocabularies.")
_VERSION: Final = re.compile(r"[vV]?[0-9][0-9_]*")
_IGNORED: Final = frozenset({"common.fieldcontrol", "core.computed", "core.immutable"})


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation.

    `term`: its term as displayed.
    `value`: its value as JSON-like content.
    `written`: its term with the alias of the document, which earlier versions displayed.
    `inner`: annotations of this annotation, by normalised term.
    """

    term: str
    value: Any
    written: str
    inner: Mapping[str, "Annotation"] = field(default_factory=dict)


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

    def add_missing(self, other: "ODataAnnotations") -> None:
        """Add the annotations of another target, where this one lacks the term."""
        for term, annotation in other.by_term.items():
            self.by_term.setdefault(term, annotation)

    def custom(
        self, named: TermGlobs, tags: Iterable[Annotation] = ()
    ) -> Iterator[tuple[str, str]]:
        """Yield the annotations without use, except for `tags`, and those that rules name, as text.

        `named`: terms of rules. One that names the alias of the document goes on working, and so
        does one whose term earlier versions kept here.
        """
        unused = {one.term for one in self.unused()} - {one.term for one in tags}
        for term, one in self.by_term.items():
            by_alias = named.match(one.written) and not named.match(one.term)
            once = term.startswith(_ONCE_CUSTOM) and (by_alias or named.match(one.term))
            if one.term in unused or once or named.name(one.term) or named.name(one.written):
                yield one.written if by_alias else one.term, as_text(one.value)

    def tags(self) -> list[Annotation]:
        """Return the annotations without use that are true, of vocabularies that are known here.

        A tag of another vocabulary means nothing without it.
        """
        unused = {id(one) for one in self.unused() if one.value is True}
        return [
            one
            for term, one in sorted(self.by_term.items())
            if id(one) in unused and term.partition(".")[0] in _KNOWN
        ]

    def unused(self) -> Iterator[Annotation]:
        """Yield the annotations without use, in the order of their terms.

        Capabilities and field control are left out: they describe writing through the service.
        """
        for term in sorted(self.by_term.keys() - self.used - _IGNORED):
            if not term.startswith("capabilities."):
                yield self.by_term[term]


class AnnotationReader:
    """Reads the annotations of one document.

    `namespaces`: namespace of each alias that the document declares.
    """

    def __init__(self, root: Node) -> None:
        nodes = (*root.iter(EDMX + "Include"), *root.iter(EDM + "Schema"))
        declared = [(node.get("Alias"), node.get("Namespace")) for node in nodes]
        self.namespaces = {alias: space for alias, space in declared if alias and space}
        self._aliases = {space.lower(): alias for alias, space in self.namespaces.items()}
        self._by_alias = {alias.lower(): space for alias, space in self.namespaces.items()}
        written = {node.get("Term", "").rpartition(".")[0] for node in root.iter(ANNOTATION)}
        spaces = {self._namespace(prefix).lower() for prefix in written}
        self._uses = Counter(map(_short, spaces))
        self._terms: dict[str, tuple[str, str]] = {}

    def _namespace(self, prefix: str) -> str:
        return self._by_alias.get(prefix.lower(), prefix)

    def _normalise(self, written: str) -> tuple[str, str]:
        """Return the normalised form of a term, and the displayed one."""
        if written not in self._terms:
            prefix, _, name = written.rpartition(".")
            namespace = self._namespace(prefix)
            known = _VOCABULARIES.get(namespace.lower())
            normal = f"{(known or namespace).lower()}.{name.lower()}"
            displayed = f"{known or self._prefix(namespace)}.{name}".removeprefix(".")
            self._terms[written] = normal, displayed
        return self._terms[written]

    def _prefix(self, namespace: str) -> str:
        """Return the last part of a namespace; all of it where a used one has that part as well."""
        short = _short(namespace)
        shared = self._uses[short.lower()] > 1
        return namespace if shared and not namespace.lower().startswith(_STANDARD) else short

    def _with_alias(self, written: str) -> str:
        prefix, dot, name = written.rpartition(".")
        return f"{self._aliases.get(prefix.lower(), prefix)}{dot}{name}"

    def collect(self, node: Node, into: ODataAnnotations) -> None:
        """Add the annotations directly below a node; the first one of a term counts.

        A qualified annotation is independent of the unqualified one (CSDL XML 4.01, 14.1).
        """
        for term, annotation in self._below(node, node.get("Qualifier")):
            into.by_term.setdefault(term, annotation)

    def _below(self, node: Node, qualifier: str | None) -> Iterator[tuple[str, Annotation]]:
        """Yield each annotation directly below a node, by its normalised term and qualifier."""
        for child in node.iterfind(ANNOTATION):
            own = child.get("Qualifier") or qualifier
            suffix = f"#{own}" if own else ""
            normal, displayed = self._normalise(child.get("Term", ""))
            inner = dict(self._below(child, None)) if len(child) else {}
            written = self._with_alias(child.get("Term", "")) + suffix
            yield normal + suffix, Annotation(displayed + suffix, value_of(child), written, inner)


def _short(namespace: str) -> str:
    """Return the last part of a namespace before its version."""
    parts = namespace.split(".")
    while len(parts) > 1 and _VERSION.fullmatch(parts[-1]):
        parts.pop()
    return parts[-1]


def targets(schemas: list[Node]) -> Iterator[tuple[str, Node]]:
    """Yield each out-of-line `Annotations` node with the target it names."""
    for schema in schemas:
        for node in schema.iterfind(EDM + "Annotations"):
            target = node.get("Target")
            if target:
                yield target, node
