"""Our own record of written tables: searched once, and no obstacle if it cannot be read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from datasphere_glue.runs.written_assets import WrittenAssets
from datasphere_glue.storage import written_places
from datasphere_glue.storage.store import FolderStore
from datasphere_glue.storage.written_places import WrittenPlaces

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
PLACE = ("datasphere_sales", "orders")


def record(folder: Path, now: datetime = NOW) -> WrittenAssets:
    return WrittenAssets(FolderStore(folder), "acme", now)


def test_without_audit_files_nothing_was_written(tmp_path: Path) -> None:
    assert record(tmp_path)([]) == {}
    assert record(tmp_path)([PLACE]) == {}


def test_what_was_searched_before_is_not_searched_again(tmp_path: Path) -> None:
    places = WrittenPlaces({PLACE: ("SALES", "ORDERS")}, NOW)
    written_places.save(FolderStore(tmp_path), "acme", places)

    assert record(tmp_path, NOW + timedelta(400))([PLACE]) == {PLACE: ("SALES", "ORDERS")}


def test_a_file_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")

    assert record(tmp_path)([PLACE]) == {}


def test_a_malformed_state_is_an_issue_and_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "state" / "acme").mkdir(parents=True)
    (tmp_path / "state" / "acme" / "written.json").write_text("[]")
    first, second = record(tmp_path), record(tmp_path)

    assert first([PLACE]) == {}
    assert "written.json" in first.issues[0].message
    assert second([PLACE]) == {}
    assert not second.issues


def test_without_a_report_place_there_is_no_record() -> None:
    assert WrittenAssets(None, "acme", NOW)([PLACE]) == {}
