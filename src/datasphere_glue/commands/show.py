"""show: one table in the words of Datasphere, read from Glue alone."""

from typing import Any

import click

from datasphere_glue import wiring
from datasphere_glue.commands.options import as_json, environment, refused, settings_flags
from datasphere_glue.errors import SyncError, TableMissing
from datasphere_glue.report import render
from datasphere_glue.report.describe import described
from datasphere_glue.report.run import EXIT_CODES, Status
from datasphere_glue.settings import load


@click.command("show")
@click.argument("table", metavar="DATABASE.TABLE")
@settings_flags
def show_command(table: str, **options: Any) -> int:
    """Show one Glue table with its business context, read from Glue alone."""
    database, dot, name = table.partition(".")
    if not dot:
        raise click.UsageError("name the table as DATABASE.TABLE")
    try:
        found = described(wiring.table(load(environment(options)), database, name))
    except TableMissing as error:
        raise click.ClickException(f"there is no table {table} in the catalog") from error
    except SyncError as error:
        raise refused(error) from error
    click.echo(as_json(found) if options["as_json"] else render.table_text(found))
    return EXIT_CODES[Status.SUCCESS]
