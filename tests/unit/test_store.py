"""Stores: reports and audit records, in a folder or a bucket, as UTF-8."""

import json
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.report.store import FolderStore, ObjectStore, json_body, json_lines

KEY = "runs/night-1/report.json"


class Bucket:
    """What S3 was asked to keep."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], tuple[bytes, str]] = {}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> Any:  # noqa: N803 - S3's own names
        self.objects[Bucket, Key] = (Body, ContentType)


def test_a_folder_is_made_when_missing_and_the_path_is_told(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "reports")

    place = store.put(KEY, b"{}")

    assert place == store.location(KEY) == str(tmp_path / "reports" / KEY)
    assert Path(place).read_bytes() == b"{}"


def test_the_last_word_under_a_key_counts(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(KEY, b"long first version")

    assert Path(store.put(KEY, b"new")).read_bytes() == b"new"


@pytest.mark.parametrize(
    ("prefix", "key"), [("sync", f"sync/{KEY}"), ("a/b", f"a/b/{KEY}"), ("", KEY)]
)
def test_an_object_lies_below_the_prefix(prefix: str, key: str) -> None:
    bucket = Bucket()

    place = ObjectStore(bucket, "reports", prefix).put(KEY, b"{}")

    assert place == f"s3://reports/{key}"
    assert bucket.objects == {("reports", key): (b"{}", "application/json")}


def test_json_lines_are_stored_as_such() -> None:
    bucket = Bucket()

    ObjectStore(bucket, "reports", "").put("runs/night-1/audit.jsonl", b"")

    assert bucket.objects["reports", "runs/night-1/audit.jsonl"][1] == "application/x-ndjson"


def test_a_document_is_readable_and_has_real_characters() -> None:
    body = json_body({"label": "Größe", "broken": "\ud800"})

    assert "Größe" in body.decode()
    assert json.loads(body) == {"label": "Größe", "broken": "?"}


def test_records_stand_on_one_line_each() -> None:
    body = json_lines([{"text": "two\nlines", "label": "Größe"}, {"n": 2}])

    assert [json.loads(line) for line in body.decode().splitlines()] == [
        {"text": "two\nlines", "label": "Größe"},
        {"n": 2},
    ]
    assert body.endswith(b"\n")
    assert json_lines([]) == b""
