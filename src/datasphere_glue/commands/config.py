"""config: checks and shows the mapping configuration document without a run."""

from typing import Final

import click

from datasphere_glue.aws.documents import configuration_at
from datasphere_glue.commands.options import as_json
from datasphere_glue.config import effective_document, schema, to_yaml
from datasphere_glue.outcome.run import EXIT_CODES, Status

_DONE: Final = EXIT_CODES[Status.SUCCESS]

_document = click.argument("file", required=False)
_uri_flag = click.option(
    "--sync-config-uri",
    "uri",
    metavar="VALUE",
    envvar="SYNC_CONFIG_URI",
    help="Overrides SYNC_CONFIG_URI; used if no FILE is given.",
)


@click.group("config")
def config_command() -> None:
    """Check, show or describe the mapping configuration.

    FILE may be anything that SYNC_CONFIG_URI may be. No other setting is needed.
    """


@config_command.command("check")
@_document
@_uri_flag
def check_command(file: str | None, uri: str | None) -> int:
    """Validate FILE, or the document at SYNC_CONFIG_URI, and list every error."""
    name = _document_name(file, uri)
    configuration = configuration_at(name)
    mapping = configuration.mapping
    counts = ", ".join(
        f"{len(entries)} {what}"
        for what, entries in (
            ("context entries", mapping.context),
            ("requirements", mapping.requirements),
            ("bindings", mapping.bindings),
        )
    )
    click.echo(f"{name}: valid, {counts}, sha256:{configuration.digest}")
    return _DONE


@config_command.command("show")
@_document
@_uri_flag
@click.option("--json", "wants_json", is_flag=True, help="Print JSON instead of YAML.")
def show_command(file: str | None, uri: str | None, *, wants_json: bool) -> int:
    """Show the document as a run uses it: defaults filled in, all context in one place."""
    mapping = configuration_at(_document_name(file, uri)).mapping
    click.echo(as_json(effective_document(mapping)) if wants_json else to_yaml(mapping).rstrip())
    return _DONE


@config_command.command("schema")
def schema_command() -> int:
    """Print the JSON Schema of the document, for editors and pipelines."""
    click.echo(as_json(schema()))
    return _DONE


def _document_name(file: str | None, uri: str | None) -> str:
    name = file or uri
    if not name:
        raise click.UsageError("name a FILE, or set SYNC_CONFIG_URI")
    return name
