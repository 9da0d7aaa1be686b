"""The catalog as the pipeline's target: bulk reads, ordered parallel writes, proof by reading.

Threads live here and nowhere else in this package. Between two kinds of change stands a barrier:
no update begins before the last creation has ended, no removal before everything else, so that a
run that is cut off never leaves the catalog holding less than before. Each kind is read back
before the next begins.
"""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from math import ceil
from threading import Event
from typing import Any, Final, TypeVar

from datasphere_glue.errors import (
    OutOfTime,
    SyncError,
    TableMissing,
    VerificationFailed,
    WriteFailed,
)
from datasphere_glue.glue.change_writer import Attempt, failed
from datasphere_glue.glue.client import PAGE, GlueCatalog
from datasphere_glue.glue.table_input import database_from_glue, table_from_glue
from datasphere_glue.glue.verify import database_differences, differences, named
from datasphere_glue.model.table import PREFIX, CurrentTable, Database, Table
from datasphere_glue.plan.change import (
    ChangeAction,
    DatabaseChange,
    Outcome,
    OutcomeStatus,
    Plan,
    Replan,
    TableChange,
)

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
_FINGERPRINT: Final = PREFIX + "fingerprint"

_Change = TypeVar("_Change", DatabaseChange, TableChange)
_Wrong = tuple[str, ...] | SyncError


