import gzip
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.datasphere.answer import BadRequest, LoginPage, NotFound, Refused
from datasphere_glue.datasphere.client import Unreachable
from datasphere_glue.datasphere.transport import RequestLimits
from datasphere_glue.errors import (
    AssetUnreadable,
    DocumentError,
    OutOfTime,
    SourceUnavailable,
    SpaceForbidden,
    SyncError,
)
from tests.unit.datasphere.fakes import (
    TOKEN_PATH,
    TOKEN_URL,
    URL,
    FakeTenant,
    Reply,
    Seen,
    World,
    client_of,
)
from tests.unit.datasphere.loopback import CONTENT, Loopback

FAILURES = [
    requests.ConnectTimeout(),
    requests.ReadTimeout(),
    requests.ConnectionError(),
    requests.exceptions.SSLError(),
    urllib3.exceptions.ProtocolError(),
    urllib3.exceptions.DecodeError(),
]
NO_ACCOUNT = (
    b"Please contact your system administrator and ensure you have an active account on this system"
)


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with Loopback().serving() as serving:
        yield serving


class Slow(BytesIO):
    """A body that delivers one byte per second."""

    def __init__(self, content: bytes, world: World) -> None:
        super().__init__(content)
        self._world = world

    def read1(self, _amount: int | None = -1) -> bytes:
        self._world.time += 1.0
        return super().read1(1)


def test_every_request_has_timeouts_and_streams_its_response(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply({}))
    client_of(tenant).get_json("/x")
    assert [seen.options["timeout"] for seen in tenant.seen] == [(5.0, 60.0)] * 2
    assert all(seen.options["stream"] for seen in tenant.seen)


def test_timeouts_are_limited_to_the_remaining_time(tenant: FakeTenant, world: World) -> None:
    tenant.on("/x", Reply({}))
    client_of(tenant, until=world.time + 2.0).get_json("/x")
    assert tenant.seen[-1].options["timeout"] == (2.0, 2.0)


def test_the_accept_header_is_sent(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply({}))
    client = client_of(tenant)
    client.get_json("/x")
    client.get_document("/x")
    client.get_document("/x", "application/vnd.sap+json")
    accepted = [seen.request.headers["Accept"] for seen in tenant.seen[1:]]
    assert accepted == ["application/json", "application/xml", "application/vnd.sap+json"]


def test_requests_made_counts_attempts_and_token_requests(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply({}, 503), Reply({}))
    client = client_of(tenant)
    assert client.requests_made == 0
    client.get_json("/x")
    assert client.requests_made == len(tenant.seen) == 3


def test_close_ends_every_session_and_the_client_remains_usable(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply({}))
    client = client_of(tenant)
    client.get_json("/x")
    client.close()
    assert tenant.closed > 0
    assert client._idle == []
    assert client.get_json("/x") == {}
    client.close()


# Retries


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_transient_status_is_retried(tenant: FakeTenant, status: int) -> None:
    tenant.on("/x", Reply({}, status), Reply({"n": 1}))
    assert client_of(tenant).get_json("/x") == {"n": 1}


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_a_failed_connection_is_retried(tenant: FakeTenant, failure: Exception) -> None:
    tenant.on("/x", Reply(error=failure), Reply({"n": 1}))
    assert client_of(tenant).get_json("/x") == {"n": 1}


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_attempts_are_bounded_and_the_error_names_the_cause(
    tenant: FakeTenant, failure: Exception
) -> None:
    tenant.on("/x", Reply(error=failure))
    with pytest.raises(Unreachable, match="/x gave no answer after 3 tries"):
        client_of(tenant, limits=RequestLimits(attempts=3)).get_json("/x")
    assert tenant.paths() == ["/x"] * 3


def test_a_permanent_error_of_the_library_is_not_retried(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply(error=requests.exceptions.InvalidHeader("Bearer token-1")))
    with pytest.raises(Unreachable) as caught:
        client_of(tenant).get_json("/x")
    assert "token-1" not in str(caught.value)
    assert tenant.paths() == ["/x"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 409, 410, 501])
