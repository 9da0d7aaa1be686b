"""The run that its parts make together: counts, changes and errors as of one invocation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.completeness import sum_by_space
from datasphere_glue.model.issues import Issue, by_subject
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

_WEIGHT: Final = {
    OutcomeStatus.DONE: 0,
    OutcomeStatus.FAILED: 1,
    OutcomeStatus.UNTRIED: 2,
    OutcomeStatus.UNCHANGED: 3,
}
"""Several slices need one database: what became of it is the first of these."""

_One = TypeVar("_One", Issue, Conflict)


def missing(parts: Iterable[PartRun]) -> dict[str, Issue]:
    """Return why spaces are not known to their end, by space; the first reason of each."""
    found: dict[str, Issue] = {}
    for part in parts:
        for space, issue in part.missing.items():
            found.setdefault(space, issue)
    return found


def objections(parts: Iterable[PartRun]) -> tuple[Issue, ...]:
    """Return what forbade a part to write, and so forbids everything that is left of the run."""
    found: list[Issue] = []
    for part in parts:
        if part.result is not None:
            found += part.result.objections
            found += (o.error for o in part.result.outcomes if o.halts and o.error is not None)
        if part.halted and part.error is not None:
            found.append(part.error)
    return _once(found)


def left(parts: Iterable[PartRun]) -> frozenset[tuple[str, str]]:
    """Return the assets (space, name) that the parts left to the last step."""
    return frozenset(asset for part in parts if part.result for asset in part.result.plan.left)


def new_to_us(parts: Iterable[PartRun]) -> frozenset[tuple[str, str]]:
    """Return the tables (database, name) that were none of ours, or no active ones, before."""
    return frozenset(
        (outcome.change.database, outcome.change.table)
        for part in parts
        if part.result
        for outcome in part.result.outcomes
        if isinstance(outcome.change, TableChange)
        and outcome.result is OutcomeStatus.DONE
        and (outcome.change.action.traits.activates or outcome.change.adopted)
    )


def merge_workers(
    own: Result,
    parts: Sequence[PartRun],
    databases: Mapping[str, str],
    against: tuple[Issue, ...],
) -> Result:
    """Return the result of the whole run; `own` is the result of the last step.

    `against` holds the objections of the parts. Their outcomes come first: they are recorded.
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
    kept = {name for one in results for name in one.plan.kept} - done
    plan = Plan(
        databases=tuple(
            sorted((c for c in changes if isinstance(c, DatabaseChange)), key=lambda c: c.database)
        ),
        tables=tuple(
            sorted((c for c in changes if isinstance(c, TableChange)), key=_turn),
        ),
        conflicts=tuple(sorted(_once(c for p in plans for c in p.conflicts), key=by_field)),
        skipped=tuple(sorted(_once(i for p in plans for i in p.skipped), key=by_subject)),
        unchanged=tuple(sorted(pair for p in plans for pair in p.unchanged)),
        kept=tuple(sorted(kept)),
        notes=tuple(sorted(_once(i for p in plans for i in p.notes), key=by_subject)),
        confirmed=own.plan.confirmed,
    )
    return replace(
        own,
        action="sync",
        listings=_listings(own, results, missing(parts)),
        databases=dict(databases) | dict(own.databases),
        plan=plan,
        objections=_once((*against, *own.objections)),
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
            known = best.get(name, outcome)
            best[name] = min(known, outcome, key=lambda o: _WEIGHT[o.result])
    tables = (o for o in outcomes if isinstance(o.change, TableChange))
    return [*(best[name] for name in sorted(best)), *tables]


def _listings(
    own: Result, results: Iterable[Result], reasons: Mapping[str, Issue]
) -> tuple[SpaceListing, ...]:
    found = {listing.space: listing for listing in own.listings}
    for result in results:
        for listing in result.listings:
            known = found.get(listing.space)
            found[listing.space] = _added(known, listing) if known else listing
    return tuple(
        replace(found[space], incomplete=found[space].incomplete or reasons.get(space))
        for space in sorted(found)
    )


def _added(known: SpaceListing, more: SpaceListing) -> SpaceListing:
    """Return what is known of a space, with what one part read of it."""
    return replace(
        known,
        incomplete=known.incomplete or more.incomplete,
        unread=_once((*known.unread, *more.unread)),
        degraded=_once((*known.degraded, *more.degraded)),
        notes=_once((*known.notes, *more.notes)),
        read=known.read + more.read,
        reused=known.reused + more.reused,
        left=known.left + more.left,
    )


def _once(issues: Iterable[_One]) -> tuple[_One, ...]:
    return tuple(dict.fromkeys(issues))


def _turn(change: TableChange) -> tuple[int, str, str]:
    return ORDER[change.action], change.database, change.table
