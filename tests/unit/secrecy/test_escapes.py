"""A position is read as itself and as each escape that begins there."""

import pytest

from datasphere_glue.secrecy.escapes import EscapeReader, unescaped


@pytest.mark.parametrize(
    ("data", "readings"),
    [
        (b"a", {b"a"}),
        (b"%41", {b"%", b"A"}),
        (b"%2541", {b"%", b"A"}),
        (b"%", {b"%"}),
        (b"%zz", {b"%"}),
        (b"&amp;", {b"&"}),
        (b"&#65;", {b"&", b"A"}),
        (b"&amp;#x41;", {b"&", b"A"}),
        (b"%26%2365%3B", {b"%", b"&", b"A"}),
        (b"\\u00e9", {b"\\", "é".encode()}),
        (b"\\ud83d\\ude00", {b"\\", "😀".encode()}),
        (b"\\/", {b"\\", b"/"}),
        (b"\\x41", {b"\\", b"A"}),
        (b"+", {b"+", b" "}),
    ],
)
def test_all_readings_of_a_position_are_given(data: bytes, readings: set[bytes]) -> None:
    assert {read for read, _ in EscapeReader(data).at(0)} == readings


def test_there_is_nothing_behind_the_end() -> None:
    assert EscapeReader(b"ab").at(2) == ()


@pytest.mark.parametrize(
    ("data", "plain"),
    [(b"%2541", b"A"), (b"a&amp;lt;b", b"a<b"), (b"\\\\u0041\\/", b"A/"), (b"A", b"A")],
)
def test_layers_of_escapes_are_undone_one_after_the_other(data: bytes, plain: bytes) -> None:
    assert list(unescaped(data))[-1] == plain
