"""What every command shares: settings as flags, the scope of a run, and its output."""

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

import click

from datasphere_glue import bootstrap
from datasphere_glue.commands import output, profile, terminal
from datasphere_glue.commands.command_line import typed, with_first_step
from datasphere_glue.config.settings import SETTING_NAMES, SETTINGS
from datasphere_glue.errors import EventError, SettingsError, SyncError
from datasphere_glue.events.parsing import parse
from datasphere_glue.events.request import Request, Trigger
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import EXIT_CODES, Result
from datasphere_glue.report.document import terminal_document
from datasphere_glue.runs import lifecycle
from datasphere_glue.runs.interruption import RunInterrupted
from datasphere_glue.runs.ports import Caller
from datasphere_glue.secrecy import SECRETS
from datasphere_glue.storage.plans import Approval
from datasphere_glue.storage.store import FolderStore

FLAGS: Final = tuple(setting for setting in SETTINGS if not setting.sensitive)
"""A secret given as a flag would show in the process list, so there is no flag for it."""

TO_SCREEN: Final = "-"

_REMEDY: Final = (
    "correct the named value: --space takes SPACE, --asset takes SPACE.ASSET,"
    " rollback takes the id of a run"
)

Command = Callable[..., int]


class SettingOption(click.Option):
    """The flag of a setting. The help lists all settings in one section at its end."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:  # noqa: ARG002 - click's own signature
        """Return nothing: the command lists its settings in one place."""
        return None


class SettingsCommand(click.Command):
    """A command whose help lists its own options first, then the settings that it takes."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of the command, and its settings under a separate heading."""
        super().format_options(ctx, formatter)
        settings = [one.opts[0] for one in self.params if isinstance(one, SettingOption)]
        if settings:
            with formatter.section("Settings (override environment and profile)"):
                width = formatter.width - formatter.current_indent
                lines = wrap(" ".join(settings), width, break_on_hyphens=False)
                formatter.write(
                    "".join(f"{' ' * formatter.current_indent}{one}\n" for one in lines)
                )


def examples(*lines: str) -> str:
    """Return the epilog of a command: its examples, one per line."""
    shown = (f"  datasphere-glue {line}" for line in lines)
    return "\n".join(("\b", "Examples:", *shown))


def settings_flags(command: Command) -> Command:
    """Return the command with a flag for each setting, and `--json`."""
    for setting in reversed(FLAGS):
        command = click.option(
            setting.flag,
            setting.name,
            cls=SettingOption,
            metavar="VALUE",
            help=setting.description.replace("`", ""),
        )(command)
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(
        command
    )


def output_flags(command: Command) -> Command:
    """Return the command with `--all` and `--quiet`."""
    command = click.option(
        "--quiet", "-q", is_flag=True, help="Print only what is wrong, and the status."
    )(command)
    text = "Print every change, not just one screen."
    return click.option("--all", "everything", is_flag=True, help=text)(command)


def scope_flags(command: Command) -> Command:
    """Return the command with `--space` and `--asset`."""
    command = click.option(
        "--asset", "assets", multiple=True, metavar="SPACE.ASSET", help="Only this asset."
    )(command)
    return click.option(
        "--space", "spaces", multiple=True, metavar="SPACE", help="Only this space."
    )(command)


def full_flag(command: Command) -> Command:
    """Return the command with `--full`."""
    text = "Read everything, even where list entries are unchanged."
    return click.option("--full", is_flag=True, help=text)(command)


def environment(options: Mapping[str, Any]) -> dict[str, str]:
    """Return the profile, overridden by this process's environment, and then by the flags."""
    process = {
        name: value for name, value in os.environ.items() if value or name not in SETTING_NAMES
    }
    return {**profile.context_settings(), **process} | {
        flag.name: options[flag.name] for flag in FLAGS if options.get(flag.name)
    }


def as_json(value: Any) -> str:
    """Return a value as indented JSON; characters are escaped where the terminal lacks some."""
    return json.dumps(value, ensure_ascii=not output.holds_unicode(sys.stdout), indent=1)


def write_out(pieces: Iterable[bytes], out: str) -> str | None:
    """Write to a file atomically and return its path; for `-`, print and return None.

    Raises:
        ReportUnwritable: the file cannot be written.

    """
    if out != TO_SCREEN:
        return FolderStore(Path(out).parent).put(Path(out).name, iter(pieces))
    # Raw bytes: the encoding of the terminal must not change them.
    output.write_bytes(pieces)
    return None


def out_flag(command: Command) -> Command:
    """Return the command with `--out`, for the output of `write_out`."""
    return click.option(
        "--out",
        type=click.Path(dir_okay=False, allow_dash=True),
        default=TO_SCREEN,
        metavar="FILE",
        help="Write to this file atomically; - prints.",
    )(command)


def run(action: RunAction, options: Mapping[str, Any], **more: Any) -> int:
    """Carry out one run as `execute` does, and return its exit code."""
    return EXIT_CODES[execute(action, options, **more).status]


def execute(
    action: RunAction,
    options: Mapping[str, Any],
    approval: Callable[[], Approval] | None = None,
    **more: Any,
) -> Result:
    """Carry out one run as the function does, print its result and return it.

    `more`: further fields of the event.
    `approval`: reads the approval of a plan file; raises PlanRefused. An interrupted run has a
    result, too: FAILED, with what it wrote.
    """

    def request() -> Request:
        event: dict[str, Any] = {"action": str(action)}
        event |= {key: list(options[key]) for key in ("spaces", "assets") if options.get(key)}
        event |= {"full": True} if options.get("full") else {}
        try:
            return parse(event | {key: value for key, value in more.items() if value is not None})
        except EventError as error:
            raise EventError(error.message, remedy=_REMEDY) from error

    quiet = bool(options.get("quiet") or options["as_json"])
    settings = environment(options)
    with terminal.progress(quiet=quiet) as progress:
        caller = Caller(trigger=Trigger.CLI, action=action, approval=approval, progress=progress)
        try:
            with terminal.signals_as_interrupts():
                result = lifecycle.execute_run(request, settings, caller, bootstrap)
        except RunInterrupted as interruption:
            result = interruption.result
    if isinstance(result.error, SettingsError):
        error = with_first_step(result.error, (one for one in SETTING_NAMES if settings.get(one)))
        result = replace(result, error=error)
    value = terminal_document(result) if options["as_json"] else None
    screen, words = terminal.screen_of(sys.stdout, os.environ), typed(options)
    text = as_json(value) if value else terminal.result_text(result, options, screen, words)
    click.echo(SECRETS.mask_text(text))
    defect = result.error
    if defect is not None and not isinstance(defect, SyncError):
        show_traceback(defect)
    return result


def show_traceback(error: BaseException) -> None:
    """Print the traceback of a defect without secrets."""
    text = "".join(traceback.format_exception(error))
    click.echo(SECRETS.mask_foreign(text), err=True, nl=False)
