"""lineage: exports the origin of tables and columns for other tools."""

from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial
from typing import Any

import click

from datasphere_glue.aws.session import caller_identity, own_session
from datasphere_glue.bootstrap import own_region
from datasphere_glue.commands.catalog import managed_entries, unknown_name, with_tenant
from datasphere_glue.commands.options import (
    SettingsCommand,
    as_json,
    environment,
    examples,
    out_flag,
    settings_flags,
    write_out,
)
from datasphere_glue.config.loading import Need, load
from datasphere_glue.outcome.run import EXIT_CODES, Status
from datasphere_glue.runs import lineage


@click.group("lineage")
def lineage_command() -> None:
    """Export lineage as OpenLineage events."""


@lineage_command.command(
    "export",
    cls=SettingsCommand,
    epilog=examples("lineage export --out lineage.jsonl", "lineage export --space SALES"),
)
@out_flag
@click.option("--space", "spaces", multiple=True, metavar="SPACE", help="Only this space.")
@settings_flags
def export_lineage(out: str, spaces: tuple[str, ...], **options: Any) -> int:
    """Print lineage as OpenLineage events, one per line.

    Views and models are jobs with their inputs, tables are datasets. Each Glue table is a dataset
    whose columns derive from the columns of its asset. Reads only Glue, and leaves out objects
    that are gone at the source. Needs `pip install 'datasphere-glue[lineage]'`.
    """
    settings = with_tenant(load(environment(options), Need.CATALOG))
    identity = partial(caller_identity, own_session(settings.region))
    events = lineage.lineage_events(settings, identity, own_region)
    entries = [entry for entry in managed_entries(settings) if not entry.table.deprecated]
    spaces_with_tables = {entry.asset.space for entry in entries}
    for space in spaces:
        if space not in spaces_with_tables:
            raise unknown_name(space, get_close_matches(space, spaces_with_tables))
    selected = [entry for entry in entries if not spaces or entry.asset.space in spaces]
    file = write_out(events.of_assets(selected, datetime.now(UTC)), out)
    if file is not None:
        summary = {"assets": len(selected), "file": file}
        click.echo(as_json(summary) if options["as_json"] else f"{len(selected)} assets -> {file}")
    return EXIT_CODES[Status.SUCCESS]
