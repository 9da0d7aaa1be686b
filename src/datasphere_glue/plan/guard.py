"""Objections to a plan, as issues with numbers and a remedy; a dry run shows them, too.

One object per space and per run may always be removed; beyond that the limit applies to any number
of tables. A space never loses all its tables (design 1.2, MAX_REMOVAL_PERCENT). A table that moves
to another database is no loss. Spaces that the configuration names as gone, and that list no asset
any more, are neither limited nor counted: naming them is an explicit decision, and the limit of all
other spaces stays the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from datasphere_glue.errors import GuardRefused
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.removals import EarlierRemovals

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
    - `earlier`: what narrow runs removed, which counts for a narrow run as well.
    """

    max_removal_percent: int = 10
    max_unreadable_percent: int = 50
    min_unreadable: int = 20
    earlier: EarlierRemovals = field(default_factory=EarlierRemovals)


@dataclass(frozen=True, slots=True)
class _Share:
    """Tables that go: by this run, and otherwise; and the number of all tables before."""

    planned: int
    others: int
    owned: int

    @property
    def removed(self) -> int:
        return self.planned + self.others


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

    A narrow run is judged by what a run over everything would remove: also what is gone outside its
    scope, and what narrow runs removed since the last run over everything (`limits.earlier`).
    """
    issues: list[Issue] = list(plan.objections)
    hosts = former_tenants | {tenant}
    for action in filter(lambda one: one.removes, ChangeAction):
        shares = _shares(action, plan, catalog, hosts, limits.earlier)
        for space, share in shares.items():
            issues += _objection(space, share, action, limits)
    return tuple(issues)


def _shares(
    action: ChangeAction,
    plan: Plan,
    catalog: Catalog,
    hosts: frozenset[str],
    earlier: EarlierRemovals,
) -> dict[str | None, _Share]:
    """Return what goes by one kind of removal: by space of the plan, and for None over all."""
    active_only = action is ChangeAction.DEPRECATE
    planned = Counter(
        change.space for change in plan.tables if change.action is action and not change.relocated
    )
    others = Counter(space for space, beyond, _ in plan.beyond if beyond is action)
    present = _present(catalog, hosts, active_only=active_only)
    # A space that this run does not evaluate has what it had, so this includes what went since.
    owned = Counter(
        {space: one.active if active_only else one.all for space, one in earlier.holdings.items()}
        | {space: len(names) for space, names in present.items()}
    )
    for (space, removing), names in earlier.tables.items():
        if removing is action:
            gone = len(names - present.get(space, frozenset()))
            others[space] += gone
            if space in present or space not in earlier.holdings:
                owned[space] += gone
    for space in plan.confirmed:
        del owned[space], planned[space], others[space]
    shares: dict[str | None, _Share] = {
        space: _Share(count, others[space], owned[space])
        for space, count in sorted(planned.items())
    }
    everywhere = _Share(planned.total(), others.total(), owned.total())
    return shares | ({None: everywhere} if planned else {})


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


def _present(
    catalog: Catalog, hosts: frozenset[str], *, active_only: bool
) -> dict[str, frozenset[str]]:
    """Return the tables of each space that may be removed, without copies."""
    names: dict[str, set[str]] = defaultdict(set)
    for current in catalog.tables:
        table = current.table
        counts = table.written_from(hosts) and not current.copy
        if counts and not (active_only and table.deprecated):
            names[table.asset[0]].add(f"{table.database}.{table.name}")
    return {space: frozenset(tables) for space, tables in names.items()}


def _objection(
    space: str | None, share: _Share, action: ChangeAction, limits: GuardLimits
) -> Iterator[Issue]:
    allowed = allowance(share.owned, limits)
    empties = space is not None and 0 < share.owned <= share.removed
    if share.removed <= allowed and not empties:
        return
    where = "all spaces" if space is None else f"space {space}"
    percent = f"{100 * share.removed / max(1, share.owned):.0f} %" if share.owned else "100 %"
    text = (
        f"{share.removed} of {share.owned} tables of {where} would be {action.counter} ({percent})"
    )
    if share.others:
        text += (
            f", {share.planned} of them by this run; the others are gone outside its scope, or went"
            " by narrow runs since the last run over everything"
        )
    if empties:
        limit, remedy = "a space never loses all its tables in one run", _EMPTIED
    else:
        limit = f"at most {allowed} may go (MAX_REMOVAL_PERCENT={limits.max_removal_percent})"
        remedy = GuardRefused.code.remedy
    yield Issue(GuardRefused.code, f"{text}; {limit}", remedy, space=space)
