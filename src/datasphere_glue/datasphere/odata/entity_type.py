"""One entity type of a `$metadata` document, with its annotations and what it inherits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.odata.expressions import EDM
from datasphere_glue.datasphere.odata.vocabulary import ODataAnnotations

_PROPERTY: Final = EDM + "Property"
NAVIGATION: Final = EDM + "NavigationProperty"
_ORIGINAL: Final = "dataintegration.originalname"
_MOST_BASES: Final = 100
"""Most types that one type inherits from."""


@dataclass(slots=True, eq=False)
class Annotated:
    """What annotations can target: an object, and its properties.

    `annotations`: those of the object itself.
    `properties`: those of each property, by the name of the property.
    """

    annotations: ODataAnnotations = field(default_factory=ODataAnnotations)
    properties: dict[str, ODataAnnotations] = field(default_factory=dict)

    def at(self, path: str) -> ODataAnnotations:
        """Return the annotations of the object, or of the property at a path."""
        return self.of_property(path) if path else self.annotations

    def of_property(self, name: str) -> ODataAnnotations:
        """Return the annotations of a property, which a reader may add to."""
        if name not in self.properties:
            self.properties[name] = ODataAnnotations()
        return self.properties[name]

    def add_missing(self, other: "Annotated") -> None:
        """Add the annotations of another object, where this one lacks the term."""
        self.annotations.add_missing(other.annotations)
        self.add_missing_of_properties(other)

    def add_missing_of_properties(self, other: "Annotated") -> None:
        """Add the annotations of the properties of another object, where the term is missing."""
        for name, annotations in other.properties.items():
            self.of_property(name).add_missing(annotations)

    @property
    def original(self) -> str | None:
        """Return the exact technical name, None where the document lacks it."""
        return self.annotations.text(_ORIGINAL)


@dataclass(slots=True, eq=False)
class EntityType(Annotated):
    """An entity type.

    `nodes`: its declarations; a document should have one of them.
    `parent`: the type that it inherits from, None without one.
    `notes`: what of it could not be read.
    """

    name: str = ""
    qualified_name: str = ""
    nodes: list[Node] = field(default_factory=list)
    parent: "EntityType | None" = None
    notes: list[str] = field(default_factory=list)
    complete: bool = True

    @property
    def base(self) -> str:
        """Return the name of the type that this one inherits from, empty without one."""
        return next((base for node in self.nodes if (base := node.get("BaseType"))), "")

    @property
    def bases(self) -> list["EntityType"]:
        """Return the types that this one inherits from, the nearest first, each once."""
        bases: dict[EntityType, None] = {}
        current = self.parent
        while current is not None and len(bases) < _MOST_BASES:
            if current is self or current in bases:
                break
            bases[current] = None
            current = current.parent
        return list(bases)

    @property
    def columns(self) -> list[Node]:
        """Return the properties, inherited ones first."""
        return list(self._inherited(_PROPERTY))

    @property
    def navigation(self) -> list[Node]:
        """Return the navigation properties, inherited ones first."""
        return list(self._inherited(NAVIGATION))

    @property
    def keys(self) -> frozenset[str]:
        """Return the names of the key properties; a type without keys has those of its base."""
        refs = self._inherited(f"{EDM}Key/{EDM}PropertyRef")
        return frozenset(ref.get("Name", "") for ref in refs)

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

    def inherit(self) -> None:
        """Add the annotations of inherited properties, and notes where the chain is broken."""
        bases = self.bases
        for base in bases:
            self.add_missing_of_properties(base)
        last = bases[-1] if bases else self
        if not last.base:
            return
        cause = "is not defined"
        if last.parent is not None:
            cause = "inherits from itself" if len(bases) < _MOST_BASES else "has too many bases"
        self.complete = self.complete and cause == "inherits from itself"
        self.notes.append(f"the base type {last.base} {cause}; its columns may lack")

    def exact(self, name: str) -> str:
        """Return the exact technical name of a property."""
        for one in (self, *self.bases):
            annotations = one.properties.get(name)
            if annotations is not None and (original := annotations.text(_ORIGINAL)):
                return original
        return name


@dataclass(slots=True, eq=False)
class EntitySet(Annotated):
    """An entity set or singleton of a container.

    `result`: the type of its rows, where they need input parameters that of the rows behind them.
    `bindings`: qualified name of the target set of each navigation property.
    """

    name: str = ""
    entity: EntityType = field(default_factory=EntityType)
    result: EntityType = field(default_factory=EntityType)
    bindings: Mapping[str, str] = field(default_factory=dict)
