"""What the rooms of a run hand each other: the job, and the two sides that it connects."""

from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.completeness import Score
from datasphere_glue.model.scope import MustRead, Scope
from datasphere_glue.model.table import CurrentTable, Database, Table
from datasphere_glue.outcome.context import RunContext
from datasphere_glue.plan.change import Outcome, Plan, Replan
from datasphere_glue.plan.guard import GuardLimits
from datasphere_glue.plan.policy import Policy

AssetFilter = Callable[[str], bool]
"""Tells of an asset of a space, by its exact name, whether it is to be read."""

OnSpace = Callable[[str, str, Iterable[tuple[Table, Score]]], None]
"""Is told what Glue shall hold of a space: its name, its database, its tables and how complete."""


BeforeWrites = Callable[[Plan], None]
"""Keeps what undoes a plan before its first write; raises ReportUnwritable, then none follows."""

SPACES: Final = "spaces read"
ASSETS: Final = "assets read"
CHANGES: Final = "changes written"
"""Parts of a run whose progress is shown."""

StepName = Literal["list", "read", "catalog", "apply"]
"""Steps whose time is measured: waiting for the lists and the assets of the source, reading the
catalog, writing it."""


class Progress(Protocol):
    """Is told how far a run is, in parts such as `assets read`; from several threads."""

    def expect(self, part: str, more: int) -> None:
        """Note that so much more of a part is to be done."""
        ...

    def done(self, part: str, count: int = 1) -> None:
        """Note that so much of a part was done."""
        ...


class RunObserver(Progress, Protocol):
    """Watches a run: how far it is, and how long its steps take."""

    def step(self, name: StepName, /) -> AbstractContextManager[None]:
        """Count the time of the block for a step; only in the run's own thread."""
        ...


class _Unobserved:
    """Nobody watches."""

    def step(self, _name: StepName, /) -> AbstractContextManager[None]:
        return nullcontext()

    def expect(self, part: str, more: int) -> None:
        """Do nothing."""

    def done(self, part: str, count: int = 1) -> None:
        """Do nothing."""


UNOBSERVED: Final[RunObserver] = _Unobserved()
"""The observer of a run that nobody watches."""


class Source(Protocol):
    """Where metadata comes from."""

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return one listing for each space in scope, sorted by name, without any asset.

        Never raises for one space: each listing is complete, or says why not.

        Raises:
            Halt: the identity is refused for the whole tenant.
            SourceUnavailable: the list of spaces itself cannot be read.

        """
        ...

    def assets(self, wanted: Iterable[tuple[SpaceListing, AssetFilter]]) -> Generator[SpaceListing]:
        """Yield each listing of the survey with the assets that are wanted, in this order.

        Raises:
            Halt: the identity is refused for the whole tenant.

        """
        ...


class Target(Protocol):
    """Where metadata goes to."""

    def databases(self) -> tuple[Database, ...]:
        """Return every database, ours and foreign, sorted by name.

        Raises:
            Halt: the catalog may not be read.
            Unavailable: the catalog did not answer.

        """
        ...

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        """Return the tables of a database, sorted by name; none for a link. Raises as above.

        Foreign tables are included: they are known, never touched.
        """
        ...

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        """Carry the plan out until the monotonic time `until`; return one outcome per change.

        Outcomes are in plan order (databases first). `replan(change, fresh)` is asked when a table
        was changed by somebody else in the meantime: it gets the table as it is now (None when
        gone) and returns the change to make instead, or None when nothing is left to do.
        """
        ...


def undated_only(listings: Iterable[SpaceListing]) -> MustRead:
    """Return that those assets are due of which no date tells whether they changed."""
    dated = {(one.space, name) for one in listings for name, stamp in one.stamps if stamp.dated}
    return lambda space, name: (space, name) not in dated


@dataclass(frozen=True, slots=True)
class Job:
    """One run as it was asked for; `until` is a monotonic time, `approved` a plan digest.

    With `full` every asset is read; else those that changed, those that are not in the catalog
    yet, and those that are due: `due` tells, once the lists of all spaces are known. `shown` is
    told what each space comes to, where somebody wants to know. `before` keeps what undoes a plan
    before its first write, where there is a place to.
    """

    action: str
    scope: Scope
    rules: Rules
    policy: Policy
    limits: GuardLimits = field(default_factory=GuardLimits)
    approved: str | None = None
    until: float = float("inf")
    full: bool = True
    due: Callable[[tuple[SpaceListing, ...]], MustRead] = undated_only
    shown: OnSpace | None = None
    before: BeforeWrites | None = None
    observer: RunObserver = UNOBSERVED
    context: RunContext = field(default_factory=RunContext)
