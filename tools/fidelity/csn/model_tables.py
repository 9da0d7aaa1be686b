"""The facts of the business layer about an analytic model as a whole: sources and calculations."""

from collections.abc import Mapping
from typing import Any, Final

from tools.fidelity.csn.columns import is_cross_calculation, read_column
from tools.fidelity.csn.document import Definition, Document, columns_of
from tools.fidelity.csn.measures import last_word
from tools.fidelity.csn.models import Model
from tools.fidelity.expectations import UNJUDGED, Expectation, Expected, How
from tools.fidelity.kinds import Kind

_GROUPS: Final = (("fact", "factSources"), ("dimension", "dimensionSources"))
_HANDLED: Final = frozenset(
    {
        *("identifier", "text", "sourceModel", "variables", "version", "supportedCapabilities"),
        *("attributes", "measures", "crossCalculations"),
    }
)


def model_table(model: Model) -> Expected:
    """Return sources, calculations and lineage of a model."""
    sources = model.layer.get("sourceModel", {})
    expected: Expected = {}
    for role, group in _GROUPS:
        for alias, source in sources.get(group, {}).items():
            expected |= _source(model.document, f"{role} {alias}", source)
    if text := model.layer.get("text"):
        expected[Kind.LABEL, ""] = Expectation((str(text),), required=text != model.key)
    return expected


def _source(document: Document, detail: str, source: Definition) -> Expected:
    target = source.get("dataEntity", {}).get("key")
    if not target:
        return {}
    name = document.object_name(str(target))
    expected: Expected = {
        (Kind.SOURCE, detail): Expectation((name,)),
        (Kind.OBJECT_LINEAGE, name): Expectation(),
    }
    if text := source.get("text"):
        expected[Kind.SOURCE_LABEL, detail] = Expectation((str(text),))
    for context in source.get("associationContexts") or []:
        for step in context.get("associationSteps") or []:
            expected[Kind.SOURCE_PATH, f"{detail}: {step}"] = Expectation()
    for parameter, mapping in source.get("parameterMappings", {}).items():
        expected[Kind.SOURCE_PARAMETER, f"{detail}: {parameter}"] = _bound(mapping)
    if affix := source.get("technicalAffix"):
        sort = last_word(affix.get("type", ""))
        expected[Kind.SOURCE_AFFIX, detail] = Expectation((f"{sort} {affix.get('text', '')}",))
    return expected


def _bound(mapping: Mapping[str, Any]) -> Expectation:
    """Return the constant or variable that a model gives a parameter."""
    texts = [str(mapping[key]) for key in ("constantValue", "variableName") if key in mapping]
    return Expectation(tuple(texts)) if texts else UNJUDGED


def cross_calculations(document: Document, key: str) -> Expected:
    """Return the cross calculations: of the layer, or marked as members of the structure."""
    parts = document.layers.get(key, {}).get("crossCalculations", {})
    elements = columns_of(document.definitions[key])
    marked = [name for name, element in elements.items() if is_cross_calculation(element)]
    expected: Expected = {}
    for name in dict.fromkeys([*parts, *marked]):
        part = parts.get(name, {})
        expected[Kind.CROSS_CALCULATION, name] = Expectation()
        own = read_column(document, elements.get(name, {})).get((Kind.LABEL, ""))
        label = own or (Expectation((str(part["text"]),)) if part.get("text") else None)
        if label:
            expected[Kind.CROSS_LABEL, name] = label
        kind = last_word(part.get("crossCalculationType", ""))
        expected[Kind.CROSS_KIND, name] = Expectation((kind,)) if kind else UNJUDGED
        if formula := part.get("formulaRaw") or part.get("formula"):
            expected[Kind.CROSS_FORMULA, name] = Expectation((str(formula),), How.IN_ORDER)
    return expected


def layer_rest(model: Model) -> Expected:
    """Return what no other kind holds: further parts, and columns that the model does not show."""
    expected: Expected = {
        (Kind.LAYER, f"model.{key}"): Expectation(tuple(map(str, value)), How.WITHIN)
        for key, value in model.layer.items()
        if key not in _HANDLED and isinstance(value, Mapping) and value
    }
    shown = columns_of(model.entity)
    for group in ("attributes", "measures"):
        for name, part in model.part(group).items():
            if name not in shown:
                formula = part.get("formulaRaw") or part.get("formula") or name
                expected[Kind.LAYER, f"model.{group} {name}"] = Expectation(
                    (name, formula), How.WITHIN
                )
    return expected
