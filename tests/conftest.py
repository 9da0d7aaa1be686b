"""What all tests share: deterministic generation, real data when it is there, no waiting."""

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.effort import ALL_EXAMPLES, left_to_ci

settings.register_profile(
    "deterministic",
    derandomize=True,
    deadline=None,
    max_examples=8 if ALL_EXAMPLES else 4,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("deterministic")

REAL = Path(__file__).parents[1].parent / "shared" / "real"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave a part of the tests to CI, unless all of them or certain ones are asked for."""
    if ALL_EXAMPLES or any("::" in argument for argument in config.args):
        return
    left = left_to_ci(items)
    config.hook.pytest_deselected(items=sorted(left, key=lambda item: item.nodeid))
    items[:] = [item for item in items if item not in left]


def pytest_collection_finish() -> None:
    """Exclude from garbage collection what was imported: it stays, and a search takes seconds."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def real() -> Path:
    """Return the folder of real Datasphere metadata beside the checkout."""
    if not REAL.is_dir():
        pytest.skip("no real metadata beside this checkout")
    return REAL
