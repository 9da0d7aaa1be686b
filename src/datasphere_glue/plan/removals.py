"""What runs over a part of the tenant removed since the last run over everything.

A run over everything is limited to a share of the tables. Many narrow runs together must not remove
more, so each of them is judged with what the others removed.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan, TableChange

SpaceAction = tuple[str, ChangeAction]
"""A space (exact SAP name), and the action that removes its tables."""

TableNames = frozenset[str]
"""Names of tables, each `database.table`."""


@dataclass(frozen=True, slots=True)
class Holding:
    """How many tables of ours a space has: those that are active, and all of them."""

    active: int = 0
    all: int = 0


@dataclass(frozen=True, slots=True)
class EarlierRemovals:
    """What narrow runs removed since the last run over everything.

    - `tables`: the tables that they removed.
    - `holdings`: what each space had after the last run over everything; empty if unknown.
    - `issues`: why a part of this is not known.
    - `number`: number of the newest record of them, 0 without one.
    """

    tables: Mapping[SpaceAction, TableNames] = field(default_factory=dict)
    holdings: Mapping[str, Holding] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    number: int = 0


def removals_of(plan: Plan) -> Mapping[SpaceAction, TableNames]:
    """Return the tables that a plan removes.

    Tables of spaces confirmed as gone, and tables that move to another database, do not count.
    """
    removed: dict[SpaceAction, TableNames] = {}
    for change in plan.tables:
        removes = change.action.removes and not change.relocated
        if removes and change.space not in plan.confirmed:
            key = (change.space, change.action)
            removed[key] = removed.get(key, frozenset()) | {change.name}
    return removed


def removed_today(catalog: Catalog, hosts: frozenset[str], today: str) -> EarlierRemovals:
    """Return the deprecations of a day, by the dates in the catalog.

    Without a report place, they stand for what narrow runs removed. The holdings are those at the
    beginning of the day.
    """
    tables: dict[SpaceAction, TableNames] = {}
    for current in catalog.tables:
        table = current.table
        if table.written_from(hosts) and not current.copy and table.deprecated_on == today:
            key = (table.asset[0], ChangeAction.DEPRECATE)
            tables[key] = tables.get(key, frozenset()) | {f"{table.database}.{table.name}"}
    gone = {space: len(names) for (space, _), names in tables.items()}
    holdings = {
        space: Holding(one.active + gone.get(space, 0), one.all)
        for space, one in holdings_of(catalog, hosts).items()
    }
    return EarlierRemovals(tables, holdings)


def holdings_of(catalog: Catalog, hosts: frozenset[str]) -> Mapping[str, Holding]:
    """Return what each space has in the catalog, without copies."""
    tables = [
        current.table
        for current in catalog.tables
        if current.table.written_from(hosts) and not current.copy
    ]
    every = Counter(table.asset[0] for table in tables)
    active = Counter(table.asset[0] for table in tables if not table.deprecated)
    return {space: Holding(active[space], count) for space, count in every.items()}


def after_changes(
    holdings: Mapping[str, Holding], changes: list[TableChange]
) -> Mapping[str, Holding]:
    """Return what each space has after these changes."""
    every = Counter({space: one.all for space, one in holdings.items()})
    active = Counter({space: one.active for space, one in holdings.items()})
    for change in changes:
        created = change.adopted or change.action is ChangeAction.CREATE
        every[change.space] += created - (change.action is ChangeAction.DELETE)
        active[change.space] += created or change.action is ChangeAction.RESTORE
        active[change.space] -= change.action is ChangeAction.DEPRECATE
    return {space: Holding(max(0, active[space]), max(0, every[space])) for space in every}
