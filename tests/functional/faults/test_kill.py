"""The process is killed in the middle of a run: nothing is lost or doubled, and the next goes on.

A real process runs against the tenant and the catalog of this one. It is killed while one of its
calls waits here, at places drawn once and for all: before a write is carried out, after it was but
before its answer, or while it still reads.
"""

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from local.tenant.faults import FaultKind
from tests.functional.eve import Eve
from tests.functional.thorough import ALL

RUN = (
    "import os; from datasphere_glue import bootstrap;"
    "from datasphere_glue.runs import lifecycle, ports;"
    "from datasphere_glue.events.parsing import parse;"
    "caller = ports.Caller(sleep=lambda _: None);"
    "lifecycle.execute_run(lambda: parse({}), os.environ, caller, bootstrap)"
)
PATIENCE = 60.0
DICE = random.Random(20261123)  # noqa: S311 - drawn once and for all, nothing secret
PARTS = 24 if ALL else 6
POINTS = [(round((part + DICE.random()) / PARTS, 2), DICE.random() < 0.5) for part in range(PARTS)]
"""How far a run is into its writes, one point in each part; was the last one carried out?"""


class Late:
    """An answer of the tenant that waits: `reached` on its request, until `released`."""

    def __init__(self) -> None:
        self.reached = Event()
        self.released = Event()

    def __call__(self, _seconds: float) -> None:
        self.reached.set()
        self.released.wait(PATIENCE)


@pytest.fixture
def late(eve: Eve) -> Iterator[Late]:
    eve.patience.instead = waiting = Late()
    yield waiting
    waiting.released.set()


@contextmanager
def running(eve: Eve) -> Iterator[Callable[[], None]]:
    """Run the function in a process of its own; give what kills it."""
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", RUN], env=os.environ | eve.environment | paths
    )

    def kill() -> None:
        assert child.poll() is None
        child.kill()
        child.wait()

    try:
        yield kill
    finally:
        child.kill()
        child.wait()


@pytest.mark.parametrize(("share", "done"), POINTS)
def test_a_run_that_is_killed_while_it_writes_is_completed_by_the_next(
    eve: Eve, share: float, *, done: bool
) -> None:
    hold = eve.catalog.faults.hold(after=int(share * eve.writes), done=done)
    with running(eve) as kill:
        assert hold.reached.wait(PATIENCE)
        kill()
    hold.drop()

    eve.unharmed()


@pytest.mark.parametrize("kind", ["token", "definition"])
def test_a_run_that_is_killed_while_it_reads_has_changed_nothing(
    eve: Eve, late: Late, kind: str
) -> None:
    eve.tenant.faults.add(eve.at(kind, "middle and last")[-1].pattern, FaultKind.DELAY, seconds=1.0)
    with running(eve) as kill:
        assert late.reached.wait(PATIENCE)
        kill()
    late.released.set()

    assert eve.content() == eve.before
    eve.unharmed()
