"""Fixtures of the tests of the tenant's readers."""

import pytest

from tests.unit.datasphere.fakes import FakeTenant, World


@pytest.fixture
def world() -> World:
    """Return time that stands still until somebody waits."""
    return World()


@pytest.fixture
def tenant(world: World) -> FakeTenant:
    """Return a tenant that grants tokens and knows no path yet."""
    return FakeTenant(world)
