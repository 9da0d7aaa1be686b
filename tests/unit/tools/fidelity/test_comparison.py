"""The judge agrees with tables that hold everything, and notices each single change of them."""

import copy
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.unit.tools.fidelity.port import port, served
from tests.unit.tools.fidelity.port_in_glue import Table, tables
from tools.fidelity.comparison import LOSSES, Finding, Verdict, compare
from tools.fidelity.glue_columns import PREFIX
from tools.fidelity.glue_tables import read_tables
from tools.fidelity.kinds import Kind
from tools.fidelity.tenant_side import expected_of

EXPECTED = expected_of(served(port()))
IDENTITY = {PREFIX + "space", PREFIX + "name"}


class Spot(NamedTuple):
    """One parameter of one table or column; `place` is None for the table itself."""

    asset: str
    column: str
    number: int
    place: int | None
    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.asset} {self.column} {self.key}"


def spots() -> Iterator[Spot]:
    for number, table in enumerate(tables()):
        asset = "PORT." + table["Parameters"][PREFIX + "name"]
        holders = [(None, table), *enumerate(table["StorageDescriptor"]["Columns"])]
        for place, holder in holders:
            column = "" if place is None else holder["Parameters"][PREFIX + "name"]
            for key, text in holder["Parameters"].items():
                if key not in IDENTITY:
                    yield Spot(asset, column, number, place, key, text)


def losses(changed: list[Table]) -> list[Finding]:
    return [one for one in compare(EXPECTED, read_tables(changed)) if one.verdict in LOSSES]


def changed_at(spot: Spot, text: str | None) -> list[Table]:
    """Return all tables with another text at one spot, or without that parameter."""
    changed = tables()
    holder = changed[spot.number]
    if spot.place is not None:
        holder = holder["StorageDescriptor"]["Columns"][spot.place]
    if text is None:
        del holder["Parameters"][spot.key]
    else:
        holder["Parameters"][spot.key] = text
    return changed


