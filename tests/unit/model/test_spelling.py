"""Names that differ in case or Unicode form alone."""

import pytest

from datasphere_glue.model.spelling import same_spelling


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
