"""What a client tells of its requests: each of them, how it ended, and how long it took."""

import pytest
import requests

from datasphere_glue.datasphere.client import RequestLimits, Try, Unreachable
from datasphere_glue.errors import DocumentError
from tests.unit.datasphere.fakes import TOKEN_URL, URL, FakeTenant, Reply, World, client_of


def told(world: World) -> list[tuple[str, int, int]]:
    return [(one.method, one.attempt, one.status) for one in world.tries]


def test_every_request_is_told_the_token_too(tenant: FakeTenant, world: World) -> None:
    tenant.on("/x", Reply({}))
    client_of(tenant).get_json("/x")
    assert world.tries == [
        Try("POST", TOKEN_URL, 1, 200, 0.0),
        Try("GET", f"{URL}/x", 1, 200, 0.0),
    ]


def test_what_is_tried_again_is_told_as_often_as_it_was_sent(
    tenant: FakeTenant, world: World
) -> None:
    tenant.on("/x", Reply(status=429), Reply(error=requests.ReadTimeout()), Reply({}))
    client = client_of(tenant)
    client.get_json("/x")
    assert told(world)[1:] == [("GET", 1, 429), ("GET", 2, 0), ("GET", 3, 200)]
    assert len(world.tries) == client.requests_made


def test_waiting_between_tries_is_no_time_of_a_request(tenant: FakeTenant, world: World) -> None:
    tenant.on("/x", Reply(status=503), Reply({}))
    client_of(tenant).get_json("/x")
    assert world.naps
    assert [one.seconds for one in world.tries] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("error", [requests.ConnectionError(), requests.exceptions.InvalidURL()])
def test_a_request_without_an_answer_is_told(
    tenant: FakeTenant, world: World, error: Exception
) -> None:
    tenant.on("/x", Reply(error=error))
    with pytest.raises(Unreachable):
        client_of(tenant).get_json("/x")
    assert {one.status for one in world.tries[1:]} == {0}


def test_an_answer_that_is_too_large_is_told(tenant: FakeTenant, world: World) -> None:
    tenant.on("/x", Reply(b"x" * 100))
    with pytest.raises(DocumentError):
        client_of(tenant, limits=RequestLimits(max_body=50)).get_document("/x")
    assert told(world)[-1] == ("GET", 1, 0)
