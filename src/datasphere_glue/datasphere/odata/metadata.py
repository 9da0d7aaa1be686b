"""The metadata of one asset in OData, and the merge of its relational and analytical form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from datasphere_glue.datasphere.readable import with_readable_type
from datasphere_glue.datasphere.values import joined_pairs
from datasphere_glue.model.asset import Usage
from datasphere_glue.model.asset_parts import Association, Hierarchy, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.odata_name import NameMatches, match_names


@dataclass(frozen=True, slots=True)
class EntityMetadata:
    """The metadata of one asset in one `$metadata` document; fields are named as in `Asset`.

    `notes`: what of the document could not be read.
    `unnamed`: the columns whose exact name is not known, with the name that the document gives.
    `whole`: False where the asset may have more columns, or columns of other names.
    """

    label: str | None = None
    description: str | None = None
    usage: Usage | None = None
    elements: tuple[Element, ...] = ()
    hierarchies: tuple[Hierarchy, ...] = ()
    associations: tuple[Association, ...] = ()
    variables: tuple[Variable, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()
    dimension_type: str | None = None
    semantic_key: tuple[str, ...] = ()
    personal_data: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    unnamed: tuple[tuple[str, str], ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class ExactNames:
    """Which exact name each OData name of an asset stands for."""

    columns: NameMatches = field(default_factory=NameMatches)
    associations: NameMatches = field(default_factory=NameMatches)
    variables: NameMatches = field(default_factory=NameMatches)


def exact_names(
    metadata: EntityMetadata,
    columns: Iterable[Element],
    associations: Iterable[Association],
    variables: Iterable[Variable],
) -> ExactNames:
    """Return the names that another document gives to the parts of an asset.

    Columns and associations of one asset share their names, so that one can take that of another.
    """
    of_columns, of_links = [one.name for one in columns], [one.name for one in associations]
    own_columns = [one.name for one in metadata.elements]
    own_links = [one.name for one in metadata.associations]
    return ExactNames(
        match_names(of_columns, own_columns, {*of_links, *own_links}),
        match_names(of_links, own_links, {*of_columns, *own_columns}),
        match_names([one.name for one in variables], [one.name for one in metadata.variables]),
    )


def with_names(metadata: EntityMetadata, names: ExactNames) -> EntityMetadata:
    """Return the metadata with exact names, also where one part refers to another."""
    columns, links = names.columns.exact, names.associations.exact
    parameters = names.variables.exact
    if all(name == exact for one in (columns, links, parameters) for name, exact in one.items()):
        return metadata
    return replace(
        metadata,
        elements=tuple(_element_with_names(one, columns, links) for one in metadata.elements),
        hierarchies=tuple(_hierarchy_with_names(one, columns) for one in metadata.hierarchies),
        associations=tuple(
            replace(
                one,
                name=links.get(one.name, one.name),
                pairs=tuple((columns.get(own, own), other) for own, other in one.pairs),
            )
            for one in metadata.associations
        ),
        semantic_key=tuple(columns.get(name, name) for name in metadata.semantic_key),
        variables=tuple(
            replace(one, name=parameters.get(one.name, one.name)) for one in metadata.variables
        ),
    )


def _element_with_names(
    element: Element, columns: Mapping[str, str], links: Mapping[str, str]
) -> Element:
    def exact(name: str | None, names: Mapping[str, str] = columns) -> str | None:
        return None if name is None else names.get(name, name)

    return replace(
        element,
        name=columns.get(element.name, element.name),
        currency=exact(element.currency),
        unit=exact(element.unit),
        text=exact(element.text),
        text_association=exact(element.text_association, links),
    )


def _hierarchy_with_names(hierarchy: Hierarchy, columns: Mapping[str, str]) -> Hierarchy:
    def exact(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(columns.get(name, name) for name in names)

    return replace(
        hierarchy,
        levels=exact(hierarchy.levels),
        parent=exact(hierarchy.parent),
        child=exact(hierarchy.child),
    )


def merge_forms(relational: EntityMetadata, analytical: EntityMetadata) -> EntityMetadata:
    """Return the two forms of one asset merged into one.

    Order, types, keys and nullability come from the relational form. The analytical form adds
    roles and fills what the relational form leaves open, types that cannot be read included. Where
    the relational form is whole, columns without a name of the analytical form are left out. An
    exact name that only one of them gives counts for both.
    """
    relational, analytical = (
        with_names(one, exact_names(one, other.elements, other.associations, other.variables))
        for one, other in ((relational, analytical), (analytical, relational))
    )
    doubtful = {name for name, _ in analytical.unnamed} if relational.whole else set()
    other = {e.name: e for e in analytical.elements if e.name not in doubtful}
    elements = [
        _merge_element(element, other.pop(element.name)) if element.name in other else element
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
        custom=joined_pairs(relational.custom, analytical.custom),
        dimension_type=relational.dimension_type or analytical.dimension_type,
        semantic_key=relational.semantic_key or analytical.semantic_key,
        personal_data=relational.personal_data or analytical.personal_data,
        notes=tuple(dict.fromkeys((*relational.notes, *analytical.notes))),
        unnamed=tuple(dict.fromkeys((*relational.unnamed, *analytical.unnamed))),
        whole=relational.whole and analytical.whole,
    )


def _merge_element(one: Element, other: Element) -> Element:
    one = with_measures(with_readable_type(one, other, "another form of the metadata"), other)
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
        hidden=one.hidden or other.hidden,
        heading=one.heading or other.heading,
        personal_data=one.personal_data or other.personal_data,
        default=other.default if one.default is None else one.default,
        values=one.values or other.values,
        text=one.text or other.text,
        text_association=one.text_association or other.text_association,
        semantics=tuple(dict.fromkeys((*one.semantics, *other.semantics))),
        custom=joined_pairs(one.custom, other.custom),
    )


def with_measures(element: Element, other: Element) -> Element:
    """Return a column with the currency and unit of another description where it has none.

    A column or a literal of the first description excludes both of the second one.
    """
    currency, unit = (other.currency, other.currency_value), (other.unit, other.unit_value)
    if any(currency) and not element.currency and not element.currency_value:
        element = replace(element, currency=currency[0], currency_value=currency[1])
    if any(unit) and not element.unit and not element.unit_value:
        element = replace(element, unit=unit[0], unit_value=unit[1])
    return element
