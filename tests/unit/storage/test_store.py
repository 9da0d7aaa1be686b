"""Stores: documents in a folder or a bucket, whole or not at all, read in pieces."""

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
from datasphere_glue.storage.store import (
    FolderStore,
    ObjectStore,
    Store,
    json_body,
    json_lines,
    whole_lines,
)

KEY = "runs/night-1/report.json"


class Refusal(Exception):
    """What the library of a bucket raises."""

    def __init__(self, code: str, retries: int = 0) -> None:
        super().__init__(code)
        self.response = {
            "Error": {"Code": code},
            "ResponseMetadata": {"RetryAttempts": retries},
        }


class Streamed(BytesIO):
    """The body of an answer, as botocore streams it."""

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while piece := self.read(size):
            yield piece


class Bucket:
    """What S3 was asked to keep; it lists two keys a page, and refuses with `code` when set."""

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
            raise Refusal("ConditionalRequestConflict")
        if IfNoneMatch == "*" and (Bucket, Key) in self.objects:
            raise Refusal("PreconditionFailed")
        content = Body if isinstance(Body, bytes) else Body.read()
        self.objects[Bucket, Key] = (content, ContentType)

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803 - S3's own names
        self._refuse()
        if (Bucket, Key) not in self.objects:
            raise Refusal("AccessDenied")
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
        answer: dict[str, Any] = {"Contents": rows} if rows else {}
        more = {"NextContinuationToken": str(start + 2)} if len(keys) > start + 2 else {}
        return answer | more

    def _refuse(self) -> None:
        if self.code:
            raise Refusal(self.code)


def object_store(bucket: Bucket, prefix: str = "sync") -> ObjectStore:
    return ObjectStore(bucket, "reports", prefix, (Refusal,))


