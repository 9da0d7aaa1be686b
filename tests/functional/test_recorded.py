"""Payloads recorded from a live tenant arrive in Glue without loss."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import parse

from local.tenant.files import load_recorded
from tests.functional.conftest import World

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


@pytest.fixture
def recorded(real: Path, world_of: Callable[..., World]) -> World:
    world = world_of(*load_recorded(real / "recorded"))
    answer = world.sync()
    assert answer["status"] == "SUCCESS"
    assert answer["counts"]["created"] == 8
    return world


def root(document: Path) -> Element:
    document_root = parse(document).getroot()
    assert document_root is not None
    return document_root


def annotations(document: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield (property, term in lower case, attributes) of every annotation on a property."""
    for node in root(document).iter(EDM + "Annotations"):
        _, _, name = node.get("Target", "").partition("/")
        for annotation in node:
            yield name, annotation.get("Term", "").lower(), annotation.attrib


def properties(document: Path) -> dict[str, dict[str, str]]:
    return {node.get("Name", ""): node.attrib for node in root(document).iter(EDM + "Property")}


def parameters_of(world: World, table: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    table_input = world.tables("datasphere_demo_space")[table]
    columns = {
        column["Parameters"]["datasphere.name"]: column | column["Parameters"]
        for column in table_input["StorageDescriptor"]["Columns"]
    }
    return table_input["Parameters"], columns


def check_columns(document: Path, columns: dict[str, dict[str, Any]]) -> None:
    for name, attributes in properties(document).items():
        for facet in ("MaxLength", "Precision"):
            if facet in attributes:
                assert f"{facet}={attributes[facet]}" in columns[name]["datasphere.type"]
        assert columns[name]["datasphere.type"].startswith(attributes["Type"])
    for name, term, attributes in annotations(document):
        if name not in columns:
            continue
        if term == "common.label":
            assert columns[name]["datasphere.label"] == attributes["String"]
            assert columns[name]["Comment"] == attributes["String"]
        if term.startswith("common.iscalendar"):
            tags = json.loads(columns[name]["datasphere.semantics"])
            assert term.removeprefix("common.") in [tag.lower() for tag in tags]


def flagged(document: Path, term: str) -> set[str]:
    return {n for n, t, a in annotations(document) if t == term and a.get("Bool") == "true" and n}


def test_the_day_dimension_is_complete(recorded: World, real: Path) -> None:
    document = real / "recorded" / "edmx" / "SAP.TIME.VIEW_DIMENSION_DAY.xml"
    parameters, columns = parameters_of(recorded, "sap_time_view_dimension_day")

    assert parameters["datasphere.name"] == "SAP.TIME.VIEW_DIMENSION_DAY"
    assert parameters["datasphere.label"] == "Time Dimension - Day"
    assert parameters["datasphere.usage"] == "dimension"
    assert json.loads(parameters["datasphere.keys"]) == ["DATE_SQL"]
    assert list(columns) == list(properties(document))
    dimensions = set(json.loads(parameters["datasphere.dimensions"]))
    assert dimensions == flagged(document, "analytics.dimension")
    check_columns(document, columns)
    levels = {
        record["name"]: (record["label"], record["levels"])
        for record in json.loads(parameters["datasphere.hierarchies"])
    }
    assert levels == {
        "YQMD": ("Year, Quarter, Month, Day", ["YEAR", "CALQUARTER", "CALMONTH", "DATE_SQL"]),
        "YMD": ("Year, Month, Day", ["YEAR", "CALMONTH", "DATE_SQL"]),
        "YWD": ("Year, Week, Day", ["YEAR", "CALWEEK", "DATE_SQL"]),
    }


def test_order_lines_is_complete_in_both_its_forms(recorded: World, real: Path) -> None:
    relational = real / "recorded" / "edmx" / "relational_ORDER_LINES.xml"
    analytical = real / "recorded" / "edmx" / "analytical_ORDER_LINES.xml"
    parameters, columns = parameters_of(recorded, "order_lines")

    assert list(columns) == list(properties(relational))
    assert set(columns) == set(properties(analytical))
    assert json.loads(parameters["datasphere.keys"]) == ["ORDER_ID", "LINE_NO"]
    assert json.loads(parameters["datasphere.measures"]) == ["NET_AMOUNT"]
    dimensions = set(json.loads(parameters["datasphere.dimensions"]))
    assert dimensions == flagged(analytical, "analytics.dimension")
    check_columns(relational, columns)
    check_columns(analytical, columns)
    assert columns["ORDER_ID"]["datasphere.nullable"] == "false"
    assert columns["LEAD_TIME_DAYS"]["Type"] == "decimal(3,0)"
    assert columns["NET_AMOUNT"]["Type"] == "decimal(17,2)"
    assert columns["ORDER_QTY"]["datasphere.role"] == "dimension"


def test_recorded_payloads_sync_to_a_steady_state(recorded: World) -> None:
    assert recorded.sync()["status"] == "NO_CHANGES"
    assert not recorded.catalog.calls.writes
