"""In which databases our own runs wrote the tables of each space, by their audit files.

A space that moves leaves a database behind. Only this record tells a former database of ours from a
copy of it, or from the database of another stack.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import groupby

from datasphere_glue.errors import Unavailable
from datasphere_glue.evidence.own_record import audited_writes
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.recorded import RecordedWrite, TableName
from datasphere_glue.storage.store import Store


class OwnPlaces:
    """The databases of each space, read from the audit files as far back as a run needs them.

    `tenants`: hosts of the tenant.
    `environment`: that of this stack; what a stack of another environment wrote is not ours.
    `before`: only older files count, in seconds since 1970.

    A record that cannot be read counts as none.
    """

    def __init__(
        self, store: Store, tenants: Collection[str], environment: str | None, before: float
    ) -> None:
        self._store = store
        self._before = before
        self._tenants = frozenset(tenants)
        self._environment = environment
        self._databases: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._unread: Iterator[list[tuple[TableName, RecordedWrite]]] | None = None

    def __call__(self, space: str, home: str, wanted: Collection[str]) -> tuple[str, ...]:
        """Return the databases other than `home` that we wrote a space into, the last one first.

        Reading ends once all of `wanted` are found; without any, at the first database.
        """
        while not self._suffices(space, home, wanted) and self._read_more():
            pass
        return tuple(name for name in self._databases[space] if name != home)

    def _suffices(self, space: str, home: str, wanted: Collection[str]) -> bool:
        others = self._databases[space].keys() - {home}
        return others.issuperset(wanted) if wanted else bool(others)

    def _read_more(self) -> bool:
        """Read the next audit files of one moment; return False after the last ones."""
        if self._unread is None:
            self._unread = _writes_by_moment(self._store, self._before)
        try:
            writes = next(self._unread, None)
        except Unavailable:
            writes = None
        for (database, _), write in writes or ():
            if self._is_ours(write):
                self._databases[write.space].setdefault(database)
        return writes is not None

    def _is_ours(self, write: RecordedWrite) -> bool:
        return (
            write.action is not ChangeAction.DELETE
            and write.tenant in self._tenants
            and write.environment == self._environment
        )


def _writes_by_moment(
    store: Store, before: float
) -> Iterator[list[tuple[TableName, RecordedWrite]]]:
    """Yield the writes of earlier runs, newest first, together those of one second."""
    files = audited_writes(store, lambda _: True, before)
    for _, simultaneous in groupby(files, key=lambda file: file.ended):
        writes = [one for file in simultaneous for one in file.writes or ()]
        yield sorted(writes, key=lambda one: one[1].started, reverse=True)