class GlueTarget:
    """Reads and writes one Glue Data Catalog.

    `workers` bounds the parallel calls. Nothing is read any more for comparing at `until`, which is
    monotonic time on `clock`; `sleep` and `jitter` (a number in [0, 1)) shape the pauses after a
    conflict.
    """

    def __init__(  # noqa: PLR0913 - the seams of time come in by name
        self,
        catalog: GlueCatalog,
        *,
        workers: int = 4,
        until: float = float("inf"),
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._catalog = catalog
        self._workers = workers
        self._until = until
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter

    def databases(self) -> tuple[Database, ...]:
        """Return every database of the catalog, sorted by name.

        Raises:
            PermissionDenied: the catalog may not be read.
            CredentialsRejected: the identity is refused.
            Unavailable: Glue gave no useful answer.
            OutOfTime: the time of the run is over.

        """
        databases = map(database_from_glue, self._in_time(self._catalog.get_databases()))
        return tuple(sorted(databases, key=lambda database: database.name))

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        """Return the tables of a database, sorted by name; raises as `databases`.

        Resource links and federated databases have none: theirs belong to somebody else. Neither
        has a database that was removed in the meantime.
        """
        if database.link:
            return ()
        try:
            rows = self._in_time(self._catalog.get_tables(database.name))
            tables = [table_from_glue(row) for row in rows]
        except TableMissing:
            return ()
        return tuple(sorted(tables, key=lambda current: current.table.name))

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        """Carry the plan out until the monotonic time `until`; return one outcome per change.

        Databases come first. No write starts after `until`; what was written by then is still read
        back. After an error that forbids every write, the rest is UNTRIED.
        """
        stop = Event()
        attempt = Attempt(
            catalog=self._catalog,
            replan=replan,
            may_start=lambda: not stop.is_set() and self._clock() < until,
            pause=self._pause,
        )
        with ThreadPoolExecutor(self._workers) as pool:
            run = _Run(self._catalog, pool, attempt, stop, _pages(plan))
            written = run.databases(plan.databases)
            proven = pool.map(run.database_verified, written)
            return (*proven, *run.tables(plan.tables, _lacking(written)))

    def _in_time(self, rows: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Yield rows, whose pages are fetched on the way, until the time is over."""
        while self._clock() < self._until:
            row = next(rows, None)
            if row is None:
                return
            yield row
        raise OutOfTime("the catalog was not read to its end: the time of the run is over")

    def _pause(self, attempt: int) -> None:
        self._sleep(self._jitter() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt))


@dataclass(frozen=True, slots=True)
class _Run:
    """One application of one plan: what its threads share."""

    catalog: GlueCatalog
    pool: ThreadPoolExecutor
    attempt: Attempt
    stop: Event
    pages: Mapping[str, int] = field(default_factory=dict)

    def databases(self, changes: tuple[DatabaseChange, ...]) -> tuple[Outcome, ...]:
        """Write the databases; nothing is read back yet."""
        return tuple(
            self.pool.map(lambda change: self._try(self.attempt.database, change), changes)
        )

    def database_verified(self, outcome: Outcome) -> Outcome:
        """Return the outcome, verified when the catalog holds what was written."""
        change = outcome.change
        if outcome.result is not OutcomeStatus.DONE or not isinstance(change, DatabaseChange):
            return outcome
        try:
            found = database_from_glue(self.catalog.get_database(change.database))
        except SyncError as err:
            return self._heeded(_unproven(outcome, err))
        return _judged(outcome, database_differences(change.after, found), change.database)

    def tables(
        self, changes: tuple[TableChange, ...], lacking: Mapping[str, str]
    ) -> tuple[Outcome, ...]:
        """Write and verify the tables, kind by kind; `lacking` names databases not to be had."""
        outcomes: dict[int, Outcome] = {}
        for action in ChangeAction:
            places = [place for place, change in enumerate(changes) if change.action is action]
            written = self.pool.map(lambda place: self._table(changes[place], lacking), places)
            outcomes |= zip(places, self._tables_verified(list(written)), strict=True)
        return tuple(outcomes[place] for place in range(len(changes)))

    def _table(self, change: TableChange, lacking: Mapping[str, str]) -> Outcome:
        if (reason := lacking.get(change.database)) and self.attempt.may_start():
            err = WriteFailed(
                f"table {change.database}.{change.table} was not tried: its database could not be "
                f"created ({reason})",
                remedy="resolve the error of the database; the next run creates its tables",
            )
            return failed(change, err, 0)
        return self._try(self.attempt.table, change)

    def _try(self, write: Callable[[_Change], Outcome], change: _Change) -> Outcome:
        try:
            outcome = write(change)
        except Exception as err:  # noqa: BLE001 - what was written before must still be reported
            cause = SyncError(f"{type(err).__name__}: {err}")
            outcome = failed(change, cause, 1)
        return self._heeded(outcome)

    def _heeded(self, outcome: Outcome) -> Outcome:
        if outcome.halts:
            self.stop.set()
        return outcome

    def _tables_verified(self, outcomes: list[Outcome]) -> list[Outcome]:
        names: dict[str, list[str]] = defaultdict(list)
        for outcome in outcomes:
            change = outcome.change
            if outcome.result is OutcomeStatus.DONE and isinstance(change, TableChange):
                names[change.database].append(change.table)
        readings = [
            (database, name)
            for database, written in names.items()
            for name in (written if len(written) <= self.pages.get(database, 1) else [None])
        ]
        expected = {
            (o.change.database, o.change.table): o.change
            for o in outcomes
            if o.result is OutcomeStatus.DONE and isinstance(o.change, TableChange)
        }
        wrong: dict[tuple[str, str], _Wrong] = {}
        single = [reading for reading in readings if reading[1] is not None]
        for found in self.pool.map(lambda one: self._compared(one[0], one[1], expected), single):
            wrong |= found
        for database in (reading[0] for reading in readings if reading[1] is None):
            # One listing at a time: what was written is in memory already.
            wrong |= self._compared(database, None, expected)
        return [self._table_verified(outcome, wrong) for outcome in outcomes]

    def _compared(
        self,
        database: str,
        name: str | None,
        expected: Mapping[tuple[str, str], TableChange],
    ) -> dict[tuple[str, str], _Wrong]:
        """Return in which fields each written table of one reading is not as expected.

        What was read is not kept: a first load would hold the whole catalog twice.
        """
        keys = [key for key in expected if key[0] == database and name in {None, key[1]}]
        wrong: dict[tuple[str, str], _Wrong] = {key: _wrong(expected[key], None) for key in keys}
        try:
            rows = (
                self.catalog.get_tables(database)
                if name is None
                else iter([self.catalog.get_table(database, name)])
            )
            for row in rows:
                key = (database, row["Name"])
                if key in wrong:
                    wrong[key] = _wrong(expected[key], table_from_glue(row).table)
        except TableMissing:
            return wrong
        except SyncError as err:
            return dict.fromkeys(keys, err)
        return wrong

    def _table_verified(self, outcome: Outcome, wrong: Mapping[tuple[str, str], _Wrong]) -> Outcome:
        change = outcome.change
        if outcome.result is not OutcomeStatus.DONE or not isinstance(change, TableChange):
            return outcome
        said = wrong[change.database, change.table]
        if isinstance(said, SyncError):
            return self._heeded(_unproven(outcome, said))
        return _judged(outcome, said, f"{change.database}.{change.table}")


def _wrong(change: TableChange, found: Table | None) -> tuple[str, ...]:
    expected = change.after
    if expected is None or found is None:
        return () if expected is found else ("existence",)
    return () if _superseded(change, found) else differences(expected, found)


def _superseded(change: TableChange, found: Table) -> bool:
    """Tell whether another run wrote a table from its own reading since: the later one counts.

    A write that was lost leaves the fingerprint of before, an edit by a person the one of after.
    """
    known = {table.parameter(_FINGERPRINT) for table in (change.before, change.after) if table}
    told = found.parameter(_FINGERPRINT)
    return found.managed and told is not None and told not in known


def _judged(outcome: Outcome, wrong: tuple[str, ...], name: str) -> Outcome:
    if not wrong:
        return replace(outcome, verified=True)
    err = VerificationFailed(f"{name} read back differs from what was written in {named(wrong)}")
    return failed(outcome.change, err, outcome.attempts)


def _unproven(outcome: Outcome, err: SyncError) -> Outcome:
    """Return the outcome of a write that succeeded but could not be read back."""
    answer = failed(outcome.change, err, outcome.attempts)
    if answer.error is None:
        return answer
    message = f"written, but not proven by reading back: {answer.error.message}"
    return replace(answer, error=replace(answer.error, message=message))


def _lacking(outcomes: Iterable[Outcome]) -> Mapping[str, str]:
    """Return the databases that were to be created and do not exist, each with the reason."""
    return {
        outcome.change.database: outcome.error.message
        for outcome in outcomes
        if outcome.change.action is ChangeAction.CREATE and outcome.error
    }


def _pages(plan: Plan) -> Mapping[str, int]:
    """Return how many pages a listing of each database takes, as far as the plan can tell."""
    sizes: Counter[str] = Counter(change.database for change in plan.tables)
    spaces = {(change.space, change.database) for change in plan.tables}
    unchanged: Mapping[str, Any] = dict(plan.unchanged)
    for space, database in spaces:
        sizes[database] += unchanged.get(space, 0)
    return {database: ceil(size / PAGE) for database, size in sizes.items()}
