"""What leaves for a tenant, and what each way of failing becomes."""

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from datasphere_glue.datasphere.answer import BadRequest, LoginPage, NotFound, Refused
from datasphere_glue.datasphere.client import XML, Unreachable
from datasphere_glue.errors import (
    AssetUnreadable,
    CredentialsRejected,
    DocumentError,
    OutOfTime,
    SourceUnavailable,
    SpaceForbidden,
)
from tests.contract.datasphere.fake_tenant import (
    LOGIN_PAGE,
    START,
    UNKNOWN_USER,
    URL,
    Reader,
    Reply,
    token,
)

PATH = "/api/v1/thing"
GOOD = Reply(200, {"value": []})
HTTP_DATE = format_datetime(START + timedelta(seconds=7), usegmt=True)


def test_every_request_carries_time_outs_a_bearer_and_what_it_accepts() -> None:
    reader = Reader()
    reader.tenant.on(PATH, Reply(503), GOOD)

    reader.client.get_json(PATH)
    reader.client.get_document(PATH)

    fetched, *asked = reader.tenant.seen
    assert {seen.timeout for seen in reader.tenant.seen} == {(5.0, 60.0)}
    assert [seen.headers["Authorization"] for seen in asked] == ["Bearer T1"] * 3
    assert [seen.headers["Accept"] for seen in asked] == ["application/json"] * 2 + [XML]
    assert {seen.method for seen in asked} == {"GET"}
    assert fetched.method == "POST"
    assert reader.client.requests_made == 4


def test_no_time_out_reaches_beyond_the_end_of_the_run() -> None:
    reader = Reader(until=1012.0)
    reader.tenant.on(PATH, GOOD)

    reader.client.get_json(PATH)

    assert reader.tenant.data[0].timeout == (5.0, 12.0)


RETRIED: dict[str, tuple[Any, list[float]]] = {
    "connect time-out": (requests.ConnectTimeout(), [0.5]),
    "read time-out": (requests.ReadTimeout(), [0.5]),
    "reset": (requests.ConnectionError(), [0.5]),
    "cut off": (Reply(200, b'{"value"', {"Content-Length": "99"}), [0.5]),
    "broken gzip": (Reply(200, b"nonsense", {"Content-Encoding": "gzip"}), [0.5]),
    "429": (Reply(429), [0.5]),
    "429 with seconds": (Reply(429, headers={"Retry-After": "7"}), [7.0]),
    "429 with a date": (Reply(429, headers={"Retry-After": HTTP_DATE}), [7.0]),
    "429 without sense": (Reply(429, headers={"Retry-After": "soon"}), [0.5]),
    "429 for too long": (Reply(429, headers={"Retry-After": "86400"}), [60.0]),
    "429 with zero": (Reply(429, headers={"Retry-After": "0"}), [0.5]),
    "500": (Reply(500), [0.5]),
    "502": (Reply(502, LOGIN_PAGE), [0.5]),
    "503": (Reply(503, headers={"Retry-After": "3"}), [3.0]),
    "504": (Reply(504), [0.5]),
}


@pytest.mark.parametrize(("fault", "slept"), RETRIED.values(), ids=RETRIED)
def test_what_may_pass_is_tried_again(fault: Any, slept: list[float]) -> None:
    reader = Reader()
    reader.tenant.on(PATH, fault, GOOD)

    assert reader.client.get_json(PATH) == {"value": []}
    assert reader.time.slept == slept


@pytest.mark.parametrize("fault", [value[0] for value in RETRIED.values()], ids=RETRIED)
def test_tries_are_bounded(fault: Any) -> None:
    reader = Reader()
    reader.tenant.on(PATH, fault)

    with pytest.raises(Unreachable, match=r"/api/v1/thing gave no answer after 5 tries"):
        reader.client.get_json(PATH)
    assert len(reader.tenant.asked(PATH)) == 5


def test_pauses_double_with_full_jitter_up_to_a_cap() -> None:
    reader = Reader(tries=8)
    reader.tenant.on(PATH, Reply(503))

    with pytest.raises(Unreachable):
        reader.client.get_json(PATH)
    assert reader.time.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]


