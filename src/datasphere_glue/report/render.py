"""A run as text for a terminal: the most important first, readable without colour."""

from collections.abc import Iterator
from typing import Final, assert_never

from datasphere_glue.errors import clipped
from datasphere_glue.model.completeness import sum_shares
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.checks import check_lines
from datasphere_glue.outcome.run import EXIT_CODES, Result, reading, table_counts
from datasphere_glue.plan.actions import ChangeAction, ChangeKind
from datasphere_glue.plan.change import Change, DatabaseChange, FieldChange, OutcomeStatus
from datasphere_glue.report.next_steps import next_lines
from datasphere_glue.report.typed import NOT_TYPED, PROGRAM, Typed
from datasphere_glue.text_layout import BLANK, Line, LineKind

_WEIGHT: Final = {kind: place for place, kind in enumerate(LineKind)}
_EDITS: Final = {"conflict": "conflict", "drift": "edited in Glue", "set_back": "edited in Glue"}
_MAX_CHANGES: Final = 8
_MAX_FIELDS: Final = 3
_MAX_ISSUES: Final = 4
_ALL: Final = 1_000_000
_WIDTH: Final = 100


def text(result: Result, *, everything: bool = False, typed: Typed = NOT_TYPED) -> str:
    """Return the text of a run: changes, issues, next steps, status.

    It takes about one screen unless `everything` is set. `typed` is the command line that the next
    command repeats to address the same run.
    """
    return "\n".join(line.plain for line in lines(result, everything=everything, typed=typed))


def lines(result: Result, *, everything: bool = False, typed: Typed = NOT_TYPED) -> Iterator[Line]:
    """Yield the lines of that text."""
    yield Line(LineKind.TITLE, _header(result, typed))
    yield Line(LineKind.FIELD, _source_line(result))
    yield Line(LineKind.FIELD, _target_line(result))
    yield BLANK
    if result.action is RunAction.DOCTOR:
        yield from _doctor_lines(result)
    changes = sorted(result.plan.changes, key=weight)
    most = _ALL if everything else _MAX_CHANGES
    for change in changes[:most]:
        yield from _change_lines(change, _ALL if everything else _MAX_FIELDS)
    yield from _more(len(changes) - most, "changes")
    most = _ALL if everything else _MAX_ISSUES
    yield from _conflict_lines(result, most)
    yield from _note_lines(result, most)
    issues = [] if result.action is RunAction.DOCTOR and result.checks else result.issues
    for issue in issues[:most]:
        yield Line(LineKind.PROBLEM, f"{issue.subject}  {issue.code}: {issue.message}")
    yield from _more(len(issues) - most, "problems")
    yield BLANK
    yield from _closing(result, typed)


def _more(count: int, what: str) -> Iterator[Line]:
    if count > 0:
        yield Line(LineKind.MORE, f"  ... and {count} more {what} (--all or the report)")


def _header(result: Result, typed: Typed) -> str:
    context = result.context
    parts = [f"{PROGRAM} {typed.command or result.action}", f"tenant={context.tenant or 'unknown'}"]
    parts += [f"cfg={context.config_digest[:6]}"] if context.config_digest else []
    parts += [f"trigger={context.trigger}"] if context.trigger else []
    return "  ".join((*parts, f"run={context.run_id}"))


def weight(change: Change) -> int:
    """Return the position of a change in the text; the lowest comes first."""
    return _WEIGHT[_line_kind(change)]


def _line_kind(change: Change) -> LineKind:
    match change.kind:
        case ChangeKind.BREAKING:
            return LineKind.BREAKING
        case ChangeKind.RENAMED:
            return LineKind.RENAME
        case (
            ChangeKind.CREATED
            | ChangeKind.ADOPTED
            | ChangeKind.UPDATED
            | ChangeKind.DRIFTED
            | ChangeKind.RESTORED
            | ChangeKind.DEPRECATED
            | ChangeKind.DELETED
        ):
            return _action_line(change.action)
        case _:
            assert_never(change.kind)


def _action_line(action: ChangeAction) -> LineKind:
    match action:
        case ChangeAction.CREATE:
            return LineKind.CREATION
        case ChangeAction.UPDATE:
            return LineKind.UPDATE
        case ChangeAction.RESTORE:
            return LineKind.RESTORATION
        case ChangeAction.DEPRECATE:
            return LineKind.DEPRECATION
        case ChangeAction.DELETE:
            return LineKind.REMOVAL
        case _:
            assert_never(action)


def _conflict_lines(result: Result, most: int) -> Iterator[Line]:
    conflicts = result.plan.conflicts
    for conflict in conflicts[:most]:
        place = f"{conflict.database}.{conflict.table}" if conflict.table else conflict.database
        stays = "kept" if conflict.kept else "set back"
        yield Line(LineKind.EDIT, f"{place}  {conflict.field}: {_EDITS[conflict.kind]}")
        yield Line(LineKind.DETAIL, f"      {stays} {shortened(conflict.catalog)}")
        yield Line(LineKind.DETAIL, f"      Datasphere: {shortened(conflict.source)}")
    yield from _more(len(conflicts) - most, "edits")


def _note_lines(result: Result, most: int) -> Iterator[Line]:
    notes = [note for note in result.notes if note.code.severity_as_note.asks]
    for note in notes[:most]:
        yield Line(LineKind.NOTE, f"{note.subject}  {note.code}: {note.message}")
    yield from _more(len(notes) - most, "notes")


