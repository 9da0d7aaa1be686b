"""The judge's own reading of measures and aggregations in OData."""

from typing import Any

import pytest

from tools.fidelity.edmx.aggregates import aggregates
from tools.fidelity.edmx.document import Path, Terms
from tools.fidelity.kinds import Kind

HEAT = Path("HEAT")


def facts(term: str, value: Any) -> tuple[dict[str, set[Kind]], set[str], Terms]:
    """Return the kinds of facts and the aggregations by property, and the terms that stay."""
    terms: Terms = {term.casefold(): (term, value)}
    found = aggregates(terms)
    kinds = {name: {kind for kind, _ in one} for name, one in found.items()}
    words = {
        f"{name} {text}"
        for name, one in found.items()
        for (kind, _), expectation in one.items()
        if kind is Kind.AGGREGATION
        for text in expectation.texts
    }
    return kinds, words, terms


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"RecommendedAggregationMethod": "max"}, {"HEAT max"}),
        ({"SupportedAggregationMethods": ["sum"]}, {"HEAT sum"}),
        ({"SupportedAggregationMethods": ["sum", "max"]}, set()),
    ],
)
def test_a_service_says_how_it_aggregates(members: dict[str, Any], words: set[str]) -> None:
    value = {
        "AggregatableProperties": [{"Property": HEAT, **members}],
        "GroupableProperties": [Path("OVEN")],
    }
    kinds, found, rest = facts("Aggregation.ApplySupported", value)
    assert Kind.MEASURE in kinds["HEAT"]
    assert (kinds["OVEN"], found, rest) == ({Kind.DIMENSION}, words, {})


def test_what_is_only_counted_is_no_measure() -> None:
    one = {"Property": HEAT, "RecommendedAggregationMethod": "countdistinct"}
    kinds, _, rest = facts("Aggregation.ApplySupported", {"AggregatableProperties": [one]})
    assert (kinds, rest) == ({}, {})


@pytest.mark.parametrize(
    ("methods", "words", "kept"),
    [
        (["sum"], {"HEAT sum"}, False),
        (["sum", "max"], set(), True),
        (["countdistinct"], set(), True),
    ],
)
def test_one_aggregate_is_the_default_and_several_are_annotations(
    methods: list[str], words: set[str], *, kept: bool
) -> None:
    value = [{"AggregatableProperty": HEAT, "AggregationMethod": one} for one in methods]
    _, found, rest = facts("Analytics.AggregatedProperties", value)
    assert (found, bool(rest)) == (words, kept)


def test_an_analytical_context_gives_roles() -> None:
    value = [{"Property": HEAT, "Measure": True}, {"Property": Path("OVEN"), "Dimension": True}]
    kinds, _, rest = facts("Analytics.AnalyticalContext", value)
    assert (kinds, rest) == ({"HEAT": {Kind.MEASURE}, "OVEN": {Kind.DIMENSION}}, {})
