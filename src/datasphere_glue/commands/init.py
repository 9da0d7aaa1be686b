"""init: writes a local profile and a first mapping configuration."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from datasphere_glue.commands import profile
from datasphere_glue.commands.command_line import typed
from datasphere_glue.commands.options import examples
from datasphere_glue.config.loading import load
from datasphere_glue.config.starter import STARTER
from datasphere_glue.errors import SettingsError
from datasphere_glue.outcome.run import EXIT_CODES, Status

_CLIENT: Final = "DATASPHERE_CLIENT_ID"
_SECRET_SETTING: Final = _CLIENT.replace("_ID", "_SECRET")
_URL: Final = "https://acme.eu10.hcs.cloud.sap"
_TOKEN: Final = "https://acme.authentication.eu10.hana.ondemand.com/oauth/token"  # noqa: S105 - an address
_PROMPTS: Final = (
    ("DATASPHERE_URL", f"Tenant URL (like {_URL})", "", True),
    ("DATASPHERE_TOKEN_URL", f"Token URL (like {_TOKEN})", "", True),
    ("DATASPHERE_SECRET_ID", "Secret in AWS Secrets Manager, empty for a local client", "", False),
    (_CLIENT, "OAuth client ID", "", False),
    ("GLUE_REGION", "AWS Region of the Glue catalog, empty for that of AWS", "", False),
    ("GLUE_DATABASE_TEMPLATE", "Database name", "datasphere_{space}", True),
    ("REPORT_URI", "Reports (s3://bucket/prefix or a folder)", "reports", False),
)


def _flags(command: Any) -> Any:
    for name, prompt, _, _ in reversed(_PROMPTS):
        flag = "--" + name.lower().replace("_", "-")
        command = click.option(flag, name, metavar="VALUE", help=prompt.partition(" (")[0] + ".")(
            command
        )
    return command


@click.command(
    "init",
    short_help="Write a local profile and a mapping configuration.",
    epilog=examples("init", "--profile prod init", "init --yes --store-secret --no-mapping"),
)
@_flags
@click.option(
    "--mapping",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("mapping.yaml"),
    metavar="FILE",
    show_default=True,
    help="Where the mapping configuration goes.",
)
@click.option("--no-mapping", is_flag=True, help="Write no mapping configuration.")
@click.option(
    "--store-secret",
    is_flag=True,
    help="Ask for the client secret and keep it in the profile. Without this it stays in the"
    f" environment ({_SECRET_SETTING}).",
)
@click.option("--yes", is_flag=True, help="Ask nothing: take flags, environment and defaults.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.pass_context
def init_command(
    context: click.Context,
    /,
    mapping: Path,
    *,
    no_mapping: bool,
    yes: bool,
    force: bool,
    **options: Any,
) -> int:
    """Ask for the settings, and write a profile and a mapping configuration.

    The profile is .datasphere-glue.env in this folder (with --profile NAME:
    .datasphere-glue.NAME.env), for you alone to read. Environment variables
    and flags override it.
    """
    file = profile.path_of((context.find_root().params.get("profile")) or profile.DEFAULT)
    settings = _collect_settings(options, yes=yes)
    if options["store_secret"] and _CLIENT in settings:
        settings[_SECRET_SETTING] = _client_secret(yes=yes)
    if not no_mapping:
        settings["SYNC_CONFIG_URI"] = str(mapping)
    _check_together(settings)
    if _may_write(file, yes=yes, force=force):
        profile.write(file, settings)
        click.echo(f"Profile: {file} (readable by you alone; keep it out of git)")
    if not no_mapping and _may_write(mapping, yes=yes, force=force):
        mapping.write_text(STARTER, encoding="utf-8")
        click.echo(f"Mapping configuration: {mapping} (everything in it is a comment yet)")
    click.echo("Do next:")
    if _CLIENT in settings and _SECRET_SETTING not in settings:
        click.echo(f"  -  put the client secret into the environment: {_SECRET_SETTING}")
    for number, command in enumerate(("doctor", "plan", "sync"), 1):
        click.echo(f"  {number}) {typed({}).line(command)}")
    return EXIT_CODES[Status.SUCCESS]


def _collect_settings(options: Mapping[str, Any], *, yes: bool) -> dict[str, str]:
    """Return the settings, each from its flag or else from an answer, and checked at once."""
    settings: dict[str, str] = {}
    for name, prompt, default, required in _PROMPTS:
        if name == _CLIENT and "DATASPHERE_SECRET_ID" in settings:
            continue
        value = options.get(name) or (os.environ.get(name, default) if yes else None)
        if value is None:
            value = _ask(name, prompt, os.environ.get(name, default), required=required)
        elif problem := _problem(name, value):
            raise click.UsageError(problem)
        if value:
            settings[name] = value
    return settings


def _ask(name: str, prompt: str, default: str, *, required: bool) -> str:
    while True:
        shown = default if default or not required else None
        value = str(click.prompt(prompt, default=shown, show_default=bool(shown))).strip()
        problem = _problem(name, value)
        if problem is None:
            return value
        click.echo(f"  {problem}", err=True)


def _problem(name: str, value: str) -> str | None:
    """Return the error of the settings about one value, None without any."""
    try:
        load({name: value} if value else {})
    except SettingsError as error:
        lines = (line.strip() for line in error.message.splitlines())
        problems = [line for line in lines if line.startswith(f"{name}: ")]
        return problems[0] if problems and (value or name.endswith("URL")) else None
    return None


def _client_secret(*, yes: bool) -> str:
    """Return the client secret from the environment, or from a hidden prompt."""
    if yes:
        value = os.environ.get(_SECRET_SETTING, "")
        if not value:
            raise click.UsageError(f"--store-secret with --yes takes it from {_SECRET_SETTING}")
        return value
    return str(click.prompt("OAuth client secret", hide_input=True))


def _check_together(settings: Mapping[str, str]) -> None:
    """Raise a usage error for problems between the settings; a secret may follow later."""
    try:
        load({_SECRET_SETTING: "later", **settings})
    except SettingsError as error:
        raise click.UsageError(error.message) from error


def _may_write(file: Path, *, yes: bool, force: bool) -> bool:
    if force or not file.exists():
        return True
    if not yes and click.confirm(f"{file} exists. Replace it?"):
        return True
    click.echo(f"{file} exists and stays as it is (--force replaces it)", err=True)
    return False
