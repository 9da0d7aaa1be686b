"""show: one table in the words of Datasphere, read from Glue alone."""

from typing import Any

import click

from datasphere_glue import bootstrap
from datasphere_glue.browse.describe import describe_table
from datasphere_glue.browse.table_text import table_text
from datasphere_glue.browse.trace import close_names
from datasphere_glue.commands.catalog import managed_entries, unknown_name
from datasphere_glue.commands.options import (
    SettingsCommand,
    as_json,
    environment,
    examples,
    settings_flags,
)
from datasphere_glue.config.loading import Need, load
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import PermissionDenied, TableMissing
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.model.table import Table
from datasphere_glue.outcome.run import EXIT_CODES, Status


@click.command(
    "show",
    short_help="Show one Glue table with its business context.",
    cls=SettingsCommand,
    epilog=examples("show datasphere_sales.sales_am", "show SALES.SALES_AM"),
)
@click.argument("table", metavar="DATABASE.TABLE")
@settings_flags
def show_command(table: str, **options: Any) -> int:
    """Show one Glue table with its business context, read from Glue alone.

    The name may also be SPACE.ASSET, as Datasphere has it.
    """
    if "." not in table:
        raise click.UsageError("name the table as DATABASE.TABLE, or the asset as SPACE.ASSET")
    glue_table = _table(load(environment(options), Need.CATALOG), table)
    recovered = asset_from_table(glue_table) if glue_table.managed else None
    asset = recovered.asset if recovered else None
    flaws = recovered.flaws if recovered else ()
    value = describe_table(glue_table, asset, flaws)
    click.echo(as_json(value) if options["as_json"] else table_text(glue_table, asset, flaws))
    return EXIT_CODES[Status.SUCCESS]


def _table(settings: Settings, name: str) -> Table:
    """Return the table of that name, or the table of the asset of that name."""
    database, _, table = name.partition(".")
    try:
        return bootstrap.table(settings, database, table)
    except (TableMissing, PermissionDenied) as error:
        # A role that may only read our databases is denied for one that does not exist, too.
        missing = error
    entries = managed_entries(settings)
    for entry in entries:
        if entry.source == name:
            return entry.table
    if isinstance(missing, PermissionDenied):
        raise missing
    raise unknown_name(name, close_names(name, entries)) from missing
