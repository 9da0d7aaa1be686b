"""Reads the business layer of an analytic model: its sources, attributes and measures."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from datasphere_glue.datasphere.csn.document import Document, object_or_note
from datasphere_glue.datasphere.csn.formulas import formula_of, operands_of
from datasphere_glue.datasphere.csn.layer_values import bare_word, leftovers, name_of, named_entries
from datasphere_glue.datasphere.csn.measures import (
    base_of,
    converted_to,
    cross_calculations,
    layer_measure,
    measure_leftovers,
)
from datasphere_glue.datasphere.csn.types import UNTYPED
from datasphere_glue.datasphere.values import as_text, text_at
from datasphere_glue.model.asset_parts import (
    Affix,
    Association,
    BoundParameter,
    CrossCalculation,
    ModelSource,
)
from datasphere_glue.model.element import Element

_ROOT: Final = "businessLayerDefinitions"
_ATTRIBUTE_UNDERSTOOD: Final = frozenset(
    {"text", "attributeType", "attributeMapping", "key", "duplicated"}
)
_LAYER_UNDERSTOOD: Final = frozenset(
    {
        *("identifier", "text", "sourceModel", "variables", "version", "supportedCapabilities"),
        *("attributes", "measures", "crossCalculations"),
    }
)
_FILTERS: Final = ("filter", "filters", "globalFilter", "globalFilters")
_FORMULAS: Final = frozenset({"formula", "formulaRaw"})
_PARTS: Final = ("attributes", "measures")
_CALCULATION_UNDERSTOOD: Final = frozenset(
    {"text", "crossCalculationType", "measureType", "formula", "formulaRaw", "elements"}
)
_OWNER: Final = "usedForDimensionSourceKey"
KEY_MARK: Final = "∞"
"""Separates an association and the key of its dimension in the name of a model's association."""


@dataclass(frozen=True, slots=True)
class ModelRoutes:
    """How the columns of a model lead to those of its sources.

    `aliases`: the model's name for the source of each entry of `Element.sources`, by column.
    `operands`: the columns in the formula of a measure, by measure.
    `auxiliary`: measures that only formulas use: they are no columns.
    """

    aliases: tuple[tuple[str, tuple[str, ...]], ...] = ()
    operands: tuple[tuple[str, tuple[str, ...]], ...] = ()
    auxiliary: tuple[Element, ...] = ()


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

    @property
    def calculations(self) -> tuple[CrossCalculation, ...]:
        """The members of the structure of the model, which are no measures."""
        return tuple(cross_calculations(self.part("crossCalculations")))

    @property
    def conditions(self) -> tuple[str, ...]:
        """The conditions that the model puts on all its rows."""
        written = (self.layer.get(key) for key in _FILTERS)
        return tuple(text for value in written for text in _conditions(value))

    def part(self, name: str) -> Mapping[str, Any]:
        """Return one part of the layer without entries of the wrong form, which cost a note."""
        entries = object_or_note(self.layer, name, self.notes, _ROOT, self.key)
        bad = [key for key, value in entries.items() if not isinstance(value, Mapping)]
        self.notes.extend(f"{name} {key} of the model is no object" for key in bad)
        return {key: value for key, value in entries.items() if key not in bad} if bad else entries

    def complete(
        self, elements: Iterable[Element], associations: Iterable[Association]
    ) -> Iterator[Element]:
        """Yield the elements, each completed by its entry in the layer."""
        attributes, measures = self.part("attributes"), self.part("measures")
        links = frozenset(link.name for link in associations)
        columns = tuple(elements)
        names = frozenset(column.name for column in columns)
        for element in columns:
            if element.name in measures:
                yield self._measure(element, measures[element.name], names)
            elif element.name in attributes:
                yield self._attribute(element, attributes[element.name], links)
            else:
                yield element

    def routes(self, elements: Iterable[Element]) -> ModelRoutes:
        """Return how the columns of the model lead to those of its sources."""
        measures = self.part("measures")
        names = {element.name for element in elements}
        hidden = {name: part for name, part in measures.items() if name not in names}
        return ModelRoutes(
            aliases=tuple(
                (name, tuple(alias for alias, _ in self._places(part, term)))
                for term, entries in (
                    ("attributeMapping", self.part("attributes")),
                    ("measureMapping", measures),
                )
                for name, part in entries.items()
            ),
            operands=tuple(
                (name, found)
                for name, part in measures.items()
                if (found := operands_of(part, names | hidden.keys()))
            ),
            auxiliary=tuple(
                self._measure(Element(name, UNTYPED), part, names) for name, part in hidden.items()
            ),
        )

    def unmatched(self, elements: Iterable[Element]) -> tuple[tuple[str, str], ...]:
        """Return the parts of the layer without a field or an element, as JSON."""
        names = {element.name for element in elements}
        rest: dict[str, Any] = {
            part: {k: v for k, v in self.part(part).items() if k not in names} for part in _PARTS
        }
        calculations = {
            name: left
            for name, part in self.part("crossCalculations").items()
            if (left := leftovers(part, _CALCULATION_UNDERSTOOD))
        }
        rest |= {"crossCalculations": calculations}
        filters = [key for key in _FILTERS if any(_conditions(self.layer.get(key)))]
        left = leftovers(self.layer, _LAYER_UNDERSTOOD | set(filters))
        found = {**left, **leftovers(rest, ()), **named_entries(self.layer, self.document.named)}
        return tuple(sorted((f"model.{key}", value) for key, value in found.items()))

    def _attribute(
        self, element: Element, part: Mapping[str, Any], links: frozenset[str]
    ) -> Element:
        places = self._places(part, "attributeMapping")
        rest = leftovers(part, _ATTRIBUTE_UNDERSTOOD)
        association = element.association or self._foreign_key(rest.get(_OWNER), links)
        if association:
            rest.pop(_OWNER, None)
        if places:
            rest.pop("sourceKey", None)
        rest |= named_entries(part, self.document.named)
        return replace(
            element,
            attribute=not element.measure,
            label=element.label or text_at(part, "text"),
            association=association,
            sources=tuple(place for _, place in places) or element.sources,
            custom=_merged_custom(element, part, rest),
        )

    def _measure(
        self, element: Element, part: Mapping[str, Any], names: frozenset[str] | set[str]
    ) -> Element:
        sources = tuple(place for _, place in self._places(part, "measureMapping"))
        own = {
            key: value for key, value in layer_measure(part).items() if not getattr(element, key)
        }
        own |= {} if element.currency or element.unit else converted_to(part, names)
        return replace(
            element,
            **own,
            measure=True,
            label=element.label or text_at(part, "text"),
            sources=sources or element.sources,
            custom=_merged_custom(
                element, part, measure_leftovers(part) | named_entries(part, self.document.named)
            ),
        )

    def _foreign_key(self, dimension: str | None, links: frozenset[str]) -> str | None:
        """Return the association to a dimension, None where the model has none for it."""
        steps = [s.associations for s in self.sources if s.name == dimension and s.associations]
        last = steps[0][-1] if steps else dimension
        names = (dimension, f"{last}{KEY_MARK}{dimension}", last)
        return next((name for name in names if name in links), None)

    def _places(
        self, part: Mapping[str, Any], term: str
    ) -> tuple[tuple[str, tuple[str, str, str]], ...]:
        """Return (alias, column) of the columns that a column exposes.

        They are mapped in the facts, or are the key of one source; the measure that another one is
        based on is a column of the model itself.
        """
        mapped = part.get(term)
        pairs = list(mapped.items()) if isinstance(mapped, Mapping) else []
        if "sourceKey" in part:
            pairs.append((part["sourceKey"], part))
        # Older layers give a fact and a dimension the same number.
        role = "dimension" if "Dimension" in str(part.get("attributeType")) else "fact"
        ranked = sorted(self.sources, key=lambda source: source.role != role)
        places = []
        for alias, column in pairs:
            key = name_of(column)
            source = next((s for s in ranked if s.name == str(alias)), None)
            if key is not None and source is not None:
                places.append((source.name, (source.target_space, source.target, key)))
        base = base_of(part) if term == "measureMapping" and not places else None
        if base is not None:
            places.append(("", (self.document.space, self.document.split(self.key)[1], base)))
        return tuple(places)


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
            target = name_of(source.get("dataEntity"))
            if target is None:
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
                    parameters=tuple(_bound(source.get("parameterMappings"))),
                    affix=_affix(source.get("technicalAffix")),
                )
            )
    return AnalyticModel(document, key, layer, tuple(sources), notes)


