"""Merges the parts of a run: counts, changes and errors as of one invocation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, assert_never

from datasphere_glue.model.completeness import sum_by_space
from datasphere_glue.model.issues import Issue, by_subject
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.actions import ORDER
from datasphere_glue.plan.change import (
    Conflict,
    DatabaseChange,
    Outcome,
    OutcomeStatus,
    Plan,
    TableChange,
    by_field,
)
from datasphere_glue.runs.fanout.records import PartRun

_One = TypeVar("_One", Issue, Conflict)


def missing(parts: Iterable[PartRun]) -> dict[str, Issue]:
    """Return why spaces were not read completely, by space; the first reason of each."""
    reasons: dict[str, Issue] = {}
    for part in parts:
        for space, issue in part.missing.items():
            reasons.setdefault(space, issue)
    return reasons


def objections(parts: Iterable[PartRun]) -> tuple[Issue, ...]:
    """Return what forbade a part to write, and so forbids all further writes of the run."""
    issues: list[Issue] = []
    for part in parts:
        if part.result is not None:
            issues += part.result.objections
            issues += (o.error for o in part.result.outcomes if o.halts and o.error is not None)
        if part.halted and part.error is not None:
            issues.append(part.error)
    return _once(issues)


def leftover_assets(parts: Iterable[PartRun]) -> frozenset[tuple[str, str]]:
    """Return the assets (space, name) that the parts left to the last step."""
    return frozenset(asset for part in parts if part.result for asset in part.result.plan.left)


def added_tables(parts: Iterable[PartRun]) -> frozenset[tuple[str, str]]:
    """Return the tables (database, name) that were not ours, or not active, before the run.

    Those that moved from another database are not among them: they show that the move is done.
    """
    return frozenset(
        (outcome.change.database, outcome.change.table)
        for part in parts
        if part.result
        for outcome in part.result.outcomes
        if isinstance(outcome.change, TableChange)
        and outcome.result is OutcomeStatus.DONE
        and not (outcome.change.renamed and outcome.change.renamed.moves)
        and (outcome.change.action.traits.activates or outcome.change.adopted)
    )


def merge_workers(
    own: Result,
    parts: Sequence[PartRun],
    databases: Mapping[str, str],
    part_objections: tuple[Issue, ...],
) -> Result:
    """Return the result of the whole run; `own` is the result of the last step.

    The outcomes of the parts come first, because they are already recorded.
    """
    results = [part.result for part in parts if part.result]
    written = _each_database_once([outcome for one in results for outcome in one.outcomes])
    planned = Plan(
        databases=tuple(c for one in results if not one.outcomes for c in one.plan.databases),
        tables=tuple(c for one in results if not one.outcomes for c in one.plan.tables),
    )
    changes = [*(o.change for o in written), *planned.changes, *own.plan.changes]
    done = {c.database for c in changes if isinstance(c, DatabaseChange)}
    plans = [*(one.plan for one in results), own.plan]
    kept_names = {name for one in results for name in one.plan.kept} - done
    plan = Plan(
        databases=tuple(
            sorted((c for c in changes if isinstance(c, DatabaseChange)), key=lambda c: c.database)
        ),
        tables=tuple(
            sorted((c for c in changes if isinstance(c, TableChange)), key=_order),
        ),
        conflicts=tuple(sorted(_once(c for p in plans for c in p.conflicts), key=by_field)),
        skipped=tuple(sorted(_once(i for p in plans for i in p.skipped), key=by_subject)),
        unchanged=tuple(sorted(pair for p in plans for pair in p.unchanged)),
        kept=tuple(sorted(kept_names)),
        notes=tuple(sorted(_once(i for p in plans for i in p.notes), key=by_subject)),
        confirmed=own.plan.confirmed,
    )
    return replace(
        own,
        action=RunAction.SYNC,
        listings=_listings(own, results, missing(parts)),
        databases=dict(databases) | dict(own.databases),
        plan=plan,
        objections=_once((*part_objections, *own.objections)),
        outcomes=(*written, *own.outcomes),
        recorded_count=len(written),
        digest=None,
        completeness=sum_by_space(c for one in (*results, own) for c in one.completeness),
    )


def _each_database_once(outcomes: list[Outcome]) -> list[Outcome]:
    best: dict[str, Outcome] = {}
    for outcome in outcomes:
        if isinstance(outcome.change, DatabaseChange):
            name = outcome.change.database
            best[name] = min(best.get(name, outcome), outcome, key=lambda o: _rank(o.result))
    tables = (o for o in outcomes if isinstance(o.change, TableChange))
    return [*(best[name] for name in sorted(best)), *tables]


def _listings(
    own: Result, results: Iterable[Result], reasons: Mapping[str, Issue]
) -> tuple[SpaceListing, ...]:
    by_space = {listing.space: listing for listing in own.listings}
    for result in results:
        for listing in result.listings:
            before = by_space.get(listing.space)
            by_space[listing.space] = _added(before, listing) if before else listing
    return tuple(
        replace(by_space[space], incomplete=by_space[space].incomplete or reasons.get(space))
        for space in sorted(by_space)
    )


def _added(listing: SpaceListing, more: SpaceListing) -> SpaceListing:
    """Return the listing of a space with what one more part read of it."""
    return replace(
        listing,
        incomplete=listing.incomplete or more.incomplete,
        unread=_once((*listing.unread, *more.unread)),
        degraded=_once((*listing.degraded, *more.degraded)),
        notes=_once((*listing.notes, *more.notes)),
        read=listing.read + more.read,
        reused=listing.reused + more.reused,
        left=listing.left + more.left,
    )


def _once(issues: Iterable[_One]) -> tuple[_One, ...]:
    return tuple(dict.fromkeys(issues))


def _order(change: TableChange) -> tuple[int, str, str]:
    return ORDER[change.action], change.database, change.table


def _rank(status: OutcomeStatus) -> int:
    """Return the rank of an outcome; several slices need one database, and the least rank wins."""
    match status:
        case OutcomeStatus.DONE:
            return 0
        case OutcomeStatus.FAILED:
            return 1
        case OutcomeStatus.UNTRIED:
            return 2
        case OutcomeStatus.UNCHANGED:
            return 3
        case _:
            assert_never(status)
