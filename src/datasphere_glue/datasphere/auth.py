"""OAuth client credentials of a technical user: fetched once, renewed before they expire.

The request has the form that SAP's own command line sends: HTTP Basic, a form body, no scope
(datasphere-cli 2026.19, authentication source).
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Protocol
from urllib.parse import urlsplit, urlunsplit

from datasphere_glue.errors import CredentialsRejected, SourceUnavailable, excerpt

_EARLY_S: Final = 60.0
_EARLY_SHARE: Final = 0.1
_DEFAULT_LIFE_S: Final = 3600.0
_REFUSED: Final = frozenset({400, 401, 403})
_SENDABLE: Final = re.compile(r"[\x21-\x7e]+")
"""What may stand in a header; anything else is no token."""

ReadCredentials = Callable[[bool], "Credentials"]
"""Returns the OAuth client; True asks for the secret to be read again."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An OAuth client; the secret never shows in a representation.

    `expires_on` is the last day of its life, where whoever keeps it says so: SAP's interfaces do
    not.
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
    """What the token endpoint said: its status and its JSON, empty when it was none."""

    status: int
    document: dict[str, Any] = field(repr=False)
    is_html: bool = False

    @property
    def refused(self) -> bool:
        """True when the endpoint itself refuses the client: a page is somebody else's word."""
        return self.status in _REFUSED and not self.is_html


class Post(Protocol):
    """Sends one form with HTTP Basic, with the retries and limits of every request."""

    def __call__(
        self, url: str, *, form: dict[str, str], login: Credentials, headers: dict[str, str]
    ) -> TokenAnswer:
        """Return the answer, whatever its status."""
        ...


class TokenSource:
    """The one token of a run, shared by all threads; a fetch is made by one of them alone.

    `token_url` loses a query string: one is often pasted along. `clock` is monotonic seconds. A
    refusal is final: asking on with a wrong secret could lock the client.
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
        self._fresh = False
        self._refusal: str | None = None
        self._expires_on: date | None = None

    @property
    def expires_on(self) -> date | None:
        """Return the last day of the OAuth client that was used, None if unknown."""
        return self._expires_on

    def token(self, post: Post) -> Token:
        """Return a token that is valid for a while.

        Raises:
            CredentialsRejected: the client is refused, even after its secret was read again.
            SourceUnavailable: the token endpoint gives no usable answer.

        """
        with self._lock:
            if self._token is None or self._clock() >= self._token.renew_at:
                self._token = self._fetched(post)
            return self._token

    def invalidate(self, refused: Token) -> None:
        """Forget a token that was answered with 401, unless another thread already has.

        The secret is read again for the next one: it may have been rotated.
        """
        with self._lock:
            if self._token is refused:
                self._token = None
                self._fresh = True

    def _fetched(self, post: Post) -> Token:
        if self._refusal is not None:
            raise CredentialsRejected(self._refusal)
        login, answer = self._ask(post, fresh=self._fresh)
        if answer.refused and not self._fresh:
            login, answer = self._ask(post, fresh=True)
        self._fresh = False
        if answer.refused:
            self._refusal = (
                f"the token endpoint refused the OAuth client (HTTP {answer.status}):"
                f" {_cause(answer.document, login)}"
            )
            raise CredentialsRejected(self._refusal)
        value = answer.document.get("access_token")
        if not isinstance(value, str) or not _SENDABLE.fullmatch(value):
            what = "an HTML page" if answer.is_html else f"HTTP {answer.status} without a token"
            raise SourceUnavailable(
                f"the token endpoint {self._url} answered with {what}",
                remedy="check DATASPHERE_TOKEN_URL: App Integration in Datasphere shows it",
            )
        life = _seconds(answer.document.get("expires_in"))
        return Token(value, self._clock() + life - min(_EARLY_S, life * _EARLY_SHARE))

    def _ask(self, post: Post, *, fresh: bool) -> tuple[Credentials, TokenAnswer]:
        login = self._credentials(fresh)
        self._expires_on = login.expires_on
        form = {"grant_type": "client_credentials", "response_type": "token"}
        custom = "true" if login.client_id.startswith("sb-") else "false"
        headers = {"x-sap-sac-custom-auth": custom}
        return login, post(self._url, form=form, login=login, headers=headers)


def _seconds(value: object) -> float:
    try:
        return max(1.0, float(str(value)))
    except ValueError:
        return _DEFAULT_LIFE_S


def _cause(document: dict[str, Any], login: Credentials) -> str:
    told = [document.get(key) for key in ("error", "error_description")]
    text = ": ".join(str(part) for part in told if part)
    if login.client_secret:
        text = text.replace(login.client_secret, "***")
    return excerpt(text) or "no reason given"
