"""Lines that hold the hash of their own content."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.evidence.hashed_lines import (
    ORIGIN,
    chain_records,
    hash_of_line,
    hashed_line,
    parse_hashed_line,
)
from tests.effort import examples

VALUES = st.dictionaries(
    st.text(max_size=6),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=5,
)
LINE, HASH = hashed_line({"label": "Größe\u2028", "fields": [{"before": None}], "number": 7})


@given(VALUES)
@examples(60)
def test_a_hashed_line_is_one_line_and_parses_to_its_values(values: dict[str, object]) -> None:
    values.pop("hash", None)
    line, digest = hashed_line(values)

    parsed = parse_hashed_line(line)

    assert line.count(b"\n") == 1
    assert parsed is not None
    assert (parsed.values, parsed.hash) == (values, digest)


def test_the_hash_can_be_checked_with_standard_tools() -> None:
    body = LINE.decode().replace(f',"hash":"{HASH}"', "").rstrip("\n")

    assert sha256(body.encode()).hexdigest() == HASH
    assert json.loads(LINE)["hash"] == HASH
    assert body == json.dumps(
        json.loads(body), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_invalidates_the_line(bit: int) -> None:
    for at in range(len(LINE)):
        flipped = bytearray(LINE)
        flipped[at] ^= 1 << bit
        assert parse_hashed_line(bytes(flipped)) is None, at


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"{}\n",
        LINE[:-1],
        LINE + b"\n",
        b" " + LINE,
        LINE.replace(b'"number":7', b'"number": 7'),
        LINE.replace(HASH.encode(), HASH.upper().encode()),
    ],
)
def test_a_line_in_another_format_is_not_parsed(line: bytes) -> None:
    assert parse_hashed_line(line) is None


def test_a_hashed_line_that_is_no_object_is_not_parsed() -> None:
    body = b"[7]"
    line = body[:-1] + f',"hash":"{sha256(body).hexdigest()}"}}\n'.encode()
    assert hash_of_line(line) is not None
    assert parse_hashed_line(line) is None


def test_a_lone_surrogate_is_hashed_as_it_is_stored() -> None:
    parsed = parse_hashed_line(hashed_line({"label": "\ud800"})[0])

    assert parsed is not None
    assert parsed.values == {"label": "?"}


def test_records_are_numbered_and_each_holds_the_hash_of_its_predecessor() -> None:
    lines = list(chain_records({"name": name} for name in "abc"))

    parsed = [parse_hashed_line(line) for line in lines]
    assert all(parsed)
    assert [one.values["number"] for one in parsed if one] == [1, 2, 3]
    previous = [one.values["previous"] for one in parsed if one]
    assert previous == [ORIGIN, *(one.hash for one in parsed[:-1] if one)]
