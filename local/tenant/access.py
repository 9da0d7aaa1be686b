"""Authentication and rate limit of the embedded tenant."""

import base64
import json
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from hmac import compare_digest
from threading import Lock
from urllib.parse import parse_qs

from local.tenant.http import Answer, Request

_SCOPE = "approuter-sac-demo!t1.sap.fpa.user uaa.resource dmi-api-proxy-sac-demo!t1.apiaccess"
_MINUTE = 60.0


@dataclass(slots=True)
class Tokens:
    """The OAuth side: one technical user, and the tokens it was given.

    `clock` is monotonic, in seconds; `issued` counts the tokens given out.
    """

    clock: Callable[[], float]
    client_id: str = "sb-demo!b1|client!b2"
    client_secret: str = field(default="demo-secret", repr=False)
    issued: int = 0
    _valid_until: dict[str, float] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def answer(self, request: Request, expires_in: int) -> Answer:
        """Return a token for the right credentials, and UAA's refusal for anything else."""
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if request.method != "POST":
            return _refusal(405, "method_not_allowed", "Request method not supported")
        if not self._right(request, form):
            return _refusal(401, "invalid_client", "Bad credentials")
        if form.get("grant_type") != "client_credentials":
            return _refusal(400, "unsupported_grant_type", "Unsupported grant type")
        return self._granted(expires_in)

    def admits(self, request: Request) -> bool:
        """Return whether the request bears a token that is neither expired nor revoked."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        with self._lock:
            return scheme.lower() == "bearer" and self._valid_until.get(token, 0) > self.clock()

    def revoke(self) -> None:
        """Make every token given out so far worthless."""
        with self._lock:
            self._valid_until.clear()

    def _right(self, request: Request, form: dict[str, str]) -> bool:
        offered = (form.get("client_id", ""), form.get("client_secret", ""))
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                client, _, secret = base64.b64decode(encoded).decode().partition(":")
            except ValueError:
                return False
            offered = (client, secret)
        mine = (self.client_id, self.client_secret)
        return all(
            compare_digest(a.encode(), b.encode()) for a, b in zip(offered, mine, strict=True)
        )

    def _granted(self, expires_in: int) -> Answer:
        with self._lock:
            self.issued += 1
            number = self.issued
            token = f"embedded-token-{number}"
            self._valid_until[token] = self.clock() + expires_in
        document = {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": expires_in,
            "scope": _SCOPE,
            "jti": f"{number:032x}",
        }
        return Answer(200, json.dumps(document).encode())


@dataclass(slots=True)
class Throttle:
    """At most so many requests in any minute, and the wait for the others."""

    clock: Callable[[], float]
    _times: deque[float] = field(default_factory=deque, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def refusal(self, per_minute: int | None) -> Answer | None:
        """Return a 429 with `Retry-After` in seconds when the budget of this minute is spent."""
        if per_minute is None:
            return None
        with self._lock:
            now = self.clock()
            while self._times and self._times[0] <= now - _MINUTE:
                self._times.popleft()
            if len(self._times) < per_minute:
                self._times.append(now)
                return None
            wait = math.ceil(self._times[0] + _MINUTE - now)
        document = {"error": {"code": "429", "message": "Too Many Requests"}}
        return Answer(429, json.dumps(document).encode(), headers={"Retry-After": str(wait)})


def unauthenticated() -> Answer:
    """Return the answer to a request without a valid bearer token."""
    text = "An Authentication object was not found in the SecurityContext"
    return _refusal(401, "unauthorized", text)


def _refusal(status: int, error: str, description: str) -> Answer:
    document = {"error": error, "error_description": description}
    return Answer(status, json.dumps(document).encode())
