"""The request of an event: one run, with its scope."""

from dataclasses import dataclass
from enum import StrEnum

from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Slice


class RunStep(StrEnum):
    """The steps in which a state machine divides one run among workers.

    `split` lists the parts, `work` carries out one of them, `finish` decides what needs all spaces.
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
    """One requested run.

    `spaces`, `assets`: the scope; everything if both are empty.
    `full`: also read assets whose list entry is unchanged.
    `plan_digest`: the only plan that may be applied.
    `run_id`: the id of this run; None lets the run choose one.
    `cause`: identifies the event (schedule ARN, event id).
    `rollback_of`: id of the run to undo, with the action `rollback`, or `plan` to only show it.
    `step`: None for an undivided run.
    `workers`: parts that are worked on at a time, at most.
    `slice_size`: a space of more assets is cut into slices; None lets the program choose.
    `slice`: the part of a space that this worker takes.
    `share`: this worker's share of the rate budget, above 0 and at most 1.
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
