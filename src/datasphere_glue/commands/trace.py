"""trace: what a name of Datasphere is in Glue, and the other way round, with its lineage."""

from typing import Any

import click

from datasphere_glue.browse.trace import close_names, find_traces, trace_text, trace_value
from datasphere_glue.commands.catalog import managed_entries, unknown_name
from datasphere_glue.commands.options import (
    SettingsCommand,
    as_json,
    environment,
    examples,
    settings_flags,
)
from datasphere_glue.config.loading import Need, load
from datasphere_glue.outcome.run import EXIT_CODES, Status


@click.command(
    "trace",
    cls=SettingsCommand,
    epilog=examples("trace SALES.SALES_AM", "trace datasphere_sales.sales_am.net_amount"),
)
@click.argument("name", metavar="NAME")
@settings_flags
def trace_command(name: str, **options: Any) -> int:
    """Show what a name is on the other side, and its lineage.

    NAME is SPACE.ASSET, SPACE.ASSET.COLUMN, DATABASE.TABLE or
    DATABASE.TABLE.COLUMN.
    """
    entries = managed_entries(load(environment(options), Need.CATALOG))
    matches = find_traces(name, entries)
    if not matches:
        raise unknown_name(name, close_names(name, entries))
    click.echo(as_json(trace_value(name, matches)) if options["as_json"] else trace_text(matches))
    return EXIT_CODES[Status.SUCCESS]
