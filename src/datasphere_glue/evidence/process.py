"""The process that carries out a run: its identity, and whether a run's process is alive.

A run that was cut off must be closed soon, and one that still runs must not be closed. A run is
dead after the end of its time, or if this machine shows that its process is gone. On another
machine, a run without an end (from a terminal) counts as dead after LONGEST.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Final
from uuid import getnode

from datasphere_glue.evidence.open_runs import OpenRun

LONGEST: Final = timedelta(hours=6)
"""Age after which a run without an end is dead, if nothing else shows whether it is alive."""

_TOKEN: Final = token_hex(6)
"""Differs for each process, also for two that have one number after the other."""

_PROC: Final = Path("/proc")
_GONE: Final = frozenset("ZX")
"""States of a process that ended but was not collected by its parent (proc(5))."""

_running: Final[Counter[str]] = Counter()
_lock: Final = Lock()


@contextmanager
def carrying_out(place: str) -> Iterator[None]:
    """Mark a run of this process as alive during the block."""
    with _lock:
        _running[place] += 1
    try:
        yield
    finally:
        with _lock:
            _running[place] -= 1


def own_process() -> str:
    """Return the identity of this process: machine, number, token."""
    return f"{_machine()}/{os.getpid()}/{_TOKEN}"


def is_alive(run: OpenRun, now: datetime | None = None) -> bool | None:
    """Return whether the process of an open run is alive; None if nothing shows it."""
    now = now or datetime.now(UTC)
    if run.until and now > _utc(run.until):
        return False
    machine, number, token = (*run.process.split("/"), "", "", "")[:3]
    if machine == _machine():
        own = (number, token) == (str(os.getpid()), _TOKEN)
        alive = _running[run.place] > 0 if own else _process_exists(number)
        if alive is not None:
            return alive
    old = run.until is None and (run.started is None or now - _utc(run.started) > LONGEST)
    return False if old else None


def _utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _process_exists(number: str) -> bool | None:
    """Return whether another process has this number; None if the system does not show it."""
    if not number.isdecimal() or not (_PROC / "self" / "stat").exists():
        return None
    if int(number) == os.getpid():
        return False
    try:
        status = (_PROC / number / "stat").read_text()
    except FileNotFoundError:
        return False
    except OSError:
        return None
    return status.rpartition(")")[2].split()[0] not in _GONE


@cache
def _machine() -> str:
    """Return the identity of the machine, or of what numbers its processes alone."""
    # In Lambda, machines are copies of one another; the log stream differs for each.
    stream = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
    return sha256((stream or _system()).encode()).hexdigest()[:16]


def _system() -> str:
    try:
        boot = (_PROC / "sys" / "kernel" / "random" / "boot_id").read_text()
        return boot + str((_PROC / "self" / "ns" / "pid").readlink())
    except OSError:
        return f"{sys.platform} {getnode()}"
