"""The deadline of a run in each attempt of a Glue call; no request leaves this process."""

import json
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from datasphere_glue.aws.session import (
    GLUE_OPERATIONS,
    GaveUp,
    glue_client,
    own_session,
    service_client,
)
from datasphere_glue.errors import OutOfTime, SettingsError, TableExists, Unavailable, WriteFailed
from datasphere_glue.glue.client import GlueCatalog, may_have_succeeded
from tests.functional.unhurried import initialize_client_plugin

UNTIL = 100.0


@cache
def session() -> boto3.Session:
    return boto3.Session("key", "secret", region_name="eu-central-1")


class ResponseBody(BytesIO):
    """A response body as botocore reads it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class Glue:
    """Answers each attempt with the next error and repeats the last one; None is success.

    An attempt takes a second.
    """

    def __init__(self, *errors: tuple[int, str] | Exception | None) -> None:
        self.errors = list(errors) or [None]
        self.time = 0.0
        self.attempted: list[str] = []
        self.attempts: list[tuple[str, bool, bool]] = []
        self.calls: list[tuple[str, str, float, bool]] = []

    def catalog(self, until: float = UNTIL) -> GlueCatalog:
        client = glue_client(session(), until, lambda: self.time, self._record_attempt)
        initialize_client_plugin(client)
        response: Any = self._response  # the stubs forget that a handler may return an answer
        client.meta.events.register_last("before-send.glue", response)
        return GlueCatalog(client, on_call=self._record_call, clock=lambda: self.time)

    def _record_attempt(self, operation: str, *, again: bool, throttled: bool) -> None:
        self.attempts.append((operation, again, throttled))

    def _record_call(self, operation: str, resource: str, seconds: float, *, failed: bool) -> None:
        self.calls.append((operation, resource, seconds, failed))

    def _response(self, event_name: str, request: Any, **_: Any) -> AWSResponse:
        self.time += 1.0
        self.attempted.append(event_name.rpartition(".")[2])
        error = self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
        if isinstance(error, Exception):
            raise error
        status, code = error or (200, "")
        content = {"__type": code, "message": "refused"} if error else {"Table": {"Name": "t"}}
        return AWSResponse(
            request.url, status, HTTPHeaders(), ResponseBody(json.dumps(content).encode())
        )


SILENT = ReadTimeoutError(endpoint_url="https://glue")
THROTTLED = (400, "ThrottlingException")
BROKEN = (500, "InternalServiceException")
EXISTS = (400, "AlreadyExistsException")
BODY = {"Name": "t"}


def test_a_call_with_a_transient_failure_is_retried_before_the_deadline() -> None:
    glue = Glue(SILENT, THROTTLED, BROKEN, None)
    assert glue.catalog().get_table("d", "t") == BODY
    assert glue.attempted == ["GetTable"] * 4


def test_each_attempt_is_reported_and_the_call_once_with_its_total_time() -> None:
    glue = Glue(SILENT, THROTTLED, BROKEN, None)
    glue.catalog().get_table("d", "t")
    assert glue.attempts == [
        ("GetTable", False, False),
        ("GetTable", True, True),
        ("GetTable", True, False),
        ("GetTable", True, False),
    ]
    assert glue.calls == [("GetTable", "table/d/t", 4.0, False)]


def test_a_failed_call_is_reported_as_failed() -> None:
    glue = Glue(EXISTS)
    with pytest.raises(TableExists):
        glue.catalog().create_table("d", BODY)
    assert glue.calls == [("CreateTable", "table/d/t", 1.0, True)]
    assert glue.attempts == [("CreateTable", False, False)]


def test_a_call_that_was_given_up_is_reported() -> None:
    glue = Glue(THROTTLED)
    with pytest.raises(GaveUp):
        glue.catalog(until=2.5).get_table("d", "t")
    assert glue.calls == [("GetTable", "table/d/t", 3.0, True)]
    assert glue.attempts == [("GetTable", again, True) for again in (False, True, True)]


@pytest.mark.parametrize("failure", [SILENT, THROTTLED, BROKEN], ids=str)
def test_a_failed_call_is_not_retried_after_the_deadline(failure: Any) -> None:
    glue = Glue(failure)
    with pytest.raises(GaveUp, match="glue:GetTable was not tried again"):
        glue.catalog(until=2.5).get_table("d", "t")
    assert len(glue.attempted) == 3


def test_no_request_is_sent_after_the_deadline() -> None:
    glue = Glue()
    glue.time = UNTIL
    with pytest.raises(OutOfTime, match="not called") as caught:
        glue.catalog().create_table("d", BODY)
    assert not isinstance(caught.value, GaveUp)
    assert not may_have_succeeded(caught.value)
    assert glue.attempted == []


def test_a_late_response_counts() -> None:
    glue = Glue(EXISTS)
    with pytest.raises(TableExists):
        glue.catalog(until=0.5).create_table("d", BODY)


def test_a_write_can_be_verified_shortly_after_the_deadline() -> None:
    glue = Glue()
    catalog = glue.catalog()
    glue.time = UNTIL - 1.0
    catalog.create_table("d", BODY)
    assert catalog.get_table("d", "t") == BODY
    with pytest.raises(OutOfTime):
        catalog.delete_table("d", "t")
    glue.time = UNTIL + 10.0
    with pytest.raises(OutOfTime):
        catalog.get_table("d", "t")


def test_without_a_write_no_read_is_allowed_after_the_deadline() -> None:
    glue = Glue()
    catalog = glue.catalog()
    catalog.get_table("d", "t")
    glue.time = UNTIL
    with pytest.raises(OutOfTime):
        catalog.get_table("d", "t")


@pytest.mark.parametrize(
    ("failures", "kind", "expected"),
    [
        ((EXISTS,), TableExists, False),
        ((SILENT, EXISTS), TableExists, True),
        ((BROKEN, EXISTS), TableExists, True),
        ((SILENT,), WriteFailed, True),
        ((BROKEN,), WriteFailed, True),
        (((400, "ValidationException"),), WriteFailed, False),
    ],
)
def test_a_write_sent_twice_or_without_response_may_have_succeeded(
    failures: tuple[Any, ...], kind: type[WriteFailed], *, expected: bool
) -> None:
    with pytest.raises(kind) as caught:
        Glue(*failures).catalog().create_table("d", BODY)
    assert may_have_succeeded(caught.value) is expected


def test_a_write_that_was_given_up_may_have_succeeded() -> None:
    with pytest.raises(GaveUp) as caught:
        Glue(SILENT).catalog(until=0.5).create_table("d", BODY)
    assert may_have_succeeded(caught.value)


@pytest.mark.parametrize(("until", "waited"), [(float("inf"), 15), (7.5, 7.5), (-9.0, 1)])
def test_the_read_timeout_ends_with_the_deadline(until: float, waited: float) -> None:
    config: Any = glue_client(session(), until, lambda: 0.0).meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, waited)
    assert config.retries["total_max_attempts"] == 10


def test_our_client_has_only_the_operations_in_use() -> None:
    ours = glue_client(own_session("eu-central-1"))
    assert sorted(ours.meta.method_to_api_mapping.values()) == sorted(GLUE_OPERATIONS)
    assert not hasattr(ours, "delete_database")


def test_a_read_without_response_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="got no answer"):
        Glue(SILENT).catalog().get_table("d", "t")


@pytest.mark.parametrize("service", ["s3", "ssm", "secretsmanager", "sts", "appconfigdata"])
def test_every_other_service_has_short_timeouts(
    monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    create: Any = own_session("eu-central-1").client
    config = create(service).meta.config
    assert (config.connect_timeout, config.read_timeout) == (3, 6)
    assert config.retries["total_max_attempts"] == 3


def test_a_session_has_one_client_of_a_service_and_another_session_its_own() -> None:
    name = "secretsmanager"
    client = service_client(session(), name)
    assert service_client(session(), name) is client
    other = service_client(boto3.Session("another", "secret", region_name="eu-west-1"), name)
    assert other.meta.region_name == "eu-west-1"
    assert client.meta.region_name == "eu-central-1"


def test_empty_variables_are_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "")

    with pytest.raises(SettingsError, match="AWS_DEFAULT_REGION"):
        own_session().client("glue")
