"""Finds the tables of a catalog that were written from a tenant, each with its asset."""

from collections.abc import Iterator
from typing import Protocol

from datasphere_glue.browse.describe import Entry
from datasphere_glue.errors import PermissionDenied
from datasphere_glue.mapping.databases import OurDatabases
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.table import CurrentTable, Database, Table


class ReadableCatalog(Protocol):
    """The catalog operations that browsing needs; both methods raise `SyncError`."""

    def databases(self) -> tuple[Database, ...]:
        """Return every database."""
        ...

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        """Return the tables of one database."""
        ...


def find_entries(catalog: ReadableCatalog, rules: Rules) -> tuple[Entry, ...]:
    """Return every table that was written from the tenant, sorted by database and name.

    Raises:
        SyncError: the catalog cannot be read.

    """
    tables = sorted(_tables(catalog, rules), key=lambda table: (table.database, table.name))
    return tuple(Entry(table, asset_from_table(table).asset) for table in tables)


def _tables(catalog: ReadableCatalog, rules: Rules) -> Iterator[Table]:
    ours, hosts = OurDatabases(rules), rules.hosts
    for database in catalog.databases():
        if database not in ours:
            continue
        for current in _readable_tables(catalog, database, ours):
            if current.table.written_from(hosts):
                yield current.table


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
