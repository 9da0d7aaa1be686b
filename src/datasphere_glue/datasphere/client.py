"""HTTP to one tenant: a bounded, polite GET, and the form that fetches a token.

Every request has time-outs, passes the rate budget, and is tried again only when that may help:
time-outs, broken connections, 429 and 5xx, with full jitter, or as long as Retry-After says. The
token leaves for the tenant's own origin only, and redirects are not followed.
"""

import json
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests

from datasphere_glue.datasphere.auth import Credentials, TokenAnswer, TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.errors import (
    AssetUnreadable,
    CredentialsRejected,
    DocumentError,
    SourceUnavailable,
    SpaceForbidden,
    excerpt,
)

JSON: Final = "application/json"
XML: Final = "application/xml"
MAX_BODY: Final = 50 * 1024 * 1024

_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_NEEDS_REDEPLOYMENT: Final = b"Result cannot be empty"
"""How a tenant answers, with 500 and for good, for a model that must be deployed again."""
_UNKNOWN_USER: Final = "contact your system administrator"
_LONE: Final = re.compile("[\ud800-\udfff]")
_CHUNK: Final = 64 * 1024


class LoginPage(AssetUnreadable):
    """A 200 with an HTML page: the token is not known to the tenant, or the host is wrong."""

    default_remedy = (
        "check DATASPHERE_URL, and that the technical user of the OAuth client exists in the tenant"
    )


class Unreachable(SourceUnavailable):
    """No usable answer after all tries."""


class NotFound(AssetUnreadable):
    """HTTP 404: not exposed, not deployed, or no such path."""


class Refused(AssetUnreadable):
    """HTTP 400 and other answers that trying again does not change."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request: seconds, tries and bytes. `longest_wait` caps Retry-After."""

    connect: float = 5.0
    read: float = 60.0
    tries: int = 5
    first_pause: float = 1.0
    longest_pause: float = 30.0
    longest_wait: float = 60.0
    max_body: int = MAX_BODY


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Time and chance, passed in so that tests own them; `now` is the wall clock in UTC."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_html(self) -> bool:
        start = self.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
        return start.startswith((b"<!doctype html", b"<html"))


