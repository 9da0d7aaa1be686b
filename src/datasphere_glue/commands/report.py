"""report: finds, summarizes and opens the report of a run."""

import re
import tempfile
from pathlib import Path
from typing import Any, Final

import click

from datasphere_glue.aws import s3
from datasphere_glue.commands.options import (
    SettingsCommand,
    as_json,
    environment,
    examples,
    settings_flags,
)
from datasphere_glue.config.loading import Need, load
from datasphere_glue.outcome.run import EXIT_CODES, Status
from datasphere_glue.report import html
from datasphere_glue.report.summary import summary
from datasphere_glue.storage.state import read_state
from datasphere_glue.storage.store import FolderStore, Store

_REPORT: Final = re.compile(r"runs/([^/]+)/report\.json")

_LARGEST: Final = 512_000_000
"""Bytes of a report, which lists every change of its run."""


@click.command(
    "report",
    cls=SettingsCommand,
    epilog=examples("report --open", "report 2026-11-23T060000Z-7c1d0a --out report.html"),
)
@click.argument("run_id", metavar="[RUN_ID]", required=False)
@click.option("--open", "opens", is_flag=True, help="Open the report in the browser.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Copy the report to this file.",
)
@settings_flags
def report_command(run_id: str | None, out: Path | None, *, opens: bool, **options: Any) -> int:
    """Show the place of the report of a run, and its summary.

    Without RUN_ID it is the newest one at REPORT_URI.
    """
    store = s3.report_store(load(environment(options), Need.REPORTS))
    run_id = run_id or _newest(store)
    key = f"runs/{run_id}/report.json"
    stored = read_state(store, key, _result, _LARGEST)
    place, page = _fetch_page(store, run_id, out, fetch=opens or out is not None)
    if stored.issue is not None:
        raise click.ClickException(f"{stored.issue.message}\n  -> the page is at {place}")
    if stored.value is None:
        raise click.ClickException(
            f"there is no run {run_id} at {store.location('runs')}\n"
            "  -> `datasphere-glue report` shows the newest; index.html lists all"
        )
    result = stored.value
    click.echo(as_json(result | {"page": place}) if options["as_json"] else summary(result, place))
    if opens and page is not None:
        click.launch(page.resolve().as_uri())
    return EXIT_CODES[Status.SUCCESS]


def _result(report: Any) -> dict[str, Any]:
    result = {**report["result"]}
    summary(result, None)  # fails for a result that cannot be shown
    return result


def _newest(store: Store) -> str:
    """Return the id of the newest run: of the list, or else of the reports themselves."""
    listed = html.stored_runs(store).value
    if listed:
        return listed[-1].run_id
    keys = (_REPORT.fullmatch(stored.key) for stored in store.find("runs/"))
    runs = [match[1] for match in keys if match]
    if not runs:
        raise click.ClickException(
            f"no run is reported at {store.location('runs')}\n  -> run `datasphere-glue plan` first"
        )
    return max(runs)


def _fetch_page(
    store: Store, run_id: str, out: Path | None, *, fetch: bool
) -> tuple[str, Path | None]:
    """Return the location of a page, and a local file with it if `fetch` is set and it exists."""
    key = f"runs/{run_id}/report.html"
    place = store.location(key)
    if not fetch:
        return place, None
    if out is None and isinstance(store, FolderStore):
        return place, Path(place)
    body = store.get(key)
    if body is None:
        return place, None
    file = out or Path(tempfile.mkdtemp(prefix="datasphere-glue-")) / "report.html"
    file.write_bytes(body)
    return str(file), file
