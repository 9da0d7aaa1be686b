"""What an owner holds back: facts of an unchanged source that only this reader reads."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from datasphere_glue.mapping.governance import Governance, Overlay, apply_governance
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.asset_parts import Load
from datasphere_glue.model.auxiliary import AuxiliaryKind, AuxiliaryObjects, Writing
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing, Stamp
from datasphere_glue.runs.upgrade import (
    Due,
    Rebuilt,
    by_day,
    everything,
    held_assets,
    held_note,
    nothing,
    with_rebuilt,
)
from tests.unit.samples import asset, issue

DATED = Stamp(exposed=True, changed_on="2026-01-01T00:00:00Z")
DAY = Stamp(exposed=True, changed_on="2026-01-01")
UNDATED = Stamp(exposed=True)
OLD = asset("V_ORDERS")
BEFORE = {"V_ORDERS": OLD}
NO_RULES = Governance()
FLOWS = AuxiliaryObjects(
    listed=frozenset({AuxiliaryKind.DATA_FLOW}),
    writings=(Writing("V_ORDERS", Load("data_flow", "SALES.DF_LOAD", sources=("SALES.T",))),),
)


def read(*assets: Asset, stamp: Stamp = DATED) -> SpaceListing:
    stamps = tuple((one.name, stamp) for one in (OLD, *assets))
    return SpaceListing("SALES", assets=assets, stamps=stamps)


def kept(
    listing: SpaceListing, rebuilt: Rebuilt, rules: Governance = NO_RULES
) -> tuple[tuple[Asset, ...], tuple[Issue, ...]]:
    """Return the assets that are written, and the notes; what is held back is marked."""
    merged, notes = with_rebuilt(listing, rebuilt, (), rules)
    held = {name for _, name in held_assets(notes)}
    assert merged.held_back == held
    return merged.assets, notes


@pytest.mark.parametrize("stamp", [DATED, DAY, UNDATED])
def test_new_keys_of_an_unchanged_source_are_held_back(stamp: Stamp) -> None:
    new = replace(OLD, sql="SELECT 1")

    assets, notes = kept(read(new, stamp=stamp), Rebuilt({}, BEFORE))

    assert assets == (OLD,)
    assert list(held_assets(notes)) == [("SALES", "V_ORDERS")]
    assert "more than its table holds: sql;" in notes[0].message


@pytest.mark.parametrize(("stamp", "held"), [(DATED, True), (DAY, False), (UNDATED, False)])
def test_another_value_of_a_known_key_is_held_back_if_the_lists_prove_the_source(
    stamp: Stamp, *, held: bool
) -> None:
    new = replace(OLD, lineage=("SALES.T_ORDERS",))

    assets, notes = kept(read(new, stamp=stamp), Rebuilt({}, BEFORE))

    assert assets == ((OLD,) if held else (new,))
    assert bool(notes) is held


def test_what_is_equal_or_was_not_read_before_is_not_held_back() -> None:
    other = replace(asset("V_OTHER"), sql="SELECT 1")

    assert kept(read(OLD, other), Rebuilt({}, BEFORE)) == ((OLD, other), ())
    assert kept(read(other), Rebuilt(BEFORE)) == ((OLD, other), ())


def test_rules_count_for_both_sides() -> None:
    """The table holds what the rules gave, and the asset that is read does not yet."""
    rules = Governance(overlays=(Overlay("SALES.*", owner="Jane", tags=("gold",)),))
    governed = Rebuilt({}, {"V_ORDERS": apply_governance(OLD, rules)})

    assert kept(read(OLD), governed, rules) == ((OLD,), ())
    assets, notes = kept(read(replace(OLD, sql="SELECT 1")), governed, rules)
    assert (assets, len(notes)) == (tuple(governed.before.values()), 1)


@pytest.mark.parametrize("assets", [(), (OLD,)])
def test_a_flow_that_loads_an_asset_is_a_new_fact_whether_the_asset_is_read(
    assets: Iterable[Asset],
) -> None:
    reused = {} if assets else BEFORE
    listing = replace(read(*assets), auxiliary=FLOWS)

    written, notes = kept(listing, Rebuilt(reused, BEFORE))

    assert written == (OLD,)
    assert "lineage, loads" in notes[0].message
    assert kept(listing, Rebuilt(reused)) == ((OLD,), ())


def test_what_an_earlier_run_held_back_is_named_by_each_run() -> None:
    assets, notes = kept(read(), Rebuilt(BEFORE, BEFORE, frozenset({"V_ORDERS"})))

    assert assets == (OLD,)
    assert "reads more than its table holds; `upgrades`" in notes[0].message


def test_a_note_names_some_keys_and_counts_the_rest() -> None:
    note = held_note("SALES", "V", ["a", "b", "c", "d", "e", "f"])

    assert "holds: a, b, c, d and 2 more;" in note.message
    assert note.code is IssueCode.UPGRADE_HELD
    assert list(held_assets([issue(), note])) == [("SALES", "V")]


def test_flows_are_read_by_date_or_by_version() -> None:
    assert not Due(nothing, nothing).either("SALES", "")
    assert Due(everything, nothing).either("SALES", "")
    assert Due(nothing, everything).either("SALES", "")


@pytest.mark.parametrize("days", [1, 7, 30])
def test_without_state_all_are_read_again_within_so_many_days(days: int) -> None:
    names = [f"V_{number}" for number in range(300)]
    read_on = [
        {name for name in names if by_day(date(2026, 12, 28) + timedelta(day), days)("S", name)}
        for day in range(days)
    ]

    assert sum(map(len, read_on)) == len(names)
    assert set().union(*read_on) == set(names)
    assert all(len(some) < len(names) * 2 / days + 20 for some in read_on)
