"""The metadata of one asset in OData, and the merge of its relational and analytical form."""

from dataclasses import dataclass, replace

from datasphere_glue.datasphere.readable import with_readable_type
from datasphere_glue.model.asset import Usage
from datasphere_glue.model.asset_parts import Association, Hierarchy, Variable
from datasphere_glue.model.element import Element


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
    notes: tuple[str, ...] = ()
    unnamed: tuple[tuple[str, str], ...] = ()
    whole: bool = True


def merge_forms(relational: EntityMetadata, analytical: EntityMetadata) -> EntityMetadata:
    """Return the two forms of one asset merged into one.

    Order, types, keys and nullability come from the relational form. The analytical form adds
    roles and fills what the relational form leaves open, types that cannot be read included. Where
    the relational form is whole, columns without a name of the analytical form are left out.
    """
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
        custom=tuple(sorted((dict(analytical.custom) | dict(relational.custom)).items())),
        notes=tuple(dict.fromkeys((*relational.notes, *analytical.notes))),
        unnamed=tuple(dict.fromkeys((*relational.unnamed, *analytical.unnamed))),
        whole=relational.whole and analytical.whole,
    )


def _merge_element(one: Element, other: Element) -> Element:
    one = with_readable_type(one, other, "another form of the metadata")
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
        currency=one.currency or other.currency,
        unit=one.unit or other.unit,
        text=one.text or other.text,
        semantics=tuple(dict.fromkeys((*one.semantics, *other.semantics))),
        custom=tuple(sorted((dict(other.custom) | dict(one.custom)).items())),
    )
