"""The sample tenant has the content that the demo and the tests require."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import requests
from defusedxml.ElementTree import fromstring

from local.sample import generated_tenant, sample_spaces
from local.tenant.csn import Segment
from local.tenant.edmx import Form
from local.tenant.embedded import EmbeddedTenant
from local.tenant.objects import AUXILIARY
from local.tenant.store import Entry

Ask = Callable[..., requests.Response]

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
ENTRIES = {(entry.space, entry.name): entry for s in sample_spaces() for entry in s.entries}


def elements(space: str, name: str) -> dict[str, dict[str, Any]]:
    return dict(ENTRIES[space, name].definition["elements"])


def annotated(term: str) -> list[Entry]:
    return [
        entry
        for entry in ENTRIES.values()
        if term in entry.definition
        or any(term in element for element in entry.definition["elements"].values())
    ]


def test_the_sample_is_large_enough() -> None:
    spaces = Counter(space for space, _ in ENTRIES)
    exposed = [entry for entry in ENTRIES.values() if entry.forms and entry.space != "HR"]

    assert set(spaces) == {"SALES", "FINANCE", "HR", "LOGISTICS", "SAP_CONTENT"}
    assert len(exposed) >= 60
    assert {entry.segment for entry in ENTRIES.values()} == set(Segment)
    assert any(entry.forms == set(Form) for entry in exposed)


def test_every_readable_asset_has_well_formed_metadata(company: EmbeddedTenant, ask: Ask) -> None:
    rows = ask(company, "/api/v1/dwc/catalog/assets").json()["value"]
    urls = [
        row[f"asset{form.capitalize()}MetadataUrl"]
        for row in rows
        for form in Form
        if row[f"asset{form.capitalize()}MetadataUrl"]
    ]
    answers = {url: ask(company, url) for url in urls}

    unreadable = [url for url, answer in answers.items() if answer.status_code != 200]
    assert [url.split("/")[-2] for url in unreadable] == ["V_NEU_VERTEILEN"]
    for url in set(urls) - set(unreadable):
        assert fromstring(answers[url].content).tag.endswith("Edmx")


def test_services_of_the_wrong_kind_answer_like_real_tenants(
    company: EmbeddedTenant, ask: Ask
) -> None:
    def status(path: str) -> int:
        return ask(company, f"/api/v1/datasphere/consumption/{path}/$metadata").status_code

    assert status("analytical/SALES/V_ORDERS") == 400
    assert status("relational/SALES/SALES_AM") == 404
    assert status("relational/SALES/KUNDEN_ROH") == 404
    assert status("relational/SALES/V_INTERN") == 404
    assert status("relational/NONE/V_ORDERS") == 404


def test_an_unreadable_asset_has_an_empty_result(company: EmbeddedTenant, ask: Ask) -> None:
    answer = ask(company, "/api/v1/dwc/consumption/relational/SALES/V_NEU_VERTEILEN/$metadata")

    assert answer.status_code == 500
    assert "Internal Server Error Error: Result cannot be empty" in answer.text


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_service_document_lists_the_entity_set(
    company: EmbeddedTenant, ask: Ask, slash: str
) -> None:
    path = f"/api/v1/dwc/consumption/relational/SAP_CONTENT/SAP.TIME.VIEW_DIMENSION_DAY{slash}"
    entity = "SAP_TIME_VIEW_DIMENSION_DAY"

    assert ask(company, path).json()["value"] == [{"name": entity, "url": entity}]
    assert ask(company, f"{path}/{entity}/rows").status_code == 404


def test_all_edm_types_occur(company: EmbeddedTenant, ask: Ask) -> None:
    path = "/api/v1/dwc/consumption/relational/FINANCE/V_ALLE_TYPEN/$metadata"
    properties = fromstring(ask(company, path).content).iter(f"{EDM}Property")

    assert {str(element.get("Type")).removeprefix("Edm.") for element in properties} == {
        "String",
        "Boolean",
        "Byte",
        "Int16",
        "Int32",
        "Int64",
        "Decimal",
        "Double",
        "Single",
        "Date",
        "TimeOfDay",
        "DateTimeOffset",
        "Binary",
        "Guid",
    }


def test_a_model_has_the_types_of_its_sources(company: EmbeddedTenant, ask: Ask) -> None:
    untyped = elements("SALES", "SALES_AM")
    assert not [name for name, e in untyped.items() if "type" in e and name != "_Kunde"]
    path = "/api/v1/datasphere/consumption/analytical/SALES/SALES_AM/$metadata"
    properties = fromstring(ask(company, path).content).iter(f"{EDM}Property")

    facets = {element.get("Name"): dict(element.items()) for element in properties}
    assert facets["Nettowert"]["Precision"] == "17"
    assert facets["Land_Kunde"]["MaxLength"] == "3"
    assert facets["Sold_to_party"]["MaxLength"] == "10"


def test_the_sample_has_unusual_names() -> None:
    names = {name for _, name in ENTRIES}

    assert {"Sales", "SALES", "A.B", "A_B", "/BIC/AZSD_O012", "Kundenübersicht_Süd"} <= names
    assert {"Amount", "AMOUNT", "Sold to party"} <= set(elements("SALES", "Sales"))
    assert "/BIC/ZKUNDE" in elements("SAP_CONTENT", "/BIC/AZSD_O012")
    assert "3_Monats_Schnitt" in elements("SALES", "Kundenübersicht_Süd")


def test_the_sample_has_texts_of_maximal_length() -> None:
    entry = ENTRIES["SAP_CONTENT", "V_LANGE_TEXTE"]

    assert len(entry.label) == 5000
    assert len(entry.definition["@EndUserText.quickInfo"]) == 3000
    assert {"\n", "\t", "&", "<", '"', "🚚", "\u05e9"} <= set(entry.label)


def test_wide_objects_have_300_columns() -> None:
    assert len(elements("SAP_CONTENT", "V_BREIT")) == 300
    assert ENTRIES["SAP_CONTENT", "T_BREIT"].segment is Segment.LOCAL_TABLES


@pytest.mark.parametrize(
    "term",
    [
        "@Hierarchy.leveled",
        "@Hierarchy.parentChild",
        "@Semantics.amount.currencyCode",
        "@Semantics.quantity.unitOfMeasure",
        "@ObjectModel.text.association",
        "@ObjectModel.text.element",
        "@ObjectModel.foreignKey.association",
        "@DataWarehouse.compoundKeySequence",
        "@Semantics.language",
        "@DataWarehouse.remote.connection",
        "@DataWarehouse.sqlEditor.query",
        "@DataWarehouse.delta",
        "@Analytics.dimensionType",
        "params",
    ],
)
def test_every_kind_of_semantics_occurs(term: str) -> None:
    assert annotated(term)


def test_the_targets_of_associations_exist() -> None:
    object_names = {name for _, name in ENTRIES} | {f"{space}.{name}" for space, name in ENTRIES}
    targets = {
        element["target"]
        for entry in ENTRIES.values()
        for element in entry.definition["elements"].values()
        if element.get("type") == "cds.Association"
    }
    assert targets <= object_names


def test_a_generated_tenant_distributes_its_assets_evenly(ask: Ask) -> None:
    with generated_tenant(50, columns=40, spaces=4) as tenant:
        spaces = [space.name for space in tenant.spaces.spaces()]
        assert [len(tenant.spaces.entries(space)) for space in spaces] == [13, 13, 12, 12]
        rows = ask(tenant, "/api/v1/dwc/catalog/assets").json()["value"]
        assert len({row["name"] for row in rows}) == 50
        document = ask(tenant, rows[0]["assetRelationalMetadataUrl"])
        assert len(list(fromstring(document.content).iter(f"{EDM}Property"))) == 40
        assert ask(tenant, rows[0]["assetRelationalMetadataUrl"]).content == document.content


def test_the_sample_has_an_object_of_each_kind_beside_its_tables() -> None:
    segments = {one.segment for space in sample_spaces() for one in space.auxiliary}
    assert segments == set(AUXILIARY)
    assert any(space.connections for space in sample_spaces())
