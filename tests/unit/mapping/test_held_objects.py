"""What tables hold of flows, chains and controls, also in texts that nobody wrote."""

import pytest

from datasphere_glue.mapping.held_objects import held_objects
from datasphere_glue.model.auxiliary import AuxiliaryKind
from datasphere_glue.model.table import Table
from tests.unit.samples import marked, plain_table

FLOW = (AuxiliaryKind.DATA_FLOW, "DF")
CONTROL = (AuxiliaryKind.DATA_ACCESS_CONTROL, "DAC")


def table(name: str, stamp: str | None = "2026-01-01", flow: str = "SALES.DF") -> Table:
    on = f',"changed_on":"{stamp}"' if stamp else ""
    loads = f'[{{"kind":"data_flow","name":"{flow}"{on}}}]'
    return marked(plain_table(name), **{"datasphere.loads": loads})


def test_each_object_has_the_stamp_that_its_tables_share() -> None:
    held = held_objects("SALES", [table("t"), table("u")], lambda _name: False)
    assert held.stamps == {FLOW: "2026-01-01"}
    assert held.assets == {"T", "U"}
    assert held.in_use == {AuxiliaryKind.DATA_FLOW}
    assert held.stale == set()


@pytest.mark.parametrize("other", [None, "2026-02-02"])
def test_stamps_that_differ_are_unknown(other: str | None) -> None:
    held = held_objects("SALES", [table("t"), table("u", other)], lambda _name: False)
    assert held.stamps == {FLOW: None}


def test_what_a_table_holds_that_is_read_anew_is_stale() -> None:
    held = held_objects("SALES", [table("t"), table("u")], lambda name: name == "T")
    assert held.stale == {FLOW}
    assert held.in_use == {AuxiliaryKind.DATA_FLOW}
    assert held_objects("SALES", [table("t")], lambda _name: True).in_use == set()


def test_a_control_counts_once_its_sort_is_known() -> None:
    known = '[{"kind":"operators","name":"SALES.DAC"},{"name":"SALES.NEW"}]'
    one = marked(plain_table("v"), **{"datasphere.access_controls": known})
    assert held_objects("SALES", [one], lambda _name: False).stamps == {CONTROL: None}


@pytest.mark.parametrize("flow", ["HR.DF", "DF", "", "SALES"])
def test_objects_of_other_spaces_are_left_out(flow: str) -> None:
    held = held_objects("SALES", [table("t", flow=flow)], lambda _name: False)
    assert held.stamps == {}
    assert held.assets == {"T"}


def test_tables_of_other_spaces_are_left_out() -> None:
    assert held_objects("HR", [table("t")], lambda _name: False).assets == set()


@pytest.mark.parametrize(
    "text", ["", "{", "null", "1", "[1]", '[{"kind":1}]', '[{"kind":"new"}]', "[" * 5_000]
)
def test_odd_texts_hold_nothing(text: str) -> None:
    one = marked(plain_table("t"), **{"datasphere.loads": text})
    assert held_objects("SALES", [one], lambda _name: False).stamps == {}
