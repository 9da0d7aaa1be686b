"""lineage: what the catalog tells about the origin of tables and columns, for other tools."""

from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial
from typing import Any

import click

from datasphere_glue.aws.session import caller_identity, own_session
from datasphere_glue.bootstrap import own_region
from datasphere_glue.commands.catalog import managed_entries, unknown
from datasphere_glue.commands.options import (
    SettingsCommand,
    as_json,
    environment,
    examples,
    hand_on,
    out_flag,
    settings_flags,
)
from datasphere_glue.config.settings import load
from datasphere_glue.outcome.run import EXIT_CODES, Status
from datasphere_glue.runs import lineage


@click.group("lineage")
def lineage_command() -> None:
    """Hand lineage on as OpenLineage events."""


@lineage_command.command(
    "export",
    cls=SettingsCommand,
    epilog=examples("lineage export --out lineage.jsonl", "lineage export --space SALES"),
)
@out_flag
@click.option("--space", "spaces", multiple=True, metavar="SPACE", help="Only this space.")
@settings_flags
def export_lineage(out: str, spaces: tuple[str, ...], **options: Any) -> int:
    """Print an OpenLineage event a line, of all that the catalog holds.

    Views and models are jobs with what they read, tables are datasets; each Glue table is a dataset
    whose columns come from those of its asset. Asks Glue alone; objects that are gone at the source
    are left out. Needs `pip install 'datasphere-glue[lineage]'`.
    """
    settings = load(environment(options))
    identity = partial(caller_identity, own_session(settings.region))
    events = lineage.lineage_events(settings, identity, own_region)
    held = [entry for entry in managed_entries(settings) if not entry.table.deprecated]
    known = {entry.asset.space for entry in held}
    for space in spaces:
        if space not in known:
            raise unknown(space, get_close_matches(space, known))
    wanted = [entry for entry in held if not spaces or entry.asset.space in spaces]
    file = hand_on(events.of_assets(wanted, datetime.now(UTC)), out)
    if file is not None:
        told = {"assets": len(wanted), "file": file}
        click.echo(as_json(told) if options["as_json"] else f"{len(wanted)} assets -> {file}")
    return EXIT_CODES[Status.SUCCESS]
