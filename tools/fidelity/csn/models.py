"""Analytic models: the facts of the business layer, and what their columns take from their sources.

An element of a model has no type, aggregation or link of its own: the layer names the column of a
fact or dimension, whose annotations hold for it. Links name columns of the model. A restricted
measure is its base measure under a condition; a calculated one has nothing of a source.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from tools.fidelity.csn.annotations import leaf_texts, paths_of
from tools.fidelity.csn.columns import is_cross_calculation, read_column
from tools.fidelity.csn.document import Definition, Document, World, columns_of, elements_of
from tools.fidelity.expectations import UNJUDGED, Expectation, Expected, How, optional
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

_OWN_COLUMNS: Final = frozenset({Kind.CURRENCY, Kind.UNIT, Kind.TEXT})
_NUMBERS: Final = Expectation(
    ("double", "decimal", "bigint", "int", "float", "not known"), How.STARTS
)
"""Types in Glue of a measure without a source: a number, or marked as not known."""

_MOST_STEPS: Final = 20


class Origin(NamedTuple):
    """A column of a source, by the alias of the source in the model."""

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
        found = [Origin(alias, str(one["key"])) for alias, one in mapped.items() if "key" in one]
        if "sourceKey" in part and "key" in part:
            found.append(Origin(str(part["sourceKey"]), str(part["key"])))
        if not found:
            found += self._navigated(column)
        return found

    def _navigated(self, column: str) -> Iterator[Origin]:
        element = elements_of(self.entity).get(column, {})
        steps = paths_of(element.get("@Analytics.navigationAttributeRef"))
        if column not in self.part("measures") and steps[1:]:
            yield Origin(steps[0], steps[-1])

    def target(self, alias: str, *, dimension: bool = False) -> str | None:
        """Return the object behind the alias of a source, or behind an association.

        Older layers give a fact and a dimension the same alias.
        """
        sources = self.layer.get("sourceModel", {})
        groups = [sources.get(group, {}) for _, group in _GROUPS]
        for group in reversed(groups) if dimension else groups:
            if alias in group:
                return str((group[alias].get("dataEntity", {})).get("key", "")) or None
        link = elements_of(self.entity).get(alias, {})
        return str(link["target"]) if "target" in link else None

    def is_dimensional(self, column: str) -> bool:
        """Return whether a column is an attribute of a dimension."""
        part = self.part("attributes").get(column, {})
        return "Dimension" in str(part.get("attributeType")) or not part

    def base(self, measure: str) -> str | None:
        """Return the measure of the model that a restricted one restricts."""
        part = self.part("measures").get(measure, {})
        restricted = "Restricted" in str(part.get("measureType"))
        return str(part["key"]) if restricted and "key" in part else None


def model_columns(model: Model) -> Iterator[tuple[str, Expected]]:
    """Yield each column of a model with all facts about it."""
    crossing = model.part("crossCalculations")
    for name, element in columns_of(model.entity).items():
        own = read_column(model.document, element)
        if name in crossing or is_cross_calculation(element):
            yield name, _crossing(own)
        else:
            yield name, _column(model, name, own)


def _crossing(own: Expected) -> Expected:
    """Return a cross calculation as a column that Glue may have, but never as a measure."""
    barred = {Kind.MEASURE, Kind.DIMENSION}
    kept = {key: optional(expectation) for key, expectation in own.items() if key[0] not in barred}
    return {**kept, (Kind.COLUMN, ""): optional(Expectation()), (Kind.FORMULA, ""): UNJUDGED}


def _column(model: Model, name: str, own: Expected) -> Expected:
    expected = {**own, (Kind.COLUMN, ""): Expectation()}
    measure = model.part("measures").get(name)
    part = measure or model.part("attributes").get(name) or {}
    if (Kind.LABEL, "") not in expected and part.get("text"):
        expected[Kind.LABEL, ""] = Expectation((str(part["text"]),), terms=("model.text",))
    if measure is not None:
        expected |= _measure(measure, expected)
    else:
        expected[Kind.DIMENSION, ""] = expected.get((Kind.DIMENSION, ""), optional(Expectation()))
    inherited = meaning(model, name)
    for key, expectation in inherited.items():
        if _same_place(key, expected):
            continue
        if key[0] in _INHERITED:
            expected[key] = expectation
        elif key[0] in _POSSIBLE:
            expected[key] = optional(expectation)
    if measure is not None and (Kind.GLUE_TYPE, "") not in expected:
        expected |= {(Kind.TYPE, ""): UNJUDGED, (Kind.GLUE_TYPE, ""): _NUMBERS}
    return expected | _lineage(model, name, part)


def _same_place(key: tuple[Kind, str], expected: Expected) -> bool:
    """Return whether a model itself has what it would take from a source."""
    literal = {Kind.CURRENCY: Kind.CURRENCY_VALUE, Kind.UNIT: Kind.UNIT_VALUE}
    both = {**literal, **{value: kind for kind, value in literal.items()}}
    return key in expected or (key[0] in both and (both[key[0]], "") in expected)


def _measure(part: Definition, expected: Expected) -> Expected:
    found: Expected = {(Kind.MEASURE, ""): Expectation()}
    kind = str(part.get("measureType", "")).rpartition(".")[2]
    if kind:
        found[Kind.MEASURE_KIND, ""] = Expectation((kind,), terms=("model.measureType",))
        found[Kind.MEASURE_TYPE, ""] = expected.get((Kind.MEASURE_TYPE, ""), UNJUDGED)
    if formula := part.get("formulaRaw") or part.get("formula"):
        found[Kind.FORMULA, ""] = Expectation((str(formula),), How.IN_ORDER)
    found |= _exceptions(part)
    if aggregation := part.get("aggregation"):
        word = str(aggregation).rpartition(".")[2]
        found[Kind.AGGREGATION, ""] = expected.get((Kind.AGGREGATION, "")) or Expectation(
            (word,), How.FOLDED, terms=("model.aggregation",)
        )
    used = {term for expectation in found.values() for term in expectation.terms}
    return found | {key: one for key, one in _rest(part).items() if key[1] not in used}


def _exceptions(part: Definition) -> Expected:
    """Return exception aggregation, distinct count and conversion of a measure."""
    expected: Expected = {}
    for key, value in part.items():
        texts = [text.rpartition(".")[2] for text in leaf_texts(value)] if value else []
        term = (f"model.{key}",)
        if not texts:
            continue
        if "nonadditive" in key.casefold():
            expected[Kind.NON_ADDITIVE, ""] = Expectation(terms=term)
        elif key.startswith("exceptionAggregation"):
            names = isinstance(value, list | Mapping)
            kind = Kind.EXCEPTION_COLUMN if names else Kind.EXCEPTION_AGGREGATION
            expected |= {
                (kind, text if names else ""): Expectation(
                    ("true",) if names else (text,), terms=term
                )
                for text in texts
            }
        elif key.startswith("countDistinct"):
            expected |= {(Kind.DISTINCT_COLUMN, text): Expectation(terms=term) for text in texts}
        elif "onversion" in key or key.startswith(("target", "source", "client", "reference")):
            known = expected.get((Kind.CONVERSION, ""))
            expected[Kind.CONVERSION, ""] = Expectation(
                (*(known.texts if known else ()), *texts),
                How.WITHIN,
                terms=(*(known.terms if known else ()), *term),
            )
    return expected


def _rest(part: Definition) -> Expected:
    """Return the further members of an entry of the layer: their texts are kept somewhere."""
    understood = {
        *("text", "measureType", "measureMapping", "formulaRaw", "formula", "elements", "key"),
        *("aggregation", "attributeType", "attributeMapping", "sourceKey"),
        *("usedForDimensionSourceKey",),
    }
    return {
        (Kind.LAYER, f"model.{key}"): Expectation(_words(value), How.WITHIN)
        for key, value in part.items()
        if key not in understood and value not in (None, False, "", [], {})
    }


def _words(value: Any) -> tuple[str, ...]:
    """Return the texts of a member, those of SAP's words without the name of their set."""
    return tuple(text.rpartition(".")[2] for text in leaf_texts(value))


