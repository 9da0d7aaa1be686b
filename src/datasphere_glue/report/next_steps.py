"""What a person does next after a run, in order, with exact commands."""

from collections.abc import Iterator
from typing import Final

from datasphere_glue.model.issues import RUN, Issue
from datasphere_glue.outcome.run import Facts, Run, Status
from datasphere_glue.text_layout import wrapped

_MOST: Final = 4
_SUBJECTS: Final = 3
_SHORT: Final = 12
"""Digits of a digest that name a stored plan."""


def next_lines(run: Run, facts: Facts, flags: str) -> Iterator[str]:
    """Yield the numbered steps under a heading; nothing where nothing is to be done."""
    steps = [*_remedies(run), *_commands(run, facts, flags)]
    if not steps:
        return
    yield "Do next:"
    for number, step in enumerate(steps, 1):
        first, *rest = wrapped(step, "     ")
        yield f"  {number}) {first.lstrip()}"
        yield from rest


def needed(run: Run) -> tuple[Issue, ...]:
    """Return the issues that a person has to do something about."""
    return tuple(
        issue
        for issue in run.issues
        if issue.remedy and not issue.remedy.startswith(("nothing to do", "none needed"))
    )


def remedies(run: Run) -> tuple[str, ...]:
    """Return each remedy once, with what it is for."""
    asked: dict[str, dict[str, None]] = {}
    for issue in needed(run):
        asked.setdefault(issue.remedy, {})[issue.subject] = None
    return tuple(_remedy(remedy, list(subjects)) for remedy, subjects in asked.items())


def _remedy(remedy: str, subjects: list[str]) -> str:
    named = ", ".join(subjects[:_SUBJECTS])
    more = f" and {len(subjects) - _SUBJECTS} more" if len(subjects) > _SUBJECTS else ""
    return remedy if subjects == [RUN] else f"{remedy} ({named}{more})"


def _remedies(run: Run) -> Iterator[str]:
    asked = remedies(run)
    yield from asked[:_MOST]
    if len(asked) > _MOST:
        yield f"see {len(asked) - _MOST} more remedies in the report (or --all)"


def _commands(run: Run, facts: Facts, flags: str) -> Iterator[str]:
    waiting = run.status in {Status.PENDING, Status.DEGRADED} and not run.applied
    again = f" {flags}" if flags else ""
    if run.action == "plan" and waiting and not run.plan.empty and run.digest:
        digest = run.digest[:_SHORT] if facts.report else run.digest
        doing = f"rollback {facts.undone} --approved" if facts.undone else "sync --plan"
        yield f"apply exactly this: datasphere-glue {doing} {digest}{again}"
    if run.action == "verify" and not run.plan.empty:
        yield f"bring the catalog up to date: datasphere-glue sync{again}"
    if run.action == "sync" and run.status is Status.PENDING:
        yield f"go on where the time ran out: datasphere-glue sync{again}"
