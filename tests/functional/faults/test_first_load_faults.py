"""A first load that is disturbed while it creates tables and still reads: nothing lost or doubled.

The tables of a large space are created while the next space is read, so that what goes wrong with
the one meets the other half done.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from datasphere_glue.plan.stages import ADDITIVE_PER_SPACE
from local.tenant.faults import FaultKind
from tests.functional.conftest import World, small_space
from tests.functional.faults.test_kill import PATIENCE, RUN

LARGE = ADDITIVE_PER_SPACE.fewest + 5
SMALL = 4


@pytest.fixture
def fresh(world_of: Callable[..., World]) -> World:
    """Return a world whose first space is worth being created early, and nothing is yet."""
    return world_of(small_space("LARGE", LARGE), small_space("LATER", SMALL))


def counted(world: World, answer: dict[str, Any]) -> int:
    """Return how many tables there are, which equals the number that the run reports as created."""
    tables = len(world.everything())
    assert answer["counts"]["created"] == tables
    assert answer["databases"]["created"] == len(world.glue.get_databases()["DatabaseList"])
    return tables


def completed(world: World) -> None:
    """Assert that the next run completes this one and repeats nothing."""
    before = world.everything()
    world.tenant.faults.clear()
    world.catalog.faults.clear()
    answer = world.sync()
    assert answer["status"] == "SUCCESS"
    assert answer["counts"]["created"] == LARGE + SMALL - len(before)
    after = world.everything()
    assert len(after) == LARGE + SMALL
    assert {name: after[name] for name in before} == before
    assert world.sync()["status"] == "NO_CHANGES"


def test_a_first_load_is_written_while_it_is_read(fresh: World) -> None:
    assert fresh.sync()["status"] == "SUCCESS"
    operations = [call.operation for call in fresh.catalog.calls]
    created = operations.index("CreateDatabase")
    assert operations.index("CreateDatabase", created + 1) > operations.index("CreateTable")
    assert len(fresh.everything()) == LARGE + SMALL


@pytest.mark.parametrize(("status", "ends"), [(500, "DEGRADED"), (401, "HALTED")])
def test_a_fault_in_a_later_space_does_not_affect_the_first(
    fresh: World, status: int, ends: str
) -> None:
    fresh.tenant.faults.add("LATER/V_01/$metadata", status=status, times=None)

    answer = fresh.sync()

    assert answer["status"] == ends
    assert counted(fresh, answer) <= LARGE + SMALL - 1
    completed(fresh)


@pytest.mark.parametrize(
    ("error", "ends"),
    [("AccessDeniedException", "HALTED"), ("LostWrite", "DEGRADED")],
)
def test_a_creation_that_fails_during_reading_is_reported(
    fresh: World, error: str, ends: str
) -> None:
    fresh.catalog.faults.add(operation="CreateTable", error=error, match="v_07", times=99)

    answer = fresh.sync()

    assert answer["status"] == ends
    assert "LARGE.V_07" in {error["asset"] for error in answer["errors"]}
    assert counted(fresh, answer) < LARGE + SMALL
    completed(fresh)


def test_a_process_killed_during_early_creations_loses_and_duplicates_nothing(
    fresh: World,
) -> None:
    hold = fresh.catalog.faults.hold(operation="CreateTable", after=ADDITIVE_PER_SPACE.fewest // 2)
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", RUN], env=os.environ | fresh.environment | paths
    ) as child:
        try:
            assert hold.reached.wait(PATIENCE)
        finally:
            child.kill()
    hold.drop()

    assert 0 < len(fresh.everything()) < LARGE
    completed(fresh)


def test_a_first_load_past_its_deadline_preserves_its_tables(fresh: World) -> None:
    fresh.tenant.faults.add("LATER/V_01/$metadata", FaultKind.DELAY, seconds=60, times=None)
    began = time.monotonic()

    answer = fresh.sync(until=began + 3.0)

    assert time.monotonic() - began < 6.0
    assert answer["status"] == "PENDING"
    assert counted(fresh, answer) >= LARGE
    completed(fresh)