def test_a_permanent_status_is_not_retried(tenant: FakeTenant, status: int) -> None:
    tenant.on("/x", Reply({"error": {"code": "1", "message": "no such thing"}}, status))
    with pytest.raises((AssetUnreadable, SpaceForbidden), match=f"HTTP {status}: no such thing"):
        client_of(tenant).get_json("/x")
    assert tenant.paths() == ["/x"]


def test_a_model_that_requires_redeployment_is_not_retried(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply(b"Internal Server Error Error: Result cannot be empty", 500))
    with pytest.raises(Refused, match="Result cannot be empty") as caught:
        client_of(tenant).get_document("/x")
    assert tenant.paths() == ["/x"]
    assert "redeploy" in caught.value.remedy


@pytest.mark.parametrize("chance", [0.0, 0.25, 1.0])
def test_pauses_are_random_below_a_growing_limit(tenant: FakeTenant, chance: float) -> None:
    world = tenant.world
    world.chance = chance
    tenant.on("/x", Reply({}, 503))
    with pytest.raises(Unreachable):
        client_of(tenant, limits=RequestLimits(attempts=7)).get_json("/x")
    assert world.waits == [chance * ceiling for ceiling in (1, 2, 4, 8, 16, 30)]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("retry_after", "waited"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Mon, 04 May 2026 12:00:09 GMT", 9.0),
        ("Mon, 04 May 2026 14:00:09 +0200", 9.0),
        ("Mon, 04 May 2026 12:00:09", 9.0),
        ("Mon, 04 May 2026 11:00:00 GMT", 0.5),
        ("0", 0.5),
        ("-3", 0.5),
        ("", 0.5),
        ("soon", 0.5),
        ("1.5", 0.5),
        ("Mon, 04 May 99999999999999999999 12:00:00 GMT", 0.5),
        ("3600", 60.0),
        ("9" * 400, 60.0),
        ("Tue, 05 May 2026 12:00:00 GMT", 60.0),
    ],
)
def test_retry_after_is_honoured_in_any_form_and_bounded(
    tenant: FakeTenant, status: int, retry_after: str, waited: float
) -> None:
    tenant.on("/x", Reply({}, status, {"Retry-After": retry_after}), Reply({}))
    client_of(tenant).get_json("/x")
    assert tenant.world.waits == [waited]


@pytest.mark.parametrize(("headers", "waited"), [({"Retry-After": "20"}, 20.0), ({}, 0.5)])
def test_a_429_delays_all_threads(
    tenant: FakeTenant, headers: dict[str, str], waited: float
) -> None:
    world = tenant.world
    tenant.on("/x", Reply({}, 429, headers))
    tenant.on("/y", Reply({}))
    client = client_of(tenant, limits=RequestLimits(attempts=1))
    with pytest.raises(Unreachable, match="HTTP 429"):
        client.get_json("/x")
    assert world.waits == []
    client.get_json("/y")
    assert world.waits == [waited]


def test_a_503_delays_no_other_request(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply({}, 503, {"Retry-After": "20"}))
    tenant.on("/y", Reply({}))
    client = client_of(tenant, limits=RequestLimits(attempts=1))
    with pytest.raises(Unreachable):
        client.get_json("/x")
    client.get_json("/y")
    assert tenant.world.waits == []


def test_every_attempt_uses_the_budget(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply({}, 503), Reply({}))
    tenant.world.chance = 0.0
    client_of(tenant, per_minute=1).get_json("/x")
    assert [round(wait, 6) for wait in tenant.world.waits if wait] == [60.0, 60.0]


# The deadline of the run


