"""Globs of entries, and what they may match below a name."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.mapping.entries import matches_any, matching, may_match_below

LETTERS = "AB.*?"


@pytest.mark.parametrize(
    ("pattern", "may"),
    [
        ("SALES.V_*", True),
        ("SAL*", True),
        ("*", True),
        ("*.V_1", True),
        ("[S]ALES.X", True),
        ("SALE?.X", True),
        ("SALES", False),
        ("SALE.X", False),
        ("FIN*", False),
        ("sales.*", False),
    ],
)
def test_whether_a_glob_may_match_below_a_space(pattern: str, *, may: bool) -> None:
    assert may_match_below(pattern, "SALES.") is may


@given(
    pattern=st.text(LETTERS, max_size=6),
    prefix=st.text("AB.", max_size=4),
    rest=st.text("AB.", max_size=4),
)
def test_a_glob_that_matches_below_a_name_may_match_there(
    pattern: str, prefix: str, rest: str
) -> None:
    assert may_match_below(pattern, prefix) or not fnmatchcase(prefix + rest, pattern)


@given(pattern=st.text(LETTERS, max_size=5), names=st.frozensets(st.text("AB.", max_size=4)))
def test_matching_names_are_those_of_fnmatch(pattern: str, names: frozenset[str]) -> None:
    expected = {name for name in names if fnmatchcase(name, pattern)}

    assert matching(pattern, names) == expected
    assert matches_any(pattern, names) is bool(expected)
