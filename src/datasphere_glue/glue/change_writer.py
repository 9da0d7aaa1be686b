"""One change carried out: the lock, the retries after somebody else's write, the outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

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
from datasphere_glue.glue.client import GlueCatalog, unsure
from datasphere_glue.glue.table_input import (
    database_from_glue,
    database_input,
    table_from_glue,
    table_input,
)
from datasphere_glue.glue.verify import database_differences, differences
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.table import CurrentTable, Database, Table
from datasphere_glue.plan.change import (
    ChangeAction,
    DatabaseChange,
    Outcome,
    OutcomeStatus,
    Replan,
    TableChange,
)

ROUNDS: Final = 5
"""Tries of one change, each from a fresh read; botocore never retries a conflict."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a change is tried.

    `may_start` tells whether another write may begin; `pause` waits after the given round.
    """

    catalog: GlueCatalog
    replan: Replan
    may_start: Callable[[], bool]
    pause: Callable[[int], None]

    def database(self, change: DatabaseChange) -> Outcome:
        """Create or update the database; one that exists already is used as it is."""
        attempt, error = 0, None
        while attempt < ROUNDS and self.may_start():
            attempt += 1
            try:
                done = self._write_database(change, error)
            except ConcurrentChange as err:
                error = err
                self.pause(attempt)
            except SyncError as err:
                return self._ended(change, err, attempt)
            else:
                return Outcome(change, done, attempts=attempt)
        return failed(change, error, attempt) if error else untried(change)

    def table(self, change: TableChange) -> Outcome:
        """Write the table; planned again, at most ROUNDS times, when somebody else wrote it.

        A write of ours whose answer was lost, and that is found done, is done.
        """
        attempt, error = 0, None
        while attempt < ROUNDS and self.may_start():
            attempt += 1
            try:
                error = self._conflict(change)
                if error is None:
                    return Outcome(change, OutcomeStatus.DONE, attempts=attempt)
                self.pause(attempt)
                fresh = self._current(change)
                if unsure(error) and _holds(fresh, change.after):
                    return Outcome(change, OutcomeStatus.DONE, attempts=attempt)
                successor = self.replan(change, fresh)
            except SyncError as err:
                return self._ended(change, err, attempt)
            if successor is None:
                return Outcome(change, OutcomeStatus.UNCHANGED, attempts=attempt)
            change = successor
        return failed(change, error, attempt) if error else untried(change)

    def _ended(self, change: DatabaseChange | TableChange, err: SyncError, attempt: int) -> Outcome:
        """Return the outcome after an error that no other try resolves."""
        if not unsure(err):
            return untried(change) if isinstance(err, OutOfTime) else failed(change, err, attempt)
        try:
            done = (
                _holds(self._current(change), change.after)
                if isinstance(change, TableChange)
                else not database_differences(change.after, self._database(change))
            )
        except SyncError:
            done = False
        return (
            Outcome(change, OutcomeStatus.DONE, attempts=attempt)
            if done
            else failed(change, err, attempt)
        )

    def _conflict(self, change: TableChange) -> WriteFailed | None:
        """Write; return what a fresh read may resolve, None when it is done."""
        try:
            self._write_table(change)
        except (ConcurrentChange, TableExists) as err:
            return err
        except TableMissing as err:
            if change.action is ChangeAction.CREATE:
                raise WriteFailed(
                    f"table {_name(change)} cannot be created: {err.message}",
                    remedy="check who removed the database; the next run creates it again",
                ) from err
            return err
        return None

    def _write_table(self, change: TableChange) -> None:
        database = change.database
        match change.action:
            case ChangeAction.CREATE:
                self.catalog.create_table(database, table_input(_known(change.after)))
            case ChangeAction.DELETE:
                # DeleteTable has no lock (Glue API model): the nearest thing is to look first.
                self._lock(change)
                self.catalog.delete_table(database, change.table)
            case _:
                version = change.version_id or self._lock(change)
                self.catalog.update_table(database, table_input(_known(change.after)), version)

    def _lock(self, change: TableChange) -> str:
        """Return the version of the table, if it still is what the change was planned from."""
        fresh = self._current(change)
        if fresh is None:
            raise TableMissing(f"table {_name(change)} does not exist any more")
        if fresh.version_id is None:
            raise WriteFailed(f"Glue gives no VersionId for table {_name(change)}")
        planned = change.version_id in {None, fresh.version_id}
        if not planned or (change.before and differences(change.before, fresh.table)):
            raise ConcurrentChange(f"table {_name(change)} was changed since it was read")
        return fresh.version_id

    def _current(self, change: TableChange) -> CurrentTable | None:
        try:
            return table_from_glue(self.catalog.get_table(change.database, change.table))
        except TableMissing:
            return None

    def _write_database(self, change: DatabaseChange, earlier: WriteFailed | None) -> OutcomeStatus:
        if change.action is not ChangeAction.CREATE:
            if self._done_meanwhile(change):
                return (
                    OutcomeStatus.DONE if earlier and unsure(earlier) else OutcomeStatus.UNCHANGED
                )
            self.catalog.update_database(database_input(change.after))
            return OutcomeStatus.DONE
        try:
            self.catalog.create_database(database_input(change.after))
        except TableExists as err:
            found = self._database(change)
            if unsure(err) and not database_differences(change.after, found):
                return OutcomeStatus.DONE
            if found.link:
                raise ForeignObject(
                    f"database {found.name} exists and points to {found.link}"
                ) from None
            return OutcomeStatus.UNCHANGED
        return OutcomeStatus.DONE

    def _done_meanwhile(self, change: DatabaseChange) -> bool:
        """Tell whether the database was changed since it was read, just as it shall be.

        UpdateDatabase replaces the whole and has no lock (Glue API model), and there is nobody to
        plan a database again: the next run does.

        Raises:
            WriteFailed: it is neither that nor what the change was planned from.

        """
        found = self._database(change)
        if change.before is None or found == change.before:
            return False
        if not database_differences(change.after, found):
            return True
        raise WriteFailed(
            f"database {found.name} was changed since it was read",
            remedy=ConcurrentChange.default_remedy,
        )

    def _database(self, change: DatabaseChange) -> Database:
        return database_from_glue(self.catalog.get_database(change.database))


def _holds(fresh: CurrentTable | None, after: Table | None) -> bool:
    """Tell whether a table as it is now is what was to be written, or gone as it was to be."""
    if fresh is None or after is None:
        return fresh is None and after is None
    return not differences(after, fresh.table)


def failed(change: DatabaseChange | TableChange, err: SyncError, attempts: int) -> Outcome:
    """Return the outcome of a change that ended in an error."""
    issue = Issue(err.code, err.message, err.remedy, space=change.space, asset=change.asset)
    halts = isinstance(err, Halt)
    return Outcome(change, OutcomeStatus.FAILED, attempts=attempts, error=issue, halts=halts)


def untried(change: DatabaseChange | TableChange) -> Outcome:
    """Return the outcome of a change that was never started."""
    return Outcome(change, OutcomeStatus.UNTRIED)


def _name(change: TableChange) -> str:
    return f"{change.database}.{change.table}"


def _known(table: Table | None) -> Table:
    if table is None:
        raise ValueError("a creation or an update needs an after")
    return table
