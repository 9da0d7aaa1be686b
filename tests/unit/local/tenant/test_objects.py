"""The object API of the embedded tenant returns CSN in the form of the command line."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from local.tenant.embedded import EmbeddedTenant
from local.tenant.objects import AUXILIARY
from local.tenant.store import Auxiliary

Ask = Callable[..., requests.Response]

SPACES = "/dwaas-core/api/v1/spaces"
CONTENT = "application/vnd.sap.datasphere.object.content"


def test_spaces_are_listed_by_name(company: EmbeddedTenant, ask: Ask) -> None:
    expected = ["FINANCE", "HR", "LOGISTICS", "SALES", "SAP_CONTENT"]
    assert ask(company, SPACES).json() == expected


@pytest.mark.parametrize(
    ("segment", "some"),
    [
        ("views", "V_INTERN"),
        ("analyticmodels", "SALES_AM"),
        ("localtables", "KUNDEN_ROH"),
        ("remotetables", "ERP_VBAK"),
    ],
)
def test_a_list_is_a_bare_array_of_technical_names(
    company: EmbeddedTenant, ask: Ask, segment: str, some: str
) -> None:
    listed = ask(company, f"{SPACES}/SALES/{segment}").json()

    assert {"technicalName": some} in listed
    assert all(set(row) == {"technicalName"} for row in listed)


@pytest.mark.parametrize("segment", sorted(AUXILIARY))
def test_objects_beside_tables_have_lists_and_documents(
    company: EmbeddedTenant, ask: Ask, segment: str
) -> None:
    assert ask(company, f"{SPACES}/FINANCE/{segment}").json() == []
    rows = ask(company, f"{SPACES}/LOGISTICS/{segment}?select=technicalName,changedOn").json()
    assert rows
    for row in rows:
        assert set(row) == {"technicalName", "changedOn"}
        document = ask(company, f"{SPACES}/LOGISTICS/{segment}/{row['technicalName']}").json()
        assert any(row["technicalName"] in part for part in document.values())
    assert ask(company, f"{SPACES}/LOGISTICS/{segment}/NOWHERE").status_code == 404


def test_a_flow_may_be_changed_and_removed(company: EmbeddedTenant, ask: Ask) -> None:
    path = f"{SPACES}/SALES/taskchains"
    company.spaces.put_auxiliary("SALES", Auxiliary("taskchains", "TC", {"nodes": []}))
    (first,) = ask(company, f"{path}?select=changedOn").json()
    company.spaces.put_auxiliary("SALES", Auxiliary("taskchains", "TC", {"nodes": [1]}))
    assert ask(company, f"{path}/TC").json() == {"taskchains": {"TC": {"nodes": [1]}}}
    (second,) = ask(company, f"{path}?select=changedOn").json()
    assert second["changedOn"] > first["changedOn"]
    company.spaces.remove_auxiliary("SALES", "taskchains", "TC")
    assert ask(company, path).json() == []


def test_lists_page_with_bare_top_and_skip(company: EmbeddedTenant, ask: Ask) -> None:
    for number in range(30):
        view = {"kind": "entity", "query": {}, "elements": {}}
        company.spaces.add("FINANCE", f"V_MORE_{number}", view)
    path = f"{SPACES}/FINANCE/views"

    assert len(ask(company, path).json()) == 25
    everything = ask(company, f"{path}?top=200").json()
    paged = [row for at in (0, 20, 40) for row in ask(company, f"{path}?top=20&skip={at}").json()]
    assert len(everything) == 48
    assert paged == everything


@pytest.mark.parametrize(
    "options", ["top=201", "$top=5", "select=secret", "filter=foo eq 1", "skip=x"]
)
def test_unknown_options_are_400(company: EmbeddedTenant, ask: Ask, options: str) -> None:
    answer = ask(company, f"{SPACES}/SALES/views?{options}")

    assert answer.status_code == 400
    assert answer.json()["details"]["message"]


def test_listing_metadata_can_be_selected_and_filtered(company: EmbeddedTenant, ask: Ask) -> None:
    options = {
        "select": "technicalName,businessName,semanticUsage,status,changedOn,deployedOn,changedBy",
        "filter": "deployedOn gt '2025-06-01' and (semanticUsage eq Fact or status eq NotDeployed)",
    }
    assert ask(company, f"{SPACES}/SALES/views", params=options).json() == [
        {
            "technicalName": "V_ORDERS",
            "businessName": "Auftragspositionen",
            "semanticUsage": "Fact",
            "status": "Deployed",
            "changedOn": "2025-06-02T16:45:12.001Z",
            "deployedOn": "2025-06-02T16:47:00.500Z",
            "changedBy": "A.MUELLER",
        }
    ]


def test_an_undeployed_object_has_no_deployment_date(company: EmbeddedTenant, ask: Ask) -> None:
    options = {"select": "technicalName,deployedOn", "filter": "status eq NotDeployed"}
    listed = ask(company, f"{SPACES}/SALES/views", params=options).json()

    assert listed == [{"technicalName": "V_ENTWURF"}]


def read(company: EmbeddedTenant, ask: Ask, path: str, accept: str) -> tuple[str, Any]:
    answer = ask(company, f"{SPACES}/SALES/{path}", headers={"Accept": f"{CONTENT}{accept}+json"})
    assert answer.status_code == 200
    return answer.headers["Content-Type"], answer.json()


def test_a_read_returns_the_csn_document(company: EmbeddedTenant, ask: Ask) -> None:
    kind, document = read(company, ask, "views/V_ORDERS", "")

    assert kind == f"{CONTENT}+json"
    entity = document["definitions"]["V_ORDERS"]
    assert entity["elements"]["_KUNDE"]["on"][3] == "and"
    assert entity["elements"]["NETTOWERT"]["@Semantics.amount.currencyCode"] == {"=": "WAEHRUNG"}


def test_a_model_has_its_business_layer_and_no_types(company: EmbeddedTenant, ask: Ask) -> None:
    _, document = read(company, ask, "analyticmodels/SALES_AM", ".run-time")

    elements = document["definitions"]["SALES_AM"]["elements"]
    assert "type" not in elements["Sold to party"]
    assert "Nettowert" in document["businessLayerDefinitions"]["SALES_AM"]["measures"]


def test_design_time_adds_meta_and_simplified_drops_annotations(
    company: EmbeddedTenant, ask: Ask
) -> None:
    _, design = read(company, ask, "localtables/KUNDEN_ROH", ".design-time")
    _, simple = read(company, ask, "localtables/KUNDEN_ROH", ".simplified")

    assert "_meta" in design["definitions"]["KUNDEN_ROH"]
    entity = simple["definitions"]["KUNDEN_ROH"]
    assert entity["elements"]["NAME"] == {"type": "cds.String", "length": 80}


def test_the_run_time_version_of_an_undeployed_object_is_empty(
    company: EmbeddedTenant, ask: Ask
) -> None:
    assert read(company, ask, "views/V_ENTWURF", ".run-time")[1] == {}
    assert read(company, ask, "views/V_ENTWURF", "")[1] != {}


@pytest.mark.parametrize(
    "path",
    [
        "NONE/views",
        "SALES/unicorns",
        "SALES/views/NONE",
        "SALES/views/SALES_AM",
        "SALES/analyticmodels/V_ORDERS",
        "SALES/localtables/ERP_VBAK",
        "SALES/views/V_ORDERS/more",
    ],
)
def test_sibling_kinds_and_unknown_names_are_404(
    company: EmbeddedTenant, ask: Ask, path: str
) -> None:
    assert ask(company, f"{SPACES}/{path}").status_code == 404


def test_encoded_names_with_slashes_are_read(company: EmbeddedTenant, ask: Ask) -> None:
    answer = ask(company, f"{SPACES}/SAP_CONTENT/views/%2FBIC%2FAZSD_O012")

    assert list(answer.json()["definitions"]) == ["/BIC/AZSD_O012"]


def test_without_the_role_every_path_is_forbidden(company: EmbeddedTenant, ask: Ask) -> None:
    company.behave(object_api=False)

    assert ask(company, SPACES).status_code == 403
    assert ask(company, f"{SPACES}/SALES/views").status_code == 403
