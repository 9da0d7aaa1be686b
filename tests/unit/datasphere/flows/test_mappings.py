"""Expressions of column mappings: which names in them are columns."""

import pytest

from datasphere_glue.datasphere.csn.query.cells import Use
from datasphere_glue.datasphere.flows.mappings import Mapped, column_mappings, read_expression


@pytest.mark.parametrize(
    ("expression", "columns", "use"),
    [
        ('"NET"', ("NET",), Use.PLAIN),
        ('  "NET"\n', ("NET",), Use.PLAIN),
        ('"Net ""best"" price"', ('Net "best" price',), Use.PLAIN),
        ('"O\'BRIEN"', ("O'BRIEN",), Use.PLAIN),
        ('"A" || "B"', ("A", "B"), Use.COMPUTED),
        ('"A" || \'"B"\' || "A"', ("A",), Use.COMPUTED),
        ("'it''s \"A\"'", (), Use.COMPUTED),
        ('CASE WHEN "A" > 0 THEN "B" ELSE 0 END', ("A", "B"), Use.COMPUTED),
        ('"Join1"."A" + 1', ("A",), Use.COMPUTED),
        ('SUM("A")', ("A",), Use.AGGREGATED),
        ('sum ("A") / 2', ("A",), Use.AGGREGATED),
        ('"SUM"', ("SUM",), Use.PLAIN),
        ("17", (), Use.COMPUTED),
        ("''", (), Use.COMPUTED),
        ('"', (), Use.COMPUTED),
        ('""', (), Use.COMPUTED),
    ],
)
def test_quoted_names_are_columns(expression: str, columns: tuple[str, ...], use: Use) -> None:
    assert read_expression(expression) == Mapped(columns, use)


def test_a_bare_name_stands_under_reserve() -> None:
    assert read_expression("QTY") == Mapped(("QTY",), bare=True)


def test_entries_without_both_ends_are_left_out() -> None:
    entries = [{"target": "A"}, {"source": "B"}, {"target": 1, "source": "B"}, 7, None]
    whole = {"target": "A", "source": "B"}
    assert column_mappings({"attributeMappings": [*entries, whole]}) == {"A": Mapped(("B",))}
    assert column_mappings({"attributeMappings": {"A": "B"}}) == {}
