"""Verifies writes: reads the catalog back and compares it with the written state."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any, Final

from datasphere_glue.errors import SyncError, TableMissing, VerificationFailed
from datasphere_glue.glue.change_writer import failed_outcome
from datasphere_glue.glue.client import PAGE, GlueCatalog
from datasphere_glue.glue.table_input import database_from_glue, table_from_glue
from datasphere_glue.glue.verify import database_differences, differences, first_paths
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
"""Fields that differ from the written state, or the error of the read."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Reads back the writes of one plan.

    - `catalog`: the client.
    - `pool`: threads for the reads.
    - `pages`: number of pages of a listing, per database. A database with more written tables than
      pages is listed; the tables of other databases are read one by one.
    """

    catalog: GlueCatalog
    pool: ThreadPoolExecutor
    pages: Mapping[str, int] = field(default_factory=dict)

    def database(self, outcome: Outcome) -> Outcome:
        """Return the outcome; verified if the catalog holds the written state."""
        change = outcome.change
        if outcome.result is not OutcomeStatus.DONE or not isinstance(change, DatabaseChange):
            return outcome
        try:
            current = database_from_glue(self.catalog.get_database(change.database))
        except SyncError as err:
            return _unverified(outcome, err)
        return _verify(outcome, database_differences(change.after, current), change.database)

    def tables(self, outcomes: Iterable[Outcome]) -> list[Outcome]:
        """Return the outcomes; verified where the catalog holds the written state."""
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
            # One listing at a time limits memory: the written tables are in memory already.
            differing |= self._read_listing(changes)
        return [_verify_table(outcome, differing) for outcome in outcomes]

    def _read_one(self, change: TableChange) -> dict[ChangeKey, _Difference]:
        try:
            row = self.catalog.get_table(change.database, change.table)
        except TableMissing:
            return {change.key: _difference(change, None)}
        except SyncError as err:
            return {change.key: err}
        return {change.key: _difference(change, table_from_glue(row).table)}

    def _read_listing(self, changes: Iterable[TableChange]) -> dict[ChangeKey, _Difference]:
        """Compare the written tables of one database with one listing of it.

        Rows are not stored: a first load would hold the whole catalog twice.
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


def listing_pages(plan: Plan) -> Mapping[str, int]:
    """Return the number of pages of a listing of each database, estimated from the plan."""
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
    """Return whether another run wrote the table since, from its own read; that write counts.

    A lost write leaves the fingerprint of `before`, an edit by a person that of `after`.
    """
    ours = {table.parameter(_FINGERPRINT) for table in (change.before, change.after) if table}
    actual = current.parameter(_FINGERPRINT)
    return current.managed and actual is not None and actual not in ours


def _verify_table(outcome: Outcome, differing: Mapping[ChangeKey, _Difference]) -> Outcome:
    change = outcome.change
    if outcome.result is not OutcomeStatus.DONE or not isinstance(change, TableChange):
        return outcome
    difference = differing[change.key]
    if isinstance(difference, SyncError):
        return _unverified(outcome, difference)
    return _verify(outcome, difference, change.name)


def _verify(outcome: Outcome, differing: tuple[str, ...], name: str) -> Outcome:
    if not differing:
        return replace(outcome, verified=True)
    err = VerificationFailed(
        f"{name} read back differs from what was written in {first_paths(differing)}"
    )
    return failed_outcome(outcome.change, err, outcome.attempts)


def _unverified(outcome: Outcome, err: SyncError) -> Outcome:
    """Return the outcome of a write that succeeded but could not be read back."""
    unverified = failed_outcome(outcome.change, err, outcome.attempts)
    if unverified.error is None:
        return unverified
    message = f"written, but not proven by reading back: {unverified.error.message}"
    return replace(unverified, error=replace(unverified.error, message=message))
