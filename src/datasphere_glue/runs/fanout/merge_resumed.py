"""A part of a run that went on where it was cut off, as one: what was done is counted once."""

from collections.abc import Iterable
from dataclasses import replace

from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.completeness import Completeness
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import DatabaseChange, OutcomeStatus, TableChange


def merge_resumed(earlier: Result, later: Result) -> Result:
    """Return what a part came to that went on: what was done stays done and is counted once."""
    done = {o.change.key: o for o in earlier.outcomes if o.result is OutcomeStatus.DONE}
    failed = {o.change.key for o in later.outcomes if o.result is OutcomeStatus.FAILED}
    done = {name: outcome for name, outcome in done.items() if name not in failed}
    rest = tuple(o for o in later.outcomes if o.change.key not in done)
    again = {outcome.change.key for outcome in later.outcomes}
    unchanged = dict(later.plan.unchanged)
    for name, outcome in done.items():
        space = outcome.change.space
        if isinstance(outcome.change, TableChange) and name not in again:
            unchanged[space] = max(0, unchanged.get(space, 0) - 1)
    outcomes = (*done.values(), *rest)
    changes = [outcome.change for outcome in outcomes]
    kept = tuple(name for name in later.plan.kept if (name, None) not in done)
    before = {(c.database, c.table, c.field): c for c in later.plan.conflicts}
    before |= {
        (c.database, c.table, c.field): c
        for c in earlier.plan.conflicts
        if (c.database, c.table) in done
    }
    plan = replace(
        later.plan,
        databases=tuple(c for c in changes if isinstance(c, DatabaseChange)),
        tables=tuple(c for c in changes if isinstance(c, TableChange)),
        conflicts=tuple(before.values()),
        unchanged=tuple(unchanged.items()),
        kept=kept,
        notes=tuple(dict.fromkeys((*earlier.plan.notes, *later.plan.notes))),
    )
    listings = _gone_on(earlier.listings, later.listings)
    return replace(
        later,
        listings=listings,
        plan=plan,
        outcomes=outcomes,
        completeness=_fuller(earlier.completeness, later.completeness),
    )


def _fuller(
    earlier: Iterable[Completeness], later: Iterable[Completeness]
) -> tuple[Completeness, ...]:
    """Return of each space the counts that know more of its assets, the later ones of equals."""
    found = {one.space: one for one in earlier}
    for one in later:
        if one.space not in found or one.assets >= found[one.space].assets:
            found[one.space] = one
    return tuple(found[space] for space in sorted(found))


def _gone_on(
    earlier: Iterable[SpaceListing], later: Iterable[SpaceListing]
) -> tuple[SpaceListing, ...]:
    before = {one.space: one for one in earlier}
    now = {one.space: one for one in later}
    for space, one in now.items():
        if space in before:
            read = before[space].read
            now[space] = replace(one, read=one.read + read, reused=max(0, one.reused - read))
    return tuple((before | now).values())
