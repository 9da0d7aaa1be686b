"""Names that differ in case or Unicode form alone."""

import pytest

from datasphere_glue.model.spelling import respelled, same_spelling


@pytest.mark.parametrize(
    ("one", "other"),
    [("A", "a"), ("Straße", "STRASSE"), ("é", "e\u0301"), ("É", "e\u0301"), ("ﬁx", "FIX")],
)
def test_case_and_unicode_form_make_no_other_name(one: str, other: str) -> None:
    assert same_spelling(one, other)
    assert same_spelling(other, one)


@pytest.mark.parametrize(("one", "other"), [("A", "B"), ("e", "é"), ("A B", "A_B"), ("o", "oe")])
def test_other_letters_make_another_name(one: str, other: str) -> None:
    assert not same_spelling(one, other)


@pytest.mark.parametrize(
    ("former", "new", "pairs"),
    [
        (["Orders"], ["ORDERS"], {"Orders": "ORDERS"}),
        (["Orders", "Items"], ["ITEMS", "orders"], {"Orders": "orders", "Items": "ITEMS"}),
        (["Orders"], ["ORDERS", "orders"], {}),
        (["Orders", "ORDERS"], ["orders"], {}),
        (["Caf\u00e9"], ["Cafe\u0301", "CAF\u00c9"], {"Caf\u00e9": "Cafe\u0301"}),
        (["A"], ["B"], {}),
        ([], ["B"], {}),
    ],
)
def test_names_are_paired_only_one_to_one(
    former: list[str], new: list[str], pairs: dict[str, str]
) -> None:
    assert respelled(former, new) == pairs
