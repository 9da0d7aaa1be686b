"""State is read within bounds: whatever a file holds, it is used or counts as absent."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.errors import Unavailable
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.report import html, notification
from datasphere_glue.storage import read_cursor, removals, state, written_places
from datasphere_glue.storage.read_cursor import ReadCursor
from datasphere_glue.storage.state import DEEPEST, Stored, bounded_json, read_state
from datasphere_glue.storage.store import Store
from datasphere_glue.storage.written_places import WrittenPlaces
from tests.effort import examples
from tests.unit.storage.poisons import POISONS
from tests.unit.storage.stores import MemoryStore

TENANT = "acme.example"
CURSOR = ReadCursor(datetime(2026, 1, 2, tzinfo=UTC), timedelta(days=7), 1000)
Read = Callable[[Store], tuple[Any, tuple[Issue | None, ...]]]


def read_position(store: Store) -> tuple[Any, tuple[Issue | None, ...]]:
    cursor = read_cursor.load(store, (TENANT,), CURSOR)
    read_cursor.save(store, TENANT, cursor.after(()))
    return cursor.due(()), cursor.unusable


def read_marks(store: Store) -> tuple[Any, tuple[Issue | None, ...]]:
    stored = notification.stored_marks(store, (TENANT,))
    return stored.value, (stored.issue,)


def read_runs(store: Store) -> tuple[Any, tuple[Issue | None, ...]]:
    stored = html.stored_runs(store)
    return html.index(stored.value or ()), (stored.issue,)


def read_removals(store: Store) -> tuple[Any, tuple[Issue | None, ...]]:
    record = removals.load(store, TENANT)
    stored = record.stored
    removals.replace_record(store, TENANT, record.number, stored.value or ())
    return [one.at >= CURSOR.now for one in stored.value or ()], (stored.issue,)


def read_places(store: Store) -> tuple[Any, tuple[Issue | None, ...]]:
    stored = written_places.load(store, TENANT, CURSOR.now)
    written_places.save(store, TENANT, stored.value or WrittenPlaces())
    return stored.value, (stored.issue,)


READERS: dict[str, Read] = {
    f"state/{TENANT}/reading.json": read_position,
    f"state/{TENANT}/notified.json": read_marks,
    removals.key_of(TENANT, 1): read_removals,
    f"state/{TENANT}/written.json": read_places,
    "runs.json": read_runs,
}
GOOD: dict[str, Any] = {
    f"state/{TENANT}/reading.json": {
        "known": True,
        "fits": 7,
        "dated": {"at": 0.5, "last": "2026-01-01T00:00:00+00:00", "arcs": [["2026-01-01", 1.0]]},
        "undated": {"at": 0, "last": None, "arcs": []},
    },
    f"state/{TENANT}/notified.json": {"told": ["a"]},
    removals.key_of(TENANT, 1): {
        "removed": [{"at": "2026-01-01", "space": "S", "action": "delete", "tables": ["d.t"]}]
    },
    f"state/{TENANT}/written.json": {
        "schema": written_places.SCHEMA,
        "searched": "2026-01-01T12:00:00+00:00",
        "places": [["d", "t", "S", "A"], ["d", "u", None, None]],
    },
    "runs.json": [
        {
            "run_id": "r",
            "started": "s",
            "action": "sync",
            "status": "SUCCESS",
            "changes": 1,
            "duration_ms": 1,
            "assets": 1,
            "shares": {"label": 1.5},
        }
    ],
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=[]), max_size=9)
    | st.sampled_from(["0001-01-01T00:00+14:00", "9999-12-31", "1e999", "NaN"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


def places(value: Any) -> list[tuple[Any, ...]]:
    """Return the path of every value in a document."""
    if not isinstance(value, dict | list):
        return [()]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [(), *((key, *rest) for key, one in items for rest in places(one))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize("poison", POISONS)
@pytest.mark.parametrize("key", READERS)
def test_a_poisoned_file_counts_as_absent_and_is_named(key: str, poison: str) -> None:
    _, issues = READERS[key](MemoryStore({key: POISONS[poison]}))

    for issue in filter(None, issues):
        assert issue.code is IssueCode.STATE_UNREADABLE
        assert key in issue.message
    assert any(issues) or (key == "runs.json" and POISONS[poison][:2] == b"[{")


@pytest.mark.parametrize("key", READERS)
@given(data=st.data())
@examples(120)
def test_any_value_at_any_place_is_read_or_refused(key: str, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places(GOOD[key])))
    document = replaced(GOOD[key], path, data.draw(JSON))

    READERS[key](MemoryStore({key: json.dumps(document).encode()}))


@pytest.mark.parametrize("key", READERS)
def test_a_good_file_is_used(key: str) -> None:
    _, issues = READERS[key](MemoryStore({key: b"\xef\xbb\xbf" + json.dumps(GOOD[key]).encode()}))

    assert not any(issues)


def test_an_absent_file_is_no_issue() -> None:
    assert read_state(MemoryStore(), "runs.json", list) == Stored()


class SilentStore(MemoryStore):
    """A store that does not answer."""

    def get(self, key: str) -> bytes | None:
        raise Unavailable(f"{self.location(key)} could not be read: access denied")


def test_a_file_that_cannot_be_read_is_named_and_may_still_be_good() -> None:
    stored = read_state(SilentStore(), "runs.json", list)

    assert stored.issue is not None
    assert "memory:runs.json could not be read: access denied" in stored.issue.message
    assert not stored.answered


@pytest.mark.parametrize("body", [b"1e999", b"-1e999", b"[NaN]", b"Infinity", b"9" * 17])
def test_numbers_are_bounded(body: bytes) -> None:
    with pytest.raises(ValueError, match="number"):
        bounded_json(body)


def test_depth_and_size_are_bounded() -> None:
    assert bounded_json(b"[" * DEEPEST + b"]" * DEEPEST)
    with pytest.raises(ValueError, match="deeper"):
        bounded_json(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))
    with pytest.raises(ValueError, match="bytes"):
        bounded_json(b"[1, 2]", 5)


def test_only_these_modules_get_a_whole_document_from_a_store() -> None:
    """A new file of state is read by `read_state`, so it is safe by construction."""
    package = Path(state.__file__).parents[1]
    getting = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if re.search(r"\bstore\.get\(", path.read_text(encoding="utf-8"))
    }

    assert getting == {
        "storage/state.py",
        "storage/plans.py",  # a plan is approved by a person
        "runs/fanout/records.py",  # the manifest of the same run
        "commands/report.py",  # a page for the browser
    }
