"""The whole story of a run on one screen: read, map, compare, guard, apply, report."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from datasphere_glue.errors import GuardRefused, PlanRefused, SyncError
from datasphere_glue.mapping.tables import Rules, database_candidates, database_names, space_tables
from datasphere_glue.model.asset import Issue, SpaceListing
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Desired, Table
from datasphere_glue.plan.change import Outcome, Plan, TableChange
from datasphere_glue.plan.diff import combined, diff_space
from datasphere_glue.plan.guard import Limits, objections
from datasphere_glue.plan.orphans import orphan_change
from datasphere_glue.plan.policy import Policy
from datasphere_glue.plan.tables import plan_table
from datasphere_glue.report.run import Run

SPACE_NOT_LISTED: Final = "SPACE_NOT_LISTED"
"""Code of a listing whose space was asked for and is not in the tenant's list."""

_ANY_SPACE: Final = "anyspace"
"""Stands for a space when the form of database names is asked for."""

Replan = Callable[[TableChange, CurrentTable | None], TableChange | None]


class Source(Protocol):
    """Where metadata comes from."""

    def read(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return one listing for each space in scope, sorted by name.

        Never raises for one space: each listing is complete, or says why not.

        Raises:
            Halt: the identity is refused for the whole tenant.
            SourceUnavailable: the list of spaces itself cannot be read.

        """
        ...

    def survey(self, scope: Scope) -> tuple[SpaceListing, ...]:
        """Return the same listings without the metadata of any asset, at the cost of the lists."""
        ...


class Target(Protocol):
    """Where metadata goes to."""

    def read(self, names: frozenset[str], tenant: str) -> Catalog:
        """Return the named databases with their tables, and every database marked for `tenant`.

        A name with `*` stands for databases that nobody marked.
        Foreign tables are included: they are known, never touched.

        Raises:
            Halt: the catalog may not be read.
            Unavailable: the catalog did not answer.

        """
        ...

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        """Carry the plan out until the monotonic time `until`; return one outcome per change.

        Outcomes are in plan order (databases first). `replan(change, fresh)` is asked when a table
        was changed by somebody else in the meantime: it gets the table as it is now (None when
        gone) and returns the change to make instead, or None when nothing is left to do.
        """
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One run as it was asked for; `until` is a monotonic time, `approved` a plan digest."""

    action: str
    scope: Scope
    rules: Rules
    policy: Policy
    limits: Limits = field(default_factory=Limits)
    approved: str | None = None
    until: float = float("inf")


def sync(source: Source, target: Target, job: Job) -> Run:
    """Carry out one run and return all that there is to say about it.

    `doctor` stops once both sides were reached. Only `sync` writes, only when nothing objects, and,
    when a plan was approved, only that plan.
    """
    try:
        decided = _decided(source, target, job)
    except SyncError as error:
        return Run(job.action, error=error)
    outcomes: tuple[Outcome, ...] = ()
    refused: SyncError | None = None
    try:
        if job.action == "sync" and not decided.objections:
            _check_approval(job.approved, decided.digest)
            replan = _replan(decided.wanted, job.policy)
            outcomes = target.apply(decided.plan, until=job.until, replan=replan)
    except SyncError as error:
        refused = error
    return Run(
        job.action,
        decided.listings,
        decided.databases,
        decided.plan,
        decided.objections,
        outcomes,
        refused,
        digest=decided.digest,
    )


@dataclass(frozen=True, slots=True)
class _Decision:
    """What reading and comparing came to; assets and unchanged tables are not kept.

    `wanted` holds the desired table of each planned change, by database and name.
    """

    listings: tuple[SpaceListing, ...]
    databases: Mapping[str, str]
    plan: Plan = field(default_factory=Plan)
    objections: tuple[Issue, ...] = ()
    wanted: Mapping[tuple[str, str], Table] = field(default_factory=dict)
    digest: str | None = None


def _decided(source: Source, target: Target, job: Job) -> _Decision:
    examine = source.survey if job.action == "doctor" else source.read
    listings = [one for one in examine(job.scope) if not _confirmed_gone(one, job.policy)]
    catalog = target.read(_databases_to_read(listings, job), job.rules.tenant)
    names = database_names([listing.space for listing in listings], job.rules, catalog)
    if job.action == "doctor":
        return _Decision(tuple(listing.counted() for listing in listings), names)
    parts: list[Plan] = []
    wanted: dict[tuple[str, str], Table] = {}
    for place, listing in enumerate(listings):
        # One space at a time, so that neither its assets nor what is unchanged stay in memory.
        desired = space_tables(listing, names[listing.space], job.rules, catalog)
        parts.append(diff_space(desired, catalog, scope=job.scope, policy=job.policy))
        wanted |= _wanted(desired, parts[-1])
        listings[place] = listing.counted()
    plan = combined(parts, names, catalog, scope=job.scope, policy=job.policy)
    against = objections(plan, catalog, tenant=job.rules.tenant, limits=job.limits)
    return _Decision(tuple(listings), names, plan, against, wanted, plan.digest)


def _confirmed_gone(listing: SpaceListing, policy: Policy) -> bool:
    """Tell whether a space that was asked for is not listed and confirmed to be gone for good."""
    missing = listing.incomplete is not None and listing.incomplete.code == SPACE_NOT_LISTED
    return missing and listing.space in policy.gone_spaces


def _databases_to_read(listings: Iterable[SpaceListing], job: Job) -> frozenset[str]:
    """Return the databases whose tables a run needs: of its spaces, and of those that are gone.

    A run over everything also looks for spaces that vanished, whose database may have been made by
    hand and says nothing itself.
    """
    spaces = {listing.space for listing in listings} | job.policy.gone_spaces
    narrow = bool(job.scope.spaces or job.scope.assets)
    if not narrow:
        spaces |= {space for space, _ in job.rules.databases if job.scope.space(space)}
    names = (database_candidates(space, job.rules) for space in spaces)
    return frozenset().union(*names, () if narrow else _form(job.rules))


def _form(rules: Rules) -> frozenset[str]:
    """Return the glob that all database names by template match, if it tells them from others."""
    name = min(database_candidates(_ANY_SPACE, rules), key=len)
    form = name.replace(_ANY_SPACE, "*")
    return frozenset({form}) if _ANY_SPACE in name and form != "*" else frozenset()


def _wanted(desired: Desired, plan: Plan) -> Mapping[tuple[str, str], Table]:
    planned = {change.table for change in plan.tables}
    return {(t.database, t.name): t for t in desired.tables if t.name in planned}


def _check_approval(approved: str | None, digest: str | None) -> None:
    if approved is not None and approved != digest:
        raise PlanRefused(
            f"plan {approved[:12]} was approved, but plan {(digest or '')[:12]} would be applied"
            " now: the catalog or the source has changed since"
        )


def _replan(wanted: Mapping[tuple[str, str], Table], policy: Policy) -> Replan:
    """Return the function that plans one table again from its fresh state."""

    def replan(change: TableChange, fresh: CurrentTable | None) -> TableChange | None:
        table = wanted.get((change.database, change.table))
        if table is None:
            return _removed_again(change, fresh, policy)
        planned = plan_table(table, fresh, policy)
        if planned.objections:
            refused = planned.objections[0]
            raise GuardRefused(refused.message, remedy=refused.remedy)
        return planned.change

    return replan


def _removed_again(
    change: TableChange, fresh: CurrentTable | None, policy: Policy
) -> TableChange | None:
    """Return what an orphan needs in its fresh state, None when that is no longer just that."""
    if fresh is None or change.before is None or not fresh.table.managed:
        return None
    if (fresh.table.tenant, fresh.table.asset) != (change.before.tenant, change.before.asset):
        return None
    again = orphan_change(fresh, policy, change.renamed)
    return again if again and again.action is change.action else None
