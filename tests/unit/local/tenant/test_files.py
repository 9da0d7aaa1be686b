"""Spaces are read from files of the project, from CSN exports and from recorded answers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from local.tenant.csn import Segment
from local.tenant.edmx import Form, render
from local.tenant.embedded import EmbeddedTenant
from local.tenant.files import load_recorded, load_space, load_space_from_csn

Ask = Callable[..., requests.Response]

CATALOG = "/api/v1/datasphere/consumption/catalog"
TABLE = {"kind": "entity", "elements": {"A": {"type": "cds.Integer"}}}
VIEW = {**TABLE, "query": {"SELECT": {}}}


def write_file(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def row(name: str, form: str, prefix: str) -> dict[str, Any]:
    data = f"https://RECORDED_TENANT/api/v1/{prefix}/consumption/{form.lower()}/LAB/{name}/"
    other = {"Relational": "Analytical", "Analytical": "Relational"}[form]
    return {
        "name": name,
        "label": f"{name}!",
        "spaceName": "LAB",
        f"asset{form}MetadataUrl": f"{data}$metadata",
        f"asset{form}DataUrl": data,
        f"asset{other}MetadataUrl": None,
        f"asset{other}DataUrl": None,
        "supportsAnalyticalQueries": form == "Analytical",
        "hasParameters": False,
    }


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Return a small folder in the layout of recorded answers."""
    rows = [row("X.DAY", "Relational", "dwc"), row("MODEL", "Analytical", "datasphere")]
    write_file(tmp_path / "catalog_spaces.json", {"value": [{"name": "LAB", "label": "Lab"}]})
    write_file(tmp_path / "catalog_assets.json", {"value": rows})
    write_file(tmp_path / "localtables.json", [{"technicalName": "T1"}, {"technicalName": "T2"}])
    write_file(tmp_path / "localtables" / "T1.json", {"definitions": {"T1": TABLE}})
    measure = {"@Aggregation.default": {"#": "SUM"}}
    model = {"kind": "entity", "elements": {"K": {"@EndUserText.label": "Key"}, "M": measure}}
    write_file(tmp_path / "analyticmodels" / "MODEL.json", {"definitions": {"MODEL": model}})
    edmx = tmp_path / "edmx"
    edmx.mkdir()
    labelled = {**TABLE, "@EndUserText.label": "Day"}
    day = render("X.DAY", labelled, Form.RELATIONAL)
    (edmx / "X.DAY.xml").write_text(f"{day}\n<!-- as recorded -->", encoding="utf-8")
    for form in Form:
        (edmx / f"{form}_LINES.xml").write_text(render("LINES", TABLE, form), encoding="utf-8")
    return tmp_path


def test_recorded_documents_are_served_unchanged(recorded: Path, ask: Ask) -> None:
    with EmbeddedTenant(load_recorded(recorded)) as tenant:
        rows = ask(tenant, f"{CATALOG}/spaces('LAB')/assets").json()["value"]
        names = [entry["name"] for entry in rows]
        day = rows[names.index("X.DAY")]

        assert sorted(names) == ["LINES", "MODEL", "X.DAY"]
        recorded_row = json.loads((recorded / "catalog_assets.json").read_text())["value"][0]
        rewritten = json.dumps(recorded_row).replace("https://RECORDED_TENANT", tenant.url)
        assert day == json.loads(rewritten)
        assert ask(tenant, day["assetRelationalMetadataUrl"]).text.endswith("<!-- as recorded -->")


def test_an_asset_recorded_in_both_forms_has_both(recorded: Path, ask: Ask) -> None:
    with EmbeddedTenant(load_recorded(recorded)) as tenant:
        lines = ask(tenant, f"{CATALOG}/assets(spaceName='LAB',name='LINES')").json()

        assert lines["supportsAnalyticalQueries"] is True
        relational = ask(tenant, lines["assetRelationalMetadataUrl"]).text
        analytical = ask(tenant, lines["assetAnalyticalMetadataUrl"]).text
        assert "StandaloneService" in relational
        assert "InaApplicationService" in analytical


