"""Whether the process of an open run is alive, from its end, its machine and its age."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from datasphere_glue.evidence.open_runs import OpenRun
from datasphere_glue.evidence.process import LONGEST, carrying_out, is_alive, own_process

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
MACHINE = own_process().partition("/")[0]


def run(process: str = "elsewhere/1/x", minutes: float = 1, until: float | None = None) -> OpenRun:
    """Return a run that started so many minutes ago and ends in `until` minutes."""
    end = None if until is None else (NOW + timedelta(minutes=until)).isoformat()
    started = (NOW - timedelta(minutes=minutes)).isoformat()
    return OpenRun("night-1", process, started=started, until=end)


@pytest.mark.parametrize(
    ("opened", "alive"),
    [
        (run(), None),
        (run(until=14), None),
        (run(until=-1), False),
        (run(minutes=LONGEST.total_seconds()), False),
        (run(minutes=LONGEST.total_seconds(), until=1), None),
        (run(process=""), None),
        (run(process="a/b"), None),
        (run(process=f"{MACHINE}/none/x"), None),
        (OpenRun("night-1"), False),
    ],
)
def test_without_its_machine_the_end_and_the_age_of_a_run_decide(
    opened: OpenRun, *, alive: bool | None
) -> None:
    assert is_alive(opened, NOW) is alive


def test_a_run_of_this_process_is_alive_while_it_is_carried_out() -> None:
    own = run(own_process())

    assert is_alive(own, NOW) is False
    with carrying_out("night-1"), carrying_out("night-1"):
        assert is_alive(own, NOW) is True
        assert is_alive(replace(own, place="night-2"), NOW) is False
    assert is_alive(own, NOW) is False


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc shows other processes")
def test_a_process_of_this_machine_is_alive_until_it_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        other = run(f"{MACHINE}/{child.pid}/x")
        assert is_alive(other, NOW) is True
        child.kill()
        child.wait()
    assert is_alive(other, NOW) is False
    assert is_alive(run(f"{MACHINE}/{os.getpid()}/x"), NOW) is False


def test_a_start_without_a_zone_is_in_utc() -> None:
    assert is_alive(OpenRun("night-1", started="2026-11-22T06:00:00"), NOW) is False
