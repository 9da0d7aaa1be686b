"""lineage: what the catalog tells about the origin of tables and columns, for other tools."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from datasphere_glue import wiring
from datasphere_glue.commands.entries import managed_entries, unknown
from datasphere_glue.commands.options import (
    SettingsCommand,
    as_json,
    environment,
    examples,
    refused,
    settings_flags,
)
from datasphere_glue.errors import SyncError
from datasphere_glue.report.run import EXIT_CODES, Status
from datasphere_glue.report.store import FolderStore
from datasphere_glue.settings import load

_SCREEN: Final = "-"


@click.group("lineage")
def lineage_command() -> None:
    """Hand lineage on as OpenLineage events."""


@lineage_command.command(
    "export",
    cls=SettingsCommand,
    epilog=examples("lineage export --out lineage.jsonl", "lineage export --space SALES"),
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, allow_dash=True),
    default=_SCREEN,
    metavar="FILE",
    help="Write to this file, as a whole or not at all; - prints.",
)
@click.option("--space", "spaces", multiple=True, metavar="SPACE", help="Only this space.")
@settings_flags
def export_lineage(out: str, spaces: tuple[str, ...], **options: Any) -> int:
    """Print an OpenLineage event a line, of all that the catalog holds.

    Views and models are jobs with what they read, tables are datasets; each Glue table is a dataset
    whose columns come from those of its asset. Asks Glue alone; objects that are gone at the source
    are left out. Needs `pip install 'datasphere-glue[lineage]'`.
    """
    try:
        settings = load(environment(options))
        events = wiring.lineage_events(settings)
        held = [entry for entry in managed_entries(settings) if not entry.table.deprecated]
        known = {entry.asset.space for entry in held}
        for space in spaces:
            if space not in known:
                raise unknown(space, sorted(known))
        wanted = [entry for entry in held if not spaces or entry.asset.space in spaces]
        body = events.of_assets(wanted, datetime.now(UTC))
        if out == _SCREEN:
            # Bytes as they are, whatever the terminal takes for its encoding.
            sys.stdout.buffer.writelines(body)
            sys.stdout.buffer.flush()
        else:
            file = Path(out)
            told = {"assets": len(wanted), "file": FolderStore(file.parent).put(file.name, body)}
            text = f"{len(wanted)} assets -> {told['file']}"
            click.echo(as_json(told) if options["as_json"] else text)
    except SyncError as error:
        raise refused(error) from error
    return EXIT_CODES[Status.SUCCESS]