REFUSED: dict[str, tuple[Reply, type[Exception], str]] = {
    "400": (Reply(400, {"error": {"code": "x", "message": "bad $top"}}), BadRequest, "bad \\$top"),
    "403": (Reply(403, {"message": "no role"}), SpaceForbidden, "HTTP 403: no role"),
    "404": (Reply(404, {"details": {"message": "gone"}}), NotFound, "HTTP 404: gone"),
    "406": (Reply(406, b"not acceptable"), Refused, "HTTP 406: not acceptable"),
    "410": (Reply(410), Refused, "no reason given"),
    "501": (Reply(501), Refused, "HTTP 501"),
    "redirect": (
        Reply(302, headers={"Location": "https://login.example/a?token=x"}),
        Refused,
        "redirects to https://login.example/a; it was not followed",
    ),
    "redeploy": (Reply(500, {"error": "Result cannot be empty"}), Refused, "cannot be empty"),
    "login page": (Reply(200, LOGIN_PAGE), LoginPage, "HTML"),
    "xhtml": (Reply(200, b'<?xml version="1.0"?>\n<html/>'), LoginPage, "HTML"),
    "unknown user": (Reply(200, UNKNOWN_USER), LoginPage, "HTML"),
    "empty": (Reply(200, b""), DocumentError, "not whole JSON"),
    "truncated": (Reply(200, b'{"value": [{"na'), DocumentError, "not whole JSON"),
    "latin": (Reply(200, '{"a": "ü"}'.encode("latin-1")), DocumentError, "not UTF-8"),
    "utf-16": (Reply(200, '{"a": 1}'.encode("utf-16")), DocumentError, "not UTF-8"),
    "number": (Reply(200, b"42"), DocumentError, "neither object nor array"),
    "deep": (Reply(200, b"[" * 200_000), DocumentError, "not whole JSON"),
    "xml": (Reply(200, b"<edmx:Edmx/>"), DocumentError, "not whole JSON"),
    "too large": (Reply(200, b"[" + b" " * 2000 + b"]"), DocumentError, "larger than 1000"),
}


@pytest.mark.parametrize(("reply", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_trying_again_does_not_change_is_told_at_once(
    reply: Reply, error: type[Exception], message: str
) -> None:
    reader = Reader(max_body=1000 if "larger" in message else 1_000_000)
    reader.tenant.on(PATH, reply)

    with pytest.raises(error, match=message) as raised:
        reader.client.get_json(PATH)
    assert type(raised.value) is error
    assert len(reader.tenant.asked(PATH)) == 1
    assert "token=x" not in str(raised.value)


def test_a_packed_answer_counts_with_its_real_size() -> None:
    reader = Reader(max_body=1000)
    headers = {"Content-Encoding": "gzip"}
    reader.tenant.on(PATH, Reply(200, gzip.compress(b"[" + b" " * 5000 + b"]"), headers))
    reader.tenant.on("/small", Reply(200, gzip.compress(b"[1]"), headers))

    with pytest.raises(DocumentError, match="larger than 1000 bytes"):
        reader.client.get_json(PATH)
    assert reader.client.get_json("/small") == [1]


def test_lone_surrogates_are_replaced_and_pairs_are_kept() -> None:
    reader = Reader()
    reader.tenant.on(PATH, Reply(200, b'{"a\\udc00": ["\\ud83d", "\\ud83d\\ude00"]}'))

    assert reader.client.get_json(PATH) == {"a\ufffd": ["\ufffd", "\U0001f600"]}


def test_a_label_may_quote_the_text_of_the_page_for_unknown_users() -> None:
    reader = Reader()
    reader.tenant.on(PATH, Reply(200, [UNKNOWN_USER.decode()]))

    assert reader.client.get_json(PATH) == [UNKNOWN_USER.decode()]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "//evil.example/x",
        "http://acme.eu10.hcs.cloud.sap/x",
        "https://acme.eu10.hcs.cloud.sap:8443/x",
        "https://acme.eu10.hcs.cloud.sap.evil.example/x",
        "https://evil.example\\@acme.eu10.hcs.cloud.sap/x",
        "https://user:word@acme.eu10.hcs.cloud.sap/x",
        "https://[broken/x",
        "https://acme.eu10.hcs.cloud.sap:port/x",
        "file:///etc/passwd",
    ],
)
def test_the_token_leaves_for_the_tenants_own_origin_only(url: str) -> None:
    reader = Reader()

    with pytest.raises(AssetUnreadable, match="not to the tenant"):
        reader.client.get_json(url)
    assert reader.tenant.seen == []


