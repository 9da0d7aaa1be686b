"""Events in, requests out: what each trigger of design 1.3 asks for.

An event only says where to look. One that cannot be understood is an error that names the field.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from datasphere_glue.errors import EventError, excerpt
from datasphere_glue.model.scope import Slice

SOURCE: Final = "sap.datasphere"
_CHANGES: Final = ("deployed", "changed", "deleted")
_DIRECT_FIELDS: Final = frozenset(
    {"action", "spaces", "assets", "full", "plan_digest", "run_id", "rollback_of"}
)
_STEP_FIELDS: Final = {
    "split": frozenset({"action", "step", "run_id", "event", "workers", "slice_size"}),
    "work": frozenset({"action", "step", "run_id", "spaces", "slice", "share"}),
    "finish": frozenset({"action", "step", "run_id"}),
}
_SCHEDULE_FIELDS: Final = frozenset({"trigger", "schedule", "time", "executionId"})
_SLICE: Final = re.compile(r"^([1-9][0-9]{0,5})/([1-9][0-9]{0,5})$")
_RUN_ID: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$")

Event = Mapping[str, Any]


class RunAction(StrEnum):
    """What a run is asked to do."""

    SYNC = "sync"
    PLAN = "plan"
    VERIFY = "verify"
    DOCTOR = "doctor"
    ROLLBACK = "rollback"


class RunStep(StrEnum):
    """What a state machine asks for in turn when it divides one run among workers.

    `split` lists the parts, `work` does one of them, `finish` what needs the sight of all.
    """

    SPLIT = "split"
    WORK = "work"
    FINISH = "finish"


class Trigger(StrEnum):
    """What started a run."""

    MANUAL = "manual"
    SCHEDULE = "schedule"
    CHANGE = "change"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class Request:
    """One run that was asked for; `cause` identifies the event (schedule ARN, event id).

    `run_id` names this run, `rollback_of` the former run that is to be undone: by the action
    `rollback`, or by `plan` to only show it. `step` is None for a run in one piece; at most
    `workers` parts are worked at a time, a space of more than `slice_size` assets (None: as the
    program thinks best) is cut, `slice` is the part of it that one worker takes, and `share` its
    share of the rate budget.
    """

    action: RunAction = RunAction.SYNC
    trigger: Trigger = Trigger.MANUAL
    spaces: frozenset[str] = frozenset()
    assets: frozenset[tuple[str, str]] = frozenset()
    full: bool = False
    plan_digest: str | None = None
    run_id: str | None = None
    cause: str | None = None
    rollback_of: str | None = None
    step: RunStep | None = None
    workers: int = 1
    slice_size: int | None = None
    slice: Slice | None = None
    share: float = 1.0


def is_queue_batch(event: object) -> bool:
    """Tell whether an event is a batch of SQS messages."""
    records = event.get("Records") if isinstance(event, dict) else None
    return (
        isinstance(records, list)
        and bool(records)
        and all(isinstance(r, dict) and r.get("eventSource") == "aws:sqs" for r in records)
    )


def parse_message(body: str) -> Request:
    """Return the request of one queued change event.

    Raises:
        EventError: the body is not a change event; the message names the field.

    """
    asked = parse(_json(body, "body"))
    if asked.trigger is not Trigger.CHANGE:
        raise EventError("body: must be a change event")
    return asked


def parse(event: object) -> Request:
    """Return what an event asks for; a queue batch is parsed message by message instead.

    Raises:
        EventError: the event cannot be understood; the message names the field.

    """
    if event is None:
        return Request()
    if not isinstance(event, dict):
        raise EventError(f"event: must be an object, not {type(event).__name__}")
    http = event.get("requestContext")
    if isinstance(http, dict) and "http" in http:
        return _webhook(event)
    if "detail-type" in event or ("source" in event and "detail" in event):
        return _envelope(event)
    if "specversion" in event:
        return _cloud_event(event)
    if "step" in event:
        return _step(event)
    return _direct(event)


def _envelope(event: Event) -> Request:
    source, kind = event.get("source"), event.get("detail-type")
    cause = _optional_text(event, "id")
    detail = event.get("detail")
    if isinstance(detail, str):
        detail = _json(detail, "detail") if detail.strip() else {}
    if kind == "Scheduled Event" and source in ("aws.events", "aws.scheduler"):
        schedule = next(iter(_texts(event, "resources")), cause)
        return Request(trigger=Trigger.SCHEDULE, cause=schedule)
    if source != SOURCE:
        raise EventError(f"source: must be {SOURCE!r}, not {excerpt(str(source), 80)!r}")
    if not isinstance(detail, dict):
        raise EventError("detail: must be an object")
    return _change(detail, "detail", cause)


def _cloud_event(document: Event) -> Request:
    return _change(document, "event", None)


def _change(detail: Event, path: str, cause: str | None) -> Request:
    """Return the request of a change, given bare or as the `data` of a CloudEvents 1.0 document."""
    if "specversion" in detail:
        if detail["specversion"] != "1.0":
            raise EventError(f"{path}.specversion: must be '1.0'")
        cause = cause or _optional_text(detail, "id")
        data = detail.get("data")
        if not isinstance(data, dict):
            raise EventError(f"{path}.data: must be an object")
        return _change_data(data, f"{path}.data", cause)
    return _change_data(detail, path, cause)


def _change_data(data: Event, path: str, cause: str | None) -> Request:
    space = _text(data, "spaceId", path)
    asset = _text(data, "objectId", path)
    action = data.get("action", "changed")
    if action not in _CHANGES:
        raise EventError(f"{path}.action: must be one of {', '.join(_CHANGES)}")
    if not isinstance(data.get("objectType", ""), str):
        raise EventError(f"{path}.objectType: must be a string")
    if asset == "*":
        return Request(trigger=Trigger.CHANGE, spaces=frozenset({space}), cause=cause)
    return Request(trigger=Trigger.CHANGE, assets=frozenset({(space, asset)}), cause=cause)


def _webhook(event: Event) -> Request:
    body = event.get("body")
    if not isinstance(body, str) or not body.strip():
        raise EventError("body: is required")
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as err:
            raise EventError("body: is not base64 of UTF-8 text") from err
    document = _json(body, "body")
    if not isinstance(document, dict):
        raise EventError("body: must be a JSON object")
    headers = event.get("headers")
    cause = None
    if isinstance(headers, dict):
        found = {str(key).lower(): str(value) for key, value in headers.items()}
        if found.get("ce-specversion", "1.0") != "1.0":
            raise EventError("headers.ce-specversion: must be '1.0'")
        cause = found.get("ce-id")
    return _change(document, "body", cause)


def _direct(event: Event) -> Request:
    if unknown := sorted(set(event) - _DIRECT_FIELDS - _SCHEDULE_FIELDS):
        raise EventError(
            f"{', '.join(unknown)}: unknown; a direct event has {', '.join(sorted(_DIRECT_FIELDS))}"
        )
    scheduled = event.get("trigger") == Trigger.SCHEDULE
    action = _action(event)
    return Request(
        action=action,
        trigger=Trigger.SCHEDULE if scheduled else Trigger.MANUAL,
        spaces=frozenset(_texts(event, "spaces")),
        assets=frozenset(_asset(name) for name in _texts(event, "assets")),
        full=_flag(event, "full"),
        plan_digest=_digest(event),
        run_id=_run_id(event, "run_id"),
        cause=_optional_text(event, "schedule"),
        rollback_of=_rollback_of(event, action),
    )


def _step(event: Event) -> Request:
    try:
        step = RunStep(event["step"])
    except ValueError as err:
        raise EventError(f"step: must be one of {', '.join(RunStep)}") from err
    if unknown := sorted(set(event) - _STEP_FIELDS[step]):
        allowed = ", ".join(sorted(_STEP_FIELDS[step]))
        raise EventError(f"{', '.join(unknown)}: unknown; the step {step} has {allowed}")
    if _action(event) is not RunAction.SYNC:
        raise EventError("action: must be sync, only a sync is divided into steps")
    run_id = _run_id(event, "run_id")
    if run_id is None and step is not RunStep.SPLIT:
        raise EventError(f"run_id: is required for the step {step}, as split returned it")
    if step is RunStep.SPLIT:
        size = _number(event, "slice_size") if event.get("slice_size") is not None else None
        asked, workers = _divisible(event.get("event")), _number(event, "workers", default=1)
        return replace(asked, step=step, run_id=run_id, workers=workers, slice_size=size)
    if step is RunStep.FINISH:
        return Request(step=step, run_id=run_id)
    return _work(event, run_id)


def _divisible(event: object) -> Request:
    """Return what started the state machine asked for; of that, only whole syncs are divided."""
    try:
        asked = parse(event)
    except EventError as err:
        raise EventError(f"event.{err.message}", remedy=err.remedy) from err
    told = (
        ("action", asked.action is not RunAction.SYNC),
        ("step", asked.step is not None),
        ("assets", bool(asked.assets)),
        ("plan_digest", asked.plan_digest is not None),
        ("run_id", asked.run_id is not None),
    )
    if wrong := [name for name, given in told if given]:
        raise EventError(
            f"event.{wrong[0]}: cannot be divided among workers",
            remedy="send such an event to the function; the state machine takes syncs of spaces",
        )
    return asked


def _work(event: Event, run_id: str | None) -> Request:
    spaces = frozenset(_texts(event, "spaces"))
    if not spaces:
        raise EventError("spaces: is required for the step work")
    part = _slice(event)
    if part and len(spaces) > 1:
        raise EventError("slice: goes with a single space")
    share = event.get("share", 1.0)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        raise EventError("share: must be a number above 0, at most 1")
    return Request(step=RunStep.WORK, run_id=run_id, spaces=spaces, slice=part, share=float(share))


def _slice(event: Event) -> Slice | None:
    text = event.get("slice")
    if text is None:
        return None
    found = _SLICE.match(text) if isinstance(text, str) else None
    part = Slice(int(found[1]), int(found[2])) if found else None
    if part is None or part.number > part.of:
        raise EventError("slice: must read NUMBER/OF, such as 1/3")
    return part


def _number(event: Event, field: str, default: int | None = None) -> int:
    value = event.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise EventError(f"{field}: must be a whole number above 0")
    return value


def _action(event: Event) -> RunAction:
    try:
        return RunAction(event.get("action") or RunAction.SYNC)
    except ValueError as err:
        raise EventError(f"action: must be one of {', '.join(RunAction)}") from err


def _asset(name: str) -> tuple[str, str]:
    space, dot, asset = name.partition(".")
    if not (space and dot and asset):
        raise EventError(f"assets: {excerpt(name, 80)!r} must read SPACE.asset")
    return space, asset


def _digest(event: Event) -> str | None:
    """Return the approved digest; an empty one is an approval gone wrong, not none."""
    value = event.get("plan_digest")
    if value is None:
        return None
    digest = value.removeprefix("sha256:") if isinstance(value, str) else ""
    if not digest:
        raise EventError("plan_digest: must be a non-empty string")
    return digest


def _run_id(event: Event, field: str) -> str | None:
    run_id = _optional_text(event, field)
    if run_id is not None and not _RUN_ID.fullmatch(run_id):
        raise EventError(f"{field}: must be 1 to 80 letters, digits, '.', '_', ':' or '-'")
    return run_id


def _rollback_of(event: Event, action: RunAction) -> str | None:
    undone = _run_id(event, "rollback_of")
    if undone is None and (action is RunAction.ROLLBACK or event.get("rollback_of") is not None):
        raise EventError("rollback_of: must name the run to undo")
    if undone is not None and action not in {RunAction.ROLLBACK, RunAction.PLAN}:
        raise EventError(f"rollback_of: goes with the action rollback or plan, not {action}")
    if undone is not None and undone == event.get("run_id"):
        raise EventError("run_id: must differ from rollback_of, a rollback is a run of its own")
    return undone


def _text(data: Event, field: str, path: str) -> str:
    value = data.get(field)
    if not isinstance(value, str) or not value.strip():
        raise EventError(f"{path}.{field}: must be a non-empty string")
    return value


def _optional_text(event: Event, field: str) -> str | None:
    value = event.get(field)
    if value is not None and not isinstance(value, str):
        raise EventError(f"{field}: must be a string")
    return value or None


def _texts(event: Event, field: str) -> list[str]:
    value = event.get(field)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise EventError(f"{field}: must be a list of non-empty strings")
    return value


def _flag(event: Event, field: str) -> bool:
    value = event.get(field)
    if value is not None and not isinstance(value, bool):
        raise EventError(f"{field}: must be true or false")
    return bool(value)


def _json(text: str, field: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as err:
        raise EventError(f"{field}: is not JSON ({err})") from err
