"""Reads analytic models: the business layer of CSN, and the types that its sources define."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from datasphere_glue.datasphere.csn.column_matching import match_columns
from datasphere_glue.datasphere.csn.document import Document, object_or_note
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.datasphere.values import as_text, text_at
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.asset_parts import ModelSource, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType

_ROOT: Final = "businessLayerDefinitions"
_TEXT: Final = "cds.String"
_UNDERSTOOD: Final = frozenset(
    {
        "text",
        "attributeType",
        "attributeMapping",
        "measureType",
        "measureMapping",
        "key",
        "formula",
        "formulaRaw",
        "aggregation",
    }
)
_LAYER_UNDERSTOOD: Final = frozenset(
    {"identifier", "text", "sourceModel", "variables", "version", "supportedCapabilities"}
)
_RESTRICTED: Final = "RestrictedMeasure"
_VARIABLE_UNDERSTOOD: Final = frozenset(
    {"text", "parameterType", "referenceAttribute", "mandatory", "defaultValue"}
)


@dataclass(frozen=True, slots=True)
class AnalyticModel:
    """The business layer of one analytic model.

    `key`: the key of the model in the document.
    `layer`: its entry in `businessLayerDefinitions`.
    `notes`: collects what of it could not be read.
    """

    document: Document
    key: str
    layer: Mapping[str, Any]
    sources: tuple[ModelSource, ...]
    notes: list[str]

    @property
    def lineage(self) -> tuple[str, ...]:
        """The sources of the model, facts first, as `SPACE.object`."""
        return tuple(dict.fromkeys(f"{s.target_space}.{s.target}" for s in self.sources))

    def part(self, name: str) -> Mapping[str, Any]:
        """Return one part of the layer without entries of the wrong form, which cost a note."""
        entries = object_or_note(self.layer, name, self.notes, _ROOT, self.key)
        bad = [key for key, value in entries.items() if not isinstance(value, Mapping)]
        self.notes.extend(f"{name} {key} of the model is no object" for key in bad)
        return {key: value for key, value in entries.items() if key not in bad} if bad else entries

    def complete(self, elements: Iterable[Element]) -> Iterator[Element]:
        """Yield the elements, each completed by its entry in the layer."""
        attributes, measures = self.part("attributes"), self.part("measures")
        for element in elements:
            if element.name in measures:
                yield self._measure(element, measures[element.name])
            elif element.name in attributes:
                yield self._attribute(element, attributes[element.name])
            else:
                yield element

    def unmatched(self, elements: Iterable[Element]) -> tuple[tuple[str, str], ...]:
        """Return the parts of the layer without an element, as JSON, such as auxiliary measures."""
        names = {element.name for element in elements}
        rest = {
            part: {k: v for k, v in self.part(part).items() if k not in names}
            for part in ("attributes", "measures")
        }
        leftovers = _leftovers({**self.layer, **rest}, _LAYER_UNDERSTOOD)
        return tuple((f"model.{key}", value) for key, value in leftovers)

    def variables(self) -> Iterator[Variable]:
        """Yield the variables, all `UNTYPED`: a variable has the type of the column it filters."""
        for name, part in self.part("variables").items():
            default = part.get("defaultValue")
            mandatory = part.get("mandatory")
            yield Variable(
                name=name,
                type=UNTYPED,
                label=text_at(part, "text"),
                mandatory=mandatory if isinstance(mandatory, bool) else None,
                default=None if default is None else as_text(default),
                kind=_last(part, "parameterType"),
                column=text_at(part, "referenceAttribute"),
                custom=_leftovers(part, _VARIABLE_UNDERSTOOD),
            )

    def _attribute(self, element: Element, part: Mapping[str, Any]) -> Element:
        return replace(
            element,
            attribute=not element.measure,
            label=element.label or text_at(part, "text"),
            sources=self._sources(part, "attributeMapping") or element.sources,
            custom=_merged_custom(element, part, None),
        )

    def _measure(self, element: Element, part: Mapping[str, Any]) -> Element:
        kind = _last(part, "measureType")
        sources = self._sources(part, "measureMapping")
        base = text_at(part, "key")
        if kind == _RESTRICTED and base is not None:
            sources = ((self.document.space, self.document.split(self.key)[1], base),)
        return replace(
            element,
            measure=True,
            label=element.label or text_at(part, "text"),
            measure_type=element.measure_type or kind,
            aggregation=element.aggregation or _last(part, "aggregation"),
            formula=text_at(part, "formulaRaw") or text_at(part, "formula"),
            sources=sources or element.sources,
            custom=_merged_custom(element, part, kind),
        )

    def _sources(self, part: Mapping[str, Any], term: str) -> tuple[tuple[str, str, str], ...]:
        """Return the columns that a column exposes: mapped in the facts, or of one source."""
        mapped = part.get(term)
        pairs = list(mapped.items()) if isinstance(mapped, Mapping) else []
        if "sourceKey" in part or "key" in part:
            pairs.append((part.get("sourceKey"), part))
        columns = []
        for name, column in pairs:
            key = column.get("key") if isinstance(column, Mapping) else None
            # Older layers give a fact and a dimension the same number.
            role = "dimension" if "Dimension" in str(part.get("attributeType")) else "fact"
            ranked = sorted(self.sources, key=lambda source: source.role != role)
            source = next((s for s in ranked if s.name == name), None)
            if isinstance(key, str) and source is not None:
                columns.append((source.target_space, source.target, key))
        return tuple(columns)


def read_model(document: Document, key: str, layer: Mapping[str, Any]) -> AnalyticModel:
    """Return the business layer of an analytic model; a source in the wrong form costs a note."""
    path = (_ROOT, key)
    notes: list[str] = []
    source_model = object_or_note(layer, "sourceModel", notes, *path)
    sources = []
    for role, group in (("fact", "factSources"), ("dimension", "dimensionSources")):
        entries = object_or_note(source_model, group, notes, *path, "sourceModel")
        for name, value in entries.items():
            source = value if isinstance(value, Mapping) else {}
            entity = source.get("dataEntity")
            target = entity.get("key") if isinstance(entity, Mapping) else None
            if not isinstance(target, str) or not target:
                notes.append(f"the {role} source {name} of the model names no object")
                continue
            space, rest = document.split(target)
            sources.append(
                ModelSource(
                    role=role,
                    name=name,
                    target_space=space or document.space,
                    target=rest,
                    label=text_at(source, "text"),
                    associations=_steps(source.get("associationContexts")),
                )
            )
    return AnalyticModel(document, key, layer, tuple(sources), notes)


def fill_types(
    asset: Asset, edmx_elements: Iterable[Element], sources: Mapping[str, Asset]
) -> tuple[Asset, tuple[str, ...]]:
    """Return an asset with types for its untyped columns, and the columns that stay untyped.

    The type comes from the same column in the analytical EDMX, else from the column that it
    exposes in the fact, else in the dimension. `sources` holds those assets by `SPACE.object`. A
    measure without an aggregation has that of the column that it exposes.
    """
    published = {e.name: e for e in edmx_elements}
    pairs = match_columns(asset.elements, published.values())
    published_columns = {column.name: published[name] for name, column in pairs.items()}
    own = {e.name: e for e in asset.elements}
    assets = {**sources, f"{asset.space}.{asset.name}": asset}
    indexed = {key: {e.name: e for e in source.elements} for key, source in assets.items()}
    indexed[f"{asset.space}.{asset.name}"] = own
    elements, unknown = [], []
    for element in asset.elements:
        origins = _origins(element, indexed)
        kind = element.type
        if kind == UNTYPED:
            column = published_columns.get(element.name)
            resolved = (column.type if column else None) or _type_of(origins)
            kind = resolved or UNTYPED
            unknown += [] if resolved else [element.name]
        aggregation = element.aggregation
        if element.measure and aggregation is None:
            aggregation = next((e.aggregation for e in origins if e.aggregation), None)
        same = kind is element.type and aggregation is element.aggregation
        elements.append(element if same else replace(element, type=kind, aggregation=aggregation))
    typed = {element.name: element.type for element in elements}
    variables = tuple(
        replace(v, type=typed.get(v.column or "", SapType(_TEXT))) if v.type == UNTYPED else v
        for v in asset.variables
    )
    return replace(asset, elements=tuple(elements), variables=variables), tuple(unknown)


def _origins(element: Element, indexed: Mapping[str, Mapping[str, Element]]) -> list[Element]:
    """Return the columns that a column exposes, through restricted measures of its own model."""
    origins: list[Element] = []
    seen: set[tuple[str, str, str]] = set()
    waiting = list(reversed(element.sources))
    while waiting:
        place = waiting.pop()
        space, name, column = place
        source = indexed.get(f"{space}.{name}", {}).get(column)
        if source is not None and place not in seen:
            seen.add(place)
            origins.append(source)
            waiting += reversed(source.sources)
    return origins


def _type_of(origins: Iterable[Element]) -> SapType | None:
    return next((element.type for element in origins if element.type != UNTYPED), None)


def _merged_custom(
    element: Element, part: Mapping[str, Any], kind: str | None
) -> tuple[tuple[str, str], ...]:
    rest = {f"model.{key}": value for key, value in _leftovers(part, _UNDERSTOOD)}
    if kind is not None and element.measure_type is not None:
        rest["model.measureType"] = kind
    label = text_at(part, "text")
    if element.label and label not in (None, element.label):
        rest["model.text"] = str(label)
    if text_at(part, "formulaRaw") and part.get("formula") not in (None, "", part["formulaRaw"]):
        rest["model.formula"] = as_text(part["formula"])
    return tuple(sorted({**rest, **dict(element.custom)}.items()))


def _leftovers(part: Mapping[str, Any], understood: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return the entries with other keys than the understood ones, without empty values."""
    return tuple(
        sorted(
            (key, as_text(value))
            for key, value in part.items()
            if key not in understood and value is not False and value not in (None, "", [], {})
        )
    )


def _steps(contexts: Any) -> tuple[str, ...]:
    """Return the associations that lead from a fact to a dimension, in order."""
    associations = []
    for context in contexts if isinstance(contexts, list) else []:
        steps = context.get("associationSteps") if isinstance(context, Mapping) else None
        associations += [s for s in steps if isinstance(s, str)] if isinstance(steps, list) else []
    return tuple(associations)


def _last(part: Mapping[str, Any], key: str) -> str | None:
    """Return the last part of a word such as `AnalyticModelMeasureType.FactSourceMeasure`."""
    value = text_at(part, key)
    return value.rpartition(".")[2] or None if value else None
