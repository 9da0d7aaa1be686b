"""Payloads recorded from live tenants, checked against an independent walk over their XML."""

import json
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element as Node

import pytest
from defusedxml.ElementTree import fromstring

from datasphere_glue.datasphere.csdl import parse
from datasphere_glue.datasphere.metadata import EntityMetadata, merged
from datasphere_glue.model.asset import Kind, Usage
from datasphere_glue.model.scope import everything
from tests.contract.datasphere.fake_tenant import SPACES, URL, Reader, Reply, assets_path

DAY = "SAP.TIME.VIEW_DIMENSION_DAY"
FILES = {
    f"{DAY}.xml": DAY,
    "SAP.TIME.VIEW_DIMENSION_MONTH.xml": "SAP.TIME.VIEW_DIMENSION_MONTH",
    "SAP.TIME.VIEW_DIMENSION_QUARTER.xml": "SAP.TIME.VIEW_DIMENSION_QUARTER",
    "SAP.TIME.VIEW_DIMENSION_YEAR.xml": "SAP.TIME.VIEW_DIMENSION_YEAR",
    "relational_ORDER_LINES.xml": "ORDER_LINES",
    "analytical_ORDER_LINES.xml": "ORDER_LINES",
}


def document(real: Path, name: str) -> bytes:
    path = real / "recorded" / "edmx" / name
    if not path.is_file():
        pytest.skip(f"no recorded payload {name}")
    return path.read_bytes()


def said(real: Path, name: str) -> EntityMetadata:
    return parse(document(real, name), FILES[name])


def local(node: Node) -> str:
    return node.tag.rpartition("}")[2]


def walk(text: bytes) -> tuple[Node, dict[str, dict[str, Node]]]:
    """Return the entity type, and per target without its namespace the annotations by term."""
    root = fromstring(text)
    kind = next(node for node in root.iter() if local(node) == "EntityType")
    about = {
        node.attrib["Target"].partition(".")[2]: {a.attrib["Term"].lower(): a for a in node}
        for node in root.iter()
        if local(node) == "Annotations"
    }
    return kind, about


def number(text: str | None) -> int | None:
    return None if text is None else int(text)


@pytest.mark.parametrize("name", FILES)
def test_every_column_keeps_name_type_key_label_and_role(real: Path, name: str) -> None:
    kind, about = walk(document(real, name))
    keys = {node.attrib["Name"] for node in kind.iter() if local(node) == "PropertyRef"}
    expected = []
    for node in kind:
        if local(node) != "Property":
            continue
        terms = about.get(f"{kind.attrib['Name']}/{node.attrib['Name']}", {})
        label = terms.get("common.label")
        scale = node.get("Scale", "0") if node.attrib["Type"] == "Edm.Decimal" else None
        expected.append(
            (
                node.attrib["Name"],
                node.attrib["Type"],
                number(node.get("MaxLength")),
                number(node.get("Precision")),
                number(scale),
                node.attrib["Name"] in keys,
                {"false": False, None: True if keys else None}[node.get("Nullable")],
                None if label is None else label.attrib["String"],
                "analytics.dimension" in terms,
                "analytics.measure" in terms,
                tuple(
                    sorted(
                        a.attrib["Term"].partition(".")[2]
                        for term, a in terms.items()
                        if term.startswith("common.is")
                    )
                ),
            )
        )

    assert [
        (
            e.name,
            e.type.name,
            e.type.length,
            e.type.precision,
            e.type.scale,
            e.key,
            e.nullable,
            e.label,
            e.dimension,
            e.measure,
            e.semantics,
        )
        for e in said(real, name).elements
    ] == expected
    assert expected


@pytest.mark.parametrize("name", FILES)
def test_every_label_and_hierarchy_of_the_asset_is_found(real: Path, name: str) -> None:
    kind, about = walk(document(real, name))
    terms = about[kind.attrib["Name"]]
    expected = []
    for record in (
        terms["hierarchy.leveled"].findall("./*/*") if "hierarchy.leveled" in terms else []
    ):
        texts = {v.attrib["Property"]: v.get("String") for v in record}
        levels = [v.attrib["Path"] for v in record.iter() if v.get("Property") == "element"]
        expected.append((texts["name"], texts["label"], tuple(levels)))

    found = said(real, name)

    assert found.label == terms["common.label"].attrib["String"]
    assert [(h.name, h.label, h.levels) for h in found.hierarchies] == expected
    assert {h.kind for h in found.hierarchies} <= {"level"}
    assert (found.usage is Usage.DIMENSION) == ("analytics.dimensiontype" in terms)


def test_the_day_dimension_has_its_three_hierarchies(real: Path) -> None:
    found = said(real, f"{DAY}.xml")

    assert [(h.name, len(h.levels)) for h in found.hierarchies] == [
        ("YQMD", 4),
        ("YMD", 3),
        ("YWD", 3),
    ]
    assert dict(found.custom) == {"Analytics.dimensionType": "#TIME"}


def test_both_forms_of_order_lines_become_one_without_loss(real: Path) -> None:
    relational = said(real, "relational_ORDER_LINES.xml")
    analytical = {e.name: e for e in said(real, "analytical_ORDER_LINES.xml").elements}

    both = merged(relational, said(real, "analytical_ORDER_LINES.xml"))

    assert len(both.elements) == 18
    for one, other in zip(both.elements, relational.elements, strict=True):
        assert (one.name, one.type, one.key, one.nullable, one.label) == (
            other.name,
            other.type,
            other.key,
            other.nullable,
            other.label or analytical[one.name].label,
        )
        assert one.dimension == analytical[one.name].dimension
        assert one.measure == analytical[one.name].measure
    assert [e.name for e in both.elements if e.measure] == ["NET_AMOUNT"]
    assert [e.name for e in both.elements if e.key] == ["ORDER_ID", "LINE_NO"]


def test_the_recorded_catalog_pages_are_read_whole(real: Path) -> None:
    folder = real / "recorded"
    if not (folder / "catalog_assets.json").is_file():
        pytest.skip("no recorded catalog pages")
    reader = Reader()
    host = URL.removeprefix("https://")

    def recorded(name: str) -> Any:
        return json.loads((folder / name).read_text().replace("RECORDED_TENANT", host))

    reader.tenant.on(SPACES, Reply(200, recorded("catalog_spaces.json")))
    reader.tenant.on(assets_path("DEMO_SPACE"), Reply(200, recorded("catalog_assets.json")))
    for name in (n for n in FILES if n.startswith("SAP")):
        path = f"/api/v1/dwc/consumption/relational/DEMO_SPACE/{FILES[name]}/$metadata"
        reader.tenant.on(path, Reply(200, document(real, name)))
    path = "/api/v1/datasphere/consumption/analytical/DEMO_SPACE/Test_Analytic_Model/$metadata"
    body = document(real, "analytical_ORDER_LINES.xml")
    reader.tenant.on(path, Reply(200, body))

    (listing,) = reader.source().read(everything())

    assert listing.complete
    assert listing.unread == ()
    assert {a.name: a.kind for a in listing.assets} == {
        FILES[name]: Kind.VIEW for name in FILES if name.startswith("SAP")
    } | {"Test_Analytic_Model": Kind.ANALYTIC_MODEL}
    assert listing.assets[0].label == "Time Dimension - Day"
