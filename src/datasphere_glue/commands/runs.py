"""plan, sync, verify and doctor: the runs that the function offers, by hand."""

from typing import Any

import click

from datasphere_glue.commands.options import run, scope_flags, settings_flags


@click.command("plan")
@scope_flags
@settings_flags
def plan_command(**options: Any) -> int:
    """Show what a sync would change. Writes nothing."""
    return run("plan", options)


@click.command("sync")
@scope_flags
@click.option(
    "--plan", "plan_digest", metavar="DIGEST", help="Apply only if the plan has this digest."
)
@settings_flags
def sync_command(**options: Any) -> int:
    """Bring the catalog up to date with Datasphere."""
    return run("sync", options, plan_digest=options["plan_digest"])


@click.command("verify")
@scope_flags
@settings_flags
def verify_command(**options: Any) -> int:
    """Check that the catalog holds what Datasphere says. Writes nothing."""
    return run("verify", options)


@click.command("doctor")
@settings_flags
def doctor_command(**options: Any) -> int:
    """Check credentials, spaces and permissions, with a remedy for each problem."""
    return run("doctor", options)
