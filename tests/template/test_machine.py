"""The state machine of runs in parts: sound by itself, and one with the code that it calls."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.events.parsing import parse
from datasphere_glue.events.request import Request, RunStep
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.outcome.answer import answer_of
from datasphere_glue.outcome.context import RunContext
from datasphere_glue.outcome.run import Result
from deploy.stack import Stack

MakeStack = Callable[..., Stack]
MACHINE = Path(__file__).parents[2] / "statemachine" / "sync.asl.json"
TRANSIENT = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
}
"""What AWS advises to retry on any call of a function (Step Functions guide, best practices)."""

LONGEST_FUNCTION_S = 900


@pytest.fixture(scope="module")
def machine() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(MACHINE.read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def workers(machine: dict[str, Any]) -> dict[str, Any]:
    processor: dict[str, Any] = machine["States"]["Spaces"]["ItemProcessor"]
    return processor


def scopes(machine: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the machine and the processors inside: each has its own names of states."""
    yield machine
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            yield from scopes(state["ItemProcessor"])


def followers(state: Mapping[str, Any]) -> set[str]:
    names = {state[key] for key in ("Next", "Default") if key in state}
    names |= {choice["Next"] for choice in state.get("Choices", ())}
    return names | {catch["Next"] for catch in state.get("Catch", ())}


