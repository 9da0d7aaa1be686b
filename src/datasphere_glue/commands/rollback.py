"""rollback and history: undo a run, and list the changes of one table."""

from typing import Any

import click

from datasphere_glue.aws import s3
from datasphere_glue.commands.command_line import typed
from datasphere_glue.commands.options import (
    SettingsCommand,
    as_json,
    environment,
    examples,
    output_flags,
    run,
    scope_flags,
    settings_flags,
)
from datasphere_glue.config.loading import Need, load
from datasphere_glue.evidence import history
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import EXIT_CODES, Status


@click.command(
    "rollback",
    short_help="Put back what a run changed.",
    cls=SettingsCommand,
    epilog=examples(
        "rollback 2026-11-23T060000Z-7c1d0a --plan", "rollback 2026-11-23T060000Z-7c1d0a"
    ),
)
@click.argument("run_id", metavar="RUN_ID")
@click.option("--plan", "--dry-run", "only_plan", is_flag=True, help="Show it. Writes nothing.")
@click.option(
    "--approved", "plan_digest", metavar="DIGEST", help="Apply only if the plan has this digest."
)
@scope_flags
@output_flags
@settings_flags
def rollback_command(run_id: str, *, only_plan: bool, **options: Any) -> int:
    """Put back what a run changed, wherever nothing was changed since.

    Tables go back to exactly what they were. A table that the run created is deleted, which needs
    glue:DeleteTable; its database stays. What was changed since is listed and left. The next sync
    writes the values of Datasphere and the configuration again.
    """
    action = RunAction.PLAN if only_plan else RunAction.ROLLBACK
    return run(action, options, rollback_of=run_id, plan_digest=options["plan_digest"])


@click.command(
    "history",
    cls=SettingsCommand,
    epilog=examples("history datasphere_sales.sales_am", "history SALES.SALES_AM --limit 5"),
)
@click.argument("name", metavar="DATABASE.TABLE")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1), help="Most changes to show."
)
@settings_flags
def history_command(name: str, limit: int, **options: Any) -> int:
    """Show what happened to one table, when, why, and by which run.

    Reads the audit records at REPORT_URI alone. SPACE.ASSET works as well, and so does a table
    that exists no longer.
    """
    if "." not in name:
        raise click.UsageError("name the table as DATABASE.TABLE, or the asset as SPACE.ASSET")
    store = s3.report_store(load(environment(options), Need.REPORTS))
    result = history.history(store, name, limit)
    if not result.records:
        similar = f"; did you mean {', '.join(result.similar)}?" if result.similar else ""
        runs = "1 run" if result.runs == 1 else f"{result.runs} runs"
        raise click.ClickException(
            f"no change of {name} is recorded at {store.location('runs')}, where {runs}"
            f" changed something{similar}"
        )
    click.echo(
        as_json(history.document(result))
        if options["as_json"]
        else typed(options).spelt("\n".join(history.lines(result)))
    )
    return EXIT_CODES[Status.SUCCESS]
