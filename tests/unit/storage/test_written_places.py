"""The stored places of written tables: valid ones are read, anything else counts as none."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from datasphere_glue.storage import written_places
from datasphere_glue.storage.store import FolderStore
from datasphere_glue.storage.written_places import WrittenPlaces

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
OURS, NOBODYS = ("datasphere_sales", "v_orders"), ("datasphere_sales", "copy")
PLACES = WrittenPlaces({OURS: ("SALES", "V_ORDERS"), NOBODYS: None}, NOW)


def loaded(folder: Path, now: datetime = NOW) -> WrittenPlaces:
    return written_places.load(FolderStore(folder), "acme", now).value or WrittenPlaces()


def test_stored_places_are_read_back(tmp_path: Path) -> None:
    written_places.save(FolderStore(tmp_path), "acme", PLACES)

    assert loaded(tmp_path) == PLACES
    assert loaded(tmp_path, NOW + timedelta(hours=23)) == PLACES


@pytest.mark.parametrize("days", [1, 30, -1])
def test_a_place_that_nobody_wrote_is_valid_for_a_day(tmp_path: Path, days: int) -> None:
    written_places.save(FolderStore(tmp_path), "acme", PLACES)

    later = loaded(tmp_path, NOW + timedelta(days))

    assert later == WrittenPlaces({OURS: ("SALES", "V_ORDERS")})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"7",
        b"[" * 200_000,
        b'{"schema":"other"}',
        b'{"schema":"datasphere-glue/written/1","searched":1e999,"places":[]}',
        b'{"schema":"datasphere-glue/written/1","searched":null,"places":[["a"]]}',
        b'{"schema":"datasphere-glue/written/1","searched":null,"places":{"a":1}}',
    ],
)
def test_a_state_that_cannot_be_understood_counts_as_none(tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "state" / "acme" / "written.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(body)

    assert loaded(tmp_path) == WrittenPlaces()
    issue = written_places.load(FolderStore(tmp_path), "acme", NOW).issue
    assert issue is not None
    assert "written.json" in issue.message


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    written_places.save(FolderStore(tmp_path), "acme", PLACES)

    document = json.loads((tmp_path / "state" / "acme" / "written.json").read_text())

    assert document["places"] == [[*NOBODYS, None, None], [*OURS, "SALES", "V_ORDERS"]]
