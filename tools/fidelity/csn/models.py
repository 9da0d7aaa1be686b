"""Analytic models: the facts of the business layer, and what their columns take from their sources.

An element of a model has no type, aggregation or link of its own: the layer names the column of a
fact or dimension, whose annotations hold for it. Links name columns of the model. A restricted
measure is its base measure under a condition; a calculated one has nothing of a source.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from tools.fidelity.csn.annotations import paths_of
from tools.fidelity.csn.columns import entity_column, is_cross_calculation, read_column
from tools.fidelity.csn.document import (
    Definition,
    Document,
    World,
    columns_of,
    elements_of,
    is_link,
)
from tools.fidelity.csn.measures import measure_facts
from tools.fidelity.expectations import ABSENT, UNJUDGED, Expectation, Expected, How, optional
from tools.fidelity.kinds import Kind

_GROUPS: Final = (("fact", "factSources"), ("dimension", "dimensionSources"))
_INHERITED: Final = frozenset(
    {
        *(Kind.LABEL, Kind.AGGREGATION, Kind.TEXT, Kind.TEXT_ASSOCIATION, Kind.ROLE),
        *(Kind.CURRENCY, Kind.UNIT, Kind.CURRENCY_VALUE, Kind.UNIT_VALUE, Kind.SEMANTICS),
        *(Kind.TYPE, Kind.GLUE_TYPE),
    }
)
_POSSIBLE: Final = frozenset(
    {
        *(Kind.DESCRIPTION, Kind.FOREIGN_KEY, Kind.DIMENSION, Kind.ENUM_VALUE, Kind.ENUM_LABEL),
        *(Kind.PERSONAL_DATA, Kind.RELEASE, Kind.RELATIONSHIP, Kind.NULLABLE, Kind.DEFAULT),
        *(Kind.EXCEPTION_AGGREGATION, Kind.EXCEPTION_COLUMN, Kind.HIDDEN),
        *(Kind.NATIVE_TYPE,),
    }
)
"""What a model may take from its sources as well, although no rule demands it."""

_VALUES: Final = frozenset(
    {
        *(Kind.AGGREGATION, Kind.CURRENCY, Kind.UNIT, Kind.CURRENCY_VALUE, Kind.UNIT_VALUE),
        *(Kind.TYPE, Kind.GLUE_TYPE),
    }
)
"""What the values of a measure are."""

_OWN_COLUMNS: Final = frozenset({Kind.CURRENCY, Kind.UNIT, Kind.TEXT})
_NUMBERS: Final = Expectation(
    ("double", "decimal", "bigint", "int", "float", "not known"), How.STARTS
)
"""Types in Glue of a measure without a source: a number, or marked as not known."""

_OWN_LINKS: Final = frozenset({Kind.FOREIGN_KEY, Kind.TEXT_ASSOCIATION})
_FILTER: Final = "Consumption.filter."
_MOST_STEPS: Final = 20


class Origin(NamedTuple):
    """A column of a source, by the alias of the source in the model.

    Older layers give a fact and a dimension the same alias.
    """

    is_dimension: bool
    alias: str
    column: str


@dataclass(frozen=True, slots=True)
class Model:
    """One analytic model in its document."""

    world: World
    document: Document
    key: str
    layer: Definition

    @property
    def entity(self) -> Definition:
        """The definition of the model."""
        return self.document.definitions[self.key]

    def part(self, group: str) -> Mapping[str, Definition]:
        """Return one group of the layer."""
        found: Mapping[str, Definition] = self.layer.get(group, {})
        return found

    def origins(self, column: str) -> list[Origin]:
        """Return the columns of sources that a column of the model hands through."""
        part = self.part("measures").get(column) or self.part("attributes").get(column) or {}
        mapped = part.get("measureMapping") or part.get("attributeMapping") or {}
        role = "Dimension" in str(part.get("attributeType"))
        found = [Origin(role, alias, key) for alias, one in mapped.items() if (key := _key(one))]
        if "sourceKey" in part and "key" in part:
            found.append(Origin(role, str(part["sourceKey"]), str(part["key"])))
        if not found:
            found += self._navigated(column)
        return found

    def _navigated(self, column: str) -> Iterator[Origin]:
        element = elements_of(self.entity).get(column, {})
        steps = paths_of(element.get("@Analytics.navigationAttributeRef"))
        if column not in self.part("measures") and steps[1:]:
            yield Origin(is_dimension=True, alias=steps[0], column=steps[-1])

    def target(self, origin: Origin) -> str | None:
        """Return the object behind the alias of a source, or behind an association."""
        alias = origin.alias
        sources = self.layer.get("sourceModel", {})
        groups = [sources.get(group, {}) for _, group in _GROUPS]
        for group in reversed(groups) if origin.is_dimension else groups:
            if alias in group:
                return str((group[alias].get("dataEntity", {})).get("key", "")) or None
        link = elements_of(self.entity).get(alias, {})
        return str(link["target"]) if "target" in link else None

    def base(self, measure: str) -> str | None:
        """Return the measure of the model that another one restricts or converts."""
        measures = self.part("measures")
        key = measures.get(measure, {}).get("key")
        return str(key) if key in measures and key != measure else None

    def is_restricted(self, measure: str) -> bool:
        """Return whether a measure is its base measure under a condition, and nothing else."""
        return "Restricted" in str(self.part("measures").get(measure, {}).get("measureType"))


def model_columns(model: Model) -> Iterator[tuple[str, Expected]]:
    """Yield each column of a model with all facts about it."""
    calculated = model.part("crossCalculations")
    for name, element in columns_of(model.entity).items():
        if name in calculated or is_cross_calculation(element):
            yield name, crossing(read_column(model.document, element))
        else:
            part = model.part("measures").get(name) or model.part("attributes").get(name) or {}
            yield name, _column(model, name, _MOST_STEPS) | _lineage(model, name, part)


def crossing(own: Expected) -> Expected:
    """Return a cross calculation as a column that Glue may have, but never as a measure."""
    barred: Expected = dict.fromkeys([(Kind.MEASURE, ""), (Kind.DIMENSION, "")], ABSENT)
    possible = {key: optional(expectation) for key, expectation in own.items()}
    return {**possible, **barred, (Kind.COLUMN, ""): optional(Expectation())} | {
        (Kind.FORMULA, ""): UNJUDGED
    }


def _column(model: Model, name: str, steps: int) -> Expected:
    """Return the facts about a column: its own, those of the layer, those of its source."""
    expected = entity_column(model.document, model.entity, name)
    expected[Kind.COLUMN, ""] = Expectation()
    measure = model.part("measures").get(name)
    part = measure or model.part("attributes").get(name) or {}
    if (Kind.LABEL, "") not in expected and part.get("text"):
        expected[Kind.LABEL, ""] = Expectation((str(part["text"]),), terms=("model.text",))
    if measure is not None:
        expected |= measure_facts(measure, expected)
    else:
        expected.setdefault((Kind.DIMENSION, ""), optional(Expectation()))
    own = dict(expected)
    for key, expectation in meaning(model, name, steps).items():
        if _same_place(key, own):
            continue
        if key[0] in _POSSIBLE or (key[0] is Kind.AGGREGATION and measure is None):
            expected[key] = optional(expectation)
        elif key[0] in _INHERITED:
            expected[key] = expectation
    if measure is not None and (Kind.GLUE_TYPE, "") not in expected:
        expected |= {(Kind.TYPE, ""): UNJUDGED, (Kind.GLUE_TYPE, ""): _NUMBERS}
    if dimension := part.get("usedForDimensionSourceKey"):
        links = optional(Expectation(_links(model, str(dimension))))
        expected.setdefault((Kind.FOREIGN_KEY, ""), links)
    # What a column declares as a filter is a variable of the model.
    return {key: one for key, one in expected.items() if not key[1].startswith(_FILTER)}


def _same_place(key: tuple[Kind, str], expected: Expected) -> bool:
    """Return whether a model itself has what it would take from a source."""
    literal = {Kind.CURRENCY: Kind.CURRENCY_VALUE, Kind.UNIT: Kind.UNIT_VALUE}
    both = {**literal, **{value: kind for kind, value in literal.items()}}
    return key in expected or (key[0] in both and (both[key[0]], "") in expected)


def meaning(model: Model, column: str, steps: int) -> Expected:
    """Return the facts of the source of a column, with links to columns of the model.

    A restricted measure has those of its base measure, under a label of its own. A converted one
    may have other amounts and types.
    """
    if steps == 0:
        return {}
    base = model.base(column)
    if base is not None:
        facts = _column(model, base, steps - 1)
        facts.pop((Kind.LABEL, ""), None)
        return _restricted(facts) if model.is_restricted(column) else _converted(facts)
    for origin in model.origins(column):
        target = model.target(origin)
        facts = _source_column(model, target, origin.column, steps - 1) if target else {}
        if facts:
            return _in_model(model, origin, facts)
    return {}


def _restricted(facts: Expected) -> Expected:
    """Return the facts of a base measure that hold under a condition as well."""
    return {key: one if key[0] in _VALUES else optional(one) for key, one in facts.items()}


def _converted(facts: Expected) -> Expected:
    """Return the facts that a converted measure may take from its base measure."""
    amounts = (Kind.CURRENCY, Kind.CURRENCY_VALUE, Kind.UNIT, Kind.UNIT_VALUE)
    open_amounts: Expected = {(kind, ""): UNJUDGED for kind in amounts}
    typed = {(Kind.TYPE, ""): UNJUDGED, (Kind.GLUE_TYPE, ""): _NUMBERS}
    return {key: optional(one) for key, one in facts.items()} | open_amounts | typed


def _source_column(model: Model, target: str, column: str, steps: int) -> Expected:
    """Return the facts of a source about its column, itself a model where it is one."""
    found = model.world.find(model.document, target)
    if found is None:
        return {}
    document, key = found
    element = elements_of(document.definitions.get(key)).get(column)
    if element is None:
        return {}
    layer = document.layers.get(key)
    if layer is None:
        return entity_column(document, document.definitions[key], column)
    return _column(Model(model.world, document, key, layer), column, steps)


def _in_model(model: Model, origin: Origin, facts: Expected) -> Expected:
    """Return the facts of a source, with its columns and associations by their names in the model.

    A column that the model does not expose cannot be named.
    """
    result: Expected = {}
    for (kind, detail), one in facts.items():
        if one.how is How.ANY or kind not in _OWN_COLUMNS | _OWN_LINKS:
            result[kind, detail] = one
        elif kind in _OWN_LINKS:
            result[kind, detail] = replace(one, texts=_links(model, one.texts[0]))
        elif names := _exposed(model, origin._replace(column=one.texts[0])):
            result[kind, detail] = replace(one, texts=names)
    return result


def _links(model: Model, association: str) -> tuple[str, ...]:
    """Return the names that an association of a source may have in the model.

    The model adds an infinity sign and the key of the dimension.
    """
    own = [name for name, one in elements_of(model.entity).items() if is_link(one)]
    return (association, *(name for name in own if name.partition("\u221e")[0] == association))


def _exposed(model: Model, origin: Origin) -> tuple[str, ...]:
    """Return the names in the model of a column of a source, or of one behind its association."""
    origins = {origin}
    steps = origin.column.split(".")
    for name, source in model.layer.get("sourceModel", {}).get("dimensionSources", {}).items():
        contexts = source.get("associationContexts", [])
        if any(context.get("associationSteps") == steps[:-1] for context in contexts):
            origins.add(Origin(is_dimension=True, alias=name, column=steps[-1]))
    columns = columns_of(model.entity)
    return tuple(name for name in columns if not origins.isdisjoint(model.origins(name)))


def _key(mapped: Any) -> str | None:
    """Return the column of a mapping, written as an object or as text."""
    key = mapped.get("key") if isinstance(mapped, Mapping) else mapped
    return str(key) if key else None


def _lineage(model: Model, name: str, part: Definition) -> Expected:
    """Return the columns of origin; those of a calculation are open."""
    if model.base(name) is not None or not model.origins(name):
        return {(Kind.COLUMN_LINEAGE, ""): UNJUDGED}
    expected: Expected = {}
    for origin in model.origins(name):
        target = model.target(origin)
        if target is not None:
            place = f"{model.document.object_name(target)}.{origin.column}"
            expected[Kind.COLUMN_LINEAGE, place] = Expectation((), How.WITHIN)
    return expected | ({} if part else {(Kind.COLUMN_LINEAGE, ""): UNJUDGED})
