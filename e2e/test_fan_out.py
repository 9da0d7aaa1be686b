"""A run in parts, by the state machine, against the same run in one invocation."""

import json
from time import monotonic
from typing import Any

import pytest

from e2e.catalog import drop
from e2e.conftest import Stack
from e2e.emulator_client import Emulator, until
from e2e.figures import Figures

PATIENCE_S = 120.0


@pytest.fixture
def machine(main: Stack) -> str:
    return main.deployed.outputs["StateMachineArn"]


def executed(emulator: Emulator, machine: str) -> dict[str, Any]:
    """Return an execution of the machine after its end."""
    states = emulator.client("stepfunctions")
    started = states.start_execution(stateMachineArn=machine, input="{}")["executionArn"]

    def ended() -> dict[str, Any] | None:
        execution: dict[str, Any] = states.describe_execution(executionArn=started)
        return None if execution["status"] == "RUNNING" else execution

    execution: dict[str, Any] = until(ended, PATIENCE_S, "the execution to end")
    return execution


def test_a_fan_out_run_writes_the_same_as_a_single_run(
    machine: str, main: Stack, emulator: Emulator, figures: Figures
) -> None:
    main.sync()
    expected = main.contents()
    drop(main.glue, main.prefix)
    began = monotonic()
    execution = executed(emulator, machine)
    figures.seconds("the same by the state machine", monotonic() - began)
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    assert json.loads(execution["output"])["counts"]["created"]
    deployed = main.contents()
    assert deployed.keys() == expected.keys()
    assert [name for name in expected if deployed[name] != expected[name]] == []


def test_a_second_fan_out_run_changes_nothing(
    machine: str, main: Stack, emulator: Emulator
) -> None:
    main.sync()
    before = main.versions()
    execution = executed(emulator, machine)
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    assert json.loads(execution["output"])["counts"]["updated"] == 0
    assert main.versions() == before
