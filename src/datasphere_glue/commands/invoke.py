"""invoke: calls the deployed function, as the test button of the Lambda console does."""

import json
from typing import IO, Any

import click

from datasphere_glue.aws import invoke
from datasphere_glue.commands.options import as_json, examples
from datasphere_glue.errors import EventError
from datasphere_glue.events.parsing import parse
from datasphere_glue.outcome.run import EXIT_CODES
from datasphere_glue.report.summary import summary


@click.command(
    "invoke",
    short_help="Call the deployed function and wait for its result.",
    epilog=examples("invoke my-sync --action plan", "invoke my-sync --space SALES --full"),
)
@click.argument("function")
@click.argument("event", type=click.File(encoding="utf-8"), default=None, required=False)
@click.option("--action", help="Action, instead of that of the event or `sync`.")
@click.option("--space", "spaces", multiple=True, metavar="SPACE", help="Only this space.")
@click.option("--asset", "assets", multiple=True, metavar="SPACE.ASSET", help="Only this asset.")
@click.option(
    "--full", is_flag=True, help="Read everything, even where list entries are unchanged."
)
@click.option("--region", help="Region of the function, if not that of the profile.")
@click.option("--json", "wants_json", is_flag=True, help="Print the result as JSON.")
def invoke_command(
    function: str,
    event: IO[str] | None,
    region: str | None,
    wants_json: bool,  # noqa: FBT001 - click calls by keyword
    **options: Any,
) -> int:
    """Call the deployed FUNCTION (name or ARN) and wait for its result.

    EVENT is a file with an event, `-` for standard input; without one everything is synced.
    """
    answer = invoke.invoke(function, _event(event, options), region)
    # The answers to a queue batch and to a webhook are not results of a run.
    has_summary = "run_id" in answer and not wants_json
    click.echo(summary(answer, answer["report"]) if has_summary else as_json(answer))
    return EXIT_CODES.get(answer.get("status", ""), 0)


def _event(file: IO[str] | None, options: dict[str, Any]) -> dict[str, Any]:
    """Return the event of the file, overridden by the options; raises EventError if it is bad."""
    try:
        event = json.load(file) if file is not None else {}
    except ValueError as err:
        raise EventError(f"the event is not JSON: {err}") from err
    if not isinstance(event, dict):
        raise EventError("the event is no JSON object")
    event |= {name: list(v) if isinstance(v, tuple) else v for name, v in options.items() if v}
    if "Records" not in event:
        parse(event)
    return event
