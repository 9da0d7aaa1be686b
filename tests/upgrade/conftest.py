"""The worlds that an earlier version left behind, served anew for each test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from itertools import count
from pathlib import Path

import pytest

from local.catalog.embedded import EmbeddedCatalog
from local.setting import environment_of
from local.tenant.embedded import EmbeddedTenant
from tests.upgrade.record import SETTINGS
from tests.upgrade.recording import Recording, Upgraded, unpacked

Upgrade = Callable[..., Upgraded]


@pytest.fixture(scope="session")
def serving() -> Iterator[EmbeddedCatalog]:
    with EmbeddedCatalog() as running:
        yield running


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Recording]:
    """Return a function that gives a recording by name, unpacked once."""
    return cache(lambda name: unpacked(name, tmp_path_factory.mktemp(name)))


@pytest.fixture
def upgrade(
    serving: EmbeddedCatalog,
    recording: Callable[[str], Recording],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Upgrade]:
    """Return a function that serves a recording from one of its stages on, each time anew."""
    numbers = count()
    with ExitStack() as running:

        def serve(name: str, stage: str = "divided", tenant: str | None = None) -> Upgraded:
            recorded = recording(name)
            served = running.enter_context(EmbeddedTenant(recorded.spaces(tenant or stage)))
            serving.reset()
            serving.restore(recorded.snapshot(stage))
            reports = tmp_path / f"reports{next(numbers)}"
            shutil.copytree(recorded.folder / "reports", reports)
            environment = environment_of(served, serving) | SETTINGS | {"REPORT_URI": str(reports)}
            for key, value in environment.items():
                monkeypatch.setenv(key, value)
            return Upgraded(recorded, served, serving, reports)

        yield serve
