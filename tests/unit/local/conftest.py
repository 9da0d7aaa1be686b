"""Fixtures of the tests of the embedded tenant: an authorized client and the sample tenant."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from local.sample import sample_tenant
from local.tenant.embedded import EmbeddedTenant

Ask = Callable[..., requests.Response]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Return `ask(tenant, path_or_url, **options)`, which sends a GET with a valid token."""
    with requests.Session() as session:
        tokens: dict[str, str] = {}

        def send(tenant: EmbeddedTenant, path: str, **options: Any) -> requests.Response:
            if tenant.url not in tokens:
                granted = session.post(
                    tenant.token_url,
                    data={"grant_type": "client_credentials"},
                    auth=(tenant.client_id, tenant.client_secret),
                    timeout=10,
                )
                tokens[tenant.url] = granted.json()["access_token"]
            headers = {
                "Authorization": f"Bearer {tokens[tenant.url]}",
                **options.pop("headers", {}),
            }
            url = path if path.startswith("http") else f"{tenant.url}{path}"
            return session.get(url, headers=headers, timeout=10, **options)

        yield send


@pytest.fixture
def company() -> Iterator[EmbeddedTenant]:
    """Return the sample tenant, serving."""
    with sample_tenant() as tenant:
        yield tenant
