"""Our own record of written tables: read once, and no obstacle if it cannot be read."""

from pathlib import Path

from datasphere_glue.runs.written_assets import WrittenAssets
from datasphere_glue.storage.store import FolderStore


def test_without_audit_files_nothing_was_written(tmp_path: Path) -> None:
    record = WrittenAssets(FolderStore(tmp_path))

    assert record([("datasphere_sales", "orders")]) == {}
    assert record([]) == {}