def _conditions(value: Any) -> Iterator[str]:
    """Yield the texts of conditions: a text, an object with a formula, or several of these."""
    single = isinstance(value, str) or (isinstance(value, Mapping) and _FORMULAS & value.keys())
    several = value.values() if isinstance(value, Mapping) else value
    for item in [value] if single else several if isinstance(value, Mapping | list) else ():
        text = formula_of(item) if isinstance(item, Mapping) else item
        if isinstance(text, str) and text:
            yield text


def _bound(mappings: Any) -> Iterator[BoundParameter]:
    """Yield the values that a model gives the input parameters of a source."""
    for name, mapping in mappings.items() if isinstance(mappings, Mapping) else ():
        part = mapping if isinstance(mapping, Mapping) else {"constantValue": mapping}
        value = next((part[k] for k in ("constantValue", "value") if part.get(k) is not None), None)
        variable = next(
            (found for k in ("variableName", "variable") if (found := name_of(part.get(k)))), None
        )
        yield BoundParameter(
            name=name,
            how=bare_word(part.get("mappingType")),
            value=None if value is None else as_text(value),
            variable=variable,
        )


def _affix(value: Any) -> Affix | None:
    text = text_at(value, "text") if isinstance(value, Mapping) else None
    return None if text is None else Affix(text, bare_word(value.get("type")) or "")


def _merged_custom(
    element: Element, part: Mapping[str, Any], rest: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    merged = {f"model.{key}": value for key, value in rest.items()}
    label = text_at(part, "text")
    if element.label and label not in (None, element.label):
        merged["model.text"] = str(label)
    return tuple(sorted({**merged, **dict(element.custom)}.items()))


def _steps(contexts: Any) -> tuple[str, ...]:
    """Return the associations that lead from a fact to a dimension, in order."""
    associations: list[str] = []
    for context in contexts if isinstance(contexts, list) else []:
        steps = context.get("associationSteps") if isinstance(context, Mapping) else None
        associations += filter(None, map(name_of, steps if isinstance(steps, list) else []))
    return tuple(associations)
