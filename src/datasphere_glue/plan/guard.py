"""Objections to a plan, as issues with numbers and a remedy; a dry run shows them, too.

One object per space and per run may always be removed; beyond that the limit applies to any number
of tables. A space never loses all its tables (design 1.2, MAX_REMOVAL_PERCENT). Spaces that the
configuration names as gone, and that list no asset any more, are neither limited nor counted:
naming them is an explicit decision, and the limit of all other spaces stays the same.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from datasphere_glue.errors import GuardRefused
from datasphere_glue.model.asset import SpaceListing
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan

_EMPTIED: Final = (
    "check the source; no MAX_REMOVAL_PERCENT allows this: if the space is empty for good, name it"
    " as a gone space in the mapping configuration, or exclude it with SYNC_EXCLUDE"
)


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """Limits of removals and of read errors; a run that exceeds one is stopped.

    - `max_removal_percent`: share of the tables of a space, and of the run, that may be removed.
    - `max_unreadable_percent`: share of the assets tried that may fail to be read. If most reads
      fail, the cause is systemic.
    - `min_unreadable`: number of read errors up to which no share applies.
    """

    max_removal_percent: int = 10
    max_unreadable_percent: int = 50
    min_unreadable: int = 20


def allowance(owned: int, limits: GuardLimits) -> int:
    """Return how many of `owned` objects may be removed: the share rounded down, at least 1."""
    return max(1, owned * limits.max_removal_percent // 100)


def objections(
    plan: Plan,
    catalog: Catalog,
    *,
    tenant: str,
    limits: GuardLimits,
    former_tenants: frozenset[str] = frozenset(),
) -> tuple[Issue, ...]:
    """Return why the plan must not be applied; empty when no guard objects.

    The objections of the plan itself come first. Deprecations are compared with the number of
    active tables of the tenant, deletions with the number of all its tables. Tables that carry an
    earlier host of the tenant count as well. `catalog` marks the copies, which do not count.
    """
    issues: list[Issue] = list(plan.objections)
    hosts = former_tenants | {tenant}
    for action in filter(lambda one: one.removes, ChangeAction):
        owned = _owned(catalog, hosts, active_only=action is ChangeAction.DEPRECATE)
        removed = Counter(change.space for change in plan.tables if change.action is action)
        for space in plan.confirmed:
            del owned[space], removed[space]
        for space, count in sorted(removed.items()):
            issues += _objection(space, count, owned[space], action.counter, limits)
        issues += _objection(None, removed.total(), owned.total(), action.counter, limits)
    return tuple(issues)


def read_objections(listings: Iterable[SpaceListing], limits: GuardLimits) -> tuple[Issue, ...]:
    """Return why a run with too many read errors must not write; empty when it read enough."""
    all_listings = tuple(listings)
    failed = sum(len(listing.unread) for listing in all_listings)
    tried = failed + sum(listing.read + listing.reused for listing in all_listings)
    if failed <= limits.min_unreadable or failed * 100 <= tried * limits.max_unreadable_percent:
        return ()
    first = next(issue for listing in all_listings for issue in listing.unread)
    return (
        Issue(
            IssueCode.ERROR_BUDGET,
            f"{failed} of {tried} assets could not be read ({100 * failed / tried:.0f} %); at most"
            f" {limits.max_unreadable_percent} % may fail. The first: {first.message}",
        ),
    )


def _owned(catalog: Catalog, hosts: frozenset[str], *, active_only: bool) -> Counter[str]:
    return Counter(
        current.table.asset[0]
        for current in catalog.tables
        if current.table.written_from(hosts)
        and not current.copy
        and not (active_only and current.table.deprecated)
    )


def _objection(
    space: str | None, removed: int, owned: int, verb: str, limits: GuardLimits
) -> list[Issue]:
    allowed = allowance(owned, limits)
    empties = space is not None and 0 < owned <= removed
    if removed <= allowed and not empties:
        return []
    where = "all spaces" if space is None else f"space {space}"
    share = (
        f"{removed} of {owned} tables of {where} would be {verb} ({100 * removed / owned:.0f} %)"
    )
    if empties:
        limit, remedy = "a space never loses all its tables in one run", _EMPTIED
    else:
        limit = f"at most {allowed} may go (MAX_REMOVAL_PERCENT={limits.max_removal_percent})"
        remedy = GuardRefused.code.remedy
    return [Issue(GuardRefused.code, f"{share}; {limit}", remedy, space=space)]
