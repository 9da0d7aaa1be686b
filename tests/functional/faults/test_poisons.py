"""Each poison alone in each kind of file at REPORT_URI: the change at the source still arrives."""

import pytest

from tests.functional.conftest import World
from tests.functional.test_poisoned_files import files, synced, world
from tests.unit.storage.poisons import POISONS

__all__ = ["world"]

FILES = (
    *("state/*/reading.json", "state/*/notified.json", "runs.json"),
    *("audit/*.json", "runs/*/audit.jsonl", "runs/*/before.jsonl", "runs/*/report.json"),
)


@pytest.mark.parametrize("pattern", FILES)
def test_no_poison_in_a_file_stops_a_run(world: World, pattern: str) -> None:
    (reading,) = files(world, "state/*/reading.json")
    reading.with_name("notified.json").touch()
    for poison, body in POISONS.items():
        for path in files(world, pattern):
            path.write_bytes(body)

        synced(world, f"After {poison}")
