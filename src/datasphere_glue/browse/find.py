"""Finds the tables of a catalog that hold the assets of a tenant, one for each asset."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol

from datasphere_glue.browse.describe import Entry
from datasphere_glue.errors import PermissionDenied
from datasphere_glue.mapping.databases import OurDatabases, database_names
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.ownership import claims_of
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import Catalog, CurrentTable, Database, Table


class ReadableCatalog(Protocol):
    """The catalog operations that browsing needs; both methods raise `SyncError`."""

    def databases(self) -> tuple[Database, ...]:
        """Return every database."""
        ...

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        """Return the tables of one database."""
        ...


def find_entries(catalog: ReadableCatalog, rules: Rules) -> tuple[Entry, ...]:
    """Return the table of each asset of the tenant, sorted by database and name.

    Copies are left out: of several tables of one asset, that in the database of its space counts.

    Raises:
        SyncError: the catalog cannot be read.

    """
    tables = sorted(_tables(catalog, rules), key=lambda table: (table.database, table.name))
    return tuple(Entry(table, asset_from_table(table).asset) for table in tables)


def find_tenants(catalog: ReadableCatalog, rules: Rules) -> tuple[str, ...]:
    """Return the hosts of the tenants whose tables the catalog holds, without former ones.

    The markers of databases decide. If there are none, those of tables in databases whose name
    matches the template do.

    Raises:
        SyncError: the catalog cannot be read.

    """
    databases = tuple(catalog.databases())
    hosts = {database.tenant for database in databases if database.managed}
    if not hosts:
        ours = OurDatabases(rules)
        tables = (
            t for one in databases if one in ours for t in _readable_tables(catalog, one, ours)
        )
        hosts = {current.table.tenant for current in tables if current.table.managed}
    return tuple(sorted(filter(None, hosts - rules.former_tenants)))


def _tables(catalog: ReadableCatalog, rules: Rules) -> Iterable[Table]:
    ours, hosts = OurDatabases(rules), rules.hosts
    databases = tuple(catalog.databases())
    by_place: defaultdict[tuple[str, str], list[CurrentTable]] = defaultdict(list)
    for database in databases:
        if database in ours:
            for current in _readable_tables(catalog, database, ours):
                if current.table.written_from(hosts):
                    by_place[current.table.asset[0], database.name].append(current)
    spaces = sorted({space for space, _ in by_place})
    homes = database_names(spaces, rules, Catalog(databases))
    tables: dict[tuple[str, str], Table] = {}
    for space, name in sorted(by_place, key=lambda place: (homes[place[0]] != place[1], place)):
        for table in _counting_tables(space, name, by_place[space, name], rules):
            tables.setdefault(table.asset, table)
    return tables.values()


def _counting_tables(
    space: str, database: str, tables: list[CurrentTable], rules: Rules
) -> Iterator[Table]:
    """Yield one table for each asset of a space in a database; what the tenant lists is unknown."""
    listed = frozenset(current.table.asset[1] for current in tables)
    claims = claims_of(SpaceListing(space, listed=listed), database, tables, rules)
    holders = set(claims.holders.values())
    yield from (current.table for current in tables if current.table.name in holders)


def _readable_tables(
    catalog: ReadableCatalog, database: Database, ours: OurDatabases
) -> tuple[CurrentTable, ...]:
    """Return the tables of a database; empty for a foreign one without read permission.

    Foreign databases are read only if the template of database names matches any name.
    """
    try:
        return catalog.tables(database)
    except PermissionDenied:
        if ours.distinct or database.managed or database.name in ours.listed:
            raise
        return ()