def tasks(machine: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    every = [item for scope in scopes(machine) for item in scope["States"].items()]
    return {name: state for name, state in every if state["Type"] == "Task"}


def test_every_state_is_reachable_and_leads_to_defined_states(machine: dict[str, Any]) -> None:
    for scope in scopes(machine):
        states = scope["States"]
        reached, waiting = set(), {scope["StartAt"]}
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= followers(states[name]) - reached
        assert reached == set(states)


def test_every_state_goes_on_or_ends_and_not_both(machine: dict[str, Any]) -> None:
    for scope in scopes(machine):
        for name, state in scope["States"].items():
            ways = {"Next", "End"} & set(state)
            assert ways == set() if state["Type"] == "Choice" else len(ways) == 1, name


def test_names_and_substitutions_are_those_of_the_template(
    machine: dict[str, Any], stack_with: MakeStack
) -> None:
    (deployed,) = stack_with(FanOut="true").of_type("AWS::StepFunctions::StateMachine").values()
    used = set(re.findall(r"\$\{(\w+)\}", json.dumps(machine)))
    assert used == set(deployed["DefinitionSubstitutions"])
    assert deployed["DefinitionSubstitutions"]["FunctionArn"] == "<SyncFunction.Arn>"


def test_every_task_invokes_the_one_function(machine: dict[str, Any]) -> None:
    functions = tasks(machine)
    assert set(functions) == {"Split", "Work", "Finish"}
    for task in functions.values():
        assert task["Resource"] == "arn:${Partition}:states:::lambda:invoke"
        assert task["Parameters"]["FunctionName"] == "${FunctionArn}"


def test_every_task_retries_errors_of_aws(machine: dict[str, Any]) -> None:
    for task in tasks(machine).values():
        transient, ours = task["Retry"]
        assert set(transient["ErrorEquals"]) == TRANSIENT
        assert transient["BackoffRate"] >= 2
        assert ours["MaxAttempts"] == 1
        assert "RunHalted" not in ours["ErrorEquals"]


def test_no_task_ends_before_its_function_would(machine: dict[str, Any]) -> None:
    for task in tasks(machine).values():
        assert task["TimeoutSeconds"] > LONGEST_FUNCTION_S


def test_a_lost_worker_is_tolerated_and_the_last_step_always_comes(
    machine: dict[str, Any], workers: dict[str, Any]
) -> None:
    spaces = machine["States"]["Spaces"]
    assert spaces["ToleratedFailurePercentage"] == 100
    assert [catch["ErrorEquals"] for catch in spaces["Catch"]] == [["States.ALL"]]
    assert followers(spaces) == {"Finish"}
    assert workers["States"]["Work"]["Catch"][0]["ErrorEquals"] == ["States.ALL"]
    assert "Catch" not in machine["States"]["Finish"]


def test_a_pending_worker_continues_for_a_limited_number_of_rounds(workers: dict[str, Any]) -> None:
    (choice,) = workers["States"]["More"]["Choices"]
    rules = {rule["Variable"]: rule for rule in choice["And"]}
    assert rules["$.answer.status"]["StringEquals"] == "PENDING"
    assert rules["$.round"]["NumericLessThan"] == 48
    again = workers["States"][choice["Next"]]
    assert again["Parameters"]["round.$"] == "States.MathAdd($.round, 1)"
    preserved = {name.removesuffix(".$") for name in again["Parameters"]}
    assert preserved == {name.removesuffix(".$") for name in _selected(workers)}


def _selected(workers: Mapping[str, Any]) -> set[str]:
    paths = re.findall(r'"\$\.(\w+)"', json.dumps(workers["States"]["Work"]["Parameters"]))
    return {*paths, "round"}


def test_workers_are_spread_over_executions_of_their_own(
    machine: dict[str, Any], workers: dict[str, Any]
) -> None:
    assert workers["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    workers_at_a_time = machine["States"]["Spaces"]["MaxConcurrency"]
    assert machine["States"]["Split"]["Parameters"]["Payload"]["workers"] == workers_at_a_time


def filled(payload: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a task with their paths filled in from a state."""
    return {
        name.removesuffix(".$"): state[value] if name.endswith(".$") else value
        for name, value in payload.items()
    }


def test_the_machine_sends_valid_events(machine: dict[str, Any]) -> None:
    state = {
        "$$.Execution.Name": "2d7a8f1c-2ad4-4d5b-b1b5-0a3c1f0e8d11",
        "$$.Execution.Input": {"trigger": "schedule", "schedule": "arn:schedule", "full": True},
        "$.run_id": "night-1",
        "$.spaces": ["SHOP"],
        "$.slice": "2/3",
        "$.share": 0.2,
    }
    requests: dict[str, Request] = {
        name: parse(filled(task["Parameters"]["Payload"], state))
        for name, task in tasks(machine).items()
    }
    assert {name: request.step for name, request in requests.items()} == {
        "Split": RunStep.SPLIT,
        "Work": RunStep.WORK,
        "Finish": RunStep.FINISH,
    }
    assert (requests["Split"].full, requests["Split"].cause) == (True, "arn:schedule")
    assert requests["Work"].spaces == {"SHOP"}
    assert (str(requests["Work"].slice), requests["Work"].share) == ("2/3", 0.2)


def test_the_result_holds_every_field_that_the_machine_selects(
    machine: dict[str, Any],
) -> None:
    for name, task in tasks(machine).items():
        answer = answer_of(
            Result(RunAction.SYNC, context=RunContext("night-1", "t", step=name.lower()))
        )
        selected = {path.split(".")[-1] for path in task.get("ResultSelector", {}).values()}
        assert selected <= set(answer), name


def test_without_the_fan_out_nothing_of_it_is_deployed(stack: Stack, stack_with: MakeStack) -> None:
    more = set(stack_with(FanOut="true").resources) - set(stack.resources)
    assert more == {
        *("SyncMachine", "MachineRole", "MachineStartsItsWorkers", "MachineLogGroup"),
        "MachineFailedAlarm",
    }
    assert set(stack.resources) <= set(stack_with(FanOut="true").resources)


def test_the_schedule_starts_the_machine_in_place_of_the_function(stack_with: MakeStack) -> None:
    (schedule,) = stack_with(FanOut="true").of_type("AWS::Scheduler::Schedule").values()
    assert schedule["Target"]["Arn"] == "<SyncMachine>"
    assert schedule["Target"]["DeadLetterConfig"]["Arn"] == "<RunDeadLetters.Arn>"


@pytest.mark.parametrize(("mode", "traced"), [("PassThrough", False), ("Active", True)])
def test_the_machine_logs_its_errors_and_traces_on_request_alone(
    stack_with: MakeStack, mode: str, *, traced: bool
) -> None:
    stack = stack_with(FanOut="true", TracingMode=mode)
    (deployed,) = stack.of_type("AWS::StepFunctions::StateMachine").values()
    logging = deployed["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)
    (destination,) = logging["Destinations"]
    assert destination["CloudWatchLogsLogGroup"]["LogGroupArn"] == "<MachineLogGroup.Arn>"
    assert deployed["TracingConfiguration"]["Enabled"] is traced
    assert stack.resources["MachineLogGroup"]["Properties"]["RetentionInDays"] == 90
