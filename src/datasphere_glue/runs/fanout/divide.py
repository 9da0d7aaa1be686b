"""One run divided among workers, so that its size is not bounded by one invocation.

`split` assigns spaces and slices to workers. A worker plans and writes the changes that depend on
one table alone. Decisions that need every table are made in the last step: removals, renames, the
guards of the run. It sees the catalog as it was before the workers, so it decides as one
invocation would.
"""

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from math import ceil
from typing import Final

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.rule_matches import RuleMatches
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Part, Scope, Slice
from datasphere_glue.model.table import CurrentTable, Database
from datasphere_glue.model.wanted import SpaceWanted
from datasphere_glue.plan.change import Outcome, Plan, Replan
from datasphere_glue.plan.guard import GuardLimits
from datasphere_glue.plan.policy import PlanShare
from datasphere_glue.runs.ports import Job, Source, Target
from datasphere_glue.runs.survey import survey

SLICE: Final = 2_000
"""Assets above which a space is cut; each slice lists the whole space once more."""

MOST_PARTS: Final = 1_000
"""Parts of a run; their list must fit into 256 KB, the state of a Step Functions machine."""


def split(
    source: Source, target: Target, job: Job, size: int
) -> tuple[tuple[SpaceListing, ...], Mapping[str, str], tuple[Part, ...]]:
    """Return the listings of all spaces in scope, the database of each, and the parts of the run.

    Only lists are read. A space of more than `size` assets is cut.

    Raises:
        SyncError: as `Source.survey` and `Target.databases`.

    """
    surveyed = survey(source, target, job)
    return surveyed.listings, surveyed.names, divide_spaces(surveyed.listings, job.rules, size)


def divide_spaces(listings: Iterable[SpaceListing], rules: Rules, size: int) -> tuple[Part, ...]:
    """Return the parts of a run: each space by itself, a large one in slices, at most MOST_PARTS.

    If rules name tables by their kind, no space is cut: a name depends on all assets of the space,
    and a worker knows only those of its slice.
    """
    every = tuple(listings)
    cut = not rules.prefixes and not rules.suffixes
    size = max(size, ceil(4 * sum(len(one.listed) for one in every) / MOST_PARTS))
    whole: list[str] = []
    slices: list[Part] = []
    for one in every:
        count = ceil(len(one.listed) / size) if cut else 1
        if count > 1:
            slices += (Part((one.space,), Slice(n, count)) for n in range(1, count + 1))
        else:
            whole.append(one.space)
    together = max(1, ceil(len(whole) / (MOST_PARTS - len(slices))))
    groups = (tuple(whole[at : at + together]) for at in range(0, len(whole), together))
    return tuple(sorted((*map(Part, groups), *slices), key=_order))


def share(parts: Collection[Part], workers: int) -> float:
    """Return the share of the rate budget of each worker if `workers` run at a time."""
    return 1.0 / max(1, min(workers, len(parts)))


def worker_job(job: Job, part: Part, databases: Mapping[str, str]) -> Job:
    """Return the job of one worker."""
    return replace(
        job,
        scope=replace(job.scope, spaces=frozenset(part.spaces), slice=part.slice),
        databases=databases,
        policy=replace(job.policy, share=PlanShare.PER_TABLE),
        limits=_of_the_run(job),
    )


def last_job(
    job: Job,
    databases: Mapping[str, str],
    matches: RuleMatches | None = None,
    *,
    allowed: bool,
) -> Job:
    """Return the job of the last step; it only plans unless it may write.

    `matches`: what the assets of all parts show about the rules; None leaves these unjudged.
    """
    undecided = RuleMatches(tuple(str(one) for one in job.entries if one.needs_columns))
    return replace(
        job,
        action=job.action if allowed else RunAction.PLAN,
        databases=databases,
        policy=replace(job.policy, share=PlanShare.CROSS_TABLE),
        limits=_of_the_run(job),
        rule_matches=undecided if matches is None else matches,
        full=True,
    )


class LeftoverSource:
    """A source of which only the assets are read that the parts left to the last step.

    `missing` holds why spaces were not read completely: none of their assets is read, and none is
    considered removed.
    """

    def __init__(
        self,
        source: Source,
        leftover_assets: Collection[tuple[str, str]],
        missing: Mapping[str, Issue],
    ) -> None:
        self._source = source
        self._leftover_assets = leftover_assets
        self._missing = missing

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return the listings, incomplete if a part was lost; raises as the source does."""
        return tuple(self._marked(listing) for listing in self._source.survey(scope))

    def space_names(self) -> frozenset[str]:
        """Return the names of all spaces that the tenant lists."""
        return self._source.space_names()

    def assets(self, wanted: Iterable[tuple[SpaceListing, SpaceWanted]]) -> Generator[SpaceListing]:
        """Yield each listing with its leftover assets; raises as the source does."""
        chosen = ((one, self._filter(one.space, also)) for one, also in wanted)
        with closing(self._source.assets(chosen)) as read:
            yield from map(self._marked, read)

    def _filter(self, space: str, wanted: SpaceWanted) -> SpaceWanted:
        def remains(name: str) -> bool:
            return (
                space not in self._missing
                and (space, name) in self._leftover_assets
                and wanted(name)
            )

        return replace(wanted, asset=remains)

    def _marked(self, listing: SpaceListing) -> SpaceListing:
        reason = listing.incomplete or self._missing.get(listing.space)
        return replace(listing, incomplete=reason)


class CatalogBeforeRun:
    """A target that shows the catalog without the tables that the parts of the run added.

    The guards limit removals to a share of the tables before the run.
    """

    def __init__(self, target: Target, added: Collection[tuple[str, str]]) -> None:
        self._target = target
        self._added = added

    def databases(self) -> tuple[Database, ...]:
        """Return the databases that the target holds."""
        return self._target.databases()

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        """Return the tables of a database before the run."""
        return tuple(self._earlier(self._target.tables(database)))

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        """Apply the plan to the target."""
        return self._target.apply(plan, until=until, replan=replan)

    def _earlier(self, tables: Iterable[CurrentTable]) -> Iterator[CurrentTable]:
        for current in tables:
            if (current.table.database, current.table.name) not in self._added:
                yield current


def _of_the_run(job: Job) -> GuardLimits:
    """Return the limits without the unreadable share, which counts for the whole run."""
    return replace(job.limits, max_unreadable_percent=100)


def _order(part: Part) -> tuple[str, int]:
    return part.spaces[0], part.slice.number if part.slice else 0