def test_a_wait_beyond_the_deadline_is_not_started(tenant: FakeTenant) -> None:
    world = tenant.world
    tenant.on("/x", Reply({}, 503, {"Retry-After": "30"}))
    with pytest.raises(OutOfTime, match=r"/x \(HTTP 503"):
        client_of(tenant, until=world.time + 20.0).get_json("/x")
    assert world.waits == []
    assert tenant.paths() == ["/x"]


def test_no_request_starts_after_the_deadline(tenant: FakeTenant) -> None:
    world = tenant.world
    tenant.on("/x", Reply({}))
    client = client_of(tenant, until=world.time + 20.0)
    client.get_json("/x")
    world.time += 20.0
    with pytest.raises(OutOfTime, match="not requested"):
        client.get_json("/x")
    assert tenant.paths() == ["/x"]


def test_no_token_is_requested_after_the_deadline(tenant: FakeTenant) -> None:
    with pytest.raises(OutOfTime):
        client_of(tenant, until=tenant.world.time).get_json("/x")
    assert tenant.seen == []


def test_reading_a_slow_body_ends_at_the_deadline(tenant: FakeTenant) -> None:
    world = tenant.world
    tenant.on("/x", Reply(Slow(b" " * 10_000, world)))
    with pytest.raises(OutOfTime, match="not read to its end"):
        client_of(tenant, until=world.time + 10.0).get_json("/x")
    assert world.time == 1000.0 + 10.0


def test_an_endless_slow_body_is_a_timeout_like_a_missing_body(
    tenant: FakeTenant,
) -> None:
    tenant.on("/x", lambda _: Reply(Slow(b" " * 10_000, tenant.world)))
    with pytest.raises(Unreachable, match=r"after 2 tries \(timed out\)"):
        client_of(tenant, limits=RequestLimits(attempts=2, total=100.0)).get_json("/x")
    assert tenant.world.time == 1000.0 + 2 * 100.0 + 0.5


def test_a_stalled_body_is_awaited_only_until_the_deadline(
    loopback: Loopback,
) -> None:
    began = time.monotonic()
    with pytest.raises(OutOfTime):
        loopback.client(until=began + 1.0).get_json("/stall")
    assert time.monotonic() - began < 1.6


# Connections


def test_a_thread_reuses_one_connection_and_requests_compression(
    loopback: Loopback,
) -> None:
    client = loopback.client()
    for path in ("/x", "/missing", "/x", "/gzip"):
        with suppress(NotFound):
            assert client.get_json(path) == CONTENT
    assert loopback.paths == ["/x", "/missing", "/x", "/gzip"]
    assert loopback.connections == 1
    assert all("gzip" in accepted for accepted in loopback.encodings)
    client.close()


def test_later_threads_reuse_connections_of_earlier_threads(loopback: Loopback) -> None:
    client = loopback.client()
    for _ in range(5):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(client.get_json, "/x").result()
    assert loopback.connections == 1
    client.close()


def test_the_proxy_of_the_environment_is_used_and_looked_up_once_for_each_host(
    tenant: FakeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "all_proxy", "no_proxy", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", urlsplit(TOKEN_URL).netloc)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ours.pem")
    tenant.on("/x", Reply({}))
    client = client_of(tenant)
    client.get_json("/x")
    monkeypatch.setenv("HTTPS_PROXY", "http://other.example:3128")
    client.get_json("/x")
    proxies = [seen.options["proxies"].get("https") for seen in tenant.seen]
    assert proxies == [None, "http://proxy.example:3128", "http://proxy.example:3128"]
    assert {seen.options["verify"] for seen in tenant.seen} == {"/etc/ours.pem"}


# Bodies


def test_the_size_of_a_body_is_limited(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply(b"x" * 1001))
    client = client_of(tenant, limits=RequestLimits(max_body=1000))
    with pytest.raises(DocumentError, match="larger than 1000 bytes"):
        client.get_document("/x")
    tenant.on("/x", Reply(b"x" * 1000))
    assert client.get_document("/x") == b"x" * 1000


