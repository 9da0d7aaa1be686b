"""Names that OData cannot hold: exact in Glue as soon as one document gives them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.tenant.edmx import Form
from local.tenant.store import Space, entry_of
from tests.functional.conftest import World
from tests.functional.editing import edit

NAME = "7_MILLS"
TABLE = "t_7_mills"
STAMPS = {
    "status": "Deployed",
    "changedOn": "2026-05-01T10:00:00Z",
    "deployedOn": "2026-05-01T10:01:00Z",
}
LATER = {**STAMPS, "changedOn": "2026-06-01T10:00:00Z", "deployedOn": "2026-06-01T10:01:00Z"}
DEFINITION: dict[str, Any] = {
    "kind": "entity",
    "@EndUserText.label": "Mills",
    "@ObjectModel.modelingPattern": {"#": "ANALYTICAL_FACT"},
    "@DataWarehouse.consumption.external": True,
    "@Hierarchy.leveled": [{"name": "H", "levels": [{"element": {"=": "0YEAR"}}]}],
    "params": {"1_DAY": {"type": "cds.Date", "@EndUserText.label": "Key day"}},
    "elements": {
        "0YEAR": {"type": "cds.String", "length": 4, "key": True, "notNull": True},
        "/BIC/FLOUR": {
            "type": "cds.Decimal",
            "precision": 9,
            "scale": 2,
            "@Aggregation.default": {"#": "SUM"},
            "@Semantics.quantity.unitOfMeasure": {"=": "0UNIT"},
        },
        "0UNIT": {"type": "cds.String", "length": 3, "@Semantics.unitOfMeasure": True},
        "0DAY": {"type": "cds.Date"},
        "_0DAY": {
            "type": "cds.Association",
            "target": "DAYS",
            "on": [{"ref": ["0DAY"]}, "=", {"ref": ["_0DAY", "DAY"]}],
        },
        "A B": {"type": "cds.String", "length": 1},
        "A.B": {"type": "cds.String", "length": 2},
    },
    "query": {"SELECT": {"from": {"ref": ["T"]}}},
}
EDMX = f"""<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:DataServices><Schema Namespace="S" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityContainer Name="C"><EntitySet Name="_{NAME}" EntityType="S._{NAME}Parameters"/>
</EntityContainer>
<EntityType Name="_{NAME}Parameters"><Key><PropertyRef Name="_1_DAY"/></Key>
<Property Name="_1_DAY" Type="Edm.Date" Nullable="false"/>
<NavigationProperty Name="Set" Type="Collection(S._{NAME}Type)" ContainsTarget="true"/>
</EntityType>
<EntityType Name="_{NAME}Type"><Key><PropertyRef Name="_0YEAR"/></Key>
<Property Name="_0YEAR" Type="Edm.String" MaxLength="4" Nullable="false"/>
<Property Name="_BIC_FLOUR" Type="Edm.Decimal" Precision="9" Scale="2"/>
<Property Name="_0UNIT" Type="Edm.String" MaxLength="3"/>
<Property Name="_0DAY_1" Type="Edm.Date"/>
<Property Name="A_B" Type="Edm.String" MaxLength="1"/>
<Property Name="A_B_1" Type="Edm.String" MaxLength="2"/></EntityType>
<Annotations Target="S._{NAME}Type/_BIC_FLOUR">
<Annotation Term="Org.OData.Measures.V1.Unit" Path="REFERENCE"/></Annotations>
</Schema></edmx:DataServices></edmx:Edmx>"""
RULES = """\
version: 1
columns: {"MILLS.7_MILLS._0YEAR": int}
context: [{asset: MILLS.7_MILLS, column: _0UNIT, owner: Jo}]
"""


def mills(world_of: Callable[..., World], reference: str = "_0UNIT") -> World:
    """Return a tenant whose metadata have no original names."""
    document = {"definitions": {NAME: DEFINITION}}
    entry = entry_of("MILLS", NAME, document, exposed=True, listing=STAMPS)
    raw = {Form.RELATIONAL: EDMX.replace("REFERENCE", reference)}
    entry = replace(entry, raw=raw, forms=frozenset(raw), has_parameters=True)
    return world_of(Space("MILLS", "Mills", (entry,)))


def table(world: World) -> dict[str, Any]:
    return world.tables("datasphere_mills")[TABLE]


def columns(world: World) -> dict[str, dict[str, Any]]:
    """Return the columns by their exact names."""
    found = table(world)["StorageDescriptor"]["Columns"]
    return {column["Parameters"]["datasphere.name"]: column for column in found}


def facts(world: World) -> dict[str, Any]:
    parameters = table(world)["Parameters"]
    keys = ("keys", "hierarchies", "variables", "associations")
    return {key: json.loads(parameters.get(f"datasphere.{key}", "null")) for key in keys}


@pytest.mark.parametrize("reference", ["_0UNIT", "0UNIT"])
def test_with_a_definition_every_certain_name_is_exact(
    world_of: Callable[..., World], reference: str
) -> None:
    world = mills(world_of, reference)
    assert world.sync()["status"] == "SUCCESS"

    found = columns(world)
    assert list(found) == ["0YEAR", "/BIC/FLOUR", "0UNIT", "0DAY", "A_B", "A_B_1"]
    flour = found["/BIC/FLOUR"]["Parameters"]
    assert (flour["datasphere.unit"], flour["datasphere.aggregation"]) == ("0UNIT", "SUM")
    about = facts(world)
    assert about["keys"] == ["0YEAR"]
    assert about["hierarchies"][0]["levels"] == ["0YEAR"]
    assert [one["name"] for one in about["variables"]] == ["1_DAY"]
    assert about["associations"][0]["columns"] == [["0DAY", "DAY"]]
    assert "datasphere.type" in found["A_B"]["Parameters"]
    (listing,) = world.run.listings
    (note,) = listing.notes
    assert "column A_B of OData is one of A B, A.B" in note.message


@pytest.mark.parametrize(
    ("reference", "unit"), [("_0UNIT", "_0UNIT"), ("0UNIT", "_0UNIT"), ("GONE", None)]
)
def test_without_a_definition_the_names_are_those_of_odata(
    world_of: Callable[..., World], reference: str, unit: str | None
) -> None:
    world = mills(world_of, reference)
    assert world.sync(DATASPHERE_DEFINITIONS="off")["status"] == "SUCCESS"

    found = columns(world)
    assert list(found) == ["_0YEAR", "_BIC_FLOUR", "_0UNIT", "_0DAY_1", "A_B", "A_B_1"]
    assert found["_BIC_FLOUR"]["Parameters"].get("datasphere.unit") == unit
    assert [one["name"] for one in facts(world)["variables"]] == ["_1_DAY"]
    assert table(world)["Parameters"]["datasphere.name"] == NAME


@pytest.mark.parametrize("rules", [False, True])
def test_a_column_that_gets_its_exact_name_keeps_its_glue_name_and_its_edits(
    world_of: Callable[..., World], tmp_path: Path, *, rules: bool
) -> None:
    world = mills(world_of)
    if rules:
        path = tmp_path / "rules.yaml"
        path.write_text(RULES)
        world.environment["SYNC_CONFIG_URI"] = str(path)
    world.sync(DATASPHERE_DEFINITIONS="off")
    before = table(world)
    edit(world, "datasphere_mills", TABLE)

    answer = world.sync({"full": True})

    assert (answer["status"], answer["counts"]["updated"]) == ("SUCCESS", 1)
    after = table(world)
    names = [one["Name"] for one in before["StorageDescriptor"]["Columns"]]
    types = [one["Type"] for one in before["StorageDescriptor"]["Columns"]]
    assert [one["Name"] for one in after["StorageDescriptor"]["Columns"]] == names
    assert [one["Type"] for one in after["StorageDescriptor"]["Columns"]] == types
    found = columns(world)
    assert list(found)[:4] == ["0YEAR", "/BIC/FLOUR", "0UNIT", "0DAY"]
    assert found["0YEAR"]["Name"] == "_0year"
    assert found["/BIC/FLOUR"]["Comment"] == "Explained by a person"
    assert found["/BIC/FLOUR"]["Parameters"]["pii"] == "no"
    assert after["Description"] == "What analysts call it"
    assert "_0year=0YEAR" in after["Parameters"]["columnMapping"]
    if rules:
        assert found["0YEAR"]["Type"] == "int"
        assert found["0UNIT"]["Parameters"]["datasphere.owner"] == "Jo"
    report = world.report(answer)
    codes = {issue["code"] for issue in (*report["issues"], *report["notes"])}
    assert not codes & {"COLUMN_RENAMED", "MARKER_FORGED", "RULE_UNMATCHED"}
    assert world.sync({"full": True})["status"] == "NO_CHANGES"


def test_a_rendered_document_gives_the_exact_names_itself(world_of: Callable[..., World]) -> None:
    document = {"definitions": {NAME: DEFINITION}}
    entry = entry_of("MILLS", NAME, document, exposed=True, listing=STAMPS)
    world = world_of(Space("MILLS", "Mills", (entry,)))
    assert world.sync(DATASPHERE_DEFINITIONS="off")["status"] == "SUCCESS"
    names = [name for name in DEFINITION["elements"] if name != "_0DAY"]
    assert list(columns(world)) == names
    assert facts(world)["hierarchies"][0]["levels"] == ["0YEAR"]
    assert [one["name"] for one in facts(world)["variables"]] == ["1_DAY"]
    assert world.sync()["counts"]["updated"] == 1
    assert list(columns(world)) == names
