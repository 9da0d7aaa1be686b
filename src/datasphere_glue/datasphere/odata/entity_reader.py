"""Reads one entity type: its columns, associations, hierarchies and input parameters."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element as Node

from datasphere_glue.datasphere.column_names import ColumnName, name_columns
from datasphere_glue.datasphere.odata.aggregation import Roles, default_aggregation, read_roles
from datasphere_glue.datasphere.odata.defined_types import DefinedTypes
from datasphere_glue.datasphere.odata.entity_type import EntityType
from datasphere_glue.datasphere.odata.expressions import EDM, Path
from datasphere_glue.datasphere.odata.governance import (
    dimension_type,
    personal_data,
    semantic_key,
)
from datasphere_glue.datasphere.odata.hierarchies import read_hierarchies
from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.datasphere.odata.property_names import PropertyNames
from datasphere_glue.datasphere.odata.types import EdmTypes
from datasphere_glue.datasphere.odata.vocabulary import (
    DESCRIPTIONS,
    LABEL,
    Annotation,
    ODataAnnotations,
)
from datasphere_glue.datasphere.values import as_flag
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.asset import Usage
from datasphere_glue.model.asset_parts import Association, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.term_globs import NO_GLOBS, TermGlobs

_UNTYPED: Final = SapType("")
_EXCERPT: Final = 40
_MANY: Final = "Collection("
_REFERENCES: Final = ("measures.isocurrency", "measures.unit", "common.text")


@dataclass(frozen=True, slots=True)
class Target:
    """The object that a navigation property leads to.

    `name`: its exact name, as far as the document has it.
    `entity`: its entity type, None for one of another document.
    """

    name: str
    entity: EntityType | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the rest of a document says about an entity type.

    `defined`: the types that the document defines.
    `targets`: by navigation property; one without an entry leads nowhere.
    `inner`: navigation properties that lead back to the input parameters.
    `holders`: entity types of its input parameters.
    `container`: annotations of the containers of the document.
    `named`: terms of rules, whose annotations are kept as they are in any case.
    """

    types: EdmTypes
    defined: DefinedTypes
    targets: Mapping[str, Target] = field(default_factory=dict)
    inner: Collection[str] = ()
    holders: Sequence[EntityType] = ()
    container: ODataAnnotations = field(default_factory=ODataAnnotations)
    named: TermGlobs = NO_GLOBS


