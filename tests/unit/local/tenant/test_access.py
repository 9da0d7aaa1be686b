"""The authentication, the rate limit and the request log of the embedded tenant."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from local.tenant.embedded import Behaviour, Clockwork, EmbeddedTenant

SPACES = "/api/v1/datasphere/consumption/catalog/spaces"
GRANT = {"grant_type": "client_credentials"}


@dataclass
class Clock:
    """A clock that a test sets."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def token_answer(tenant: EmbeddedTenant, **options: Any) -> requests.Response:
    return requests.post(tenant.token_url, timeout=10, **{"data": GRANT, **options})


def credentials(tenant: EmbeddedTenant) -> tuple[str, str]:
    return tenant.client_id, tenant.client_secret


def with_token(tenant: EmbeddedTenant, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(tenant.url + SPACES, headers=headers, timeout=10)


def test_basic_credentials_give_a_token_in_the_form_of_uaa() -> None:
    with EmbeddedTenant() as tenant:
        answer = token_answer(tenant, auth=credentials(tenant))

        assert answer.status_code == 200
        document = answer.json()
        assert set(document) == {"access_token", "token_type", "expires_in", "scope", "jti"}
        assert (document["token_type"], document["expires_in"]) == ("bearer", 43199)


def test_credentials_in_the_body_give_a_token() -> None:
    with EmbeddedTenant() as tenant:
        client, secret = credentials(tenant)
        answer = token_answer(tenant, data={**GRANT, "client_id": client, "client_secret": secret})

        assert answer.status_code == 200
        assert tenant.tokens.issued == 1


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"auth": ("sb-demo!b1|client!b2", "wrong")},
        {"auth": ("somebody", "demo-secret")},
        {"headers": {"Authorization": "Basic not-base64!"}},
        {"data": {**GRANT, "client_id": "sb-demo!b1|client!b2", "client_secret": "ünrecht"}},
    ],
)
def test_wrong_credentials_are_rejected_with_the_message_of_uaa(options: dict[str, Any]) -> None:
    with EmbeddedTenant() as tenant:
        answer = token_answer(tenant, **options)

        assert answer.status_code == 401
        expected = {"error": "invalid_client", "error_description": "Bad credentials"}
        assert answer.json() == expected
        assert tenant.tokens.issued == 0


def test_another_grant_type_is_not_supported() -> None:
    with EmbeddedTenant() as tenant:
        answer = token_answer(tenant, auth=credentials(tenant), data={"grant_type": "password"})

        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic abc", "Bearer"])
def test_without_a_valid_token_every_path_is_unauthorized(header: str | None) -> None:
    with EmbeddedTenant() as tenant:
        headers = {} if header is None else {"Authorization": header}
        answer = requests.get(f"{tenant.url}/anything", headers=headers, timeout=10)

        assert answer.status_code == 401
        assert answer.json() == {
            "error": "unauthorized",
            "error_description": "An Authentication object was not found in the SecurityContext",
        }


def test_a_token_expires() -> None:
    clock = Clock()
    timed = EmbeddedTenant(behaviour=Behaviour(expires_in=60), clockwork=Clockwork(clock=clock))
    with timed as tenant:
        token = token_answer(tenant, auth=credentials(tenant)).json()["access_token"]
        clock.seconds = 59.0
        assert with_token(tenant, token).status_code == 200
        clock.seconds = 60.0
        assert with_token(tenant, token).status_code == 401


def test_rotation_of_the_secret_invalidates_tokens_and_the_old_secret() -> None:
    with EmbeddedTenant() as tenant:
        old = credentials(tenant)
        token = token_answer(tenant, auth=old).json()["access_token"]
        tenant.rotate_secret("fresh")

        assert with_token(tenant, token).status_code == 401
        assert token_answer(tenant, auth=old).status_code == 401
        assert token_answer(tenant, auth=credentials(tenant)).status_code == 200


def test_the_budget_of_a_minute_is_enforced(ask: Callable[..., requests.Response]) -> None:
    clock = Clock()
    limits = Behaviour(requests_per_minute=2)
    with EmbeddedTenant(behaviour=limits, clockwork=Clockwork(clock=clock)) as tenant:
        assert ask(tenant, SPACES).status_code == 200
        clock.seconds = 10.0
        assert ask(tenant, SPACES).status_code == 200
        refused = ask(tenant, SPACES)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "50")
        clock.seconds = 60.0
        assert ask(tenant, SPACES).status_code == 200


def test_each_request_waits_for_the_latency(ask: Callable[..., requests.Response]) -> None:
    waits: list[float] = []
    slow = Behaviour(latency=0.25)
    with EmbeddedTenant(behaviour=slow, clockwork=Clockwork(sleep=waits.append)) as tenant:
        ask(tenant, SPACES)

        assert waits == [0.25, 0.25]


def test_requests_are_recorded_without_credentials(ask: Callable[..., requests.Response]) -> None:
    with EmbeddedTenant() as tenant:
        ask(tenant, f"{SPACES}?$top=1", headers={"X-Trace": "7"})

        token, listing = tenant.requests
        assert (token.method, token.path) == ("POST", "/oauth/token")
        assert (listing.method, listing.path, listing.query) == ("GET", SPACES, {"$top": "1"})
        assert listing.headers["x-trace"] == "7"
        assert listing.headers["authorization"] == "Bearer ***"
        assert token.headers["authorization"] == "Basic ***"
        assert tenant.client_secret not in repr(tenant.requests)
        assert tenant.requests_to("/catalog/") == [listing]
        tenant.requests.clear()
        assert tenant.requests == []


def test_a_tenant_can_restart_at_the_same_address(ask: Callable[..., requests.Response]) -> None:
    tenant = EmbeddedTenant()
    with tenant:
        address = tenant.url
        assert ask(tenant, SPACES).status_code == 200
    with tenant:
        assert tenant.url == address


def test_the_secret_is_not_shown() -> None:
    assert "demo-secret" not in repr(EmbeddedTenant().tokens)


def test_write_requests_are_not_supported() -> None:
    with EmbeddedTenant() as tenant:
        token = token_answer(tenant, auth=credentials(tenant)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert requests.post(tenant.url + SPACES, headers=headers, timeout=10).status_code == 405
        assert requests.get(tenant.token_url, timeout=10).status_code == 405
