"""HTTP client of one tenant: bounded, rate-limited GET requests, and the token request.

Every request has time-outs and passes the rate budget. Time-outs, broken connections, 429 and 5xx
are retried with full jitter, or after the delay in Retry-After. The token is sent to the tenant's
own origin only, and redirects are not followed. A document that repeats a secret is masked before
anybody reads it.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from datasphere_glue.datasphere.answer import (
    Answer,
    error_text,
    parse_json,
    path_of,
    require_data,
)
from datasphere_glue.datasphere.auth import Credentials, TokenAnswer, TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.datasphere.transport import Attempt, RequestLimits, Runtime
from datasphere_glue.errors import (
    AssetUnreadable,
    DocumentError,
    OutOfTime,
    SettingsError,
    SourceUnavailable,
    excerpt,
)
from datasphere_glue.secrecy import SECRETS

JSON: Final = "application/json"
XML: Final = "application/xml"

_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_SILENT: Final = (requests.Timeout, ReadTimeoutError)
_MISROUTED: Final = (requests.exceptions.ProxyError, requests.exceptions.SSLError)
_BROKEN: Final = (requests.ConnectionError, HTTPError)
_NEEDS_REDEPLOYMENT: Final = b"Result cannot be empty"
"""A tenant sends this with 500 for a model that must be redeployed: a retry does not help."""
_CHUNK: Final = 64 * 1024
_SHORTEST_S: Final = 0.001


class Unreachable(SourceUnavailable):
    """No usable answer to one request after all attempts."""


class Misrouted(Unreachable):
    """A proxy or a certificate, which the environment of this program names, is wrong."""

    default_remedy = (
        "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and that REQUESTS_CA_BUNDLE names the"
        " certificates that this network needs"
    )


class _Bearer(AuthBase):
    """Adds the token to a request; a netrc entry for the host would override a plain header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Session(requests.Session):
    """Looks at no redirect: requests would read its body, without a limit, to follow it later."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - the signature of requests
        return None


class DatasphereClient:
    """Reads one tenant for all threads of a run.

    `url`: scheme, host and port of the tenant.
    `until`: monotonic time; no request starts and no wait lasts beyond it.
    `new_session`: makes requests sessions. Each serves one thread at a time, because requests does
        not document thread safety, and keeps its connections for the next thread.
    """

    def __init__(  # noqa: PLR0913 - time, transport and policy are passed by name
        self,
        url: str,
        tokens: TokenSource,
        budget: RateBudget,
        *,
        until: float = float("inf"),
        limits: RequestLimits | None = None,
        runtime: Runtime | None = None,
        new_session: Callable[[], requests.Session] = _Session,
    ) -> None:
        self.url = url
        self._tenant = urlsplit(url)
        self._tokens = tokens
        self._budget = budget
        self._until = until
        self._limits = limits or RequestLimits()
        self._runtime = runtime or Runtime()
        self._new_session = new_session
        self._lock = threading.Lock()
        self._idle: list[requests.Session] = []
        self._settings_by_origin: dict[tuple[str, str, int | None], Mapping[str, Any]] = {}
        self._request_count = 0

    @property
    def requests_made(self) -> int:
        """Return how many requests were sent so far, including retries and token requests."""
        return self._request_count

    def close(self) -> None:
        """Close every idle connection."""
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def absolute(self, url: str, base: str | None = None) -> str:
        """Return a URL from a payload as an absolute URL of the tenant's own origin.

        The result has the tenant's own scheme and host. So two parsers that read an odd URL
        differently cannot send the token elsewhere.

        Raises:
            AssetUnreadable: the URL has another origin; the token is not sent there.

        """
        try:
            parts = urlsplit(urljoin(base or self.url, url))
            foreign = _origin(parts) != _origin(self._tenant) or not set("\\@").isdisjoint(
                parts.netloc
            )
            host = excerpt(parts.netloc, 80)
        except ValueError:
            foreign, host = True, excerpt(url, 80)
        if foreign:
            raise AssetUnreadable(
                f"a URL leads to {host or 'no host'}, not to the tenant; it was not followed",
                remedy="check who serves this tenant's catalog; the token was not sent anywhere",
            )
        return urlunsplit((self._tenant.scheme, self._tenant.netloc, parts.path, parts.query, ""))

    def get_json(self, url: str) -> Any:
        """Return the JSON object or array at a URL of the tenant, lone surrogates replaced.

        Raises:
            LoginPage, SpaceForbidden, NotFound, Refused, DocumentError, CredentialsRejected:
                depending on the answer.
            AssetUnreadable: the URL has another origin.
            Unreachable: no usable answer after all attempts.
            SourceUnavailable: no token is available.
            OutOfTime: the time of the run is over.

        """
        return parse_json(url, self._get(url, JSON))

    def get_document(self, url: str, accept: str = XML) -> bytes:
        """Return the body at a URL of the tenant, never an HTML page; raises as `get_json`."""
        return self._get(url, accept)

    def _get(self, url: str, accept: str) -> bytes:
        absolute_url = self.absolute(url)
        token = self._tokens.token(self._post)
        answer = self._get_with_token(absolute_url, accept, token.value)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self._tokens.invalidate(token)
            token = self._tokens.token(self._post)
            answer = self._get_with_token(absolute_url, accept, token.value)
        return SECRETS.mask_document(require_data(absolute_url, answer))

    def _get_with_token(self, url: str, accept: str, token: str) -> Answer:
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
        except Misrouted as error:
            raise SettingsError(
                f"HTTPS_PROXY or REQUESTS_CA_BUNDLE: {error.message}", remedy=error.remedy
            ) from error
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
        """Return the first answer that a retry would not change."""
        cause, kind = "", Unreachable
        for attempt in range(1, self._limits.attempts + 1):
            if not self._budget.take(self._until):
                raise OutOfTime(f"{path_of(url)} was not requested: the time of the run is over")
            pause = self._jitter(attempt)
            try:
                answer = self._send_once(method, url, attempt, request)
            except (requests.RequestException, HTTPError, OSError) as err:
                cause, kind = _failure(url, err)
            else:
                if answer.status not in _RETRIED or _NEEDS_REDEPLOYMENT in answer.body:
                    return answer
                cause = f"HTTP {answer.status}: {error_text(answer)}"
                pause = self._retry_after(answer) or pause
                if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                    self._budget.pause(pause)
            if attempt < self._limits.attempts:
                self._wait(pause, f"{path_of(url)} ({cause})")
        raise kind(f"{path_of(url)} gave no answer after {self._limits.attempts} tries ({cause})")

    def _send_once(self, method: str, url: str, attempt: int, request: Mapping[str, Any]) -> Answer:
        began, status = self._runtime.clock(), 0
        try:
            answer = self._request(method, url, request)
            status = answer.status
        finally:
            seconds = self._runtime.clock() - began
            self._runtime.on_attempt(Attempt(method, url, attempt, status, seconds))
        return answer

    def _request(self, method: str, url: str, request: Mapping[str, Any]) -> Answer:
        with self._lock:
            self._request_count += 1
        left = max(self._until - self._runtime.clock(), _SHORTEST_S)
        timeout = (min(self._limits.connect, left), min(self._limits.read, left))
        with (
            self._session() as session,
            session.request(
                method,
                url,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
                **self._network_settings(url),
                **request,
            ) as response,
        ):
            return Answer(response.status_code, response.headers, self._body(response, url))

    def _body(self, response: requests.Response, url: str) -> bytes:
        """Return the body, read in pieces: a full chunk may take longer than the run has."""
        raw, body = response.raw, bytearray()
        deadline = self._runtime.clock() + self._limits.total
        while piece := raw.read1(_CHUNK, decode_content=True):
            body += piece
            if len(body) > self._limits.max_body:
                raise DocumentError(
                    f"the answer of {path_of(url)} is larger than {self._limits.max_body} bytes"
                )
            now = self._runtime.clock()
            if now >= self._until:
                raise OutOfTime(f"{path_of(url)} was not read to its end: the time is over")
            if now >= deadline:
                raise requests.Timeout
            if self._until - now < self._limits.read:
                _limit_wait(response, self._until - now)
        content_length = response.headers.get("Content-Length", "")
        uncompressed = "Content-Encoding" not in response.headers
        if uncompressed and content_length.isdecimal() and len(body) < float(content_length):
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

    def _network_settings(self, url: str) -> Mapping[str, Any]:
        """Return the proxies and certificates of the environment for a host.

        Without this cache, requests would look them up per request, its most expensive step.
        """
        origin = _origin(urlsplit(url))
        if origin not in self._settings_by_origin:
            with requests.Session() as session:
                merged = session.merge_environment_settings(url, {}, None, None, None)
            self._settings_by_origin[origin] = {key: merged[key] for key in ("proxies", "verify")}
        return self._settings_by_origin[origin]

    def _retry_after(self, answer: Answer) -> float | None:
        """Return the seconds in Retry-After, given as a number or as a date; None without them."""
        text = answer.headers.get("Retry-After", "").strip()
        if text.isdecimal():
            return min(float(text), self._limits.longest_wait)
        try:
            when = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - self._runtime.now()).total_seconds()
        return min(max(0.0, seconds), self._limits.longest_wait)

    def _jitter(self, attempt: int) -> float:
        """Return the seconds to wait after a failed attempt: a random part of a growing ceiling."""
        ceiling = min(self._limits.first_pause * 2.0 ** (attempt - 1), self._limits.longest_pause)
        return self._runtime.draw() * ceiling

    def _wait(self, seconds: float, what: str) -> None:
        """Wait before the next attempt.

        Raises:
            OutOfTime: the time of the run would be over by then.

        """
        if self._runtime.clock() + seconds >= self._until:
            raise OutOfTime(f"{what} was not retried: the time of the run is over")
        self._runtime.sleep(seconds)


def _failure(url: str, err: Exception) -> tuple[str, type[Unreachable]]:
    """Return the cause of a failed attempt, and the error if the last one fails, too.

    Raises:
        Unreachable: another attempt would fail in the same way.

    """
    if isinstance(err, _SILENT):
        return "timed out", Unreachable
    if isinstance(err, _MISROUTED):
        return f"{type(err).__name__}: {excerpt(str(err), 160)}", Misrouted
    if isinstance(err, _BROKEN):
        return f"connection failed or was cut off: {type(err).__name__}", Unreachable
    if isinstance(err, requests.RequestException):
        raise Unreachable(f"{path_of(url)}: {type(err).__name__}") from None
    # requests raises it for a missing file of certificates
    raise Misrouted(f"{path_of(url)}: {excerpt(str(err), 160)}") from None


def _limit_wait(response: requests.Response, seconds: float) -> None:
    """Set the time-out, in seconds, of the next read from a body."""
    connection = response.raw.connection
    if connection is not None and connection.sock is not None:
        connection.sock.settimeout(seconds)


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default
