"""tail: prints the log of the deployed function as text."""

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

from datasphere_glue.aws import logs
from datasphere_glue.commands.options import examples
from datasphere_glue.commands.output import is_read
from datasphere_glue.outcome.run import EXIT_CODES, Status
from datasphere_glue.text_layout import mask_controls

_AGO: Final = re.compile(r"(\d+)([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def since(text: str) -> datetime:
    """Return the moment that a text such as `10m`, `2h` or an ISO time names."""
    if ago := _AGO.fullmatch(text):
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is neither 10m, 2h or 1d nor a time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command(
    "tail",
    short_help="Follow the log of the deployed function.",
    epilog=examples("tail my-sync --since 2h", "tail my-sync --level WARNING"),
)
@click.argument("function")
@click.option(
    "--since",
    "begin",
    type=since,
    default="10m",
    show_default=True,
    metavar="TIME",
    help="How far back: 30s, 10m, 2h, 1d or a time.",
)
@click.option(
    "--level",
    type=click.Choice(_LEVELS, case_sensitive=False),
    default="INFO",
    show_default=True,
    help="Only lines of this level or above.",
)
@click.option("--no-follow", is_flag=True, help="Stop at the end of what is there.")
@click.option("--region", help="Region of the function, if not that of the profile.")
def tail_command(
    function: str, begin: datetime, level: str, region: str | None, *, no_follow: bool
) -> int:
    """Follow the log of the deployed FUNCTION (name, ARN or log group).

    Prints one line for each change, security event and end of a run.
    """
    start = int(begin.timestamp() * 1000)
    more = {"pause": lambda _: False} if no_follow else {}
    try:
        for at, text in logs.lines(function, start, region, **more):
            if shown := line(at, text, level.upper()):
                click.echo(shown)
            if not is_read(sys.stdout):
                break
    except KeyboardInterrupt:
        pass
    return EXIT_CODES[Status.SUCCESS]


def line(at: int, text: str, least: str) -> str | None:
    """Return a line of the log as text, None if it is below the level `least`.

    `at` is in milliseconds since 1970.
    """
    try:
        record = json.loads(text)
    except ValueError:
        record = None
    moment = datetime.fromtimestamp(at / 1000, UTC)
    if not isinstance(record, dict) or "level" not in record:
        # Lambda's own lines and metrics: only DEBUG shows them, except for a run that was cut off.
        shown = least == "DEBUG" or "Task timed out" in text or "Runtime.ExitError" in text
        return mask_controls(f"{moment:%H:%M:%S}  {text.strip()}") if shown else None
    level = str(record["level"])
    if _LEVELS.index(level if level in _LEVELS else "INFO") < _LEVELS.index(least):
        return None
    return mask_controls(f"{moment:%H:%M:%S}  {level:<8} {_message_text(record.get('message'))}")


def _message_text(message: Any) -> str:
    if not isinstance(message, dict):
        return " ".join(str(message).split())
    audit, result = message.get("audit"), message.get("result")
    if message.get("event") == "run" and isinstance(result, dict):
        counts = ", ".join(f"{n} {name}" for name, n in result.get("counts", {}).items() if n)
        outcome = f"run {result.get('run_id')} {result.get('action')}: {result.get('status')}"
        return f"{outcome} ({counts or 'nothing changed'})"
    if isinstance(audit, dict):
        place = ".".join(str(audit[key]) for key in ("database", "table") if audit.get(key))
        parts = (audit.get("action"), place or audit.get("subject"), audit.get("reason"))
        text = " ".join(str(part) for part in (*parts, audit.get("outcome")) if part)
        return f"{message.get('event')} {text or audit.get('message', '')}"
    return " ".join(f"{key}={value}" for key, value in message.items() if key != "traceback")
