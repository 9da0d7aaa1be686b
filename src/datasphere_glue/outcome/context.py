"""The context of a run at its start, and its costs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from datasphere_glue.outcome.call_stats import CallStats


@dataclass(frozen=True, slots=True)
class RunContext:
    """The context of a run at its start.

    `trigger`: what started the run.
    `cause`: the event behind it, an ARN or an id.
    `writer`: digest of the settings that decide what this stack sees and writes; None for a
    rollback, which writes what a stack had before.
    `config_digest`: SHA-256 of the mapping configuration.
    `started`: ISO 8601 time.
    `step`: `split`, `work` or `finish`; None for an undivided run.
    `place`: folder of the records of a step, below `runs/`; None for the folder of the run.
    `narrow`: only some spaces or assets were requested.
    `rollback_of`: id of the run that is rolled back.
    `former_tenants`: earlier hosts of the same tenant.
    """

    run_id: str = ""
    tenant: str = ""
    trigger: str = ""
    cause: str | None = None
    environment: str | None = None
    config_digest: str | None = None
    writer: str | None = None
    started: str | None = None
    step: str | None = None
    place: str | None = None
    narrow: bool = False
    rollback_of: str | None = None
    former_tenants: tuple[str, ...] = ()

    @property
    def tenants(self) -> tuple[str, ...]:
        """Return the hosts of the tenant, the current one first: state of each is ours."""
        return (self.tenant, *self.former_tenants)

    @property
    def folder(self) -> str:
        """Return the folder below `runs/` in which this run or step is recorded."""
        return self.place or self.run_id


@dataclass(frozen=True, slots=True)
class Costs:
    """Costs of a run: wall time in milliseconds, requests by side, statistics of all calls."""

    duration_ms: int = 0
    calls: Mapping[str, int] = field(
        default_factory=lambda: {"datasphere": 0, "glue_read": 0, "glue_write": 0}
    )
    call_stats: CallStats = field(default_factory=CallStats)

    def __add__(self, other: "Costs") -> "Costs":
        """Return the sum of both costs."""
        calls = Counter(self.calls)
        calls.update(other.calls)
        duration = self.duration_ms + other.duration_ms
        return Costs(duration, dict(calls), self.call_stats + other.call_stats)
