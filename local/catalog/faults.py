"""Injected faults of the embedded catalog, and the log of its requests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, Final, NamedTuple

from local.catalog.limits import GlueError

LOST_WRITE: Final = "LostWrite"
"""A fault instead of an error code: the call is answered as done and not carried out."""

CONNECTION_RESET: Final = "ConnectionReset"
"""A fault instead of an error code: the connection ends, and the call is not carried out."""

LOST_ANSWER: Final = "LostAnswer"
"""A fault instead of an error code: the call is carried out, and the connection ends."""

_TEXTS: Final = {
    "ThrottlingException": "Rate exceeded",
    "ConcurrentModificationException": "Update table failed due to concurrent modifications.",
    "AccessDeniedException": (
        "User: arn:aws:sts::123456789012:assumed-role/sync/run is not authorized to perform this "
        "action because no identity-based policy allows it"
    ),
    "InternalServiceException": "An internal error occurred.",
    "ExpiredTokenException": "The security token included in the request is expired",
    "UnrecognizedClientException": "The security token included in the request is invalid.",
}
_STATUS: Final = {
    "InternalServiceException": 500,
    "InternalServiceError": 500,
    "InternalServerError": 500,
    "InternalServerException": 500,
    "InternalError": 500,
    "ServiceUnavailableException": 503,
    "SlowDown": 503,
    "RequestEntityTooLarge": 413,
}
_READS: Final = ("Get", "BatchGet", "Search", "List", "Query", "Describe")


class Call(NamedTuple):
    """One Glue request as it arrived."""

    operation: str
    request: Mapping[str, Any]


class Calls:
    """Every Glue request since the last `clear`, in order of arrival; botocore's retries too."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: list[Call] = []

    def add(self, operation: str, request: Mapping[str, Any]) -> None:
        """Record one request."""
        with self._lock:
            self._calls.append(Call(operation, request))

    def clear(self) -> None:
        """Delete all records."""
        with self._lock:
            self._calls.clear()

    def of(self, operation: str) -> list[Mapping[str, Any]]:
        """Return the requests of one operation."""
        return [call.request for call in self if call.operation == operation]

    @property
    def operations(self) -> list[str]:
        """Return the requested operations, in order."""
        return [call.operation for call in self]

    @property
    def reads(self) -> list[Call]:
        """Return the calls that change nothing."""
        return [call for call in self if call.operation.startswith(_READS)]

    @property
    def writes(self) -> list[Call]:
        """Return the calls that change something."""
        return [call for call in self if not call.operation.startswith(_READS)]

    def __iter__(self) -> Iterator[Call]:
        with self._lock:
            return iter(tuple(self._calls))

    def __len__(self) -> int:
        with self._lock:
            return len(self._calls)


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule: which calls fail, and how."""

    operation: str
    error: str
    message: str
    match: str | None

    def strikes(self, operation: str, request: Mapping[str, Any]) -> bool:
        """Return whether the fault applies to a call."""
        if operation != self.operation:
            return False
        return self.match is None or any(self.match in name for name in _names(request))


@dataclass(slots=True)
class _Armed:
    """A fault, with the numbers of calls that still pass and that still fail."""

    fault: Fault
    spares: int
    remaining: int


@dataclass(slots=True)
class Hold:
    """One Glue write that waits: `reached` is set on its arrival; it continues once `released`.

    `spares`: number of writes that pass before it; with a `fault`, of those that match the fault.
    `done`: whether it waits after the write is carried out, not before.
    `dropped`: the connection ends instead of the write continuing.
    """

    spares: int
    done: bool
    fault: Fault | None = None
    dropped: bool = False
    reached: Event = field(default_factory=Event)
    released: Event = field(default_factory=Event)

    def wait(self) -> None:
        """Return when the write may go on.

        Raises:
            ConnectionResetError: it was dropped.

        """
        self.reached.set()
        self.released.wait()
        if self.dropped:
            raise ConnectionResetError

    def drop(self) -> None:
        """End the connection of the write."""
        self.dropped = True
        self.released.set()


class Faults:
    """The faults that wait for their calls."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[_Armed] = []
        self._hold: Hold | None = None

    def add(  # noqa: PLR0913 - one word for each part of a fault
        self,
        *,
        operation: str,
        error: str,
        times: int = 1,
        after: int = 0,
        match: str | None = None,
        message: str | None = None,
    ) -> None:
        """Make calls of an operation fail with an AWS error code: `times`, after `after` calls.

        `match` limits that to requests whose database or table name contains it. A Glue operation
        goes by its name, one of another service by both, such as `s3.PutObject`. The errors
        `LOST_WRITE`, `CONNECTION_RESET` and `LOST_ANSWER` are no codes; see their definitions.
        """
        fault = Fault(operation, error, message or _TEXTS.get(error, "injected"), match)
        with self._lock:
            self._waiting.append(_Armed(fault, after, times))

    def hold(
        self, *, after: int = 0, done: bool = False, operation: str = "", match: str | None = None
    ) -> Hold:
        """Make one write wait, and return the hold.

        It is the write after `after` others, or after that many of an operation; `match` has the
        same meaning as for `add`.
        """
        fault = Fault(operation, "", "", match) if operation else None
        with self._lock:
            self._hold = Hold(after, done, fault)
            return self._hold

    def clear(self) -> None:
        """Let every call succeed again."""
        with self._lock:
            self._waiting.clear()
            if self._hold is not None:
                self._hold.released.set()
            self._hold = None

    def strike(self, operation: str, request: Mapping[str, Any]) -> str | None:
        """Return the fault of a call, None without one; the fault is counted as used.

        That is one of `LOST_WRITE`, `CONNECTION_RESET` and `LOST_ANSWER`.

        Raises:
            GlueError: the error that waited for this call.

        """
        fault = self._struck(operation, request)
        if fault is None:
            return None
        if fault.error in {LOST_WRITE, CONNECTION_RESET, LOST_ANSWER}:
            return fault.error
        raise GlueError(fault.error, fault.message, _STATUS.get(fault.error, 400))

    def hold_for(self, operation: str, request: Mapping[str, Any]) -> Hold | None:
        """Return the hold that applies to a Glue call, None if it may continue."""
        with self._lock:
            hold = self._hold
            if hold is None or operation.startswith(_READS):
                return None
            if hold.fault is not None and not hold.fault.strikes(operation, request):
                return None
            hold.spares -= 1
            return hold if hold.spares == -1 else None

    def _struck(self, operation: str, request: Mapping[str, Any]) -> Fault | None:
        with self._lock:
            for armed in self._waiting:
                if armed.remaining == 0 or not armed.fault.strikes(operation, request):
                    continue
                if armed.spares:
                    armed.spares -= 1
                    continue
                armed.remaining -= 1
                return armed.fault
        return None


def _names(request: Mapping[str, Any]) -> Iterator[str]:
    bodies = (request, request.get("TableInput", {}), request.get("DatabaseInput", {}))
    for body in bodies:
        yield from (body[key] for key in ("DatabaseName", "Name") if key in body)
