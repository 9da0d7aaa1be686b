"""The reports of a client: each request with its end and its duration."""

import pytest
import requests

from datasphere_glue.datasphere.client import Unreachable
from datasphere_glue.datasphere.transport import Attempt, RequestLimits
from datasphere_glue.errors import DocumentError
from tests.unit.datasphere.fakes import TOKEN_URL, URL, FakeTenant, Reply, World, client_of


def reported(world: World) -> list[tuple[str, int, int]]:
    return [(one.method, one.attempt, one.status) for one in world.attempts]


def test_every_request_is_reported_and_so_is_the_token(tenant: FakeTenant, world: World) -> None:
    tenant.on("/x", Reply({}))
    client_of(tenant).get_json("/x")
    assert world.attempts == [
        Attempt("POST", TOKEN_URL, 1, 200, 0.0),
        Attempt("GET", f"{URL}/x", 1, 200, 0.0),
    ]


def test_each_attempt_of_a_retried_request_is_reported(tenant: FakeTenant, world: World) -> None:
    tenant.on("/x", Reply(status=429), Reply(error=requests.ReadTimeout()), Reply({}))
    client = client_of(tenant)
    client.get_json("/x")
    assert reported(world)[1:] == [("GET", 1, 429), ("GET", 2, 0), ("GET", 3, 200)]
    assert len(world.attempts) == client.requests_made


def test_the_duration_of_a_request_excludes_waits_between_attempts(
    tenant: FakeTenant, world: World
) -> None:
    tenant.on("/x", Reply(status=503), Reply({}))
    client_of(tenant).get_json("/x")
    assert world.waits
    assert [one.seconds for one in world.attempts] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("error", [requests.ConnectionError(), requests.exceptions.InvalidURL()])
def test_a_request_without_an_answer_is_reported(
    tenant: FakeTenant, world: World, error: Exception
) -> None:
    tenant.on("/x", Reply(error=error))
    with pytest.raises(Unreachable):
        client_of(tenant).get_json("/x")
    assert {one.status for one in world.attempts[1:]} == {0}


def test_an_answer_that_is_too_large_is_reported(tenant: FakeTenant, world: World) -> None:
    tenant.on("/x", Reply(b"x" * 100))
    with pytest.raises(DocumentError):
        client_of(tenant, limits=RequestLimits(max_body=50)).get_document("/x")
    assert reported(world)[-1] == ("GET", 1, 0)