@pytest.fixture(params=["folder", "bucket", "bucket without prefix"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return FolderStore(tmp_path / "reports")
    return object_store(Bucket(), "" if "without" in request.param else "a/b")


def test_what_was_put_is_found_got_and_read(store: Store) -> None:
    store.put(KEY, b"{}")
    store.put("runs/night-1/audit.jsonl", iter((b"one\ntw", b"o\n", b"three\n")))
    store.put("runs/night-10/report.json", b"[]")
    store.put("plans/abc.json", b"x")

    assert store.get(KEY) == b"{}"
    assert store.get("runs/night-1/audit.jsonl") == b"one\ntwo\nthree\n"
    assert list(store.lines("runs/night-1/audit.jsonl")) == [b"one", b"two", b"three"]
    assert [(kept.key, kept.size) for kept in store.find("runs/")] == [
        ("runs/night-1/audit.jsonl", 14),
        (KEY, 2),
        ("runs/night-10/report.json", 2),
    ]
    assert [kept.key for kept in store.find("runs/night-1/a")] == ["runs/night-1/audit.jsonl"]
    assert all(kept.modified > 1_700_000_000 for kept in store.find("plans/"))


def test_what_was_never_put_is_absent(store: Store) -> None:
    assert store.get(KEY) is None
    assert store.find("runs/") == ()
    with pytest.raises(Unavailable, match="could not be read"):
        list(store.lines(KEY))


def test_the_last_word_under_a_key_counts(store: Store) -> None:
    store.put(KEY, b"long first version")
    store.put(KEY, b"new")

    assert store.get(KEY) == b"new"


def test_what_is_created_is_never_written_over(store: Store) -> None:
    assert store.create(KEY, iter((b"fir", b"st")))
    assert not store.create(KEY, b"second")
    assert not store.create(KEY, iter((b"third",)))

    assert store.get(KEY) == b"first"
    assert [kept.key for kept in store.find("")] == [KEY]


def test_of_many_who_create_one_key_at_once_one_succeeds(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: store.create(KEY, f"{n}".encode()), range(40)))

    assert sum(made) == 1
    assert store.get(KEY) == f"{made.index(True)}".encode()


def test_a_key_that_somebody_else_is_writing_is_tried_again() -> None:
    bucket = Bucket()
    store = object_store(bucket)
    bucket.conflicts = 2
    assert store.create(KEY, iter((b"whole",)))
    assert store.get(KEY) == b"whole"

    bucket.conflicts = 99
    with pytest.raises(ReportUnwritable, match="others keep writing it"):
        store.create("runs/night-2/report.json", b"")


class Forgetful(Bucket):
    """A bucket whose first answer to a write is lost, so that botocore asks once more by itself."""

    def put_object(self, **asked: Any) -> Any:
        super().put_object(**asked)
        raise Refusal("PreconditionFailed", retries=1)


class Contested(Bucket):
    """A bucket in which somebody else always comes first, between two tries."""

    def put_object(self, **_asked: Any) -> Any:
        raise Refusal("PreconditionFailed", retries=1)


@pytest.mark.parametrize("body", [b"whole", b"x" * 600_000])
def test_what_was_created_by_a_try_whose_answer_was_lost_is_created(body: bytes) -> None:
    bucket = Forgetful()

    assert object_store(bucket).create(KEY, body)
    assert object_store(bucket).create("runs/night-2/report.json", iter((body, body)))
    assert all(streamed.closed for streamed in bucket.open)


@pytest.mark.parametrize("there", [b"whol", b"whole and more", b"while", b""])
def test_what_somebody_else_created_meanwhile_is_not_taken_for_ours(there: bytes) -> None:
    bucket = Contested()
    bucket.objects["reports", f"sync/{KEY}"] = (there, "")

    assert not object_store(bucket).create(KEY, b"whole")


def test_a_bucket_that_refuses_to_create_is_told() -> None:
    with pytest.raises(ReportUnwritable, match="AccessDenied"):
        object_store(Bucket("AccessDenied")).create(KEY, b"")
    with pytest.raises(Unavailable, match="AccessDenied"):
        object_store(Bucket("AccessDenied")).first("audit/")


def test_the_first_of_many_keys_is_found_alone(store: Store) -> None:
    assert store.first("audit/") is None
    for number in (7, 3, 5):
        store.put(f"audit/{number}.json", b"")
    store.put("state/1.json", b"")

    assert store.first("audit/") == "audit/3.json"


def test_lines_end_where_a_line_feed_stands_and_nowhere_else(store: Store) -> None:
    body = b"one\r\xc2\x85\n\n\xe2\x80\xa8two\nno end"
    store.put(KEY, body)

    assert b"".join(store.pieces(KEY)) == body
    assert list(store.lines(KEY)) == [b"one\r\xc2\x85", b"", b"\xe2\x80\xa8two", b"no end"]


@given(st.lists(st.binary(max_size=9)))
def test_lines_are_the_same_however_the_pieces_are_cut(pieces: list[bytes]) -> None:
    body = b"".join(pieces)

    assert b"".join(whole_lines(pieces)) == body
    assert list(whole_lines(pieces)) == list(whole_lines([body]))
    assert all(line.find(b"\n") in {-1, len(line) - 1} for line in whole_lines(pieces))


def test_a_line_in_very_many_pieces_costs_no_more_than_its_length() -> None:
    began = process_time()
    (line,) = whole_lines(b"x" * 4_096 for _ in range(20_000))

    assert len(line) == 4_096 * 20_000
    assert process_time() - began < 2


def test_a_folder_is_made_when_missing_and_the_path_is_told(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "reports")

    place = store.put(KEY, b"{}")

    assert place == store.location(KEY) == str(tmp_path / "reports" / KEY)
    assert Path(place).read_bytes() == b"{}"


def test_a_file_that_is_not_whole_yet_is_not_there(tmp_path: Path) -> None:
    """A run that is killed while it writes must leave the former file, or none."""
    store = FolderStore(tmp_path)
    store.put(KEY, b"former")
    seen: list[Any] = []

    def parts() -> Iterator[bytes]:
        yield b"first half"
        seen.append((store.get(KEY), [kept.key for kept in store.find("runs/")]))
        raise OSError("no space left")

    with pytest.raises(ReportUnwritable, match="no space left"):
        store.put(KEY, parts())

    assert seen == [(b"former", [KEY])]
    assert store.get(KEY) == b"former"
    assert [path.name for path in (tmp_path / "runs/night-1").iterdir()] == ["report.json"]


def test_a_folder_that_is_a_file_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = FolderStore(tmp_path / "file")

    with pytest.raises(ReportUnwritable, match=r"report\.json could not be written") as told:
        store.put(KEY, b"{}")
    assert "REPORT_URI" in told.value.remedy
    assert store.find("runs/") == ()


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / KEY).mkdir(parents=True)

    with pytest.raises(Unavailable, match=r"report\.json could not be read"):
        list(FolderStore(tmp_path).lines(KEY))


