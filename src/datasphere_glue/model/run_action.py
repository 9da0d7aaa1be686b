"""The table of run actions: what a run of each action may do, and what it leaves."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never


class RunAction(StrEnum):
    """The action that an event requests of a run."""

    SYNC = "sync"
    PLAN = "plan"
    VERIFY = "verify"
    DOCTOR = "doctor"
    ROLLBACK = "rollback"

    @property
    def traits(self) -> "RunTraits":
        """Return the row of the table of run actions."""
        match self:
            case RunAction.SYNC:
                return _SYNC
            case RunAction.PLAN:
                return _PLAN
            case RunAction.VERIFY:
                return _VERIFY
            case RunAction.DOCTOR:
                return _DOCTOR
            case RunAction.ROLLBACK:
                return _ROLLBACK
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class RunTraits:
    """What the program derives from one run action.

    - `writes`: the run writes to Glue, so it needs the approved plan where there is one.
    - `announces`: subscribers receive a message about the run.
    - `compares`: the run plans changes; otherwise it only checks that both sides answer.
    - `reads_all`: the run reads every asset, also those that did not change.
    - `divisible`: workers may share the run.
    - `keeps_any_plan`: the plan is stored for approval, even if it is empty.
    - `accepts_former_run`: the event may name a run to revert (`rollback_of`).
    """

    writes: bool = False
    announces: bool = False
    compares: bool = True
    reads_all: bool = False
    divisible: bool = False
    keeps_any_plan: bool = False
    accepts_former_run: bool = False


_SYNC: Final = RunTraits(writes=True, announces=True, divisible=True)
_PLAN: Final = RunTraits(keeps_any_plan=True, accepts_former_run=True)
_VERIFY: Final = RunTraits(reads_all=True)
_DOCTOR: Final = RunTraits(compares=False)
_ROLLBACK: Final = RunTraits(writes=True, announces=True, accepts_former_run=True)
