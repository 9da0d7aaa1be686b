"""report: finds, summarizes and opens the report of a run."""

import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
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
from datasphere_glue.errors import Unavailable
from datasphere_glue.evidence.unrecorded import Unrecorded, unrecorded_runs
from datasphere_glue.outcome.run import EXIT_CODES, Status
from datasphere_glue.report import html
from datasphere_glue.report.summary import summary
from datasphere_glue.report.unlisted import recorded_run, records_command, without_report
from datasphere_glue.storage.state import read_state
from datasphere_glue.storage.store import FolderStore, Store
from datasphere_glue.text_layout import mask_controls

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
    newest = run_id is None
    run_id = run_id or _newest(store) or ""
    stored = read_state(store, f"runs/{run_id}/report.json", _result, _LARGEST)
    unrecorded = _unrecorded(store, run_id, newest=newest, reported=stored.value is not None)
    place, page = _fetch_page(store, run_id, out, fetch=opens or out is not None)
    if stored.issue is not None:
        raise click.ClickException(f"{stored.issue.message}\n  -> the page is at {place}")
    if stored.value is None and (without := _without_report(store, run_id, unrecorded)):
        value, text = without
        click.echo(as_json(value) if options["as_json"] else text)
        return EXIT_CODES[Status.SUCCESS]
    if not run_id:
        raise click.ClickException(
            f"no run is reported at {store.location('runs')}\n  -> run `datasphere-glue plan` first"
        )
    if stored.value is None:
        raise click.ClickException(
            f"there is no run {run_id} at {store.location('runs')}\n"
            "  -> `datasphere-glue report` shows the newest; index.html lists all"
        )
    result = stored.value
    if options["as_json"]:
        listed = {"unrecorded": [one.document() for one in unrecorded]} if unrecorded else {}
        click.echo(as_json(result | {"page": place} | listed))
    else:
        click.echo("\n".join((summary(result, place), *map(_line, unrecorded))))
    if opens and page is not None:
        click.launch(page.resolve().as_uri())
    return EXIT_CODES[Status.SUCCESS]


def _result(report: Any) -> dict[str, Any]:
    result = {**report["result"]}
    summary(result, None)  # fails for a result that cannot be shown
    return result


def _newest(store: Store) -> str | None:
    """Return the id of the newest run: of the list, or else of the reports themselves."""
    listed = html.stored_runs(store).value
    if listed:
        return listed[-1].run_id
    keys = (_REPORT.fullmatch(stored.key) for stored in store.find("runs/"))
    return max((match[1] for match in keys if match), default=None)


def _unrecorded(store: Store, run_id: str, *, newest: bool, reported: bool) -> list[Unrecorded]:
    """Return the runs without a record: all for the newest report, else the one without report."""
    if not newest and reported:
        return []
    own = [stored.key for stored in store.find(f"runs/{run_id}/") if stored.size]
    with suppress(Unavailable):
        runs = unrecorded_runs(store, [] if newest else own)
        return [one for one in runs if newest or one.run.run_id == run_id]
    return []


def _without_report(
    store: Store, run_id: str, unrecorded: list[Unrecorded]
) -> tuple[Mapping[str, Any], str] | None:
    """Return what is known of a run without a report, as JSON and as text; None if nothing is."""
    if unrecorded:
        runs = [one.document() for one in unrecorded]
        text = "\n".join(map(_line, unrecorded))
        return {"run_id": unrecorded[0].run.run_id, "unrecorded": runs}, text
    run = recorded_run(store, f"runs/{run_id}/audit.jsonl")
    if run is None:
        return None
    text = f"Run {run_id} {without_report(run)}\n  -> its records: `{records_command(run)}`"
    undo = f"\n  -> undo what it wrote: `datasphere-glue rollback {run_id}`" if run.changes else ""
    return {"run_id": run_id, "status": run.status}, mask_controls(text + undo)


def _line(one: Unrecorded) -> str:
    run = one.run
    undo = f"\n  -> undo what it wrote: `datasphere-glue rollback {run.run_id}`"
    text = f"Run {run.place} has no report: it {one.state}; {run.unknown}"
    return mask_controls(text + ("" if one.alive else undo))


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
