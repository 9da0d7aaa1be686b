"""init: a local profile and a mapping configuration to start from."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from datasphere_glue.commands import profile
from datasphere_glue.commands.options import examples
from datasphere_glue.config.settings import load
from datasphere_glue.config.starter import STARTER
from datasphere_glue.errors import SettingsError
from datasphere_glue.outcome.run import EXIT_CODES, Status

_CLIENT: Final = "DATASPHERE_CLIENT_ID"
_KEPT_BACK: Final = _CLIENT.replace("_ID", "_SECRET")
_URL: Final = "https://acme.eu10.hcs.cloud.sap"
_TOKEN: Final = "https://acme.authentication.eu10.hana.ondemand.com/oauth/token"  # noqa: S105 - an address
_ASKED: Final = (
    ("DATASPHERE_URL", f"Tenant URL (like {_URL})", "", True),
    ("DATASPHERE_TOKEN_URL", f"Token URL (like {_TOKEN})", "", True),
    ("DATASPHERE_SECRET_ID", "Secret in AWS Secrets Manager, empty for a local client", "", False),
    (_CLIENT, "OAuth client ID", "", False),
    ("GLUE_REGION", "AWS Region of the Glue catalog, empty for that of AWS", "", False),
    ("GLUE_DATABASE_TEMPLATE", "Database name", "datasphere_{space}", True),
    ("REPORT_URI", "Reports (s3://bucket/prefix or a folder)", "reports", False),
)


def _flags(command: Any) -> Any:
    for name, told, _, _ in reversed(_ASKED):
        flag = "--" + name.lower().replace("_", "-")
        command = click.option(flag, name, metavar="VALUE", help=told.partition(" (")[0] + ".")(
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
    f" environment ({_KEPT_BACK}).",
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
    **given: Any,
) -> int:
    """Ask for what is needed, and write a profile and a mapping configuration.

    The profile is .datasphere-glue.env in this folder (with --profile NAME:
    .datasphere-glue.NAME.env), for you alone to read. Environment variables
    and flags override it.
    """
    file = profile.path_of((context.find_root().params.get("profile")) or profile.DEFAULT)
    settings = _asked(given, yes=yes)
    if given["store_secret"] and _CLIENT in settings:
        settings[_KEPT_BACK] = _secret(yes=yes)
    if not no_mapping:
        settings["SYNC_CONFIG_URI"] = str(mapping)
    _whole(settings)
    if _may_write(file, yes=yes, force=force):
        profile.write(file, settings)
        click.echo(f"Profile: {file} (readable by you alone; keep it out of git)")
    if not no_mapping and _may_write(mapping, yes=yes, force=force):
        mapping.write_text(STARTER, encoding="utf-8")
        click.echo(f"Mapping configuration: {mapping} (everything in it is a comment yet)")
    click.echo("Do next:")
    if _CLIENT in settings and _KEPT_BACK not in settings:
        click.echo(f"  -  put the client secret into the environment: {_KEPT_BACK}")
    click.echo("  1) datasphere-glue doctor\n  2) datasphere-glue plan\n  3) datasphere-glue sync")
    return EXIT_CODES[Status.SUCCESS]


def _asked(given: Mapping[str, Any], *, yes: bool) -> dict[str, str]:
    """Return the settings: each a flag, else an answer, checked at once."""
    settings: dict[str, str] = {}
    for name, told, default, needed in _ASKED:
        if name == _CLIENT and "DATASPHERE_SECRET_ID" in settings:
            continue
        value = given.get(name) or (os.environ.get(name, default) if yes else None)
        if value is None:
            value = _answer(name, told, os.environ.get(name, default), needed=needed)
        elif wrong := _problem(name, value):
            raise click.UsageError(wrong)
        if value:
            settings[name] = value
    return settings


def _answer(name: str, told: str, default: str, *, needed: bool) -> str:
    while True:
        shown = default if default or not needed else None
        value = str(click.prompt(told, default=shown, show_default=bool(shown))).strip()
        wrong = _problem(name, value)
        if wrong is None:
            return value
        click.echo(f"  {wrong}", err=True)


def _problem(name: str, value: str) -> str | None:
    """Return what the settings themselves say against one value, None if nothing."""
    try:
        load({name: value} if value else {})
    except SettingsError as error:
        lines = (line.strip() for line in error.message.splitlines())
        told = [line for line in lines if line.startswith(f"{name}: ")]
        return told[0] if told and (value or name.endswith("URL")) else None
    return None


def _secret(*, yes: bool) -> str:
    """Return the client secret from the environment, or as typed without being shown."""
    if yes:
        value = os.environ.get(_KEPT_BACK, "")
        if not value:
            raise click.UsageError(f"--store-secret with --yes takes it from {_KEPT_BACK}")
        return value
    return str(click.prompt("OAuth client secret", hide_input=True))


def _whole(settings: Mapping[str, str]) -> None:
    """Raise a usage error for what is wrong between the settings; a secret may come later."""
    try:
        load({_KEPT_BACK: "later", **settings})
    except SettingsError as error:
        raise click.UsageError(error.message) from error


def _may_write(file: Path, *, yes: bool, force: bool) -> bool:
    if force or not file.exists():
        return True
    if not yes and click.confirm(f"{file} exists. Replace it?"):
        return True
    click.echo(f"{file} exists and stays as it is (--force replaces it)", err=True)
    return False
