"""audit: verify the audit trail, and export its records."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import click

from datasphere_glue.aws import s3
from datasphere_glue.commands.command_line import typed
from datasphere_glue.commands.options import as_json, out_flag, write_out
from datasphere_glue.errors import SettingsError
from datasphere_glue.evidence import export, verify
from datasphere_glue.evidence.audit_files import Record
from datasphere_glue.evidence.hashed_lines import HASH
from datasphere_glue.evidence.history import printable
from datasphere_glue.evidence.unmatched_filters import unmatched_filters
from datasphere_glue.evidence.unrecorded import Unrecorded
from datasphere_glue.evidence.verify import Verdict
from datasphere_glue.outcome.run import EXIT_CODES, Status
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.storage.moments import moment_of
from datasphere_glue.storage.store import Store

EVENTS: Final = ("run", "change", "security")
_SHOWN: Final = 10
_MOST_DAYS: Final = 36_500
_DAY: Final = re.compile(r"\d{4}-?\d\d-?\d\d")


def _moment(text: str) -> datetime:
    """Return the moment that a text names, in UTC unless it names another zone."""
    try:
        return moment_of(text)
    except ValueError:
        message = f"{text!r} is no day or moment (2026-11-23, 2026-11-23T06:00)"
        raise click.BadParameter(message) from None


def _end(text: str) -> datetime:
    """Return the moment that a text names, or the end of the day that it names."""
    moment = _moment(text)
    last = moment > datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
    return moment if last or not _DAY.fullmatch(text) else moment + timedelta(days=1)


def _report_uri_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return the command with `--report-uri`, the only setting that it needs."""
    return click.option(
        "--report-uri",
        metavar="VALUE",
        envvar="REPORT_URI",
        help="Where the runs keep reports: s3://bucket/prefix or a folder.",
    )(command)


@click.group("audit")
def audit_command() -> None:
    """Verify and export the audit trail at REPORT_URI.

    Needs no other setting: an auditor who may only read the bucket can do both.
    """


@audit_command.command("verify")
@click.option(
    "--head",
    metavar="HASH",
    help="The head of an earlier run: detects whether the chain was cut off since.",
)
@click.option(
    "--kept-days",
    type=click.IntRange(0, _MOST_DAYS),
    metavar="DAYS",
    help="Files of runs older than that may be gone (ReportRetentionDays of the stack).",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 4 if a run was cut off, a file is unchained, or no link is there.",
)
@_report_uri_option
@click.option("--json", "json_too", is_flag=True, help="Print the verdict as JSON.")
def verify_audit(
    head: str | None,
    kept_days: int | None,
    report_uri: str | None,
    *,
    strict: bool,
    json_too: bool,
) -> int:
    """Find every change, removal, reordering and insertion.

    Checks the hash of every link of the chain, of every file that a link names, and of every
    record. Exit code 0: intact. 4: altered; each finding names file, line and record. Lists runs
    that were cut off, and files that no link names: an intruder may leave them, too.
    """
    if head is not None and not HASH.fullmatch(head.lower()):
        raise click.UsageError("--head: pass the 64 hexadecimal digits of the head of a run")
    store = _store(report_uri)
    verdict = verify.verify(store, head, kept_days)
    document = as_json(verify.document(verdict))
    lines = "\n".join(map(printable, _lines(verdict, store.location(""), head)))
    click.echo(document if json_too else typed(_typed_place(report_uri)).spelt(lines))
    passed = verdict.intact and (verdict.complete or not strict)
    return EXIT_CODES[Status.SUCCESS if passed else Status.HALTED]


