"""The ports of a run: its caller, its source, its target, its observer, and the job itself."""

import time
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, Protocol, Self

from datasphere_glue.mapping.entries import Entry
from datasphere_glue.mapping.ownership import Record, no_record
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.completeness import Score
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.rule_matches import RuleMatches
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import MustRead, Scope
from datasphere_glue.model.table import CurrentTable, Database, Table
from datasphere_glue.model.wanted import SpaceWanted
from datasphere_glue.outcome.context import RunContext
from datasphere_glue.plan.change import Outcome, Plan, Replan
from datasphere_glue.plan.guard import GuardLimits
from datasphere_glue.plan.policy import Policy, UpgradePolicy
from datasphere_glue.plan.proof import NO_PROOF, Proof
from datasphere_glue.plan.recorded import TableName
from datasphere_glue.plan.removals import EarlierRemovals
from datasphere_glue.runs.upgrade import Upgrade
from datasphere_glue.storage.plans import Approval

OnSpace = Callable[[str, str, Iterable[tuple[Table, Score]]], None]
"""Receives the desired state of a space: its name, its database, its tables and their scores."""


class WrittenInto(Protocol):
    """Our own record of the databases of each space."""

    def __call__(self, space: str, home: str, wanted: Collection[str]) -> tuple[str, ...]:
        """Return the databases other than `home` that we wrote a space into, the last one first.

        `wanted`: databases to decide about; without any, the last one is enough.
        """
        ...


BeforeWrites = Callable[[Plan], None]
"""Stores the before-images of a plan; raises ReportUnwritable, and then nothing is written."""

ReadProof = Callable[[Collection[TableName]], Proof]
"""Returns what our own record proves about the deprecation of tables."""

ReadHistory = Callable[[Collection[TableName], date | None], Proof]
"""Returns our last writes to tables; with a day, only of the runs of the last days up to it."""

SPACES: Final = "spaces read"
ASSETS: Final = "assets read"
CHANGES: Final = "changes written"
"""Parts of a run whose progress is shown."""

StepName = Literal["list", "read", "catalog", "apply"]
"""Steps whose time is measured: waiting for the lists and for the assets of the source, reading
the catalog, writing it."""

LAMBDA_MARGIN_S: Final = 30.0
"""Seconds of Lambda's limit that a run leaves unused: enough to read back, report and return."""

RESERVED_SHARE: Final = 0.5
"""Largest share of Lambda's limit that a run leaves unused, so that a short one has time, too."""

_FRESH: Final = 0.9
"""Share of Lambda's limit that is left when the first run of an invocation begins."""


class Progress(Protocol):
    """Counts the progress of a run by part, such as `assets read`; called from several threads."""

    def expect(self, part: str, more: int) -> None:
        """Add to the expected count of a part."""
        ...

    def done(self, part: str, count: int = 1) -> None:
        """Add to the finished count of a part."""
        ...


@dataclass(frozen=True, slots=True)
class Caller:
    """What an entry point provides to a run.

    `until`: monotonic end of the run.
    `time_limit`: time-out of the function in seconds, where the whole of it is for this run.
    `trigger`: name of the entry point; None takes the trigger of the request.
    `action`: action of a request that cannot be read.
    `sleep`: waits that many seconds between tries.
    `approval`: reads the approval of a plan file; raises PlanRefused.
    `progress`: shows how far the run is; None shows nothing.
    """

    until: float = float("inf")
    trigger: str | None = None
    action: RunAction = RunAction.SYNC
    sleep: Callable[[float], None] = time.sleep
    approval: Callable[[], Approval] | None = None
    progress: Progress | None = None
    time_limit: float | None = None

    @classmethod
    def of(cls, context: Any, limit: float | None = None) -> Self:
        """Return the caller for a Lambda context; any other object sets no end.

        `limit`: the time-out of the function in seconds; None takes what is left of it.
        """
        left = seconds_left(context)
        if left is None:
            return cls()
        limit = left if limit is None else limit
        reserve = min(LAMBDA_MARGIN_S, limit * RESERVED_SHARE)
        until = time.monotonic() + max(0.0, left - reserve)
        return cls(until, time_limit=limit if left >= limit * _FRESH else None)


