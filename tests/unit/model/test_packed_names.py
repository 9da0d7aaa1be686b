"""Packed names: what is sent has no exact name where the Glue name tells it; what is read has."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.mapping.names import glue_names
from datasphere_glue.model.packed_names import COLUMN_NAMES, PACKED, pack_names, unpack_names
from datasphere_glue.model.table import Column, Table, parameters, sap_name
from tests.effort import examples

NAME = "datasphere.name"
NAMES = st.lists(
    st.one_of(
        st.from_regex(r"[A-Za-z0-9_/ ÄÖÜäöüßéñ销售\"=,:-]{0,12}", fullmatch=True),
        st.text(max_size=6),
    ),
    max_size=8,
    unique=True,
)


def column(glue: str, name: str | None, **more: str) -> Column:
    pairs = {"datasphere.role": "key", **more} | ({} if name is None else {NAME: name})
    return Column(glue, "string", "Comment", parameters(pairs))


def packed(*columns: Column) -> Table:
    return Table("db", "wide", columns, parameters=parameters({COLUMN_NAMES: PACKED, "k": "v"}))


def names_sent(table: Table) -> list[str | None]:
    return [sap_name(column) for column in pack_names(table).columns]


def test_a_table_that_does_not_ask_for_it_is_sent_and_read_as_it_is() -> None:
    table = replace(packed(column("net", "NET")), parameters=())

    assert pack_names(table) == table
    assert unpack_names(table) == table


@pytest.mark.parametrize(
    ("glue", "name", "word"),
    [
        ("net_amount", "NET_AMOUNT", ""),
        ("net_amount", "net_amount", "="),
        ("netamount_1", "NetAmount_1", "1f6"),
        ("amount", "aMOUNT", "1"),
        ("_2023_value", "_2023_VALUE", ""),
        ("__4711", "__4711", "="),
        ("added", None, "-"),
    ],
)
def test_a_name_that_differs_in_case_alone_is_a_word(
    glue: str, name: str | None, word: str
) -> None:
    table = packed(column(glue, name))

    assert names_sent(table) == [None]
    assert (pack_names(table).parameter(COLUMN_NAMES) or "").partition(":")[2] == word
    assert unpack_names(pack_names(table)) == table


@pytest.mark.parametrize(
    "name", ["Net Amount", "NETTO-BETRAG", "ÜBER", "销售额", "", "\u212a", "\u017f"]
)
def test_any_other_name_stays_in_its_column(name: str) -> None:
    (glue,) = glue_names([name], "c_").values()
    table = packed(column(glue, name), column("id", "ID"))

    assert names_sent(table) == [name, None]
    assert unpack_names(pack_names(table)) == table


@given(NAMES, st.lists(st.sampled_from(["a_person", "b_person", "c1"]), max_size=2, unique=True))
@examples(200)
def test_every_table_is_read_as_it_was_before_it_was_sent(names: list[str], own: list[str]) -> None:
    columns = [column(glue, name) for name, glue in glue_names(names, "c_").items()]
    columns += [column(f"{name}_", None) for name in own]

    table = packed(*columns)

    assert unpack_names(pack_names(table)) == table


def test_nothing_is_believed_after_somebody_changed_the_columns() -> None:
    """The next write states all names anew."""
    sent = pack_names(packed(column("a", "A"), column("b", "B")))
    for columns in (
        sent.columns[:1],
        sent.columns[::-1],
        (*sent.columns, column("c", None)),
        (column("x", None), *sent.columns[1:]),
    ):
        changed = replace(sent, columns=columns)
        assert unpack_names(changed) == changed


@pytest.mark.parametrize("text", ["", "packed", ":", "0:0", "{digest}:zz", "{digest}:,,"])
def test_a_spoilt_value_is_not_believed(text: str) -> None:
    sent = pack_names(packed(column("a", "A")))
    stored = (sent.parameter(COLUMN_NAMES) or "").partition(":")[0]
    spoilt = sent.with_parameters(column_names=text.format(digest=stored))

    assert unpack_names(spoilt) == spoilt


def test_packing_is_stated_once_for_any_number_of_capital_names() -> None:
    sent = pack_names(packed(*(column(f"c{n}", f"C{n}") for n in range(2_000))))

    assert len(sent.parameter(COLUMN_NAMES) or "") < 2_010
