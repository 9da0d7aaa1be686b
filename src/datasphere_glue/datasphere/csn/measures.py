"""Reads measures: what the annotations of a column and its entry in a business layer say of it.

Names of the layer are those of SAP's editor of analytic models, which has no published schema. So
each form of a name that was seen is accepted, and what has no field stays in `custom`.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import CsnAnnotations
from datasphere_glue.datasphere.csn.formulas import formula_of
from datasphere_glue.datasphere.csn.layer_values import (
    bare_word,
    facts_of,
    leftovers,
    name_of,
    names_of,
)
from datasphere_glue.datasphere.csn.terms import EXCEPTION_STEPS
from datasphere_glue.datasphere.values import text_at
from datasphere_glue.model.asset_parts import CrossCalculation
from datasphere_glue.model.element import Element

_TYPES: Final = {
    "FactSourceMeasure": "BASE",
    "RestrictedMeasure": "RESTRICTION",
    "CalculatedMeasure": "CALCULATION",
}
"""The annotation that SAP gives a measure of each kind of the layer."""

_EXCEPTIONS: Final = (
    *("exceptionAggregationType", "exceptionAggregation"),
    *("exceptionAggregationBehavior", "exceptionAggregationSteps"),
)
_EXCEPTION_COLUMNS: Final = (
    *("exceptionAggregationAttributes", "exceptionAggregationDimensions"),
    *("exceptionAggregationElements", "exceptionAggregationColumns"),
)
_SHORT_COLUMNS: Final = ("attributes", "dimensions", "elements", "columns")
_SHORT_WORDS: Final = ("type", "aggregation", "behavior")
_COUNTED: Final = (
    *("countDistinctAttributes", "countDistinctDimensions", "countDistinctElements"),
    *("distinctAttributes", "distinctColumns"),
)
_CONVERSIONS: Final = ("conversion", "currencyConversion", "unitConversion")
_NOT_ADDITIVE: Final = ("isNonAdditive", "nonAdditive", "isNonCumulative", "nonCumulative")
_BASES: Final = ("key", "baseMeasure", "sourceMeasure")
_CONSTANT: Final = "constantSelectionType"
_UNDERSTOOD: Final = frozenset(
    {
        *("text", "measureType", "measureMapping", "sourceKey", *_BASES),
        *("formula", "formulaRaw", "elements", "aggregation", "isAuxiliary", "duplicated"),
        *(*_COUNTED, *_NOT_ADDITIVE),
    }
)
_NONE: Final = frozenset({"NONE", "None"})


def annotated_exception(annotations: CsnAnnotations) -> dict[str, Any]:
    """Return the exception aggregation that annotations give, empty without one or with several."""
    several = _is_several(annotations.values.get(EXCEPTION_STEPS))
    steps = [] if several else annotations.records(EXCEPTION_STEPS)
    exception = _exception({"exceptionAggregationSteps": steps})
    if exception is None:
        return {}
    return {"exception_aggregation": exception[0], "exception_columns": exception[1]}


def layer_measure(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a measure that its entry in the layer gives, without empty ones."""
    kind = bare_word(part.get("measureType"))
    exception = _exception(part) or (None, ())
    fields = {
        "measure_kind": kind,
        "measure_type": _TYPES.get(kind or ""),
        "aggregation": bare_word(part.get("aggregation")),
        "formula": formula_of(part),
        "exception_aggregation": exception[0],
        "exception_columns": exception[1],
        "distinct_columns": _counted(part, kind),
        "conversion": facts_of(_conversion(part, kind)),
        "non_additive": _is_not_additive(part, kind),
        "hidden": part.get("isAuxiliary") is True,
    }
    return {key: value for key, value in fields.items() if value}


def measure_leftovers(part: Mapping[str, Any]) -> dict[str, str]:
    """Return what the entry of a measure says beyond its fields."""
    kind = bare_word(part.get("measureType"))
    understood = {*_UNDERSTOOD, *_CONVERSIONS, *(_conversion(part, kind))}
    understood |= {key for key in (_CONSTANT, *_EXCEPTIONS) if bare_word(part.get(key)) in _NONE}
    if _exception(part) is not None:
        understood |= {*_EXCEPTIONS, *_EXCEPTION_COLUMNS}
    if is_count(kind):
        understood |= set(_SHORT_COLUMNS)
    return leftovers(part, understood)


