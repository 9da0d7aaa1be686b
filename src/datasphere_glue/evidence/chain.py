"""The hash chain of all runs: links that are appended and never overwritten.

    audit/9999999998.json    link 1, the first
    audit/9999999997.json    link 2, which holds the hash of link 1
    ...

A link names evidence files of a run with the SHA-256 of each. The number in its key counts down, so
that the newest link is the first in a listing: one request finds it, however long the chain is. A
writer whose number is taken uses the next one, so the chain has one order, loses no link, and no
object is ever overwritten. A link also lists the runs that are open after it (`open_runs`).
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
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
from datasphere_glue.evidence.open_runs import OpenRun, is_record, open_after, open_runs_of
from datasphere_glue.storage.store import Store

SCHEMA: Final = "datasphere-glue/link/1"
FOLDER: Final = "audit/"
_HIGHEST: Final = 9_999_999_999
_KEY: Final = re.compile(rf"{FOLDER}([0-9]{{10}})\.json")
_DEADLINE_S: Final = 20.0
"""Seconds after which a run that never gets a free number leaves its files unchained."""

_TRIES_PER_SEARCH: Final = 8
"""Successive numbers tried before the newest link is searched again."""

_CONCURRENCY: Final = 10
"""Concurrent reads: the number of connections of a boto3 client."""

_LOOKAHEAD: Final = 64

_LOOKBACK: Final = 64
"""Most links that are read to find the open runs, if the newest links do not list them."""

_In = TypeVar("_In")
_Out = TypeVar("_Out")


@dataclass(frozen=True, slots=True)
class File:
    """A stored file as a link records it.

    - `key`: its key in the store.
    - `sha256`: hex digits of its hash.
    - `bytes`, `lines`: its size.
    - `last`: hash at the end of its last line; None for files without hashed lines.
    """

    key: str
    sha256: str
    bytes: int
    lines: int
    last: str | None = None


class LineDigest:
    """Counts and hashes the lines of a file while they are written or read."""

    def __init__(self) -> None:
        self._hash = sha256()
        self._bytes = self._lines = 0
        self._last = b""

    def through(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the lines unchanged."""
        for line in lines:
            self._hash.update(line)
            self._bytes += len(line)
            self._lines += 1
            self._last = line
            yield line

    def file(self, key: str) -> File:
        """Return the description of the file after its last line."""
        seal = hash_of_line(self._last)
        return File(key, self._hash.hexdigest(), self._bytes, self._lines, seal)


