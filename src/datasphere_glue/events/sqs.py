"""Coalesces a batch of queued change events into one run for each space.

An event only names what to read, so one run answers any number of events about a space.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from datasphere_glue.errors import EventError, excerpt
from datasphere_glue.events.parsing import parse_message
from datasphere_glue.events.request import Request, Trigger

_LONGEST_ID: Final = 80
_MOST_CAUSES: Final = 10
"""Events that a run names as its cause; of the others, it gives the number."""


@dataclass(frozen=True, slots=True)
class CoalescedRequest:
    """One run for messages of a batch.

    `messages`: ids of the messages.
    `outcome`: the joint request, or the error of a message that is no change event.
    """

    messages: tuple[str, ...]
    outcome: Request | EventError

    def request(self) -> Request:
        """Return the joint request of the messages.

        Raises:
            EventError: the message is not a change event; the text names message and field.

        """
        if isinstance(self.outcome, EventError):
            raise self.outcome
        return self.outcome


def coalesced_requests(records: Iterable[Mapping[str, Any]]) -> tuple[CoalescedRequest, ...]:
    """Return the runs for the records of an SQS batch, in the order of their events.

    Every message is in exactly one run, an invalid message alone.
    """
    invalid: list[CoalescedRequest] = []
    spaces: dict[str, list[tuple[str, Request]]] = {}
    for record in records:
        message = str(record.get("messageId"))
        try:
            request = parse_message(str(record.get("body", "")))
        except EventError as error:
            named = f"message {excerpt(message, _LONGEST_ID)}"
            named_error = EventError(f"{named}: {error.message}", remedy=error.remedy)
            invalid.append(CoalescedRequest((message,), named_error))
        else:
            spaces.setdefault(_space(request), []).append((message, request))
    return (*map(_coalesce, spaces.values()), *invalid)


def _space(request: Request) -> str:
    """Return the one space of a change event."""
    return min(request.spaces | {space for space, _ in request.assets})


def _coalesce(messages: list[tuple[str, Request]]) -> CoalescedRequest:
    requests = [request for _, request in messages]
    whole = frozenset[str]().union(*(request.spaces for request in requests))
    assets = frozenset[tuple[str, str]]().union(*(request.assets for request in requests))
    request = Request(
        trigger=Trigger.CHANGE,
        spaces=whole,
        assets=frozenset() if whole else assets,
        cause=", ".join(_causes(requests)) or None,
    )
    return CoalescedRequest(tuple(message for message, _ in messages), request)


def _causes(requests: Iterable[Request]) -> Iterator[str]:
    causes = list(dict.fromkeys(request.cause for request in requests if request.cause))
    yield from causes[:_MOST_CAUSES]
    if len(causes) > _MOST_CAUSES:
        yield f"and {len(causes) - _MOST_CAUSES} more"
