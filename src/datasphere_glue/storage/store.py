"""Stores reports, plans, before-images and audit records in a folder or under an S3 prefix.

Every body is written atomically. Bodies of unknown size are written in parts and read by lines, so
that none must fit into memory. Evidence is created and never overwritten.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from tempfile import SpooledTemporaryFile
from typing import Any, Final, Protocol

from datasphere_glue.errors import ReportUnwritable, Unavailable, excerpt
from datasphere_glue.secrecy import SECRETS

Body = bytes | Iterator[bytes]

_IN_MEMORY_BYTES: Final = 8_000_000
"""Up to this size, a body in parts is buffered in memory for S3; a larger one on disk."""

_PIECE_BYTES: Final = 1 << 18
"""Bytes read at a time."""

_EXISTS: Final = "PreconditionFailed"
_CONFLICT: Final = "ConditionalRequestConflict"
"""S3's codes for a key that exists, and for one with a concurrent write (S3 API, PutObject)."""

_MOST_CONFLICTS: Final = 5

_CONTENT_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
}

_READ_REMEDY: Final = (
    "check REPORT_URI and that this identity may read there (s3:GetObject, s3:ListBucket)"
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


class S3Objects(Protocol):
    """The S3 operations that a store needs."""

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803 - S3's own names
        Key: str,  # noqa: N803
        Body: Any,  # noqa: N803
        ContentType: str,  # noqa: N803
        IfNoneMatch: str = ...,  # noqa: N803
    ) -> Any:
        """Store one object."""
        ...

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803 - S3's own names
        """Return one object."""
        ...

    def list_objects_v2(
        self,
        *,
        Bucket: str,  # noqa: N803 - S3's own names
        Prefix: str,  # noqa: N803
        MaxKeys: int = ...,  # noqa: N803
        ContinuationToken: str = ...,  # noqa: N803
    ) -> Any:
        """Return one page of the keys below a prefix."""
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
        with _reading(str(path), OSError):
            return path.read_bytes() if path.is_file() else None

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield the file in pieces."""
        path = self.root / key
        with _reading(str(path), OSError), path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
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
        with _writing(str(path), OSError):
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
        with _reading(str(folder), OSError):
            for path in folder.rglob("*"):
                key = path.relative_to(self.root).as_posix()
                if key.startswith(prefix) and not path.name.startswith(".") and path.is_file():
                    stat = path.stat()
                    yield StoredKey(key, stat.st_size, stat.st_mtime)


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """Stores bodies in a bucket below a prefix; calls of `objects` raise `failures`."""

    objects: S3Objects
    bucket: str
    prefix: str
    failures: tuple[type[Exception], ...] = (OSError,)

    def put(self, key: str, body: Body) -> str:
        """Write the object and return its `s3://` address."""
        with _writing(self.location(key), *self.failures), _repeatable(body) as whole:
            self._put(key, whole)
        return self.location(key)

    def create(self, key: str, body: Body) -> bool:
        """Write the object unless it exists; return whether it was written."""
        with _writing(self.location(key), *self.failures), _repeatable(body) as whole:
            for tries in range(_MOST_CONFLICTS):
                try:
                    self._put(key, whole, IfNoneMatch="*")
                except self.failures as err:
                    if (code := _error_code(err)) == _EXISTS:
                        # An earlier try may have succeeded although its answer was lost.
                        return bool(tries or _was_retried(err)) and self._holds(key, whole)
                    if code != _CONFLICT:
                        raise
                else:
                    return True
        raise ReportUnwritable(f"{self.location(key)} could not be written: others keep writing it")

    def location(self, key: str) -> str:
        """Return the `s3://` address of a key."""
        return f"s3://{self.bucket}/{self._key(key)}"

    def get(self, key: str) -> bytes | None:
        """Return the content of the object, None if it does not exist."""
        # S3 answers 403 for a missing object if the right to list is limited to a prefix.
        if all(stored.key != key for stored in self.find(key)):
            return None
        with _reading(self.location(key), *self.failures), self._opened(key) as body:
            return bytes(body.read())

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield the object in pieces."""
        with _reading(self.location(key), *self.failures), self._opened(key) as body:
            yield from body.iter_chunks(_PIECE_BYTES)

    def lines(self, key: str) -> Iterator[bytes]:
        """Yield the lines of the object, with one piece in memory at a time."""
        return (line.removesuffix(b"\n") for line in whole_lines(self.pieces(key)))

    def first(self, prefix: str) -> str | None:
        """Return the lowest key with that prefix; lists no other."""
        with _reading(self.location(prefix), *self.failures):
            answer = self.objects.list_objects_v2(
                Bucket=self.bucket, Prefix=self._key(prefix), MaxKeys=1
            )
        rows = answer.get("Contents")
        return str(rows[0]["Key"][len(self._key("")) :]) if rows else None

    def find(self, prefix: str) -> tuple[StoredKey, ...]:
        """Return the objects whose key below the prefix of the store has that prefix."""
        return tuple(sorted(self._stored_keys(prefix), key=lambda stored: stored.key))

    def _stored_keys(self, prefix: str) -> Iterator[StoredKey]:
        start = len(self._key(""))
        page: dict[str, Any] = {}
        with _reading(self.location(prefix), *self.failures):
            while True:
                answer = self.objects.list_objects_v2(
                    Bucket=self.bucket, Prefix=self._key(prefix), **page
                )
                for row in answer.get("Contents", ()):
                    changed = row["LastModified"].timestamp()
                    yield StoredKey(row["Key"][start:], row["Size"], changed)
                token = answer.get("NextContinuationToken")
                if not token:
                    return
                page = {"ContinuationToken": token}

    def _holds(self, key: str, body: Any) -> bool:
        """Return whether an object has exactly the bytes of this body."""
        file = BytesIO(body) if isinstance(body, bytes) else body
        file.seek(0)
        with self._opened(key) as stored:
            same = all(file.read(len(piece)) == piece for piece in stored.iter_chunks(_PIECE_BYTES))
        return same and not file.read(1)

    def _opened(self, key: str) -> closing[Any]:
        """Return the context that closes the streamed body of an object."""
        return closing(self.objects.get_object(Bucket=self.bucket, Key=self._key(key))["Body"])

    def _put(self, key: str, body: Any, **extra: str) -> None:
        content_type = _CONTENT_TYPES[key.rpartition(".")[2]]
        if not isinstance(body, bytes):
            body.seek(0)
        self.objects.put_object(
            Bucket=self.bucket, Key=self._key(key), Body=body, ContentType=content_type, **extra
        )

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key


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