def test_a_model_without_a_recorded_document_is_rendered(recorded: Path, ask: Ask) -> None:
    path = "/api/v1/datasphere/consumption/analytical/LAB/MODEL/$metadata"
    with EmbeddedTenant(load_recorded(recorded)) as tenant:
        document = ask(tenant, path).text

        assert '<Property Name="K" Type="Edm.String"/>' in document
        assert '<Property Name="M" Type="Edm.Decimal"/>' in document


def test_recorded_tables_without_a_definition_are_listed(recorded: Path, ask: Ask) -> None:
    with EmbeddedTenant(load_recorded(recorded)) as tenant:
        listing = "/dwaas-core/api/v1/spaces/LAB/localtables"

        assert ask(tenant, listing).json() == [{"technicalName": "T1"}, {"technicalName": "T2"}]
        assert ask(tenant, f"{listing}/T1").json() == {"definitions": {"T1": TABLE}}
        assert ask(tenant, f"{listing}/T2").status_code == 404


def test_recorded_documents_can_be_relabelled(recorded: Path, ask: Ask) -> None:
    with EmbeddedTenant(load_recorded(recorded)) as tenant:
        tenant.spaces.set_label("LAB", "X.DAY", 'Tag "neu"')
        asset = ask(tenant, f"{CATALOG}/assets(spaceName='LAB',name='X.DAY')").json()

        assert asset["label"] == 'Tag "neu"'
        assert "Tag &quot;neu&quot;" in ask(tenant, asset["assetRelationalMetadataUrl"]).text


def test_a_csn_export_becomes_a_space(tmp_path: Path) -> None:
    definitions = {"V": VIEW, "T": TABLE, "SAP": {"kind": "context"}, "Y": {"kind": "type"}}
    path = write_file(tmp_path / "My_Model.json", {"definitions": definitions})
    space = load_space_from_csn(path, "CSN")

    assert (space.name, space.label) == ("CSN", "My Model")
    forms_by_name = {entry.name: (entry.segment, set(entry.forms)) for entry in space.entries}
    assert forms_by_name == {
        "V": (Segment.VIEWS, {Form.RELATIONAL}),
        "T": (Segment.LOCAL_TABLES, set()),
    }


def test_space_files_define_the_exposed_objects(tmp_path: Path) -> None:
    external = {**VIEW, "@DataWarehouse.consumption.external": True}
    content = {
        "space": {
            "name": "OWN",
            "label": "Own",
            "unreadable": ["BROKEN"],
            "listing": {"*": {"deployedOn": "2025"}, "DRAFT": {"deployedOn": None}},
        },
        "definitions": {
            "OPEN": external,
            "DRAFT": external,
            "BROKEN": external,
            "INNER": VIEW,
            "MODEL": TABLE,
            "CUBE": {**external, "@ObjectModel.modelingPattern": {"#": "ANALYTICAL_CUBE"}},
        },
        "businessLayerDefinitions": {"MODEL": {}},
    }
    space = load_space(write_file(tmp_path / "OWN.json", content))

    assert {entry.name: sorted(entry.forms) for entry in space.entries} == {
        "OPEN": ["relational"],
        "DRAFT": [],
        "BROKEN": ["relational"],
        "INNER": [],
        "MODEL": ["analytical"],
        "CUBE": ["analytical", "relational"],
    }
    assert [entry.name for entry in space.entries if entry.unreadable] == ["BROKEN"]
    assert not space.forbidden


def test_the_recorded_catalog_page_is_reproduced(real: Path, ask: Ask) -> None:
    page = (real / "recorded" / "catalog_assets.json").read_text()
    with EmbeddedTenant(load_recorded(real / "recorded")) as tenant:
        expected = json.loads(page.replace("https://RECORDED_TENANT", tenant.url))
        served = ask(tenant, f"{CATALOG}/assets").json()

        assert served["@odata.context"] == expected["@odata.context"]
        extra = [entry for entry in served["value"] if entry not in expected["value"]]
        assert [entry["name"] for entry in extra] == ["ORDER_LINES"]
        assert len(served["value"]) == len(expected["value"]) + 1


def test_every_real_export_renders(real: Path) -> None:
    for path in (real / "csn").glob("*.json"):
        tenant = EmbeddedTenant([load_space_from_csn(path, "REAL")])
        for entry in tenant.spaces.entries():
            for form in entry.forms:
                assert tenant.spaces.metadata(entry, form).startswith(b"<?xml")