@pytest.mark.parametrize(
    ("url", "full"),
    [
        ("/x?$skip=1", f"{URL}/x?$skip=1"),
        ("assets?$skip=1", f"{URL}/a/assets?$skip=1"),
        ("?$skip=1", f"{URL}/a/b?$skip=1"),
        ("HTTPS://ACME.eu10.hcs.cloud.sap:443/x#part", f"{URL}/x"),
    ],
)
def test_urls_of_a_payload_are_resolved_against_the_request(url: str, full: str) -> None:
    assert Reader().client.absolute(url, f"{URL}/a/b") == full


def test_a_retry_after_pauses_everybody() -> None:
    reader = Reader()
    reader.tenant.on(PATH, Reply(429, headers={"Retry-After": "20"}), GOOD)

    reader.client.get_json(PATH)
    reader.budget.take()

    assert reader.time.seconds >= 1020.0


def test_every_request_passes_the_one_rate_budget() -> None:
    reader = Reader(per_minute=60)
    reader.tenant.on(PATH, GOOD)

    for _ in range(60):
        reader.client.get_json(PATH)

    assert reader.client.requests_made == 61
    assert reader.time.seconds - 1000.0 >= 59.0


def test_nothing_is_waited_for_beyond_the_end_of_the_run() -> None:
    reader = Reader(until=1002.0)
    reader.tenant.on(PATH, Reply(429, headers={"Retry-After": "5"}))

    with pytest.raises(OutOfTime, match="time of the run is over"):
        reader.client.get_json(PATH)
    assert reader.time.slept == []
    reader.time.seconds = 1002.0
    with pytest.raises(OutOfTime):
        reader.client.get_json(PATH)
    assert len(reader.tenant.asked(PATH)) == 1


def test_each_thread_has_a_session_of_its_own_and_all_are_closed() -> None:
    reader = Reader()
    reader.tenant.on(PATH, GOOD)
    together = threading.Barrier(3)

    def read(_: int) -> None:
        together.wait(timeout=10)
        reader.client.get_json(PATH)
        reader.client.get_json(PATH)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(read, range(3)))
    assert len(reader.tenant.sessions) == 3
    assert reader.client.requests_made == 7
    reader.client.close()
    reader.client.get_json(PATH)
    assert len(reader.tenant.sessions) == 4


def test_a_refused_token_is_renewed_once_with_the_secret_read_again() -> None:
    reader = Reader()
    reader.tenant.on("/oauth/token", token("T1"), token("T2"))
    reader.tenant.on(PATH, Reply(401), GOOD)

    assert reader.client.get_json(PATH) == {"value": []}
    assert [s.headers["Authorization"] for s in reader.tenant.data] == ["Bearer T1", "Bearer T2"]
    assert reader.reads == [False, True]


def test_a_second_refusal_halts_and_tells_why() -> None:
    reader = Reader()
    refusal = {"error": "unauthorized", "error_description": "No Authentication object"}
    reader.tenant.on(PATH, Reply(401, refusal))

    with pytest.raises(CredentialsRejected, match="No Authentication object") as raised:
        reader.client.get_json(PATH)
    assert "T1" not in str(raised.value)
    assert len(reader.tenant.asked(PATH)) == 2


@pytest.mark.parametrize(
    "fault",
    [Reply(503), Reply(429), requests.ReadTimeout(), requests.ConnectionError()],
    ids=["503", "429", "time-out", "reset"],
)
def test_a_token_endpoint_that_is_down_makes_the_source_unavailable(fault: Any) -> None:
    reader = Reader()
    reader.tenant.on("/oauth/token", fault)

    with pytest.raises(SourceUnavailable, match="no token could be fetched") as raised:
        reader.client.get_json(PATH)
    assert not isinstance(raised.value, Unreachable)
    assert reader.client.requests_made == 5


def test_a_netrc_entry_never_replaces_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = Reader()
    reader.tenant.on(PATH, GOOD)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine acme.eu10.hcs.cloud.sap login someone password else\n")
    reader.tenant.trust_env = True

    monkeypatch.setenv("NETRC", str(netrc))

    reader.client.get_json(PATH)

    assert reader.tenant.data[0].headers["Authorization"] == "Bearer T1"
