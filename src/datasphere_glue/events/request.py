"""What an event asks for: one run, with its scope."""

from dataclasses import dataclass
from enum import StrEnum

from datasphere_glue.model.scope import Slice


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
