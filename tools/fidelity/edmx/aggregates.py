"""What an entity type, its set or its container say of the roles of its properties."""

from collections.abc import Iterator
from typing import Any, Final

from tools.fidelity.edmx.document import Path, Terms
from tools.fidelity.expectations import Expectation, Expected, How, optional
from tools.fidelity.kinds import Kind

_APPLY: Final = "aggregation.applysupported"
_AGGREGATED: Final = ("analytics.aggregatedproperty", "analytics.aggregatedproperties")
_CONTEXT: Final = "analytics.analyticalcontext"
_COUNT: Final = "countdistinct"


def aggregates(terms: Terms) -> dict[str, Expected]:
    """Return the facts about properties, by name; the terms are taken out.

    Which of them are measures follows from several terms together, so that a role may be absent.
    """
    facts: dict[str, Expected] = {}
    for name, kind in _context(terms):
        facts.setdefault(name, {})[kind, ""] = Expectation()
    for name, kind, word in (*_applied(terms), *_aggregated(terms)):
        expected = facts.setdefault(name, {})
        expected.setdefault((kind, ""), optional(Expectation()))
        if word:
            expected[Kind.AGGREGATION, ""] = Expectation((word,), How.FOLDED)
    return facts


def _context(terms: Terms) -> Iterator[tuple[str, Kind]]:
    for record in _records(terms.pop(_CONTEXT, ("", None))[1]):
        name = _name(record.get("Property"))
        if name and record.get("Dimension") is True:
            yield name, Kind.DIMENSION
        if name and True in (record.get("Measure"), record.get("AccumulativeMeasure")):
            yield name, Kind.MEASURE


def _applied(terms: Terms) -> Iterator[tuple[str, Kind, str]]:
    for record in _records(terms.pop(_APPLY, ("", None))[1]):
        for path in _items(record.get("GroupableProperties")):
            if name := _name(path):
                yield name, Kind.DIMENSION, ""
        for one in _items(record.get("AggregatableProperties")):
            inner = one if isinstance(one, dict) else {"Property": one}
            methods = [str(m) for m in _items(inner.get("SupportedAggregationMethods"))]
            word = str(inner.get("RecommendedAggregationMethod") or "")
            word = word or (methods[0] if len(methods) == 1 else "")
            name = _name(inner.get("Property"))
            if name and word.casefold() != _COUNT:
                yield name, Kind.MEASURE, word


def _aggregated(terms: Terms) -> Iterator[tuple[str, Kind, str]]:
    """Yield the properties with one method; other aggregates stay annotations."""
    methods: dict[str, set[str]] = {}
    named: dict[str, list[str]] = {}
    for term in [term for term in terms if term.partition("#")[0] in _AGGREGATED]:
        for record in _records(terms[term][1]):
            name = _name(record.get("AggregatableProperty"))
            methods.setdefault(name, set()).add(str(record.get("AggregationMethod", "")))
            named.setdefault(term, []).append(name)
    for name, words in methods.items():
        if name and {word.casefold() for word in words} != {_COUNT}:
            yield name, Kind.MEASURE, next(iter(words)) if len(words) == 1 else ""
    for term, names in named.items():
        if all(len(methods[name]) == 1 and not _counted(methods[name]) for name in names):
            del terms[term]


def _counted(words: set[str]) -> bool:
    return _COUNT in {word.casefold() for word in words}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _records(value: Any) -> list[dict[str, Any]]:
    return [item for item in _items(value) if isinstance(item, dict)]


def _name(path: Any) -> str:
    return path.name if isinstance(path, Path) else ""
