"""The stack of template.yaml, transformed once and resolved with the parameters of a test."""

from collections.abc import Callable
from typing import Any

import pytest

from deploy.stack import Stack, transformed

TENANT = {
    "DatasphereUrl": "https://acme.eu10.hcs.cloud.sap",
    "DatasphereTokenUrl": "https://acme.authentication.eu10.hana.ondemand.com/oauth/token",
}

MakeStack = Callable[..., Stack]


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    return transformed()


@pytest.fixture(scope="session")
def stack_with(template: dict[str, Any]) -> MakeStack:
    """Return the function that gives the stack for some parameters, the rest by default."""

    def make(**parameters: str) -> Stack:
        return Stack(template, TENANT | parameters)

    return make


@pytest.fixture(scope="session")
def stack(stack_with: MakeStack) -> Stack:
    return stack_with()
