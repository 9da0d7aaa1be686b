"""Applies one change: the lock, the retries after a concurrent write, the outcome."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Final, assert_never

from datasphere_glue.errors import (
    ConcurrentChange,
    ForeignObject,
    Halt,
    OutOfTime,
    SyncError,
    TableExists,
    TableMissing,
    WriteFailed,
)
from datasphere_glue.glue.client import GlueCatalog, may_have_succeeded
from datasphere_glue.glue.table_input import (
    database_from_glue,
    database_input,
    table_from_glue,
    table_input,
)
from datasphere_glue.glue.verify import database_differences, differences
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import CurrentTable, Database, Table
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import (
    Change,
    DatabaseChange,
    Outcome,
    OutcomeStatus,
    Replan,
    TableChange,
)

ROUNDS: Final = 5
"""Most tries of one change, each from a fresh read; botocore never retries a conflict."""


@dataclass(frozen=True, slots=True)
class ChangeWriter:
    """Writes single changes, from several threads.

    - `replan`: plans a table again from a fresh read.
    - `in_time`: returns whether another write may start.
    - `pause`: waits after the try with this number.
    - `missing`: databases that could not be created, each with the reason.
    - `unwritten`: tables (`database.table`) that were to be written before, and were not.
    - `stopped`: set by the first error that forbids every write.
    """

    catalog: GlueCatalog
    replan: Replan
    in_time: Callable[[], bool]
    pause: Callable[[int], None]
    missing: Mapping[str, str] = field(default_factory=dict)
    unwritten: frozenset[str] = frozenset()
    stopped: Event = field(default_factory=Event)

    def write(self, change: Change) -> Outcome:
        """Apply one change and return its outcome; an error does not affect other changes."""
        try:
            if isinstance(change, DatabaseChange):
                outcome = self._database(change)
            else:
                outcome = self._table(change)
        except Exception as err:  # noqa: BLE001 - earlier writes must still be reported
            outcome = failed_outcome(change, SyncError(f"{type(err).__name__}: {err}"), 1)
        return self._stop_if_halted(outcome)

    def stop_after(self, outcomes: Iterable[Outcome]) -> list[Outcome]:
        """Return the outcomes; stop all further writes if one of them forbids these."""
        return [self._stop_if_halted(outcome) for outcome in outcomes]

    def _stop_if_halted(self, outcome: Outcome) -> Outcome:
        if outcome.halts:
            self.stopped.set()
        return outcome

    def _may_start(self) -> bool:
        return not self.stopped.is_set() and self.in_time()

    def _database(self, change: DatabaseChange) -> Outcome:
        """Create or update the database; an existing one is not created again."""
        attempt, error = 0, None
        while attempt < ROUNDS and self._may_start():
            attempt += 1
            try:
                done = self._write_database(change, error)
            except ConcurrentChange as err:
                error = err
                self.pause(attempt)
            except SyncError as err:
                return self._outcome_of_error(change, err, attempt)
            else:
                return Outcome(change, done, attempts=attempt)
        return failed_outcome(change, error, attempt) if error else untried_outcome(change)

    def _table(self, change: TableChange) -> Outcome:
        """Write the table; plan it again after a concurrent write, at most ROUNDS times.

        If the answer to our write was lost, and the table holds its result, the write is DONE.
        """
        if (blocked := self._blocked(change)) and self._may_start():
            return failed_outcome(change, blocked, 0)
        attempt, error = 0, None
        while attempt < ROUNDS and self._may_start():
            attempt += 1
            try:
                error = self._write_table(change)
                if error is None:
                    return Outcome(change, OutcomeStatus.DONE, attempts=attempt)
                self.pause(attempt)
                fresh = self._current(change)
                if may_have_succeeded(error) and _matches(fresh, change.after):
                    return Outcome(change, OutcomeStatus.DONE, attempts=attempt)
                successor = self.replan(change, fresh)
            except SyncError as err:
                return self._outcome_of_error(change, err, attempt)
            if successor is None:
                return Outcome(change, OutcomeStatus.UNCHANGED, attempts=attempt)
            change = successor
        return failed_outcome(change, error, attempt) if error else untried_outcome(change)

    def _blocked(self, change: TableChange) -> WriteFailed | None:
        """Return why a table must not be written after the writes so far."""
        if reason := self.missing.get(change.database):
            return _without_database(change, reason)
        heir = change.renamed.heir if change.renamed and change.action.removes else None
        return _without_heir(change, heir) if heir and heir in self.unwritten else None

    def _outcome_of_error(self, change: Change, err: SyncError, attempt: int) -> Outcome:
        """Return the outcome after an error that another try cannot resolve."""
        if not may_have_succeeded(err):
            return (
                untried_outcome(change)
                if isinstance(err, OutOfTime)
                else failed_outcome(change, err, attempt)
            )
        try:
            done = (
                _matches(self._current(change), change.after)
                if isinstance(change, TableChange)
                else not database_differences(change.after, self._current_database(change))
            )
        except SyncError:
            done = False
        return (
            Outcome(change, OutcomeStatus.DONE, attempts=attempt)
            if done
            else failed_outcome(change, err, attempt)
        )

    def _write_table(self, change: TableChange) -> WriteFailed | None:
        """Write the table; return a conflict that a fresh read may resolve, None after success."""
        database = change.database
        try:
            match change.action:
                case ChangeAction.CREATE:
                    self.catalog.create_table(database, table_input(_present(change.after)))
                case ChangeAction.UPDATE | ChangeAction.RESTORE | ChangeAction.DEPRECATE:
                    version = change.version_id or self._lock(change)
                    body = table_input(_present(change.after))
                    self.catalog.update_table(database, body, version)
                case ChangeAction.DELETE:
                    # DeleteTable has no lock (Glue API model), so the version is checked first.
                    self._lock(change)
                    self.catalog.delete_table(database, change.table)
                case _:
                    assert_never(change.action)
        except (ConcurrentChange, TableExists) as err:
            return err
        except TableMissing as err:
            if change.action is ChangeAction.CREATE:
                raise WriteFailed(
                    f"table {change.name} cannot be created: {err.message}",
                    remedy="check who removed the database; the next run creates it again",
                ) from err
            return err
        return None

    def _lock(self, change: TableChange) -> str:
        """Return the version of the table if its state is still that of the plan.

        Raises:
            ConcurrentChange: the table was changed since.
            TableMissing: the table was removed.
            WriteFailed: Glue returned no version.

        """
        fresh = self._current(change)
        if fresh is None:
            raise TableMissing(f"table {change.name} does not exist any more")
        if fresh.version_id is None:
            raise WriteFailed(f"Glue gives no VersionId for table {change.name}")
        same_version = change.version_id in {None, fresh.version_id}
        if not same_version or (change.before and differences(change.before, fresh.table)):
            raise ConcurrentChange(f"table {change.name} was changed since it was read")
        return fresh.version_id

    def _current(self, change: TableChange) -> CurrentTable | None:
        try:
            return table_from_glue(self.catalog.get_table(change.database, change.table))
        except TableMissing:
            return None

    def _write_database(self, change: DatabaseChange, earlier: WriteFailed | None) -> OutcomeStatus:
        match change.action:
            case ChangeAction.CREATE:
                return self._create_database(change)
            case (
                ChangeAction.UPDATE
                | ChangeAction.RESTORE
                | ChangeAction.DEPRECATE
                | ChangeAction.DELETE
            ):
                # Databases are never removed, so all of these actions write their properties.
                return self._update_database(change, earlier)
            case _:
                assert_never(change.action)

    def _create_database(self, change: DatabaseChange) -> OutcomeStatus:
        try:
            self.catalog.create_database(database_input(change.after))
        except TableExists as err:
            current = self._current_database(change)
            if may_have_succeeded(err) and not database_differences(change.after, current):
                return OutcomeStatus.DONE
            if current.link:
                raise ForeignObject(
                    f"database {current.name} exists and points to {current.link}"
                ) from None
            return OutcomeStatus.UNCHANGED
        return OutcomeStatus.DONE

    def _update_database(
        self, change: DatabaseChange, earlier: WriteFailed | None
    ) -> OutcomeStatus:
        if self._written_meanwhile(change):
            return (
                OutcomeStatus.DONE
                if earlier and may_have_succeeded(earlier)
                else OutcomeStatus.UNCHANGED
            )
        self.catalog.update_database(database_input(change.after))
        return OutcomeStatus.DONE

    def _written_meanwhile(self, change: DatabaseChange) -> bool:
        """Return whether another writer already wrote the desired state of the database.

        UpdateDatabase replaces the whole database and has no lock (Glue API model). Databases are
        not planned again within a run; the next run does.

        Raises:
            WriteFailed: the database has neither the desired state nor that of the plan.

        """
        current = self._current_database(change)
        if change.before is None or current == change.before:
            return False
        if not database_differences(change.after, current):
            return True
        raise WriteFailed(
            f"database {current.name} was changed since it was read",
            remedy=ConcurrentChange.code.remedy,
        )

    def _current_database(self, change: DatabaseChange) -> Database:
        return database_from_glue(self.catalog.get_database(change.database))


def _matches(fresh: CurrentTable | None, after: Table | None) -> bool:
    """Return whether the fresh state of a table is the desired one; None means removed."""
    if fresh is None or after is None:
        return fresh is None and after is None
    return not differences(after, fresh.table)


def failed_outcome(change: Change, err: SyncError, attempts: int) -> Outcome:
    """Return the outcome of a change after an error."""
    issue = Issue(err.code, err.message, err.remedy, space=change.space, asset=change.asset)
    halts = isinstance(err, Halt)
    return Outcome(change, OutcomeStatus.FAILED, attempts=attempts, error=issue, halts=halts)


def untried_outcome(change: Change) -> Outcome:
    """Return the outcome of a change that was not started."""
    return Outcome(change, OutcomeStatus.UNTRIED)


def _without_heir(change: TableChange, heir: str) -> WriteFailed:
    return WriteFailed(
        f"table {change.name} was not deprecated: {heir}, which carries it on, was not written",
        remedy=f"see the error of {heir}; the next run tries again",
    )


def _without_database(change: TableChange, reason: str) -> WriteFailed:
    return WriteFailed(
        f"table {change.name} was not tried: its database could not be created ({reason})",
        remedy="resolve the error of the database; the next run creates its tables",
    )


def _present(table: Table | None) -> Table:
    if table is None:
        raise ValueError("a creation or an update needs an after")
    return table
