"""Measures of an analytic model, as its business layer describes them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.fidelity.csn.annotations import leaf_texts
from tools.fidelity.csn.document import Definition
from tools.fidelity.expectations import UNJUDGED, Expectation, Expected, How
from tools.fidelity.kinds import Kind

_UNDERSTOOD: Final = frozenset(
    {
        *("text", "measureType", "measureMapping", "formulaRaw", "formula", "elements", "key"),
        *("aggregation", "attributeType", "attributeMapping", "sourceKey"),
    }
)
"""Members with kinds of their own."""

_CONVERSION: Final = ("target", "source", "client", "reference")
_NOT_ADDITIVE: Final = ("NonCumulative", "NonAdditive")
_NOTHING: Final = "None"
"""The last part of SAP's word for a choice that nobody made."""

Facts = Iterator[tuple[tuple[Kind, str], Expectation]]


def measure_facts(part: Definition, expected: Expected) -> Expected:
    """Return the facts about a measure; `expected` holds those of its element."""
    found: Expected = {(Kind.MEASURE, ""): Expectation()}
    kind = last_word(part.get("measureType", ""))
    if kind:
        found[Kind.MEASURE_KIND, ""] = Expectation((kind,), terms=("model.measureType",))
        found[Kind.MEASURE_TYPE, ""] = expected.get((Kind.MEASURE_TYPE, ""), UNJUDGED)
    if formula := part.get("formulaRaw") or part.get("formula"):
        found[Kind.FORMULA, ""] = Expectation((str(formula),), How.IN_ORDER)
    aggregation = last_word(part.get("aggregation", ""))
    if aggregation and (Kind.AGGREGATION, "") not in expected:
        terms = ("model.aggregation",)
        found[Kind.AGGREGATION, ""] = Expectation((aggregation,), How.FOLDED, terms=terms)
    if kind.startswith(_NOT_ADDITIVE):
        found[Kind.NON_ADDITIVE, ""] = Expectation(required=False)
    return found | dict(_details(part))


def last_word(word: Any) -> str:
    """Return the last part of a word such as `AnalyticModelMeasureType.CountDistinct`."""
    return str(word).rpartition(".")[2]


def _details(part: Definition) -> Facts:
    """Yield exceptions, distinct counts, conversions; any other member is kept somewhere."""
    conversion: dict[str, Any] = {}
    for member, value in part.items():
        texts = tuple(last_word(text) for text in leaf_texts(value)) if value else ()
        if member in _UNDERSTOOD or texts in {(), (_NOTHING,)}:
            continue
        terms = (f"model.{member}",)
        if "nonadditive" in member.casefold():
            yield (Kind.NON_ADDITIVE, ""), Expectation(terms=terms)
        elif member.startswith("exceptionAggregation") and not isinstance(value, list | Mapping):
            yield (Kind.EXCEPTION_AGGREGATION, ""), Expectation(texts, How.FOLDED, terms=terms)
        elif member.startswith(("exceptionAggregation", "countDistinct")):
            distinct = member.startswith("countDistinct")
            kind = Kind.DISTINCT_COLUMN if distinct else Kind.EXCEPTION_COLUMN
            yield from (((kind, text), Expectation(terms=terms)) for text in texts)
        elif "onversion" in member or member.startswith(_CONVERSION):
            conversion[member] = texts
        else:
            yield (Kind.LAYER, f"model.{member}"), Expectation(texts, How.WITHIN)
    if conversion:
        joined = tuple(text for texts in conversion.values() for text in texts)
        members = tuple(f"model.{member}" for member in conversion)
        yield (Kind.CONVERSION, ""), Expectation(joined, How.WITHIN, terms=members)
