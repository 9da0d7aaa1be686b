"""What OData alone says lands in Glue, and a definition beside it removes nothing of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.catalog.embedded import EmbeddedCatalog
from local.tenant.edmx import Form
from local.tenant.store import Space, entry_of
from tests.functional.conftest import World
from tools.fidelity.command import is_whole, report
from tools.fidelity.inputs import spaces_of
from tools.fidelity.kinds import Kind
from tools.fidelity.synced import judge

STAMPS = {
    "status": "Deployed",
    "changedOn": "2026-05-01T10:00:00Z",
    "deployedOn": "2026-05-01T10:01:00Z",
}
DEFINITION: dict[str, Any] = {
    "kind": "entity",
    "@DataWarehouse.consumption.external": True,
    "elements": {
        "BARREL": {"type": "cds.String", "length": 6, "key": True, "notNull": True},
        "PARENT": {"type": "cds.String", "length": 6},
        "PRICE": {"type": "cds.Decimal", "precision": 9, "scale": 2},
        "LITRES": {"type": "cds.Decimal", "precision": 7, "scale": 1},
        "SHELF": {"type": "cds.String", "length": 3},
        "NOTE": {"type": "cds.String", "length": 3},
        "_in": {
            "type": "cds.Association",
            "target": "BARRELS",
            "on": [{"ref": ["PARENT"]}, "=", {"ref": ["_in", "BARREL"]}],
        },
    },
}
INCLUDES = {
    "agg": "Org.OData.Aggregation.V1",
    "an": "com.sap.vocabularies.Analytics.v1",
    "c": "com.sap.vocabularies.Common.v1",
    "mea": "Org.OData.Measures.V1",
    "val": "Org.OData.Validation.V1",
    "ui": "com.sap.vocabularies.UI.v1",
    "SVC": "Cellar",
}
REFERENCES = "".join(
    f'<edmx:Reference Uri="x"><edmx:Include Alias="{alias}" Namespace="{namespace}"/>'
    "</edmx:Reference>"
    for alias, namespace in INCLUDES.items()
)
EDMX = f"""<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
{REFERENCES}<edmx:DataServices>
<Schema Namespace="Cellar" Alias="me" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityContainer Name="All"><EntitySet Name="BARRELS" EntityType="me.Barrel">
<NavigationPropertyBinding Path="taps" Target="TAPS"/></EntitySet>
<EntitySet Name="TAPS" EntityType="me.Tap"/><EntitySet Name="OLD_TAPS" EntityType="me.Tap"/>
<Annotation Term="agg.CustomAggregate" Qualifier="LITRES" String="Edm.Decimal"/>
</EntityContainer>
<EntityType Name="Barrel" BaseType="base.Thing">
<Property Name="PARENT" Type="Edm.String" MaxLength="6"/>
<Property Name="PRICE" Type="Edm.Decimal" Precision="9" Scale="2" DefaultValue="9.90"/>
<Property Name="LITRES" Type="Edm.Decimal" Precision="7" Scale="1"/>
<Property Name="SHELF" Type="Edm.String" MaxLength="3" DefaultValue="A 1">
<Annotation Term="ui.Hidden"/></Property>
<Property Name="NOTE" Type="Edm.String" MaxLength="3"/>
<NavigationProperty Name="_in" Type="me.Barrel"><ReferentialConstraint Property="PARENT"
 ReferencedProperty="BARREL"/></NavigationProperty>
