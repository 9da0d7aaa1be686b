"""Reads the current state of some databases of the catalog."""

from collections.abc import Collection

from datasphere_glue.model.table import Catalog
from datasphere_glue.runs.ports import Target


def current_catalog(target: Target, names: Collection[str]) -> Catalog:
    """Return the databases with these names that exist, and their tables.

    Raises:
        Halt: the catalog may not be read.
        Unavailable: the catalog did not answer.

    """
    databases = tuple(database for database in target.databases() if database.name in names)
    tables = (table for database in databases for table in target.tables(database))
    return Catalog(databases, tuple(tables))
