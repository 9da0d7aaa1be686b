"""The end of a run's time, as each try of a Glue call meets it; nothing leaves this process."""

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

from datasphere_glue.aws.session import GLUE_OPERATIONS, GaveUp, glue_client, own_session
from datasphere_glue.errors import OutOfTime, TableExists, Unavailable, WriteFailed
from datasphere_glue.glue.client import GlueCatalog, may_have_succeeded
from tests.functional.unhurried import initialize_client_plugin

UNTIL = 100.0


@cache
def session() -> boto3.Session:
    return boto3.Session("key", "secret", region_name="eu-central-1")


class Answer(BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class Glue:
    """Answers each try with the next of its errors, the last one for good; None is success.

    A try takes a second.
    """

    def __init__(self, *errors: tuple[int, str] | Exception | None) -> None:
        self.errors = list(errors) or [None]
        self.time = 0.0
        self.tries: list[str] = []
        self.told: list[tuple[str, bool, bool]] = []
        self.calls: list[tuple[str, str, float, bool]] = []

    def catalog(self, until: float = UNTIL) -> GlueCatalog:
        client = glue_client(session(), until, lambda: self.time, self._tried)
        initialize_client_plugin(client)
        answer: Any = self._answer  # the stubs forget that a handler may return an answer
        client.meta.events.register_last("before-send.glue", answer)
        return GlueCatalog(client, on_call=self._called, clock=lambda: self.time)

    def _tried(self, operation: str, *, again: bool, throttled: bool) -> None:
        self.told.append((operation, again, throttled))

    def _called(self, operation: str, resource: str, seconds: float, *, failed: bool) -> None:
        self.calls.append((operation, resource, seconds, failed))

    def _answer(self, event_name: str, request: Any, **_: Any) -> AWSResponse:
        self.time += 1.0
        self.tries.append(event_name.rpartition(".")[2])
        error = self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
        if isinstance(error, Exception):
            raise error
        status, code = error or (200, "")
        content = {"__type": code, "message": "told"} if error else {"Table": {"Name": "t"}}
        return AWSResponse(request.url, status, HTTPHeaders(), Answer(json.dumps(content).encode()))


SILENT = ReadTimeoutError(endpoint_url="https://glue")
THROTTLED = (400, "ThrottlingException")
BROKEN = (500, "InternalServiceException")
EXISTS = (400, "AlreadyExistsException")
BODY = {"Name": "t"}


def test_in_time_a_call_that_fails_for_now_is_tried_again() -> None:
    glue = Glue(SILENT, THROTTLED, BROKEN, None)
    assert glue.catalog().get_table("d", "t") == BODY
    assert glue.tries == ["GetTable"] * 4


def test_every_try_is_told_and_a_call_once_with_the_time_of_all_its_tries() -> None:
    glue = Glue(SILENT, THROTTLED, BROKEN, None)
    glue.catalog().get_table("d", "t")
    assert glue.told == [
        ("GetTable", False, False),
        ("GetTable", True, True),
        ("GetTable", True, False),
        ("GetTable", True, False),
    ]
    assert glue.calls == [("GetTable", "table/d/t", 4.0, False)]


def test_a_call_that_fails_is_told_as_failed() -> None:
    glue = Glue(EXISTS)
    with pytest.raises(TableExists):
        glue.catalog().create_table("d", BODY)
    assert glue.calls == [("CreateTable", "table/d/t", 1.0, True)]
    assert glue.told == [("CreateTable", False, False)]


def test_what_is_given_up_is_told_too() -> None:
    glue = Glue(THROTTLED)
    with pytest.raises(GaveUp):
        glue.catalog(until=2.5).get_table("d", "t")
    assert glue.calls == [("GetTable", "table/d/t", 3.0, True)]
    assert glue.told == [("GetTable", again, True) for again in (False, True, True)]


@pytest.mark.parametrize("failure", [SILENT, THROTTLED, BROKEN], ids=str)
def test_what_failed_is_not_tried_again_once_the_time_is_over(failure: Any) -> None:
    glue = Glue(failure)
    with pytest.raises(GaveUp, match="glue:GetTable was not tried again"):
        glue.catalog(until=2.5).get_table("d", "t")
    assert len(glue.tries) == 3


def test_nothing_leaves_once_the_time_is_over() -> None:
    glue = Glue()
    glue.time = UNTIL
    with pytest.raises(OutOfTime, match="not called") as caught:
        glue.catalog().create_table("d", BODY)
    assert not isinstance(caught.value, GaveUp)
    assert not may_have_succeeded(caught.value)
    assert glue.tries == []


def test_an_answer_that_comes_late_counts() -> None:
    glue = Glue(EXISTS)
    with pytest.raises(TableExists):
        glue.catalog(until=0.5).create_table("d", BODY)


def test_what_was_written_may_be_read_back_for_a_moment_and_nothing_may_be_written() -> None:
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


def test_without_a_write_nothing_is_read_after_the_end() -> None:
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
def test_a_write_that_was_sent_twice_or_never_answered_may_have_been_carried_out(
    failures: tuple[Any, ...], kind: type[WriteFailed], *, expected: bool
) -> None:
    with pytest.raises(kind) as caught:
        Glue(*failures).catalog().create_table("d", BODY)
    assert may_have_succeeded(caught.value) is expected


def test_a_write_that_was_given_up_may_have_been_carried_out() -> None:
    with pytest.raises(GaveUp) as caught:
        Glue(SILENT).catalog(until=0.5).create_table("d", BODY)
    assert may_have_succeeded(caught.value)


@pytest.mark.parametrize(("until", "waited"), [(float("inf"), 15), (7.5, 7.5), (-9.0, 1)])
def test_silence_is_waited_for_no_longer_than_the_run_lasts(until: float, waited: float) -> None:
    config: Any = glue_client(session(), until, lambda: 0.0).meta.config
    assert (config.connect_timeout, config.read_timeout) == (5, waited)
    assert config.retries["total_max_attempts"] == 10


def test_a_client_of_ours_can_call_what_is_called_and_nothing_else() -> None:
    ours = glue_client(own_session("eu-central-1"))
    assert sorted(ours.meta.method_to_api_mapping.values()) == sorted(GLUE_OPERATIONS)
    assert not hasattr(ours, "delete_database")


def test_a_read_that_gets_no_answer_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="got no answer"):
        Glue(SILENT).catalog().get_table("d", "t")


@pytest.mark.parametrize("service", ["s3", "ssm", "secretsmanager", "sts", "appconfigdata"])
def test_every_other_service_is_waited_for_briefly(
    monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    create: Any = own_session("eu-central-1").client
    config = create(service).meta.config
    assert (config.connect_timeout, config.read_timeout) == (3, 6)
    assert config.retries["total_max_attempts"] == 3
