"""Proof of writes: the catalog is read back and compared with what was written."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any, Final

from datasphere_glue.errors import SyncError, TableMissing, VerificationFailed
from datasphere_glue.glue.change_writer import failed
from datasphere_glue.glue.client import PAGE, GlueCatalog
from datasphere_glue.glue.table_input import database_from_glue, table_from_glue
from datasphere_glue.glue.verify import database_differences, differences, named
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.table import Table
from datasphere_glue.plan.change import (
    ChangeKey,
    DatabaseChange,
    Outcome,
    OutcomeStatus,
    Plan,
    TableChange,
)

_FINGERPRINT: Final = table_key("fingerprint")

_Difference = tuple[str, ...] | SyncError
"""Fields that differ from what was written, or why the catalog could not be read."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Reads back what one plan wrote, on the threads of `pool`.

    `pages` holds how many pages a listing of each database takes: a database of which more tables
    were written than that is listed, the tables of others are read one by one.
    """

    catalog: GlueCatalog
    pool: ThreadPoolExecutor
    pages: Mapping[str, int] = field(default_factory=dict)

    def database(self, outcome: Outcome) -> Outcome:
        """Return the outcome, verified when the catalog holds what was written."""
        change = outcome.change
        if outcome.result is not OutcomeStatus.DONE or not isinstance(change, DatabaseChange):
            return outcome
        try:
            current = database_from_glue(self.catalog.get_database(change.database))
        except SyncError as err:
            return _unproven(outcome, err)
        return _judged(outcome, database_differences(change.after, current), change.database)

    def tables(self, outcomes: Iterable[Outcome]) -> list[Outcome]:
        """Return the outcomes, verified where the catalog holds what was written."""
        outcomes = list(outcomes)
        written = {
            outcome.change.key: outcome.change
            for outcome in outcomes
            if outcome.result is OutcomeStatus.DONE and isinstance(outcome.change, TableChange)
        }
        by_database: dict[str, list[TableChange]] = defaultdict(list)
        for change in written.values():
            by_database[change.database].append(change)
        single, listed = [], []
        for database, changes in by_database.items():
            if len(changes) <= self.pages.get(database, 1):
                single += changes
            else:
                listed.append(changes)
        differing: dict[ChangeKey, _Difference] = {}
        for compared in self.pool.map(self._read_one, single):
            differing |= compared
        for changes in listed:
            # One listing at a time: what was written is in memory already.
            differing |= self._read_listing(changes)
        return [_table_judged(outcome, differing) for outcome in outcomes]

    def _read_one(self, change: TableChange) -> dict[ChangeKey, _Difference]:
        try:
            row = self.catalog.get_table(change.database, change.table)
        except TableMissing:
            return {change.key: _difference(change, None)}
        except SyncError as err:
            return {change.key: err}
        return {change.key: _difference(change, table_from_glue(row).table)}

    def _read_listing(self, changes: Iterable[TableChange]) -> dict[ChangeKey, _Difference]:
        """Compare all tables of one database with one listing of it.

        Rows are not kept: a first load would hold the whole catalog twice.
        """
        expected = {change.table: change for change in changes}
        database = next(iter(expected.values())).database
        differing: dict[ChangeKey, _Difference] = {
            change.key: _difference(change, None) for change in expected.values()
        }
        try:
            for row in self.catalog.get_tables(database):
                if change := expected.get(row["Name"]):
                    differing[change.key] = _difference(change, table_from_glue(row).table)
        except TableMissing:
            return differing
        except SyncError as err:
            return dict.fromkeys(differing, err)
        return differing


def pages(plan: Plan) -> Mapping[str, int]:
    """Return how many pages a listing of each database takes, as far as the plan shows."""
    sizes: Counter[str] = Counter(change.database for change in plan.tables)
    spaces = {(change.space, change.database) for change in plan.tables}
    unchanged: Mapping[str, Any] = dict(plan.unchanged)
    for space, database in spaces:
        sizes[database] += unchanged.get(space, 0)
    return {database: ceil(size / PAGE) for database, size in sizes.items()}


def _difference(change: TableChange, current: Table | None) -> tuple[str, ...]:
    expected = change.after
    if expected is None or current is None:
        return () if expected is current else ("existence",)
    return () if _superseded(change, current) else differences(expected, current)


def _superseded(change: TableChange, current: Table) -> bool:
    """Return whether another run wrote the table from its own reading since: the later one counts.

    A write that was lost leaves the fingerprint of before, an edit by a person the one of after.
    """
    ours = {table.parameter(_FINGERPRINT) for table in (change.before, change.after) if table}
    now = current.parameter(_FINGERPRINT)
    return current.managed and now is not None and now not in ours


def _table_judged(outcome: Outcome, differing: Mapping[ChangeKey, _Difference]) -> Outcome:
    change = outcome.change
    if outcome.result is not OutcomeStatus.DONE or not isinstance(change, TableChange):
        return outcome
    difference = differing[change.key]
    if isinstance(difference, SyncError):
        return _unproven(outcome, difference)
    return _judged(outcome, difference, change.name)


def _judged(outcome: Outcome, differing: tuple[str, ...], name: str) -> Outcome:
    if not differing:
        return replace(outcome, verified=True)
    err = VerificationFailed(
        f"{name} read back differs from what was written in {named(differing)}"
    )
    return failed(outcome.change, err, outcome.attempts)


def _unproven(outcome: Outcome, err: SyncError) -> Outcome:
    """Return the outcome of a write that succeeded but could not be read back."""
    answer = failed(outcome.change, err, outcome.attempts)
    if answer.error is None:
        return answer
    message = f"written, but not proven by reading back: {answer.error.message}"
    return replace(answer, error=replace(answer.error, message=message))
