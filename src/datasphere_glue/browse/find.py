"""What the catalog holds of this tenant, for the commands that look at more than one table."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

import click

from datasphere_glue import bootstrap
from datasphere_glue.aws import documents
from datasphere_glue.browse.describe import Entry
from datasphere_glue.config.settings import Settings
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.mapping.names import folded
from datasphere_glue.model.table import Table
from datasphere_glue.runs.caller import Caller

_ANY: Final = "*"


def managed_entries(settings: Settings) -> tuple[Entry, ...]:
    """Return every table that was written from this tenant with its asset, by place.

    Raises:
        SyncError: the catalog may not or cannot be read, or the configuration is invalid.

    """
    tables = sorted(_managed_tables(settings), key=lambda table: (table.database, table.name))
    return tuple(Entry(table, asset_from_table(table).asset) for table in tables)


def _managed_tables(settings: Settings) -> list[Table]:
    """Return the tables of marked databases, and of those that only their name tells.

    A database that was made by hand carries no marker, and its tables are ours all the same.
    """
    target = bootstrap.build_clients(settings, Caller()).target
    named = set(documents.configuration(settings).mapping.naming.databases.values())
    form = _by_template(settings)
    return [
        current.table
        for database in target.databases()
        if database.name in named
        or (database.managed and database.tenant == settings.tenant)
        or (not database.managed and fnmatchcase(database.name, form))
        for current in target.tables(database)
        if current.table.managed and current.table.tenant == settings.tenant
    ]


def _by_template(settings: Settings) -> str:
    """Return the glob of database names; where any name at all has it, one that none has."""
    label = settings.database_template.format(
        space=_ANY, tenant=settings.tenant.partition(".")[0], environment=settings.environment
    )
    form = _ANY.join(map(folded, label.split(_ANY)))
    return "" if form == _ANY else form


def unknown(name: str, close: Iterable[str]) -> click.ClickException:
    """Return the error for a name that stands for nothing in the catalog."""
    near = ", ".join(close)
    return click.ClickException(
        f"nothing in the catalog is named {name}, neither in Glue nor in Datasphere\n  -> "
        + (f"close to it: {near}; " if near else "")
        + "`datasphere-glue search WORD` finds names, and a sync writes what is new"
    )
