"""The catalog as the target of a run: bulk reads, ordered parallel writes, verification by reads.

Only this module of the package starts threads. `plan.stages` defines, as data, which changes are
written together and which wait for others.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from datasphere_glue.errors import OutOfTime, TableMissing
from datasphere_glue.glue.change_writer import ChangeWriter
from datasphere_glue.glue.client import GlueCatalog
from datasphere_glue.glue.read_back import ReadBack, listing_pages
from datasphere_glue.glue.table_input import database_from_glue, table_from_glue
from datasphere_glue.model.table import CurrentTable, Database
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Outcome, OutcomeStatus, Plan, Replan
from datasphere_glue.plan.stages import barriers

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0


class GlueTarget:
    """Reads and writes one Glue Data Catalog.

    - `workers`: most parallel calls.
    - `until`: time on `clock`; no read for the comparison starts after it.
    - `clock`: returns monotonic seconds.
    - `sleep`, `jitter`: shape the pauses after a conflict; `jitter` returns a number in [0, 1).
    """

    def __init__(  # noqa: PLR0913 - clocks are passed by name
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
            PermissionDenied: the identity may not read the catalog.
            CredentialsRejected: AWS refuses the identity.
            Unavailable: Glue returned no valid answer.
            OutOfTime: the time of the run is over.

        """
        databases = map(database_from_glue, self._in_time(self._catalog.get_databases()))
        return tuple(sorted(databases, key=lambda database: database.name))

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        """Return the tables of a database, sorted by name; raises as `databases`.

        The result is empty for resource links and federated databases, whose tables belong to
        others, and for a database that was removed in the meantime.
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
        """Apply the plan; return one outcome per change, in the order of the plan.

        Databases come first, then the tables from barrier to barrier (`plan.stages`). No write
        starts after `until` (monotonic time on `clock`); earlier writes are still read back. After
        an error that forbids every write, the remaining changes are UNTRIED.
        """
        writer = ChangeWriter(
            catalog=self._catalog,
            replan=replan,
            in_time=lambda: self._clock() < until,
            pause=self._pause,
        )
        outcomes: dict[int, Outcome] = {}
        with ThreadPoolExecutor(self._workers) as pool:
            read_back = ReadBack(self._catalog, pool, listing_pages(plan))
            written = list(pool.map(writer.write, plan.databases))
            databases = writer.stop_after(pool.map(read_back.database, written))
            writer = replace(writer, missing=_missing_databases(written))
            for places in barriers(plan.tables):
                written = list(pool.map(writer.write, (plan.tables[place] for place in places)))
                verified = writer.stop_after(read_back.tables(written))
                outcomes |= zip(places, verified, strict=True)
                writer = replace(writer, unwritten=writer.unwritten | _unwritten_tables(verified))
        return (*databases, *(outcomes[place] for place in range(len(plan.tables))))

    def _in_time(self, rows: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Yield rows, fetching pages lazily, until the time is over."""
        while self._clock() < self._until:
            row = next(rows, None)
            if row is None:
                return
            yield row
        raise OutOfTime("the catalog was not read to its end: the time of the run is over")

    def _pause(self, attempt: int) -> None:
        self._sleep(self._jitter() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt))


def _unwritten_tables(outcomes: Iterable[Outcome]) -> frozenset[str]:
    """Return the tables that were not written, so that what they replace must stay."""
    lost = (OutcomeStatus.FAILED, OutcomeStatus.UNTRIED)
    return frozenset(
        f"{outcome.change.database}.{outcome.change.table}"
        for outcome in outcomes
        if outcome.result in lost
    )


def _missing_databases(outcomes: Iterable[Outcome]) -> Mapping[str, str]:
    """Return the databases whose creation failed, each with the reason."""
    return {
        outcome.change.database: outcome.error.message
        for outcome in outcomes
        if outcome.change.action is ChangeAction.CREATE and outcome.error
    }