@contextmanager
def _repeatable(body: Body) -> Iterator[Any]:
    """Yield a body as bytes or as a file, so that it can be sent more than once."""
    if isinstance(body, bytes):
        yield body
        return
    with SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
        file.writelines(body)
        yield file


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


def _error_code(error: Exception) -> str | None:
    """Return S3's error code, None if the error is not an answer of S3."""
    answer = getattr(error, "response", None) or {}
    code = answer.get("Error", {}).get("Code")
    return str(code) if code else None


def _was_retried(error: Exception) -> bool:
    """Return whether botocore had tried the call before."""
    answer = getattr(error, "response", None) or {}
    return bool(answer.get("ResponseMetadata", {}).get("RetryAttempts"))


def _parts(body: Body) -> Iterable[bytes]:
    return (body,) if isinstance(body, bytes) else body


@contextmanager
def _writing(place: str, *failures: type[Exception]) -> Iterator[None]:
    try:
        yield
    except failures as err:
        cause = excerpt(str(err) or type(err).__name__)
        raise ReportUnwritable(f"{place} could not be written: {cause}") from err


@contextmanager
def _reading(place: str, *failures: type[Exception]) -> Iterator[None]:
    try:
        yield
    except failures as err:
        cause = excerpt(str(err) or type(err).__name__)
        raise Unavailable(f"{place} could not be read: {cause}", remedy=_READ_REMEDY) from err
