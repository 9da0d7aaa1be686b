"""HTTP to one tenant: a bounded, polite GET, and the form that fetches a token.

Every request has time-outs, passes the rate budget, and is tried again only when that may help:
time-outs, broken connections, 429 and 5xx, with full jitter, or as long as Retry-After says. The
token leaves for the tenant's own origin only, and redirects are not followed.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from datasphere_glue.datasphere.answer import Answer, accepted, parsed, path_of, told
from datasphere_glue.datasphere.auth import Credentials, TokenAnswer, TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.errors import (
    AssetUnreadable,
    DocumentError,
    OutOfTime,
    SourceUnavailable,
    excerpt,
)

JSON: Final = "application/json"
XML: Final = "application/xml"
MAX_BODY: Final = 50 * 1024 * 1024

_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_SILENT: Final = (requests.Timeout, ReadTimeoutError)
_BROKEN: Final = (requests.ConnectionError, HTTPError)
_NEEDS_REDEPLOYMENT: Final = b"Result cannot be empty"
"""How a tenant answers, with 500 and for good, for a model that must be deployed again."""
_CHUNK: Final = 64 * 1024
_SHORTEST_S: Final = 0.001


Seen = Callable[["Try"], None]


@dataclass(frozen=True, slots=True)
class Try:
    """One request that was answered, or was not: `status` is 0 then; `attempt` counts from 1."""

    method: str
    url: str
    attempt: int
    status: int
    seconds: float


class Unreachable(SourceUnavailable):
    """No usable answer to one request after all tries."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Bounds of one request: seconds, tries and bytes.

    `read` is for silence, `whole` for an answer from its head to its end; `longest_wait` caps
    Retry-After.
    """

    connect: float = 5.0
    read: float = 60.0
    whole: float = 300.0
    tries: int = 5
    first_pause: float = 1.0
    longest_pause: float = 30.0
    longest_wait: float = 60.0
    max_body: int = MAX_BODY


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Time and chance, passed in so that tests own them; `now` is the wall clock in UTC.

    `seen` is told of every request.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    seen: Seen = lambda _: None


class _Bearer(AuthBase):
    """Puts the token into a request; a netrc entry for the host would win over a plain header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class DatasphereClient:
    """Reads one tenant at `url` (scheme, host and port) for all threads of a run.

    `until` is the monotonic time after which nothing is waited for. `new_session` makes requests
    sessions; each serves one thread at a time, as their thread safety is not documented, and keeps
    its connections for the next one.
    """

    def __init__(  # noqa: PLR0913 - the seams of time, transport and policy come in by name
        self,
        url: str,
        tokens: TokenSource,
        budget: RateBudget,
        *,
        until: float = float("inf"),
        limits: RequestLimits | None = None,
        surroundings: Surroundings | None = None,
        new_session: Callable[[], requests.Session] = requests.Session,
    ) -> None:
        self.url = url
        self._own = urlsplit(url)
        self._tokens = tokens
        self._budget = budget
        self._until = until
        self._limits = limits or RequestLimits()
        self._world = surroundings or Surroundings()
        self._new_session = new_session
        self._lock = threading.Lock()
        self._idle: list[requests.Session] = []
        self._routes: dict[tuple[str, str, int | None], Mapping[str, Any]] = {}
        self._made = 0

    @property
    def requests_made(self) -> int:
        """Return how many requests left so far, retries and tokens included."""
        return self._made

    def close(self) -> None:
        """Close every connection that was kept for a next request."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def absolute(self, url: str, base: str | None = None) -> str:
        """Return a URL of a payload in full, proven to lead to the tenant's own origin.

        The result is built on the tenant's own scheme and host, so that no two readings of an odd
        URL can send the token elsewhere.

        Raises:
            AssetUnreadable: it leads somewhere else; the token is not sent there.

        """
        try:
            full = urlsplit(urljoin(base or self.url, url))
            foreign = _origin(full) != _origin(self._own) or not set("\\@").isdisjoint(full.netloc)
            host = excerpt(full.netloc, 80)
        except ValueError:
            foreign, host = True, excerpt(url, 80)
        if foreign:
            raise AssetUnreadable(
                f"a URL leads to {host or 'no host'}, not to the tenant; it was not followed",
                remedy="check who serves this tenant's catalog; the token was not sent anywhere",
            )
        return urlunsplit((self._own.scheme, self._own.netloc, full.path, full.query, ""))

    def get_json(self, url: str) -> Any:
        """Return the JSON object or array at a URL of the tenant, lone surrogates replaced.

        Raises:
            LoginPage, SpaceForbidden, NotFound, Refused, DocumentError, CredentialsRejected: as
                the answer says.
            AssetUnreadable: the URL leads to another host.
            Unreachable: no usable answer after all tries.
            SourceUnavailable: no token can be had.
            OutOfTime: the time of the run is over.

        """
        return parsed(url, self._get(url, JSON))

    def get_document(self, url: str, accept: str = XML) -> bytes:
        """Return the body at a URL of the tenant, never an HTML page; raises as `get_json`."""
        return self._get(url, accept)

    def _get(self, url: str, accept: str) -> bytes:
        full = self.absolute(url)
        token = self._tokens.token(self._post)
        answer = self._bearing(full, accept, token.value)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self._tokens.invalidate(token)
            token = self._tokens.token(self._post)
            answer = self._bearing(full, accept, token.value)
        return accepted(full, answer)

    def _bearing(self, url: str, accept: str, token: str) -> Answer:
        return self._send("GET", url, headers={"Accept": accept}, auth=_Bearer(token))

    def _post(
        self, url: str, *, form: dict[str, str], login: Credentials, headers: dict[str, str]
    ) -> TokenAnswer:
        try:
            answer = self._send(
                "POST",
                url,
                headers={**headers, "Accept": JSON},
                data=form,
                auth=(login.client_id.encode(), login.client_secret.encode()),
            )
        except (Unreachable, DocumentError) as error:
            raise SourceUnavailable(f"no token could be fetched: {error.message}") from error
        try:
            document = json.loads(answer.body)
        except (ValueError, RecursionError):
            document = {}
        return TokenAnswer(
            answer.status, document if isinstance(document, dict) else {}, answer.is_html
        )

    def _send(self, method: str, url: str, **request: Any) -> Answer:
        """Return the first answer that trying again would not change."""
        cause = ""
        for attempt in range(1, self._limits.tries + 1):
            if not self._budget.take(self._until):
                raise OutOfTime(f"{path_of(url)} was not asked for: the time of the run is over")
            pause = self._jitter(attempt)
            try:
                answer = self._seen(method, url, attempt, request)
            except _SILENT:
                cause = "timed out"
            except _BROKEN as err:
                cause = f"connection failed or was cut off: {type(err).__name__}"
            except requests.RequestException as err:
                raise Unreachable(f"{path_of(url)}: {type(err).__name__}") from None
            else:
                if answer.status not in _RETRIED or _NEEDS_REDEPLOYMENT in answer.body:
                    return answer
                cause = f"HTTP {answer.status}: {told(answer)}"
                pause = self._retry_after(answer) or pause
                if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                    self._budget.pause(pause)
            if attempt < self._limits.tries:
                self._wait(pause, f"{path_of(url)} ({cause})")
        raise Unreachable(
            f"{path_of(url)} gave no answer after {self._limits.tries} tries ({cause})"
        )

    def _seen(self, method: str, url: str, attempt: int, request: Mapping[str, Any]) -> Answer:
        began, status = self._world.clock(), 0
        try:
            answer = self._once(method, url, request)
            status = answer.status
        finally:
            seconds = self._world.clock() - began
            self._world.seen(Try(method, url, attempt, status, seconds))
        return answer

    def _once(self, method: str, url: str, request: Mapping[str, Any]) -> Answer:
        with self._lock:
            self._made += 1
        left = max(self._until - self._world.clock(), _SHORTEST_S)
        timeout = (min(self._limits.connect, left), min(self._limits.read, left))
        with (
            self._session() as session,
            session.request(
                method,
                url,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
                **self._route(url),
                **request,
            ) as response,
        ):
            return Answer(response.status_code, response.headers, self._body(response, url))

    def _body(self, response: requests.Response, url: str) -> bytes:
        """Return the body, read as it comes: a whole chunk may take longer than the run has."""
        raw, body = response.raw, bytearray()
        over = self._world.clock() + self._limits.whole
        while piece := raw.read1(_CHUNK, decode_content=True):
            body += piece
            if len(body) > self._limits.max_body:
                raise DocumentError(
                    f"the answer of {path_of(url)} is larger than {self._limits.max_body} bytes"
                )
            now = self._world.clock()
            if now >= self._until:
                raise OutOfTime(f"{path_of(url)} was not read to its end: the time is over")
            if now >= over:
                raise requests.Timeout
            if self._until - now < self._limits.read:
                _wait_no_longer(response, self._until - now)
        announced = response.headers.get("Content-Length", "")
        plain = "Content-Encoding" not in response.headers
        if plain and announced.isdecimal() and len(body) < float(announced):
            raise ProtocolError
        return bytes(body)

    @contextmanager
    def _session(self) -> Iterator[requests.Session]:
        with self._lock:
            session = self._idle.pop() if self._idle else None
        if session is None:
            session = self._new_session()
            session.trust_env = False
        try:
            yield session
        finally:
            with self._lock:
                self._idle.append(session)

    def _route(self, url: str) -> Mapping[str, Any]:
        """Return the proxies and the certificates that the environment names for a host.

        requests would look there for each request anew, which takes longer than all else it does.
        """
        origin = _origin(urlsplit(url))
        if origin not in self._routes:
            with requests.Session() as session:
                found = session.merge_environment_settings(url, {}, None, None, None)
            self._routes[origin] = {key: found[key] for key in ("proxies", "verify")}
        return self._routes[origin]

    def _retry_after(self, answer: Answer) -> float | None:
        """Return the seconds that Retry-After asks for, given as a number or as a date."""
        text = answer.headers.get("Retry-After", "").strip()
        if text.isdecimal():
            return min(float(text), self._limits.longest_wait)
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - self._world.now()).total_seconds()
        return min(max(0.0, seconds), self._limits.longest_wait)

    def _jitter(self, attempt: int) -> float:
        """Return the seconds to wait after a failed try: any part of a growing ceiling."""
        ceiling = min(self._limits.first_pause * 2.0 ** (attempt - 1), self._limits.longest_pause)
        return self._world.chance() * ceiling

    def _wait(self, seconds: float, what: str) -> None:
        """Wait before the next try.

        Raises:
            OutOfTime: the run's time would be over by then.

        """
        if self._world.clock() + seconds >= self._until:
            raise OutOfTime(f"{what} was not tried again: the time of the run is over")
        self._world.sleep(seconds)


def _wait_no_longer(response: requests.Response, seconds: float) -> None:
    """Let the next reading of a body give up after that many seconds."""
    connection = response.raw.connection
    if connection is not None and connection.sock is not None:
        connection.sock.settimeout(seconds)


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default
