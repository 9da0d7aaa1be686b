"""Where reports, plans, before-images and audit records are kept: a folder or an S3 prefix.

A body appears under its key as a whole or not at all. Bodies of unknown size come in parts and are
read by lines, so that none of them need fit into memory. What is evidence is created and never
written over.
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

Body = bytes | Iterator[bytes]

_IN_MEMORY: Final = 8_000_000
"""Bytes of a body in parts that stay in memory on their way to S3; a larger one goes by disk."""

_PIECE: Final = 1 << 18
"""Bytes that are read at a time."""

_THERE: Final = "PreconditionFailed"
_UNDECIDED: Final = "ConditionalRequestConflict"
"""How S3 says that a key is taken, and that somebody else is writing it (S3 API, PutObject)."""

_CONFLICTS: Final = 5

_KINDS: Final = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
}

_READ_REMEDY: Final = (
    "check REPORT_URI and that this identity may read there (s3:GetObject, s3:ListBucket)"
)


@dataclass(frozen=True, slots=True)
class StoredKey:
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

    def create(self, key: str, body: Body) -> bool:
        """Keep the body unless there is one already, and tell whether it was kept.

        Of several who create one key at the same time, one succeeds.
        """
        ...

    def location(self, key: str) -> str:
        """Return where a body of that key is kept."""
        ...

    def get(self, key: str) -> bytes | None:
        """Return the body, None when there is none."""
        ...

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield a body that is there, byte by byte as it is kept, in pieces of any size."""
        ...

    def lines(self, key: str) -> Iterator[bytes]:
        """Yield the lines of a body that `find` told of, without their ends."""
        ...

    def first(self, prefix: str) -> str | None:
        """Return the first key, in order, that begins like that, None without any."""
        ...

    def find(self, prefix: str) -> tuple[StoredKey, ...]:
        """Return everything whose key begins like that, sorted by key."""
        ...


