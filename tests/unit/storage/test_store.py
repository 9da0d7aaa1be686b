"""Stores: a folder or a bucket writes documents atomically and reads them in pieces."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.errors import ReportUnwritable, Unavailable
from datasphere_glue.storage.object_store import ObjectStore
from datasphere_glue.storage.store import (
    FolderStore,
    Store,
    json_body,
    json_lines,
    whole_lines,
)

KEY = "runs/night-1/report.json"


class ClientError(Exception):
    """The error that the S3 client raises."""

    def __init__(self, code: str, retries: int = 0) -> None:
        super().__init__(code)
        self.response = {
            "Error": {"Code": code},
            "ResponseMetadata": {"RetryAttempts": retries},
        }


class Streamed(BytesIO):
    """The body of a response, as botocore streams it."""

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while piece := self.read(size):
            yield piece


class Bucket:
    """S3 in memory: it lists two keys on a page and refuses every call with `code`, if set."""

    def __init__(self, code: str | None = None) -> None:
        self.code = code
        self.conflicts = 0
        self.objects: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.open: list[Streamed] = []

    def put_object(
        self,
        *,
        Bucket: str,  # noqa: N803 - S3's own names
        Key: str,  # noqa: N803
        Body: Any,  # noqa: N803
        ContentType: str,  # noqa: N803
        IfNoneMatch: str = "",  # noqa: N803
    ) -> Any:
        self._refuse()
        if IfNoneMatch and self.conflicts:
            self.conflicts -= 1
            raise ClientError("ConditionalRequestConflict")
        if IfNoneMatch == "*" and (Bucket, Key) in self.objects:
            raise ClientError("PreconditionFailed")
        content = Body if isinstance(Body, bytes) else Body.read()
        self.objects[Bucket, Key] = (content, ContentType)

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803 - S3's own names
        self._refuse()
        if (Bucket, Key) not in self.objects:
            raise ClientError("AccessDenied")
        self.open.append(Streamed(self.objects[Bucket, Key][0]))
        return {"Body": self.open[-1]}

    def list_objects_v2(
        self,
        *,
        Bucket: str,  # noqa: N803 - S3's own names
        Prefix: str,  # noqa: N803
        MaxKeys: int = 2,  # noqa: N803
        ContinuationToken: str = "0",  # noqa: N803
    ) -> Any:
        self._refuse()
        keys = sorted(k for b, k in self.objects if b == Bucket and k.startswith(Prefix))
        start = int(ContinuationToken)
        rows = [
            {
                "Key": key,
                "Size": len(self.objects[Bucket, key][0]),
                "LastModified": datetime(2026, 11, 23, tzinfo=UTC),
            }
            for key in keys[start : start + MaxKeys]
        ]
        response: dict[str, Any] = {"Contents": rows} if rows else {}
        more = {"NextContinuationToken": str(start + 2)} if len(keys) > start + 2 else {}
        return response | more

    def _refuse(self) -> None:
        if self.code:
            raise ClientError(self.code)


def object_store(bucket: Bucket, prefix: str = "sync") -> ObjectStore:
    return ObjectStore(bucket, "reports", prefix, (ClientError,))


@pytest.fixture(params=["folder", "bucket", "bucket without prefix"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return FolderStore(tmp_path / "reports")
    return object_store(Bucket(), "" if "without" in request.param else "a/b")


def test_stored_documents_can_be_listed_and_read(store: Store) -> None:
    store.put(KEY, b"{}")
    store.put("runs/night-1/audit.jsonl", iter((b"one\ntw", b"o\n", b"three\n")))
    store.put("runs/night-10/report.json", b"[]")
    store.put("plans/abc.json", b"x")

    assert store.get(KEY) == b"{}"
    assert store.get("runs/night-1/audit.jsonl") == b"one\ntwo\nthree\n"
    assert list(store.lines("runs/night-1/audit.jsonl")) == [b"one", b"two", b"three"]
    assert [(entry.key, entry.size) for entry in store.find("runs/")] == [
        ("runs/night-1/audit.jsonl", 14),
        (KEY, 2),
        ("runs/night-10/report.json", 2),
    ]
    assert [entry.key for entry in store.find("runs/night-1/a")] == ["runs/night-1/audit.jsonl"]
    assert all(entry.modified > 1_700_000_000 for entry in store.find("plans/"))


def test_a_missing_key_is_absent(store: Store) -> None:
    assert store.get(KEY) is None
    assert store.find("runs/") == ()
    with pytest.raises(Unavailable, match="could not be read"):
        list(store.lines(KEY))


def test_a_second_put_replaces_the_first(store: Store) -> None:
    store.put(KEY, b"long first version")
    store.put(KEY, b"new")

    assert store.get(KEY) == b"new"


def test_create_never_overwrites(store: Store) -> None:
    assert store.create(KEY, iter((b"fir", b"st")))
    assert not store.create(KEY, b"second")
    assert not store.create(KEY, iter((b"third",)))

    assert store.get(KEY) == b"first"
    assert [entry.key for entry in store.find("")] == [KEY]


def test_one_of_many_concurrent_creations_of_a_key_succeeds(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: store.create(KEY, f"{n}".encode()), range(40)))

    assert sum(results) == 1
    assert store.get(KEY) == f"{results.index(True)}".encode()


def test_a_conflicting_write_is_retried() -> None:
    bucket = Bucket()
    store = object_store(bucket)
    bucket.conflicts = 2
    assert store.create(KEY, iter((b"whole",)))
    assert store.get(KEY) == b"whole"

    bucket.conflicts = 99
    with pytest.raises(ReportUnwritable, match="others keep writing it"):
        store.create("runs/night-2/report.json", b"")


class LosingResponses(Bucket):
    """A bucket that loses its first response to a write, so that botocore retries the request."""

    def put_object(self, **arguments: Any) -> Any:
        super().put_object(**arguments)
        raise ClientError("PreconditionFailed", retries=1)


class WithOtherWriter(Bucket):
    """A bucket in which another writer creates the key between two attempts."""

    def put_object(self, **_arguments: Any) -> Any:
        raise ClientError("PreconditionFailed", retries=1)


@pytest.mark.parametrize("body", [b"whole", b"x" * 600_000])
def test_a_creation_whose_response_was_lost_counts_as_created(body: bytes) -> None:
    bucket = LosingResponses()

    assert object_store(bucket).create(KEY, body)
    assert object_store(bucket).create("runs/night-2/report.json", iter((body, body)))
    assert all(streamed.closed for streamed in bucket.open)


@pytest.mark.parametrize("there", [b"whol", b"whole and more", b"while", b""])
def test_a_creation_by_another_writer_does_not_count_as_ours(there: bytes) -> None:
    bucket = WithOtherWriter()
    bucket.objects["reports", f"sync/{KEY}"] = (there, "")

    assert not object_store(bucket).create(KEY, b"whole")


def test_an_error_of_a_bucket_on_create_or_list_is_reported() -> None:
    with pytest.raises(ReportUnwritable, match="AccessDenied"):
        object_store(Bucket("AccessDenied")).create(KEY, b"")
    with pytest.raises(Unavailable, match="AccessDenied"):
        object_store(Bucket("AccessDenied")).first("audit/")


def test_first_returns_the_smallest_key_of_a_prefix(store: Store) -> None:
    assert store.first("audit/") is None
    for number in (7, 3, 5):
        store.put(f"audit/{number}.json", b"")
    store.put("state/1.json", b"")

    assert store.first("audit/") == "audit/3.json"


def test_lines_end_only_at_line_feeds(store: Store) -> None:
    body = b"one\r\xc2\x85\n\n\xe2\x80\xa8two\nno end"
    store.put(KEY, body)

    assert b"".join(store.pieces(KEY)) == body
    assert list(store.lines(KEY)) == [b"one\r\xc2\x85", b"", b"\xe2\x80\xa8two", b"no end"]


@given(st.lists(st.binary(max_size=9)))
def test_lines_do_not_depend_on_the_sizes_of_the_pieces(pieces: list[bytes]) -> None:
    body = b"".join(pieces)

    assert b"".join(whole_lines(pieces)) == body
    assert list(whole_lines(pieces)) == list(whole_lines([body]))
    assert all(line.find(b"\n") in {-1, len(line) - 1} for line in whole_lines(pieces))


def test_a_line_in_many_pieces_takes_linear_time() -> None:
    began = process_time()
    (line,) = whole_lines(b"x" * 4_096 for _ in range(20_000))

    assert len(line) == 4_096 * 20_000
    assert process_time() - began < 2


def test_a_missing_folder_is_created_and_the_path_is_returned(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "reports")

    place = store.put(KEY, b"{}")

    assert place == store.location(KEY) == str(tmp_path / "reports" / KEY)
    assert Path(place).read_bytes() == b"{}"


def test_an_incomplete_file_is_not_visible(tmp_path: Path) -> None:
    """A run that is killed during a write must leave the former file, or none."""
    store = FolderStore(tmp_path)
    store.put(KEY, b"former")
    seen: list[Any] = []

    def parts() -> Iterator[bytes]:
        yield b"first half"
        seen.append((store.get(KEY), [entry.key for entry in store.find("runs/")]))
        raise OSError("no space left")

    with pytest.raises(ReportUnwritable, match="no space left"):
        store.put(KEY, parts())

    assert seen == [(b"former", [KEY])]
    assert store.get(KEY) == b"former"
    assert [path.name for path in (tmp_path / "runs/night-1").iterdir()] == ["report.json"]


def test_a_folder_that_is_a_file_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = FolderStore(tmp_path / "file")

    with pytest.raises(ReportUnwritable, match=r"report\.json could not be written") as caught:
        store.put(KEY, b"{}")
    assert "REPORT_URI to a folder" in caught.value.remedy
    assert store.find("runs/") == ()


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / KEY).mkdir(parents=True)

    with pytest.raises(Unavailable, match=r"report\.json could not be read"):
        list(FolderStore(tmp_path).lines(KEY))


@pytest.mark.parametrize(
    ("prefix", "key"), [("sync", f"sync/{KEY}"), ("a/b", f"a/b/{KEY}"), ("", KEY)]
)
def test_an_object_key_begins_with_the_prefix(prefix: str, key: str) -> None:
    bucket = Bucket()

    place = object_store(bucket, prefix).put(KEY, b"{}")

    assert place == f"s3://reports/{key}"
    assert bucket.objects == {("reports", key): (b"{}", "application/json")}


def test_json_lines_have_their_own_content_type() -> None:
    bucket = Bucket()

    object_store(bucket, "").put("runs/night-1/audit.jsonl", b"")

    assert bucket.objects["reports", "runs/night-1/audit.jsonl"][1] == "application/x-ndjson"


def test_a_large_body_is_stored_completely() -> None:
    bucket = Bucket()
    store = object_store(bucket)

    store.put(KEY, (b"x" * 1_000_000 for _ in range(9)))

    assert len(store.get(KEY) or b"") == 9_000_000


def test_every_page_of_a_listing_is_read() -> None:
    store = object_store(Bucket())
    keys = [f"runs/{number}/audit.jsonl" for number in range(7)]
    for key in keys:
        store.put(key, b"")

    assert [entry.key for entry in store.find("runs/")] == keys


def test_a_response_is_closed_even_if_it_is_not_read_to_its_end() -> None:
    bucket = Bucket()
    store = object_store(bucket)
    store.put(KEY, b"one\ntwo\n")

    lines = store.lines(KEY)
    assert next(lines) == b"one"
    lines.close()  # type: ignore[attr-defined]
    store.get(KEY)

    assert [body.closed for body in bucket.open] == [True, True]


def test_a_denied_call_to_a_bucket_names_the_permission_to_grant() -> None:
    store = object_store(Bucket("AccessDenied"))

    with pytest.raises(ReportUnwritable, match="s3://reports/sync/runs") as put:
        store.put(KEY, b"{}")
    assert "s3:PutObject" in put.value.remedy
    for read in (store.get, store.find, lambda key: list(store.lines(key))):
        with pytest.raises(Unavailable, match="AccessDenied") as caught:
            read(KEY)
        assert "s3:GetObject" in caught.value.remedy


def test_a_document_holds_unescaped_characters() -> None:
    body = json_body({"label": "Größe", "broken": "\ud800"})

    assert "Größe" in body.decode()
    assert json.loads(body) == {"label": "Größe", "broken": "?"}


def test_each_record_is_one_line() -> None:
    body = b"".join(json_lines([{"text": "two\nlines", "label": "Größe"}, {"n": 2}]))

    assert [json.loads(line) for line in body.decode().splitlines()] == [
        {"text": "two\nlines", "label": "Größe"},
        {"n": 2},
    ]
    assert body.endswith(b"\n")
    assert list(json_lines([])) == []