class EntityReader:
    """Reads one entity type of a document."""

    def __init__(self, entity: EntityType, surroundings: Surroundings) -> None:
        self._entity = entity
        self._around = surroundings
        self._types = surroundings.types
        self._notes: list[str] = []

    def read(self, notes: tuple[str, ...]) -> EntityMetadata:
        """Return the metadata of the entity type.

        `notes`: what of the document could not be read.
        """
        entity = self._entity
        # The original name is the name of the asset, so it counts as used.
        _ = entity.original
        nodes = entity.columns
        columns = self._column_names(nodes)
        written = (node.get("Name", "") for node in nodes)
        names = PropertyNames(
            (name, column.name) for name, column in zip(written, columns, strict=True) if name
        )
        associations = dict(self._associations(names))
        hierarchies = tuple(read_hierarchies(entity.annotations, names, associations))
        dimension = "analytics.dimensiontype" in entity.annotations.by_term or hierarchies
        annotations = entity.annotations
        roles = read_roles(entity.annotations, self._around.container, names)
        elements = tuple(self._elements(nodes, columns, _Columns(names, roles, associations)))
        variables = tuple(self._variables())
        nameless = tuple((one.name, one.written) for one in columns if one.unread)
        return EntityMetadata(
            label=entity.annotations.text(LABEL),
            description=entity.annotations.text(*DESCRIPTIONS),
            usage=Usage.DIMENSION if dimension else None,
            elements=elements,
            hierarchies=hierarchies,
            associations=tuple(associations.values()),
            variables=variables,
            dimension_type=dimension_type(annotations),
            semantic_key=semantic_key(annotations, names),
            personal_data=personal_data(annotations),
            custom=self._custom(annotations),
            notes=(*notes, *entity.notes, *self._notes),
            unnamed=nameless,
            whole=entity.complete and not nameless,
        )

    def _column_names(self, nodes: Sequence[Node]) -> list[ColumnName]:
        """Return the names of the columns: the exact one, or OData's where that is taken."""
        names: list[str] = []
        taken: set[str] = set()
        for node in nodes:
            written = node.get("Name", "")
            exact = self._entity.exact(written) if written else ""
            if exact in taken and written not in taken:
                self._notes.append(f"the original name {exact} occurs twice")
                exact = written
            names.append(exact)
            taken.add(exact)
        return name_columns(names)

    def _elements(
        self, nodes: Sequence[Node], names: Sequence[ColumnName], columns: "_Columns"
    ) -> Iterator[Element]:
        keys = self._entity.keys
        for node, name in zip(nodes, names, strict=True):
            if name.unread is None:
                yield self._element(node, name.name, keys, columns)
            else:
                sap_type = excerpt_of(node.get("Type", "no type"))
                self._notes.append(name.unread)
                yield Element(
                    name=name.name,
                    type=_UNTYPED,
                    unread=f"{name.unread}; the column, of {sap_type}, is kept as text",
                )

    def _element(self, node: Node, name: str, keys: frozenset[str], columns: "_Columns") -> Element:
        odata_name = node.get("Name", "")
        annotations = self._entity.of_property(odata_name)
        sap_type, unread = self._type_of(node)
        nullable, odd = _nullable(node, has_keys=bool(keys))
        roles = columns.roles
        currency, currency_value = columns.measured_in(annotations, "measures.isocurrency")
        unit, unit_value = columns.measured_in(annotations, "measures.unit")
        element = Element(
            name=name,
            type=sap_type,
            label=annotations.text(LABEL),
            description=annotations.text(*DESCRIPTIONS),
            key=odata_name in keys,
            nullable=nullable,
            dimension=roles.is_dimension(name, annotations),
            measure=roles.is_measure(name, annotations),
            is_text=annotations.flag("semantics.text"),
            is_currency=annotations.flag("common.iscurrency", "semantics.currencycode"),
            is_unit=annotations.flag("common.isunit", "semantics.unitofmeasure"),
            aggregation=default_aggregation(annotations) or roles.methods.get(name),
            currency=currency,
            unit=unit,
            currency_value=currency_value,
            unit_value=unit_value,
            text=columns.named(annotations, "common.text"),
            text_association=columns.association(annotations, "common.text"),
            hidden=annotations.flag("ui.hidden", "analytics.hidden"),
            default=node.get("DefaultValue"),
            values=self._around.defined.values(node),
            heading=annotations.text("common.heading"),
            personal_data=personal_data(annotations),
            # Last, because these hold only what nothing above has used.
            semantics=tuple(sorted(a.term.rpartition(".")[2] for a in annotations.tags())),
            custom=self._custom(annotations, annotations.tags(), roles.custom.get(name, ())),
            unread="; ".join(filter(None, (unread, odd))) or None,
        )
        self._notes += columns.unresolved(name, annotations)
        return element

    def _custom(
        self,
        annotations: ODataAnnotations,
        tags: Iterable[Annotation] = (),
        more: Iterable[tuple[str, str]] = (),
    ) -> tuple[tuple[str, str], ...]:
        """Return what no field holds but for tags, what rules name, and more pairs."""
        return tuple(sorted([*annotations.custom(self._around.named, tags), *more]))

    def _type_of(self, node: Node) -> tuple[SapType, str | None]:
        """Return the type of a property, and why it cannot be read where that is so."""
        if not node.get("Type"):
            return _UNTYPED, "it has no type; kept as text"
        try:
            return self._types.type_of(node), None
        except DocumentError as error:
            return _UNTYPED, f"{error.message}; kept as text"

    def _associations(self, names: PropertyNames) -> Iterator[tuple[str, Association]]:
        """Yield the associations by the names of their navigation properties."""
        entity = self._entity
        for node in entity.navigation:
            name = node.get("Name", "")
            if name in self._around.inner:
                continue
            target = self._around.targets.get(name)
            if not name or target is None:
                self._notes.append(f"the association {excerpt_of(name)!r} has no name or no target")
                continue
            pairs = node.iterfind(EDM + "ReferentialConstraint")
            annotations = entity.of_property(name)
            yield (
                name,
                Association(
                    name=entity.exact(name),
                    target=target.name,
                    label=annotations.text(LABEL),
                    pairs=tuple(_pair(pair, names, target.entity) for pair in pairs),
                    composition=as_flag(node.get("ContainsTarget")) is True,
                    cardinality=_cardinality(node),
                    custom=self._custom(annotations),
                ),
            )

    def _variables(self) -> Iterator[Variable]:
        for holder in self._around.holders:
            keys = holder.keys
            for node in holder.columns:
                name = node.get("Name", "")
                if keys and name not in keys:
                    continue
                if not name:
                    self._notes.append("an input parameter has no name and was left out")
                    continue
                default = node.get("DefaultValue")
                sap_type, unread = self._type_of(node)
                self._notes += [f"input parameter {name}: {unread}"] if unread else []
                annotations = holder.of_property(name)
                yield Variable(
                    name=holder.exact(name),
                    type=sap_type,
                    label=annotations.text(LABEL),
                    description=annotations.text(*DESCRIPTIONS),
                    mandatory=default is None and not as_flag(node.get("Nullable", "false")),
                    default=default,
                    custom=self._custom(annotations),
                )


