"""What surrounds a run: what is known when it starts, and what it cost."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from datasphere_glue.outcome.call_stats import CallStats


@dataclass(frozen=True, slots=True)
class RunContext:
    """What is known of a run when it starts.

    `trigger` names what started the run, `cause` the event behind it (an ARN or an id).
    `config_digest` is the SHA-256 of the mapping configuration. `started` is an ISO 8601 time.
    `step` is that of a divided run (`split`, `work`, `finish`). `place` is the folder below `runs/`
    for the records of a step, None for the folder of the run. `narrow` means that only some spaces
    or assets were requested. `rollback_of` is the id of the run that is rolled back.
    """

    run_id: str = ""
    tenant: str = ""
    trigger: str = ""
    cause: str | None = None
    environment: str | None = None
    config_digest: str | None = None
    started: str | None = None
    step: str | None = None
    place: str | None = None
    narrow: bool = False
    rollback_of: str | None = None

    @property
    def folder(self) -> str:
        """Return the folder below `runs/` in which this run or step is recorded."""
        return self.place or self.run_id


@dataclass(frozen=True, slots=True)
class Costs:
    """What a run cost: wall time in milliseconds, requests by side, statistics of all calls."""

    duration_ms: int = 0
    calls: Mapping[str, int] = field(
        default_factory=lambda: {"datasphere": 0, "glue_read": 0, "glue_write": 0}
    )
    call_stats: CallStats = field(default_factory=CallStats)

    def __add__(self, other: "Costs") -> "Costs":
        """Return the costs of both."""
        calls = Counter(self.calls)
        calls.update(other.calls)
        duration = self.duration_ms + other.duration_ms
        return Costs(duration, dict(calls), self.call_stats + other.call_stats)
