"""Stores reports, plans, before-images and audit records under an S3 prefix."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any, Final, Protocol

from datasphere_glue.errors import ReportUnwritable
from datasphere_glue.storage.store import (
    PIECE_BYTES,
    Body,
    StoredKey,
    reading,
    whole_lines,
    writing,
)

_IN_MEMORY_BYTES: Final = 8_000_000
"""Up to this size, a body in parts is buffered in memory for S3; a larger one on disk."""

_EXISTS: Final = "PreconditionFailed"
_CONFLICT: Final = "ConditionalRequestConflict"
"""S3's codes for a key that exists, and for one with a concurrent write (S3 API, PutObject)."""

_MOST_CONFLICTS: Final = 5

_CONTENT_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
}


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
class ObjectStore:
    """Stores bodies in a bucket below a prefix; calls of `objects` raise `failures`."""

    objects: S3Objects
    bucket: str
    prefix: str
    failures: tuple[type[Exception], ...] = (OSError,)

    def put(self, key: str, body: Body) -> str:
        """Write the object and return its `s3://` address."""
        with writing(self.location(key), *self.failures), _repeatable(body) as whole:
            self._put(key, whole)
        return self.location(key)

    def create(self, key: str, body: Body) -> bool:
        """Write the object unless it exists; return whether it was written."""
        with writing(self.location(key), *self.failures), _repeatable(body) as whole:
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
        with reading(self.location(key), *self.failures), self._opened(key) as body:
            return bytes(body.read())

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield the object in pieces."""
        with reading(self.location(key), *self.failures), self._opened(key) as body:
            yield from body.iter_chunks(PIECE_BYTES)

    def lines(self, key: str) -> Iterator[bytes]:
        """Yield the lines of the object, with one piece in memory at a time."""
        return (line.removesuffix(b"\n") for line in whole_lines(self.pieces(key)))

    def first(self, prefix: str) -> str | None:
        """Return the lowest key with that prefix; lists no other."""
        with reading(self.location(prefix), *self.failures):
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
        with reading(self.location(prefix), *self.failures):
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
            same = all(file.read(len(piece)) == piece for piece in stored.iter_chunks(PIECE_BYTES))
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


@contextmanager
def _repeatable(body: Body) -> Iterator[Any]:
    """Yield a body as bytes or as a file, so that it can be sent more than once."""
    if isinstance(body, bytes):
        yield body
        return
    with SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
        file.writelines(body)
        yield file


def _error_code(error: Exception) -> str | None:
    """Return S3's error code, None if the error is not an answer of S3."""
    answer = getattr(error, "response", None) or {}
    code = answer.get("Error", {}).get("Code")
    return str(code) if code else None


def _was_retried(error: Exception) -> bool:
    """Return whether botocore had tried the call before."""
    answer = getattr(error, "response", None) or {}
    return bool(answer.get("ResponseMetadata", {}).get("RetryAttempts"))
