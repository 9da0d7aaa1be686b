"""The message about a run: short, and only if something changed or a person must act.

The reported problems are stored with the reports. So a problem that every run meets again is
reported once.

    state/<tenant>/notified.json
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, assert_never
from urllib.parse import quote

from datasphere_glue.errors import clipped
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.key import PREFIX
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.plan.change import Change, Conflict, DatabaseChange, FieldChange, OutcomeStatus
from datasphere_glue.report.next_steps import actionable, remedies
from datasphere_glue.report.render import counts_line, plural, shortened, weight
from datasphere_glue.storage.state import Stored, read_state
from datasphere_glue.storage.store import Store
from datasphere_glue.text_layout import mask_controls

SCHEMA: Final = "datasphere-glue/notified/1"

LONGEST_SUBJECT: Final = 99
"""Characters of a subject: less than 100, ASCII, no control characters (SNS API, Publish)."""

_MAX_CHANGES: Final = 10
_MAX_FIELDS: Final = 3
_MAX_EDITS: Final = 5
_MAX_PROBLEMS: Final = 5
_MAX_STEPS: Final = 6
_LINE: Final = 400
"""Characters of a line; with the limits above a text stays far below the 256 KB of SNS."""

_LABEL: Final = table_key("label")
_NAME: Final = 80
_BOOKKEEPING: Final = frozenset(
    f"parameters.{table_key(name)}"
    for name in ("changed_on", "changed_by", "deployed_on", "fingerprint", "applied", "provenance")
)
"""Fields that change with every change of an asset."""

_FORBIDDEN: Final = frozenset("\ufffe\uffff\u2028\u2029")
_REPLACEMENT: Final = "\ufffd"
_CONSOLES: Final = (("cn-", "amazonaws.cn"), ("us-gov-", "amazonaws-us-gov.com"))


@dataclass(frozen=True, slots=True)
class Notification:
    """One message about a run.

    `attributes`: for the filters of subscriptions.
    `reported`: marks of all problems that were reported, with those of this message.
    """

    subject: str
    text: str
    attributes: Mapping[str, str | int]
    reported: frozenset[str]


@dataclass(frozen=True, slots=True)
class _News:
    """The changes of a run, and how many problems need a person or are solved since."""

    done: tuple[Change, ...]
    needs: int
    solved: int

    @property
    def recovered(self) -> bool:
        return bool(self.solved) and not self.needs


def notification_of(
    result: Result, before: frozenset[str] | None, region: str | None = None
) -> Notification | None:
    """Return the message about a run, None if nothing changed and no new problem needs a person.

    `before` are the marks of the problems reported before; None if unknown, and then every problem
    is reported again. Only a run over everything can show that a problem is solved. `region` is
    that of the reports, for a link into the console.
    """
    marks = {_mark(*problem) for problem in _problems(result)}
    earlier = before or frozenset()
    reported = frozenset(marks if _covers_everything(result) else earlier | marks)
    news = _News(_done(result), len(marks), len(earlier - reported))
    if not news.done and (not marks if before is None else reported == earlier):
        return None
    lines = (_clean(line, _LINE) for line in _lines(result, news, region))
    context, status = result.context, str(result.status)
    attributes: dict[str, str | int] = {"status": status, "tenant": context.tenant}
    if environment := _clean(context.environment or "", _NAME):
        attributes["environment"] = environment
    attributes["changed"] = len(news.done)
    return Notification(
        _subject(result, environment, news), "\n".join(lines) + "\n", attributes, reported
    )


def stored_marks(store: Store, tenants: Iterable[str]) -> Stored[frozenset[str]]:
    """Return the marks of the problems reported before, an empty set without any record.

    `tenants`: hosts of the tenant, the current one first; the first stored record counts.
    """
    records = (read_state(store, _key(tenant), _marks) for tenant in tenants)
    present = (one for one in records if one.value is not None or one.issue is not None)
    return next(present, Stored(frozenset()))


def _marks(record: Any) -> frozenset[str]:
    marks = record["told"]
    if not isinstance(marks, list) or not all(isinstance(mark, str) for mark in marks):
        raise TypeError("told is no list of texts")
    return frozenset(marks)


def store_marks(store: Store, tenant: str, reported: frozenset[str]) -> None:
    """Store the marks of the reported problems.

    Raises:
        ReportUnwritable: they cannot be stored.

    """
    store.put(_key(tenant), json.dumps({"schema": SCHEMA, "told": sorted(reported)}).encode())


def _key(tenant: str) -> str:
    return f"state/{tenant}/notified.json"


def _mark(code: str, subject: str) -> str:
    return sha256(f"{code}\n{subject}".encode("utf-8", "replace")).hexdigest()[:16]


def _covers_everything(result: Result) -> bool:
    """Return whether the run read everything, so that a problem that it did not meet is solved."""
    cut_off = result.error is not None or result.status is Status.PENDING
    return not result.context.narrow and not cut_off


def _done(result: Result) -> tuple[Change, ...]:
    return tuple(one.change for one in result.outcomes if one.result is OutcomeStatus.DONE)


def _problems(result: Result) -> Iterator[tuple[str, str]]:
    """Yield code and subject of each problem that needs a person until it is solved."""
    for issue in actionable(result):
        if issue.code.repeats:
            yield issue.code, issue.subject
    for edit in _conflicts(result):
        yield "EDIT", f"{_glue_name(edit.database, edit.table)}\n{edit.field}"


def _conflicts(result: Result) -> Iterator[Conflict]:
    return (conflict for conflict in result.plan.conflicts if conflict.both and conflict.kept)


def _subject(result: Result, environment: str, news: _News) -> str:
    parts = [plural(len(news.done), "change")] if news.done else []
    parts += [f"{news.needs:,} to look at"] if news.needs else []
    parts += ["all good again"] if news.recovered else []
    place = f"[{clipped(environment, 24)}] " if environment else ""
    line = f"{place}Datasphere to Glue: {', '.join(parts) or 'news'} ({result.status})"
    return "".join(c if " " <= c <= "~" else "?" for c in line)[:LONGEST_SUBJECT]


def _lines(result: Result, news: _News, region: str | None) -> Iterator[str]:
    yield _sentence(result.status)
    if news.recovered:
        yield "All is good again: every problem of the last message is solved."
    elif news.solved:
        yield f"Solved since the last message: {plural(news.solved, 'problem')}."
    yield ""
    context = result.context
    environment = f" ({context.environment})" if context.environment else ""
    yield f"Tenant: {context.tenant}{environment}"
    yield f"Run: {context.run_id}, {result.action}, started by {context.trigger or 'nobody'}"
    yield counts_line(result)
    yield from _change_lines(result, news)
    yield from _edit_lines(result)
    yield from _problem_lines(result)
    yield from _step_lines(result)
    yield from _place_lines(result, region)


def _change_lines(result: Result, news: _News) -> Iterator[str]:
    changes = sorted(news.done if result.applied else result.plan.changes, key=weight)
    if not changes:
        return
    yield from ("", "Changed:" if result.applied else "Not changed, but would have been:")
    for change in changes[:_MAX_CHANGES]:
        yield f"  {change.kind}: {_named(change)}"
        fields = sorted(change.fields, key=lambda one: one.field in _BOOKKEEPING)
        yield from (f"      {_field(field)}" for field in fields[:_MAX_FIELDS])
        yield from _more(len(change.fields) - _MAX_FIELDS, "fields", "      ")
    yield from _more(len(changes) - _MAX_CHANGES, "changes")


def _named(change: Change) -> str:
    """Return the names of a change as people know it, the label first."""
    place = _glue_name(change.database, change.table)
    if isinstance(change, DatabaseChange):
        return f"{place} (database of space {_clean(change.space, _NAME)})"
    table = change.after or change.before
    label = _clean((table.parameter(_LABEL) if table else None) or "", _NAME)
    source = _clean(f"{change.space}.{change.asset}", _NAME)
    return f"{label} ({source}) as {place}" if label else f"{source} as {place}"


def _glue_name(database: str, table: str | None) -> str:
    return f"{database}.{table}" if table else database


def _field(field: FieldChange) -> str:
    name = _clean(field.field.replace(f"parameters.{PREFIX}", ""), _NAME)
    return f"{name}: {shortened(field.before)} -> {shortened(field.after)}"


def _edit_lines(result: Result) -> Iterator[str]:
    edits = sorted(result.plan.conflicts, key=lambda one: (not one.kept, not one.both))
    if not edits:
        return
    yield from ("", "Edited in Glue by people:")
    for edit in edits[:_MAX_EDITS]:
        effect = "kept" if edit.kept else "set back"
        place = _clean(_glue_name(edit.database, edit.table), _NAME)
        yield f"  {place}, {_clean(edit.field, _NAME)}: {effect} {shortened(edit.catalog)}"
        yield f"      Datasphere says {shortened(edit.source)}"
    yield from _more(len(edits) - _MAX_EDITS, "edits")


def _problem_lines(result: Result) -> Iterator[str]:
    problems = result.issues
    if not problems:
        return
    yield from ("", "Problems:")
    for issue in problems[:_MAX_PROBLEMS]:
        yield f"  {_clean(issue.subject, _NAME)}: {issue.message} [{issue.code}]"
    yield from _more(len(problems) - _MAX_PROBLEMS, "problems")


def _step_lines(result: Result) -> Iterator[str]:
    steps = list(remedies(result))
    if objects := dict.fromkeys(_glue_name(one.database, one.table) for one in _conflicts(result)):
        names = _clean(", ".join(objects), _NAME)
        steps.append(f"decide what stands, the edit or what Datasphere says ({names})")
    if not steps:
        return
    yield from ("", "Do next:")
    yield from (f"  {number}) {step}" for number, step in enumerate(steps[:_MAX_STEPS], 1))
    yield from _more(len(steps) - _MAX_STEPS, "steps")


def _place_lines(result: Result, region: str | None) -> Iterator[str]:
    yield ""
    if result.report is None:
        yield "Report: none was kept (see REPORT_URI)"
        return
    page = result.report.removesuffix(".json") + ".html"
    yield f"Report: {page}"
    if region and page.startswith("s3://"):
        yield f"  in the console: {_console(page, region)}"
    yield f"All runs: {page.removesuffix(f'runs/{result.context.run_id}/report.html')}index.html"


def _console(page: str, region: str) -> str:
    bucket, _, key = page.removeprefix("s3://").partition("/")
    domain = next((d for start, d in _CONSOLES if region.startswith(start)), "aws.amazon.com")
    return (
        f"https://{region}.console.{domain}/s3/object/{bucket}?region={region}&prefix={quote(key)}"
    )


def _more(count: int, what: str, indent: str = "  ") -> Iterator[str]:
    if count > 0:
        yield f"{indent}... and {count:,} more {what} in the report"


def _clean(text: str, limit: int) -> str:
    """Return text on one line without control characters and characters that XML forbids."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    safe = "".join(_REPLACEMENT if c in _FORBIDDEN else c for c in mask_controls(text))
    return indent + clipped(safe.encode("utf-8", "replace").decode(), limit)


def _sentence(status: Status) -> str:
    match status:
        case Status.SUCCESS:
            return "The catalog was brought up to date."
        case Status.NO_CHANGES:
            return "The catalog is up to date."
        case Status.PENDING:
            return "The time of the run was over; the next run goes on from there."
        case Status.DEGRADED:
            return "What could be done was done; the rest was left as it is."
        case Status.HALTED:
            return "The run stopped itself before doing harm; it needs you."
        case Status.FAILED:
            return "The run failed; the catalog stays as the last good run left it."
        case _:
            assert_never(status)
