"""Plans one space after the other: which assets to read, and which changes to make.

Only an outline of the catalog and the plan of each space stay in memory. The assets and unchanged
tables of a space are dropped after its evaluation, so memory does not grow with the tenant.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from datasphere_glue.mapping.completeness import measure_completeness
from datasphere_glue.mapping.databases import (
    OurDatabases,
    all_database_candidates,
    database_names,
)
from datasphere_glue.mapping.held_objects import held_objects
from datasphere_glue.mapping.ownership import claims_of, mark_copies
from datasphere_glue.mapping.reuse import unchanged_assets
from datasphere_glue.mapping.rule_tracker import RuleTracker
from datasphere_glue.mapping.tables import space_tables
from datasphere_glue.model.completeness import Completeness
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.reader_version import READER_VERSION, reader_of
from datasphere_glue.model.rule_matches import RuleMatches
from datasphere_glue.model.table import Catalog, CurrentTable, Database, Desired, Table
from datasphere_glue.model.wanted import SpaceWanted
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.diff import diff_space
from datasphere_glue.runs.auxiliary import auxiliary_wanted
from datasphere_glue.runs.former_databases import FormerContent, FormerDatabases
from datasphere_glue.runs.ports import Job, Target
from datasphere_glue.runs.survey import Survey
from datasphere_glue.runs.upgrade import Due, Rebuilt, with_rebuilt


class SpacePlanner:
    """Evaluates the spaces of one run."""

    def __init__(self, target: Target, job: Job, surveyed: Survey) -> None:
        self._target = target
        self._job = job
        self._names = surveyed.names
        self._contested = surveyed.contested
        self._databases = {database.name: database for database in surveyed.catalog.databases}
        self._waiting: dict[str, tuple[CurrentTable, ...]] = {}
        self._rebuilt: dict[str, Rebuilt] = {}
        self._outlines: list[CurrentTable] = []
        self._read: set[str] = set()
        self._tracker = RuleTracker(job.entries)
        self._outlined: set[tuple[str, str]] = set()
        self._former = FormerDatabases(job, self._databases, self._tables_of)
        self.parts: list[Plan] = []
        self.completeness = list[Completeness]()

    def rule_matches(self) -> RuleMatches:
        """Return what the assets so far show about the rules that depend on columns."""
        return self._tracker.matches()

    @property
    def objecting(self) -> bool:
        """True if the plan of a space so far forbids every write."""
        return any(part.objections for part in self.parts)

    def wanted(self, listing: SpaceListing, due: Due) -> SpaceWanted:
        """Read the tables of a space, and return what must be read of the space."""
        job, space = self._job, listing.space
        tables = self._waiting[space] = self._tables(self._names[space])
        reused = self._rebuild(listing, tables, due)
        self._rebuilt[space] = reused

        def must_be_read(name: str) -> bool:
            return job.scope.covers_asset(space, name) and name not in reused.reused

        held = held_objects(space, self._ours(tables), must_be_read)
        due_objects = due.either if reused.upgraded else due.dates
        return SpaceWanted(must_be_read, auxiliary_wanted(space, held, job, due_objects))

    def evaluate(self, listing: SpaceListing) -> tuple[SpaceListing, Plan]:
        """Return the listing of a space without its assets, and the plan for it."""
        job, name = self._job, self._names[listing.space]
        tables, rebuilt = self._waiting.pop(listing.space), self._rebuilt.pop(listing.space)
        listing, held = with_rebuilt(listing, rebuilt, self._ours(tables), job.rules.governance)
        self._tracker.see(listing.assets, self._unseen(listing))
        database = self._databases.get(name)
        catalog = Catalog((database,) if database else (), tables)
        former = self._former.content(listing, name, tables)
        moving = {asset: one.table for asset, one in former.followed.by_asset().items()}
        desired = space_tables(listing, name, job.rules, catalog, job.record, former=moving)
        desired = replace(desired, notes=(*desired.notes, *former.notes, *held))
        part = diff_space(
            desired, catalog, scope=job.scope, policy=job.policy, former=former.followed
        )
        if issue := self._contested.get(listing.space):
            part = replace(part, skipped=(*part.skipped, issue))
        self.parts.append(part)
        self._outlines += _outlines_of_former(former, tables)
        self._outlined |= {(database_name, listing.space) for database_name in former.read}
        copies = desired.copies | _names_of_others(tables, listing.space)
        self._outlines += (current.outline() for current in mark_copies(tables, copies))
        self._measure(desired, frozenset(part.left))
        return listing.without_assets(), part

    def _unseen(self, listing: SpaceListing) -> Iterator[tuple[str, str]]:
        """Yield the listed assets that this run did not evaluate; other slices see their own."""
        evaluated, own = {asset.name for asset in listing.assets}, self._job.scope.slice
        for name in listing.listed:
            if name not in evaluated and (own is None or own.covers(name)):
                yield listing.space, name

    def _measure(self, desired: Desired, left: Collection[tuple[str, str]]) -> None:
        """Count the metadata of a space, without the assets that are left to the last step."""
        tables = [table for table in desired.tables if table.asset not in left]
        counted, scores = measure_completeness(desired.space, tables, self._job.rules.governance)
        self.completeness.append(counted)
        if self._job.shown:
            self._job.shown(desired.space, desired.database.name, zip(tables, scores, strict=True))

    def outline(self, others: Iterable[str]) -> Catalog:
        """Return the outline of the catalog, with the copies marked.

        Only tables of evaluated spaces count, and those of spaces that are confirmed as gone; the
        latter are complete.
        """
        for name in others:
            if name not in self._read:
                self._outlines += self._outlines_of_gone(name)
        return Catalog(tuple(self._without_copies()), tuple(self._outlines))

    def _without_copies(self) -> Iterator[Database]:
        """Yield the databases, without copies of the database of a space that was not evaluated."""
        hosts, evaluated = self._job.rules.hosts, {None, *self._names}
        others = {
            database.name: database.space
            for database in self._databases.values()
            if database.written_from(hosts) and database.space not in evaluated
        }
        homes = self._homes({space for space in others.values() if space is not None})
        for name, database in self._databases.items():
            home = homes.get(others.get(name) or "", name)
            if home == name or home not in self._databases:
                yield database

    def _outlines_of_gone(self, name: str) -> Iterator[CurrentTable]:
        job, tables = self._job, self._tables(name)
        counting: set[str] = set()
        spaces = {current.table.asset[0] for current in tables} & job.policy.gone_spaces
        for space, home in self._homes(spaces).items():
            if home == name:
                claims = claims_of(SpaceListing(space), name, tables, job.rules, job.record)
                counting |= set(claims.holders.values())
        for current in tables:
            if (name, current.table.asset[0]) in self._outlined:
                continue
            if current.table.name in counting:
                yield current
            else:
                yield replace(current.outline(), copy=True)

    def _homes(self, spaces: Collection[str]) -> Mapping[str, str]:
        """Return the database that each space has by rule."""
        catalog = Catalog(tuple(self._databases.values()))
        return database_names(sorted(spaces), self._job.rules, catalog) if spaces else {}

    def _rebuild(self, listing: SpaceListing, tables: Iterable[CurrentTable], due: Due) -> Rebuilt:
        """Return the assets that need not be read; assets requested by name are always read."""
        job, space, upgrade = self._job, listing.space, self._job.upgrade
        names = {n for n, _ in listing.stamps if job.scope.covers_asset(space, n)}
        read_all = job.full or bool(job.scope.assets)
        kept = set() if read_all else {name for name in names if not due.dates(space, name)}
        lacking = {name for name in names if upgrade.lacks(space, name)}
        if not kept and not (lacking and upgrade.holds):
            return Rebuilt({})
        claims = claims_of(listing, self._names[space], tables, job.rules, job.record)
        own = [current for current in tables if current.table.name not in claims.copies]
        earlier = set(_read_earlier(own, lacking))
        kept -= {name for name in kept & earlier if due.again(space, name)}
        before = earlier if upgrade.holds else set()
        rules = job.rules
        assets = unchanged_assets(listing, own, kept | before, rules.hosts, rules.governance)
        by_name = {asset.name: asset for asset in assets}
        return Rebuilt(
            {name: asset for name, asset in by_name.items() if name in kept},
            {name: asset for name, asset in by_name.items() if name in before},
            frozenset(name for name in kept & before if upgrade.held(space, name)),
            upgraded=bool(earlier),
        )

    def _ours(self, tables: Iterable[CurrentTable]) -> list[Table]:
        hosts = self._job.rules.hosts
        return [current.table for current in tables if current.table.written_from(hosts)]

    def _tables(self, name: str) -> tuple[CurrentTable, ...]:
        self._read.add(name)
        return self._tables_of(name)

    def _tables_of(self, name: str) -> tuple[CurrentTable, ...]:
        database = self._databases.get(name)
        if database is None:
            return ()
        with self._job.observer.step("catalog"):
            return self._target.tables(database)


def _outlines_of_former(
    former: FormerContent, home: Iterable[CurrentTable]
) -> Iterator[CurrentTable]:
    """Yield the outlines of the former tables of a space.

    An active one that is followed counts for its asset, unless a table at home does. So does one
    that waits, because the run does not read its asset. The others are copies.
    """
    counted = {current.table.asset for current in home}
    for current in former.followed.tables:
        copy = current.table.asset in counted or not former.followed.proven
        yield replace(current.outline(), copy=copy or current.table.deprecated)
    for current in former.left:
        table = current.table
        waits = table.asset not in counted and not table.deprecated
        yield replace(current.outline(), copy=not waits or table.database not in former.moving)


def _names_of_others(tables: Iterable[CurrentTable], space: str) -> frozenset[str]:
    """Return the names of the tables whose marker names another space."""
    return frozenset(one.table.name for one in tables if one.table.asset[0] != space)


def databases_to_read(surveyed: Survey, job: Job) -> list[str]:
    """Return the databases that may hold tables of the spaces of a run, also of gone ones.

    A run over everything also looks for spaces that vanished. Their database may have been created
    by hand, without a marker.
    """
    spaces = {listing.space for listing in surveyed.listings} | job.policy.gone_spaces
    narrow = bool(job.scope.spaces or job.scope.assets)
    if not narrow:
        spaces |= {space for space, _ in job.rules.databases if job.scope.covers_space(space)}
    names, ours = all_database_candidates(spaces, job.rules), OurDatabases(job.rules)
    by_form = ours.distinct and not narrow
    return [
        database.name
        for database in surveyed.catalog.databases
        if database.name in names or (by_form and ours.matches_template(database))
    ]


def _read_earlier(tables: Iterable[CurrentTable], names: Collection[str]) -> Iterator[str]:
    """Yield those of the named assets that an earlier version of the reader read."""
    for current in tables:
        name = current.table.asset[1]
        if name in names and reader_of(current.table) < READER_VERSION:
            yield name
