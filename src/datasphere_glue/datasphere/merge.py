"""Merges the two documents of one asset: the EDMX of its consumers and the CSN of its modellers.

Precedence per field (the second counts where the first is empty):

    columns, their order and types   OData, where the asset is exposed, else CSN
    keys                             marked in either
    nullability                      OData, then CSN
    labels                           OData, then CSN; CSN first in a preferred language
    descriptions                     CSN, then OData
    dimension, measure, text, currency and unit marks    marked in either
    aggregation, text, currency and unit columns, foreign keys    CSN, then OData
    semantics                        both, CSN first
    custom                           both; CSN where both have a term
    usage, hierarchies, associations CSN, then OData
    variables                        OData, completed by CSN of the same name; then CSN
    lineage, sources, remote, delta  CSN only
"""

from dataclasses import replace
from operator import attrgetter
from typing import Final

from datasphere_glue.datasphere.csn.column_matching import match_columns
from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.model.asset import Asset, Element, Variable

ODATA: Final = "odata"
CSN: Final = "csn"
BOTH: Final = "odata+csn"

_MARKS: Final = ("key", "dimension", "measure", "attribute", "is_text", "is_currency", "is_unit")
_MODELLED: Final = ("aggregation", "currency", "unit", "text", "association", "description")
_CONSUMED: Final = ("label", "nullable")


def merge_with_odata(definition: Definition, metadata: EntityMetadata) -> Definition:
    """Return a definition merged with the metadata of the same asset.

    The asset's provenance names the source of each field: `odata`, `csn` or, where both have
    values, `odata+csn`. A field is named as in `Asset`, or `elements.` and a field of `Element`.
    Columns of the CSN alone cannot be queried by consumers: they are left out, with a note.
    """
    csn = definition.asset
    if definition.translated:
        metadata = _without_labels(metadata, csn)
    elements, element_sources, unexposed = _merge_columns(csn.elements, metadata.elements)
    asset = replace(
        csn,
        label=metadata.label or csn.label,
        description=csn.description or metadata.description,
        usage=csn.usage or metadata.usage,
        elements=elements,
        hierarchies=csn.hierarchies or metadata.hierarchies,
        associations=csn.associations or metadata.associations,
        variables=_merge_variables(csn.variables, metadata.variables),
        custom=tuple(sorted((dict(metadata.custom) | dict(csn.custom)).items())),
    )
    sources = {field: CSN for field, _ in csn.provenance}
    sources |= _asset_sources(csn, metadata, asset)
    sources |= element_sources
    notes = [f"columns not exposed: {', '.join(unexposed)}"] if unexposed else []
    return replace(
        definition,
        asset=replace(asset, provenance=tuple(sorted(sources.items()))),
        notes=(*definition.notes, *notes),
    )


def _without_labels(metadata: EntityMetadata, csn: Asset) -> EntityMetadata:
    """Return the metadata without the labels that the definition has in a preferred language."""
    labelled = {element.name for element in csn.elements if element.label}
    columns = match_columns(csn.elements, metadata.elements)
    elements = tuple(
        replace(one, label=None)
        if one.name in columns and columns[one.name].name in labelled
        else one
        for one in metadata.elements
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
    for field in ("elements", "variables", "custom"):
        by_odata, by_csn = getattr(metadata, field), getattr(csn, field)
        if by_odata or by_csn:
            sources[field] = _source(odata=bool(by_odata), csn=bool(by_csn))
    return sources


def _source(*, odata: bool, csn: bool) -> str:
    return BOTH if odata and csn else (ODATA if odata else CSN)


def _merge_columns(
    csn: tuple[Element, ...], odata: tuple[Element, ...]
) -> tuple[tuple[Element, ...], dict[str, str], list[str]]:
    """Return the columns, the source of their fields, and those that only the CSN holds."""
    if not odata:
        return csn, dict.fromkeys(_filled_fields(csn), CSN), []
    columns = match_columns(csn, odata)
    merged = [
        _merge_column(columns[one.name], one) if one.name in columns else one for one in odata
    ]
    used = {element.name for element in columns.values()}
    modelled = tuple(columns.values())
    sources = {"elements.type": ODATA}
    for field in (*_MARKS, *_MODELLED, *_CONSUMED, "semantics", "custom"):
        value_of = attrgetter(field)
        by_odata, by_csn = any(map(value_of, odata)), any(map(value_of, modelled))
        if by_odata or by_csn:
            sources[f"elements.{field}"] = _source(odata=by_odata, csn=by_csn)
    only = [element.name for element in csn if element.name not in used]
    return tuple(merged), sources, only


def _filled_fields(elements: tuple[Element, ...]) -> list[str]:
    fields = ("type", *_MARKS, *_MODELLED, *_CONSUMED, "semantics", "custom")
    return [f"elements.{f}" for f in fields if any(getattr(e, f) for e in elements)]


def _merge_column(csn: Element, odata: Element) -> Element:
    marks = {field: getattr(csn, field) or getattr(odata, field) for field in _MARKS}
    modelled = {field: getattr(csn, field) or getattr(odata, field) for field in _MODELLED}
    modelled_type = csn.type if csn.type not in (UNTYPED, odata.type) else None
    return replace(
        csn,
        **marks,
        **modelled,
        type=odata.type,
        modelled_type=modelled_type,
        label=odata.label or csn.label,
        nullable=csn.nullable if odata.nullable is None else odata.nullable,
        semantics=tuple(dict.fromkeys((*csn.semantics, *odata.semantics))),
        custom=tuple(sorted((dict(odata.custom) | dict(csn.custom)).items())),
    )


def _merge_variables(
    csn: tuple[Variable, ...], odata: tuple[Variable, ...]
) -> tuple[Variable, ...]:
    unmatched = {variable.name: variable for variable in csn}
    merged = []
    for one in odata:
        other = unmatched.pop(one.name, None)
        merged.append(one if other is None else _merge_variable(other, one))
    return (*merged, *unmatched.values())


def _merge_variable(csn: Variable, odata: Variable) -> Variable:
    return replace(
        csn,
        type=odata.type,
        label=odata.label or csn.label,
        mandatory=csn.mandatory if odata.mandatory is None else odata.mandatory,
        default=csn.default if odata.default is None else odata.default,
    )
