"""Fixtures of the tests of the tenant's readers."""

import pytest

from tests.unit.datasphere.fakes import FakeTenant, World


@pytest.fixture
def world() -> World:
    """Return a clock that advances only during waits."""
    return World()


@pytest.fixture
def tenant(world: World) -> FakeTenant:
    """Return a tenant that grants tokens and has no paths yet."""
    return FakeTenant(world)
