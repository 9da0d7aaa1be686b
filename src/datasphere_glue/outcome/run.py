"""What a run was: everything known about it as one value, and the status that follows from it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from datasphere_glue.errors import Halt, OutOfTime, SyncError
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.completeness import Completeness
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.scope import Part
from datasphere_glue.outcome.asset_index import AssetIndex
from datasphere_glue.outcome.call_stats import CallStats
from datasphere_glue.outcome.checks import Check
from datasphere_glue.plan.change import (
    Change,
    ChangeAction,
    Conflict,
    DatabaseChange,
    Outcome,
    OutcomeStatus,
    Plan,
    TableChange,
)

MAX_ERRORS: Final = 50
"""Errors that a result lists; the report lists all of them (design 1.4)."""

_COUNTED: Final = {
    ChangeAction.CREATE: "created",
    ChangeAction.UPDATE: "updated",
    ChangeAction.DEPRECATE: "deprecated",
    ChangeAction.RESTORE: "restored",
    ChangeAction.DELETE: "deleted",
}
_KEYS: Final = (
    "created",
    "updated",
    "unchanged",
    "deprecated",
    "restored",
    "deleted",
    "conflicts",
    "skipped",
    "failed",
)

Counts = dict[str, int]


class Status(StrEnum):
    """How a run ended (design 1.4)."""

    SUCCESS = "SUCCESS"
    NO_CHANGES = "NO_CHANGES"
    PENDING = "PENDING"
    DEGRADED = "DEGRADED"
    HALTED = "HALTED"
    FAILED = "FAILED"


EXIT_CODES: Final[Mapping[Status, int]] = {
    Status.SUCCESS: 0,
    Status.NO_CHANGES: 0,
    Status.FAILED: 1,
    Status.PENDING: 2,
    Status.DEGRADED: 3,
    Status.HALTED: 4,
}


@dataclass(frozen=True, slots=True)
class Run:
    """Everything a run read, planned and did.

    `databases` gives the Glue database of each space that was read. `error` is what ended the run
    early, if anything did; `unreported` says why the report could not be kept, `untold` why people
    could not be notified. `digest` is that of the plan, None without one. `told` counts the
    outcomes, the first ones, that other parts of the run have recorded already; `parts` is what the
    run was divided into, if just that was asked for. `completeness` tells of each space that was
    read how much its assets say, and `atlas` holds those assets, if they are to be shown. `checks`
    is what the doctor found.
    """

    action: str
    listings: tuple[SpaceListing, ...] = ()
    databases: Mapping[str, str] = field(default_factory=dict)
    plan: Plan = field(default_factory=Plan)
    objections: tuple[Issue, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    error: Exception | None = None
    unreported: Issue | None = None
    untold: Issue | None = None
    digest: str | None = None
    told: int = 0
    parts: tuple[Part, ...] = ()
    completeness: tuple[Completeness, ...] = ()
    atlas: AssetIndex | None = None
    checks: tuple[Check, ...] = ()

    @property
    def status(self) -> Status:
        """Return the first status that fits what happened; it is never assigned."""
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
    def own(self) -> tuple[Outcome, ...]:
        """Return the outcomes that nobody has recorded yet."""
        return self.outcomes[self.told :]

    @property
    def _time_ran_out(self) -> bool:
        untried = any(outcome.result is OutcomeStatus.UNTRIED for outcome in self.outcomes)
        return untried or any(issue.code == OutOfTime.code for issue in self.issues)

    @property
    def left(self) -> int:
        """Return how many assets were not read because the time of the run was over."""
        return sum(listing.left for listing in self.listings)

    @property
    def degradations(self) -> tuple[Issue, ...]:
        """Return what could not be read, planned, written or reported, in that order."""
        reading = (
            issue
            for listing in self.listings
            for issue in (listing.incomplete, *listing.unread, *listing.degraded)
            if issue is not None
        )
        writing = (outcome.error for outcome in self.outcomes if outcome.error is not None)
        telling = (self.unreported, self.untold)
        reporting = (issue for issue in telling if issue is not None)
        return (*reading, *self.plan.skipped, *writing, *reporting)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Return every issue of the run, the one that ended it first."""
        ended = () if self.error is None else (as_issue(self.error),)
        return (*ended, *self.objections, *self._untried, *self.degradations)

    @property
    def _untried(self) -> tuple[Issue, ...]:
        left = sum(outcome.result is OutcomeStatus.UNTRIED for outcome in self.outcomes)
        halted = any(outcome.halts for outcome in self.outcomes)
        told = [f"{left} changes were not tried"] if left and not halted else []
        told += [f"{self.left} assets were not read"] if self.left else []
        if not told:
            return ()
        message = f"{' and '.join(told)}: the time of the run is over"
        return (Issue(OutOfTime.code, message, OutOfTime.default_remedy),)

    @property
    def applied(self) -> bool:
        """True when changes were tried, so that counts tell what was done, not what would be."""
        return bool(self.outcomes)