<NavigationProperty Name="taps" Type="Collection(me.Tap)" ContainsTarget="true"/>
<NavigationProperty Name="tap" Type="me.Tap" Nullable="false"/>
</EntityType>
<EntityType Name="Tap"><Property Name="ID" Type="Edm.String"/></EntityType>
<Annotations Target="SVC.All/BARRELS"><Annotation Term="c.QuickInfo" String="Of oak"/></Annotations>
<Annotations Target="me.Barrel">
<Annotation Term="agg.RecursiveHierarchy" Qualifier="Nested"><Record>
<PropertyValue Property="NodeProperty" PropertyPath="BARREL"/>
<PropertyValue Property="ParentNavigationProperty" NavigationPropertyPath="_in"/>
</Record></Annotation>
<Annotation Term="agg.ApplySupported"><Record><PropertyValue Property="AggregatableProperties">
<Collection><Record><PropertyValue Property="Property" PropertyPath="PRICE"/>
<PropertyValue Property="RecommendedAggregationMethod" String="max"/></Record></Collection>
</PropertyValue></Record></Annotation></Annotations>
<Annotations Target="SVC.Barrel/PRICE">
<Annotation Term="mea.ISOCurrency" String="CHF"/></Annotations>
<Annotations Target="Cellar.Barrel/LITRES"><Annotation Term="mea.Unit" String="LTR"/>
<Annotation Term="agg.default" String="SUM"/><Annotation Term="val.Minimum" Int="1"/></Annotations>
<Annotations Target="me.Barrel/NOTE"><Annotation Term="c.Text" Path="SHELF"/>
<Annotation Term="an.Dimension"/></Annotations>
</Schema>
<Schema Namespace="Things.v1" Alias="base" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="Thing" Abstract="true"><Key><PropertyRef Name="BARREL"/></Key>
<Property Name="BARREL" Type="Edm.String" MaxLength="6" Nullable="false"/></EntityType>
<Annotations Target="base.Thing/BARREL"><Annotation Term="c.Label" String="Barrel"/>
</Annotations></Schema></edmx:DataServices></edmx:Edmx>"""


@pytest.fixture
def cellar(world_of: Callable[..., World]) -> World:
    document = {"definitions": {"BARRELS": DEFINITION}}
    entry = entry_of("CELLAR", "BARRELS", document, exposed=True, listing=STAMPS)
    raw = {Form.RELATIONAL: EDMX}
    return world_of(Space("CELLAR", "Cellar", (replace(entry, raw=raw, forms=frozenset(raw)),)))


def table(world: World) -> dict[str, Any]:
    return world.tables("datasphere_cellar")["barrels"]


def columns(world: World) -> dict[str, dict[str, str]]:
    return {
        one["Name"]: {
            key.removeprefix("datasphere."): value for key, value in one["Parameters"].items()
        }
        for one in table(world)["StorageDescriptor"]["Columns"]
    }


@pytest.mark.parametrize("definitions", ["off", "on"])
def test_the_facts_of_odata_land_with_and_without_definitions(
    cellar: World, definitions: str
) -> None:
    assert cellar.sync(DATASPHERE_DEFINITIONS=definitions)["status"] == "SUCCESS"

    about = {
        key.removeprefix("datasphere."): value for key, value in table(cellar)["Parameters"].items()
    }
    assert about["description"] == "Of oak"
    assert json.loads(about["keys"]) == ["BARREL"]
    assert json.loads(about["measures"]) == ["PRICE", "LITRES"]
    (hierarchy,) = json.loads(about["hierarchies"])
    assert (hierarchy["name"], hierarchy["kind"]) == ("Nested", "parent_child")
    assert (hierarchy["parent"], hierarchy["child"]) == (["PARENT"], ["BARREL"])
    found = columns(cellar)
    assert found["barrel"]["label"] == "Barrel"
    assert (
        found["price"].items()
        >= {
            "default": "9.90",
            "currency_value": "CHF",
            "aggregation": "MAX",
        }.items()
    )
    assert found["litres"].items() >= {"unit_value": "LTR", "aggregation": "SUM"}.items()
    assert json.loads(found["litres"]["custom"]) == {"Validation.Minimum": "1"}
    assert (found["shelf"]["hidden"], found["shelf"]["default"]) == ("true", "A 1")
    assert found["note"]["text"] == "SHELF"
    assert not {"currency", "unit"} & {key for one in found.values() for key in one}
    assert "custom" not in about
    assert cellar.sync({"full": True}, DATASPHERE_DEFINITIONS=definitions)["status"] == "NO_CHANGES"


def test_associations_of_odata_alone_tell_how_many_targets_they_have(cellar: World) -> None:
    cellar.sync(DATASPHERE_DEFINITIONS="off")
    links = json.loads(table(cellar)["Parameters"]["datasphere.associations"])
    assert {one["name"]: (one["target"], one["cardinality"]) for one in links} == {
        "_in": ("BARRELS", "0..1"),
        "taps": ("TAPS", "0..*"),
        "tap": ("Tap", "1..1"),
    }
    assert [one["name"] for one in links if one.get("composition")] == ["taps"]


def test_associations_of_a_definition_get_the_cardinality_of_odata(cellar: World) -> None:
    cellar.sync(DATASPHERE_DEFINITIONS="on")
    (link,) = json.loads(table(cellar)["Parameters"]["datasphere.associations"])
    assert (link["name"], link["cardinality"]) == ("_in", "0..1")


@pytest.mark.parametrize(
    "rule", ["val.Minimum", "Val.*", "Validation.Minimum", "Org.OData.Validation.V1.Minimum"]
)
def test_a_rule_on_a_term_goes_on_working_by_its_old_alias(
    cellar: World, tmp_path: Path, rule: str
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(f'version: 1\nannotations: {{"{rule}": steward}}\n')
    answer = cellar.sync(DATASPHERE_DEFINITIONS="off", SYNC_CONFIG_URI=str(path))

    named = rule != "Org.OData.Validation.V1.Minimum"
    litres = columns(cellar)["litres"]
    assert litres.get("steward") == ("1" if named else None)
    assert ("custom" in litres) is not named
    codes = {note["code"] for note in cellar.report(answer)["notes"]}
    assert ("RULE_UNMATCHED" in codes) is not named


@pytest.mark.parametrize("rule", ["mea.ISOCurrency", "Measures.*", "@measures.isocurrency"])
def test_a_rule_on_a_term_that_a_field_holds_now_goes_on_working(
    cellar: World, tmp_path: Path, rule: str
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(f'version: 1\nannotations: {{"{rule}": tags}}\n')
    cellar.sync(DATASPHERE_DEFINITIONS="off", SYNC_CONFIG_URI=str(path))

    price = columns(cellar)["price"]
    assert (price["tags"], price["currency_value"]) == ('["CHF"]', "CHF")
    assert "custom" not in price


@pytest.mark.parametrize("more", [True, False])
def test_the_judge_of_fidelity_agrees(
    catalog: EmbeddedCatalog, tmp_path: Path, *, more: bool
) -> None:
    personal = "com.sap.vocabularies.PersonalData.v1.IsPotentiallyPersonal"
    terms = (
        f'<Annotation Term="{personal}"/><Annotation Term="val.Exclusive"/>'
        '<Annotation Term="c.IsFiscalYear"/>'
    )
    path = tmp_path / "BARRELS.xml"
    path.write_text(EDMX.replace('<Annotation Term="an.Dimension"/>', terms) if more else EDMX)
    judgement = judge(spaces_of(path), catalog)
    assert is_whole(judgement), report(path.name, judgement)
    judged = {finding.place.kind for finding in judgement.findings}
    assert {Kind.CURRENCY_VALUE, Kind.CARDINALITY, Kind.DEFAULT, Kind.AGGREGATION} <= judged
