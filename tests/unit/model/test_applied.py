"""The digests of applied values: both forms of their text give the same digests back."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.model.applied import (
    MOST_DIGESTS,
    applied_digests,
    applied_text,
    digest,
    owned_fields,
)
from datasphere_glue.model.table import Column, Table
from tests.effort import examples

FIELDS = ("comment", "type", "parameters", "parameters.datasphere.label")
DIGESTS = st.integers(0, 2**32 - 1).map("{:08x}".format)


def wide_table(columns: int, place: str = "columns") -> Table:
    names = (f"a_column_of_a_wide_table_{number:04}" for number in range(columns))
    made = tuple(Column(name, "string", f"Comment on {name}") for name in names)
    table = Table("db", "wide")
    return (
        replace(table, columns=made) if place == "columns" else replace(table, partition_keys=made)
    )


def digests_of(table: Table) -> dict[str, str]:
    return {path: digest(value) for path, value in owned_fields(table, lambda _path: False)}


def stored(table: Table, digests: dict[str, str]) -> Table:
    return table.with_parameters(applied=applied_text(table, digests))


def test_a_table_of_usual_width_holds_digests_by_path() -> None:
    """The form of earlier versions: an untouched catalog needs no write."""
    digests = digests_of(wide_table(200))

    assert json.loads(applied_text(wide_table(200), digests)) == digests


@pytest.mark.parametrize("place", ["columns", "partition_keys"])
@pytest.mark.parametrize("columns", [400, 800, 1500])
def test_many_digests_have_a_short_form_that_loses_none(columns: int, place: str) -> None:
    table = wide_table(columns, place)

    text = applied_text(table, digests_of(table))

    assert len(text) < columns * 26 + 200
    assert applied_digests(stored(table, digests_of(table))) == digests_of(table)


def test_too_many_digests_lose_those_of_column_parameters() -> None:
    table = wide_table(2_500)
    kept = {k: v for k, v in digests_of(table).items() if not k.endswith(".parameters")}

    assert len(applied_text(table, digests_of(table))) <= MOST_DIGESTS
    assert applied_digests(stored(table, digests_of(table))) == kept


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), DIGESTS), min_size=1, max_size=9))
@examples(10)
def test_each_column_may_have_other_digests(some: list[dict[str, str]]) -> None:
    table = wide_table(600)
    columns = [some[number % len(some)] for number in range(600)]
    pairs = zip(table.columns, columns, strict=True)
    digests = {f"columns.{c.name}.{k}": v for c, some in pairs for k, v in some.items()}
    digests["description"] = "0123abcd"

    read = applied_digests(stored(table, digests))

    dropped = {k: v for k, v in digests.items() if not k.endswith(".parameters")}
    assert read in (digests, dropped)


def test_columns_are_found_in_any_order_and_foreign_ones_are_ignored() -> None:
    table = wide_table(800)
    text = stored(table, digests_of(table))
    foreign = Column("added_by_a_person", "string")

    moved = replace(text, columns=(foreign, *reversed(text.columns[1:])))

    gone = f"columns.{table.columns[0].name}."
    assert applied_digests(moved) == {
        path: value for path, value in digests_of(table).items() if not path.startswith(gone)
    }


def test_columns_whose_names_share_a_digest_keep_their_paths() -> None:
    seen: dict[str, str] = {}
    pair: tuple[str, str] | None = None
    for number in range(300_000):
        short = sha256(f"c{number}".encode()).hexdigest()[:8]
        if short in seen:
            pair = seen[short], f"c{number}"
            break
        seen[short] = f"c{number}"
    assert pair is not None
    table = wide_table(800)
    table = replace(table, columns=(*table.columns, *(Column(name, "string") for name in pair)))

    assert applied_digests(stored(table, digests_of(table))) == digests_of(table)
    assert f"columns.{pair[0]}.type" in json.loads(applied_text(table, digests_of(table)))


@pytest.mark.parametrize(
    "block",
    [
        {},
        {"names": 7},
        {"names": "AAAAAA", "comment": None},
        {"names": "AAAAAA", "comment": "é!"},
        {"comment": "AAAAAA"},
        [],
        "text",
    ],
)
def test_an_unusable_short_form_is_ignored(block: Any) -> None:
    text = json.dumps({"columns": block, "description": "0123abcd"})
    table = wide_table(3).with_parameters(applied=text)

    assert applied_digests(table) == {"description": "0123abcd"}


def test_a_digest_that_a_person_spoilt_stays_as_it_is() -> None:
    table = wide_table(900)
    spoilt = digests_of(table) | {f"columns.{table.columns[7].name}.comment": "by hand"}

    assert applied_digests(stored(table, spoilt)) == spoilt