def test_the_decompressed_size_of_a_body_is_limited(tenant: FakeTenant) -> None:
    bomb = gzip.compress(b" " * 2_000_000)
    assert len(bomb) < 10_000
    tenant.on("/x", Reply(bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(DocumentError, match="larger than 10000 bytes"):
        client_of(tenant, limits=RequestLimits(max_body=10_000)).get_document("/x")


def test_a_compressed_body_is_decompressed(tenant: FakeTenant) -> None:
    packed = gzip.compress(json.dumps({"ä": 1}).encode())
    headers = {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}
    tenant.on("/x", Reply(packed, headers=headers))
    assert client_of(tenant).get_json("/x") == {"ä": 1}


@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_a_truncated_body_is_an_error(tenant: FakeTenant, encoding: str | None) -> None:
    whole = json.dumps({"value": list(range(5000))}).encode()
    whole = gzip.compress(whole) if encoding else whole
    headers = {"Content-Length": str(len(whole))}
    headers |= {"Content-Encoding": encoding} if encoding else {}
    tenant.on("/x", Reply(whole[:-20], headers=headers))
    with pytest.raises(Unreachable, match="cut off"):
        client_of(tenant).get_json("/x")
    assert tenant.paths() == ["/x"] * 5


def test_a_truncated_body_is_retried(tenant: FakeTenant) -> None:
    cut = Reply(b'{"value": []', headers={"Content-Length": "13"})
    tenant.on("/x", cut, Reply(b'{"value": []}'))
    assert client_of(tenant).get_json("/x") == {"value": []}


@pytest.mark.parametrize("announced", ["soon", "9" * 5000, "-1", ""])
def test_an_invalid_content_length_is_ignored(tenant: FakeTenant, announced: str) -> None:
    tenant.on("/x", Reply(b"{}", headers={"Content-Length": announced}))
    try:
        assert client_of(tenant).get_json("/x") == {}
    except Unreachable:
        assert announced.startswith("9")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(301, Refused), (302, Refused), (304, Refused), (307, Refused), (308, Refused)],
)
def test_redirects_are_not_followed(
    tenant: FakeTenant, status: int, kind: type[AssetUnreadable]
) -> None:
    location = {"Location": "https://login.example/saml?token=abc"}
    tenant.on("/x", Reply(b"", status, location))
    with pytest.raises(kind, match=r"redirects to https://login.example/saml;") as caught:
        client_of(tenant).get_json("/x")
    assert "abc" not in str(caught.value)
    assert tenant.paths() == ["/x"]


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html></html>",
        b"\xef\xbb\xbf\r\n  <!doctype HTML>",
        b"<html>",
        b"<HTML lang='de'>",
        b"<!-- SAP --><html><body>",
        b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0">',
        b"<head><title>Sign in</title>",
        NO_ACCOUNT,
        b"<p>" + NO_ACCOUNT,
    ],
)
def test_an_html_page_is_not_data(tenant: FakeTenant, body: bytes) -> None:
    for kind in ("text/html", "application/json", "application/xml"):
        tenant.on("/x", Reply(body, headers={"Content-Type": kind}))
        client = client_of(tenant)
        with pytest.raises(LoginPage):
            client.get_json("/x")
        with pytest.raises(LoginPage, match="HTML page") as caught:
            client.get_document("/x")
        assert "DATASPHERE_URL" in caught.value.remedy


def test_data_may_contain_the_text_of_an_html_page(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply({"label": NO_ACCOUNT.decode() + "<html>"}))
    assert client_of(tenant).get_json("/x")["label"].startswith("Please contact")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "not whole JSON"),
        (b'{"value": [', "not whole JSON"),
        (b"7", "neither object nor array"),
        (b'"text"', "neither object nor array"),
        (b"null", "neither object nor array"),
        ('{"ä": 1}'.encode("latin-1"), "not UTF-8"),
        (json.dumps({"a": 1}).encode("utf-16"), "not UTF-8"),
        (b"[" * 200_000 + b"]" * 200_000, "not whole JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not whole JSON"),
        (b"<edmx:Edmx/>", "not whole JSON"),
    ],
)
def test_json_of_the_wrong_shape_is_an_error_of_the_document(
    tenant: FakeTenant, body: bytes, message: str
) -> None:
    tenant.on("/x", Reply(body))
    with pytest.raises(DocumentError, match=f"/x is {message}"):
        client_of(tenant).get_json("/x")


