"""Reads columns, associations and input parameters of a CSN entity."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from datasphere_glue.datasphere.column_names import name_columns
from datasphere_glue.datasphere.csn.annotations import CsnAnnotations, paths_of
from datasphere_glue.datasphere.csn.document import (
    MAX_COLUMNS,
    Document,
    object_or_note,
    require_object,
)
from datasphere_glue.datasphere.csn.json_text import DoubledKey
from datasphere_glue.datasphere.csn.links import external_hierarchies, read_association
from datasphere_glue.datasphere.csn.measures import annotated_exception
from datasphere_glue.datasphere.csn.term_reader import TermReader
from datasphere_glue.datasphere.csn.terms import (
    ELEMENT_TERMS,
    NAVIGATED,
    STRUCTURE_MEMBER,
    VARIABLE_TERMS,
    TermTable,
)
from datasphere_glue.datasphere.csn.types import UNTYPED, CsnTypes, is_link
from datasphere_glue.datasphere.csn.value_lists import (
    default_text,
    read_default,
    read_value_help,
    read_values,
)
from datasphere_glue.datasphere.csn.variables import (
    Described,
    described_filter,
    described_parameter,
    is_filter,
)
from datasphere_glue.datasphere.values import as_flag, as_text, text_at
from datasphere_glue.errors import DocumentError, excerpt
from datasphere_glue.model.asset_parts import Association, Hierarchy, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType

_NO_MEASURE: Final = "NONE"
_EXCERPT: Final = 40


@dataclass(slots=True)
class EntityParts:
    """Collects the parts of one entity during one call of `parse_definition`.

    `columns`: names of the columns as the entity writes them.
    `unknown_terms`: annotations without an interpretation, counted by term.
    `ignored_terms`: annotations that do not describe the data, counted by term.
    `modelled`: True for an analytic model, whose columns can declare filter variables.
    `filters`: those variables.
    `members`: columns that are members of the structure of a model, so no measures.
    """

    document: Document
    types: CsnTypes
    key: str
    columns: frozenset[str] = frozenset()
    modelled: bool = False
    filters: list[Described] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    associations: list[Association] = field(default_factory=list)
    hierarchies: list[Hierarchy] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unknown_terms: Counter[str] = field(default_factory=Counter)
    ignored_terms: Counter[str] = field(default_factory=Counter)

    def count_terms(self, annotations: CsnAnnotations) -> None:
        """Count the annotations that are kept without an interpretation, or ignored."""
        self.unknown_terms.update(annotations.unknown())
        self.ignored_terms.update(annotations.ignored())

    def fields(self, annotations: CsnAnnotations, table: TermTable) -> dict[str, Any]:
        """Return the values of the fields that the terms of a table fill."""
        return TermReader(self.document, annotations, self.columns).fields(table)


def read_elements(parts: EntityParts, entity: Mapping[str, Any]) -> None:
    """Add all elements of an entity to its parts; one that cannot be read costs a note.

    Raises:
        DocumentError: the elements are no object, or there are more than `MAX_COLUMNS`.

    """
    written = entity.get("elements")
    path = ("definitions", parts.key, "elements")
    if written is None:
        parts.notes.append("the definition has no elements")
        return
    elements = require_object(written, *path)
    if len(elements) > MAX_COLUMNS:
        raise DocumentError(f"{len(elements)} elements; at most {MAX_COLUMNS} are read", *path)
    parts.columns = frozenset(
        key
        for key, value in elements.items()
        if not isinstance(value, Mapping) or not is_link(value)
    )
    names = name_columns(list(elements))
    for one, (key, value) in zip(names, elements.items(), strict=True):
        doubled = f"the name {key.original} occurs twice" if isinstance(key, DoubledKey) else None
        _add_element(parts, one.name, value, one.unread or doubled)


def _add_element(parts: EntityParts, name: str, value: Any, unread: str | None) -> None:
    """Add one element; `unread` is why its name is not the one that SAP gives."""
    path = ("definitions", parts.key, "elements", name)
    if not isinstance(value, Mapping):
        kind = "nothing" if value is None else type(value).__name__
        unread = f"its definition is no object but {kind}"
        value = {}
    annotations = CsnAnnotations(*reversed(list(parts.types.chain(value))), value)
    if is_link(value):
        try:
            link, note = read_association(parts.document, name, value, annotations, path)
        except DocumentError as error:
            parts.notes.append(f"the association {name} was left out: {error.message}")
            return
        parts.associations.append(link)
        parts.notes += [note] if note else []
    else:
        column = _column(parts, name, value, annotations, path)
        causes = [cause for cause in (unread, column.unread) if cause]
        parts.elements.append(
            replace(column, unread=f"{'; '.join(causes)}; kept as text", type=UNTYPED)
            if unread
            else column
        )
        parts.notes += [f"column {name}: {cause}" for cause in causes]
    parts.count_terms(annotations)


def _column(
    parts: EntityParts,
    name: str,
    element: Mapping[str, Any],
    annotations: CsnAnnotations,
    path: tuple[str, ...],
) -> Element:
    inherited = (*reversed(list(parts.types.chain(element))), element)
    annotations.add_properties(*inherited)
    parts.hierarchies += external_hierarchies(name, annotations)
    if parts.modelled and is_filter(annotations):
        declared = parts.fields(annotations, VARIABLE_TERMS)
        parts.filters.append(described_filter(name, declared, annotations))
    parts.members += [name] if annotations.flag(STRUCTURE_MEMBER) else []
    fields = parts.fields(annotations, ELEMENT_TERMS) | annotated_exception(annotations)
    aggregated = fields.get("aggregation", _NO_MEASURE) != _NO_MEASURE
    fields["measure"] = "measure" in fields or aggregated or "measure_type" in fields
    fields.setdefault("description", text_at(element, "doc"))
    sap_type, unread = _type_of(parts, element, path)
    key, odd_key = _flag(element, "key")
    not_null, odd_null = _flag(element, "notNull")
    return Element(
        name=name,
        type=sap_type,
        key=key is True,
        nullable=None if not_null is None else not not_null,
        sources=_navigated(parts, element, annotations),
        values=read_values(parts.document, annotations),
        default=read_default(annotations),
        value_help=read_value_help(annotations),
        **fields,
        custom=annotations.custom(parts.document.named),
        unread="; ".join(filter(None, (unread, odd_key, odd_null))) or None,
    )


def _type_of(
    parts: EntityParts, element: Mapping[str, Any], path: tuple[str, ...]
) -> tuple[SapType, str | None]:
    """Return the type of an element, and why it cannot be read where that is so."""
    try:
        return parts.types.type_of(element, *path), None
    except DocumentError as error:
        return UNTYPED, f"{excerpt(error.message)}; kept as text"


def _flag(element: Mapping[str, Any], key: str) -> tuple[bool | None, str | None]:
    """Return a boolean, None where the element leaves it open, and what cannot be read."""
    written = element.get(key)
    flag = as_flag(written)
    if written is None or flag is not None:
        return flag, None
    return None, f"{key} {as_text(written)[:_EXCERPT]!r} cannot be read and was left out"


def _navigated(
    parts: EntityParts, element: Mapping[str, Any], annotations: CsnAnnotations
) -> tuple[tuple[str, str, str], ...]:
    """Return the column behind an association that a column of an analytic model exposes."""
    steps = () if "type" in element else paths_of(annotations.values.get(NAVIGATED))
    if len(steps) != len(("association", "column")):
        return ()
    entity = parts.document.find(parts.key) or {}
    elements = entity.get("elements")
    link = elements.get(steps[0]) if isinstance(elements, Mapping) else None
    target = link.get("target") if isinstance(link, Mapping) else None
    if not isinstance(target, str):
        return ()
    annotations.used.add(NAVIGATED)
    space, name = parts.document.split(target)
    return ((space or parts.document.space, name, steps[1]),)


def read_parameters(parts: EntityParts, entity: Mapping[str, Any]) -> Iterator[Described]:
    """Yield the input parameters of an entity; one that cannot be read costs a note."""
    path = ("definitions", parts.key, "params")
    for name, parameter in object_or_note(entity, "params", parts.notes, *path[:-1]).items():
        if not isinstance(parameter, Mapping) or not name:
            parts.notes.append(f"the parameter {name!r} has no name or is no object")
            continue
        annotations = CsnAnnotations(*reversed(list(parts.types.chain(parameter))), parameter)
        sap_type, unread = _type_of(parts, parameter, (*path, name))
        parts.notes += [f"parameter {name}: {unread}"] if unread else []
        fields = parts.fields(annotations, VARIABLE_TERMS)
        default = default_text(parameter.get("default", parameter.get("defaultValue")))
        described = described_parameter(
            Variable(name, sap_type, default=default), fields, annotations
        )
        custom = annotations.custom(parts.document.named)
        yield replace(described, variable=replace(described.variable, custom=custom))
        parts.count_terms(annotations)
