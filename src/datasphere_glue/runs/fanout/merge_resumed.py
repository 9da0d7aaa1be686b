"""Merges a part of a run that was cut off with its continuation; each change counts once."""

from collections.abc import Iterable
from dataclasses import replace

from datasphere_glue.model.completeness import Completeness
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.rule_matches import RuleMatches
from datasphere_glue.outcome.run import Result
from datasphere_glue.plan.change import DatabaseChange, OutcomeStatus, TableChange


def merge_resumed(earlier: Result, later: Result) -> Result:
    """Return the result of a part and its continuation; each change that was made counts once."""
    done = {o.change.key: o for o in earlier.outcomes if o.result is OutcomeStatus.DONE}
    failed = {o.change.key for o in later.outcomes if o.result is OutcomeStatus.FAILED}
    done = {name: outcome for name, outcome in done.items() if name not in failed}
    rest = tuple(o for o in later.outcomes if o.change.key not in done)
    repeated = {outcome.change.key for outcome in later.outcomes}
    unchanged = dict(later.plan.unchanged)
    for name, outcome in done.items():
        space = outcome.change.space
        if isinstance(outcome.change, TableChange) and name not in repeated:
            unchanged[space] = max(0, unchanged.get(space, 0) - 1)
    outcomes = (*done.values(), *rest)
    changes = [outcome.change for outcome in outcomes]
    conflicts = {(c.database, c.table, c.field): c for c in later.plan.conflicts}
    conflicts |= {
        (c.database, c.table, c.field): c
        for c in earlier.plan.conflicts
        if (c.database, c.table) in done
    }
    plan = replace(
        later.plan,
        databases=tuple(c for c in changes if isinstance(c, DatabaseChange)),
        tables=tuple(c for c in changes if isinstance(c, TableChange)),
        conflicts=tuple(conflicts.values()),
        unchanged=tuple(unchanged.items()),
        kept=tuple(name for name in later.plan.kept if (name, None) not in done),
        notes=tuple(dict.fromkeys((*earlier.plan.notes, *later.plan.notes))),
    )
    listings = _merge_listings(earlier.listings, later.listings)
    return replace(
        later,
        listings=listings,
        plan=plan,
        outcomes=outcomes,
        completeness=_most_complete(earlier.completeness, later.completeness),
        rule_matches=join_matches((earlier, later)),
    )


def join_matches(results: Iterable[Result | None]) -> RuleMatches | None:
    """Return what the assets of all results show about rules, None where one shows nothing."""
    joined: RuleMatches | None = RuleMatches()
    for result in results:
        matches = result.rule_matches if result else None
        joined = joined | matches if joined is not None and matches is not None else None
    return joined


def _most_complete(
    earlier: Iterable[Completeness], later: Iterable[Completeness]
) -> tuple[Completeness, ...]:
    """Return the counts of each space that cover more assets; of equals, the later ones."""
    by_space = {one.space: one for one in earlier}
    for one in later:
        if one.space not in by_space or one.assets >= by_space[one.space].assets:
            by_space[one.space] = one
    return tuple(by_space[space] for space in sorted(by_space))


def _merge_listings(
    earlier: Iterable[SpaceListing], later: Iterable[SpaceListing]
) -> tuple[SpaceListing, ...]:
    before = {one.space: one for one in earlier}
    now = {one.space: one for one in later}
    for space, one in now.items():
        if space in before:
            read = before[space].read
            now[space] = replace(one, read=one.read + read, reused=max(0, one.reused - read))
    return tuple((before | now).values())
