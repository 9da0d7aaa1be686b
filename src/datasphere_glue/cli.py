"""The command line: every command in one group, with the settings of the function."""

import difflib
import sys
from typing import Final

import click

from datasphere_glue import __version__
from datasphere_glue.commands import profile as profiles
from datasphere_glue.commands.audit import audit_command
from datasphere_glue.commands.command_line import (
    own_program,
    settings_in_sight,
    typed_before_error,
    with_first_step,
)
from datasphere_glue.commands.completion import completion_command
from datasphere_glue.commands.config import config_command
from datasphere_glue.commands.init import init_command
from datasphere_glue.commands.invoke import invoke_command
from datasphere_glue.commands.lineage import lineage_command
from datasphere_glue.commands.options import show_traceback
from datasphere_glue.commands.output import tolerant_output
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
from datasphere_glue.errors import RunHalted, SettingsError, SyncError
from datasphere_glue.outcome.run import EXIT_CODES, Status
from datasphere_glue.secrecy import SECRETS

_NAME: Final = "datasphere-glue"

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
    words = sys.argv[1:] if arguments is None else arguments
    with tolerant_output() as output:
        code = _carry_out(words)
        if output.lost is not None:
            _show(words, f"standard output cannot be written: {output.lost.strerror}")
            code = code or EXIT_CODES[Status.FAILED]
    return code


def _carry_out(arguments: list[str]) -> int:
    try:
        code = commands.main(args=arguments, prog_name=own_program(), standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return EXIT_CODES[Status.FAILED]
    except click.ClickException as error:
        _show(arguments, error.format_message())
        return EXIT_CODES[Status.FAILED]
    except SyncError as error:
        if isinstance(error, SettingsError):
            line = typed_before_error(arguments, commands)
            error = with_first_step(error, settings_in_sight(line))
        _show(arguments, f"{error.message}\n  -> {error.remedy}")
        return EXIT_CODES[Status.HALTED if isinstance(error, RunHalted) else Status.FAILED]
    except click.exceptions.Abort:
        _show(arguments, "aborted")
        return EXIT_CODES[Status.FAILED]
    except Exception as error:  # noqa: BLE001 - a defect ends in an exit code, too
        show_traceback(error)
        _show(arguments, f"unexpected {type(error).__name__}")
        return EXIT_CODES[Status.FAILED]
    return int(code or 0)


def _show(arguments: list[str], message: str) -> None:
    """Print an error of the typed command."""
    line = typed_before_error(arguments, commands)
    text = f"{line.command}: {message}" if line.command else message
    click.echo(SECRETS.mask_text(f"Error: {line.spelt(text)}"), err=True)


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
    _NAME,
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
@click.version_option(__version__, prog_name=_NAME)
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