@dataclass(frozen=True, slots=True)
class Head:
    """Number and hash of the newest link; number 0 in an empty chain.

    - `run`: the run or part that it records; None if it holds no record.
    - `open`: the runs that are open after it; None if it does not list them.
    """

    number: int = 0
    hash: str = ORIGIN
    run: str | None = field(default=None, compare=False)
    open: tuple[OpenRun, ...] | None = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain.

    - `number`: position, from 1.
    - `previous`: hash of the link before, hex digits.
    - `run`: the run that made it, or a part of one.
    - `made`: time, ISO 8601.
    - `files`: the evidence files that it names.
    - `hash`: its own hash, hex digits.
    - `open`: the runs that are open after it; None in links of older versions.
    - `process`, `until`: the process of the run, and when it cannot be alive any more.
    """

    number: int
    previous: str
    run: str
    made: str
    files: tuple[File, ...]
    hash: str = ""
    open: tuple[OpenRun, ...] | None = field(default=None, compare=False)
    process: str = field(default="", compare=False)
    until: str | None = field(default=None, compare=False)

    @property
    def by(self) -> OpenRun:
        """Return the run that made the link, with its process."""
        return OpenRun(self.run, self.process, started=self.made, until=self.until)

    @property
    def head(self) -> Head:
        """Return the head of a chain that ends with this link."""
        recorded = any(is_record(file.key) for file in self.files)
        return Head(self.number, self.hash, self.run if recorded else None, self.open)

    def opens(self, before: tuple[OpenRun, ...]) -> tuple[OpenRun, ...]:
        """Return the runs that are open after this link; it follows a link with `before`."""
        files = ((file.key, file.sha256, file.lines) for file in self.files)
        return open_after(before, self.by, files) if self.open is None else self.open

    @classmethod
    def of(cls, body: bytes) -> Self | None:
        """Return the link in a body; None if the body is malformed or does not match its hash."""
        parsed = parse_hashed_line(body)
        if parsed is None or parsed.values.get("schema") != SCHEMA:
            return None
        values = parsed.values
        try:
            files = tuple(_file(entry) for entry in values["files"])
            link = cls(
                values["number"],
                values["previous"],
                values["run"],
                values["made"],
                files,
                parsed.hash,
                open_runs_of(values.get("open")),
                values.get("process", ""),
                values.get("until"),
            )
            datetime.fromisoformat(link.until or link.made)
            datetime.fromisoformat(link.made)
        except (KeyError, TypeError, ValueError):
            return None
        texts = all(isinstance(text, str) for text in (link.previous, link.run, link.process))
        return link if texts and type(link.number) is int else None


def key_of(number: int) -> str:
    """Return the key of the link with this number."""
    return f"{FOLDER}{_HIGHEST - number:010d}.json"


def number_of(key: str) -> int | None:
    """Return the number of the link with this key; None if no link has such a key."""
    match = _KEY.fullmatch(key)
    return (_HIGHEST - int(match[1]) or None) if match else None


def newest_head(store: Store) -> Head:
    """Return the newest link; a damaged one counts with the hash of its current content.

    Raises:
        Unavailable: the links cannot be read.

    """
    key = store.first(FOLDER)
    number = None if key is None else number_of(key)
    if key is not None and number is None:
        numbers = (number_of(stored.key) for stored in store.find(FOLDER))
        number = max((one for one in numbers if one is not None), default=0)
    return _head(store, number)[0] if number else Head()


def open_runs(store: Store, head: Head) -> tuple[OpenRun, ...]:
    """Return the runs that are open after the newest link.

    Links of older versions do not list them. Then the newest links are read, at most _LOOKBACK.
    """
    if head.open is not None:
        return head.open
    newer: list[Link] = []
    opened: tuple[OpenRun, ...] = ()
    with suppress(Unavailable):
        oldest = max(0, head.number - _LOOKBACK)
        for _, body in read_links(store, range(head.number, oldest, -1)):
            link = Link.of(body)
            if link and link.open is not None:
                opened = link.open
                break
            newer += [link] if link else []
    for link in reversed(newer):
        opened = link.opens(opened)
    return opened


def append_link(  # noqa: PLR0913 - run and clock are passed by name
    store: Store,
    run: str,
    files: tuple[File, ...],
    after: Head | None = None,
    *,
    own: OpenRun | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Link:
    """Append a link that names these files to the chain, and return it.

    - `after`: a recent link, where the search for the newest one begins.
    - `own`: the run as open runs list it.
    - `clock`: returns monotonic seconds.

    Raises:
        ReportUnwritable: the chain cannot be read or written, or other runs took every number.

    """
    link = _append_link(store, _Addition(own or OpenRun(run), files), after, clock)
    if link is None:
        raise ValueError("only a closing link may be needless")
    return link


def append_closing_link(
    store: Store, closed: OpenRun, files: tuple[File, ...], after: Head | None = None
) -> Link | None:
    """Append the link that closes an open run; None if another run has closed it already.

    Raises:
        ReportUnwritable: as `append_link`.

    """
    return _append_link(store, _Addition(closed, files, closes=True), after, time.monotonic)


@dataclass(frozen=True, slots=True)
class _Addition:
    """What a link adds to the chain; one that `closes` is needless if its run is not open."""

    own: OpenRun
    files: tuple[File, ...]
    closes: bool = False

    def needed_after(self, opened: tuple[OpenRun, ...]) -> bool:
        """Return whether the link is needed while these runs are open."""
        return not self.closes or any(run.same(self.own) for run in opened)

    def made_by(self, link: Link | None) -> bool:
        """Return whether a link is this one."""
        return link is not None and (link.run, link.files) == (self.own.place, self.files)


def _append_link(
    store: Store, added: _Addition, after: Head | None, clock: Callable[[], float]
) -> Link | None:
    try:
        return _append_after(store, added, after or newest_head(store), clock)
    except Unavailable as err:
        raise ReportUnwritable(
            f"the audit chain could not be continued: {err.message}", remedy=err.remedy
        ) from err


def _append_after(
    store: Store, added: _Addition, head: Head, clock: Callable[[], float]
) -> Link | None:
    deadline = clock() + _DEADLINE_S
    for tries in count(1):
        if head.number >= _HIGHEST:
            raise ReportUnwritable(
                f"the audit chain could not be continued: {store.location(key_of(head.number))} is"
                " where the last of all links would be",
                remedy="no run put it there: move it away, and see what"
                " `datasphere-glue audit verify` reports",
            )
        before = open_runs(store, head)
        if not added.needed_after(before):
            return None
        link, body = _next(head, added, before)
        if store.create(key_of(link.number), body):
            return link
        head, existing = _head(store, link.number)
        if added.made_by(existing):
            return existing  # an earlier try succeeded, but its answer was lost
        if clock() > deadline:
            break
        if tries % _TRIES_PER_SEARCH == 0:
            head = newest_head(store)
    raise ReportUnwritable(
        f"the audit chain could not be continued: other runs wrote {tries} links first",
        remedy="nothing to do: what this run left is there, and `datasphere-glue audit verify`"
        " calls it unchained",
    )


def read_links(store: Store, numbers: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    """Yield number and body of links, in the given order; reads are concurrent.

    Raises:
        Unavailable: a link cannot be read.

    """
    return map_concurrently(
        lambda number: (number, b"".join(store.pieces(key_of(number)))), numbers
    )


def map_concurrently(work: Callable[[_In], _Out], items: Iterable[_In]) -> Iterator[_Out]:
    """Yield the result of each item, in order; the next items are processed concurrently."""
    waiting = iter(items)
    with ThreadPoolExecutor(_CONCURRENCY) as pool:
        while chosen := list(islice(waiting, _LOOKAHEAD)):
            yield from pool.map(work, chosen)


def _next(head: Head, added: _Addition, before: tuple[OpenRun, ...]) -> tuple[Link, bytes]:
    own, files, made = added.own, added.files, datetime.now(UTC).isoformat()
    opened = open_after(before, own, ((file.key, file.sha256, file.lines) for file in files))
    link = Link(
        head.number + 1,
        head.hash,
        own.place,
        made,
        files,
        open=opened,
        process=own.process,
        until=own.until,
    )
    body, own_hash = hashed_line(
        {
            "schema": SCHEMA,
            "number": link.number,
            "previous": link.previous,
            "run": link.run,
            "made": link.made,
            "version": __version__,
            "files": [asdict(file) for file in files],
            "process": link.process,
            "until": link.until,
            "open": [run.value() for run in opened],
        }
    )
    return replace(link, hash=own_hash), body


def _head(store: Store, number: int) -> tuple[Head, Link | None]:
    body = b"".join(store.pieces(key_of(number)))
    link = Link.of(body)
    return (link.head, link) if link else (Head(number, sha256(body).hexdigest(), open=None), None)


def _file(entry: dict[str, Any]) -> File:
    file = File(**entry)
    texts = (file.key, file.sha256, file.last or "")
    if not all(isinstance(text, str) for text in texts) or not HASH.fullmatch(file.sha256):
        raise TypeError("a file is named by its key and its SHA-256")
    if type(file.bytes) is not int or type(file.lines) is not int:
        raise TypeError("a file has a number of bytes and of lines")
    return file