@pytest.mark.parametrize(
    ("prefix", "key"), [("sync", f"sync/{KEY}"), ("a/b", f"a/b/{KEY}"), ("", KEY)]
)
def test_an_object_lies_below_the_prefix(prefix: str, key: str) -> None:
    bucket = Bucket()

    place = object_store(bucket, prefix).put(KEY, b"{}")

    assert place == f"s3://reports/{key}"
    assert bucket.objects == {("reports", key): (b"{}", "application/json")}


def test_json_lines_are_stored_as_such() -> None:
    bucket = Bucket()

    object_store(bucket, "").put("runs/night-1/audit.jsonl", b"")

    assert bucket.objects["reports", "runs/night-1/audit.jsonl"][1] == "application/x-ndjson"


def test_a_large_body_goes_to_the_bucket_whole() -> None:
    bucket = Bucket()
    store = object_store(bucket)

    store.put(KEY, (b"x" * 1_000_000 for _ in range(9)))

    assert len(store.get(KEY) or b"") == 9_000_000


def test_every_page_of_a_listing_is_read() -> None:
    store = object_store(Bucket())
    keys = [f"runs/{number}/audit.jsonl" for number in range(7)]
    for key in keys:
        store.put(key, b"")

    assert [kept.key for kept in store.find("runs/")] == keys


def test_an_answer_is_closed_even_when_nobody_reads_it_to_its_end() -> None:
    bucket = Bucket()
    store = object_store(bucket)
    store.put(KEY, b"one\ntwo\n")

    lines = store.lines(KEY)
    assert next(lines) == b"one"
    lines.close()  # type: ignore[attr-defined]
    store.get(KEY)

    assert [body.closed for body in bucket.open] == [True, True]


def test_a_bucket_that_refuses_is_told_with_what_to_grant() -> None:
    store = object_store(Bucket("AccessDenied"))

    with pytest.raises(ReportUnwritable, match="s3://reports/sync/runs") as put:
        store.put(KEY, b"{}")
    assert "s3:PutObject" in put.value.remedy
    for read in (store.get, store.find, lambda key: list(store.lines(key))):
        with pytest.raises(Unavailable, match="AccessDenied") as told:
            read(KEY)
        assert "s3:GetObject" in told.value.remedy


def test_a_document_is_readable_and_has_real_characters() -> None:
    body = json_body({"label": "Größe", "broken": "\ud800"})

    assert "Größe" in body.decode()
    assert json.loads(body) == {"label": "Größe", "broken": "?"}


def test_records_stand_on_one_line_each() -> None:
    body = b"".join(json_lines([{"text": "two\nlines", "label": "Größe"}, {"n": 2}]))

    assert [json.loads(line) for line in body.decode().splitlines()] == [
        {"text": "two\nlines", "label": "Größe"},
        {"n": 2},
    ]
    assert body.endswith(b"\n")
    assert list(json_lines([])) == []
