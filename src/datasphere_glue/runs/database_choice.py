"""Chooses the database of each space, also where two databases claim it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datasphere_glue.errors import PermissionDenied
from datasphere_glue.mapping.databases import contested_databases, database_names
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog, CurrentTable, Database
from datasphere_glue.runs.ports import Job, Target


@dataclass(frozen=True, slots=True)
class DatabaseChoice:
    """The database of each space.

    `names`: Glue name by space.
    `issues`: spaces that another database claims with equal right, by space.
    """

    names: Mapping[str, str]
    issues: Mapping[str, Issue]


def choose_databases(
    spaces: list[str], catalog: Catalog, target: Target, job: Job
) -> DatabaseChoice:
    """Return the database of each space; the catalog is read only where databases are contested.

    The name by rule wins, unless our own record shows that we wrote into another one alone. Either
    way, an issue names both. A choice that the earlier steps of a divided run made stays.

    Raises:
        SyncError: as `Target.tables`.

    """
    databases = {database.name: database for database in catalog.databases}
    decided: dict[str, str] = {}
    issues: dict[str, Issue] = {}
    for space, names in contested_databases(spaces, job.rules, catalog).items():
        rivals = [databases[name] for name in names]
        first, *others = _claimants(space, rivals, target, job)
        decided[space] = job.databases.get(space, first)
        if others:
            other = next(name for name in (first, *others) if name != decided[space])
            issues[space] = _claimed_twice(space, decided[space], other)
    chosen = database_names(spaces, job.rules, catalog, decided | dict(job.databases))
    return DatabaseChoice(chosen, issues)


def _claimants(space: str, rivals: Sequence[Database], target: Target, job: Job) -> list[str]:
    """Return the databases that claim a space, best first, or the only one that we wrote first."""
    places = {
        database.name: {
            (database.name, current.table.name)
            for current in _readable(database, target)
            if current.table.written_from(job.rules.hosts) and current.table.asset[0] == space
        }
        for database in rivals
    }
    claiming = [one.name for one in rivals if one.managed or places[one.name]]
    if len(claiming) > 1:
        written = job.record(frozenset[tuple[str, str]]().union(*places.values()))
        assets = {place[0] for place, asset in written.items() if asset[0] == space}
        ours = [name for name in claiming if name in assets]
        if len(ours) == 1:
            claiming.sort(key=lambda name: name not in ours)
    return claiming


def _readable(database: Database, target: Target) -> tuple[CurrentTable, ...]:
    """Return the tables of a database; none of one without marker that may not be read."""
    try:
        return target.tables(database)
    except PermissionDenied:
        if database.managed:
            raise
        return ()


def _claimed_twice(space: str, chosen: str, other: str) -> Issue:
    return Issue(
        IssueCode.CLAIMED_TWICE,
        f"databases {chosen} and {other} both claim space {space}; {chosen} is written, {other} was"
        " not touched",
        space=space,
    )
