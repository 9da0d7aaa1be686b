"""Every key has its step, and the last table holds identity, names, types and comments."""

from collections import Counter
from dataclasses import replace

import pytest

from datasphere_glue.mapping.shortening import STEPS, ShorteningStep
from datasphere_glue.model.column_keys import COLUMN_KEYS
from datasphere_glue.model.key import JSON, Codec, Key, Owner
from datasphere_glue.model.table import Column, Table, parameters
from datasphere_glue.model.table_keys import TABLE_KEYS
from tests.golden.everything import EVERYTHING
from tests.unit.samples import listing, synced, table_in

KEPT_OF_TABLES = frozenset({"label", "provenance"})
KEPT_OF_COLUMNS = frozenset({"name", "position"})


def name_of(key: Key) -> str:
    return key.name


def holding(key: Key, *, column: bool) -> Table:
    text = "{}" if key.codec is Codec.OBJECT else "[]" if key.codec in JSON else "text"
    pairs = parameters({key.full: text, "theirs": "kept"})
    if column:
        return Table("db", "t", (Column("c", "string", "Comment", pairs),))
    return Table("db", "t", parameters=pairs)


def shortened(table: Table, steps: tuple[ShorteningStep, ...] = STEPS) -> Table:
    for step in steps:
        table = step.shorten(table)
    return table


@pytest.mark.parametrize("key", TABLE_KEYS, ids=name_of)
def test_a_key_of_a_table_is_left_out_in_the_end_unless_it_identifies(key: Key) -> None:
    remains = key.full in dict(shortened(holding(key, column=False)).parameters)

    assert remains is (key.owner is not Owner.ASSET or key.name in KEPT_OF_TABLES)


@pytest.mark.parametrize("key", COLUMN_KEYS, ids=name_of)
def test_a_key_of_a_column_is_left_out_in_the_end_unless_it_is_the_name(key: Key) -> None:
    (column,) = shortened(holding(key, column=True)).columns

    assert (key.full in dict(column.parameters)) is (key.name in KEPT_OF_COLUMNS)
    assert (column.name, column.type, column.comment) == ("c", "string", "Comment")


def test_each_key_belongs_to_one_step() -> None:
    steps = Counter(
        key.full
        for key in TABLE_KEYS
        for step in STEPS
        if key.full not in dict(step.shorten(holding(key, column=False)).parameters)
    )
    steps += Counter(
        f"column {key.name}"
        for key in COLUMN_KEYS
        for step in STEPS
        if key.full not in dict(step.shorten(holding(key, column=True)).columns[0].parameters)
    )

    assert set(steps.values()) == {1}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.what)
def test_no_step_touches_what_others_own(step: ShorteningStep) -> None:
    whole = table_in(synced(listing(EVERYTHING)), "am_orders")
    pairs = (*whole.parameters, ("theirs", "kept" * 9_000))
    table = replace(whole, parameters=pairs, columns=tuple(map(with_foreign_key, whole.columns)))

    after = step.shorten(table)

    assert dict(after.parameters)["theirs"] == "kept" * 9_000
    assert all(dict(column.parameters)["theirs"] == "kept" for column in after.columns)
    identity = {key.full for key in TABLE_KEYS if key.owner is Owner.IDENTITY}
    assert identity & dict(after.parameters).keys() == identity & dict(table.parameters).keys()
    assert step.shorten(after) == after


def with_foreign_key(column: Column) -> Column:
    return replace(column, parameters=(*column.parameters, ("theirs", "kept")))


def test_the_steps_begin_with_what_is_held_twice_and_end_with_names() -> None:
    what = [step.what for step in STEPS]

    assert what[0] == "columnMapping"
    assert what.index("text of the definition") < what.index("column lineage")
    assert what.index("column lineage") < what.index("column descriptions")
    assert what.index("column descriptions") < what.index(
        "column labels that their comments repeat"
    )
    assert what[-2:] == ["properties of the table", "exact column names, now in a short form"]