def members(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def replaced(value: Any, key: Any, inner: Any) -> Any:
    result = copy.copy(value)
    result[key] = inner
    return result


def shorter(value: Any) -> Iterator[Any]:
    """Yield the value without each one of its members, at every depth."""
    for key, inner in members(value):
        without = copy.copy(value)
        del without[key]
        yield without
        yield from (replaced(value, key, one) for one in shorter(inner))


def altered(value: Any) -> Iterator[Any]:
    """Yield the value with each one of its texts and marks changed."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, str):
        yield "changed"
    for key, inner in members(value):
        yield from (replaced(value, key, one) for one in altered(inner))


def changes(text: str) -> Iterator[str]:
    value = json.loads(text) if text[:1] in "[{" else text
    for changed in (*shorter(value), *altered(value)):
        yield changed if isinstance(changed, str) else json.dumps(changed)


def test_every_kind_of_fact_occurs() -> None:
    assert {place.kind for place in EXPECTED} == set(Kind)


def test_tables_that_hold_everything_lose_nothing() -> None:
    findings = compare(EXPECTED, read_tables(tables()))
    assert {one.verdict for one in findings} == {Verdict.EQUAL, Verdict.UNJUDGED}


@pytest.mark.parametrize("spot", list(spots()), ids=str)
def test_a_key_that_is_gone_or_changed_is_a_loss(spot: Spot) -> None:
    where = f": {spot.asset}.{spot.column}: " if spot.column else f": {spot.asset}: "
    unnoticed = [
        text
        for text in (None, *changes(spot.text))
        if not any(where in one.line for one in losses(changed_at(spot, text)))
    ]
    assert unnoticed == []


def test_a_table_that_is_gone_is_one_loss() -> None:
    for number, table in enumerate(tables()):
        name = table["Parameters"][PREFIX + "name"]
        found = losses([one for place, one in enumerate(tables()) if place != number])
        assert [one.line for one in found] == [f"missing: PORT.{name}: tables: source: true"]


def test_a_column_that_is_gone_is_named_once() -> None:
    for number, table in enumerate(tables()):
        for place, column in enumerate(table["StorageDescriptor"]["Columns"]):
            changed = tables()
            del changed[number]["StorageDescriptor"]["Columns"][place]
            name = column["Parameters"][PREFIX + "name"]
            kinds = [one.place.kind for one in losses(changed) if one.place.column == name]
            assert kinds == [Kind.COLUMN], name


def test_a_type_in_glue_that_cannot_hold_the_values_is_a_loss() -> None:
    for number, table in enumerate(tables()):
        for place, _ in enumerate(table["StorageDescriptor"]["Columns"]):
            changed = tables()
            column = changed[number]["StorageDescriptor"]["Columns"][place]
            column["Type"] = "boolean"
            [loss] = losses(changed)
            assert (loss.place.kind, loss.verdict) == (Kind.GLUE_TYPE, Verdict.WRONG)
            assert loss.place.column == column["Parameters"][PREFIX + "name"]


def test_what_no_document_says_is_wrong() -> None:
    changed = tables()
    parameters = changed[1]["StorageDescriptor"]["Columns"][0]["Parameters"]
    parameters[PREFIX + "currency"] = "SHIP"
    extra = copy.deepcopy(changed[1]["StorageDescriptor"]["Columns"][0])
    extra["Parameters"][PREFIX + "name"] = "GHOST"
    changed[2]["StorageDescriptor"]["Columns"].append(extra)
    lines = [one.line for one in losses(changed)]
    assert "wrong: PORT.SHIPS.IMO: currency columns: Glue: SHIP" in lines
    assert "wrong: PORT.ARRIVALS.GHOST: columns: Glue: true" in lines


def test_a_second_entry_of_a_name_is_wrong() -> None:
    changed = tables()
    about = changed[2]["Parameters"]
    variables = json.loads(about[PREFIX + "variables"])
    about[PREFIX + "variables"] = json.dumps([*variables, variables[0]])
    assert any("variables [P_QUAY (2)]" in one.line for one in losses(changed))


def test_what_only_custom_holds_is_shown_and_no_loss() -> None:
    changed = tables()
    parameters = changed[0]["StorageDescriptor"]["Columns"][2]["Parameters"]
    del parameters[PREFIX + "native_type"]
    parameters[PREFIX + "custom"] = '{"DataWarehouse.native.dataType":"VARCHAR2(80)"}'
    found = [
        one for one in compare(EXPECTED, read_tables(changed)) if one.verdict is Verdict.CUSTOM
    ]
    assert losses(changed) == []
    assert [(one.place.kind, one.place.column) for one in found] == [(Kind.NATIVE_TYPE, "NAME")]


def test_a_comment_without_the_label_is_a_loss() -> None:
    changed = tables()
    changed[0]["StorageDescriptor"]["Columns"][0]["Comment"] = "Something else"
    changed[3]["Description"] = "Something else"
    assert [(one.place.column, one.place.kind) for one in losses(changed)] == [
        ("ID", Kind.COMMENT),
        ("", Kind.COMMENT),
    ]


@pytest.mark.parametrize("comment", ["Berth", "Berth - Painted on the quay", "Ber…"])
def test_a_comment_may_go_on_and_be_cut(comment: str) -> None:
    changed = tables()
    changed[0]["StorageDescriptor"]["Columns"][0]["Comment"] = comment
    assert losses(changed) == []


def test_what_a_wide_table_leaves_out_is_no_loss_but_counted() -> None:
    changed = tables()
    column = changed[0]["StorageDescriptor"]["Columns"][0]
    column["Parameters"] = {PREFIX + "name": "ID"}
    found = compare(EXPECTED, read_tables(changed), {"PORT.BERTHS"})
    assert {one.verdict for one in found if one.place.column == "ID"} == {
        Verdict.EQUAL,
        Verdict.SHORTENED,
    }
    column["Comment"] = ""
    column["Type"] = "date"
    found = compare(EXPECTED, read_tables(changed), {"PORT.BERTHS"})
    kinds = [one.place.kind for one in found if one.verdict in LOSSES]
    assert kinds == [Kind.COMMENT, Kind.GLUE_TYPE]


def test_a_wide_table_may_hold_its_names_in_a_short_form() -> None:
    changed = tables()
    table = changed[3]
    words = []
    for column in table["StorageDescriptor"]["Columns"]:
        name = column["Parameters"].pop(PREFIX + "name")
        bits = sum(1 << place for place, letter in enumerate(name) if letter.islower())
        words.append(f"{bits:x}" if bits else "")
    table["StorageDescriptor"]["Columns"].append({"Name": "of_people", "Type": "int"})
    table["Parameters"][PREFIX + "column_names"] = f"0123abcd:{','.join(words)},-"
    assert words.count("") == len(words) - 1
    assert losses(changed) == []
