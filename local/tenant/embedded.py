"""An embedded SAP Datasphere tenant: a real HTTP server on loopback, for tests and the demo.

    with EmbeddedTenant(load_recorded(folder)) as tenant:
        requests.get(f"{tenant.url}/api/v1/datasphere/consumption/catalog/spaces", ...)

It serves OAuth client credentials, the catalog, `$metadata` and the object API as tenants do. It
can be changed while it serves (`tenant.spaces`), injects faults (`tenant.faults`) and records its
requests (`tenant.requests`).
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Event
from typing import Any, Self

from local.serving import ServingThread
from local.tenant.access import Throttle, Tokens, unauthenticated
from local.tenant.catalog import Catalog, Paging, odata_error
from local.tenant.connections import connections_answer
from local.tenant.edmx import Form
from local.tenant.faults import FaultKind, Faults, instead, prepared, spoilt
from local.tenant.http import Answer, Request, Server
from local.tenant.objects import Objects
from local.tenant.store import Space, SpaceStore


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the tenant behaves, within the protocol.

    `latency`: seconds per request.
    `requests_per_minute`: rate limit; further requests get status 429.
    `expires_in`: lifetime of a token in seconds.
    `object_api`: whether the technical user has the role for object definitions.
    """

    paging: Paging = field(default_factory=Paging)
    object_api: bool = True
    expires_in: int = 43199
    latency: float = 0.0
    requests_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Clockwork:
    """The tenant's time: a monotonic clock in seconds, the present in UTC, and how it waits.

    `sleep` None waits in real time, but no longer than the tenant is open.
    """

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], object] | None = None


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request as it came in, its path and query decoded, its credentials left out."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


class EmbeddedTenant:
    """A tenant that serves from entering to leaving the `with` block.

    `spaces` is what it holds and may be changed at any time; `behaviour` may be replaced likewise,
    and `host` by another name of this machine: the tenant then has a new address.
    """

    def __init__(
        self,
        spaces: Iterable[Space] = (),
        *,
        behaviour: Behaviour | None = None,
        clockwork: Clockwork | None = None,
        port: int = 0,
    ) -> None:
        self.behaviour = behaviour or Behaviour()
        self._clockwork = clockwork or Clockwork()
        self.spaces = SpaceStore(spaces, self._clockwork.now)
        self.faults = Faults()
        self.requests: list[RecordedRequest] = []
        self.tokens = Tokens(self._clockwork.clock)
        self._throttle = Throttle(self._clockwork.clock)
        self._port = port
        self.host = "127.0.0.1"
        self._closing = Event()
        self._server: Server | None = None
        self._thread: ServingThread | None = None

    def __enter__(self) -> Self:
        self._closing.clear()
        self._server = Server(self._port, self._respond)
        self._port = self._server.server_address[1]
        self._thread = ServingThread(self._server, "embedded-tenant")
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._closing.set()
        self._thread.stop()
        self._server.hang_up()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The address of the tenant, without a slash at its end."""
        return f"http://{self.host}:{self._port}"

    @property
    def token_url(self) -> str:
        """The OAuth token endpoint."""
        return f"{self.url}/oauth/token"

    @property
    def client_id(self) -> str:
        """The technical user's client id, in the shape that tenants give."""
        return self.tokens.client_id

    @property
    def client_secret(self) -> str:
        """The valid secret; see `rotate_secret`."""
        return self.tokens.client_secret

    def rotate_secret(self, secret: str) -> None:
        """Replace the valid secret and revoke every earlier token."""
        self.tokens.client_secret = secret
        self.tokens.revoke()

    def behave(self, **changes: Any) -> None:
        """Replace fields of `behaviour`, by name."""
        self.behaviour = replace(self.behaviour, **changes)

    def requests_to(self, part: str) -> list[RecordedRequest]:
        """Return the requests so far whose path holds this part."""
        return [request for request in self.requests if part in request.path]

    def _respond(self, request: Request) -> Answer:
        self.requests.append(_recorded(request))
        faults = self.faults.take(_readable(request))
        delay = sum(fault.seconds for fault in faults if fault.kind is FaultKind.DELAY)
        self._wait(delay + self.behaviour.latency)
        answer = instead(faults)
        if answer is not None:
            return answer
        return spoilt(self._answer(prepared(request, faults)), faults)

    def _answer(self, request: Request) -> Answer:
        if request.segments == ("oauth", "token"):
            return self.tokens.answer(request, self.behaviour.expires_in)
        refusal = None if self.tokens.admits(request) else unauthenticated()
        refusal = refusal or self._throttle.refusal(self.behaviour.requests_per_minute)
        return refusal or self._routed(request)

    def _routed(self, request: Request) -> Answer:
        catalog = Catalog(self.url, self.spaces, self.behaviour.paging)
        if request.method != "GET":
            return odata_error(405, "Method Not Allowed")
        match request.segments:
            case ("api", "v1", "datasphere", "consumption", "catalog", *tail) | (
                "api",
                "v1",
                "dwc",
                "catalog",
                *tail,
            ):
                return catalog.answer(request, tail)
            case (
                "api", "v1", "datasphere" | "dwc", "consumption",
                "relational" | "analytical" as form, space, asset, *tail,
            ):  # fmt: skip
                return catalog.consumption(Form(form), [space, asset, *tail])
            case ("api", "v1", "datasphere", "spaces", *tail):
                return connections_answer(self.spaces, request, tail)
            case ("dwaas-core", "api", "v1", "spaces", *tail):
                return Objects(self.spaces, self.behaviour.object_api).answer(request, tail)
        return odata_error(404, "Not Found")

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            (self._clockwork.sleep or self._closing.wait)(seconds)


def _readable(request: Request) -> str:
    options = "&".join(f"{name}={value}" for name, value in request.query.items())
    return f"{request.path}?{options}" if options else request.path


def _recorded(request: Request) -> RecordedRequest:
    headers = {
        name: f"{value.partition(' ')[0]} ***" if name == "authorization" else value
        for name, value in request.headers.items()
    }
    return RecordedRequest(request.method, request.path, request.query, headers)
