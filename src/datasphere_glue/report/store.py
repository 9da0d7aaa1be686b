"""Where reports, plans, before-images and audit records are kept: a folder or an S3 prefix.

A body appears under its key as a whole or not at all. Bodies of unknown size come in parts and are
read by lines, so that none of them need fit into memory.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import SpooledTemporaryFile
from typing import Any, Final, Protocol

from datasphere_glue.errors import ReportUnwritable, Unavailable, excerpt

Body = bytes | Iterator[bytes]

_IN_MEMORY: Final = 8_000_000
"""Bytes of a body in parts that stay in memory on their way to S3; a larger one goes by disk."""

_KINDS: Final = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
}

_READ_REMEDY: Final = (
    "check REPORT_URI and that this identity may read there (s3:GetObject, s3:ListBucket)"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """One body that is kept; `modified` is in seconds since 1970."""

    key: str
    size: int
    modified: float


class Store(Protocol):
    """Keeps documents under keys such as `runs/<run id>/report.json`.

    Writing raises ReportUnwritable, reading Unavailable.
    """

    def put(self, key: str, body: Body) -> str:
        """Keep the body, over a former one, and return where it is."""
        ...

    def location(self, key: str) -> str:
        """Return where a body of that key is kept."""
        ...

    def get(self, key: str) -> bytes | None:
        """Return the body, None when there is none."""
        ...

    def lines(self, key: str) -> Iterator[bytes]:
        """Yield the lines of a body that `find` told of, without their ends."""
        ...

    def find(self, prefix: str) -> tuple[Kept, ...]:
        """Return everything whose key begins like that, sorted by key."""
        ...


class Objects(Protocol):
    """The S3 calls that a store needs."""

    def put_object(self, *, Bucket: str, Key: str, Body: Any, ContentType: str) -> Any:  # noqa: N803 - S3's own names
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
        ContinuationToken: str = ...,  # noqa: N803
    ) -> Any:
        """Return one page of the keys below a prefix."""
        ...


@dataclass(frozen=True, slots=True)
class FolderStore:
    """Keeps documents below a folder, which is made when missing."""

    root: Path

    def put(self, key: str, body: Body) -> str:
        """Write the file and return its path; until it is whole, it has another name."""
        path = self.root / key
        draft = path.with_name(f".{path.name}.{token_hex(4)}")
        with _writing(str(path), OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with draft.open("xb") as file:
                    file.writelines(_parts(body))
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
        return str(path)

    def location(self, key: str) -> str:
        """Return the path of a key."""
        return str(self.root / key)

    def get(self, key: str) -> bytes | None:
        """Return the content of the file, None when there is none."""
        path = self.root / key
        with _reading(str(path), OSError):
            return path.read_bytes() if path.is_file() else None

    def lines(self, key: str) -> Iterator[bytes]:
        """Yield the lines of the file."""
        path = self.root / key
        with _reading(str(path), OSError), path.open("rb") as file:
            for line in file:
                yield line.rstrip(b"\n")

    def find(self, prefix: str) -> tuple[Kept, ...]:
        """Return the files whose path below the folder begins like that."""
        return tuple(sorted(self._found(prefix), key=lambda kept: kept.key))

    def _found(self, prefix: str) -> Iterator[Kept]:
        folder = self.root / prefix.rpartition("/")[0]
        with _reading(str(folder), OSError):
            for path in folder.rglob("*"):
                key = path.relative_to(self.root).as_posix()
                if key.startswith(prefix) and not path.name.startswith(".") and path.is_file():
                    stat = path.stat()
                    yield Kept(key, stat.st_size, stat.st_mtime)


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """Keeps documents in a bucket below a prefix; `failures` are the errors that calls raise."""

    objects: Objects
    bucket: str
    prefix: str
    failures: tuple[type[Exception], ...] = (OSError,)

    def put(self, key: str, body: Body) -> str:
        """Write the object and return its `s3://` address."""
        kind = _KINDS[key.rpartition(".")[2]]
        place = {"Bucket": self.bucket, "Key": self._key(key), "ContentType": kind}
        with _writing(self.location(key), *self.failures):
            if isinstance(body, bytes):
                self.objects.put_object(Body=body, **place)
                return self.location(key)
            with SpooledTemporaryFile(_IN_MEMORY) as file:
                file.writelines(body)
                file.seek(0)
                self.objects.put_object(Body=file, **place)
        return self.location(key)

    def location(self, key: str) -> str:
        """Return the `s3://` address of a key."""
        return f"s3://{self.bucket}/{self._key(key)}"

    def get(self, key: str) -> bytes | None:
        """Return the content of the object, None when there is none."""
        # S3 calls a missing object forbidden where the right to list is limited to a prefix.
        if all(kept.key != key for kept in self.find(key)):
            return None
        with _reading(self.location(key), *self.failures):
            found = self.objects.get_object(Bucket=self.bucket, Key=self._key(key))
            with closing(found["Body"]) as body:
                return bytes(body.read())

    def lines(self, key: str) -> Iterator[bytes]:
        """Yield the lines of the object, a piece of it in memory at a time."""
        with _reading(self.location(key), *self.failures):
            found = self.objects.get_object(Bucket=self.bucket, Key=self._key(key))
            with closing(found["Body"]) as body:
                yield from body.iter_lines()

    def find(self, prefix: str) -> tuple[Kept, ...]:
        """Return the objects below the prefix whose key begins like that, page after page."""
        return tuple(sorted(self._found(prefix), key=lambda kept: kept.key))

    def _found(self, prefix: str) -> Iterator[Kept]:
        start = len(self._key(""))
        page: dict[str, str] = {}
        with _reading(self.location(prefix), *self.failures):
            while True:
                answer = self.objects.list_objects_v2(
                    Bucket=self.bucket, Prefix=self._key(prefix), **page
                )
                for row in answer.get("Contents", ()):
                    yield Kept(row["Key"][start:], row["Size"], row["LastModified"].timestamp())
                token = answer.get("NextContinuationToken")
                if not token:
                    return
                page = {"ContinuationToken": token}

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key


def json_body(document: Mapping[str, Any]) -> bytes:
    """Return a document as indented UTF-8 JSON."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def json_lines(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield records as UTF-8 JSON Lines."""
    for record in records:
        yield (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8", "replace")


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