class DatasphereClient:
    """Reads one tenant at `url` (scheme, host and port) for all threads of a run.

    `until` is the monotonic time after which nothing is waited for. `new_session` makes one
    requests session per thread, whose thread safety is not documented.
    """

    def __init__(  # noqa: PLR0913 - the seams of time, transport and policy come in by name
        self,
        url: str,
        tokens: TokenSource,
        budget: RateBudget,
        *,
        until: float = float("inf"),
        limits: Limits | None = None,
        surroundings: Surroundings | None = None,
        new_session: Callable[[], requests.Session] = requests.Session,
    ) -> None:
        self.url = url
        self._origin = _origin(url)
        self._tokens = tokens
        self._budget = budget
        self._until = until
        self._limits = limits or Limits()
        self._world = surroundings or Surroundings()
        self._new_session = new_session
        self._local = threading.local()
        self._lock = threading.Lock()
        self._sessions: list[requests.Session] = []
        self._made = 0

    @property
    def requests_made(self) -> int:
        """Return how many requests left so far, retries and tokens included."""
        return self._made

    def close(self) -> None:
        """Close every connection that a thread of this run has kept."""
        with self._lock:
            for session in self._sessions:
                session.close()
            self._sessions.clear()
            self._local = threading.local()

    def absolute(self, url: str, base: str | None = None) -> str:
        """Return a URL of a payload in full, proven to lead to the tenant's own origin.

        Raises:
            AssetUnreadable: it leads somewhere else; the token is not sent there.

        """
        full = urljoin(base or self.url, url)
        if _origin(full) != self._origin:
            host = urlsplit(full).netloc or excerpt(full, 80)
            raise AssetUnreadable(
                f"a URL leads to {host}, not to the tenant; it was not followed",
                remedy="check who serves this tenant's catalog; the token was not sent anywhere",
            )
        return full

    def get_json(self, url: str) -> Any:
        """Return the JSON object or array at a URL of the tenant, lone surrogates replaced.

        Raises:
            LoginPage, SpaceForbidden, NotFound, Refused, Unreachable, DocumentError,
            CredentialsRejected: as the answer says.

        """
        body = self._get(url, JSON)
        try:
            document = json.loads(body.decode("utf-8-sig"))
        except UnicodeDecodeError as err:
            raise DocumentError(f"the answer of {_path(url)} is not UTF-8") from err
        except (ValueError, RecursionError) as err:
            raise DocumentError(f"the answer of {_path(url)} is not whole JSON ({err})") from err
        if not isinstance(document, dict | list):
            raise DocumentError(f"the answer of {_path(url)} is neither object nor array")
        return _clean(document) if b"\\u" in body else document

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
        return _accepted(full, answer)

    def _bearing(self, url: str, accept: str, token: str) -> _Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": accept}
        return self._send("GET", url, headers=headers)

    def _post(
        self, url: str, *, form: dict[str, str], login: Credentials, headers: dict[str, str]
    ) -> TokenAnswer:
        answer = self._send(
            "POST",
            url,
            headers={**headers, "Accept": JSON},
            data=form,
            auth=(login.client_id.encode(), login.client_secret.encode()),
        )
        try:
            document = json.loads(answer.body)
        except ValueError:
            document = {}
        return TokenAnswer(
            answer.status, document if isinstance(document, dict) else {}, answer.is_html
        )

    def _send(self, method: str, url: str, **request: Any) -> _Answer:
        """Return the first answer that trying again would not change, or the last one."""
        cause = ""
        for attempt in range(1, self._limits.tries + 1):
            if self._world.clock() >= self._until:
                raise Unreachable(f"{_path(url)} was not asked for: the time of the run is over")
            self._budget.take()
            wait: float | None = None
            try:
                answer = self._once(method, url, request)
            except requests.Timeout:
                cause = "timed out"
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                cause = "connection failed or was cut off"
            except requests.RequestException as err:
                raise Unreachable(f"{_path(url)}: {type(err).__name__}") from None
            else:
                if answer.status not in _RETRIED or _NEEDS_REDEPLOYMENT in answer.body:
                    return answer
                cause = f"HTTP {answer.status}: {_told(answer)}"
                wait = self._retry_after(answer)
                if wait is not None and answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                    self._budget.pause(wait)
            if attempt == self._limits.tries or not self._waited(attempt, wait):
                break
        raise Unreachable(f"{_path(url)} gave no answer after {attempt} tries ({cause})")

    def _once(self, method: str, url: str, request: Mapping[str, Any]) -> _Answer:
        with self._lock:
            self._made += 1
        timeout = (self._limits.connect, self._limits.read)
        with self._session().request(
            method, url, timeout=timeout, allow_redirects=False, stream=True, **request
        ) as response:
            return _Answer(response.status_code, response.headers, self._body(response, url))

    def _body(self, response: requests.Response, url: str) -> bytes:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > self._limits.max_body:
                raise DocumentError(
                    f"the answer of {_path(url)} is larger than {self._limits.max_body} bytes"
                )
        return bytes(body)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._new_session()
            with self._lock:
                self._sessions.append(session)
        return session

    def _retry_after(self, answer: _Answer) -> float | None:
        """Return the seconds that Retry-After asks for, given as a number or as a date."""
        told = answer.headers.get("Retry-After", "").strip()
        if told.isdecimal():
            return min(float(told), self._limits.longest_wait)
        try:
            when = parsedate_to_datetime(told)
        except ValueError:
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - self._world.now()).total_seconds()
        return min(max(0.0, seconds), self._limits.longest_wait)

    def _waited(self, attempt: int, wait: float | None) -> bool:
        """Wait before the next try; tell False when the run's time would be over by then."""
        if wait is None:
            ceiling = self._limits.first_pause * 2 ** (attempt - 1)
            wait = self._world.chance() * min(ceiling, self._limits.longest_pause)
        if self._world.clock() + wait >= self._until:
            return False
        self._world.sleep(wait)
        return True


def _accepted(url: str, answer: _Answer) -> bytes:
    """Return the body of an answer that is data; status alone does not make it that."""
    path = _path(url)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        raise CredentialsRejected(f"{path}: the tenant refused a fresh token (HTTP 401)")
    if answer.status == HTTPStatus.FORBIDDEN:
        raise SpaceForbidden(f"{path}: HTTP 403: {_told(answer)}")
    if answer.status == HTTPStatus.NOT_FOUND:
        raise NotFound(f"{path}: HTTP 404: {_told(answer)}")
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise Refused(f"{path}: HTTP {answer.status}: {_told(answer)}")
    if answer.is_html or _UNKNOWN_USER in answer.body[:4096].decode("utf-8", "replace"):
        raise LoginPage(f"{path}: answered with an HTML page instead of metadata")
    return answer.body


def _told(answer: _Answer) -> str:
    """Return what an error answer says for itself, in any of the forms that SAP uses."""
    try:
        document = json.loads(answer.body)
    except ValueError:
        text = "an HTML page" if answer.is_html else answer.body.decode("utf-8", "replace")
        return excerpt(text) or "no reason given"
    return excerpt(_message(document)) or "no reason given"


def _message(document: Any) -> str:
    if not isinstance(document, dict):
        return str(document)
    for key in ("error_description", "message", "error", "details", "value"):
        inner = document.get(key)
        if inner:
            return _message(inner)
    return ""


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    try:
        port = parts.port or default
    except ValueError:
        port = -1
    return parts.scheme, (parts.hostname or "").lower(), port


def _path(url: str) -> str:
    return urlsplit(url).path