def _doctor_lines(result: Result) -> Iterator[Line]:
    if result.checks:
        yield from check_lines(result.checks)
        yield BLANK
    else:
        actor = result.actor or "unknown (STS did not answer)"
        yield Line(LineKind.FIELD, f"  AWS identity  {actor}")
    for listing in result.listings:
        size = f"{len(listing.listed)} assets" if listing.complete else "not readable"
        database = result.databases.get(listing.space, "?")
        yield Line(LineKind.FIELD, f"  space {listing.space}  {size} -> {database}")


def _source_line(result: Result) -> str:
    complete = sum(listing.complete for listing in result.listings)
    unreadable = len(result.listings) - complete
    costs, counts = result.costs, reading(result)
    parts = [plural(len(result.listings), "space") + f" ({complete} complete"]
    parts[0] += f", {unreadable} not readable)" if unreadable else ")"
    parts.append(f"{plural(counts['read'], 'asset')} read")
    parts += [f"{counts['reused']:,} known to be unchanged"] if counts["reused"] else []
    parts += [f"all since {result.oldest_read[:16]}"] if result.oldest_read else []
    parts.append(plural(costs.calls.get("datasphere", 0), "call"))
    throttled = sum(e.throttled for e in costs.call_stats.endpoints if e.side == "datasphere")
    parts += [f"429: {throttled}"] if throttled else []
    return "Source  " + "  ".join((*parts, f"{costs.duration_ms / 1000:.1f} s"))


def _target_line(result: Result) -> str:
    reads, writes = (result.costs.calls.get(key, 0) for key in ("glue_read", "glue_write"))
    parts = [plural(len(set(result.databases.values())), "database")]
    unchanged = sum(count for _, count in result.plan.unchanged)
    parts += [f"{plural(unchanged, 'table')} up to date"] if unchanged else []
    return "Target  " + "  ".join((*parts, plural(reads, "read"), plural(writes, "write")))


def plural(count: int, word: str) -> str:
    """Return a count with its noun in the singular or plural."""
    return f"{count:,} {word}" + ("" if count == 1 else "s")


def _change_lines(change: Change, most: int) -> Iterator[Line]:
    kind = _line_kind(change)
    if isinstance(change, DatabaseChange):
        yield Line(kind, f"{change.database}  (database of space {change.space})")
    else:
        columns = len(change.after.columns) if change.after else 0
        size = f", {columns} columns" if change.action is ChangeAction.CREATE else ""
        breaking = "BREAKING: " if kind is LineKind.BREAKING else ""
        yield Line(kind, f"{change.database}.{change.table}  {breaking}{change.reason}{size}")
    for field in change.fields[:most]:
        yield from _field_lines(field)
    if len(change.fields) > most:
        yield Line(LineKind.MORE, f"      ... and {len(change.fields) - most} more fields")


def _field_lines(field: FieldChange) -> Iterator[Line]:
    line = f"      {field.field}: {shortened(field.before)} -> {shortened(field.after)}"
    if len(line) <= _WIDTH:
        yield Line(LineKind.DETAIL, line)
    else:
        yield Line(LineKind.DETAIL, f"      {field.field}:")
        yield Line(LineKind.DETAIL, f"        {shortened(field.before)}")
        yield Line(LineKind.DETAIL, f"        -> {shortened(field.after)}")


def shortened(value: str | None) -> str:
    """Return a value in quotes, cut if it is long."""
    return "(none)" if value is None else f'"{clipped(value, 60)}"'


def _closing(result: Result, typed: Typed) -> Iterator[Line]:
    if result.action is not RunAction.DOCTOR:
        yield Line(LineKind.TOTAL, counts_line(result))
        yield from _quality(result)
    yield from _proof(result, typed)
    yield from next_lines(result, typed)
    if result.digest and not result.plan.empty:
        yield Line(LineKind.FIELD, f"Plan: sha256:{result.digest}")
    if result.report:
        page = result.report.removesuffix(".json") + ".html"
        yield Line(LineKind.FIELD, f"Report: {page}")
    yield Line(LineKind.STATUS, f"Status: {result.status} (exit {EXIT_CODES[result.status]})")


def counts_line(result: Result) -> str:
    """Return the counts of tables in one line."""
    breaking, renamed = (
        sum(change.kind is kind for change in result.plan.changes)
        for kind in (ChangeKind.BREAKING, ChangeKind.RENAMED)
    )
    ahead = {} if result.applied else {one.counter: one.ahead for one in ChangeAction}
    counts = table_counts(result)
    parts = [f"{count:,} {ahead.get(name, name)}" for name, count in counts.items() if count]
    parts += [f"{breaking} breaking"] if breaking else []
    parts += [f"{renamed} renamed"] if renamed else []
    drifted = len(result.plan.conflicts)
    parts += [f"{plural(drifted, 'edit')} in Glue"] if drifted else []
    return f"Tables: {', '.join(parts) or 'none'}"


def _quality(result: Result) -> Iterator[Line]:
    shares = {
        share.part: share.percent
        for share in sum_shares(share for one in result.completeness for share in one.shares)
    }
    named = (("label", "labels"), ("column_label", "column texts"), ("owner", "owners"))
    parts = [f"{name} {shares[part]:.1f}%" for part, name in named if shares.get(part) is not None]
    if parts:
        yield Line(LineKind.FIELD, "Quality: " + "  ".join(parts))


def _proof(result: Result, typed: Typed) -> Iterator[Line]:
    """Yield how many changes were written and verified, and how to roll them back."""
    done = [outcome for outcome in result.outcomes if outcome.result is OutcomeStatus.DONE]
    if done:
        proven = sum(outcome.verified for outcome in done)
        command = typed.line("rollback", result.context.run_id)
        undo = f"; undo: {command}" if result.report else ""
        written = f"{len(done):,}, verified by reading back {proven:,}/{len(done):,}{undo}"
        yield Line(LineKind.FIELD, f"Written: {written}", whole=bool(undo))
