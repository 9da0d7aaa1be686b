"""How deep the calls are between the event and the call that creates a table."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest

import datasphere_glue
from datasphere_glue.glue.client import GlueCatalog
from datasphere_glue.handler import lambda_handler
from tests.functional.conftest import World

PACKAGE: Final = str(Path(datasphere_glue.__file__).parent)
MOST_FRAMES: Final = 12
"""A writing thread counts with the frames of the main thread that waits for it."""


def frames_of(frame: FrameType | None) -> list[str]:
    """Return the functions of our package on a stack, the innermost first."""
    names: list[str] = []
    while frame is not None:
        if frame.f_code.co_filename.startswith(PACKAGE):
            names.append(frame.f_code.co_qualname)
        frame = frame.f_back
    return names


@contextmanager
def stacks_of_creations() -> Iterator[list[list[str]]]:
    """Collect the stack of each call of `create_table` in the block, of all threads."""
    stacks: list[list[str]] = []
    main = threading.get_ident()

    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code is GlueCatalog.create_table.__code__:
            inside = threading.get_ident() == main
            waiting = [] if inside else frames_of(sys._current_frames()[main])
            stacks.append([*frames_of(frame), *waiting])

    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield stacks
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def test_few_frames_lie_between_an_event_and_the_creation_of_a_table(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)

    with stacks_of_creations() as stacks:
        assert lambda_handler({}, None)["status"] == "SUCCESS"

    deepest = max(stacks, key=len)
    assert len(deepest) <= MOST_FRAMES, deepest
