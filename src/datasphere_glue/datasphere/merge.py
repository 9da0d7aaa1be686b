"""Merges the two documents of one asset: the EDMX of its consumers and the CSN of its modellers.

Precedence per field (the second counts where the first is empty):

    names                            CSN
    columns, their order and types   OData, where the asset is exposed and it can be read, else CSN
    keys                             marked in either
    nullability                      OData, then CSN
    labels                           OData, then CSN; CSN first in a preferred language
    descriptions                     CSN, then OData
    dimension, measure, text, currency and unit marks    marked in either
    aggregation, text columns, foreign keys, defaults, values     CSN, then OData
    currencies and units             CSN, then OData, a column and a literal together
    semantics                        both, CSN first
    custom                           both; CSN where both have a term
    usage, hierarchies, personal data, semantic keys              CSN, then OData
    associations                     CSN, completed by OData of the same name; else OData
    variables                        labels and types of OData, then CSN; all else CSN, then OData
    measures                         marked in either, but for members of a structure in CSN
    lineage, sources, remote, delta  CSN only
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from operator import attrgetter
from typing import Final

from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.datasphere.csn.variables import with_requirement
from datasphere_glue.datasphere.odata.metadata import (
    EntityMetadata,
    exact_names,
    with_measures,
    with_names,
)
from datasphere_glue.datasphere.readable import with_readable_type
from datasphere_glue.datasphere.values import joined_pairs
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.asset_parts import Association, Variable
from datasphere_glue.model.element import Element

ODATA: Final = "odata"
CSN: Final = "csn"
BOTH: Final = "odata+csn"

_MARKS: Final = ("key", "dimension", "measure", "attribute", "is_text", "is_currency", "is_unit")
_MODELLED: Final = ("aggregation", "text", "association", "description")
_CONSUMED: Final = ("label", "nullable")
_STATED: Final = (*_MARKS, *_MODELLED, "currency", "unit", *_CONSUMED, "semantics", "custom")
"""Fields of columns whose source is stated whichever it is."""

_MOST_NAMED: Final = 5
"""Most columns that a note names of those that one OData name may stand for."""

_STATED_FOR_ODATA: Final = (
    *("hidden", "text_association", "default", "currency_value", "unit_value"),
    *("heading", "personal_data", "values"),
)
"""Fields whose source is stated where OData has them; tables of before OData had them name none."""


def merge_with_odata(definition: Definition, metadata: EntityMetadata) -> Definition:
    """Return a definition merged with the metadata of the same asset.

    The asset's provenance names the source of each field: `odata`, `csn` or, where both have
    values, `odata+csn`. A field is named as in `Asset`, or `elements.` and a field of `Element`.
    Columns of the CSN alone cannot be queried by consumers: they are left out, with a note.
    """
    csn = definition.asset
    if csn.elements:
        metadata = _without_doubtful_names(metadata, {element.name for element in csn.elements})
    names = exact_names(metadata, csn.elements, csn.associations, csn.variables)
    metadata = with_names(metadata, names)
    if definition.translated:
        metadata = _without_labels(metadata, csn)
    elements, element_sources, only = _merge_columns(csn, metadata)
    doubtful = {name for known in names.columns.doubtful.values() for name in known}
    unexposed = [name for name in only if name not in doubtful]
    asset = replace(
        csn,
        label=metadata.label or csn.label,
        description=csn.description or metadata.description,
        usage=csn.usage or metadata.usage,
        elements=elements,
        hierarchies=csn.hierarchies or metadata.hierarchies,
        associations=_merge_associations(csn.associations, metadata.associations),
        variables=_merge_variables(definition, metadata.variables),
        custom=joined_pairs(csn.custom, metadata.custom),
        dimension_type=csn.dimension_type or metadata.dimension_type,
        semantic_key=csn.semantic_key or metadata.semantic_key,
        personal_data=csn.personal_data or metadata.personal_data,
    )
    sources = {field: CSN for field, _ in csn.provenance}
    sources |= _asset_sources(csn, metadata, asset)
    sources |= element_sources
    notes = [f"columns not exposed: {', '.join(unexposed)}"] if unexposed else []
    notes += [
        f"column {name} of OData is one of {', '.join(known[:_MOST_NAMED])}, but it is not known"
        " which"
        for name, known in names.columns.doubtful.items()
    ]
    return replace(
        definition,
        asset=replace(asset, provenance=tuple(sorted(sources.items()))),
        notes=(*definition.notes, *metadata.notes, *notes),
    )


def _without_doubtful_names(metadata: EntityMetadata, names: Collection[str]) -> EntityMetadata:
    """Return the metadata without the columns whose exact name only the definition has.

    A column that OData lists twice keeps a note of that.
    """
    doubtful = {name: written for name, written in metadata.unnamed if name not in names}
    twice = set(doubtful.values()) - {""}
    elements = tuple(
        replace(one, unread=_joined(one.unread, "OData lists it twice; one was left out"))
        if one.name in twice
        else one
        for one in metadata.elements
        if one.name not in doubtful
    )
    return replace(metadata, elements=elements) if doubtful else metadata


def _joined(*causes: str | None) -> str | None:
    return "; ".join(dict.fromkeys(filter(None, causes))) or None


def _without_labels(metadata: EntityMetadata, csn: Asset) -> EntityMetadata:
    """Return the metadata without the labels that the definition has in a preferred language."""
    labelled = {element.name for element in csn.elements if element.label}
    elements = tuple(
        replace(one, label=None) if one.name in labelled else one for one in metadata.elements
    )
    return replace(metadata, label=None if csn.label else metadata.label, elements=elements)


def _asset_sources(csn: Asset, metadata: EntityMetadata, asset: Asset) -> dict[str, str]:
    """Return the source of each field of the asset that both documents can hold."""
    sources = {}
    for field in ("label", "description", "usage", "hierarchies", "associations"):
        value = getattr(asset, field)
        if value:
            first, second = (ODATA, CSN) if field == "label" else (CSN, ODATA)
            preferred = getattr(metadata if first == ODATA else csn, field)
            sources[field] = first if preferred else second
    for field in ("dimension_type", "semantic_key", "personal_data"):
        if getattr(metadata, field) and not getattr(csn, field):
            sources[field] = ODATA
    if csn.associations and asset.associations != csn.associations:
        sources["associations"] = BOTH
    for field in ("elements", "variables", "custom"):
        by_odata, by_csn = getattr(metadata, field), getattr(csn, field)
        if by_odata or by_csn:
            sources[field] = _source(odata=bool(by_odata), csn=bool(by_csn))
    return sources


def _source(*, odata: bool, csn: bool) -> str:
    return BOTH if odata and csn else (ODATA if odata else CSN)


def _merge_columns(
    asset: Asset, metadata: EntityMetadata
) -> tuple[tuple[Element, ...], dict[str, str], list[str]]:
    """Return the columns, the source of their fields, and those that are not exposed.

    Where OData may lack columns, those that only the CSN holds stay, in the order of the CSN.
    """
    csn, odata = asset.elements, metadata.elements
    if not odata:
        return csn, dict.fromkeys(_filled_fields(csn), CSN), []
    exposed = {one.name for one in odata}
    columns = {one.name: one for one in csn if one.name in exposed}
    members = {one.name for one in asset.cross_calculations}
    merged = [
        _merge_column(columns[one.name], one) if one.name in columns else one for one in odata
    ]
    merged = [replace(one, measure=False) if one.name in members else one for one in merged]
    modelled = tuple(columns.values())
    sources = {"elements.type": ODATA}
    for field in (*_STATED, *_STATED_FOR_ODATA):
        value_of = attrgetter(field)
        by_odata, by_csn = any(map(value_of, odata)), any(map(value_of, modelled))
        if by_odata or (by_csn and field in _STATED):
            sources[f"elements.{field}"] = _source(odata=by_odata, csn=by_csn)
    only = [element for element in csn if element.name not in exposed]
    if metadata.whole:
        return tuple(merged), sources, [e.name for e in only if e.name not in members]
    return tuple(_in_order(csn, merged, only)), sources, []


def _in_order(
    csn: tuple[Element, ...], merged: list[Element], only: list[Element]
) -> Iterator[Element]:
    """Yield the columns in the order of the CSN, then those of OData alone."""
    cause = "OData does not name it; read from the definition alone"
    by_name = {one.name: one for one in merged}
    by_name |= {one.name: replace(one, unread=_joined(one.unread, cause)) for one in only}
    for name in (*(element.name for element in csn), *list(by_name)):
        if name in by_name:
            yield by_name.pop(name)


def _filled_fields(elements: tuple[Element, ...]) -> list[str]:
    return [f"elements.{f}" for f in ("type", *_STATED) if any(getattr(e, f) for e in elements)]


def _merge_column(csn: Element, odata: Element) -> Element:
    marks = {field: getattr(csn, field) or getattr(odata, field) for field in (*_MARKS, "hidden")}
    modelled = {field: getattr(csn, field) or getattr(odata, field) for field in _MODELLED}
    consumed = with_readable_type(odata, csn, "the definition")
    modelled_type = csn.type if csn.type not in (UNTYPED, consumed.type) else None
    return replace(
        with_measures(csn, odata),
        **marks,
        **modelled,
        text_association=csn.text_association or odata.text_association,
        heading=csn.heading or odata.heading,
        personal_data=csn.personal_data or odata.personal_data,
        default=odata.default if csn.default is None else csn.default,
        values=csn.values or odata.values,
        type=consumed.type,
        modelled_type=modelled_type,
        label=odata.label or csn.label,
        nullable=csn.nullable if odata.nullable is None else odata.nullable,
        semantics=tuple(dict.fromkeys((*csn.semantics, *odata.semantics))),
        custom=joined_pairs(csn.custom, odata.custom),
        unread=_joined(consumed.unread, csn.unread, _odd_model(csn, consumed)),
    )


def _odd_model(csn: Element, consumed: Element) -> str | None:
    """Return what cannot be read of the modelled type, None where that is the type in use."""
    odd = ", ".join(f"{facet} {text!r}" for facet, text in csn.type.odd_facets.items())
    return f"{odd} of the definition cannot be read" if odd and csn.type != consumed.type else None


def _merge_associations(
    csn: tuple[Association, ...], odata: tuple[Association, ...]
) -> tuple[Association, ...]:
    published = {one.name: one for one in odata}
    return tuple(_merge_association(one, published.get(one.name)) for one in csn) or odata


def _merge_association(csn: Association, odata: Association | None) -> Association:
    if odata is None:
        return csn
    return replace(
        csn,
        label=csn.label or odata.label,
        pairs=csn.pairs or odata.pairs,
        composition=csn.composition or odata.composition,
        cardinality=csn.cardinality or odata.cardinality,
        custom=joined_pairs(csn.custom, odata.custom),
    )


def _merge_variables(definition: Definition, odata: tuple[Variable, ...]) -> tuple[Variable, ...]:
    """Return the variables, in the order of the prompts of a model, else in that of OData.

    OData makes each parameter a key property that cannot be null, which says nothing about whether
    consumers must provide a value.
    """
    csn = {variable.name: variable for variable in definition.asset.variables}
    others = {variable.name: variable for variable in odata}
    ordered = (csn, others) if definition.asset.kind is Kind.ANALYTIC_MODEL else (others, csn)
    names = dict.fromkeys(name for variables in ordered for name in variables)
    merged = (
        _merge_variable(csn[name], others[name])
        if name in csn and name in others
        else csn.get(name) or others[name]
        for name in names
    )
    return tuple(with_requirement(variable, definition.implied) for variable in merged)


def _merge_variable(csn: Variable, odata: Variable) -> Variable:
    return replace(
        csn,
        type=odata.type,
        label=odata.label or csn.label,
        mandatory=odata.mandatory if csn.mandatory is None else csn.mandatory,
        default=odata.default if csn.default is None else csn.default,
        custom=joined_pairs(csn.custom, odata.custom),
    )
