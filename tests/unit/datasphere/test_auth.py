import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from datasphere_glue.datasphere.auth import Credentials, Token, TokenAnswer, TokenSource
from datasphere_glue.errors import CredentialsRejected, SourceUnavailable, SyncError
from tests.unit.datasphere.fakes import (
    LOGIN,
    SECRET,
    TOKEN_PATH,
    TOKEN_URL,
    FakeTenant,
    Reply,
    World,
    client_of,
)

BAD = Reply({"error": "unauthorized", "error_description": "Bad credentials"}, 401)
HTML = b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>Sign in</body></html>"


class Vault:
    """A store of credentials; `reads` has, for each read, whether a fresh read was requested."""

    def __init__(self, *secrets: str) -> None:
        self.secrets = list(secrets)
        self.reads: list[bool] = []

    def __call__(self, fresh: bool) -> Credentials:  # noqa: FBT001 - the signature of the interface
        self.reads.append(fresh)
        if fresh and len(self.secrets) > 1:
            self.secrets.pop(0)
        return Credentials(LOGIN.client_id, self.secrets[0])


class Endpoint:
    """A token endpoint without HTTP that returns the tokens `t1`, `t2`, and so on."""

    def __init__(self, **document: Any) -> None:
        self.document = document
        self.calls = 0
        self.headers: dict[str, str] = {}

    def __call__(
        self, url: str, *, form: dict[str, str], login: Credentials, headers: dict[str, str]
    ) -> TokenAnswer:
        assert url
        assert form
        assert login
        self.calls += 1
        self.headers = headers
        return TokenAnswer(200, {"access_token": f"t{self.calls}"} | self.document)


def test_the_request_equals_that_of_the_sap_command_line(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply({}))
    client_of(tenant).get_json("/x")

    request = tenant.seen[0].request
    assert request.method == "POST"
    assert request.url == TOKEN_URL
    assert request.headers["Authorization"] == (
        "Basic " + base64.b64encode(f"{LOGIN.client_id}:{SECRET}".encode()).decode()
    )
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["x-sap-sac-custom-auth"] == "true"
    assert parse_qs(str(request.body)) == {
        "grant_type": ["client_credentials"],
        "response_type": ["token"],
    }
    assert tenant.bearers() == ["Bearer token-1"]


def test_a_built_in_sap_client_is_not_a_custom_client() -> None:
    endpoint = Endpoint()
    TokenSource(TOKEN_URL, lambda _: Credentials("builtin", SECRET)).token(endpoint)
    assert endpoint.headers["x-sap-sac-custom-auth"] == "false"


