"""The whole story of a run on one screen: read, map, compare, guard, apply, report."""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import Final, Protocol

from datasphere_glue.errors import GuardRefused, PlanRefused, SyncError
from datasphere_glue.mapping.tables import Rules, database_candidates, database_names, space_tables
from datasphere_glue.model.asset import Issue, SpaceListing
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Database, Table
from datasphere_glue.plan.change import Outcome, Plan, TableChange
from datasphere_glue.plan.diff import combined, diff_space
from datasphere_glue.plan.fields import FINGERPRINT
from datasphere_glue.plan.guard import Limits, objections, unreadable
from datasphere_glue.plan.orphans import orphan_change
from datasphere_glue.plan.policy import Policy
from datasphere_glue.plan.tables import plan_table
from datasphere_glue.report.run import Run

SPACE_NOT_LISTED: Final = "SPACE_NOT_LISTED"
"""Code of a listing whose space was asked for and is not in the tenant's list."""

_ANY_SPACE: Final = "anyspace"
"""Stands for a space when the form of database names is asked for."""

Wanted = Callable[[str], bool]
"""Tells of an asset of a space, by its exact name, whether it is to be read."""

Replan = Callable[[TableChange, CurrentTable | None], TableChange | None]


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

    def assets(self, wanted: Iterable[tuple[SpaceListing, Wanted]]) -> Generator[SpaceListing]:
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
            replan = _replan(decided.changing, job.policy)
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

    `changing` holds the desired table of each planned change, by database and name.
    """

    listings: tuple[SpaceListing, ...]
    databases: Mapping[str, str]
    plan: Plan = field(default_factory=Plan)
    objections: tuple[Issue, ...] = ()
    changing: Mapping[tuple[str, str], Table] = field(default_factory=dict)
    digest: str | None = None


def _decided(source: Source, target: Target, job: Job) -> _Decision:
    surveyed = [one for one in source.survey(job.scope) if not _confirmed_gone(one, job.policy)]
    known = Catalog(target.databases())
    names = database_names([listing.space for listing in surveyed], job.rules, known)
    spaces = _Spaces(target, job, names, known)
    if job.action == "doctor":
        spaces.outline(names.values())
        return _Decision(tuple(surveyed), names)
    with closing(source.assets((one, spaces.wanted(one)) for one in surveyed)) as read:
        listings = tuple(spaces.evaluated(listing) for listing in read)
    catalog = spaces.outline(_to_read(surveyed, known, job))
    plan = combined(spaces.parts, names, catalog, scope=job.scope, policy=job.policy)
    removing = objections(plan, catalog, tenant=job.rules.tenant, limits=job.limits)
    against = (*unreadable(listings, job.limits), *removing)
    return _Decision(listings, names, plan, against, spaces.changing, plan.digest)


class _Spaces:
    """Evaluates one space after the other; of the catalog, only an outline is kept.

    Neither the assets of a space nor its unchanged tables outlive it.
    """

    def __init__(self, target: Target, job: Job, names: Mapping[str, str], known: Catalog) -> None:
        self._target = target
        self._job = job
        self._names = names
        self._databases = {database.name: database for database in known.databases}
        self._waiting: dict[str, tuple[CurrentTable, ...]] = {}
        self._outlines: list[CurrentTable] = []
        self._read: set[str] = set()
        self.parts: list[Plan] = []
        self.changing: dict[tuple[str, str], Table] = {}

    def wanted(self, listing: SpaceListing) -> Wanted:
        """Return which assets of a space are to be read, once its tables are."""
        self._waiting[listing.space] = self._tables(self._names[listing.space])
        return partial(self._job.scope.asset, listing.space)

    def evaluated(self, listing: SpaceListing) -> SpaceListing:
        """Plan for a space and return its listing without the assets."""
        job, name = self._job, self._names[listing.space]
        tables = self._waiting.pop(listing.space)
        database = self._databases.get(name)
        catalog = Catalog((database,) if database else (), tables)
        desired = space_tables(listing, name, job.rules, catalog)
        part = diff_space(desired, catalog, scope=job.scope, policy=job.policy)
        planned = {change.table for change in part.tables}
        self.changing |= {(t.database, t.name): t for t in desired.tables if t.name in planned}
        self.parts.append(part)
        self._outlines += (current.outline() for current in tables)
        return listing.counted()

    def outline(self, others: Iterable[str]) -> Catalog:
        """Return what is known of the catalog: in full only where a space is confirmed as gone."""
        for name in others:
            gone = self._job.policy.gone_spaces
            if name not in self._read:
                self._outlines += (
                    current if current.table.asset[0] in gone else current.outline()
                    for current in self._tables(name)
                )
        return Catalog(tuple(self._databases.values()), tuple(self._outlines))

    def _tables(self, name: str) -> tuple[CurrentTable, ...]:
        self._read.add(name)
        database = self._databases.get(name)
        return self._target.tables(database) if database else ()


def _confirmed_gone(listing: SpaceListing, policy: Policy) -> bool:
    """Tell whether a space that was asked for is not listed and confirmed to be gone for good."""
    missing = listing.incomplete is not None and listing.incomplete.code == SPACE_NOT_LISTED
    return missing and listing.space in policy.gone_spaces


def _to_read(surveyed: Iterable[SpaceListing], known: Catalog, job: Job) -> list[str]:
    """Return the databases that may hold tables of a run's spaces, and of those that are gone.

    A run over everything also looks for spaces that vanished, whose database may have been made by
    hand and says nothing itself.
    """
    spaces = {listing.space for listing in surveyed} | job.policy.gone_spaces
    narrow = bool(job.scope.spaces or job.scope.assets)
    if not narrow:
        spaces |= {space for space, _ in job.rules.databases if job.scope.space(space)}
    names = frozenset[str]().union(*(database_candidates(space, job.rules) for space in spaces))
    form = None if narrow else _form(job.rules)
    return [
        database.name
        for database in known.databases
        if database.name in names
        or (form and not database.managed and fnmatchcase(database.name, form))
    ]


def _form(rules: Rules) -> str | None:
    """Return the glob that all database names by template match, if it tells them from others."""
    name = min(database_candidates(_ANY_SPACE, rules), key=len)
    form = name.replace(_ANY_SPACE, "*")
    return form if _ANY_SPACE in name and form != "*" else None


def _check_approval(approved: str | None, digest: str | None) -> None:
    if approved is not None and approved != digest:
        raise PlanRefused(
            f"plan {approved[:12]} was approved, but plan {(digest or '')[:12]} would be applied"
            " now: the catalog or the source has changed since"
        )


def _replan(changing: Mapping[tuple[str, str], Table], policy: Policy) -> Replan:
    """Return the function that plans one table again from its fresh state."""

    def replan(change: TableChange, fresh: CurrentTable | None) -> TableChange | None:
        table = changing.get((change.database, change.table))
        if table is None:
            return _removed_again(change, fresh, policy)
        if fresh is not None and fresh.table.managed and _read_later(fresh.table, change.before):
            return None
        planned = plan_table(table, fresh, policy)
        if planned.objections:
            refused = planned.objections[0]
            raise GuardRefused(refused.message, remedy=refused.remedy)
        return planned.change

    return replan


def _read_later(fresh: Table, before: Table | None) -> bool:
    """Tell whether another run wrote a table from its own reading meanwhile: the later one counts.

    A person's edit leaves the fingerprint of the source alone.
    """
    then = before.parameter(FINGERPRINT) if before else None
    return fresh.parameter(FINGERPRINT) != then


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
