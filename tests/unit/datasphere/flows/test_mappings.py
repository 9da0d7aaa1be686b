"""Expressions of column mappings: which names in them are columns."""

import pytest

from datasphere_glue.datasphere.flows.mappings import Mapped, Way, column_mappings, read_expression


@pytest.mark.parametrize(
    ("expression", "columns", "way"),
    [
        ('"NET"', ("NET",), Way.COPIED),
        ('  "NET"\n', ("NET",), Way.COPIED),
        ('"Net ""best"" price"', ('Net "best" price',), Way.COPIED),
        ('"O\'BRIEN"', ("O'BRIEN",), Way.COPIED),
        ('"A" || "B"', ("A", "B"), Way.COMPUTED),
        ('"A" || \'"B"\' || "A"', ("A",), Way.COMPUTED),
        ("'it''s \"A\"'", (), Way.COMPUTED),
        ('CASE WHEN "A" > 0 THEN "B" ELSE 0 END', ("A", "B"), Way.COMPUTED),
        ('"Join1"."A" + 1', ("A",), Way.COMPUTED),
        ('SUM("A")', ("A",), Way.AGGREGATED),
        ('sum ("A") / 2', ("A",), Way.AGGREGATED),
        ('"SUM"', ("SUM",), Way.COPIED),
        ("17", (), Way.COMPUTED),
        ("''", (), Way.COMPUTED),
        ('"', (), Way.COMPUTED),
        ('""', (), Way.COMPUTED),
    ],
)
def test_quoted_names_are_columns(expression: str, columns: tuple[str, ...], way: Way) -> None:
    assert read_expression(expression) == Mapped(columns, way)


def test_a_bare_name_stands_under_reserve() -> None:
    assert read_expression("QTY") == Mapped(("QTY",), bare=True)


def test_entries_without_both_ends_are_left_out() -> None:
    entries = [{"target": "A"}, {"source": "B"}, {"target": 1, "source": "B"}, 7, None]
    whole = {"target": "A", "source": "B"}
    assert column_mappings({"attributeMappings": [*entries, whole]}) == {"A": Mapped(("B",))}
    assert column_mappings({"attributeMappings": {"A": "B"}}) == {}
