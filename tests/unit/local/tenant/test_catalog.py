"""The catalog of the embedded tenant pages like that of a real tenant."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from local.sample import generated_tenant
from local.tenant.catalog import Paging
from local.tenant.embedded import Behaviour, EmbeddedTenant

Ask = Callable[..., requests.Response]

NEW = "/api/v1/datasphere/consumption/catalog"
OLD = "/api/v1/dwc/catalog"


def names(answer: requests.Response) -> list[str]:
    return [row["name"] for row in answer.json()["value"]]


def small(ask: Ask, paging: Paging, path: str) -> requests.Response:
    with generated_tenant(7, columns=1, spaces=1, behaviour=Behaviour(paging=paging)) as tenant:
        return ask(tenant, f"{NEW}{path}")


@pytest.mark.parametrize("prefix", [NEW, OLD])
def test_both_paths_serve_the_same_rows(company: EmbeddedTenant, ask: Ask, prefix: str) -> None:
    document = ask(company, prefix).json()
    assert [entry["name"] for entry in document["value"]] == ["assets", "spaces"]
    assert names(ask(company, f"{prefix}/spaces")) == [s.name for s in company.spaces.spaces()]
    assert len(names(ask(company, f"{prefix}/assets"))) == 76


def test_a_page_mixes_old_and_new_urls(company: EmbeddedTenant, ask: Ask) -> None:
    page = ask(company, f"{NEW}/spaces('SALES')/assets").json()

    assert page["@odata.context"] == f"{company.url}/api/v1/dwc/catalog/$metadata#assets"
    row = next(row for row in page["value"] if row["name"] == "DS_UMSATZ")
    assert row == {
        "name": "DS_UMSATZ",
        "label": "Umsatz (Analytical Dataset)",
        "spaceName": "SALES",
        "assetRelationalMetadataUrl": (
            f"{company.url}/api/v1/dwc/consumption/relational/SALES/DS_UMSATZ/$metadata"
        ),
        "assetRelationalDataUrl": (
            f"{company.url}/api/v1/dwc/consumption/relational/SALES/DS_UMSATZ/"
        ),
        "assetAnalyticalMetadataUrl": (
            f"{company.url}/api/v1/datasphere/consumption/analytical/SALES/DS_UMSATZ/$metadata"
        ),
        "assetAnalyticalDataUrl": (
            f"{company.url}/api/v1/datasphere/consumption/analytical/SALES/DS_UMSATZ/"
        ),
        "supportsAnalyticalQueries": True,
        "hasParameters": False,
    }


def test_services_follow_the_kind_of_object(company: EmbeddedTenant, ask: Ask) -> None:
    rows = {row["name"]: row for row in ask(company, f"{NEW}/assets").json()["value"]}

    def services(name: str) -> tuple[bool, bool]:
        row = rows[name]
        return bool(row["assetRelationalDataUrl"]), bool(row["assetAnalyticalDataUrl"])

    assert services("V_ORDERS") == (True, False)
    assert services("DS_UMSATZ") == (True, True)
    assert services("SALES_AM") == (False, True)
    assert rows["V_PREISE_STICHTAG"]["hasParameters"] is True
    for absent in ("V_INTERN", "V_ENTWURF", "KUNDEN_ROH", "ERP_VBAK", "SAP.TIME"):
        assert absent not in rows


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/spaces('SALES')", "Vertrieb / Sales"),
        ("/spaces('SALES')/assets('Sales')", "Sales per month"),
        ("/spaces('SALES')/assets('SALES')", "SALES (Altbestand)"),
        ("/assets(spaceName='SALES',name='Sales')", "Sales per month"),
        ("/assets(name='Sales',spaceName='SALES')", "Sales per month"),
        ("/spaces('SAP_CONTENT')/assets('%2FBIC%2FAZSD_O012')", "BW: Auftragseingang (ADSO)"),
        ("/spaces('SAP_CONTENT')/assets('SAP.TIME.VIEW_DIMENSION_DAY')", "Time dimension (day)"),
    ],
)
def test_one_entity_is_read_by_its_key(
    company: EmbeddedTenant, ask: Ask, path: str, label: str
) -> None:
    assert ask(company, f"{NEW}{path}").json()["label"] == label


def test_a_quote_in_a_name_is_doubled_in_a_key(company: EmbeddedTenant, ask: Ask) -> None:
    view = {"kind": "entity", "query": {}, "elements": {}}
    company.spaces.add("SALES", "O'Neil", view)

    assert ask(company, f"{NEW}/spaces('SALES')/assets('O''Neil')").json()["name"] == "O'Neil"


@pytest.mark.parametrize(
    "path",
    [
        "/spaces('NONE')",
        "/spaces('NONE')/assets",
        "/spaces('SALES')/assets('V_INTERN')",
        "/assets(spaceName='SALES',name='KUNDEN_ROH')",
        "/$metadata",
        "/search",
    ],
)
def test_a_missing_path_is_404(company: EmbeddedTenant, ask: Ask, path: str) -> None:
    assert ask(company, f"{NEW}{path}").status_code == 404


def test_a_forbidden_space_is_listed_and_not_readable(company: EmbeddedTenant, ask: Ask) -> None:
    assert "HR" in names(ask(company, f"{NEW}/spaces"))
    assert "V_GEHALT" not in names(ask(company, f"{NEW}/assets"))
    for path in (
        f"{NEW}/spaces('HR')/assets",
        f"{NEW}/spaces('HR')/assets('V_GEHALT')",
        f"{NEW}/assets(spaceName='HR',name='V_GEHALT')",
        "/api/v1/dwc/consumption/relational/HR/V_GEHALT/$metadata",
        "/dwaas-core/api/v1/spaces/HR/views",
        "/dwaas-core/api/v1/spaces/HR/views/V_GEHALT",
    ):
        assert ask(company, path).status_code == 403


@pytest.mark.parametrize("paging", [Paging(size=3), Paging(size=3, absolute_links=True)])
def test_next_links_cover_the_whole_listing(ask: Ask, paging: Paging) -> None:
    with generated_tenant(7, columns=1, spaces=1, behaviour=Behaviour(paging=paging)) as tenant:
        url: str | None = f"{tenant.url}{NEW}/spaces('BENCH_000')/assets"
        pages = []
        while url is not None:
            answer = ask(tenant, url)
            pages.append(len(names(answer)))
            link = answer.json().get("@odata.nextLink")
            assert link is None or link.startswith("http") is paging.absolute_links
            url = requests.compat.urljoin(url, link) if link else None

        assert pages == [3, 3, 1]


@pytest.mark.parametrize(
    ("options", "count", "links"),
    [
        ("", 3, 1),
        ("?$top=2", 2, 0),
        ("?$skip=2", 3, 0),
        ("?$top=2&$skip=6", 1, 0),
        ("?$top=3&$skip=7", 0, 0),
        ("?$top=5", 3, 1),
        ("?$select=name", 3, 1),
    ],
)
def test_options_of_client_and_server_determine_the_pages(
    ask: Ask, options: str, count: int, links: int
) -> None:
    answer = small(ask, Paging(size=3), f"/assets{options}")

    assert len(names(answer)) == count
    assert ("@odata.nextLink" in answer.json()) is bool(links)


def test_a_capped_top_is_paged_to_the_requested_count(ask: Ask) -> None:
    with generated_tenant(7, columns=1, spaces=1, behaviour=Behaviour(Paging(size=3))) as tenant:
        first = ask(tenant, f"{NEW}/assets?$top=5&$skip=1")
        second = ask(tenant, f"{NEW}/{first.json()['@odata.nextLink']}")

        assert names(first) + names(second) == [f"V_ASSET_{number:06d}" for number in range(1, 6)]
        assert "@odata.nextLink" not in second.json()


def test_a_cap_can_omit_the_next_link(ask: Ask) -> None:
    answer = small(ask, Paging(size=3, silent_cap=True), "/assets?$top=5")

    assert len(names(answer)) == 3
    assert "@odata.nextLink" not in answer.json()


def test_the_count_covers_the_whole_listing(company: EmbeddedTenant, ask: Ask) -> None:
    narrowed = "$filter=spaceName eq 'SALES'&$top=1&$count=true"
    assert ask(company, f"{NEW}/assets?{narrowed}").json()["@odata.count"] == 22
    assert "@odata.count" not in ask(company, f"{NEW}/assets").json()


def test_rows_are_filtered_ordered_and_selected(company: EmbeddedTenant, ask: Ask) -> None:
    options: dict[str, Any] = {
        "$filter": "spaceName eq 'SALES' and supportsAnalyticalQueries eq true",
        "$orderby": "name desc",
        "$select": "name,label",
    }
    assert ask(company, f"{NEW}/assets", params=options).json()["value"] == [
        {"name": "SALES_AM", "label": "Umsatzanalyse"},
        {"name": "DS_UMSATZ", "label": "Umsatz (Analytical Dataset)"},
    ]


@pytest.mark.parametrize(
    "options",
    [
        "$filter=assetType eq 'VIEW'",
        "$filter=contains(tolower(name),'a')",
        "$filter=name eq",
        "$filter=name like 'a'",
        "$filter=(name eq 'a'",
        "$filter=name eq 'a' name",
        "$filter=name eq 'a",
        "$select=owner",
        "$orderby=owner",
        "$top=ten",
        "$skip=-1",
    ],
)
def test_an_invalid_option_is_400(company: EmbeddedTenant, ask: Ask, options: str) -> None:
    answer = ask(company, f"{NEW}/assets?{options}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "400")


def test_responses_have_no_etag(company: EmbeddedTenant, ask: Ask) -> None:
    assert "etag" not in {name.lower() for name in ask(company, f"{NEW}/assets").headers}