def test_a_byte_order_mark_and_a_bare_array_are_accepted(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply(b'\xef\xbb\xbf[{"name": "A"}]'))
    assert client_of(tenant).get_json("/x") == [{"name": "A"}]


def test_lone_surrogates_are_replaced_and_pairs_are_unchanged(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply(rb'{"\ud800": ["a\udfffb", "\ud83d\ude00"]}'))
    document = client_of(tenant).get_json("/x")
    assert document == {"\ufffd": ["a\ufffdb", "\U0001f600"]}
    json.dumps(document, ensure_ascii=False).encode()


@given(st.recursive(st.text() | st.integers() | st.none(), st.lists, max_leaves=20))
def test_any_encodable_json_is_read_unchanged(content: Any) -> None:
    tenant = FakeTenant(World())
    tenant.on("/x", Reply({"value": content}))
    assert client_of(tenant).get_json("/x") == {"value": content}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error":{"code":"1","message":"in OData"}}', "in OData"),
        (b'{"error":{"message":{"lang":"en","value":"in OData 2"}}}', "in OData 2"),
        (b'{"error":"unauthorized","error_description":"no scope"}', "no scope"),
        (b'{"details":{"message":"in dwaas","stack":"x"}}', "in dwaas"),
        (b'{"message":"plain"}', "plain"),
        (b'{"message":null,"error":"second"}', "second"),
        (b'{"other":1}', "no reason given"),
        (b"[]", r"\[\]"),
        (b"just text", "just text"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"<html>x</html>", "an HTML page"),
        (b'{"error":' * 900 + b"1" + b"}" * 900, ""),
        (b"", "no reason given"),
        (b"word " * 1000, "word word"),
    ],
)
def test_an_error_contains_the_message_of_the_tenant(
    tenant: FakeTenant, body: bytes, message: str
) -> None:
    tenant.on("/x", Reply(body, 400))
    with pytest.raises(BadRequest, match=f"/x: HTTP 400: {message}") as caught:
        client_of(tenant).get_json("/x")
    assert len(str(caught.value)) < 300


def test_403_and_404_have_separate_errors(tenant: FakeTenant) -> None:
    client = client_of(tenant)
    tenant.on("/x", Reply({}, 403))
    with pytest.raises(SpaceForbidden):
        client.get_json("/x")
    with pytest.raises(NotFound):
        client.get_json("/nowhere")


# Only the tenant receives the token

