"""One asset out of two documents: the EDMX that consumers meet, and the CSN that modellers wrote.

Precedence per field (the second is asked where the first says nothing):

    columns, their order and types   OData, where the asset is exposed, else CSN
    keys                             what either marks
    nullability                      OData, then CSN
    labels                           OData, then CSN; CSN first where it has the wanted language
    descriptions                     CSN, then OData
    dimension, measure, text, currency and unit marks    what either says
    aggregation, text, currency and unit columns, foreign keys    CSN, then OData
    semantics                        CSN, then what OData adds
    custom                           both; CSN where a term stands in both
    usage, hierarchies, associations CSN, then OData
    variables                        OData, completed by CSN of the same name; then CSN
    lineage, sources, remote, delta  CSN only
"""

from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter
from typing import Final

from datasphere_glue.datasphere.csn.definition import Definition
from datasphere_glue.datasphere.csn.names import partners
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.datasphere.odata.metadata import EntityMetadata
from datasphere_glue.model.asset import Asset, Element, Variable

ODATA: Final = "odata"
CSN: Final = "csn"
BOTH: Final = "odata+csn"

_MARKS: Final = ("key", "dimension", "measure", "attribute", "is_text", "is_currency", "is_unit")
_MODELLED: Final = ("aggregation", "currency", "unit", "text", "association", "description")
_CONSUMED: Final = ("label", "nullable")

Provenance = tuple[tuple[str, str], ...]


def merged_with_odata(
    definition: Definition, metadata: EntityMetadata
) -> tuple[Definition, Provenance]:
    """Return a definition joined with the metadata of the same asset, and where each field is from.

    A field is named as in `Asset`, or `elements.` and a field of `Element`; the source is `odata`,
    `csn` or, where values of both were used, `odata+csn`. Columns that only the CSN holds are not
    part of what consumers can query: they are noted.
    """
    csn = definition.asset
    if definition.translated:
        metadata = _without_labels(metadata, csn)
    elements, sources, unexposed = _columns(csn.elements, metadata.elements)
    asset = replace(
        csn,
        label=metadata.label or csn.label,
        description=csn.description or metadata.description,
        usage=csn.usage or metadata.usage,
        elements=elements,
        hierarchies=csn.hierarchies or metadata.hierarchies,
        associations=csn.associations or metadata.associations,
        variables=_variables(csn.variables, metadata.variables),
        custom=tuple(sorted((dict(metadata.custom) | dict(csn.custom)).items())),
    )
    found = {field: CSN for field, _ in csn.provenance}
    found |= _origins(csn, metadata, asset)
    found |= sources
    provenance = tuple(sorted(found.items()))
    notes = [f"columns not exposed: {', '.join(unexposed)}"] if unexposed else []
    merged = replace(
        definition,
        asset=replace(asset, provenance=provenance),
        notes=(*definition.notes, *notes),
    )
    return merged, provenance


def _without_labels(metadata: EntityMetadata, csn: Asset) -> EntityMetadata:
    """Return OData's part without the labels that the definition has in the wanted language."""
    told = {element.name for element in csn.elements if element.label}
    found = partners(csn.elements, metadata.elements)
    elements = tuple(
        replace(one, label=None) if one.name in found and found[one.name].name in told else one
        for one in metadata.elements
    )
    return replace(metadata, label=None if csn.label else metadata.label, elements=elements)


def _origins(csn: Asset, metadata: EntityMetadata, asset: Asset) -> dict[str, str]:
    """Return the source of each field of the asset that both documents can tell about."""
    found = {}
    for field in ("label", "description", "usage", "hierarchies", "associations"):
        value = getattr(asset, field)
        if value:
            preferred = field == "label"
            told = getattr(metadata if preferred else csn, field)
            found[field] = (ODATA if preferred else CSN) if told else (CSN if preferred else ODATA)
    for field in ("elements", "variables", "custom"):
        one, other = getattr(metadata, field), getattr(csn, field)
        if one or other:
            found[field] = _source(odata=bool(one), csn=bool(other))
    return found


def _source(*, odata: bool, csn: bool) -> str:
    return BOTH if odata and csn else (ODATA if odata else CSN)


def _columns(
    csn: tuple[Element, ...], odata: tuple[Element, ...]
) -> tuple[tuple[Element, ...], dict[str, str], list[str]]:
    """Return the columns, the source of their fields, and those that only the CSN holds."""
    if not odata:
        return csn, dict.fromkeys(_fields_said(csn), CSN), []
    found = partners(csn, odata)
    joined = [_joined(found[one.name], one) if one.name in found else one for one in odata]
    used = {element.name for element in found.values()}
    modelled = tuple(found.values())
    sources = {"elements.type": ODATA}
    for field in (*_MARKS, *_MODELLED, *_CONSUMED, "semantics", "custom"):
        said = attrgetter(field)
        by_odata, by_csn = any(map(said, odata)), any(map(said, modelled))
        if by_odata or by_csn:
            sources[f"elements.{field}"] = _source(odata=by_odata, csn=by_csn)
    only = [element.name for element in csn if element.name not in used]
    return tuple(joined), sources, only


def _fields_said(elements: Iterable[Element]) -> list[str]:
    fields = ("type", *_MARKS, *_MODELLED, *_CONSUMED, "semantics", "custom")
    known = list(elements)
    return [f"elements.{f}" for f in fields if any(getattr(e, f) for e in known)]


def _joined(csn: Element, odata: Element) -> Element:
    marks = {field: getattr(csn, field) or getattr(odata, field) for field in _MARKS}
    modelled = {field: getattr(csn, field) or getattr(odata, field) for field in _MODELLED}
    told = csn.type if csn.type not in (UNTYPED, odata.type) else None
    return replace(
        csn,
        **marks,
        **modelled,
        type=odata.type,
        modelled_type=told,
        label=odata.label or csn.label,
        nullable=csn.nullable if odata.nullable is None else odata.nullable,
        semantics=tuple(dict.fromkeys((*csn.semantics, *odata.semantics))),
        custom=tuple(sorted((dict(odata.custom) | dict(csn.custom)).items())),
    )


def _variables(csn: tuple[Variable, ...], odata: tuple[Variable, ...]) -> tuple[Variable, ...]:
    known = {variable.name: variable for variable in csn}
    joined = []
    for one in odata:
        other = known.pop(one.name, None)
        joined.append(one if other is None else _variable(other, one))
    return (*joined, *known.values())


def _variable(csn: Variable, odata: Variable) -> Variable:
    return replace(
        csn,
        type=odata.type,
        label=odata.label or csn.label,
        mandatory=csn.mandatory if odata.mandatory is None else odata.mandatory,
        default=csn.default if odata.default is None else odata.default,
    )
