"""A broken part of a document costs a note; a broken document costs nothing that others hold."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from local.tenant.edmx import Form, render
from local.tenant.faults import FaultKind
from local.tenant.store import Space, entry_of
from tests.functional.conftest import World, view

GOOD = render("V", view("V"), Form.RELATIONAL)
ID = '<Property Name="ID" Type="Edm.Int32" Nullable="false"'
C1 = '<Property Name="C1" Type="Edm.String" MaxLength="10"'
LOGIN = "<!DOCTYPE html><html><body>Sign in</body></html>"


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


ODD = {
    "length in words": (changed('MaxLength="10"', 'MaxLength="long"'), "string"),
    "length as float": (changed('MaxLength="10"', 'MaxLength="1e3"'), "string"),
    "negative length": (changed('MaxLength="10"', 'MaxLength="-1"'), "string"),
    "empty length": (changed('MaxLength="10"', 'MaxLength=""'), "string"),
    "length out of range": (changed('MaxLength="10"', f'MaxLength="{"9" * 400}"'), "string"),
    "odd precision": (
        changed(C1, '<Property Name="C1" Type="Edm.Decimal" Precision="p"'),
        "string",
    ),
    "odd scale": (
        changed(C1, '<Property Name="C1" Type="Edm.Decimal" Precision="9" Scale="-2"'),
        "string",
    ),
    "large precision": (
        changed(C1, '<Property Name="C1" Type="Edm.Decimal" Precision="77" Scale="2"'),
        "string",
    ),
    "odd boolean": (changed(C1, C1 + ' Nullable="maybe"'), "varchar(10)"),
    "empty type": (changed(C1, '<Property Name="C1" Type=""'), "string"),
    "no type": (changed(C1, '<Property Name="C1"'), "string"),
    "unknown type": (changed(C1, '<Property Name="C1" Type="Edm.Quark"'), "string"),
    "no name": (changed('Name="C1"', ""), "string"),
    "twice": (changed('Name="C1"', 'Name="ID"'), "string"),
}
"""Documents with one odd column, and the Glue type that it gets without a definition."""

BASE = (
    '<EntityType Name="BASE" BaseType="{}"><Key><PropertyRef Name="B"/></Key>'
    '<Property Name="B" Type="Edm.Date"/></EntityType><EntityType Name="V"'
)
WHOLE = {
    "bad character": changed(C1, "&#1;\ufffe" + C1),
    "control character": changed("Column 1", "Col\x01umn"),
    "unknown entity": changed("Column 1", "Col &nope; umn"),
    "unknown namespace": GOOD.replace("http://docs.oasis-open.org/odata/ns/edm", "urn:other"),
    "version 2": changed('Version="4.0"', 'Version="2.0"'),
    "odd facet of no type": changed(C1, C1 + ' Colour="red" Scale="x"'),
    "max": changed('MaxLength="10"', 'MaxLength="MAX"'),
    "largest length": changed('MaxLength="10"', 'MaxLength="2147483647"'),
    "two schemas": changed(
        "</edmx:DataServices>",
        '<Schema Namespace="X" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
        '<EntityType Name="X"/></Schema></edmx:DataServices>',
    ),
}
"""Documents with odd parts from which every column can be read."""

INHERITED = {
    "a base type": changed('<EntityType Name="V"', BASE.format("")).replace(
        '<EntityType Name="V"', '<EntityType Name="V" BaseType="{ns}.BASE"'
    ),
    "a circular base": changed('<EntityType Name="V"', BASE.format("{ns}.V")).replace(
        '<EntityType Name="V"', '<EntityType Name="V" BaseType="{ns}.BASE"'
    ),
    "a missing base": changed('<EntityType Name="V"', '<EntityType Name="V" BaseType="X.GONE"'),
}

UNREADABLE: dict[str, str | bytes] = {
    "login page": LOGIN,
    "empty": "",
    "json": '{"value": []}',
    "truncated": GOOD[:-60],
    "document type": '<!DOCTYPE x [<!ENTITY e "ha">]>' + GOOD.partition("?>")[2],
    "other root": "<error>boom</error>",
    "no entity": '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"/>',
    "no property": GOOD.partition("<Key>")[0]
    + "</EntityType>"
    + GOOD.partition("</EntityType>")[2],
    "utf-16 as utf-8": GOOD.encode("utf-16")[3:],
}


def served(world_of: Callable[..., World], bodies: Mapping[str, str | bytes]) -> World:
    """Return a world with one view for each body of its `$metadata`, `V_00` and on."""
    entries = []
    for number in range(len(bodies)):
        name = f"V_{number:02}"
        document = {"definitions": {name: view(name)}}
        entries.append(entry_of("SALES", name, document, exposed=True, listing={}))
    world = world_of(Space("SALES", "Sales", tuple(entries)))
    namespace = GOOD.partition('Schema Namespace="')[2].partition('"')[0]
    for number, body in enumerate(bodies.values()):
        sent = body.replace("{ns}", namespace) if isinstance(body, str) else body
        path = f"SALES/V_{number:02}/$metadata"
        world.tenant.faults.add(path, FaultKind.STATUS, status=200, body=sent, times=None)
    return world


def columns(world: World) -> list[list[dict[str, Any]]]:
    """Return the columns of each table, in the order of the names of the tables."""
    tables = world.tables("datasphere_sales")
    return [tables[name]["StorageDescriptor"]["Columns"] for name in sorted(tables)]


def losses(table: list[dict[str, Any]]) -> list[str]:
    found = [column["Parameters"].get("datasphere.loss") for column in table]
    return [loss for loss in found if loss]


def test_an_odd_column_costs_a_note_where_only_odata_is_there(
    world_of: Callable[..., World],
) -> None:
    world = served(world_of, {key: body for key, (body, _) in ODD.items()})

    answer = world.sync(DATASPHERE_DEFINITIONS="off")

    assert (answer["status"], answer["counts"]["created"]) == ("SUCCESS", len(ODD))
    for (what, (_, kind)), table in zip(ODD.items(), columns(world), strict=True):
        assert len({column["Name"] for column in table}) == 3, what
        odd = [column for column in table if "datasphere.loss" in column["Parameters"]]
        assert [column["Type"] for column in odd] == [kind], what
    assert world.sync(DATASPHERE_DEFINITIONS="off")["status"] == "NO_CHANGES"
    assert not world.catalog.calls.writes


def test_an_odd_column_goes_on_from_the_definition(world_of: Callable[..., World]) -> None:
    world = served(world_of, {key: body for key, (body, _) in ODD.items()})

    answer = world.sync()

    assert (answer["status"], answer["counts"]["created"]) == ("SUCCESS", len(ODD))
    for what, table in zip(ODD, columns(world), strict=True):
        assert [column["Name"] for column in table] == ["id", "c1", "c2"], what
        if what not in {"large precision", "unknown type"}:
            assert table[1]["Type"] == "varchar(10)", what
        assert losses(table), what
    assert world.sync()["status"] == "NO_CHANGES"


@pytest.mark.parametrize("definitions", ["off", "on"])
def test_odd_parts_of_a_document_cost_no_column(
    world_of: Callable[..., World], definitions: str
) -> None:
    world = served(world_of, WHOLE)

    answer = world.sync(DATASPHERE_DEFINITIONS=definitions)

    assert (answer["status"], answer["counts"]["created"]) == ("SUCCESS", len(WHOLE))
    for what, table in zip(WHOLE, columns(world), strict=True):
        assert [column["Name"] for column in table] == ["id", "c1", "c2"], what


def test_inherited_columns_land_and_a_broken_chain_is_noted(
    world_of: Callable[..., World],
) -> None:
    world = served(world_of, INHERITED)

    answer = world.sync(DATASPHERE_DEFINITIONS="off")

    assert answer["status"] == "SUCCESS"
    names = [[column["Name"] for column in table] for table in columns(world)]
    assert names == [["b", "id", "c1", "c2"], ["b", "id", "c1", "c2"], ["id", "c1", "c2"]]
    notes = [i for i in world.report(answer)["notes"] if i["code"] == "METADATA_IN_PART"]
    assert [note["asset"] for note in notes] == ["SALES.V_01", "SALES.V_02"]


def test_broken_metadata_falls_back_to_the_definition(world_of: Callable[..., World]) -> None:
    world = served(world_of, UNREADABLE)

    answer = world.sync()

    assert (answer["status"], answer["counts"]["created"]) == ("SUCCESS", len(UNREADABLE))
    for what, table in zip(UNREADABLE, columns(world), strict=True):
        assert [column["Name"] for column in table] == ["id", "c1", "c2"], what
        assert [column["Type"] for column in table] == ["int", "varchar(10)", "varchar(10)"], what
    notes = [i for i in world.report(answer)["notes"] if i["code"] == "METADATA_UNREADABLE"]
    assert len(notes) == len(UNREADABLE)
    assert world.sync()["status"] == "NO_CHANGES"


def test_broken_metadata_without_a_definition_is_an_error_of_its_asset(
    world_of: Callable[..., World],
) -> None:
    world = served(world_of, {"good": GOOD.replace('"V"', '"V_00"'), **UNREADABLE})

    answer = world.sync(DATASPHERE_DEFINITIONS="off")

    assert (answer["status"], answer["counts"]["created"]) == ("DEGRADED", 1)
    assert {error["code"] for error in answer["errors"]} <= {
        "DOCUMENT_INVALID",
        "ASSET_UNREADABLE",
        "MORE_ERRORS",
    }
    assert all(error["asset"].startswith("SALES.V_0") for error in answer["errors"][:5])


ELEMENTS = '"ID": {"type": "cds.Integer", "key": true}, "C1": {"type": "cds.String", "length": 10}'
DEFINITIONS = {
    "an element that is no object": ELEMENTS + ', "ODD": 7',
    "a type that is no name": ELEMENTS + ', "ODD": {"type": 7}',
    "a type of a missing element": ELEMENTS + ', "ODD": {"type": {"ref": ["T_GONE", "X"]}}',
    "a length in words": ELEMENTS + ', "ODD": {"type": "cds.String", "length": "long"}',
    "a negative scale": ELEMENTS + ', "ODD": {"type": "cds.Decimal", "precision": 8, "scale": -1}',
    "a length that is no number": ELEMENTS + ', "ODD": {"type": "cds.String", "length": NaN}',
    "a length beyond all": ELEMENTS
    + ', "ODD": {"type": "cds.String", "length": '
    + "9" * 5000
    + "}",
    "no name": ELEMENTS + ', "": {"type": "cds.Date"}',
    "a doubled name": ELEMENTS + ', "ID": {"type": "cds.Date"}',
    "a lone surrogate": ELEMENTS + ', "ODD\\ud800": {"type": "cds.Date"}',
}
"""Elements of a definition, the last of them odd."""

BESIDE = {
    "an association without a target": ELEMENTS + ', "_A": {"type": "cds.Association"}',
    "names that differ in case": ELEMENTS + ', "c1": {"type": "cds.Date"}',
    "annotations of the wrong type": (
        '"ID": {"type": "cds.Integer", "@EndUserText.label": 7, "@Analytics.measure": "x"},'
        ' "C1": {"type": "cds.Date", "@Semantics": [1], "@ObjectModel.text.element": {"a": 1}}'
    ),
    "a control character": ELEMENTS.replace("cds.String", "cds.String").replace(
        '"length"', '"@EndUserText.label": "a\x01b", "length"'
    ),
    "hierarchies of the wrong type": ELEMENTS
    + '}, "@Hierarchy.leveled": [{"name": 1, "levels": 2}], "params": [1],'
    + ' "@Hierarchy.parentChild": [{"recurse": 7}], "x": {',
}
"""Definitions with odd parts from which every column can be read."""


def defined(world_of: Callable[..., World], elements: Mapping[str, str]) -> World:
    """Return a world with one local table, not exposed, for each text of its elements."""
    names = [f"T_{number:02}" for number in range(len(elements))]
    entries = [
        entry_of(
            "SALES",
            name,
            {"definitions": {name: {"kind": "entity", "elements": {}}}},
            exposed=False,
            listing={},
        )
        for name in names
    ]
    world = world_of(Space("SALES", "Sales", tuple(entries)))
    for name, text in zip(names, elements.values(), strict=True):
        body = f'{{"definitions": {{"{name}": {{"kind": "entity", "elements": {{{text}}}}}}}}}'
        path = f"localtables/{name}"
        world.tenant.faults.add(path, FaultKind.STATUS, status=200, body=body, times=None)
    return world


def test_an_odd_element_costs_a_note_where_only_the_definition_is_there(
    world_of: Callable[..., World],
) -> None:
    world = defined(world_of, DEFINITIONS)

    answer = world.sync()

    assert (answer["status"], answer["counts"]["created"]) == ("SUCCESS", len(DEFINITIONS))
    for what, table in zip(DEFINITIONS, columns(world), strict=True):
        assert [column["Name"] for column in table[:2]] == ["id", "c1"], what
        assert [column["Type"] for column in table] == ["int", "varchar(10)", "string"], what
        assert "datasphere.loss" in table[2]["Parameters"], what
    assert world.sync()["status"] == "NO_CHANGES"
    assert not world.catalog.calls.writes


def test_odd_parts_of_a_definition_cost_no_column(world_of: Callable[..., World]) -> None:
    world = defined(world_of, BESIDE)

    answer = world.sync()

    assert (answer["status"], answer["counts"]["created"]) == ("SUCCESS", len(BESIDE))
    numbers = [len(table) for table in columns(world)]
    assert numbers == [2, 3, 2, 2, 2]


@pytest.mark.parametrize("what", ["login page", "truncated", "no entity"])
def test_a_table_goes_on_from_the_definition_while_its_metadata_is_broken(
    world_of: Callable[..., World], what: str
) -> None:
    good = {"first": GOOD, "second": GOOD}
    world = served(world_of, {})
    for number in range(len(good)):
        world.tenant.spaces.add("SALES", f"V_{number:02}", view(f"View {number}"))
    assert world.sync()["status"] == "SUCCESS"
    before = world.everything()
    path = "SALES/V_00/$metadata"
    world.tenant.faults.add(path, FaultKind.STATUS, status=200, body=UNREADABLE[what], times=None)

    quiet = world.sync({"full": True})

    assert quiet["status"] == "DEGRADED"
    assert [error["asset"] for error in quiet["errors"]] == ["SALES.V_00"]
    assert not world.catalog.calls.writes
    assert world.everything() == before
    world.tenant.spaces.set_label("SALES", "V_00", "A new label")

    answer = world.sync()

    assert (answer["status"], answer["counts"]["updated"]) == ("DEGRADED", 1)
    table = world.tables("datasphere_sales")["v_00"]
    assert table["Parameters"]["datasphere.label"] == "A new label"
    assert [c["Type"] for c in table["StorageDescriptor"]["Columns"]] == [
        "int",
        "varchar(10)",
        "varchar(10)",
    ]
    world.tenant.faults.clear()
    assert world.sync()["status"] in {"SUCCESS", "NO_CHANGES"}
    after = world.everything()["datasphere_sales.v_00"]["Parameters"]
    assert "odata" in after["datasphere.provenance"]


FORMS = {
    "V_00": {Form.RELATIONAL: "good", Form.ANALYTICAL: "broken"},
    "V_01": {Form.RELATIONAL: "broken", Form.ANALYTICAL: "good"},
    "V_02": {Form.RELATIONAL: "broken", Form.ANALYTICAL: "twice"},
    "V_03": {Form.RELATIONAL: "twice", Form.ANALYTICAL: "broken"},
}


@pytest.mark.parametrize("definitions", ["off", "on"])
def test_a_form_that_was_always_broken_leaves_the_next_run_quiet(
    world_of: Callable[..., World], definitions: str
) -> None:
    cube = view("Cube") | {"@ObjectModel.modelingPattern": {"#": "ANALYTICAL_CUBE"}}
    document = {"good": GOOD, "twice": ODD["twice"][0], "broken": GOOD[:250]}
    entries = []
    for name, forms in FORMS.items():
        entry = entry_of("SALES", name, {"definitions": {name: cube}}, exposed=True, listing={})
        raw = {form: document[one].replace('"V"', f'"{name}"') for form, one in forms.items()}
        entries.append(replace(entry, raw=raw))
    world = world_of(Space("SALES", "Sales", tuple(entries)))

    first = world.sync(DATASPHERE_DEFINITIONS=definitions)
    second = world.sync(DATASPHERE_DEFINITIONS=definitions)

    assert (first["status"], first["counts"]["created"]) == ("SUCCESS", len(FORMS))
    assert (second["status"], second["errors"]) == ("NO_CHANGES", [])
    for answer in (first, second):
        notes = [i for i in world.report(answer)["notes"] if i["code"] == "METADATA_UNREADABLE"]
        assert [note["asset"] for note in notes] == [f"SALES.{name}" for name in FORMS]
    world.tenant.faults.add(
        re.compile(r"relational/SALES/V_00/\$metadata"), status=200, body=LOGIN, times=None
    )
    lost = world.sync({"full": True}, DATASPHERE_DEFINITIONS=definitions)
    assert [error["asset"] for error in lost["errors"]] == ["SALES.V_00"]
