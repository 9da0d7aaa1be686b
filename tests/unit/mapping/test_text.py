"""Texts that fit the limits of Glue; every cut is visible."""

import pytest

from datasphere_glue.mapping.text import (
    ELLIPSIS,
    MAX_COMMENT,
    MAX_DESCRIPTION,
    comment,
    description,
    is_cut,
    storable,
)


@pytest.mark.parametrize(
    ("label", "text", "expected"),
    [
        ("Net amount", "Without tax", "Net amount - Without tax"),
        ("Net amount", None, "Net amount"),
        (None, "Without tax", "Without tax"),
        ("Same", "Same", "Same"),
        ("Same", " Same ", "Same"),
        ("Two\nlines\r\nand\ttab", None, "Two lines and tab"),
        ("bell\x07\x00", None, "bell"),
        ("half \ud83d emoji", None, "half emoji"),
        (None, None, None),
        ("", "  \n ", None),
        ("\x00", None, None),
    ],
)
def test_a_comment_is_label_and_description_on_one_line(
    label: str | None, text: str | None, expected: str | None
) -> None:
    assert comment(label, text) == expected


def test_a_comment_of_255_bytes_is_unchanged_and_a_longer_one_is_truncated() -> None:
    assert comment("x" * MAX_COMMENT, None) == "x" * MAX_COMMENT
    assert comment("x" * (MAX_COMMENT + 1), None) == "x" * (MAX_COMMENT - 3) + ELLIPSIS


@pytest.mark.parametrize("letter", ["ä", "日", "👩", "x"])
def test_a_comment_is_truncated_between_characters_and_measured_in_bytes(letter: str) -> None:
    fitted = comment(letter * 300, None)

    assert fitted is not None
    assert fitted == letter * (len(fitted) - 1) + ELLIPSIS
    assert MAX_COMMENT - 4 <= len(fitted.encode()) <= MAX_COMMENT


def test_no_blank_precedes_the_ellipsis() -> None:
    assert comment("wor " * 100, None) == ("wor " * 63).rstrip() + ELLIPSIS


def test_a_description_retains_its_line_breaks() -> None:
    assert description("Orders", "First\nSecond\r\n\tThird\x0b") == (
        "Orders\n\nFirst\nSecond\r\n\tThird"
    )
    assert description("Orders", "Orders") == "Orders"
    assert description(None, None) is None


def test_a_description_is_truncated_at_2048_bytes() -> None:
    assert description("x" * MAX_DESCRIPTION, None) == "x" * MAX_DESCRIPTION
    fitted = description("日" * 700, "more")
    assert fitted is not None
    assert len(fitted.encode()) <= MAX_DESCRIPTION
    assert fitted.endswith("日" + ELLIPSIS)


def test_only_a_text_without_its_end_counts_as_truncated() -> None:
    long = "x" * 300

    assert is_cut(long, comment(long, None))
    assert not is_cut("short", comment("short", None))
    assert not is_cut("and so on…", comment("and so on…", None))
    assert not is_cut(None, None)


def test_characters_that_utf_8_cannot_encode_are_replaced() -> None:
    assert storable("a\ud800b") == "a\ufffdb"
    assert storable("line\nend 👩\x00") == "line\nend 👩\x00"
