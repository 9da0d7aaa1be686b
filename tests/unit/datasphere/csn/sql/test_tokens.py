"""Tokens of SAP HANA's SQL."""

import pytest

from datasphere_glue.datasphere.csn.sql.tokens import (
    DEEPEST,
    LONGEST,
    NUMBER,
    QUOTED,
    TEXT,
    Unreadable,
    read_tokens,
)


def test_words_fold_and_quoted_names_stay() -> None:
    tokens = read_tokens('Lake "Lake" "a ""b""" _x$1# #tmp Größe')
    names = ["LAKE", "Lake", 'a "b"', "_X$1#", "#TMP", "GRÖSSE"]
    assert tokens.names[: tokens.count] == names
    symbols = ["LAKE", QUOTED, QUOTED, "_X$1#", "#TMP", "GRÖSSE"]
    assert tokens.symbols[: tokens.count] == symbols


def test_texts_numbers_marks_and_blanks_are_told_apart() -> None:
    tokens = read_tokens("\ufeff'it''s -- no' 1.5e3 1..10 :=x --end\n/* ( */ => ||")
    symbols = [TEXT, NUMBER, NUMBER, "..", NUMBER, ":=", "X", "=>", "||"]
    assert tokens.symbols[: tokens.count] == symbols


def test_brackets_are_paired() -> None:
    tokens = read_tokens("(a[b](c))")
    closing = {at: end for at, end in enumerate(tokens.closing) if end}
    assert closing == {0: 8, 2: 4, 5: 7}


@pytest.mark.parametrize(
    ("sql", "cause"),
    [
        ("SELECT 'a", "quote"),
        ('SELECT "a""', "quote"),
        ("SELECT /* a", "comment"),
        ("SELECT /*/ a", "comment"),
        ("(", "brackets"),
        ("a)", "brackets"),
        ("(a]", "brackets"),
        ("(" * (DEEPEST + 1) + ")" * (DEEPEST + 1), "deeper"),
        ("a " * LONGEST, "longer"),
    ],
)
def test_a_text_that_is_not_closed_has_no_tokens(sql: str, cause: str) -> None:
    with pytest.raises(Unreadable, match=cause):
        read_tokens(sql)
