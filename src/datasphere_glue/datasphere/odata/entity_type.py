"""One entity type of a `$metadata` document, with its annotations and what it inherits."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.odata.vocabulary import EDM, AnnotationReader, ODataAnnotations

_PROPERTY: Final = EDM + "Property"
_NAVIGATION: Final = EDM + "NavigationProperty"


@dataclass(slots=True)
class EntityType:
    """An entity type with its annotations.

    `nodes`: its declarations; a document should have one of them.
    `bases`: the types that it inherits from, the nearest first.
    `annotations`: those of the type and of its entity set.
    `properties`: those of each property, by the name of the property.
    `notes`: what of it could not be read.
    """

    nodes: list[Node]
    name: str
    qualified_name: str
    bases: list["EntityType"] = field(default_factory=list)
    annotations: ODataAnnotations = field(default_factory=ODataAnnotations)
    properties: dict[str, ODataAnnotations] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    complete: bool = True

    @property
    def base(self) -> str:
        """Return the name of the type that this one inherits from, empty without one."""
        return next((base for node in self.nodes if (base := node.get("BaseType"))), "")

    @property
    def columns(self) -> list[Node]:
        """Return the properties, inherited ones first."""
        return list(self._inherited(_PROPERTY))

    @property
    def navigation(self) -> list[Node]:
        """Return the navigation properties, inherited ones first."""
        return list(self._inherited(_NAVIGATION))

    @property
    def keys(self) -> frozenset[str]:
        """Return the names of the key properties; a type without keys has those of its base."""
        refs = self._inherited(f"{EDM}Key/{EDM}PropertyRef")
        return frozenset(ref.get("Name", "") for ref in refs)

    @property
    def original(self) -> str | None:
        """Return the exact technical name of the entity, None where the document lacks it."""
        return self.annotations.text("dataintegration.originalname")

    def _inherited(self, tag: str) -> Iterator[Node]:
        for entity in (*reversed(self.bases), self):
            yield from entity.own(tag)

    def own(self, tag: str) -> Iterator[Node]:
        """Yield the nodes of this type; a further declaration adds those of other names."""
        seen: set[str] = set()
        for node in self.nodes:
            inner = [one for one in node.iterfind(tag) if one.get("Name", "") not in seen]
            yield from inner
            seen |= {name for one in inner if (name := one.get("Name"))}

    def inherit(self, bases: list["EntityType"], reader: AnnotationReader) -> None:
        """Set the types that this one inherits from, with the inline annotations of their parts."""
        self.bases = bases
        for base in bases:
            for tag in (_PROPERTY, _NAVIGATION):
                for node in base.own(tag):
                    reader.collect(node, self.property_annotations(node.get("Name", "")))

    def inherit_annotations(self) -> None:
        """Add the annotations that were given to properties of the bases."""
        for base in self.bases:
            for name, annotations in base.properties.items():
                own = self.property_annotations(name).by_term
                for term, annotation in annotations.by_term.items():
                    own.setdefault(term, annotation)

    def property_annotations(self, name: str) -> ODataAnnotations:
        """Return the annotations of a property, which a reader may add to."""
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