@dataclass(frozen=True, slots=True)
class _Columns:
    """What the columns of an entity type can refer to, and their roles."""

    names: PropertyNames
    roles: Roles
    associations: Mapping[str, Association]

    def measured_in(
        self, annotations: ODataAnnotations, term: str
    ) -> tuple[str | None, str | None]:
        """Return the column that a term names, and the literal that it holds instead.

        SAP also writes the name of a column as text.
        """
        value = annotations.value(term)
        column = self.named(annotations, term)
        if isinstance(value, Path) or column is not None:
            return column, None
        literal = annotations.text(term)
        column = self.names.find(literal) if literal else None
        return column, None if column else literal

    def named(self, annotations: ODataAnnotations, term: str) -> str | None:
        """Return the exact name of the column in the path of a term."""
        value = annotations.value(term)
        column = self.names.find(value) if isinstance(value, Path) else None
        if column is not None:
            annotations.used.add(term)
        return column

    def association(self, annotations: ODataAnnotations, term: str) -> str | None:
        """Return the association in the path of a term, which stays unused for its column."""
        value = annotations.value(term)
        head, slash, _ = value.partition("/") if isinstance(value, Path) else ("", "", "")
        link = self.associations.get(head) if slash else None
        return link.name if link else None

    def unresolved(self, name: str, annotations: ODataAnnotations) -> Iterator[str]:
        """Yield a note of each reference to a column that there is not."""
        for term in _REFERENCES:
            value = annotations.value(term)
            if isinstance(value, Path) and term not in annotations.used and "/" not in value:
                yield f"column {name}: {annotations.by_term[term].term} names no column: {value}"


def excerpt_of(written: str) -> str:
    """Return the first characters of a foreign text, for a note."""
    return written[:_EXCERPT]


def _pair(pair: Node, names: PropertyNames, target: EntityType | None) -> tuple[str, str]:
    own, other = pair.get("Property", ""), pair.get("ReferencedProperty", "")
    return names.find(own) or own, target.exact(other) if target else other


def _cardinality(node: Node) -> str:
    """Return how many targets there are; one is optional unless it is marked as required.

    Source: OData CSDL XML 4.01, 8.2 and 8.3.
    """
    if node.get("Type", "").startswith(_MANY):
        return "0..*"
    return "1..1" if as_flag(node.get("Nullable")) is False else "0..1"


def _nullable(node: Node, *, has_keys: bool) -> tuple[bool | None, str | None]:
    """Return whether a property may be null, None where that is open, and what cannot be read.

    CSDL's default is true, but the analytical form, which has no keys either, never has the facet.
    """
    written = node.get("Nullable")
    if written is None:
        return (True if has_keys else None), None
    flag = as_flag(written)
    odd = f"nullable {excerpt_of(written)!r} cannot be read and was left out"
    return flag, odd if flag is None else None