def test_a_client_and_secret_of_any_unicode_are_sent_as_utf8(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply({}))
    client_of(tenant, read_credentials=lambda _: Credentials("sb-ü", "pässwörd€")).get_json("/x")
    sent = tenant.seen[0].request.headers["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == "sb-ü:pässwörd€"


def test_a_query_string_in_the_token_url_is_dropped(world: World) -> None:
    urls: list[str] = []

    def post(url: str, **_rest: Any) -> TokenAnswer:
        urls.append(url)
        return TokenAnswer(200, {"access_token": "t"})

    url_with_query = f"{TOKEN_URL}?grant_type=client_credentials#top"
    TokenSource(url_with_query, lambda _: LOGIN, clock=world.clock).token(post)
    assert urls == [TOKEN_URL]


@pytest.mark.parametrize(
    ("life", "renewed_after"),
    [(43199, 43139), (100, 90), ("3600", 3540), (None, 3540), ("soon", 3540), (0, 0.9)],
)
def test_a_token_is_renewed_before_it_expires(
    world: World, life: object, renewed_after: float
) -> None:
    endpoint = Endpoint(expires_in=life)
    tokens = TokenSource(TOKEN_URL, lambda _: LOGIN, clock=world.clock)
    first = tokens.token(endpoint)
    world.time += renewed_after - 0.1
    assert tokens.token(endpoint) is first
    world.time += 0.2
    assert tokens.token(endpoint).value == "t2"


def test_concurrent_threads_share_one_token_request() -> None:
    another = threading.Event()
    calls: list[None] = []

    def post(url: str, **_rest: Any) -> TokenAnswer:
        assert url == TOKEN_URL
        calls.append(None)
        if len(calls) > 1:
            another.set()
        another.wait(0.05)
        return TokenAnswer(200, {"access_token": "t"})

    tokens = TokenSource(TOKEN_URL, lambda _: LOGIN)
    start = threading.Barrier(8)

    def ask(_number: int) -> Token:
        start.wait()
        return tokens.token(post)

    with ThreadPoolExecutor(8) as pool:
        issued = list(pool.map(ask, range(8)))
    assert len(calls) == 1
    assert {token.value for token in issued} == {"t"}


def test_only_the_rejected_token_is_invalidated(world: World) -> None:
    endpoint = Endpoint()
    tokens = TokenSource(TOKEN_URL, lambda _: LOGIN, clock=world.clock)
    old = tokens.token(endpoint)
    tokens.invalidate(old)
    new = tokens.token(endpoint)
    tokens.invalidate(old)
    assert tokens.token(endpoint) is new
    assert endpoint.calls == 2


def test_after_a_401_the_secret_is_read_again_and_the_request_repeated_once(
    tenant: FakeTenant,
) -> None:
    vault = Vault("old", "new")
    tenant.on("/x", Reply({}, 401), Reply({"fine": True}))
    client = client_of(tenant, read_credentials=vault)
    assert client.get_json("/x") == {"fine": True}
    assert vault.reads == [False, True]
    assert tenant.bearers() == ["Bearer token-1", "Bearer token-2"]


def test_a_second_401_is_a_rejection_without_a_retry(tenant: FakeTenant) -> None:
    tenant.on("/x", BAD)
    with pytest.raises(CredentialsRejected, match=r"refused a fresh token.*Bad credentials"):
        client_of(tenant).get_json("/x")
    assert tenant.paths() == ["/x", "/x"]
    assert tenant.granted == 2


def test_a_rotated_secret_is_read_again(tenant: FakeTenant) -> None:
    vault = Vault("old", "new")
    tenant.on("/x", Reply({}))
    tenant.on(TOKEN_PATH, BAD, tenant.grant)
    client_of(tenant, read_credentials=vault).get_json("/x")
    assert vault.reads == [False, True]


def test_a_wrong_secret_is_read_again_once_and_then_reported_as_the_cause(
    tenant: FakeTenant,
) -> None:
    vault = Vault(SECRET)
    tenant.on(TOKEN_PATH, BAD)
    client = client_of(tenant, read_credentials=vault)
    with pytest.raises(CredentialsRejected, match=r"HTTP 401.*unauthorized: Bad credentials"):
        client.get_json("/x")
    assert vault.reads == [False, True]
    assert tenant.paths() == []


def test_a_rejected_login_is_not_retried(tenant: FakeTenant) -> None:
    tenant.on(TOKEN_PATH, BAD)
    client = client_of(tenant)
    for _ in range(3):
        with pytest.raises(CredentialsRejected):
            client.get_json("/x")
    assert len(tenant.seen) == 2


def test_no_output_contains_a_secret(tenant: FakeTenant) -> None:
    echo = {"error": "invalid_client", "error_description": f"{SECRET} is no secret of ours"}
    tenant.on(TOKEN_PATH, Reply(echo, 401))
    with pytest.raises(CredentialsRejected) as caught:
        client_of(tenant).get_json("/x")
    answer = TokenAnswer(200, {"access_token": "token-1"})
    shown = [str(caught.value), repr(caught.value), repr(LOGIN), repr(answer)]
    shown.append(repr(Token("token-1", 0.0)))
    assert not [text for text in shown if SECRET in text or "token-1" in text]
    assert "***" in str(caught.value)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(HTML),
        Reply(HTML, 403),
        Reply(b"<html>Service down</html>", 503),
        Reply({"message": "oops"}, 500),
        Reply({}, 404),
        Reply({}, 302, {"Location": "https://elsewhere.example/login"}),
        Reply({"expires_in": 60}),
        Reply({"access_token": 7}),
        Reply({"access_token": ""}),
        Reply({"access_token": "two\r\nlines"}),
        Reply(["no", "object"]),
        Reply(b"not json"),
        Reply(b"\xff\xfe"),
        Reply(b"[" * 100_000),
        Reply(b""),
    ],
)
def test_an_endpoint_without_a_usable_answer_is_unavailable(
    tenant: FakeTenant, reply: Reply
) -> None:
    tenant.on(TOKEN_PATH, reply)
    with pytest.raises(SourceUnavailable, match="token") as caught:
        client_of(tenant).get_json("/x")
    assert type(caught.value) is SourceUnavailable
    assert tenant.paths() == []


def test_a_recovered_endpoint_is_called_again(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply({}))
    tenant.on(TOKEN_PATH, Reply({}, 503), Reply(error=requests.ConnectionError()), tenant.grant)
    assert client_of(tenant).get_json("/x") == {}
    assert len(tenant.seen) == 4


def test_the_token_request_has_the_same_retry_limit_as_others(tenant: FakeTenant) -> None:
    tenant.on(TOKEN_PATH, Reply({}, 503))
    with pytest.raises(SyncError, match="after 5 tries"):
        client_of(tenant).get_json("/x")
    assert len(tenant.seen) == 5
