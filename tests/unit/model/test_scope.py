"""The scope of a run: the spaces and assets that it evaluates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.model.scope import Scope, Slice, patterns

ASKED = frozenset({("SALES", "V_ORDERS")})


def test_without_a_word_everything_is_in_scope() -> None:
    assert Scope().covers_space("SALES")
    assert Scope().covers_asset("SALES", "SAP.TIME.DAY")


@pytest.mark.parametrize(
    ("include", "space", "asset", "expected"),
    [
        ("SALES", "SALES", "V", True),
        ("SALES", "SALES_EU", "V", False),
        ("SALES*", "SALES_EU", "V", True),
        ("sales", "SALES", "V", False),
        ("SALES.V_*", "SALES", "V_ORDERS", True),
        ("SALES.V_*", "SALES", "T_ORDERS", False),
        ("SALES.SAP.TIME.*", "SALES", "SAP.TIME.DAY", True),
        ("SALES.SAP.TIME.*", "SALES", "SAP", False),
        ("HR,SALES.V", "SALES", "V", True),
        ("HR,SALES.V", "SALES", "W", False),
        ("HR,SALES.V", "HR", "W", True),
    ],
)
def test_what_is_included_is_told_by_patterns(
    include: str, space: str, asset: str, *, expected: bool
) -> None:
    assert Scope(include=patterns(include)).covers_asset(space, asset) == expected


def test_a_pattern_for_assets_lets_the_space_in_but_not_its_other_assets() -> None:
    scope = Scope(include=("SALES.V_*",))

    assert scope.covers_space("SALES")
    assert not scope.covers_space("HR")
    assert not scope.covers_asset("SALES", "T")


def test_what_is_excluded_wins() -> None:
    scope = Scope(include=("SALES",), exclude=("SALES.TMP_*", "HR"))

    assert not scope.covers_asset("SALES", "TMP_1")
    assert scope.covers_asset("SALES", "V")
    assert scope.covers_space("SALES")
    assert not Scope(exclude=("HR",)).covers_space("HR")


def test_the_configuration_narrows_what_the_settings_include() -> None:
    scope = Scope(include=("SALES", "HR"), within=("SALES.V*",))

    assert scope.covers_asset("SALES", "V")
    assert not scope.covers_asset("SALES", "T")
    assert not scope.covers_space("HR")


def test_an_event_asks_for_exact_names_within_the_settings() -> None:
    scope = Scope(exclude=("SALES.TMP_*",), assets=ASKED | {("SALES", "TMP_1")})

    assert scope.covers_asset("SALES", "V_ORDERS")
    assert not scope.covers_asset("SALES", "V_ORDER*")
    assert not scope.covers_asset("SALES", "TMP_1")
    assert not scope.covers_asset("SALES", "T")
    assert not scope.covers_space("HR")


def test_a_whole_space_beside_single_assets_of_others() -> None:
    scope = Scope(spaces=frozenset({"HR"}), assets=ASKED)

    assert scope.covers_asset("HR", "ANYTHING")
    assert scope.covers_asset("SALES", "V_ORDERS")
    assert not scope.covers_asset("SALES", "T")


def test_spaces_named_exactly_can_be_missed() -> None:
    scope = Scope(include=("SALES", "HR.V", "F*"), assets=frozenset({("SHOP", "V")}))

    assert scope.named_spaces == {"SALES", "HR", "SHOP"}


def test_a_setting_is_split_at_commas_and_trimmed() -> None:
    assert patterns(" SALES , HR.V*,, ") == ("SALES", "HR.V*")
    assert patterns("") == ()


@given(st.text(min_size=1), st.integers(1, 50))
def test_an_asset_belongs_to_just_one_slice(name: str, count: int) -> None:
    slices = [Slice(number, count) for number in range(1, count + 1)]

    assert sum(part.covers(name) for part in slices) == 1


def test_a_slice_leaves_the_other_assets_out_until_it_is_taken_away() -> None:
    names = [f"V_{number}" for number in range(30)]
    part = Slice(1, 3)
    scope = Scope(spaces=frozenset({"SHOP"}), slice=part)

    chosen = [name for name in names if scope.covers_asset("SHOP", name)]

    assert chosen == [name for name in names if part.covers(name)]
    assert 0 < len(chosen) < len(names)
    assert all(scope.whole.covers_asset("SHOP", name) for name in names)
    assert scope.covers_space("SHOP")
