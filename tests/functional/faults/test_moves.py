"""A fault at each kind of write of a run that moves a space: the next runs complete the move."""

from collections.abc import Callable

import pytest

from local.catalog.faults import CONNECTION_RESET, LOST_ANSWER, LOST_WRITE
from tests.functional.conftest import World, small_space
from tests.functional.editing import edit
from tests.functional.test_moved_databases import NAMES, NEW, OLD, assert_moved, by_template
from tests.functional.thorough import ALL

ERRORS = (
    "AccessDeniedException",
    "ConcurrentModificationException",
    "InternalServiceException",
    CONNECTION_RESET,
    LOST_ANSWER,
    LOST_WRITE,
)
RUNS = 3


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("operation", ["CreateDatabase", "CreateTable", "UpdateTable"])
@pytest.mark.parametrize("times", [1, 99] if ALL else [1])
def test_a_move_survives_a_fault_at_its_writes(
    world_of: Callable[..., World], operation: str, error: str, times: int
) -> None:
    world = world_of(small_space("SHOP", len(NAMES)))
    world.sync()
    edit(world, OLD)
    by_template(world)
    after = 0 if operation == "CreateDatabase" else 1
    world.catalog.faults.add(operation=operation, error=error, times=times, after=after)

    world.sync()

    active = {
        place.rpartition(".")[2]
        for place, table in world.everything().items()
        if table["Parameters"]["datasphere.status"] == "active"
    }
    assert active == set(NAMES), "no run leaves fewer tables in use than before"
    world.catalog.faults.clear()
    for _ in range(RUNS):
        if world.sync()["status"] == "NO_CHANGES":
            break
    assert_moved(world, OLD, NEW)
    assert world.sync()["calls"]["glue_write"] == 0
