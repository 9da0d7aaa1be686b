"""OAuth token of a technical user by client credentials: fetched once, renewed before it expires.

The request has the form that SAP's own command line sends: HTTP Basic, a form body, no scope
(datasphere-cli 2026.19, authentication source).
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Protocol
from urllib.parse import urlsplit, urlunsplit

from datasphere_glue.errors import CredentialsRejected, SourceUnavailable, excerpt
from datasphere_glue.secrecy import SECRETS

_EARLY_S: Final = 60.0
_EARLY_SHARE: Final = 0.1
_DEFAULT_LIFE_S: Final = 3600.0
_REFUSED: Final = frozenset({400, 401, 403})
_SENDABLE: Final = re.compile(r"[\x21-\x7e]+")
"""The characters that a header may hold; a value with others is not a token."""

ReadCredentials = Callable[[bool], "Credentials"]
"""Returns the OAuth client; with True, it reads the secret again."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An OAuth client; its representation never shows the secret.

    `expires_on`: its last valid day, if the secret store has it; SAP's interfaces do not.
    """

    client_id: str
    client_secret: str = field(repr=False)
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token; `renew_at` is monotonic seconds."""

    value: str = field(repr=False)
    renew_at: float


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """The answer of the token endpoint: its status, and its JSON object, empty without one."""

    status: int
    document: dict[str, Any] = field(repr=False)
    is_html: bool = False

    @property
    def refused(self) -> bool:
        """True when the endpoint refuses the client; an HTML page comes from another server."""
        return self.status in _REFUSED and not self.is_html


class Post(Protocol):
    """Sends one form with HTTP Basic, with the retries and limits of any request."""

    def __call__(
        self, url: str, *, form: dict[str, str], login: Credentials, headers: dict[str, str]
    ) -> TokenAnswer:
        """Return the answer, whatever its status."""
        ...


class TokenSource:
    """The token of a run, shared by all threads; only one thread at a time fetches it.

    A refusal is final: further requests with a wrong secret could lock the client.

    `token_url`: the endpoint; its query string, often pasted along, is dropped.
    `clock`: monotonic seconds.
    """

    def __init__(
        self,
        token_url: str,
        credentials: ReadCredentials,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(token_url)
        self._url = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        self._credentials = credentials
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._reload_secret = False
        self._refusal: str | None = None
        self._expires_on: date | None = None

    @property
    def expires_on(self) -> date | None:
        """Return the last valid day of the OAuth client in use, None if unknown."""
        return self._expires_on

    def token(self, post: Post) -> Token:
        """Return a token that is not about to expire.

        Raises:
            CredentialsRejected: the endpoint refuses the client, even with a reread secret.
            SourceUnavailable: the token endpoint gives no usable answer.

        """
        with self._lock:
            if self._token is None or self._clock() >= self._token.renew_at:
                self._token = self._fetch(post)
            return self._token

    def invalidate(self, refused: Token) -> None:
        """Discard a token that the tenant refused (401), unless another thread already has.

        The secret is read again for the next token: it may have been rotated.
        """
        with self._lock:
            if self._token is refused:
                self._token = None
                self._reload_secret = True

    def _fetch(self, post: Post) -> Token:
        if self._refusal is not None:
            raise CredentialsRejected(self._refusal)
        answer = self._request_token(post, fresh=self._reload_secret)
        if answer.refused and not self._reload_secret:
            answer = self._request_token(post, fresh=True)
        self._reload_secret = False
        if answer.refused:
            self._refusal = (
                f"the token endpoint refused the OAuth client (HTTP {answer.status}):"
                f" {_cause(answer.document)}"
            )
            raise CredentialsRejected(self._refusal)
        SECRETS.learn(*_issued(answer.document))
        value = answer.document.get("access_token")
        if not isinstance(value, str) or not _SENDABLE.fullmatch(value):
            what = "an HTML page" if answer.is_html else f"HTTP {answer.status} without a token"
            raise SourceUnavailable(
                f"the token endpoint {self._url} answered with {what}",
                remedy="check DATASPHERE_TOKEN_URL: App Integration in Datasphere shows it",
            )
        life = _seconds(answer.document.get("expires_in"))
        return Token(value, self._clock() + life - min(_EARLY_S, life * _EARLY_SHARE))

    def _request_token(self, post: Post, *, fresh: bool) -> TokenAnswer:
        login = self._credentials(fresh)
        SECRETS.learn(login.client_secret)
        self._expires_on = login.expires_on
        form = {"grant_type": "client_credentials", "response_type": "token"}
        custom = "true" if login.client_id.startswith("sb-") else "false"
        headers = {"x-sap-sac-custom-auth": custom}
        return post(self._url, form=form, login=login, headers=headers)


def _seconds(value: object) -> float:
    try:
        return max(1.0, float(str(value)))
    except ValueError:
        return _DEFAULT_LIFE_S


def _issued(document: dict[str, Any]) -> Iterator[str]:
    """Yield every token in an answer of the token endpoint."""
    for key in ("access_token", "refresh_token", "id_token"):
        if isinstance(token := document.get(key), str):
            yield token


def _cause(document: dict[str, Any]) -> str:
    parts = [document.get(key) for key in ("error", "error_description")]
    text = ": ".join(str(part) for part in parts if part)
    return excerpt(text) or "no reason given"