@audit_command.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(export.FORMATS)),
    default="jsonl",
    show_default=True,
    help="JSON Lines, one JSON array, or CSV.",
)
@out_flag
@click.option(
    "--since", type=_moment, metavar="DAY", help="Only runs that started on this day or later."
)
@click.option(
    "--until", type=_end, metavar="DAY", help="Only runs that started on this day or before."
)
@click.option("--space", "spaces", multiple=True, metavar="SPACE", help="Only this space.")
@click.option("--asset", metavar="PATTERN", help="Only these assets: ASSET or SPACE.ASSET, with *.")
@click.option(
    "--action",
    "actions",
    multiple=True,
    metavar="ACTION",
    help=f"Only this action: {', '.join(ChangeAction)}.",
)
@click.option("--actor", metavar="PATTERN", help="Only this identity, e.g. '*jane*'.")
@click.option("--run", metavar="RUN_ID", help="Only this run.")
@click.option(
    "--event", "events", multiple=True, type=click.Choice(EVENTS), help="Only records of this kind."
)
@_report_uri_option
def export_audit(form: str, out: str, report_uri: str | None, **filters: Any) -> int:
    """Export the audit records as JSON or CSV.

    Each record holds its place (file, line) and the link of the chain that names its file.
    `audit verify` proves it. In CSV no cell can act as a formula.
    """
    sets = {name: frozenset(filters[name]) for name in ("spaces", "actions", "events")}
    record_filter, store = export.ExportFilter(**filters | sets), _store(report_uri)
    exported: set[str | None] = set()
    records = _followed(export.export_records(store, record_filter), exported)
    write_out(export.FORMATS[form](records), out)
    if not exported or record_filter.spaces - exported:
        every = export.export_records(store, export.ExportFilter())
        for message in unmatched_filters(every, record_filter):
            click.echo(message, err=True)
    return EXIT_CODES[Status.SUCCESS]


def _followed(records: Iterable[Record], spaces: set[str | None]) -> Iterator[Record]:
    """Yield the records, and add their spaces to the set."""
    for record in records:
        spaces.add(record.get("space"))
        yield record


def _typed_place(uri: str | None) -> dict[str, str | None]:
    """Return REPORT_URI as an option, if it was typed."""
    source = click.get_current_context().get_parameter_source("report_uri")
    return {"REPORT_URI": uri} if source is click.core.ParameterSource.COMMANDLINE else {}


def _store(uri: str | None) -> Store:
    if not uri:
        raise SettingsError(
            "REPORT_URI: is required, the audit trail is kept there",
            remedy="set the REPORT_URI that the runs had, or give --report-uri",
        )
    return s3.store_at(uri)


def _lines(verdict: Verdict, place: str, head: str | None) -> Iterator[str]:
    """Yield the lines of the verdict for a terminal, the most important first."""
    place = place.rstrip("/")
    if not verdict.intact:
        count = len(verdict.findings)
        plural = "s" if count > 1 else ""
        yield f"NOT INTACT: {count} finding{plural} in the audit trail at {place}"
        for finding in verdict.findings:
            line = f" line {finding.line}" if finding.line else ""
            run = f" (run {finding.run})" if finding.run else ""
            yield f"  {finding.file}{line}: {finding.what}{run}"
    elif verdict.links:
        yield f"INTACT: the audit trail at {place} is what the runs wrote"
    else:
        yield f"NOTHING TO VERIFY: no run has chained anything at {place}"
    if verdict.made:
        expired = f", {verdict.gone:,} files are no longer kept" if verdict.gone else ""
        yield (
            f"  {verdict.links:,} links, {verdict.files:,} files, {verdict.records:,} records,"
            f" {verdict.made[0][:19]}Z to {verdict.made[1][:19]}Z{expired}"
        )
    if verdict.head:
        yield f"  head {verdict.head}"
        if head is None:
            yield "  keep it elsewhere: with --head, a chain that was cut off is noticed, too"
    yield from _unrecorded(verdict)
    yield from _unchained(verdict)


def _unrecorded(verdict: Verdict) -> Iterator[str]:
    for one in verdict.unrecorded:
        run = one.run
        yield f"NO RECORD: run {run.place} {one.state}; {run.unknown}"
        if not one.alive:
            yield f"  undo what it wrote: `datasphere-glue rollback {run.run_id}`"
            yield f"  or {_closing(one)}"


def _closing(one: Unrecorded) -> str:
    """Return how a run that is not undone gets a record."""
    if one.announced:
        return "run `datasphere-glue sync` with the settings of that run, which closes it"
    return "remove the files below once they are explained: no run announced them"


def _unchained(verdict: Verdict) -> Iterator[str]:
    new = (
        "UNCHAINED: a run was killed or could not chain these, or somebody put them there",
        [one.file for one in verdict.unchained if not one.old],
    )
    old = (
        "unchained, from before there was a chain:",
        [one.file for one in verdict.unchained if one.old],
    )
    for heading, files in (new, old):
        if files:
            yield heading
            yield from (f"  {file}" for file in files[:_SHOWN])
        if len(files) > _SHOWN:
            yield f"  ... and {len(files) - _SHOWN} more (--json lists all)"
