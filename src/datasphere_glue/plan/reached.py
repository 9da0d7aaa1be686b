"""Decides from the catalog which changes of a run that was cut off are done.

The before-image of a change holds both states. The catalog shows which of them it has now.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import Catalog, CurrentTable, Database
from datasphere_glue.plan.change import (
    Change,
    DatabaseChange,
    Outcome,
    OutcomeStatus,
    TableChange,
)
from datasphere_glue.plan.merge import field_changes
from datasphere_glue.plan.reverse import same_content, same_database

_CHANGED: Final = "it has neither its state before the run nor that after it"


def reached_outcomes(changes: Iterable[Change], catalog: Catalog) -> tuple[Outcome, ...]:
    """Return the outcome of each change, as far as the catalog shows it.

    - DONE: the object has the state that the run wrote.
    - UNTRIED: the object has its former state, and was not written since.
    - FAILED: the outcome is unknown; the issue states the cause.
    """
    databases = {db.name: db for db in catalog.databases}
    tables = {(c.table.database, c.table.name): c for c in catalog.tables}
    return tuple(
        _database_outcome(change, databases.get(change.database))
        if isinstance(change, DatabaseChange)
        else _table_outcome(change, tables.get((change.database, change.table)))
        for change in changes
    )


def unknown_outcome(change: Change, cause: str) -> Outcome:
    """Return the outcome of a change that may be done or not."""
    name = f"{change.database}.{change.table}" if change.table else change.database
    issue = Issue(
        IssueCode.RUN_CUT_OFF,
        f"outcome unknown: the run may have written {name} or not; {cause}",
        f"see `datasphere-glue history {name}`, and what the next sync does with it",
        space=change.space,
        asset=change.asset,
    )
    return Outcome(change, OutcomeStatus.FAILED, error=issue)


def with_fields(change: Change) -> Change:
    """Return a stored change with its fields, which images leave out since both states hold them.

    A creation or deletion has none, as in a plan.
    """
    if isinstance(change, TableChange) and change.before and change.after:
        return replace(change, fields=field_changes(change.before, change.after))
    return change


def _table_outcome(change: TableChange, current: CurrentTable | None) -> Outcome:
    now = current.table if current else None
    if same_content(now, change.after) and not same_content(change.before, change.after):
        return Outcome(change, OutcomeStatus.DONE, verified=True)
    if not same_content(now, change.before):
        return unknown_outcome(change, _CHANGED)
    if current and change.version_id not in {None, current.version_id}:
        return unknown_outcome(change, "it has its former state, but was written since")
    return Outcome(change, OutcomeStatus.UNTRIED)


def _database_outcome(change: DatabaseChange, current: Database | None) -> Outcome:
    if same_database(current, change.after):
        return Outcome(change, OutcomeStatus.DONE, verified=True)
    if same_database(current, change.before):
        return Outcome(change, OutcomeStatus.UNTRIED)
    return unknown_outcome(change, _CHANGED)
