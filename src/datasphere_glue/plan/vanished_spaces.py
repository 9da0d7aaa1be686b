"""Plans the spaces that the catalog holds and the tenant no longer lists.

A vanished space is only reported, because the loss of a role makes a space vanish, too. If the
configuration names it as gone for good, its tables are orphans like any others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Database
from datasphere_glue.plan.change import ChangeKey, Plan, TableChange
from datasphere_glue.plan.orphans import orphan_change
from datasphere_glue.plan.policy import PlanShare, Policy


def plan_vanished_spaces(
    names: Mapping[str, str],
    catalog: Catalog,
    *,
    scope: Scope,
    policy: Policy,
    removed: AbstractSet[ChangeKey] = frozenset(),
) -> Plan:
    """Return the issues and changes of spaces and databases that were not evaluated.

    `names` maps each evaluated space to its database. `removed` are the tables that the plans of
    these spaces deprecate or delete.
    """
    skipped: list[Issue] = []
    notes: list[Issue] = []
    changes: list[TableChange] = []
    unchanged: Counter[str] = Counter()
    marked = {database.name for database in _ours(catalog, policy)}
    for space, databases in sorted(_databases_by_space(catalog, policy).items()):
        if not scope.covers_space(space):
            continue
        if space in names:
            # The last step of a divided run deprecates what moved.
            whole = policy.share is not PlanShare.PER_TABLE
            emptied = _emptied_databases(space, catalog, policy, removed)
            others = marked.intersection(databases) - {names[space], *emptied} if whole else ()
            notes += (_left_behind(space, name, names[space]) for name in sorted(others))
        elif space not in policy.gone_spaces:
            skipped += (_vanished(space, database) for database in databases)
        else:
            for current in _tables(catalog, space, databases, scope, policy):
                change = orphan_change(current, policy)
                if change is None:
                    unchanged[space] += 1
                else:
                    changes.append(change)
    return Plan(
        tables=tuple(changes),
        skipped=tuple(skipped),
        notes=tuple(notes),
        unchanged=tuple(sorted(unchanged.items())),
        confirmed=tuple(sorted(policy.gone_spaces - names.keys())),
    )


def _databases_by_space(catalog: Catalog, policy: Policy) -> Mapping[str, list[str]]:
    """Return the databases of each space in the catalog, sorted by name.

    A database created by hand has no marker; the tables that we wrote into it identify its space,
    unless another database carries the marker of the space.
    """
    databases_by_space: dict[str, set[str]] = defaultdict(set)
    unmarked = {db.name for db in catalog.databases if not db.managed}
    hosts = policy.hosts
    for db in _ours(catalog, policy):
        databases_by_space[db.space or ""].add(db.name)
    with_marker = frozenset(databases_by_space)
    for current in catalog.tables:
        table = current.table
        if table.asset[0] in with_marker:
            continue
        if table.database in unmarked and table.written_from(hosts):
            databases_by_space[table.asset[0]].add(table.database)
    return {space: sorted(databases) for space, databases in databases_by_space.items()}


def _ours(catalog: Catalog, policy: Policy) -> Iterator[Database]:
    hosts = policy.hosts
    for db in catalog.databases:
        if db.written_from(hosts):
            yield db


def _tables(
    catalog: Catalog, space: str, databases: list[str], scope: Scope, policy: Policy
) -> list[CurrentTable]:
    hosts = policy.hosts
    tables = (
        current
        for current in catalog.tables
        if current.table.database in databases
        and not current.copy
        and current.table.written_from(hosts)
        and current.table.asset[0] == space
        and scope.covers_asset(*current.table.asset)
    )
    return sorted(tables, key=lambda current: (current.table.database, current.table.name))


def _emptied_databases(
    space: str, catalog: Catalog, policy: Policy, removed: AbstractSet[ChangeKey]
) -> set[str]:
    """Return the databases with tables of a space of which none stays active after the plan."""
    hosts = policy.hosts
    active: dict[str, bool] = {}
    for current in catalog.tables:
        table = current.table
        if table.asset[0] == space and table.written_from(hosts):
            stays = not table.deprecated and (table.database, table.name) not in removed
            active[table.database] = active.get(table.database, False) or stays
    return {database for database, stays in active.items() if not stays}


def _vanished(space: str, database: str) -> Issue:
    return Issue(
        IssueCode.SPACE_VANISHED,
        f"database {database} exists, but space {space} is no longer listed;"
        " its tables were not evaluated",
        f"make the technical user a member of space {space} again; if it is gone for good, name"
        " it as a gone space in the mapping configuration, or exclude it with SYNC_EXCLUDE",
        space=space,
    )


def _left_behind(space: str, database: str, written: str) -> Issue:
    return Issue(
        IssueCode.LEFT_BEHIND,
        f"database {database} carries the marker of this space as well; {written} is"
        " written now, the other one was not evaluated",
        space=space,
    )
