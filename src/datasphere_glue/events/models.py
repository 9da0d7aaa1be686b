"""The events that the function accepts, as pydantic models that return the request of an event.

The models are our own. Those of Powertools require fields that an event sent by hand lacks
(`account`, `region`, `receiptHandle`...), and its parser takes 10 ms to import.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal, Self, assert_never

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from datasphere_glue.errors import EventError, excerpt
from datasphere_glue.events.bounds import (
    MOST_ENTRIES,
    MOST_IN_BODY,
    MOST_IN_NAME,
    AnyValue,
    Name,
    NotBlank,
    Text,
    bounded,
)
from datasphere_glue.events.request import Request, RunStep, Trigger
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Slice

SCHEDULE_FIELDS: Final = frozenset({"trigger", "schedule", "time", "executionId"})
"""Fields that a schedule with its own input adds to a direct event."""

_SLICE: Final = re.compile(r"[1-9][0-9]{0,5}/[1-9][0-9]{0,5}")
_RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}")
_LONGEST: Final = 80
CLOUD_TAG: Final = "<cloud>"
DATA_TAG: Final = "<data>"
"""Tags of a union. The locations in pydantic's errors hold them; no field has such a name."""


def json_of(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: the text is not JSON, or too long.

    """
    if len(text) > MOST_IN_BODY:
        raise ValueError(f"must have at most {MOST_IN_BODY} characters")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as err:
        raise ValueError(f"is not JSON ({err})") from err


def _document(value: object) -> object:
    if not isinstance(value, str):
        return value
    return json_of(value) if value.strip() else {}


def _run_id(text: str) -> str:
    if text and not _RUN_ID.fullmatch(text):
        raise ValueError("must be 1 to 80 letters, digits, '.', '_', ':' or '-'")
    return text


def _digest(text: str) -> str:
    digest = text.removeprefix("sha256:")
    if not digest:
        raise ValueError("must be a non-empty string")
    bounded(digest)
    return digest


def _asset(name: object) -> tuple[str, str]:
    if isinstance(name, str) and len(name) > 2 * MOST_IN_NAME:
        raise ValueError(f"must have at most {2 * MOST_IN_NAME} characters")
    space, dot, asset = name.partition(".") if isinstance(name, str) else ("", "", "")
    if not (space and dot and asset):
        raise ValueError(f"{excerpt(str(name), _LONGEST)!r} must read SPACE.asset")
    return space, asset


def _slice(text: object) -> Slice:
    if isinstance(text, str) and _SLICE.fullmatch(text):
        number, of = map(int, text.split("/"))
        if number <= of:
            return Slice(number, of)
    raise ValueError("must read NUMBER/OF, such as 1/3")


def _sync_only(action: RunAction) -> RunAction:
    if not action.traits.divisible:
        raise ValueError("must be sync, only a sync is divided into steps")
    return action


_RunId = Annotated[str, AfterValidator(_run_id)]
_RunAction = Annotated[RunAction, BeforeValidator(lambda value: value or RunAction.SYNC)]
_Asset = Annotated[tuple[str, str], BeforeValidator(_asset)]
_Positive = Annotated[int, Field(strict=True, ge=1)]


class _Open(BaseModel):
    """An event of another system: fields beyond the contract are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class _Closed(BaseModel):
    """An event for this function alone: an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class ChangeData(_Open):
    """A change of one object, or of a whole space."""

    space: NotBlank = Field(alias="spaceId")
    asset: NotBlank = Field(alias="objectId")
    kind: Text = Field("", alias="objectType")
    action: Literal["deployed", "changed", "deleted"] = "changed"

    def request(self, cause: str | None = None) -> Request:
        """Return a sync of the object or space, whatever the action; `cause` is an event id."""
        if self.asset == "*":
            return Request(
                trigger=Trigger.CHANGE, spaces=frozenset({self.space}), cause=cause or None
            )
        assets = frozenset({(self.space, self.asset)})
        return Request(trigger=Trigger.CHANGE, assets=assets, cause=cause or None)


class CloudEvent(_Open):
    """A change in CloudEvents 1.0."""

    specversion: Literal["1.0"]
    id: Text | None = None
    data: ChangeData

    def request(self, cause: str | None = None) -> Request:
        """Return the request of the change; its own id is the cause if there is no outer one."""
        return self.data.request(cause or self.id)


def _wrapping(value: object) -> str:
    return CLOUD_TAG if isinstance(value, dict) and "specversion" in value else DATA_TAG


_Change = Annotated[
    Annotated[CloudEvent, Tag(CLOUD_TAG)] | Annotated[ChangeData, Tag(DATA_TAG)],
    Discriminator(_wrapping),
    BeforeValidator(_document),
]


class ScheduleEvent(_Open):
    """An event of a rule or schedule without its own input."""

    id: Text | None = None
    resources: list[Annotated[Text, Field(min_length=1)]] | None = Field(
        None, max_length=MOST_ENTRIES
    )
    detail: Annotated[Any, BeforeValidator(_document)] = None

    def request(self) -> Request:
        """Return a sync of everything."""
        cause = next(iter(self.resources or ()), self.id or None)
        return Request(trigger=Trigger.SCHEDULE, cause=cause)


class ChangeEvent(_Open):
    """A change event on an EventBridge bus."""

    source: Literal["sap.datasphere"]
    id: Text | None = None
    detail: _Change

    def request(self) -> Request:
        """Return the request of the change."""
        return self.detail.request(self.id)


class _Headers(_Open):
    version: Literal["1.0"] = Field("1.0", alias="ce-specversion")
    id: Text | None = Field(None, alias="ce-id")


class Webhook(_Open):
    """A request to an API Gateway HTTP API or a function URL; the body is a change event."""

    encoded: Any = Field(None, alias="isBase64Encoded")
    body: _Change
    headers: _Headers | None = None

    @field_validator("body", mode="before")
    @classmethod
    def _text(cls, body: object, info: ValidationInfo) -> object:
        if not isinstance(body, str) or not body.strip():
            raise ValueError("is required")
        if len(body) > 2 * MOST_IN_BODY:
            raise ValueError(f"must have at most {MOST_IN_BODY} characters")
        if not info.data["encoded"]:
            return body
        try:
            return base64.b64decode(body, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as err:
            raise ValueError("is not base64 of UTF-8 text") from err

    @field_validator("headers", mode="before")
    @classmethod
    def _lower_case(cls, headers: object) -> dict[str, str]:
        pairs = headers.items() if isinstance(headers, dict) else ()
        return {str(name).lower(): str(value) for name, value in pairs}

    def request(self) -> Request:
        """Return the request of the change."""
        return self.body.request(self.headers.id if self.headers else None)


class Direct(_Closed):
    """An event sent by a person or program, or the input of a schedule."""

    action: _RunAction = RunAction.SYNC
    spaces: list[Name] | None = Field(None, max_length=MOST_ENTRIES)
    assets: list[_Asset] | None = Field(None, max_length=MOST_ENTRIES)
    full: Annotated[bool, Field(strict=True)] | None = None
    plan_digest: Annotated[str, AfterValidator(_digest)] | None = None
    run_id: _RunId | None = None
    rollback_of: _RunId | None = None
    trigger: AnyValue = None
    schedule: Text | None = None
    time: AnyValue = None
    execution: AnyValue = Field(None, alias="executionId")

    @model_validator(mode="after")
    def _rollback(self) -> Self:
        rolled_back_run, rolls_back = self.rollback_of, self.action is RunAction.ROLLBACK
        if rolled_back_run == "" or (rolled_back_run is None and rolls_back):
            raise ValueError("rollback_of: must name the run to undo")
        if rolled_back_run and not self.action.traits.accepts_former_run:
            raise ValueError(
                f"rollback_of: goes with the action rollback or plan, not {self.action}"
            )
        if rolled_back_run and rolled_back_run == self.run_id:
            raise ValueError("run_id: must differ from rollback_of, a rollback is a run of its own")
        return self

    def request(self) -> Request:
        """Return the request of the event."""
        return Request(
            action=self.action,
            trigger=Trigger.SCHEDULE if self.trigger == Trigger.SCHEDULE else Trigger.MANUAL,
            spaces=frozenset(self.spaces or ()),
            assets=frozenset(self.assets or ()),
            full=bool(self.full),
            plan_digest=self.plan_digest,
            run_id=self.run_id or None,
            cause=self.schedule or None,
            rollback_of=self.rollback_of,
        )


class _Step(_Closed):
    """A step of a state machine."""

    step: RunStep
    action: Annotated[_RunAction, AfterValidator(_sync_only)] = RunAction.SYNC


class Split(_Step):
    """Divide the request of an event among workers."""

    run_id: _RunId | None = None
    event: Any = None
    workers: _Positive = 1
    slice_size: _Positive | None = None

    def divide(self, request: Request) -> Request:
        """Return the request of the inner event, with how to divide it.

        Raises:
            EventError: the request is not a sync of whole spaces.

        """
        fields = (
            ("action", not request.action.traits.divisible),
            ("step", request.step is not None),
            ("assets", bool(request.assets)),
            ("plan_digest", request.plan_digest is not None),
            ("run_id", request.run_id is not None),
        )
        if indivisible := [name for name, is_set in fields if is_set]:
            raise EventError(
                f"event.{indivisible[0]}: cannot be divided among workers",
                remedy="send such an event to the function; the state machine takes syncs of"
                " spaces",
            )
        return replace(
            request,
            step=self.step,
            run_id=self.run_id or None,
            workers=self.workers,
            slice_size=self.slice_size,
        )


class Work(_Step):
    """Read and write one part of a divided run."""

    run_id: Annotated[_RunId, Field(min_length=1)]
    spaces: list[Name] = Field(min_length=1, max_length=MOST_ENTRIES)
    slice: Annotated[Slice, BeforeValidator(_slice)] | None = None
    share: Annotated[float, Field(strict=True, gt=0, le=1)] = 1.0

    @model_validator(mode="after")
    def _one_space(self) -> Self:
        if self.slice and len(set(self.spaces)) > 1:
            raise ValueError("slice: goes with a single space")
        return self

    def request(self) -> Request:
        """Return the request to work on this part."""
        return Request(
            step=self.step,
            run_id=self.run_id,
            spaces=frozenset(self.spaces),
            slice=self.slice,
            share=self.share,
        )


class Finish(_Step):
    """End a divided run."""

    run_id: Annotated[_RunId, Field(min_length=1)]

    def request(self) -> Request:
        """Return the request to end the run."""
        return Request(step=self.step, run_id=self.run_id)


def _step_model(step: RunStep) -> type[Split | Work | Finish]:
    match step:
        case RunStep.SPLIT:
            return Split
        case RunStep.WORK:
            return Work
        case RunStep.FINISH:
            return Finish
        case _:
            assert_never(step)


STEPS: Final[Mapping[RunStep, type[Split | Work | Finish]]] = {
    step: _step_model(step) for step in RunStep
}


ReadyEvent = Webhook | ScheduleEvent | ChangeEvent | CloudEvent | Direct | Work | Finish
Event = ReadyEvent | Split


def model_of(event: Mapping[str, Any]) -> type[Event] | None:
    """Return the model of an event, None for an unknown step.

    Chooses the model first, since pydantic would take 60 ms of each cold start to build a union of
    all models.
    """
    context = event.get("requestContext")
    if isinstance(context, dict) and "http" in context:
        return Webhook
    source, kind = event.get("source"), event.get("detail-type")
    if "detail-type" in event or ("source" in event and "detail" in event):
        scheduled = kind == "Scheduled Event" and source in ("aws.events", "aws.scheduler")
        return ScheduleEvent if scheduled else ChangeEvent
    if "specversion" in event:
        return CloudEvent
    if "step" in event:
        return next((model for step, model in STEPS.items() if step == event["step"]), None)
    return Direct