ELSEWHERE = [
    "https://evil.example/x",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "https:\\\\evil.example/x",
    "http://acme.eu10.hcs.cloud.sap/x",
    "ftp://acme.eu10.hcs.cloud.sap/x",
    "https://acme.eu10.hcs.cloud.sap:8443/x",
    "https://acme.eu10.hcs.cloud.sap:99999/x",
    "https://acme.eu10.hcs.cloud.sap:x/x",
    "https://acme.eu10.hcs.cloud.sap@evil.example/x",
    "https://user:word@acme.eu10.hcs.cloud.sap/x",
    "https://evil.example\\@acme.eu10.hcs.cloud.sap/x",
    "https://acme.eu10.hcs.cloud.sap.evil.example/x",
    "https://acme.eu10.hcs.cloud.sap./x",
    "https://evil.example#@acme.eu10.hcs.cloud.sap/x",
    "https://evil.example?acme.eu10.hcs.cloud.sap/x",
    "https://[::1]/x",
    "https:evil.example",
    "https:///x",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "\thttps://evil.example/x",
    "ht\ntps://evil.example/x",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_a_url_of_another_host_is_not_followed(tenant: FakeTenant, url: str) -> None:
    client = client_of(tenant)
    for read in (client.get_json, client.get_document):
        with pytest.raises(AssetUnreadable):
            read(url)
    sent = [seen.url for seen in tenant.seen if seen.path != TOKEN_PATH]
    assert {urlsplit(one).netloc for one in sent} <= {"acme.eu10.hcs.cloud.sap"}


@pytest.mark.parametrize("url", [u for u in ELSEWHERE if urlsplit(u).netloc])
def test_a_url_with_another_authority_sends_no_request(tenant: FakeTenant, url: str) -> None:
    with pytest.raises(AssetUnreadable, match="not to the tenant") as caught:
        client_of(tenant).get_json(url)
    assert "token was not sent" in caught.value.remedy
    assert tenant.seen == []


@given(st.text(max_size=40) | st.builds(str.__add__, st.sampled_from(ELSEWHERE), st.text()))
def test_no_payload_sends_the_token_to_another_host(url: str) -> None:
    tenant = FakeTenant(World())
    client = client_of(tenant)
    for base in (None, f"{URL}/a/b?c"):
        try:
            full = client.absolute(url, base)
        except AssetUnreadable:
            continue
        assert full.startswith((f"{URL}/", f"{URL}?")) or full == URL
        assert "@" not in full.removeprefix(URL).split("/")[0]


@pytest.mark.parametrize(
    ("url", "base", "full"),
    [
        ("/a/b", None, f"{URL}/a/b"),
        (f"{URL}:443/a", None, f"{URL}/a"),
        ("HTTPS://ACME.EU10.HCS.CLOUD.SAP/a", None, f"{URL}/a"),
        ("assets?$skiptoken=1", f"{URL}/c/spaces('S')/assets?x=1", f"{URL}/c/spaces('S')/assets"),
        ("?$skip=5", f"{URL}/c/assets?$skip=0", f"{URL}/c/assets"),
        ("/a?b=https://evil.example", None, f"{URL}/a"),
    ],
)
def test_urls_of_the_tenant_are_resolved(
    tenant: FakeTenant, url: str, base: str | None, full: str
) -> None:
    resolved = client_of(tenant).absolute(url, base)
    assert resolved.partition("?")[0] == full
    assert resolved.partition("?")[2] == url.partition("?")[2]


def test_a_tenant_on_loopback_retains_its_port(tenant: FakeTenant) -> None:
    client = client_of(tenant, url="http://127.0.0.1:8080")
    assert client.absolute("/a") == "http://127.0.0.1:8080/a"
    with pytest.raises(AssetUnreadable):
        client.absolute("http://127.0.0.1:8081/a")
    with pytest.raises(AssetUnreadable):
        client.absolute("http://127.0.0.1/a")


def test_the_token_is_not_replaced_by_netrc_or_another_login(tenant: FakeTenant) -> None:
    sent = []

    def record(seen: Seen) -> Reply:
        sent.append(seen.request.headers["Authorization"])
        return Reply({"echo": sent[-1]})

    tenant.on("/x", record)
    client = client_of(tenant)
    client._new_session = lambda: _with_login(tenant)

    assert client.get_json("/x") == {"echo": "Bearer ***"}
    assert sent == ["Bearer token-1"]


def _with_login(tenant: FakeTenant) -> requests.Session:
    session = requests.Session()
    session.auth = ("netrc", "entry")
    session.mount("https://", tenant)
    return session


def test_every_failure_is_a_library_error(tenant: FakeTenant) -> None:
    tenant.on("/x", Reply(error=requests.exceptions.TooManyRedirects()))
    with pytest.raises(SyncError):
        client_of(tenant).get_json("/x")
    tenant.on(TOKEN_PATH, Reply(error=requests.exceptions.InvalidURL()))
    with pytest.raises(SourceUnavailable):
        client_of(tenant).get_json("/x")
