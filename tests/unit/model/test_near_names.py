"""Near names: case first, then globs, then spelling."""

import pytest

from datasphere_glue.model.near_names import near_name

NAMES = ("SALES", "STOCK", "FINANCE", "Sales_2")


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("sales", "SALES"),
        ("SALSE", "SALES"),
        ("fin*", "FINANCE"),
        ("FINANC", "FINANCE"),
        ('["SALES"', "SALES"),
        ("'STOCK'", "STOCK"),
        ("SALES;STOCK", "SALES"),
        ("NOWHERE;STOCK", "STOCK"),
        (" STOCK ", "STOCK"),
        ("SALES_2", "Sales_2"),
        ("QQQ", None),
        ("", None),
        ("[]", None),
    ],
)
def test_the_near_name_of_a_text(text: str, near: str | None) -> None:
    assert near_name(text, NAMES) == near


def test_many_names_are_compared_by_their_beginning() -> None:
    names = [f"V_{number:05}" for number in range(6_000)]

    assert near_name("V_0000", names) in names
    assert near_name("X_00001", names) is None
