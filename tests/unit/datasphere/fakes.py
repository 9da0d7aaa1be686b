"""A tenant without sockets, and a clock that advances only during waits."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPResponse

from datasphere_glue.datasphere.auth import Credentials, TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.datasphere.client import DatasphereClient
from datasphere_glue.datasphere.transport import Attempt, Runtime

URL = "https://acme.eu10.hcs.cloud.sap"
TOKEN_URL = "https://acme.authentication.eu10.hana.ondemand.com/oauth/token"
TOKEN_PATH = "/oauth/token"
SECRET = "hush-hush"
LOGIN = Credentials("sb-1!b2|client!b3", SECRET)


class World:
    """The clock and the random source of a client.

    `waits`: the waits so far, in seconds.
    `chance`: the number that each draw returns.
    `attempts`: the requests that the client reported.
    """

    def __init__(self) -> None:
        self.time = 1000.0
        self.chance = 0.5
        self.waits: list[float] = []
        self.attempts: list[Attempt] = []

    def clock(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds

    @property
    def runtime(self) -> Runtime:
        return Runtime(
            clock=self.clock,
            sleep=self.sleep,
            draw=lambda: self.chance,
            now=lambda: datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC),
            on_attempt=self.attempts.append,
        )


@dataclass(frozen=True)
class Reply:
    """A response of the tenant: JSON, bytes or a stream; or a connection error."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Exception | None = None

    @property
    def stream(self) -> BytesIO:
        if isinstance(self.body, BytesIO):
            return self.body
        return BytesIO(
            self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        )


@dataclass(frozen=True)
class Seen:
    """One sent request; `options` are those of the transport, such as `timeout`."""

    request: requests.PreparedRequest
    options: Mapping[str, Any]

    @property
    def url(self) -> str:
        return str(self.request.url)

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.url).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))


Answering = Callable[[Seen], Reply]


class FakeTenant(BaseAdapter):
    """Answers each decoded path with its replies in turn and repeats the last; else with 404.

    The token endpoint grants `token-1`, `token-2`... by default.
    """

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.seen: list[Seen] = []
        self.closed = 0
        self.granted = 0
        self._replies: dict[str, list[Reply | Answering]] = defaultdict(list)
        self.on(TOKEN_PATH, self.grant)

    def on(self, path: str, *replies: Reply | Answering) -> None:
        self._replies[path] = list(replies)

    def grant(self, _seen: Seen) -> Reply:
        self.granted += 1
        return Reply({"access_token": f"token-{self.granted}", "expires_in": 3600})

    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen if seen.path != TOKEN_PATH]

    def bearers(self) -> list[str]:
        sent = (seen for seen in self.seen if seen.path != TOKEN_PATH)
        return [seen.request.headers["Authorization"] for seen in sent]

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        assert not args
        seen = Seen(request, options)
        self.seen.append(seen)
        waiting = self._replies.get(seen.path) or [Reply({}, 404)]
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        answer = reply if isinstance(reply, Reply) else reply(seen)
        if answer.error is not None:
            raise answer.error
        raw = HTTPResponse(
            answer.stream,
            headers=dict(answer.headers),
            status=answer.status,
            preload_content=False,
            request_method=request.method,
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        self.closed += 1


def session_with(tenant: FakeTenant) -> requests.Session:
    """Return a session that can reach the fake tenant only."""
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    for scheme in ("https://", "http://"):
        session.mount(scheme, tenant)
    return session


def client_of(
    tenant: FakeTenant,
    *,
    url: str = URL,
    read_credentials: Callable[[bool], Credentials] = lambda _fresh: LOGIN,
    per_minute: int = 60_000,
    **policy: Any,
) -> DatasphereClient:
    """Return the real client of a fake tenant, with the clock of the tenant.

    `policy`: the keyword arguments `until` and `limits`.
    """
    world = tenant.world
    return DatasphereClient(
        url,
        TokenSource(TOKEN_URL, read_credentials, clock=world.clock),
        RateBudget(per_minute, clock=world.clock, sleep=world.sleep),
        **policy,
        runtime=world.runtime,
        new_session=lambda: session_with(tenant),
    )
