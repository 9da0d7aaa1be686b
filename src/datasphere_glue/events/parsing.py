"""Parses the event of each trigger (design 1.3) into a request.

An event only names what to read. An invalid event is an error that names the field.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from datasphere_glue.errors import EventError, excerpt
from datasphere_glue.events.models import (
    CLOUD_TAG,
    DATA_TAG,
    SCHEDULE_FIELDS,
    STEPS,
    CloudEvent,
    Event,
    Split,
    json_of,
    model_of,
)
from datasphere_glue.events.request import Request, RunStep, Trigger

_ABSENT: Final = ("missing", "too_short")
_CHOICES: Final = ("enum", "literal_error")
_TOO_LONG: Final = {"string_too_long": "characters", "too_long": "entries"}
_LONGEST: Final = 80
_REASONS: Final = {
    "bool_type": "must be true or false",
    "float_type": "must be a number above 0, at most 1",
    "greater_than": "must be a number above 0, at most 1",
    "greater_than_equal": "must be a whole number above 0",
    "int_type": "must be a whole number above 0",
    "less_than_equal": "must be a number above 0, at most 1",
    "list_type": "must be a list of non-empty strings",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "string_pattern_mismatch": "must be a non-empty string",
    "string_too_short": "must be a non-empty string",
    "string_type": "must be a string",
}
"""Messages by the type of pydantic's error; for other types, pydantic's message is used."""


def is_queue_batch(event: object) -> bool:
    """Return whether an event is a batch of SQS messages."""
    records = event.get("Records") if isinstance(event, dict) else None
    return (
        isinstance(records, list)
        and bool(records)
        and all(isinstance(r, dict) and r.get("eventSource") == "aws:sqs" for r in records)
    )


def parse_message(body: str) -> Request:
    """Return the request of one queued change event: from a bus, or as a webhook got it.

    Raises:
        EventError: the body is not a change event; the message names the field.

    """
    try:
        event = json_of(body)
    except ValueError as err:
        raise EventError(f"body: {err}") from err
    if isinstance(event, dict) and "spaceId" in event:
        event = {"source": "sap.datasphere", "detail": event}
    request = parse(event)
    if request.trigger is not Trigger.CHANGE:
        raise EventError("body: must be a change event")
    return request


def parse(event: object) -> Request:
    """Return the request of an event; the messages of a queue batch are parsed one by one.

    Raises:
        EventError: the event is invalid; the message names the field.

    """
    if event is None:
        return Request()
    if not isinstance(event, dict):
        raise EventError(f"event: must be an object, not {type(event).__name__}")
    model = model_of(event)
    if model is None:
        raise EventError(f"step: must be one of {', '.join(RunStep)}")
    try:
        parsed = model.model_validate(event)
    except ValidationError as err:
        raise EventError(_message(model, err.errors(include_url=False))) from err
    return parsed.divide(_inner(parsed.event)) if isinstance(parsed, Split) else parsed.request()


def _inner(event: object) -> Request:
    """Return the request of the event that started the state machine."""
    try:
        return parse(event)
    except EventError as err:
        raise EventError(f"event.{err.message}", remedy=err.remedy) from err


def _message(model: type[Event], problems: Sequence[Mapping[str, Any]]) -> str:
    step = next((step for step, one in STEPS.items() if one is model), None)
    if unknown_fields := [
        _place(one["loc"]) for one in problems if one["type"] == "extra_forbidden"
    ]:
        fields = {field.alias or name for name, field in model.model_fields.items()}
        owner = f"the step {step}" if step else "a direct event"
        listed = excerpt(", ".join(sorted(unknown_fields)))
        return f"{listed}: unknown; {owner} has {', '.join(sorted(fields - SCHEDULE_FIELDS))}"
    first = problems[0]
    place = "event." * (model is CloudEvent) + _place(first["loc"])
    # A rule about several fields has no place of its own: its message names the field.
    return f"{place}: {_reason(first, step)}" if place else _reason(first, step)


def _reason(problem: Mapping[str, Any], step: RunStep | None) -> str:
    kind, value = problem["type"], problem["input"]
    if kind in _ABSENT:
        return f"is required for the step {step}" if step else "is required"
    if kind in _TOO_LONG:
        return f"must have at most {problem['ctx']['max_length']} {_TOO_LONG[kind]}"
    message = str(problem["msg"]).removeprefix("Value error, ").replace("Input should", "must")
    if kind in _CHOICES and isinstance(value, str):
        return f"{message}, not {excerpt(value, _LONGEST)!r}"
    return _REASONS.get(kind, message)


def _place(loc: Iterable[int | str]) -> str:
    """Return the path of a field, such as `detail.spaceId` or `spaces[1]`."""
    parts = (part for part in loc if part not in {CLOUD_TAG, DATA_TAG})
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return path.removeprefix(".")
