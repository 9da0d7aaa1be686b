"""The catalog as the pipeline's target: bulk reads, ordered parallel writes, proof by reading.

Threads live here and nowhere else in this package. Which changes are written together and which
wait for others is data: `plan.stages`.
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
from datasphere_glue.glue.read_back import ReadBack, pages
from datasphere_glue.glue.table_input import database_from_glue, table_from_glue
from datasphere_glue.model.table import CurrentTable, Database
from datasphere_glue.plan.change import ChangeAction, Outcome, Plan, Replan
from datasphere_glue.plan.stages import barriers

_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0


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

        Databases come first, then the tables from barrier to barrier (`plan.stages`). No write
        starts after `until`; what was written by then is still read back. After an error that
        forbids every write, the rest is UNTRIED.
        """
        writer = ChangeWriter(
            catalog=self._catalog,
            replan=replan,
            in_time=lambda: self._clock() < until,
            pause=self._pause,
        )
        outcomes: dict[int, Outcome] = {}
        with ThreadPoolExecutor(self._workers) as pool:
            read_back = ReadBack(self._catalog, pool, pages(plan))
            written = list(pool.map(writer.write, plan.databases))
            databases = writer.stop_after(pool.map(read_back.database, written))
            writer = replace(writer, missing=_missing(written))
            for places in barriers(plan.tables):
                written = list(pool.map(writer.write, (plan.tables[place] for place in places)))
                proven = writer.stop_after(read_back.tables(written))
                outcomes |= zip(places, proven, strict=True)
        return (*databases, *(outcomes[place] for place in range(len(plan.tables))))

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


def _missing(outcomes: Iterable[Outcome]) -> Mapping[str, str]:
    """Return the databases that were to be created and do not exist, each with the reason."""
    return {
        outcome.change.database: outcome.error.message
        for outcome in outcomes
        if outcome.change.action is ChangeAction.CREATE and outcome.error
    }
