"""What a door of the program brings along to a run."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

from datasphere_glue.runs.ports import Progress
from datasphere_glue.storage.plans import Approval

LAMBDA_MARGIN_S: Final = 30.0
"""Seconds kept back from Lambda's limit: enough to read back, report and return."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What a door brings along: its own name as trigger, time, and a plan file.

    `until` is the monotonic end of the run; `sleep` waits that many seconds between tries.
    `approval` reads the approval that a plan file is; it raises PlanRefused. `progress` is told how
    far the run is, where somebody watches.
    """

    until: float = float("inf")
    trigger: str | None = None
    sleep: Callable[[float], None] = time.sleep
    approval: Callable[[], Approval] | None = None
    progress: Progress | None = None

    @classmethod
    def of(cls, context: Any) -> Self:
        """Return the door of a Lambda context; without one there is no end."""
        remaining = getattr(context, "get_remaining_time_in_millis", None)
        if remaining is None:
            return cls()
        return cls(time.monotonic() + max(0.0, remaining() / 1000 - LAMBDA_MARGIN_S))
