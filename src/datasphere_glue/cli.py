"""The human door: plan, sync, verify, show and doctor, with the settings of the function."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from datasphere_glue import __version__, wiring
from datasphere_glue.errors import SyncError, TableMissing
from datasphere_glue.events import Request, Trigger, parse
from datasphere_glue.report import render
from datasphere_glue.report.describe import described
from datasphere_glue.report.run import EXIT_CODES, Status, result
from datasphere_glue.settings import SETTING_NAMES, load
from datasphere_glue.wiring import Door

FLAGS: Final = tuple(name for name in SETTING_NAMES if name != "DATASPHERE_CLIENT_SECRET")
"""A secret given as a flag would show in the process list, so there is no flag for it."""

Command = Callable[..., int]


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command and return its exit code (design 1.4)."""
    try:
        code = commands.main(args=arguments, prog_name="datasphere-glue", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return EXIT_CODES[Status.FAILED]
    except click.exceptions.Abort:
        return EXIT_CODES[Status.FAILED]
    return int(code or 0)


def _settings_flags(command: Command) -> Command:
    for name in reversed(FLAGS):
        flag = "--" + name.lower().replace("_", "-")
        command = click.option(flag, name, metavar="VALUE", help=f"Overrides {name}.")(command)
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(
        command
    )


def _scope_flags(command: Command) -> Command:
    command = click.option(
        "--asset", "assets", multiple=True, metavar="SPACE.ASSET", help="Only this asset."
    )(command)
    return click.option(
        "--space", "spaces", multiple=True, metavar="SPACE", help="Only this space."
    )(command)


@click.group(context_settings={"max_content_width": 80, "help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="datasphere-glue")
def commands() -> None:
    """Carry SAP Datasphere metadata into the AWS Glue Data Catalog.

    Settings come from the environment variables of the deployed function; each has a flag that
    overrides it.
    """


@commands.command("plan")
@_scope_flags
@_settings_flags
def plan_command(**options: Any) -> int:
    """Show what a sync would change. Writes nothing."""
    return _run("plan", options)


@commands.command("sync")
@_scope_flags
@click.option(
    "--plan", "plan_digest", metavar="DIGEST", help="Apply only if the plan has this digest."
)
@_settings_flags
def sync_command(**options: Any) -> int:
    """Bring the catalog up to date with Datasphere."""
    return _run("sync", options)


@commands.command("verify")
@_scope_flags
@_settings_flags
def verify_command(**options: Any) -> int:
    """Check that the catalog holds what Datasphere says. Writes nothing."""
    return _run("verify", options)


@commands.command("doctor")
@_settings_flags
def doctor_command(**options: Any) -> int:
    """Check credentials, spaces and permissions, with a remedy for each problem."""
    return _run("doctor", options)


@commands.command("show")
@click.argument("table", metavar="DATABASE.TABLE")
@_settings_flags
def show_command(table: str, **options: Any) -> int:
    """Show one Glue table with its business context, read from Glue alone."""
    database, dot, name = table.partition(".")
    if not dot:
        raise click.UsageError("name the table as DATABASE.TABLE")
    try:
        found = described(wiring.table(load(_environment(options)), database, name))
    except TableMissing as error:
        raise click.ClickException(f"there is no table {table} in the catalog") from error
    except SyncError as error:
        raise click.ClickException(f"{error.message}\n  -> {error.remedy}") from error
    click.echo(_json(found) if options["as_json"] else render.table_text(found))
    return EXIT_CODES[Status.SUCCESS]


def _run(action: str, options: Mapping[str, Any]) -> int:
    def request() -> Request:
        event: dict[str, Any] = {"action": action}
        event |= {key: list(options[key]) for key in ("spaces", "assets") if options.get(key)}
        if options.get("plan_digest") is not None:
            event["plan_digest"] = options["plan_digest"]
        return parse(event)

    run, facts = wiring.perform(request, _environment(options), Door(trigger=Trigger.CLI))
    click.echo(_json(result(run, facts)) if options["as_json"] else render.text(run, facts))
    if isinstance(run.error, Exception) and not isinstance(run.error, SyncError):
        sys.excepthook(type(run.error), run.error, run.error.__traceback__)
    return EXIT_CODES[run.status]


def _environment(options: Mapping[str, Any]) -> dict[str, str]:
    return dict(os.environ) | {name: options[name] for name in FLAGS if options.get(name)}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
