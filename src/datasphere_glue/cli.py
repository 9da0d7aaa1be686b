"""The human door: every command in one group, with the settings of the function."""

from typing import Final

import click

from datasphere_glue import __version__
from datasphere_glue.commands.config import config_command
from datasphere_glue.commands.invoke import invoke_command
from datasphere_glue.commands.runs import (
    doctor_command,
    plan_command,
    sync_command,
    verify_command,
)
from datasphere_glue.commands.search import search_command
from datasphere_glue.commands.show import show_command
from datasphere_glue.commands.trace import trace_command
from datasphere_glue.commands.undo import history_command, rollback_command
from datasphere_glue.report.run import EXIT_CODES, Status

COMMANDS: Final = (
    plan_command,
    sync_command,
    verify_command,
    doctor_command,
    show_command,
    search_command,
    trace_command,
    history_command,
    rollback_command,
    config_command,
    invoke_command,
)


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


@click.group(context_settings={"max_content_width": 80, "help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="datasphere-glue")
def commands() -> None:
    """Carry SAP Datasphere metadata into the AWS Glue Data Catalog.

    Settings come from the environment variables of the deployed function; each has a flag that
    overrides it.
    """


for command in COMMANDS:
    commands.add_command(command)
