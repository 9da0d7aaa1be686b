"""The faults that tests can add to the embedded tenant."""

import json
import re
from collections.abc import Callable

import pytest
import requests

from local.sample import generated_tenant
from local.tenant.catalog import Paging
from local.tenant.embedded import Behaviour, Clockwork, EmbeddedTenant
from local.tenant.faults import FaultKind

Ask = Callable[..., requests.Response]

ASSETS = "/api/v1/datasphere/consumption/catalog/assets"
ORDERS = "/api/v1/dwc/consumption/relational/SALES/V_ORDERS/$metadata"


def test_a_status_fault_has_its_headers_and_ends_after_one_request(
    company: EmbeddedTenant, ask: Ask
) -> None:
    company.faults.add("/assets", status=429, headers={"Retry-After": "1"}, times=2)

    refused = ask(company, ASSETS)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    assert refused.json()["error"]["code"] == "429"
    assert [ask(company, ASSETS).status_code for _ in range(2)] == [429, 200]


def test_a_fault_can_start_later_repeat_and_be_cleared(company: EmbeddedTenant, ask: Ask) -> None:
    company.faults.add(ASSETS, status=500, after=1, times=None)

    assert [ask(company, ASSETS).status_code for _ in range(3)] == [200, 500, 500]
    company.faults.clear()
    assert ask(company, ASSETS).status_code == 200


def test_paths_match_by_substring_or_pattern_on_decoded_text(
    company: EmbeddedTenant, ask: Ask
) -> None:
    company.faults.add("spaceName eq 'SALES'", status=418)
    company.faults.add(re.compile(r"/V_ORDERS/\$metadata$"), status=502)

    assert ask(company, ASSETS).status_code == 200
    options = {"$filter": "spaceName eq 'SALES'"}
    assert ask(company, ASSETS, params=options).status_code == 418
    assert ask(company, ORDERS).status_code == 502


@pytest.mark.parametrize(
    ("body", "kind"), [("<html>down</html>", "text/html"), (b'{"a": 1}', "application/json")]
)
def test_a_fault_can_have_its_own_body(
    company: EmbeddedTenant, ask: Ask, body: str | bytes, kind: str
) -> None:
    company.faults.add(ASSETS, status=503, body=body)

    answer = ask(company, ASSETS)
    assert answer.content == (body.encode() if isinstance(body, str) else body)
    assert answer.headers["Content-Type"].startswith(kind)


def test_the_token_endpoint_can_fail(company: EmbeddedTenant) -> None:
    company.faults.add("/oauth/token", status=503)

    assert requests.post(company.token_url, timeout=10).status_code == 503
    assert requests.post(company.token_url, timeout=10).status_code == 401


def test_a_delay_precedes_the_answer(ask: Ask) -> None:
    waits: list[float] = []
    with EmbeddedTenant(clockwork=Clockwork(sleep=waits.append)) as tenant:
        tenant.faults.add(ASSETS, FaultKind.DELAY, seconds=3.5)

        assert ask(tenant, ASSETS).status_code == 200
        assert waits == [3.5]


def test_a_client_can_time_out_on_a_delayed_answer(company: EmbeddedTenant) -> None:
    company.faults.add(ASSETS, "delay", seconds=60)

    with pytest.raises(requests.ReadTimeout):
        requests.get(company.url + ASSETS, timeout=(5, 0.05))


@pytest.mark.parametrize("kind", ["reset", "cut"])
def test_a_connection_can_fail(company: EmbeddedTenant, ask: Ask, kind: str) -> None:
    company.faults.add(ASSETS, kind)

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        ask(company, ASSETS)
    assert ask(company, ASSETS).status_code == 200


@pytest.mark.parametrize("path", [ASSETS, ORDERS])
def test_a_body_can_be_truncated(company: EmbeddedTenant, ask: Ask, path: str) -> None:
    whole = ask(company, path)
    company.faults.add(path, "truncated")

    half = ask(company, path)
    assert half.status_code == 200
    assert half.content == whole.content[: len(whole.content) // 2]
    assert half.headers["Content-Length"] == str(len(half.content))


@pytest.mark.parametrize(
    ("kind", "text"), [("html", "Sign In"), ("no_account", "active account on this system")]
)
def test_an_html_page_has_status_200(
    company: EmbeddedTenant, ask: Ask, kind: str, text: str
) -> None:
    company.faults.add(ORDERS, kind)

    answer = ask(company, ORDERS)
    assert (answer.status_code, text in answer.text) == (200, True)
    assert answer.headers["Content-Type"].startswith("text/html")


def test_the_encoding_can_be_wrong(company: EmbeddedTenant, ask: Ask) -> None:
    whole = ask(company, ORDERS).text
    company.faults.add(ORDERS, "encoding")

    assert ask(company, ORDERS).content.decode("utf-16") == whole


@pytest.mark.parametrize(("body", "kind"), [(None, "text/plain"), ("application/json",) * 2])
def test_the_content_type_can_be_wrong(
    company: EmbeddedTenant, ask: Ask, body: str | None, kind: str
) -> None:
    company.faults.add(ORDERS, "content_type", body=body)

    answer = ask(company, ORDERS)
    assert (answer.headers["Content-Type"], b"<edmx:Edmx" in answer.content) == (kind, True)


def test_a_list_can_be_empty(company: EmbeddedTenant, ask: Ask) -> None:
    company.faults.add(ASSETS, "empty")
    company.faults.add("/views", "empty")

    document = ask(company, ASSETS).json()
    assert document["value"] == []
    assert ask(company, "/dwaas-core/api/v1/spaces/SALES/views").json() == []


def rows(ask: Ask, tenant: EmbeddedTenant, most: int = 9) -> list[str]:
    names, path = [], ASSETS
    for _ in range(most):
        document = ask(tenant, path).json()
        names += [row["name"][-1] for row in document["value"]]
        link = document.get("@odata.nextLink")
        if link is None:
            break
        path = ASSETS.removesuffix("assets") + link
    return names


def tenant_of_seven(tenant_page: int = 3) -> EmbeddedTenant:
    paging = Behaviour(paging=Paging(size=tenant_page))
    return generated_tenant(7, columns=1, spaces=1, behaviour=paging)


def test_a_page_can_be_dropped(ask: Ask) -> None:
    with tenant_of_seven() as tenant:
        tenant.faults.add(ASSETS, "drop_page", after=1)

        assert rows(ask, tenant) == list("0126")


def test_skip_can_be_ignored(ask: Ask) -> None:
    with tenant_of_seven() as tenant:
        tenant.faults.add(ASSETS, "ignore_skip", times=None)

        assert rows(ask, tenant, most=3) == list("012012012")


def test_the_server_can_choose_another_page_size(ask: Ask) -> None:
    with tenant_of_seven(tenant_page=500) as tenant:
        tenant.faults.add(ASSETS, "page_size", size=2, times=None)

        assert rows(ask, tenant) == list("0123456")
        assert len(tenant.requests_to(ASSETS)) == 4


def test_an_empty_token_answer_is_possible(company: EmbeddedTenant) -> None:
    company.faults.add("/oauth/token", status=200, body=json.dumps({}))

    assert requests.post(company.token_url, timeout=10).json() == {}


def test_an_unknown_kind_is_an_error(company: EmbeddedTenant) -> None:
    with pytest.raises(ValueError, match="earthquake"):
        company.faults.add("/", "earthquake")