@dataclass(frozen=True, slots=True)
class Facts:
    """What surrounds a run: identity, cause and cost. `duration_ms` is wall time.

    `actor` is the AWS identity that wrote; `config_hash` the hash of the mapping configuration.
    `oldest` is a moment (ISO 8601) since which every asset was read at least once, `client_expires`
    the last day of the OAuth client, where known. `step` is that
    of a divided run (`split`, `work`, `finish`), `place` the folder in which it is recorded where
    that is not the run's own, `share` that of the rate budget which each worker has, `earlier_ms`
    and `earlier_calls` the wall time and the requests of the steps before. `audit_head` is the hash
    of the link with which the audit chain ended once this run was recorded, `health` how all calls
    went, those of the steps before included. `narrow` tells that only some spaces or assets were
    asked for, `undone` which former run is taken back.
    """

    run_id: str
    tenant: str
    trigger: str
    cause: str | None = None
    actor: str | None = None
    environment: str | None = None
    config_hash: str | None = None
    started: str | None = None
    duration_ms: int = 0
    calls: Mapping[str, int] = field(
        default_factory=lambda: {"datasphere": 0, "glue_read": 0, "glue_write": 0}
    )
    report: str | None = None
    oldest: str | None = None
    client_expires: date | None = None
    step: str | None = None
    place: str | None = None
    share: float = 1.0
    earlier_ms: int = 0
    earlier_calls: Mapping[str, int] = field(default_factory=dict)
    audit_head: str | None = None
    health: CallStats = field(default_factory=CallStats)
    narrow: bool = False
    undone: str | None = None


def as_issue(error: Exception) -> Issue:
    """Return the issue that an error becomes; the text of an unforeseen one stays in the log."""
    if isinstance(error, SyncError):
        return Issue(error.code, error.message, error.remedy)
    message = f"unexpected {type(error).__name__}; the log says where"
    return Issue(SyncError.code, message, SyncError.default_remedy)


def result(run: Run, facts: Facts) -> dict[str, Any]:
    """Return the result of design 1.4: what the handler returns and `--json` prints."""
    issues = run.issues
    errors = [issue_value(issue) for issue in issues[:MAX_ERRORS]]
    if len(issues) > MAX_ERRORS:
        errors.append(_overflow(len(issues) - MAX_ERRORS))
    return {
        "run_id": facts.run_id,
        "action": run.action,
        "status": str(run.status),
        "tenant": facts.tenant,
        "counts": table_counts(run),
        "databases": database_counts(run),
        "spaces": [_space(run, listing) for listing in run.listings],
        "plan_digest": run.digest,
        "calls": dict(facts.calls),
        "duration_ms": facts.duration_ms,
        "report": facts.report,
        "errors": errors,
    }


def issue_value(issue: Issue) -> dict[str, str]:
    """Return an issue as the object that results and reports list."""
    return {
        "asset": issue.subject,
        "code": issue.code,
        "message": issue.message,
        "remedy": issue.remedy,
    }


def reading(run: Run, facts: Facts) -> dict[str, Any]:
    """Return how many assets were read, known to be unchanged, and left for the next run."""
    return {
        "read": sum(listing.read for listing in run.listings),
        "reused": sum(listing.reused for listing in run.listings),
        "left": run.left,
        "oldest": facts.oldest,
    }


def table_counts(run: Run, space: str | None = None) -> Counts:
    """Return the counts of design 1.4 for tables, of one space or of the whole run."""
    here = [change for change in run.plan.tables if space in {None, change.space}]
    outcomes = [o for o in run.outcomes if isinstance(o.change, TableChange)]
    outcomes = [o for o in outcomes if space in {None, o.change.space}]
    counts = _counts(run, here, outcomes)
    counts["unchanged"] += sum(n for name, n in run.plan.unchanged if space in {None, name})
    conflicts = (c for c in run.plan.conflicts if c.table and space in {None, c.space})
    counts["conflicts"] = _conflicting(conflicts)
    skipped = (issue for issue in run.plan.skipped if issue.asset is not None)
    counts["skipped"] = sum(space in {None, issue.space} for issue in skipped)
    unread = [listing for listing in run.listings if space in {None, listing.space}]
    counts["failed"] += sum(len(listing.unread) for listing in unread)
    return counts


def database_counts(run: Run) -> Counts:
    """Return the counts of design 1.4 for databases."""
    outcomes = [o for o in run.outcomes if isinstance(o.change, DatabaseChange)]
    counts = _counts(run, run.plan.databases, outcomes)
    counts["unchanged"] += len(run.plan.kept)
    counts["conflicts"] = _conflicting(c for c in run.plan.conflicts if not c.table)
    counts["skipped"] = sum(issue.asset is None for issue in run.plan.skipped)
    return counts


def _conflicting(conflicts: Iterable[Conflict]) -> int:
    """Return how many objects have a field that was changed on both sides and kept as edited."""
    return len({(c.database, c.table) for c in conflicts if c.both and c.kept})


def _counts(run: Run, changes: Iterable[Change], outcomes: Iterable[Outcome]) -> Counts:
    counts = dict.fromkeys(_KEYS, 0)
    if not run.applied:
        if not run.objections and run.error is None:
            counts |= Counter(_COUNTED[change.action] for change in changes)
        return counts
    for outcome in outcomes:
        if outcome.result is OutcomeStatus.DONE:
            counts[_COUNTED[outcome.change.action]] += 1
        elif outcome.result is OutcomeStatus.UNCHANGED:
            counts["unchanged"] += 1
        elif outcome.result is OutcomeStatus.FAILED:
            counts["failed"] += 1
    return counts


def _space(run: Run, listing: SpaceListing) -> dict[str, Any]:
    return {
        "space": listing.space,
        "database": run.databases.get(listing.space),
        "complete": listing.complete,
        "reason": listing.incomplete.message if listing.incomplete else None,
        "counts": table_counts(run, listing.space),
    }


def _overflow(more: int) -> dict[str, str]:
    return {
        "asset": "run",
        "code": "MORE_ERRORS",
        "message": f"{more} more errors are in the report",
        "remedy": "set REPORT_URI and open the report",
    }
