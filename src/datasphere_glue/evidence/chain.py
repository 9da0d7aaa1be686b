"""The chain of all runs: links that are created one after the other and never written over.

    audit/9999999998.json    link 1, which follows none
    audit/9999999997.json    link 2, which holds the hash of link 1
    ...

A link names files that a run has left as evidence, with the SHA-256 of each. Its number counts down
in its key, so that the newest comes first in any listing: it is found by one request, however long
the chain is. Who comes second to a number takes the next one, so the chain has one order and loses
nothing, and no object is ever written twice.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count, islice
from typing import Any, Final, Self, TypeVar

from datasphere_glue import __version__
from datasphere_glue.errors import ReportUnwritable, Unavailable
from datasphere_glue.evidence.hashed_lines import (
    HASH,
    ORIGIN,
    hash_of_line,
    hashed_line,
    parse_hashed_line,
)
from datasphere_glue.storage.store import Store

SCHEMA: Final = "datasphere-glue/link/1"
FOLDER: Final = "audit/"
_HIGHEST: Final = 9_999_999_999
_KEY: Final = re.compile(rf"{FOLDER}([0-9]{{10}})\.json")
_PATIENCE_S: Final = 20.0
"""Seconds after which a run that never comes first leaves its files unchained."""

_FAR: Final = 8
"""Numbers that are tried one after the other before the newest link is looked for again."""

_AT_ONCE: Final = 10
"""Bodies that are read at the same time: as many as a client of boto3 has connections."""

_AHEAD: Final = 64

_In = TypeVar("_In")
_Out = TypeVar("_Out")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was kept: its SHA-256, its bytes and lines, and the hash that its last one has.

    `last` is None for files whose lines are not sealed.
    """

    key: str
    sha256: str
    bytes: int
    lines: int
    last: str | None = None


class Traced:
    """Lines on their way to a store or from it, counted and hashed as they pass."""

    def __init__(self) -> None:
        self._hash = sha256()
        self._bytes = self._lines = 0
        self._last = b""

    def through(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the lines."""
        for line in lines:
            self._hash.update(line)
            self._bytes += len(line)
            self._lines += 1
            self._last = line
            yield line

    def file(self, key: str) -> File:
        """Return the file that passed."""
        seal = hash_of_line(self._last)
        return File(key, self._hash.hexdigest(), self._bytes, self._lines, seal)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link: its number and its hash; number 0 before there is any."""

    number: int = 0
    hash: str = ORIGIN


@dataclass(frozen=True, slots=True)
class Link:
    """One link: who made it (a run, or a part of one), when (ISO 8601), and what it names."""

    number: int
    previous: str
    run: str
    made: str
    files: tuple[File, ...]
    hash: str = ""

    @property
    def head(self) -> Head:
        """Return this link as the newest one."""
        return Head(self.number, self.hash)

    @classmethod
    def of(cls, body: bytes) -> Self | None:
        """Return the link that a body holds, None when it is not as it was written."""
        found = parse_hashed_line(body)
        if found is None or found.values.get("schema") != SCHEMA:
            return None
        told = found.values
        try:
            files = tuple(_file(entry) for entry in told["files"])
            link = cls(
                told["number"], told["previous"], told["run"], told["made"], files, found.hash
            )
            datetime.fromisoformat(link.made)
        except (KeyError, TypeError, ValueError):
            return None
        texts = isinstance(link.previous, str) and isinstance(link.run, str)
        return link if texts and type(link.number) is int else None


def key_of(number: int) -> str:
    """Return the key of a link."""
    return f"{FOLDER}{_HIGHEST - number:010d}.json"


def number_of(key: str) -> int | None:
    """Return the number of the link with that key, None when it is the key of no link."""
    found = _KEY.fullmatch(key)
    return (_HIGHEST - int(found[1]) or None) if found else None


def newest(store: Store) -> Head:
    """Return the newest link; one that was damaged counts by what stands there now.

    Raises:
        Unavailable: the links cannot be read.

    """
    key = store.first(FOLDER)
    number = None if key is None else number_of(key)
    if key is not None and number is None:
        numbers = (number_of(kept.key) for kept in store.find(FOLDER))
        number = max((one for one in numbers if one is not None), default=0)
    return _head(store, number)[0] if number else Head()


def linked(
    store: Store,
    run: str,
    files: tuple[File, ...],
    after: Head | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Link:
    """Create the next link of the chain, which names these files, and return it.

    `after` is a link that is known; the search for the newest one begins there. `clock` tells
    seconds.

    Raises:
        ReportUnwritable: the chain cannot be read or written, or others always came first.

    """
    try:
        return _linked(store, run, files, after or newest(store), clock)
    except Unavailable as err:
        raise ReportUnwritable(
            f"the audit chain could not be continued: {err.message}", remedy=err.remedy
        ) from err


def _linked(
    store: Store, run: str, files: tuple[File, ...], head: Head, clock: Callable[[], float]
) -> Link:
    patience = clock() + _PATIENCE_S
    for tries in count(1):
        if head.number >= _HIGHEST:
            raise ReportUnwritable(
                f"the audit chain could not be continued: {store.location(key_of(head.number))} is"
                " where the last of all links would be",
                remedy="no run put it there: move it away, and see what `audit verify` tells",
            )
        link, body = _next(head, run, files)
        if store.create(key_of(link.number), body):
            return link
        head, there = _head(store, link.number)
        if there is not None and (there.run, there.files) == (run, files):
            return there  # an earlier try had succeeded, and only its answer was lost
        if clock() > patience:
            break
        if tries % _FAR == 0:
            head = newest(store)
    raise ReportUnwritable(
        f"the audit chain could not be continued: others wrote {tries} links first",
        remedy="nothing to do: what this run left is there, and `audit verify` calls it unchained",
    )


def bodies(store: Store, numbers: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    """Yield links as they stand there, by number, in the order given; many are read at once.

    Raises:
        Unavailable: a link cannot be read.

    """
    return at_once(lambda number: (number, b"".join(store.pieces(key_of(number)))), numbers)


def at_once(work: Callable[[_In], _Out], items: Iterable[_In]) -> Iterator[_Out]:
    """Yield what comes of each item, in order, while the next ones are being worked on."""
    waiting = iter(items)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while chosen := list(islice(waiting, _AHEAD)):
            yield from pool.map(work, chosen)


def _next(head: Head, run: str, files: tuple[File, ...]) -> tuple[Link, bytes]:
    link = Link(head.number + 1, head.hash, run, datetime.now(UTC).isoformat(), files)
    body, told = hashed_line(
        {
            "schema": SCHEMA,
            "number": link.number,
            "previous": link.previous,
            "run": run,
            "made": link.made,
            "version": __version__,
            "files": [asdict(file) for file in files],
        }
    )
    return Link(link.number, link.previous, run, link.made, files, told), body


def _head(store: Store, number: int) -> tuple[Head, Link | None]:
    body = b"".join(store.pieces(key_of(number)))
    link = Link.of(body)
    return Head(number, link.hash if link else sha256(body).hexdigest()), link


def _file(entry: dict[str, Any]) -> File:
    file = File(**entry)
    texts = (file.key, file.sha256, file.last or "")
    if not all(isinstance(text, str) for text in texts) or not HASH.fullmatch(file.sha256):
        raise TypeError("a file is named by its key and its SHA-256")
    if type(file.bytes) is not int or type(file.lines) is not int:
        raise TypeError("a file has a number of bytes and of lines")
    return file