def base_of(part: Mapping[str, Any]) -> str | None:
    """Return the measure of the same model that a measure restricts, converts or accumulates."""
    if "sourceKey" in part:
        return None
    return next((base for key in _BASES if (base := name_of(part.get(key)))), None)


def converted_to(part: Mapping[str, Any], names: Container[str]) -> dict[str, str]:
    """Return the field of the currency or unit that a conversion leads to, empty if it varies.

    The field is `currency` or `unit` for a column of the model (`names`), `currency_value` or
    `unit_value` for a constant.
    """
    kind = bare_word(part.get("measureType"))
    settings = _conversion(part, kind)
    sort = "unit" if kind and "Unit" in kind else "currency"
    target = settings.get(f"target{sort.title()}")
    how = bare_word(settings.get(f"target{sort.title()}Type"))
    if isinstance(target, Mapping):
        words = [bare_word(value) for key, value in target.items() if key.lower().endswith("type")]
        values = [value for key, value in target.items() if not key.lower().endswith("type")]
        how, target = next(filter(None, words), how), next(iter(values), None)
    value, word = name_of(target), (how or "").lower()
    fixed = "constant" in word or "fixed" in word
    if value is None or (word and not fixed and value not in names):
        return {}
    return {sort if value in names and not fixed else f"{sort}_value": value}


def is_conversion(kind: str | None) -> bool:
    """Return whether the values of a kind of measure have a currency or unit of their own."""
    return kind is not None and "Conversion" in kind


def is_calculated(element: Element) -> bool:
    """Return whether a measure is a formula over others; the kind of the layer is more exact."""
    kind = element.measure_kind
    return kind == "CalculatedMeasure" if kind else element.measure_type == "CALCULATION"


def is_count(kind: str | None) -> bool:
    """Return whether a kind of measure counts distinct values."""
    return kind is not None and "Distinct" in kind


def cross_calculations(parts: Mapping[str, Mapping[str, Any]]) -> Iterator[CrossCalculation]:
    """Yield the members of the structure of a model that its layer lists."""
    for name, part in parts.items():
        kind = bare_word(part.get("crossCalculationType")) or bare_word(part.get("measureType"))
        yield CrossCalculation(name, text_at(part, "text"), kind, formula_of(part))


def _exception(part: Mapping[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    """Return the aggregation along some columns, None without one or with several.

    It stands side by side with its columns, in an object, or as the only step in a list.
    """
    if any(_is_several(part.get(key)) for key in _EXCEPTIONS):
        return None
    words = [bare_word(part.get(key)) for key in _EXCEPTIONS]
    columns = [names_of(part.get(key)) for key in _EXCEPTION_COLUMNS]
    for key in _EXCEPTIONS:
        value = part.get(key)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Mapping):
                words += [bare_word(inner.get(key)) for key in (*_EXCEPTIONS, *_SHORT_WORDS)]
                columns += [names_of(inner.get(k)) for k in (*_EXCEPTION_COLUMNS, *_SHORT_COLUMNS)]
    word = next((word for word in words if word and word not in _NONE), None)
    return None if word is None else (word, tuple(dict.fromkeys(n for ns in columns for n in ns)))


def _is_several(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1


def _counted(part: Mapping[str, Any], kind: str | None) -> tuple[str, ...]:
    keys = (*_COUNTED, *_SHORT_COLUMNS) if is_count(kind) else _COUNTED
    return tuple(dict.fromkeys(name for key in keys for name in names_of(part.get(key))))


def _conversion(part: Mapping[str, Any], kind: str | None) -> dict[str, Any]:
    """Return the settings of a conversion: what such a measure says that no other one does."""
    settings: dict[str, Any] = {}
    for key in _CONVERSIONS:
        value = part.get(key)
        settings |= value if isinstance(value, Mapping) else {}
    if is_conversion(kind):
        other = {*_UNDERSTOOD, *_CONVERSIONS, *_EXCEPTIONS, *_EXCEPTION_COLUMNS, _CONSTANT}
        other.add("formatting")
        settings |= {key: value for key, value in part.items() if key not in other}
    return settings


def _is_not_additive(part: Mapping[str, Any], kind: str | None) -> bool:
    marked = any(part.get(key) is True for key in _NOT_ADDITIVE)
    return marked or bool(kind and ("NonCumulative" in kind or "NonAdditive" in kind))
