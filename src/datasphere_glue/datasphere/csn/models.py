"""Analytic models: the business layer of CSN, and the types that it leaves to its sources."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import plain
from datasphere_glue.datasphere.csn.document import Document, mapping
from datasphere_glue.datasphere.csn.names import partners
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.model.asset import Asset, Element, ModelSource, SapType, Variable

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
class Model:
    """The business layer of one analytic model."""

    document: Document
    key: str
    layer: Mapping[str, Any]
    sources: tuple[ModelSource, ...]

    @property
    def lineage(self) -> tuple[str, ...]:
        """The objects that the model is built on, facts first, as `SPACE.object`."""
        return tuple(dict.fromkeys(f"{s.target_space}.{s.target}" for s in self.sources))

    def part(self, name: str) -> Mapping[str, Any]:
        """Return one part of the layer, empty where it says nothing.

        Raises:
            DocumentError: the part is no object, with the path.

        """
        return mapping(self.layer.get(name) or {}, _ROOT, self.key, name)

    def completed(self, elements: Iterable[Element]) -> Iterator[Element]:
        """Yield the elements with what the layer says about each."""
        attributes, measures = self.part("attributes"), self.part("measures")
        for element in elements:
            if element.name in measures:
                where = (_ROOT, self.key, "measures", element.name)
                yield self._measure(element, mapping(measures[element.name], *where))
            elif element.name in attributes:
                where = (_ROOT, self.key, "attributes", element.name)
                yield self._attribute(element, mapping(attributes[element.name], *where))
            else:
                yield element

    def unlisted(self, elements: Iterable[Element]) -> tuple[tuple[str, str], ...]:
        """Return what the layer holds beyond the elements, as JSON: auxiliary measures and more."""
        names = {element.name for element in elements}
        rest = {
            part: {k: v for k, v in self.part(part).items() if k not in names}
            for part in ("attributes", "measures")
        }
        kept = _rest({**self.layer, **rest}, _LAYER_UNDERSTOOD)
        return tuple((f"model.{key}", value) for key, value in kept)

    def variables(self) -> Iterator[Variable]:
        """Yield the variables; a type is `UNTYPED` where it is that of the column they filter."""
        for name, value in self.part("variables").items():
            said = mapping(value, _ROOT, self.key, "variables", name)
            default = said.get("defaultValue")
            mandatory = said.get("mandatory")
            yield Variable(
                name=name,
                type=UNTYPED,
                label=_text(said, "text"),
                mandatory=mandatory if isinstance(mandatory, bool) else None,
                default=None if default is None else plain(default),
                kind=_last(said, "parameterType"),
                column=_text(said, "referenceAttribute"),
                custom=_rest(said, _VARIABLE_UNDERSTOOD),
            )

    def _attribute(self, element: Element, said: Mapping[str, Any]) -> Element:
        return replace(
            element,
            attribute=not element.measure,
            label=element.label or _text(said, "text"),
            sources=self._sources(said, "attributeMapping") or element.sources,
            custom=_joined(element, said, None),
        )

    def _measure(self, element: Element, said: Mapping[str, Any]) -> Element:
        kind = _last(said, "measureType")
        sources = self._sources(said, "measureMapping")
        base = _text(said, "key")
        if kind == _RESTRICTED and base is not None:
            sources = ((self.document.space, self.document.split(self.key)[1], base),)
        return replace(
            element,
            measure=True,
            label=element.label or _text(said, "text"),
            measure_type=element.measure_type or kind,
            aggregation=element.aggregation or _last(said, "aggregation"),
            formula=_text(said, "formulaRaw") or _text(said, "formula"),
            sources=sources or element.sources,
            custom=_joined(element, said, kind),
        )

    def _sources(self, said: Mapping[str, Any], term: str) -> tuple[tuple[str, str, str], ...]:
        """Return the columns that a column shows: mapped in the facts, or of one source."""
        mapped = said.get(term)
        pairs = list(mapped.items()) if isinstance(mapped, Mapping) else []
        if "sourceKey" in said or "key" in said:
            pairs.append((said.get("sourceKey"), said))
        found = []
        for name, at in pairs:
            key = at.get("key") if isinstance(at, Mapping) else None
            # Older layers call a fact and a dimension by the same number.
            role = "dimension" if "Dimension" in str(said.get("attributeType")) else "fact"
            ranked = sorted(self.sources, key=lambda source: source.role != role)
            source = next((s for s in ranked if s.name == name), None)
            if isinstance(key, str) and source is not None:
                found.append((source.target_space, source.target, key))
        return tuple(found)


def model(document: Document, key: str, layer: Mapping[str, Any]) -> Model:
    """Return the business layer of an analytic model.

    Raises:
        DocumentError: its sources have the wrong form, with the path.

    """
    path = (_ROOT, key, "sourceModel")
    listed = mapping(layer.get("sourceModel") or {}, *path)
    sources = []
    for role, part in (("fact", "factSources"), ("dimension", "dimensionSources")):
        for name, value in mapping(listed.get(part) or {}, *path, part).items():
            said = mapping(value, *path, part, name)
            entity = mapping(said.get("dataEntity"), *path, part, name, "dataEntity")
            target = entity.get("key")
            if isinstance(target, str) and target:
                space, rest = document.split(target)
                sources.append(
                    ModelSource(
                        role=role,
                        name=name,
                        target_space=space or document.space,
                        target=rest,
                        label=_text(said, "text"),
                        associations=_steps(said.get("associationContexts")),
                    )
                )
    return Model(document, key, layer, tuple(sources))


def with_types(
    asset: Asset, edmx_elements: Iterable[Element], sources: Mapping[str, Asset]
) -> tuple[Asset, tuple[str, ...]]:
    """Return an asset with types for its untyped columns, and the columns that stay without.

    The type is that of the same column in the analytical EDMX, else of the column that it shows in
    its fact, else in its dimension; `sources` holds those assets by `SPACE.object`. A measure
    without an aggregation has that of the column it shows.
    """
    published = {e.name: e for e in edmx_elements}
    pairs = partners(asset.elements, published.values())
    told = {column.name: published[name] for name, column in pairs.items()}
    own = {e.name: e for e in asset.elements}
    known = {**sources, f"{asset.space}.{asset.name}": asset}
    indexed = {key: {e.name: e for e in source.elements} for key, source in known.items()}
    indexed[f"{asset.space}.{asset.name}"] = own
    elements, unknown = [], []
    for element in asset.elements:
        shown = _shown(element, indexed)
        kind = element.type
        if kind == UNTYPED:
            near = told.get(element.name)
            found = (near.type if near else None) or _type_of(shown)
            kind = found or UNTYPED
            unknown += [] if found else [element.name]
        aggregation = element.aggregation
        if element.measure and aggregation is None:
            aggregation = next((e.aggregation for e in shown if e.aggregation), None)
        same = kind is element.type and aggregation is element.aggregation
        elements.append(element if same else replace(element, type=kind, aggregation=aggregation))
    typed = {element.name: element.type for element in elements}
    variables = tuple(
        replace(v, type=typed.get(v.column or "", SapType(_TEXT))) if v.type == UNTYPED else v
        for v in asset.variables
    )
    return replace(asset, elements=tuple(elements), variables=variables), tuple(unknown)


def _shown(element: Element, indexed: Mapping[str, Mapping[str, Element]]) -> list[Element]:
    """Return the columns that a column shows, through restricted measures of the model itself."""
    found: list[Element] = []
    seen: set[tuple[str, str, str]] = set()
    waiting = list(reversed(element.sources))
    while waiting:
        place = waiting.pop()
        space, name, column = place
        source = indexed.get(f"{space}.{name}", {}).get(column)
        if source is not None and place not in seen:
            seen.add(place)
            found.append(source)
            waiting += reversed(source.sources)
    return found


def _type_of(shown: Iterable[Element]) -> SapType | None:
    return next((element.type for element in shown if element.type != UNTYPED), None)


def _joined(
    element: Element, said: Mapping[str, Any], kind: str | None
) -> tuple[tuple[str, str], ...]:
    rest = {f"model.{key}": value for key, value in _rest(said, _UNDERSTOOD)}
    if kind is not None and element.measure_type is not None:
        rest["model.measureType"] = kind
    label = _text(said, "text")
    if element.label and label not in (None, element.label):
        rest["model.text"] = str(label)
    if _text(said, "formulaRaw") and said.get("formula") not in (None, "", said["formulaRaw"]):
        rest["model.formula"] = plain(said["formula"])
    return tuple(sorted({**rest, **dict(element.custom)}.items()))


def _rest(said: Mapping[str, Any], understood: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """Return what is said beyond the understood keys and says more than nothing."""
    return tuple(
        sorted(
            (key, plain(value))
            for key, value in said.items()
            if key not in understood and value is not False and value not in (None, "", [], {})
        )
    )


def _steps(contexts: Any) -> tuple[str, ...]:
    """Return the associations that lead from a fact to a dimension, in order."""
    found = []
    for context in contexts if isinstance(contexts, list) else []:
        steps = context.get("associationSteps") if isinstance(context, Mapping) else None
        found += [s for s in steps if isinstance(s, str)] if isinstance(steps, list) else []
    return tuple(found)


def _text(said: Mapping[str, Any], key: str) -> str | None:
    value = said.get(key)
    return value if isinstance(value, str) and value else None


def _last(said: Mapping[str, Any], key: str) -> str | None:
    """Return the last part of a word such as `AnalyticModelMeasureType.FactSourceMeasure`."""
    value = _text(said, key)
    return value.rpartition(".")[2] or None if value else None
