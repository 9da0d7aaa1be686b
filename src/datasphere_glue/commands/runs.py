"""plan, sync, verify and doctor: the runs of the function, started from a terminal."""

from pathlib import Path
from typing import Any

import click

from datasphere_glue.commands.options import (
    SettingsCommand,
    examples,
    execute,
    full_flag,
    output_flags,
    run,
    scope_flags,
    settings_flags,
)
from datasphere_glue.errors import PlanRefused
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import EXIT_CODES, Status
from datasphere_glue.storage import plans
from datasphere_glue.storage.plans import Approval
from datasphere_glue.storage.store import FolderStore


@click.command(
    "plan", cls=SettingsCommand, epilog=examples("plan --space SALES", "plan --out plan.json --all")
)
@scope_flags
@full_flag
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan to this file."
)
@click.option(
    "--detailed-exitcode",
    "detailed",
    is_flag=True,
    help="Exit with 0 without changes and with 2 with changes, whatever could not be read.",
)
@output_flags
@settings_flags
def plan_command(out: Path | None, *, detailed: bool, **options: Any) -> int:
    """Show what a sync would change. Writes nothing to the catalog."""
    result = execute(RunAction.PLAN, options)
    if out is not None and result.digest is not None:
        FolderStore(out.parent).put(out.name, plans.body(result.plan, result.digest))
    if detailed and result.status not in {Status.FAILED, Status.HALTED}:
        return EXIT_CODES[Status.NO_CHANGES if result.plan.empty else Status.PENDING]
    return EXIT_CODES[result.status]


@click.command(
    "sync", cls=SettingsCommand, epilog=examples("sync --space SALES", "sync --plan plan.json")
)
@scope_flags
@full_flag
@click.option(
    "--plan",
    "approved",
    metavar="FILE|DIGEST",
    help="Apply exactly this plan: a file of `plan --out`, a digest, or the first 12 digits of a"
    " stored plan's. Give the same --space and --asset.",
)
@output_flags
@settings_flags
def sync_command(approved: str | None, **options: Any) -> int:
    """Bring the catalog up to date with Datasphere."""
    if approved is None or not Path(approved).is_file():
        return run(RunAction.SYNC, options, plan_digest=approved)
    file = Path(approved)
    return run(RunAction.SYNC, options, approval=lambda: _approval(file))


def _approval(file: Path) -> Approval:
    try:
        text = file.read_bytes()
    except OSError as err:
        raise PlanRefused(f"plan file {file} cannot be read: {err.strerror}") from err
    return plans.approval_of(plans.plan_in(text, f"plan file {file}"))


@click.command("verify", cls=SettingsCommand, epilog=examples("verify --quiet"))
@scope_flags
@output_flags
@settings_flags
def verify_command(**options: Any) -> int:
    """Check that the catalog matches Datasphere. Writes nothing."""
    return run(RunAction.VERIFY, options)


@click.command(
    "doctor",
    short_help="Check credentials, spaces and permissions.",
    cls=SettingsCommand,
    epilog=examples("doctor", "doctor --json"),
)
@output_flags
@settings_flags
def doctor_command(**options: Any) -> int:
    """Check credentials, spaces and permissions, with a remedy for each problem."""
    return run(RunAction.DOCTOR, options)
