"""search: finds assets by name, text or term of Datasphere or of Glue."""

from typing import Any

import click

from datasphere_glue.browse.search import search, search_text, search_value, suggestions
from datasphere_glue.commands.catalog import managed_entries
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
    "search",
    cls=SettingsCommand,
    epilog=examples("search revenue", "search umsatz kunde --json"),
)
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@settings_flags
def search_command(words: tuple[str, ...], **options: Any) -> int:
    """Find assets by name, label, description, tag, term or column.

    Several words must all be found. Neither case nor accents count.
    """
    entries = managed_entries(load(environment(options), Need.CATALOG))
    hits = search(words, entries)
    close = () if hits else suggestions(words, entries)
    if options["as_json"]:
        click.echo(as_json(search_value(words, hits, close)))
    else:
        click.echo(search_text(words, hits, close))
    return EXIT_CODES[Status.SUCCESS]
