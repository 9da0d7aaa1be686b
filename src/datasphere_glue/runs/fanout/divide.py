"""One run divided among workers, so that its size is not bounded by one invocation.

`split` says who reads what. A worker plans and writes what each table needs by itself. What needs
the sight of all is left to the last step: what is gone, what was renamed, the guards of the run.
It looks at the catalog as it was before the workers, so that it decides as one invocation would.
"""

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from math import ceil
from typing import Final

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.scope import MustRead, Part, Scope, Slice
from datasphere_glue.model.table import CurrentTable, Database
from datasphere_glue.plan.change import Outcome, Plan, Replan
from datasphere_glue.plan.guard import GuardLimits
from datasphere_glue.plan.policy import PlanShare
from datasphere_glue.runs.ports import AssetFilter, Job, Source, Target
from datasphere_glue.runs.survey import survey

SLICE: Final = 2_000
"""Assets of a space beyond which it is cut: each slice costs another list of the whole space."""

MOST_PARTS: Final = 1_000
"""Parts of a run; the list of them must fit into 256 KB, the state of a Step Functions machine."""


def split(
    source: Source, target: Target, job: Job, size: int
) -> tuple[tuple[SpaceListing, ...], Mapping[str, str], tuple[Part, ...]]:
    """Return the listings of all spaces in scope, the database of each, and the parts of the run.

    Nothing but lists is read. A space of more than `size` assets is cut.

    Raises:
        SyncError: as `Source.survey` and `Target.databases`.

    """
    found = survey(source, target, job)
    return found.listings, found.names, divided(found.listings, job.rules, size)


def divided(listings: Iterable[SpaceListing], rules: Rules, size: int) -> tuple[Part, ...]:
    """Return who reads what: each space by itself, a large one in slices, at most MOST_PARTS.

    Where tables are named by their kind, a space is not cut: a name is decided in the sight of all
    kinds of its space, and who reads a slice does not know the others.
    """
    known = tuple(listings)
    cut = not rules.prefixes and not rules.suffixes
    size = max(size, ceil(4 * sum(len(one.listed) for one in known) / MOST_PARTS))
    whole: list[str] = []
    slices: list[Part] = []
    for one in known:
        count = ceil(len(one.listed) / size) if cut else 1
        if count > 1:
            slices += (Part((one.space,), Slice(n, count)) for n in range(1, count + 1))
        else:
            whole.append(one.space)
    together = max(1, ceil(len(whole) / (MOST_PARTS - len(slices))))
    groups = (tuple(whole[at : at + together]) for at in range(0, len(whole), together))
    return tuple(sorted((*map(Part, groups), *slices), key=_turn))


def share(parts: Collection[Part], workers: int) -> float:
    """Return the share of the rate budget of each worker when that many work at a time."""
    return 1.0 / max(1, min(workers, len(parts)))


def worker_job(job: Job, part: Part, databases: Mapping[str, str], undated: int) -> Job:
    """Return the job of one worker; `undated` counts such assets of the whole run."""
    pace = job.due

    def due(listings: tuple[SpaceListing, ...]) -> MustRead:
        # How much is read again for want of dates is shared by all parts of the run.
        others = undated - sum(one.undated for one in listings)
        return pace((*listings, SpaceListing("", undated=max(0, others))))

    return replace(
        job,
        scope=replace(job.scope, spaces=frozenset(part.spaces), slice=part.slice),
        rules=_named(job.rules, databases),
        policy=replace(job.policy, share=PlanShare.PER_TABLE),
        limits=_of_the_run(job),
        due=due,
    )


def last_job(job: Job, databases: Mapping[str, str], *, allowed: bool) -> Job:
    """Return the job of the last step; it only plans unless it is allowed to write."""
    return replace(
        job,
        action=job.action if allowed else "plan",
        rules=_named(job.rules, databases),
        policy=replace(job.policy, share=PlanShare.CROSS_TABLE),
        limits=_of_the_run(job),
        full=True,
    )


class LeftoverSource:
    """A source of which only what the parts left is read.

    `missing` says why spaces are not known to their end: nothing of those is read, and nothing is
    taken for gone.
    """

    def __init__(
        self,
        source: Source,
        left: Collection[tuple[str, str]],
        missing: Mapping[str, Issue],
    ) -> None:
        self._source = source
        self._left = left
        self._missing = missing

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return the listings, incomplete where a part was lost; raises as the source does."""
        return tuple(self._told(listing) for listing in self._source.survey(scope))

    def assets(self, wanted: Iterable[tuple[SpaceListing, AssetFilter]]) -> Generator[SpaceListing]:
        """Yield each listing with the assets that the parts left; raises as the source does."""
        chosen = ((one, self._remaining(one.space, also)) for one, also in wanted)
        with closing(self._source.assets(chosen)) as read:
            yield from map(self._told, read)

    def _remaining(self, space: str, wanted: AssetFilter) -> AssetFilter:
        def remains(name: str) -> bool:
            return space not in self._missing and (space, name) in self._left and wanted(name)

        return remains

    def _told(self, listing: SpaceListing) -> SpaceListing:
        reason = listing.incomplete or self._missing.get(listing.space)
        return replace(listing, incomplete=reason)


class CatalogBeforeRun:
    """A target that shows the catalog without the tables that the parts of the run added.

    How much may be removed is a share of what was there before the run.
    """

    def __init__(self, target: Target, added: Collection[tuple[str, str]]) -> None:
        self._target = target
        self._added = added

    def databases(self) -> tuple[Database, ...]:
        """Return the databases that the target holds."""
        return self._target.databases()

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        """Return the tables of a database that were there before."""
        return tuple(self._earlier(self._target.tables(database)))

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        """Have the target carry out the plan."""
        return self._target.apply(plan, until=until, replan=replan)

    def _earlier(self, tables: Iterable[CurrentTable]) -> Iterator[CurrentTable]:
        for current in tables:
            if (current.table.database, current.table.name) not in self._added:
                yield current


def _of_the_run(job: Job) -> GuardLimits:
    """Return the limits without the share that may be unreadable, which is one of the whole run."""
    return replace(job.limits, max_unreadable_percent=100)


def _named(rules: Rules, databases: Mapping[str, str]) -> Rules:
    return replace(rules, databases=tuple(sorted({**dict(rules.databases), **databases}.items())))


def _turn(part: Part) -> tuple[str, int]:
    return part.spaces[0], part.slice.number if part.slice else 0
