"""Objections to a plan: values with numbers and a way out, so that a dry run shows them too.

Beyond one object per space and per run the limit holds for 2 tables as for 10,000, and a space
never loses all it has (design 1.2, MAX_REMOVAL_PERCENT). Spaces that the configuration names as
gone, and that list nothing any more, are neither limited nor counted: naming them is the stronger
word, and the limit of all the others stays as it is.
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
from datasphere_glue.plan.change import ChangeAction, Plan

_EMPTIED: Final = (
    "check the source; no MAX_REMOVAL_PERCENT allows this: if the space is empty for good, name it"
    " as a gone space in the mapping configuration, or exclude it with SYNC_EXCLUDE"
)
_VERBS: Final = {ChangeAction.DEPRECATE: "deprecated", ChangeAction.DELETE: "deleted"}


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """What one run may take away or fail to read before it is stopped.

    `max_removal_percent` of the tables of a space, and of the run, may go. Beyond
    `min_unreadable` assets, at most `max_unreadable_percent` of those looked at may be unreadable:
    where most fail, something larger is wrong, and a run had better wait for it.
    """

    max_removal_percent: int = 10
    max_unreadable_percent: int = 50
    min_unreadable: int = 20


def allowance(owned: int, limits: GuardLimits) -> int:
    """Return how many of `owned` objects may be removed: the share rounded down, at least one."""
    return max(1, owned * limits.max_removal_percent // 100)


def objections(
    plan: Plan, catalog: Catalog, *, tenant: str, limits: GuardLimits
) -> tuple[Issue, ...]:
    """Return why the plan must not be applied; empty when nothing speaks against it.

    What the plan itself objects to comes first. Deprecations are held against the active tables of
    the tenant, deletions against all its tables.
    """
    found: list[Issue] = list(plan.objections)
    for action, verb in _VERBS.items():
        owned = _owned(catalog, tenant, active_only=action is ChangeAction.DEPRECATE)
        going = Counter(change.space for change in plan.tables if change.action is action)
        for space in plan.confirmed:
            del owned[space], going[space]
        for space, count in sorted(going.items()):
            found += _objection(space, count, owned[space], verb, limits)
        found += _objection(None, going.total(), owned.total(), verb, limits)
    return tuple(found)


def unreadable(listings: Iterable[SpaceListing], limits: GuardLimits) -> tuple[Issue, ...]:
    """Return why a run that could read so little must not write; empty when it read enough."""
    known = tuple(listings)
    failed = sum(len(listing.unread) for listing in known)
    tried = failed + sum(listing.read + listing.reused for listing in known)
    if failed <= limits.min_unreadable or failed * 100 <= tried * limits.max_unreadable_percent:
        return ()
    first = next(issue for listing in known for issue in listing.unread)
    return (
        Issue(
            IssueCode.ERROR_BUDGET,
            f"{failed} of {tried} assets could not be read ({100 * failed / tried:.0f} %); at most"
            f" {limits.max_unreadable_percent} % may fail. The first: {first.message}",
        ),
    )


def _owned(catalog: Catalog, tenant: str, *, active_only: bool) -> Counter[str]:
    return Counter(
        current.table.asset[0]
        for current in catalog.tables
        if current.table.managed
        and current.table.tenant == tenant
        and not (active_only and current.table.deprecated)
    )


def _objection(
    space: str | None, going: int, owned: int, verb: str, limits: GuardLimits
) -> list[Issue]:
    allowed = allowance(owned, limits)
    empties = space is not None and 0 < owned <= going
    if going <= allowed and not empties:
        return []
    where = "all spaces" if space is None else f"space {space}"
    share = f"{going} of {owned} tables of {where} would be {verb} ({100 * going / owned:.0f} %)"
    if empties:
        limit, remedy = "a space never loses all its tables in one run", _EMPTIED
    else:
        limit = f"at most {allowed} may go (MAX_REMOVAL_PERCENT={limits.max_removal_percent})"
        remedy = GuardRefused.code.remedy
    return [Issue(GuardRefused.code, f"{share}; {limit}", remedy, space=space)]
