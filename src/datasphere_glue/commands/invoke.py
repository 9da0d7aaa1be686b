"""invoke: the deployed function, as the Lambda console's test button would call it."""

import json
from typing import IO, Any

import click

from datasphere_glue.commands.options import as_json, examples, refused
from datasphere_glue.errors import EventError, RunHalted, SyncError
from datasphere_glue.events import parse
from datasphere_glue.report.run import EXIT_CODES, Status
from datasphere_glue.wiring import deployed


@click.command(
    "invoke",
    short_help="Call the deployed function and wait for its result.",
    epilog=examples("invoke my-sync --action plan", "invoke my-sync --space SALES --full"),
)
@click.argument("function")
@click.argument("event", type=click.File(encoding="utf-8"), default=None, required=False)
@click.option("--action", help="What to do instead of what the event says, or `sync`.")
@click.option("--space", "spaces", multiple=True, metavar="SPACE", help="Only this space.")
@click.option("--asset", "assets", multiple=True, metavar="SPACE.ASSET", help="Only this asset.")
@click.option("--full", is_flag=True, help="Read everything, whatever the lists say.")
@click.option("--region", help="Region of the function, if not that of the profile.")
@click.option("--json", "told_as_json", is_flag=True, help="Print the result as JSON.")
def invoke_command(
    function: str,
    event: IO[str] | None,
    region: str | None,
    told_as_json: bool,  # noqa: FBT001 - click calls by keyword
    **asked: Any,
) -> int:
    """Call the deployed FUNCTION (name or ARN) and wait for its result.

    EVENT is a file with an event, `-` for standard input; without one everything is synced.
    """
    try:
        answer = deployed.invoke(function, _event(event, asked), region)
    except SyncError as error:
        if isinstance(error, RunHalted):
            click.echo(f"Error: {error.message}\n  -> {error.remedy}", err=True)
            return EXIT_CODES[Status.HALTED]
        raise refused(error) from error
    click.echo(as_json(answer) if told_as_json else _told(answer))
    return EXIT_CODES.get(answer.get("status", ""), 0)


def _event(file: IO[str] | None, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the event of the file with what was asked for over it, known to be understood."""
    try:
        given = json.load(file) if file is not None else {}
    except ValueError as err:
        raise EventError(f"the event is not JSON: {err}") from err
    if not isinstance(given, dict):
        raise EventError("the event is no JSON object")
    asked = {name: list(v) if isinstance(v, tuple) else v for name, v in asked.items() if v}
    event = given | asked
    if "Records" not in event:
        parse(event)
    return event


def _told(answer: dict[str, Any]) -> str:
    counts = {name: n for name, n in answer.get("counts", {}).items() if n}
    lines = [
        f"run {answer.get('run_id')}  tenant={answer.get('tenant')}",
        "Tables: " + (", ".join(f"{n} {name}" for name, n in counts.items()) or "none"),
    ]
    for issue in answer.get("errors", ()):
        lines += [f"  ? {issue['asset']}  {issue['code']}: {issue['message']}"]
        lines += [f"      -> {issue['remedy']}"]
    lines += [f"Report: {answer['report']}"] if answer.get("report") else []
    return "\n".join((*lines, f"Status: {answer.get('status')}"))
