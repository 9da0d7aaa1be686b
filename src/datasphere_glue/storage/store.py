"""Stores reports, plans, before-images and audit records in a folder.

Every body is written atomically. Bodies of unknown size are written in parts and read by lines, so
that none must fit into memory. Evidence is created and never overwritten. `object_store` stores
the same under an S3 prefix.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, Protocol

from datasphere_glue.errors import ReportUnwritable, Unavailable, excerpt
from datasphere_glue.secrecy import SECRETS

Body = bytes | Iterator[bytes]

PIECE_BYTES: Final = 1 << 18
"""Bytes read at a time."""

_READ_REMEDY: Final = (
    "check REPORT_URI and that this identity may read there (s3:GetObject, s3:ListBucket)"
)
_FOLDER_REMEDY: Final = (
    "set REPORT_URI to a folder in which this process may create files, or to s3://bucket/prefix"
)


@dataclass(frozen=True, slots=True)
class StoredKey:
    """The key of one stored body, its size in bytes, and its last change in seconds since 1970."""

    key: str
    size: int
    modified: float


class Store(Protocol):
    """Stores bodies under keys such as `runs/<run id>/report.json`.

    Writing raises ReportUnwritable, reading Unavailable.
    """

    def put(self, key: str, body: Body) -> str:
        """Store the body, replacing a former one, and return its location."""
        ...

    def create(self, key: str, body: Body) -> bool:
        """Store the body unless the key exists; return whether it was stored.

        Of several concurrent calls for one key, exactly one succeeds.
        """
        ...

    def location(self, key: str) -> str:
        """Return the path or `s3://` address of a key."""
        ...

    def get(self, key: str) -> bytes | None:
        """Return the body, None if the key does not exist."""
        ...

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield the bytes of an existing body, in pieces of any size."""
        ...

    def lines(self, key: str) -> Iterator[bytes]:
        """Yield the lines of an existing body, without line ends."""
        ...

    def first(self, prefix: str) -> str | None:
        """Return the lowest key with that prefix, None without any."""
        ...

    def find(self, prefix: str) -> tuple[StoredKey, ...]:
        """Return all bodies with that prefix of their key, sorted by key."""
        ...


@dataclass(frozen=True, slots=True)
class FolderStore:
    """Stores bodies as files below a folder, which is created if missing."""

    root: Path

    def put(self, key: str, body: Body) -> str:
        """Write the file and return its path; until it is complete, it has another name."""
        path = self.root / key
        with self._draft(path, body) as draft:
            draft.replace(path)
        return str(path)

    def create(self, key: str, body: Body) -> bool:
        """Write the file unless it exists; return whether it was written."""
        path = self.root / key
        with self._draft(path, body) as draft:
            try:
                path.hardlink_to(draft)
            except FileExistsError:
                return False
            except OSError:  # some file systems have no hard links
                return _copy_exclusively(draft, path)
        return True

    def location(self, key: str) -> str:
        """Return the path of a key."""
        return str(self.root / key)

    def get(self, key: str) -> bytes | None:
        """Return the content of the file, None if it does not exist."""
        path = self.root / key
        with reading(str(path), OSError):
            return path.read_bytes() if path.is_file() else None

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield the file in pieces."""
        path = self.root / key
        with reading(str(path), OSError), path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece

    def lines(self, key: str) -> Iterator[bytes]:
        """Yield the lines of the file."""
        return (line.removesuffix(b"\n") for line in whole_lines(self.pieces(key)))

    def first(self, prefix: str) -> str | None:
        """Return the lowest key with that prefix."""
        keys = (
            (Path(folder) / name).relative_to(self.root).as_posix()
            for folder, _, names in os.walk(self.root / prefix.rpartition("/")[0])
            for name in names
            if not name.startswith(".")
        )
        return min((key for key in keys if key.startswith(prefix)), default=None)

    def find(self, prefix: str) -> tuple[StoredKey, ...]:
        """Return the files whose path below the folder has that prefix."""
        return tuple(sorted(self._stored_keys(prefix), key=lambda stored: stored.key))

    @contextmanager
    def _draft(self, path: Path, body: Body) -> Iterator[Path]:
        """Yield the body as a complete file under a temporary name; remove it at the end."""
        draft = path.with_name(f".{path.name}.{token_hex(4)}")
        with writing(str(path), OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with draft.open("xb") as file:
                    file.writelines(_parts(body))
                    file.flush()
                    os.fsync(file.fileno())
                yield draft
            finally:
                draft.unlink(missing_ok=True)

    def _stored_keys(self, prefix: str) -> Iterator[StoredKey]:
        folder = self.root / prefix.rpartition("/")[0]
        with reading(str(folder), OSError):
            for path in folder.rglob("*"):
                key = path.relative_to(self.root).as_posix()
                if key.startswith(prefix) and not path.name.startswith(".") and path.is_file():
                    stat = path.stat()
                    yield StoredKey(key, stat.st_size, stat.st_mtime)


def json_body(document: Mapping[str, Any]) -> bytes:
    """Return a document as indented UTF-8 JSON, without secrets."""
    body = json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    return SECRETS.mask_document(body)


def json_lines(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield records as UTF-8 JSON Lines."""
    for record in records:
        yield (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield lines with their ends; only `\n` ends a line, and the last may have no end."""
    rest: list[bytes] = []
    for piece in pieces:
        first, *others = piece.split(b"\n")
        rest.append(first)
        for other in others:
            yield b"".join(rest) + b"\n"
            rest = [other]
    if last := b"".join(rest):
        yield last


def _copy_exclusively(draft: Path, path: Path) -> bool:
    try:
        file = path.open("xb")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(draft.read_bytes())
    except OSError:
        path.unlink(missing_ok=True)  # this call created it, so nobody else uses it
        raise
    return True


def _parts(body: Body) -> Iterable[bytes]:
    return (body,) if isinstance(body, bytes) else body


@contextmanager
def writing(place: str, *failures: type[Exception]) -> Iterator[None]:
    """Turn failures into ReportUnwritable, which names the place."""
    try:
        yield
    except failures as err:
        cause = excerpt(str(err) or type(err).__name__)
        remedy = _FOLDER_REMEDY if isinstance(err, OSError) else None
        raise ReportUnwritable(f"{place} could not be written: {cause}", remedy=remedy) from err


@contextmanager
def reading(place: str, *failures: type[Exception]) -> Iterator[None]:
    """Turn failures into Unavailable, which names the place."""
    try:
        yield
    except failures as err:
        cause = excerpt(str(err) or type(err).__name__)
        raise Unavailable(f"{place} could not be read: {cause}", remedy=_READ_REMEDY) from err
