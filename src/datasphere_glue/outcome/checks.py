"""The checks of the doctor: one line for each, and a remedy if something must be done."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, assert_never

from datasphere_glue.errors import SyncError
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.text_layout import Line, LineKind

_NARROWEST: Final = 14
"""Columns of the names of checks, at least."""


class Level(StrEnum):
    """How much a check matters; only a problem prevents a sync."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `code` is that of the error that it met, None without one."""

    name: str
    level: Level
    message: str
    remedy: str | None = None
    code: IssueCode | None = None


def failed(name: str, error: SyncError) -> Check:
    """Return the check for an error: a problem with the remedy of the error."""
    return Check(name, Level.PROBLEM, error.message, error.remedy, error.code)


def issues_of(checks: Iterable[Check]) -> tuple[Issue, ...]:
    """Return an issue for each problem, in the order of the checks."""
    return tuple(
        Issue(one.code, one.message, one.remedy or "", check=one.name)
        for one in checks
        if one.level is Level.PROBLEM and one.code
    )


def check_value(check: Check) -> dict[str, Any]:
    """Return a check as its object in a report."""
    return {
        "check": check.name,
        "level": str(check.level),
        "message": check.message,
        "remedy": check.remedy,
    }


def check_lines(checks: Iterable[Check]) -> Iterator[Line]:
    """Yield a line for each check, and one for its remedy."""
    all_checks = tuple(checks)
    width = max((_NARROWEST, *(len(one.name) for one in all_checks)))
    for one in all_checks:
        yield Line(_kind(one.level), f"  {one.level:<8} {one.name:<{width}} {one.message}")
        if one.remedy and one.level is not Level.OK:
            yield Line(LineKind.REMEDY, f"           -> {one.remedy}")


def _kind(level: Level) -> LineKind:
    match level:
        case Level.OK | Level.INFO:
            return LineKind.CHECK
        case Level.WARNING:
            return LineKind.CHECK_WARNING
        case Level.PROBLEM:
            return LineKind.CHECK_PROBLEM
        case _:
            assert_never(level)
