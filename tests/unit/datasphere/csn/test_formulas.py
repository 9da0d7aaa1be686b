"""Formulas of measures: their text, the columns in them, and the type of their result."""

from typing import Any

import pytest

from datasphere_glue.datasphere.csn.formulas import (
    formula_of,
    free_names,
    operands_of,
    result_type,
)
from datasphere_glue.model.sap_type import SapType

FARE = {"0": {"key": "FARE"}, "1": {"key": "Trips made"}}
INT = SapType("cds.Integer")


def dec(precision: int | None, scale: int | str | None, name: str = "cds.Decimal") -> SapType:
    return SapType(name, precision=precision, scale=scale)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"formulaRaw": "FARE / 2", "formula": "[0] / 2", "elements": FARE}, "FARE / 2"),
        ({"formula": "[0] / [1]", "elements": FARE}, "FARE / Trips made"),
        ({"formula": "[0] / [7]", "elements": FARE}, "FARE / [7]"),
        ({"formula": "[0] / 2"}, "[0] / 2"),
        ({"formula": "PORT = 'KIEL'", "elements": {}}, "PORT = 'KIEL'"),
        ({"formula": {"op": "+"}}, '{"op":"+"}'),
        ({"formulaRaw": "", "formula": ""}, None),
        ({"formula": None}, None),
        ({}, None),
    ],
)
def test_a_formula_names_its_columns(part: dict[str, Any], expected: str | None) -> None:
    assert formula_of(part) == expected


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"formula": "[0] / [1]", "elements": FARE}, ("FARE", "Trips made")),
        ({"formulaRaw": "FARE + OTHER + FARE"}, ("FARE",)),
        ({"formulaRaw": '"Trips made" * [FARE]'}, ("Trips made", "FARE")),
        ({"formulaRaw": "IF(PORT = 'FARE', 1, 0)"}, ("PORT",)),
        ({"formulaRaw": "FARE", "elements": [{"key": "PORT"}]}, ("PORT", "FARE")),
        ({"formulaRaw": '\'FARE\'\'s\' || "a ""b"""'}, ('a "b"',)),
        ({}, ()),
    ],
)
def test_the_operands_are_columns_of_the_model(
    part: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert operands_of(part, {"FARE", "Trips made", "PORT", 'a "b"'}) == expected


@pytest.mark.parametrize(
    ("formula", "operands", "expected"),
    [
        ("A / B", ("A", "B"), ()),
        ("A / C", ("A",), ("C",)),
        ("ROUND(A, 2)", ("A",), ()),
        ("case when A > 1 then B else null end", ("A", "B"), ()),
        ('"a b" + [c d]', (), ("a b", "c d")),
        ("A = 'C'", ("A",), ()),
        ("1 + 2", (), ()),
    ],
)
def test_names_that_nothing_explains_are_found(
    formula: str, operands: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert free_names(formula, operands) == expected


@pytest.mark.parametrize(
    ("formula", "types", "expected"),
    [
        ("A + B", [INT, SapType("Edm.Int64")], SapType("cds.Integer64")),
        ("A * (B - 1)", [INT, INT], SapType("cds.Integer64")),
        ("A / B", [INT, INT], SapType("cds.Double")),
        ("A + 0.5", [INT], SapType("cds.Double")),
        ("A + B", [dec(15, 2), dec(10, 4)], dec(18, 4)),
        ("A - B", [dec(15, 2, "Edm.Decimal"), INT], dec(22, 2, "Edm.Decimal")),
        ("A + B", [dec(38, 10), dec(38, 2)], dec(38, 10)),
        ("A * B", [dec(15, 2), INT], SapType("cds.Double")),
        ("A + B", [dec(None, None), INT], SapType("cds.Double")),
        ("A + B", [dec(34, "floating"), INT], SapType("cds.Double")),
        ("A + B", [SapType("cds.hana.REAL"), INT], SapType("cds.Double")),
        ("ABS(A)", [INT], SapType("cds.Double")),
        ("A ** 2", [INT], SapType("cds.Double")),
        ("100", [], SapType("cds.Integer64")),
        ("IF(P = 'X', A, 0)", [INT], SapType("cds.Double")),
    ],
)
def test_a_result_is_a_number_that_holds_it(
    formula: str, types: list[SapType], expected: SapType
) -> None:
    assert result_type(formula, types) == expected
