"""Keeps definitions that several assets of a run need, each read once for all threads."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Final

from datasphere_glue.datasphere.csn.parser import Definition

_MOST_COLUMNS: Final = 30_000
"""Columns of all kept definitions together; a column takes about 1.6 KB."""


class DefinitionCache:
    """Definitions by `SPACE.object`, those that were needed last.

    A definition that was dropped is read again. An error is kept as well, so that an object that
    cannot be read costs one attempt.
    """

    def __init__(self, most_columns: int = _MOST_COLUMNS) -> None:
        """Create an empty cache for that many columns."""
        self._most_columns = most_columns
        self._columns = 0
        self._lock = Lock()
        self._kept: OrderedDict[str, Future[Definition]] = OrderedDict()

    def get(self, name: str, read: Callable[[], Definition]) -> Definition:
        """Return the definition of a name, by `read` unless it is kept or being read.

        Raises:
            SyncError: as `read`, now or when the name was first needed.

        """
        with self._lock:
            future = self._kept.get(name)
            if future is None:
                mine = self._kept[name] = Future()
            else:
                self._kept.move_to_end(name)
        if future is not None:
            return future.result()
        self._fill(mine, read)
        return mine.result()

    def _fill(self, future: Future[Definition], read: Callable[[], Definition]) -> None:
        try:
            definition = read()
        except BaseException as error:  # noqa: BLE001 - the threads that wait must not hang
            future.set_exception(error)
            return
        with self._lock:
            future.set_result(definition)
            self._columns += _size(definition)
            while self._columns > self._most_columns and len(self._kept) > 1:
                if not next(iter(self._kept.values())).done():
                    break
                _, oldest = self._kept.popitem(last=False)
                self._columns -= 0 if oldest.exception() else _size(oldest.result())


def _size(definition: Definition) -> int:
    return len(definition.asset.elements) + 1
