"""Injected faults of the embedded tenant."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count
from threading import Lock
from typing import TypedDict, Unpack

from local.tenant.http import HTML, JSON, Answer, Delivery, Request

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign In</title></head><body>Sign In</body></html>"
NO_ACCOUNT_PAGE = (
    "<!DOCTYPE html><html><body>Please contact your system administrator and ensure you have an "
    "active account on this system.</body></html>"
)


class FaultKind(StrEnum):
    """The kinds of faults.

    status: answer `status`, `headers` and `body`. delay: answer `seconds` late.
    reset: reset the connection. cut: close it halfway through the announced body.
    drip: send the right body byte by byte, `seconds` apart.
    truncated: send a complete answer whose body is half a document.
    html: a login page, status 200. no_account: the page for a user unknown to the tenant.
    content_type: the right body announced as `body`, or as text/plain.
    encoding: the right body in UTF-16, announced as UTF-8.
    empty: a collection without rows and without a next link. drop_page: without rows, but with its
    next link. ignore_skip: `$skip` and `$skiptoken` have no effect.
    page_size: the server's own page is `size` rows.
    """

    STATUS = "status"
    DELAY = "delay"
    RESET = "reset"
    CUT = "cut"
    DRIP = "drip"
    TRUNCATED = "truncated"
    HTML = "html"
    NO_ACCOUNT = "no_account"
    CONTENT_TYPE = "content_type"
    ENCODING = "encoding"
    EMPTY = "empty"
    DROP_PAGE = "drop_page"
    IGNORE_SKIP = "ignore_skip"
    PAGE_SIZE = "page_size"


class FaultDetails(TypedDict, total=False):
    """The optional parts of a fault."""

    status: int
    headers: Mapping[str, str]
    body: str | bytes | None
    times: int | None
    after: int
    seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: it spares the first `after` matching requests, then hits the next `times`.

    `path` is a substring, or a compiled pattern, of the decoded path and query; `times` None means
    for good. `body` None means an error document in the tenant's own form.
    """

    path: str | re.Pattern[str]
    kind: FaultKind
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes | None = None
    times: int | None = 1
    after: int = 0
    seconds: float = 0.0
    size: int = 1

    def matches(self, target: str) -> bool:
        """Return whether the decoded path and query are meant."""
        if isinstance(self.path, str):
            return self.path in target
        return self.path.search(target) is not None

    def hits(self, seen: int) -> bool:
        """Return whether the matching request that comes after `seen` others is hit."""
        last = None if self.times is None else self.after + self.times
        return seen >= self.after and (last is None or seen < last)


class Faults:
    """The faults waiting to happen; safe to change while the tenant serves."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Fault, count[int]]] = []
        self._lock = Lock()

    def add(
        self,
        path: str | re.Pattern[str],
        kind: FaultKind | str = FaultKind.STATUS,
        **details: Unpack[FaultDetails],
    ) -> Fault:
        """Arm a fault for requests whose decoded path and query match, and return it."""
        fault = Fault(path, FaultKind(kind), **details)
        with self._lock:
            self._waiting.append((fault, count()))
        return fault

    def clear(self) -> None:
        """Disarm all faults."""
        with self._lock:
            self._waiting.clear()

    def take(self, target: str) -> tuple[Fault, ...]:
        """Return the faults that hit this request, each counted as happened."""
        with self._lock:
            return tuple(
                fault
                for fault, seen in self._waiting
                if fault.matches(target) and fault.hits(next(seen))
            )


def prepared(request: Request, faults: Sequence[Fault]) -> Request:
    """Return the request as a server with these faults understands it."""
    for fault in faults:
        if fault.kind is FaultKind.IGNORE_SKIP:
            request = replace(request, ignored=frozenset({"$skip", "$skiptoken", "skip"}))
        elif fault.kind is FaultKind.PAGE_SIZE:
            request = replace(request, page_size=fault.size)
    return request


def instead(faults: Sequence[Fault]) -> Answer | None:
    """Return the answer that replaces the real one, if a fault is of that kind."""
    for fault in faults:
        if fault.kind is FaultKind.STATUS:
            return _status(fault)
        if fault.kind is FaultKind.RESET:
            return Answer(503, b"", delivery=Delivery.RESET)
        if fault.kind is FaultKind.HTML:
            return Answer(200, LOGIN_PAGE.encode(), HTML)
        if fault.kind is FaultKind.NO_ACCOUNT:
            return Answer(200, NO_ACCOUNT_PAGE.encode(), HTML)
    return None


def spoilt(answer: Answer, faults: Sequence[Fault]) -> Answer:
    """Return the real answer with the faults that damage it applied."""
    for fault in faults:
        answer = _spoilt(answer, fault)
    return answer


def _status(fault: Fault) -> Answer:
    body = fault.body
    if body is None:
        document = {"error": {"code": str(fault.status), "message": "injected by a fault"}}
        return Answer(fault.status, json.dumps(document).encode(), JSON, fault.headers)
    raw = body.encode() if isinstance(body, str) else body
    kind = HTML if raw.lstrip().startswith(b"<") else JSON
    return Answer(fault.status, raw, kind, fault.headers)


def _spoilt(answer: Answer, fault: Fault) -> Answer:
    match fault.kind:
        case FaultKind.CUT | FaultKind.DRIP:
            return replace(answer, delivery=Delivery(fault.kind), pause=fault.seconds)
        case FaultKind.TRUNCATED:
            return replace(answer, body=answer.body[: len(answer.body) // 2])
        case FaultKind.ENCODING:
            return replace(answer, body=answer.body.decode().encode("utf-16"))
        case FaultKind.CONTENT_TYPE:
            return replace(answer, content_type=str(fault.body or "text/plain"))
        case FaultKind.EMPTY | FaultKind.DROP_PAGE:
            return replace(answer, body=_emptied(answer.body, fault.kind))
    return answer


def _emptied(body: bytes, kind: FaultKind) -> bytes:
    document = json.loads(body)
    if isinstance(document, list):
        return b"[]"
    if kind is FaultKind.EMPTY:
        document.pop("@odata.nextLink", None)
    return json.dumps({**document, "value": []}).encode()
