"""The command line: every command in one group, with the settings of the function."""

import difflib
from typing import Final

import click

from datasphere_glue import __version__
from datasphere_glue.commands import profile as profiles
from datasphere_glue.commands.audit import audit_command
from datasphere_glue.commands.completion import completion_command
from datasphere_glue.commands.config import config_command
from datasphere_glue.commands.init import init_command
from datasphere_glue.commands.invoke import invoke_command
from datasphere_glue.commands.lineage import lineage_command
from datasphere_glue.commands.options import click_error
from datasphere_glue.commands.report import report_command
from datasphere_glue.commands.rollback import history_command, rollback_command
from datasphere_glue.commands.runs import (
    doctor_command,
    plan_command,
    sync_command,
    verify_command,
)
from datasphere_glue.commands.search import search_command
from datasphere_glue.commands.show import show_command
from datasphere_glue.commands.tail import tail_command
from datasphere_glue.commands.trace import trace_command
from datasphere_glue.errors import RunHalted, SyncError
from datasphere_glue.outcome.run import EXIT_CODES, Status

COMMANDS: Final = (
    init_command,
    plan_command,
    sync_command,
    verify_command,
    doctor_command,
    show_command,
    search_command,
    trace_command,
    history_command,
    rollback_command,
    report_command,
    audit_command,
    lineage_command,
    config_command,
    invoke_command,
    tail_command,
    completion_command,
)


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command and return its exit code (design 1.4).

    Prints errors of this package with their remedy; a command need not catch them.
    """
    try:
        code = commands.main(args=arguments, prog_name="datasphere-glue", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return EXIT_CODES[Status.FAILED]
    except SyncError as error:
        click_error(error).show()
        return EXIT_CODES[Status.HALTED if isinstance(error, RunHalted) else Status.FAILED]
    except click.exceptions.Abort:
        click.echo("Aborted.", err=True)
        return EXIT_CODES[Status.FAILED]
    return int(code or 0)


class Commands(click.Group):
    """All commands, in the order of first use; a mistyped one gets a suggestion."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Return the names in the order of COMMANDS."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command; raises a usage error with the closest name if there is none."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = difflib.get_close_matches(name, self.commands, n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"No such command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    context_settings={"max_content_width": 80, "help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done or no changes, 1 failed, 2 changes pending, 3 degraded, 4 halted.",
)
@click.option(
    "--profile",
    envvar="DATASPHERE_GLUE_PROFILE",
    metavar="NAME",
    help="Settings of .datasphere-glue.NAME.env (see init).",
)
@click.version_option(__version__, prog_name="datasphere-glue")
@click.pass_context
def commands(context: click.Context, profile: str | None) -> None:
    """Carry SAP Datasphere metadata into the AWS Glue Data Catalog.

    Settings come from the profile that `init` writes, the environment
    variables of the deployed function, and flags: the later wins.
    """
    if context.invoked_subcommand in {"init", "completion"} or context.resilient_parsing:
        return
    context.obj = settings = profiles.read(profile)
    report, config = settings.get("REPORT_URI"), settings.get("SYNC_CONFIG_URI")
    context.default_map = {
        "audit": dict.fromkeys(("verify", "export"), {"report_uri": report} if report else {}),
        "config": dict.fromkeys(("check", "show"), {"uri": config} if config else {}),
    }


for command in COMMANDS:
    commands.add_command(command)
