"""Finds the tables of a space in databases that it was written into before."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from math import inf
from typing import Final

from datasphere_glue.errors import PermissionDenied
from datasphere_glue.evidence.own_places import OwnPlaces
from datasphere_glue.mapping.databases import (
    database_candidates,
    is_marked,
    template_candidates,
)
from datasphere_glue.mapping.ownership import Place, claims_of, new_names_of
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import CurrentTable, Database, Table
from datasphere_glue.outcome.context import RunContext
from datasphere_glue.plan.moves import (
    NO_FORMER,
    FormerTables,
    place_of,
    pointers_of,
    tables_to_follow,
)
from datasphere_glue.runs.ports import Job
from datasphere_glue.storage.store import Store

ReadTables = Callable[[str], tuple[CurrentTable, ...]]
"""Returns the tables of a database by its name; raises PermissionDenied."""


@dataclass(frozen=True, slots=True)
class FormerContent:
    """What other databases hold of a space.

    `followed`: the tables that the run follows.
    `read`: names of the databases that were read.
    `moving`: names of the databases that tables move from, by the record or by tables at home.
    `left`: the other tables of the space there; of a database without our marker the active ones.
    `notes`: databases that could not be read.
    """

    followed: FormerTables = NO_FORMER
    read: tuple[str, ...] = ()
    moving: frozenset[str] = frozenset()
    left: tuple[CurrentTable, ...] = ()
    notes: tuple[Issue, ...] = ()


NOTHING: Final = FormerContent()


class FormerDatabases:
    """The former databases of all spaces of a run.

    A table is followed where our own record shows that we wrote its space into that database. Other
    databases with tables of the space are copies, or belong to another stack. Without any record
    of the space, only the edits in the one database with our marker are carried over.
    """

    def __init__(self, job: Job, databases: Mapping[str, Database], read: ReadTables) -> None:
        self._job = job
        self._databases = databases
        self._read = read
        self._marked: defaultdict[str | None, set[str]] = defaultdict(set)
        for name, database in databases.items():
            if is_marked(database, job.rules):
                self._marked[database.space].add(name)

    def content(
        self, listing: SpaceListing, home: str, tables: Collection[CurrentTable]
    ) -> FormerContent:
        """Return what other databases hold of a space, whose home tables are given.

        Raises:
            SyncError: as `Target.tables`, without PermissionDenied.

        """
        own = self._own_tables(listing.space, tables)
        names = self._candidates(listing.space, home, own)
        if self._job.written_into and not own and listing.assets:
            # A space without tables at home is new, or it moves, maybe from an unmarked database.
            recorded = self._job.written_into(listing.space, home, names)
            names |= {name for name in recorded if self._may_hold(name, listing.space)}
        if not names:
            return NOTHING
        claims = claims_of(listing, home, tables, self._job.rules, self._job.record)
        own = [table for table in own if table.name not in claims.copies]
        by_database: dict[str, tuple[CurrentTable, ...]] = {}
        notes: list[Issue] = []
        for name in sorted(names):
            try:
                by_database[name] = tuple(self._counting(listing, name))
            except PermissionDenied as denied:
                notes.append(_unread(listing.space, name, home, denied))
        new_names = _new_names(listing, own, by_database.values())
        superseded = self._superseded(own, by_database.values(), new_names)
        to_follow = (
            (name, self._to_follow(listing, own, former, new_names, superseded))
            for name, former in by_database.items()
        )
        chosen = {name: former for name, former in to_follow if former}
        followed = replace(
            self._followed(listing.space, home, chosen),
            new_names=new_names,
            superseded=superseded,
        )
        following = {(one.table.database, one.table.name) for one in followed.tables}
        left = (
            current
            for name, former in by_database.items()
            for current in former
            if (name, current.table.name) not in following
            and (self._model([name], listing.space) or not current.table.deprecated)
        )
        proven = {one.table.database for one in followed.tables if followed.proven}
        moving = frozenset(proven | _pointed_databases(own))
        return FormerContent(followed, tuple(by_database), moving, tuple(left), tuple(notes))

    def _own_tables(self, space: str, tables: Iterable[CurrentTable]) -> list[Table]:
        hosts = self._job.rules.hosts
        return [
            current.table
            for current in tables
            if current.table.written_from(hosts) and current.table.asset[0] == space
        ]

    def _candidates(self, space: str, home: str, own: Iterable[Table]) -> set[str]:
        """Return the databases that may hold former tables, by marker, template and pointers."""
        rules = self._job.rules
        pointed = _pointed_databases(own)
        # Where two databases claim the space by the same rule, the choice is made already.
        rivals = database_candidates(space, rules) - pointed
        names = self._marked[space] | pointed | template_candidates(space, rules)
        return {name for name in names - rivals - {home} if self._may_hold(name, space)}

    def _may_hold(self, name: str, space: str) -> bool:
        database = self._databases.get(name)
        if database is None or database.link:
            return False
        return name in self._marked[space] or not database.managed

    def _counting(self, listing: SpaceListing, name: str) -> Iterator[CurrentTable]:
        """Yield the tables of a database that count for assets of the space.

        Those that moved on, and whose asset is gone since, are done with.
        """
        tables = [
            current
            for current in self._read(name)
            if not current.table.deprecated or current.table.asset[1] in listing.listed
        ]
        claims = claims_of(listing, name, tables, self._job.rules, self._job.record)
        holders = set(claims.holders.values())
        for current in tables:
            of_space = current.table.asset[0] == listing.space
            if of_space and current.table.name in holders and not current.unwritable:
                yield current

    @staticmethod
    def _to_follow(
        listing: SpaceListing,
        own: Iterable[Table],
        former: Iterable[CurrentTable],
        new_names: Mapping[str, str],
        superseded: Collection[str],
    ) -> tuple[CurrentTable, ...]:
        followed = tables_to_follow(
            own,
            former,
            listed=listing.listed | {asset.name for asset in listing.assets},
            read=frozenset(asset.name for asset in listing.assets),
            new_names=new_names,
        )
        replaced = (one for one in former if place_of(one.table) in superseded)
        return (*followed, *replaced)

    def _superseded(
        self,
        own: Iterable[Table],
        former: Iterable[Iterable[CurrentTable]],
        new_names: Mapping[str, str],
    ) -> frozenset[str]:
        """Return the places of tables that somebody copied into the home database of their asset.

        Our record shows that we wrote the former table, and never the one at home.
        """
        at_home = {one.asset[1]: one for one in own if not one.deprecated}
        pairs = {
            one.table: at_home[asset]
            for one in chain.from_iterable(former)
            if (asset := new_names.get(one.table.asset[1], one.table.asset[1])) in at_home
            and not one.table.deprecated
            and not pointers_of(at_home[asset]) | pointers_of(one.table)
        }
        ours = self._recorded(pairs.values())
        copied = {old: new for old, new in pairs.items() if _place(new) not in ours}
        written = self._recorded(copied)
        return frozenset(place_of(old) for old in copied if written.get(_place(old)) == old.asset)

    def _recorded(self, tables: Iterable[Table]) -> Mapping[Place, tuple[str, str]]:
        places = frozenset(map(_place, tables))
        return self._job.record(places) if places else {}

    def _followed(
        self, space: str, home: str, chosen: Mapping[str, tuple[CurrentTable, ...]]
    ) -> FormerTables:
        """Return the chosen tables of proven databases, one for each asset."""
        if not chosen:
            return NO_FORMER
        written = self._job.written_into(space, "", chosen.keys()) if self._job.written_into else ()
        if not written:
            return self._unproven(space, chosen)
        order = [name for name in written if name in chosen and name != home]
        tables: dict[str, CurrentTable] = {}
        for name in order:
            for current in chosen[name]:
                tables.setdefault(current.table.asset[1], current)
        return FormerTables(tuple(tables.values()), database=self._model(order, space))

    def _unproven(self, space: str, chosen: Mapping[str, tuple[CurrentTable, ...]]) -> FormerTables:
        marked = [name for name in chosen if self._model([name], space)]
        if len(marked) != 1:
            return NO_FORMER
        return FormerTables(chosen[marked[0]], proven=False, database=self._databases[marked[0]])

    def _model(self, names: Collection[str], space: str) -> Database | None:
        """Return the first of the databases, if it carries our marker for the space."""
        name = next(iter(names), None)
        return self._databases[name] if name is not None and name in self._marked[space] else None


def _place(table: Table) -> Place:
    return table.database, table.name


def _new_names(
    listing: SpaceListing, own: Iterable[Table], former: Iterable[Iterable[CurrentTable]]
) -> Mapping[str, str]:
    """Return the new names of the assets of former tables that are listed in another spelling.

    An asset that has an active table at home is carried on there, whatever its spelling was.
    """
    at_home = {table.asset[1] for table in own if not table.deprecated}
    claimants: defaultdict[str, list[Table]] = defaultdict(list)
    for current in chain.from_iterable(former):
        claimants[current.table.asset[1]].append(current.table)
    names = new_names_of(listing, claimants)
    return {old: new for old, new in names.items() if not at_home & {old, new}}


def _pointed_databases(home: Iterable[Table]) -> set[str]:
    """Return the databases that tables at home point to."""
    return {place.rpartition(".")[0] for table in home for place in pointers_of(table)}


def own_places(store: Store, context: RunContext) -> OwnPlaces:
    """Return the databases that earlier runs of this stack wrote each space into.

    The workers of a divided run write while others read; their files are no earlier runs.
    """
    before = inf
    if context.step and context.started:
        before = datetime.fromisoformat(context.started).timestamp()
    return OwnPlaces(store, context.tenants, context.environment, before)


def _unread(space: str, name: str, home: str, denied: PermissionDenied) -> Issue:
    return Issue(
        IssueCode.LEFT_BEHIND,
        f"database {name} may hold tables that moved to {home}, and it cannot be read:"
        f" {denied.message}",
        denied.remedy,
        space=space,
    )
