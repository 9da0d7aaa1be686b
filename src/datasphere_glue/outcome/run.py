"""The result of a run as one value, and the status and counts that follow from it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self, assert_never

from datasphere_glue.errors import CutOff, Halt, OutOfTime, SyncError
from datasphere_glue.model.completeness import Completeness
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.rule_matches import RuleMatches
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Part
from datasphere_glue.outcome.asset_index import AssetIndex
from datasphere_glue.outcome.checks import Check
from datasphere_glue.outcome.context import Costs, RunContext
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import (
    Change,
    Conflict,
    DatabaseChange,
    Outcome,
    OutcomeStatus,
    Plan,
    TableChange,
)
from datasphere_glue.plan.removals import Holding

MAX_ERRORS: Final = 50
"""Errors that a result lists; the report lists all of them (design 1.4)."""

_KEYS: Final = tuple(
    dict.fromkeys(
        (
            *("created", "updated", "unchanged", "deprecated", "restored", "deleted"),
            *(action.counter for action in ChangeAction),
            *("conflicts", "skipped", "failed"),
        )
    )
)
"""Counts in the order in which a result lists them; a new action comes behind the others."""


Counts = dict[str, int]


class Status(StrEnum):
    """How a run ended (design 1.4)."""

    SUCCESS = "SUCCESS"
    NO_CHANGES = "NO_CHANGES"
    PENDING = "PENDING"
    DEGRADED = "DEGRADED"
    HALTED = "HALTED"
    FAILED = "FAILED"


def _exit_code(status: Status) -> int:
    match status:
        case Status.SUCCESS | Status.NO_CHANGES:
            return 0
        case Status.FAILED:
            return 1
        case Status.PENDING:
            return 2
        case Status.DEGRADED:
            return 3
        case Status.HALTED:
            return 4
        case _:
            assert_never(status)


EXIT_CODES: Final[Mapping[Status, int]] = {status: _exit_code(status) for status in Status}


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that a run read, planned and wrote, with its context and its costs.

    `databases`: Glue database of each space that was read.
    `error`: what ended the run early.
    `report_error`: why the report could not be stored.
    `notify_error`: why the message could not be published.
    `unusable`: stored files of earlier runs that counted as absent.
    `digest`: digest of the plan.
    `recorded_count`: number of first outcomes that other parts of the run have already recorded.
    `parts`: how the run was divided.
    `worker_share`: share of the rate budget of each worker.
    `asset_index`: the evaluated assets for the report page.
    `oldest_read`: ISO 8601 time; every asset was read at least once since then.
    `actor`: ARN of the AWS identity that wrote.
    `client_expires`: last day of the OAuth client.
    `report`: location of the report.
    `holdings`: how many tables each space had before the run.
    `audit_head`: hash of the newest link of the audit chain.
    `selection`: issues of what was asked for and matches nothing.
    `rule_matches`: what the assets show about the rules that depend on columns.
    `earlier`: one note for each earlier run that has no record, or had none.
    """

    action: RunAction
    listings: tuple[SpaceListing, ...] = ()
    databases: Mapping[str, str] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)
    objections: tuple[Issue, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    error: Exception | None = None
    context: RunContext = field(default_factory=RunContext)
    costs: Costs = field(default_factory=Costs)
    report_error: Issue | None = None
    notify_error: Issue | None = None
    unusable: tuple[Issue, ...] = ()
    digest: str | None = None
    recorded_count: int = 0
    parts: tuple[Part, ...] = ()
    worker_share: float = 1.0
    completeness: tuple[Completeness, ...] = ()
    asset_index: AssetIndex | None = None
    checks: tuple[Check, ...] = ()
    oldest_read: str | None = None
    actor: str | None = None
    client_expires: date | None = None
    report: str | None = None
    holdings: Mapping[str, Holding] = field(default_factory=dict)
    audit_head: str | None = None
    selection: tuple[Issue, ...] = ()
    rule_matches: RuleMatches | None = None
    earlier: tuple[Issue, ...] = ()

    @property
    def status(self) -> Status:
        """Return the first status whose condition holds; it is never assigned."""
        early = self.error is not None and not isinstance(self.error, OutOfTime)
        refused = isinstance(self.error, Halt) or any(o.halts for o in self.outcomes)
        fitting = (
            (Status.HALTED, refused or self.objections),
            (Status.FAILED, early),
            (Status.PENDING, self._time_ran_out),
            (Status.DEGRADED, self.degradations),
            (Status.PENDING, not self.outcomes and not self.plan.empty),
            (Status.SUCCESS, any(o.result is OutcomeStatus.DONE for o in self.outcomes)),
        )
        return next((status for status, fits in fitting if fits), Status.NO_CHANGES)

    @property
    def unrecorded(self) -> tuple[Outcome, ...]:
        """Return the outcomes that no part of the run has recorded yet."""
        return self.outcomes[self.recorded_count :]

    @property
    def _time_ran_out(self) -> bool:
        untried = any(outcome.result is OutcomeStatus.UNTRIED for outcome in self.outcomes)
        return untried or any(issue.code == OutOfTime.code for issue in self.issues)

    @property
    def left(self) -> int:
        """Return how many assets were not read before the time of the run was over."""
        return sum(listing.left for listing in self.listings)

    @property
    def degradations(self) -> tuple[Issue, ...]:
        """Return the issues of reading, planning, writing and reporting, in that order."""
        reading = (
            issue
            for listing in self.listings
            for issue in (listing.incomplete, *listing.unread, *listing.degraded)
            if issue is not None
        )
        writing = (outcome.error for outcome in self.outcomes if outcome.error is not None)
        reporting = (i for i in (self.report_error, self.notify_error) if i is not None)
        issues = (*self.selection, *reading, *self.plan.skipped, *writing, *reporting)
        return (*issues, *self.unusable)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Return every issue of the run once, first the one that ended it."""
        ended = () if self.error is None else (as_issue(self.error),)
        issues = (*ended, *self.objections, *self._untried, *self.degradations)
        return tuple(dict.fromkeys(issues))

    @property
    def notes(self) -> tuple[Issue, ...]:
        """Return the notes of the run, which change no status: earlier runs, then its plan."""
        return (*self.earlier, *self.plan.notes)

    @property
    def _untried(self) -> tuple[Issue, ...]:
        untried = sum(outcome.result is OutcomeStatus.UNTRIED for outcome in self.outcomes)
        ended = isinstance(self.error, CutOff)
        halted = ended or any(outcome.halts for outcome in self.outcomes)
        parts = [f"{untried} changes were not tried"] if untried and not halted else []
        parts += [f"{self.left} assets were not read"] if self.left else []
        if not parts:
            return ()
        message = f"{' and '.join(parts)}: the time of the run is over"
        return (Issue(OutOfTime.code, message, OutOfTime.code.remedy),)

    def charged(self, costs: Costs) -> Self:
        """Return the result with these costs added."""
        return replace(self, costs=self.costs + costs)

    def with_unusable(self, *issues: Issue | None) -> Self:
        """Return the result with the issues of stored files that counted as absent."""
        new = (issue for issue in issues if issue is not None)
        return replace(self, unusable=tuple(dict.fromkeys((*self.unusable, *new))))

    @property
    def applied(self) -> bool:
        """True if changes were tried; counts then cover what was written, else what is planned."""
        return bool(self.outcomes)


def as_issue(error: Exception) -> Issue:
    """Return the issue of an error; the text of an unexpected one stays in the log."""
    if isinstance(error, SyncError):
        return Issue(error.code, error.message, error.remedy)
    message = f"unexpected {type(error).__name__}; the log says where"
    return Issue(SyncError.code, message, SyncError.code.remedy)


def result_value(result: Result) -> dict[str, Any]:
    """Return the result as JSON (design 1.4); the handler returns it and `--json` prints it."""
    issues = result.issues
    errors = [issue_value(issue) for issue in issues[:MAX_ERRORS]]
    if len(issues) > MAX_ERRORS:
        errors.append(_overflow(len(issues) - MAX_ERRORS))
    return {
        "run_id": result.context.run_id,
        "action": str(result.action),
        "status": str(result.status),
        "tenant": result.context.tenant,
        "counts": table_counts(result),
        "databases": database_counts(result),
        "spaces": [_space(result, listing) for listing in result.listings],
        "plan_digest": result.digest,
        "calls": dict(result.costs.calls),
        "duration_ms": result.costs.duration_ms,
        "report": result.report,
        "errors": errors,
        **({"cut_off": [issue_value(one) for one in result.earlier]} if result.earlier else {}),
    }


def issue_value(issue: Issue) -> dict[str, str]:
    """Return an issue as its object in results and reports."""
    return {
        "asset": issue.subject,
        "code": str(issue.code),
        "message": issue.message,
        "remedy": issue.remedy,
    }


def reading(result: Result) -> dict[str, Any]:
    """Return how many assets were read, were unchanged, and are left for the next run."""
    return {
        "read": sum(listing.read for listing in result.listings),
        "reused": sum(listing.reused for listing in result.listings),
        "left": result.left,
        "oldest": result.oldest_read,
    }


def table_counts(result: Result, space: str | None = None) -> Counts:
    """Return the counts of design 1.4 for tables, of one space or of the whole run."""
    here = [change for change in result.plan.tables if space in {None, change.space}]
    outcomes = [o for o in result.outcomes if isinstance(o.change, TableChange)]
    outcomes = [o for o in outcomes if space in {None, o.change.space}]
    counts = _counts(result, here, outcomes)
    counts["unchanged"] += sum(n for name, n in result.plan.unchanged if space in {None, name})
    conflicts = (c for c in result.plan.conflicts if c.table and space in {None, c.space})
    counts["conflicts"] = _conflicting(conflicts)
    skipped = (issue for issue in result.plan.skipped if issue.asset is not None)
    counts["skipped"] = sum(space in {None, issue.space} for issue in skipped)
    unread = [listing for listing in result.listings if space in {None, listing.space}]
    counts["failed"] += sum(len(listing.unread) for listing in unread)
    return counts


def database_counts(result: Result) -> Counts:
    """Return the counts of design 1.4 for databases."""
    outcomes = [o for o in result.outcomes if isinstance(o.change, DatabaseChange)]
    counts = _counts(result, result.plan.databases, outcomes)
    counts["unchanged"] += len(result.plan.kept)
    counts["conflicts"] = _conflicting(c for c in result.plan.conflicts if not c.table)
    counts["skipped"] = sum(issue.asset is None for issue in result.plan.skipped)
    return counts


def _conflicting(conflicts: Iterable[Conflict]) -> int:
    """Return how many objects have a field that was changed on both sides and keeps the edit."""
    return len({(c.database, c.table) for c in conflicts if c.both and c.kept})


def _counts(result: Result, changes: Iterable[Change], outcomes: Iterable[Outcome]) -> Counts:
    counts = dict.fromkeys(_KEYS, 0)
    if not result.applied:
        if not result.objections and result.error is None:
            counts |= Counter(change.action.counter for change in changes)
        return counts
    for outcome in outcomes:
        match outcome.result:
            case OutcomeStatus.DONE:
                counts[outcome.change.action.counter] += 1
            case OutcomeStatus.UNCHANGED:
                counts["unchanged"] += 1
            case OutcomeStatus.FAILED:
                counts["failed"] += 1
            case OutcomeStatus.UNTRIED:
                pass
            case _:
                assert_never(outcome.result)
    return counts


def _space(result: Result, listing: SpaceListing) -> dict[str, Any]:
    return {
        "space": listing.space,
        "database": result.databases.get(listing.space),
        "complete": listing.complete,
        "reason": listing.incomplete.message if listing.incomplete else None,
        "counts": table_counts(result, listing.space),
    }


def _overflow(more: int) -> dict[str, str]:
    return {
        "asset": "run",
        "code": str(IssueCode.MORE_ERRORS),
        "message": f"{more} more errors are in the report",
        "remedy": IssueCode.MORE_ERRORS.remedy,
    }
