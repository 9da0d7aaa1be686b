"""Filters of the embedded tenant follow OData."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.tenant.query import filtered

ROWS = [
    {"name": "a", "kind": "Fact", "exposed": True, "on": "2024-01-01"},
    {"name": "b", "kind": "Dimension", "exposed": False, "on": "2024-02-01"},
    {"name": "it's", "kind": "Fact", "exposed": False, "on": None},
]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("name eq 'a'", ["a"]),
        ("name ne 'a'", ["b", "it's"]),
        ("name eq 'it''s'", ["it's"]),
        ("kind eq Fact", ["a", "it's"]),
        ("exposed eq false", ["b", "it's"]),
        ("on eq null", ["it's"]),
        ("on gt '2024-01-01'", ["b"]),
        ("on ge '2024-01-01'", ["a", "b"]),
        ("on lt '2024-02-01'", ["a"]),
        ("on le '2024-02-01'", ["a", "b"]),
        ("not exposed eq true", ["b", "it's"]),
        ("name eq 'b' or kind eq Fact and exposed eq true", ["a", "b"]),
        ("(name eq 'b' or kind eq Fact) and exposed eq false", ["b", "it's"]),
        ("not (name eq 'a' or name eq 'b')", ["it's"]),
    ],
)
def test_a_filter_returns_the_matching_rows(expression: str, expected: list[str]) -> None:
    matches = filtered(ROWS, expression, tuple(ROWS[0]))
    assert [row["name"] for row in matches] == expected


@given(st.text())
def test_any_name_can_be_filtered(name: str) -> None:
    quoted = name.replace("'", "''")
    assert filtered([{"name": name}], f"name eq '{quoted}'", ("name",)) == [{"name": name}]