def seconds_left(context: Any) -> float | None:
    """Return the seconds that a Lambda context has left; None for any other object."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return None if remaining is None else remaining() / 1000


class RunObserver(Progress, Protocol):
    """Measures a run: how far it is, and how long its steps take."""

    def step(self, name: StepName, /) -> AbstractContextManager[None]:
        """Add the time of the block to a step; only in the thread of the run."""
        ...


class _Unobserved:
    """Measures nothing."""

    def step(self, _name: StepName, /) -> AbstractContextManager[None]:
        return nullcontext()

    def expect(self, part: str, more: int) -> None:
        """Do nothing."""

    def done(self, part: str, count: int = 1) -> None:
        """Do nothing."""


UNOBSERVED: Final[RunObserver] = _Unobserved()
"""The observer of a run that is not measured."""


class Source(Protocol):
    """The side that metadata is read from."""

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return one listing for each space in scope, sorted by name, without any asset.

        Never raises for one space: a listing is complete, or `incomplete` holds the cause.

        Raises:
            Halt: the identity is refused for the whole tenant.
            SourceUnavailable: the list of spaces itself cannot be read.

        """
        ...

    def space_names(self) -> frozenset[str]:
        """Return the names of all spaces that the tenant listed at the survey."""
        ...

    def assets(self, wanted: Iterable[tuple[SpaceListing, SpaceWanted]]) -> Generator[SpaceListing]:
        """Yield each listing of the survey with the selected assets, in this order.

        Raises:
            Halt: the identity is refused for the whole tenant.

        """
        ...


class Target(Protocol):
    """The side that metadata is written to."""

    def databases(self) -> tuple[Database, ...]:
        """Return every database, ours and foreign, sorted by name.

        Raises:
            Halt: the catalog may not be read.
            Unavailable: the catalog did not answer.

        """
        ...

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        """Return the tables of a database, sorted by name; none for a link. Raises as above.

        Foreign tables are included, and are never changed.
        """
        ...

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        """Carry out the plan until the monotonic time `until`; return one outcome per change.

        Outcomes are in plan order (databases first). If somebody else changed a table meanwhile,
        `replan(change, fresh)` receives the current table (None if it was deleted). It returns the
        change to make instead, or None if nothing is left to do.
        """
        ...


def _undated_only(listings: Iterable[SpaceListing]) -> MustRead:
    """Return the rule that the assets without a date of change are due."""
    dated = {(one.space, name) for one in listings for name, stamp in one.stamps if stamp.dated}
    return lambda space, name: (space, name) not in dated


@dataclass(frozen=True, slots=True)
class RereadLimits:
    """How much is read again although no date of change asks for it.

    `days`: every asset with a date of change is read again within so many days.
    `assets`: so many assets without a date of change are read again by each run.
    """

    days: int = 7
    assets: int = 1000


class RemovalLedger(Protocol):
    """Counts what narrow runs removed since the last run over everything."""

    def earlier(self) -> EarlierRemovals:
        """Return what they removed."""
        ...

    def add(self, plan: Plan, number: int) -> None:
        """Add what a plan is about to remove, judged with the record of that number."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One run with everything that its request, settings and configuration decide.

    `approved`: digest of the only plan that may be written; None allows any.
    `until`: monotonic time; no write starts after it.
    `full`: read every asset. Otherwise: those that changed, are not in the catalog yet, or are due.
    `due`: decides which assets are due, from the listings of all spaces.
    `shown`: receives the desired state of each space; None if nobody needs it.
    `before`: stores the before-images of a plan before its first write; None stores nothing.
    `record`: shows which tables we wrote, where the catalog alone leaves that open.
    `ledger`: counts the removals of narrow runs; None without a report place.
    `proof`, `history`: read our own record of tables; without a report place there is none.
    `databases`: database of each space that an earlier step of a divided run chose.
    `entries`: the names and patterns of request, settings and configuration.
    `rule_matches`: what the workers of a divided run found out about rules for columns; None lets
        the run find out itself.
    `written_into`: shows which databases we wrote a space into; None keeps no record.
    `meaning`: what to do with facts that an earlier version of the reader could not read.
    `upgrade`: how tables are treated whose assets an earlier version of the reader read.
    """

    action: RunAction
    scope: Scope
    rules: Rules
    policy: Policy
    limits: GuardLimits = field(default_factory=GuardLimits)
    reread: RereadLimits = field(default_factory=RereadLimits)
    approved: str | None = None
    until: float = float("inf")
    full: bool = True
    due: Callable[[tuple[SpaceListing, ...]], MustRead] = _undated_only
    shown: OnSpace | None = None
    before: BeforeWrites | None = None
    record: Record = no_record
    ledger: RemovalLedger | None = None
    proof: ReadProof = lambda _names: NO_PROOF
    history: ReadHistory = lambda _names, _day: NO_PROOF
    databases: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    rule_matches: RuleMatches | None = None
    written_into: WrittenInto | None = None
    meaning: UpgradePolicy = UpgradePolicy.APPLY
    upgrade: Upgrade = field(default_factory=Upgrade)
    observer: RunObserver = UNOBSERVED
    context: RunContext = field(default_factory=RunContext)

    @property
    def holds_new_facts(self) -> bool:
        """Return whether new facts of an unchanged source wait for a plan; a plan shows them."""
        decided = self.action is RunAction.PLAN or self.approved is not None
        return self.meaning is UpgradePolicy.HOLD and not decided
