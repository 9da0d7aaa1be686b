"""A batch of queued change events as few runs: one for each space, however much happens there.

An event only says where to look, so that many of them ask for no more than one of each does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from datasphere_glue.errors import EventError
from datasphere_glue.events.parsing import parse_message
from datasphere_glue.events.request import Request, Trigger

_CAUSES: Final = 10
"""Events that a run names as its cause; of more, only the number is told."""


@dataclass(frozen=True, slots=True)
class CoalescedRequest:
    """One run that messages of a batch ask for together; `asked` is the error of a bad one."""

    messages: tuple[str, ...]
    asked: Request | EventError

    def request(self) -> Request:
        """Return what is asked for.

        Raises:
            EventError: the message is not a change event; it is named with the field.

        """
        if isinstance(self.asked, EventError):
            raise self.asked
        return self.asked


def coalesced_requests(records: Iterable[Mapping[str, Any]]) -> tuple[CoalescedRequest, ...]:
    """Return the runs that the records of an SQS batch ask for, in the order of their events.

    Every message is in exactly one of them, a bad one alone.
    """
    bad: list[CoalescedRequest] = []
    spaces: dict[str, list[tuple[str, Request]]] = {}
    for record in records:
        message = str(record.get("messageId"))
        try:
            request = parse_message(str(record.get("body", "")))
        except EventError as error:
            told = EventError(f"message {message}: {error.message}", remedy=error.remedy)
            bad.append(CoalescedRequest((message,), told))
        else:
            spaces.setdefault(_space(request), []).append((message, request))
    return (*map(_together, spaces.values()), *bad)


def _space(request: Request) -> str:
    """Return the one space that a change event is about."""
    return min(request.spaces | {space for space, _ in request.assets})


def _together(asking: list[tuple[str, Request]]) -> CoalescedRequest:
    requests = [request for _, request in asking]
    whole = frozenset[str]().union(*(request.spaces for request in requests))
    assets = frozenset[tuple[str, str]]().union(*(request.assets for request in requests))
    request = Request(
        trigger=Trigger.CHANGE,
        spaces=whole,
        assets=frozenset() if whole else assets,
        cause=", ".join(_causes(requests)) or None,
    )
    return CoalescedRequest(tuple(message for message, _ in asking), request)


def _causes(requests: Iterable[Request]) -> Iterator[str]:
    told = list(dict.fromkeys(request.cause for request in requests if request.cause))
    yield from told[:_CAUSES]
    if len(told) > _CAUSES:
        yield f"and {len(told) - _CAUSES} more"