def meaning(model: Model, column: str, steps: int = _MOST_STEPS) -> Expected:
    """Return the facts of the source of a column, with links to columns of the model."""
    if steps == 0:
        return {}
    base = model.base(column)
    if base is not None:
        element = elements_of(model.entity).get(base, {})
        own = read_column(model.document, element)
        expected = meaning(model, base, steps - 1) | own
        return {
            key: expectation for key, expectation in expected.items() if key[0] is not Kind.LABEL
        }
    for origin in model.origins(column):
        target = model.target(origin.alias, dimension=model.is_dimensional(column))
        expected = source_column(model, target, origin.column, steps - 1) if target else {}
        if expected:
            return _in_model(model, origin.alias, expected)
    return {}


def source_column(model: Model, target: str, column: str, steps: int) -> Expected:
    """Return the facts of a source about its column, itself a model where it is one."""
    found = model.world.find(model.document, target)
    if found is None:
        return {}
    document, key = found
    element = elements_of(document.definitions.get(key)).get(column)
    if element is None:
        return {}
    expected = read_column(document, element)
    layer = document.layers.get(key)
    if layer is not None:
        expected = meaning(Model(model.world, document, key, layer), column, steps) | expected
    return expected


def _in_model(model: Model, alias: str, expected: Expected) -> Expected:
    """Return the facts of a source, with its columns by their names in the model.

    A column that the model does not expose cannot be named.
    """
    result: Expected = {}
    for (kind, detail), expectation in expected.items():
        if kind not in _OWN_COLUMNS:
            result[kind, detail] = expectation
            continue
        names = _exposed(model, alias, expectation.texts[0])
        if names:
            result[kind, detail] = replace(expectation, texts=names)
    return result


def _exposed(model: Model, alias: str, column: str) -> tuple[str, ...]:
    columns = columns_of(model.entity)
    return tuple(name for name in columns if Origin(alias, column) in model.origins(name))


def _lineage(model: Model, name: str, part: Definition) -> Expected:
    """Return the columns of origin; those of a calculation are open."""
    if model.base(name) is not None or not model.origins(name):
        return {(Kind.COLUMN_LINEAGE, ""): UNJUDGED}
    expected: Expected = {}
    dimensional = model.is_dimensional(name)
    for origin in model.origins(name):
        target = model.target(origin.alias, dimension=dimensional)
        if target is not None:
            place = f"{model.document.object_name(target)}.{origin.column}"
            expected[Kind.COLUMN_LINEAGE, place] = Expectation((), How.WITHIN)
    return expected | ({} if part else {(Kind.COLUMN_LINEAGE, ""): UNJUDGED})
