"""The next steps for a person after a run, in order, with exact commands."""

from collections.abc import Iterator
from typing import Final, assert_never

from datasphere_glue.model.issues import RUN, Issue
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result, Status
from datasphere_glue.report.typed import Typed
from datasphere_glue.text_layout import Line, LineKind, wrap_text

_MOST: Final = 4
_SUBJECTS: Final = 3
_SHORT: Final = 12
"""Digits of a digest that identify a stored plan."""


def next_lines(result: Result, typed: Typed) -> Iterator[Line]:
    """Yield the numbered steps under a heading; nothing if there are none."""
    texts, commands = list(_remedies(result)), list(_commands(result, typed))
    if not texts and not commands:
        return
    yield Line(LineKind.HEADING, "Do next:")
    for number, step in enumerate(texts, 1):
        first, *rest = wrap_text(typed.spelt(step), "     ")
        yield Line(LineKind.STEP, f"  {number}) {first.lstrip()}")
        yield from (Line(LineKind.STEP, line) for line in rest)
    for number, command in enumerate(commands, len(texts) + 1):
        yield Line(LineKind.STEP, f"  {number}) {command}", whole=True)


def actionable(result: Result) -> tuple[Issue, ...]:
    """Return the issues and notes with severity `act`, the issues first."""
    issues = (one for one in result.issues if one.code.severity.asks)
    notes = (one for one in result.notes if one.code.severity_as_note.asks)
    return (*issues, *notes)


def remedies(result: Result) -> tuple[str, ...]:
    """Return each remedy once, with the subjects that need it."""
    subjects_by_remedy: dict[str, dict[str, None]] = {}
    for issue in actionable(result):
        subjects_by_remedy.setdefault(issue.remedy, {})[issue.subject] = None
    return tuple(_remedy(remedy, list(subjects)) for remedy, subjects in subjects_by_remedy.items())


def _remedy(remedy: str, subjects: list[str]) -> str:
    named = ", ".join(subjects[:_SUBJECTS])
    more = f" and {len(subjects) - _SUBJECTS} more" if len(subjects) > _SUBJECTS else ""
    return remedy if subjects == [RUN] else f"{remedy} ({named}{more})"


def _remedies(result: Result) -> Iterator[str]:
    steps = remedies(result)
    yield from steps[:_MOST]
    if len(steps) > _MOST:
        yield f"see {len(steps) - _MOST} more remedies in the report (or --all)"


def _commands(result: Result, typed: Typed) -> Iterator[str]:
    waiting = result.status in {Status.PENDING, Status.DEGRADED} and not result.applied
    match result.action:
        case RunAction.PLAN:
            if waiting and not result.plan.empty and result.digest:
                digest = result.digest[:_SHORT] if result.report else result.digest
                run_id = result.context.rollback_of
                command = ("rollback", run_id, "--approved") if run_id else ("sync", "--plan")
                yield f"apply exactly this: {typed.line(*command, digest, scoped=True)}"
        case RunAction.VERIFY:
            if not result.plan.empty:
                yield f"bring the catalog up to date: {typed.line('sync', scoped=True)}"
        case RunAction.SYNC:
            if result.status is Status.PENDING:
                yield f"go on where the time ran out: {typed.line('sync', scoped=True)}"
        case RunAction.DOCTOR | RunAction.ROLLBACK:
            pass
        case _:
            assert_never(result.action)
