"""Laws of the parts of a report: they merge in any order, without loss."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.mapping.completeness import measure_completeness
from datasphere_glue.mapping.governance import Governance
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.completeness import WORST, Completeness, sum_by_space
from datasphere_glue.model.key import PREFIX
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import Catalog, Column, Desired, Table
from datasphere_glue.outcome.asset_index import AssetIndex, AssetIndexBuilder
from datasphere_glue.outcome.call_stats import SLOWEST, CallRecorder, CallStats
from tests.effort import examples
from tests.laws.strategies import listings
from tests.unit.outcome.asset_indexes import assets_of, index_of

RULES = Rules("acme.eu10.hcs.cloud.sap")


def divided(tables: Sequence[Table], chance: Random) -> list[list[Table]]:
    """Return the tables in up to three groups, in no order."""
    groups: list[list[Table]] = [[], [], []]
    for table in chance.sample(tables, len(tables)):
        chance.choice(groups).append(table)
    chance.shuffle(groups)
    return groups


def counted(desired: Desired, tables: Sequence[Table]) -> Completeness:
    return measure_completeness(desired.space, tables, Governance())[0]


def pack(collector: AssetIndexBuilder, desired: Desired, tables: Sequence[Table]) -> None:
    scores = measure_completeness(desired.space, tables, Governance())[1]
    collector(desired.space, desired.database.name, zip(tables, scores, strict=True))


@examples(15, deadline=None)
@given(space_listings=listings(), chance=st.randoms(use_true_random=False))
def test_completeness_is_the_same_for_every_division_of_a_run(
    space_listings: tuple[SpaceListing, ...], chance: Random
) -> None:
    desired_spaces = to_tables(space_listings, RULES, Catalog())
    whole = sum_by_space(counted(one, one.tables) for one in desired_spaces)
    parts = [counted(one, group) for one in desired_spaces for group in divided(one.tables, chance)]
    chance.shuffle(parts)

    assert sum_by_space(parts) == whole
    for one in whole:
        assert len(one.worst) <= WORST
        assert all(0 <= lacking.score <= 100 and lacking.missing for lacking in one.worst)
        assert all(0 <= s.have <= s.of - s.unavailable <= s.of for s in one.shares)


@examples(15, deadline=None)
@given(space_listings=listings(), chance=st.randoms(use_true_random=False))
def test_an_index_equals_its_tables_for_every_division_of_a_run(
    space_listings: tuple[SpaceListing, ...], chance: Random
) -> None:
    desired_spaces = to_tables(space_listings, RULES, Catalog())
    whole, parts = AssetIndexBuilder(), AssetIndexBuilder()
    for one in desired_spaces:
        pack(whole, one, one.tables)
    for one in chance.sample(desired_spaces, len(desired_spaces)):
        for group in divided(one.tables, chance):
            pack(parts, one, group)
    index, again = whole.build(), parts.build()
    tables = [table for one in desired_spaces for table in one.tables]

    assert (index is None) == (again is None) == (not tables)
    if index is not None and again is not None:
        assert index_of(again) == index_of(index)
        assert assets_of(again) == assets_of(index)
        assert_holds(index, tables)


def assert_holds(index: AssetIndex, tables: Sequence[Table]) -> None:
    assets = assets_of(index)
    assert len(index_of(index)["assets"]) == len(assets) == len(tables)
    for table in tables:
        asset = assets[".".join(table.asset)]
        assert asset["table"] == table.name
        assert asset.get("label") == table.parameter(PREFIX + "label")
        columns = {key_value(column, "name"): column for column in table.columns}
        assert set(asset["columns"]) == set(columns)
        for name, column in columns.items():
            shown = asset["columns"][name]
            assert (shown["column"], shown["type"]) == (column.name, column.type)
            for key in ("label", "role", "description", "aggregation"):
                assert shown[key] == key_value(column, key)


def key_value(column: Column, key: str) -> str:
    return dict(column.parameters).get(PREFIX + key, "")


CALLS = st.lists(
    st.tuples(
        st.sampled_from(["spaces", "assets", "GetTables"]),
        st.floats(0, 400),
        st.booleans(),
        st.booleans(),
    ),
    max_size=40,
)


def call_stats_of(calls: Sequence[tuple[str, float, bool, bool]]) -> CallStats:
    recorder = CallRecorder()
    for endpoint, seconds, failed, again in calls:
        recorder.called("side", endpoint, "S.A", seconds, failed=failed, again=again)
        recorder.spent("read", round(seconds))
    return recorder.stats()


@given(calls=CALLS, chance=st.randoms(use_true_random=False))
def test_call_statistics_of_parts_merge_to_those_of_the_run_in_any_order(
    calls: list[tuple[str, float, bool, bool]], chance: Random
) -> None:
    parts: list[list[tuple[str, float, bool, bool]]] = [[], [], []]
    for call in chance.sample(calls, len(calls)):
        chance.choice(parts).append(call)

    whole = call_stats_of(calls)

    assert reduce(add, map(call_stats_of, parts), CallStats()) == whole
    assert len(whole.slowest) <= SLOWEST
    assert sum(one.calls for one in whole.endpoints) == len(calls)


@given(seconds=st.lists(st.floats(0, 400), min_size=1, max_size=50))
def test_the_median_is_exact_or_at_most_a_tenth_too_high(
    seconds: list[float],
) -> None:
    (endpoint,) = call_stats_of([("spaces", one, False, False) for one in seconds]).endpoints
    times = sorted(round(one * 1000) for one in seconds)
    exact = times[(len(times) + 1) // 2 - 1]

    assert exact * 0.999 - 1 <= endpoint.within_ms(0.5) <= exact * 1.1 + 1
    assert endpoint.within_ms(0.5) <= endpoint.within_ms(0.95) <= endpoint.max_ms == times[-1]
