"""Notes about copies: tables that carry our marker and count for no asset."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from datasphere_glue.errors import first_few
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.policy import PlanShare, Policy

_NAMED: Final = 3
"""Most copies that a note lists; the rest is counted."""


def copies_notes(names: Mapping[str, str], catalog: Catalog, policy: Policy) -> Iterator[Issue]:
    """Yield one note for each database with copies of tables of the evaluated spaces.

    `names` maps each evaluated space to its database. An older database with the marker of a space
    has an issue of its own. The last step of a divided run alone sees all spaces.
    """
    if policy.share is PlanShare.PER_TABLE:
        return
    spaces = {name: space for space, name in names.items()}
    marked = {(db.name, db.space) for db in catalog.databases if db.managed}
    copies: defaultdict[str, list[str]] = defaultdict(list)
    for current in catalog.tables:
        table, owner = current.table, current.table.asset[0]
        left_behind = (table.database, owner) in marked and table.database != names.get(owner)
        if current.copy and owner in names and not left_behind and table.written_from(policy.hosts):
            copies[table.database].append(table.name)
    for database, tables in sorted(copies.items()):
        yield _note(database, sorted(tables), spaces.get(database))


def _note(database: str, tables: list[str], space: str | None) -> Issue:
    count = f"{len(tables)} copies" if len(tables) > 1 else "a copy"
    message = (
        f"database {database} holds {count} of tables of ours: {first_few(tables, _NAMED)}; what is"
        " copied was neither counted nor changed"
    )
    return Issue(IssueCode.COPIES_IGNORED, message, space=space)
