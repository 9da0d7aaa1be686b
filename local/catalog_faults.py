"""What can go wrong on purpose, and what was asked of the catalog."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, NamedTuple

from local.catalog_limits import GlueError

LOST_WRITE: Final = "LostWrite"
"""A fault instead of an error code: the call is answered as done and not carried out."""

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
_STATUS: Final = {"InternalServiceException": 500, "ServiceUnavailableException": 503}
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
        """Note one request."""
        with self._lock:
            self._calls.append(Call(operation, request))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._calls.clear()

    def of(self, operation: str) -> list[Mapping[str, Any]]:
        """Return the requests of one operation."""
        return [call.request for call in self if call.operation == operation]

    @property
    def operations(self) -> list[str]:
        """Return the operations that were asked for, in order."""
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
        """Tell whether a call is one of those that fail."""
        if operation != self.operation:
            return False
        return self.match is None or any(self.match in name for name in _names(request))


class Faults:
    """The faults that wait for their calls."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[Fault] = []

    def add(
        self,
        *,
        operation: str,
        error: str,
        times: int = 1,
        match: str | None = None,
        message: str | None = None,
    ) -> None:
        """Let the next `times` calls of an operation fail with an AWS error code.

        `match` limits that to requests whose database or table name contains it. The error
        `LOST_WRITE` answers with success and does nothing.
        """
        fault = Fault(operation, error, message or _TEXTS.get(error, "injected"), match)
        with self._lock:
            self._waiting.extend([fault] * times)

    def clear(self) -> None:
        """Let every call succeed again."""
        with self._lock:
            self._waiting.clear()

    def strike(self, operation: str, request: Mapping[str, Any]) -> bool:
        """Return whether this write is to be lost; a fault is used up by the call it strikes.

        Raises:
            GlueError: the error that waited for this call.

        """
        with self._lock:
            fault = next((f for f in self._waiting if f.strikes(operation, request)), None)
            if fault is None:
                return False
            self._waiting.remove(fault)
        if fault.error == LOST_WRITE:
            return True
        raise GlueError(fault.error, fault.message, _STATUS.get(fault.error, 400))


def _names(request: Mapping[str, Any]) -> Iterator[str]:
    bodies = (request, request.get("TableInput", {}), request.get("DatabaseInput", {}))
    for body in bodies:
        yield from (body[key] for key in ("DatabaseName", "Name") if key in body)