class S3Objects(Protocol):
    """The S3 calls that a store needs."""

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
    """Keeps documents below a folder, which is made when missing."""

    root: Path

    def put(self, key: str, body: Body) -> str:
        """Write the file and return its path; until it is whole, it has another name."""
        path = self.root / key
        with self._draft(path, body) as draft:
            draft.replace(path)
        return str(path)

    def create(self, key: str, body: Body) -> bool:
        """Write the file unless there is one and tell whether it was written."""
        path = self.root / key
        with self._draft(path, body) as draft:
            try:
                path.hardlink_to(draft)
            except FileExistsError:
                return False
            except OSError:  # not every file system has links
                return _copied(draft, path)
        return True

    def location(self, key: str) -> str:
        """Return the path of a key."""
        return str(self.root / key)

    def get(self, key: str) -> bytes | None:
        """Return the content of the file, None when there is none."""
        path = self.root / key
        with _reading(str(path), OSError):
            return path.read_bytes() if path.is_file() else None

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield the file in pieces."""
        path = self.root / key
        with _reading(str(path), OSError), path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    def lines(self, key: str) -> Iterator[bytes]:
        """Yield the lines of the file."""
        return (line.removesuffix(b"\n") for line in whole_lines(self.pieces(key)))

    def first(self, prefix: str) -> str | None:
        """Return the first key that begins like that."""
        keys = (
            (Path(folder) / name).relative_to(self.root).as_posix()
            for folder, _, names in os.walk(self.root / prefix.rpartition("/")[0])
            for name in names
            if not name.startswith(".")
        )
        return min((key for key in keys if key.startswith(prefix)), default=None)

    def find(self, prefix: str) -> tuple[StoredKey, ...]:
        """Return the files whose path below the folder begins like that."""
        return tuple(sorted(self._found(prefix), key=lambda kept: kept.key))

    @contextmanager
    def _draft(self, path: Path, body: Body) -> Iterator[Path]:
        """Lend the body as a file that is whole and has another name than it will have."""
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

    def _found(self, prefix: str) -> Iterator[StoredKey]:
        folder = self.root / prefix.rpartition("/")[0]
        with _reading(str(folder), OSError):
            for path in folder.rglob("*"):
                key = path.relative_to(self.root).as_posix()
                if key.startswith(prefix) and not path.name.startswith(".") and path.is_file():
                    stat = path.stat()
                    yield StoredKey(key, stat.st_size, stat.st_mtime)


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """Keeps documents in a bucket below a prefix; `failures` are the errors that calls raise."""

    objects: S3Objects
    bucket: str
    prefix: str
    failures: tuple[type[Exception], ...] = (OSError,)

    def put(self, key: str, body: Body) -> str:
        """Write the object and return its `s3://` address."""
        with _writing(self.location(key), *self.failures), _whole(body) as whole:
            self._put(key, whole)
        return self.location(key)

    def create(self, key: str, body: Body) -> bool:
        """Write the object unless there is one and tell whether it was written."""
        with _writing(self.location(key), *self.failures), _whole(body) as whole:
            for tries in range(_CONFLICTS):
                try:
                    self._put(key, whole, IfNoneMatch="*")
                except self.failures as err:
                    if (refusal := _refusal(err)) == _THERE:
                        # An earlier try may have succeeded, and only its answer was lost.
                        return bool(tries or _retried(err)) and self._holds(key, whole)
                    if refusal != _UNDECIDED:
                        raise
                else:
                    return True
        raise ReportUnwritable(f"{self.location(key)} could not be written: others keep writing it")

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

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield the object in pieces."""
        with _reading(self.location(key), *self.failures):
            found = self.objects.get_object(Bucket=self.bucket, Key=self._key(key))
            with closing(found["Body"]) as body:
                yield from body.iter_chunks(_PIECE)

    def lines(self, key: str) -> Iterator[bytes]:
        """Yield the lines of the object, a piece of it in memory at a time."""
        return (line.removesuffix(b"\n") for line in whole_lines(self.pieces(key)))

    def first(self, prefix: str) -> str | None:
        """Return the first key that begins like that; asks for no other."""
        with _reading(self.location(prefix), *self.failures):
            answer = self.objects.list_objects_v2(
                Bucket=self.bucket, Prefix=self._key(prefix), MaxKeys=1
            )
        rows = answer.get("Contents")
        return str(rows[0]["Key"][len(self._key("")) :]) if rows else None

    def find(self, prefix: str) -> tuple[StoredKey, ...]:
        """Return the objects below the prefix whose key begins like that, page after page."""
        return tuple(sorted(self._found(prefix), key=lambda kept: kept.key))

    def _found(self, prefix: str) -> Iterator[StoredKey]:
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
        """Tell whether an object is, byte by byte, this body."""
        found = self.objects.get_object(Bucket=self.bucket, Key=self._key(key))
        file = BytesIO(body) if isinstance(body, bytes) else body
        file.seek(0)
        with closing(found["Body"]) as there:
            same = all(file.read(len(piece)) == piece for piece in there.iter_chunks(_PIECE))
        return same and not file.read(1)

    def _put(self, key: str, body: Any, **how: str) -> None:
        kind = _KINDS[key.rpartition(".")[2]]
        if not isinstance(body, bytes):
            body.seek(0)
        self.objects.put_object(
            Bucket=self.bucket, Key=self._key(key), Body=body, ContentType=kind, **how
        )

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key


def json_body(document: Mapping[str, Any]) -> bytes:
    """Return a document as indented UTF-8 JSON."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def json_lines(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield records as UTF-8 JSON Lines."""
    for record in records:
        yield (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    r"""Yield lines with their ends; nothing but `\n` ends one, and the last may have no end."""
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
def _whole(body: Body) -> Iterator[Any]:
    """Lend a body as bytes or as a file, so that it can be sent more than once."""
    if isinstance(body, bytes):
        yield body
        return
    with SpooledTemporaryFile(_IN_MEMORY) as file:
        file.writelines(body)
        yield file


def _copied(draft: Path, path: Path) -> bool:
    try:
        file = path.open("xb")
    except FileExistsError:
        return False
    try:
        with file:
            file.write(draft.read_bytes())
    except OSError:
        path.unlink(missing_ok=True)  # nobody else has it: it did not exist
        raise
    return True


def _refusal(error: Exception) -> str | None:
    """Return the code that S3 refused a call with, if that is what happened."""
    answer = getattr(error, "response", None) or {}
    code = answer.get("Error", {}).get("Code")
    return str(code) if code else None


def _retried(error: Exception) -> bool:
    """Tell whether the call had been tried before, as botocore counts it."""
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
