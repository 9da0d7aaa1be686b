"""Where reports and audit records are kept: a folder or an S3 prefix."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class Store(Protocol):
    """Keeps documents under keys such as `runs/<run id>/report.json`."""

    def put(self, key: str, body: bytes) -> str:
        """Keep the body and return where it is."""
        ...

    def location(self, key: str) -> str:
        """Return where a body of that key is kept."""
        ...


class Objects(Protocol):
    """The one S3 call that a store needs."""

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> Any:  # noqa: N803 - S3's own names
        """Store one object."""
        ...


@dataclass(frozen=True, slots=True)
class FolderStore:
    """Keeps documents below a folder, which is made when missing."""

    root: Path

    def put(self, key: str, body: bytes) -> str:
        """Write the file and return its path."""
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return str(path)

    def location(self, key: str) -> str:
        """Return the path of a key."""
        return str(self.root / key)


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """Keeps documents in a bucket below a prefix."""

    objects: Objects
    bucket: str
    prefix: str

    def put(self, key: str, body: bytes) -> str:
        """Write the object and return its `s3://` address."""
        kind = "application/json" if key.endswith(".json") else "application/x-ndjson"
        self.objects.put_object(Bucket=self.bucket, Key=self._key(key), Body=body, ContentType=kind)
        return self.location(key)

    def location(self, key: str) -> str:
        """Return the `s3://` address of a key."""
        return f"s3://{self.bucket}/{self._key(key)}"

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key


def json_body(document: Mapping[str, Any]) -> bytes:
    """Return a document as indented UTF-8 JSON."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def json_lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Return records as UTF-8 JSON Lines."""
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    return "".join(lines).encode("utf-8", "replace")
