"""Change events may come several times, out of order, in bursts and amid a run: one result."""

import json
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from datasphere_glue.handler import lambda_handler
from tests.functional.conftest import World, small_space

PATIENCE = 60.0
ACTIONS = ("deployed", "changed", "deleted")


@pytest.fixture
def deployed(world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a synced world of two spaces with the function's environment set."""
    world = world_of(small_space("SHOP", 6), small_space("STOCK", 2))
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "sync")
    world.name = "deployed"
    world.synced()
    world.catalog.calls.clear()
    world.tenant.requests.clear()
    return world


def context(seconds: float = 900) -> Any:
    return SimpleNamespace(
        get_remaining_time_in_millis=lambda: seconds * 1000,
        function_name="sync",
        aws_request_id="7c1d",
    )


def change(space: str, asset: str, action: str = "changed", number: str = "e1") -> dict[str, Any]:
    detail = {"spaceId": space, "objectId": asset, "objectType": "view", "action": action}
    kind = f"sap.datasphere.object.{action}.v1"
    return {"id": number, "source": "sap.datasphere", "detail-type": kind, "detail": detail}


def batch(*events: Any) -> dict[str, Any]:
    return {
        "Records": [
            {"eventSource": "aws:sqs", "messageId": f"m{n}", "body": json.dumps(event)}
            for n, event in enumerate(events)
        ]
    }


def failed(answer: dict[str, Any]) -> list[str]:
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def written(world: World) -> list[str]:
    return [call.operation for call in world.catalog.calls.writes]


def runs(world: World) -> int:
    """Return how many runs fetched a token, which each does once."""
    return sum(request.path == "/oauth/token" for request in world.tenant.requests)


def reports(world: World) -> Iterable[dict[str, Any]]:
    return (json.loads(path.read_text()) for path in Path(world.reports).rglob("report.json"))


def description(world: World, table: str) -> str:
    return str(world.tables("datasphere_shop")[table]["Description"])


def test_an_event_that_is_delivered_three_times_is_carried_out_once(deployed: World) -> None:
    deployed.tenant.spaces.set_label("SHOP", "V_03", "Newest")

    answers = [lambda_handler(change("SHOP", "V_03"), context()) for _ in range(3)]

    assert [answer["status"] for answer in answers] == ["SUCCESS", "NO_CHANGES", "NO_CHANGES"]
    assert written(deployed) == ["UpdateTable"]
    assert description(deployed, "v_03") == "Newest"


def test_an_event_that_is_delivered_three_times_in_a_batch_is_one_run(deployed: World) -> None:
    deployed.tenant.spaces.set_label("SHOP", "V_03", "Newest")

    answer = lambda_handler(batch(*[change("SHOP", "V_03")] * 3), context())

    assert failed(answer) == []
    assert runs(deployed) == 1
    assert written(deployed) == ["UpdateTable"]


@pytest.mark.parametrize("order", list(permutations(ACTIONS))[::2], ids=" ".join)
@pytest.mark.parametrize("deprecated", [False, True])
def test_the_tenant_state_wins_for_any_order_of_events(
    deployed: World, order: tuple[str, ...], *, deprecated: bool
) -> None:
    if deprecated:
        deployed.tenant.spaces.remove("SHOP", "V_03")
    else:
        deployed.tenant.spaces.set_label("SHOP", "V_03", "Newest")

    for action in order:
        lambda_handler(change("SHOP", "V_03", action), context())

    table = deployed.tables("datasphere_shop")["v_03"]
    assert table["Parameters"]["datasphere.status"] == ("deprecated" if deprecated else "active")
    assert deprecated or table["Description"] == "Newest"
    assert written(deployed) == ["UpdateTable"]
    assert lambda_handler({}, context())["status"] == "NO_CHANGES"


@pytest.mark.parametrize("seen", [False, True], ids=["before", "after"])
@pytest.mark.ci_only
def test_an_event_during_a_scheduled_run_gives_one_result(deployed: World, *, seen: bool) -> None:
    tenant = deployed.tenant.spaces
    for name in ("V_02", "V_03"):
        tenant.set_label("SHOP", name, "New")
    hold = deployed.catalog.faults.hold(operation="UpdateTable", match="v_03", done=seen)
    scheduled = {"source": "aws.events", "detail-type": "Scheduled Event", "resources": ["rule"]}
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(lambda_handler, scheduled, context())
        try:
            assert hold.reached.wait(PATIENCE)
            tenant.set_label("SHOP", "V_03", "Newest")
            quick = lambda_handler(change("SHOP", "V_03"), context())
        finally:
            hold.released.set()
        answers = [quick, slow.result(PATIENCE)]

    assert [answer["status"] for answer in answers] == ["SUCCESS", "SUCCESS"]
    assert description(deployed, "v_02") == "New"
    assert description(deployed, "v_03") == "Newest"
    assert lambda_handler({}, context())["status"] == "NO_CHANGES"


def test_a_burst_is_one_run_for_each_space_and_a_poison_message_fails_alone(
    deployed: World,
) -> None:
    events = []
    for number in range(5):
        for space in ("SHOP", "STOCK") if number < 2 else ("SHOP",):
            deployed.tenant.spaces.set_label(space, f"V_0{number}", "Newest")
            events.append(change(space, f"V_0{number}", number=f"e{number}"))
    poison = {"source": "sap.datasphere", "detail-type": "x", "detail": {"objectId": "V"}}

    answer = lambda_handler(batch(*events, poison), context())

    assert failed(answer) == ["m7"]
    assert runs(deployed) == 2
    assert written(deployed) == ["UpdateTable"] * 7
    errors = [error for report in reports(deployed) for error in report["result"]["errors"]]
    assert [error["message"].startswith("message m7: detail.spaceId") for error in errors] == [True]
    causes = {report["cause"] for report in reports(deployed)}
    assert "e0, e1, e2, e3, e4" in causes


def test_a_halted_space_returns_only_its_own_messages(deployed: World) -> None:
    for number in range(5):
        deployed.tenant.spaces.remove("SHOP", f"V_0{number}")
    deployed.tenant.spaces.set_label("STOCK", "V_00", "Newest")

    answer = lambda_handler(
        batch(change("SHOP", "*"), change("STOCK", "V_00"), change("SHOP", "V_05")), context()
    )

    assert failed(answer) == ["m0", "m2"]
    assert written(deployed) == ["UpdateTable"]


def test_messages_past_the_deadline_are_delivered_again(deployed: World) -> None:
    deployed.tenant.spaces.set_label("SHOP", "V_00", "Newest")
    event = batch(change("SHOP", "V_00"), change("STOCK", "*"))

    assert failed(lambda_handler(event, context(seconds=1))) == ["m0", "m1"]
    assert written(deployed) == []
    assert failed(lambda_handler(event, context())) == []
    assert description(deployed, "v_00") == "Newest"


def test_an_unexpected_error_is_logged_and_fails_the_messages_of_its_space_alone(
    deployed: World, caplog: pytest.LogCaptureFixture
) -> None:
    deployed.tenant.spaces.set_label("STOCK", "V_00", "Newest")
    errors = [ZeroDivisionError("no clock")]

    def remaining() -> float:
        if errors:
            raise errors.pop()
        return 900_000

    answer = lambda_handler(
        batch(change("SHOP", "V_00"), change("STOCK", "V_00"), change("SHOP", "V_01")),
        SimpleNamespace(get_remaining_time_in_millis=remaining),
    )

    assert failed(answer) == ["m0", "m2"]
    assert written(deployed) == ["UpdateTable"]
    assert sum("ZeroDivisionError: no clock" in str(line.msg) for line in caplog.records) == 1


def test_the_batch_utility_logs_no_message_content(
    deployed: World, caplog: pytest.LogCaptureFixture
) -> None:
    utility = logging.getLogger("aws_lambda_powertools")
    utility.addHandler(caplog.handler)
    deployed.tenant.spaces.remove("SHOP", "V_00")
    poison = {"source": "sap.datasphere", "detail": {"spaceId": "SHOP", "action": "Pa55word"}}
    try:
        with caplog.at_level(logging.DEBUG, logger="aws_lambda_powertools"):
            answer = lambda_handler(batch(change("SHOP", "V_00"), poison, "Pa55word"), context())
    finally:
        utility.removeHandler(caplog.handler)

    assert failed(answer) == ["m1", "m2"]
    logged = [r.getMessage() for r in caplog.records if r.name.startswith(utility.name)]
    assert any("Record processing exception" in message for message in logged)
    assert not any("Pa55word" in message or "SHOP" in message for message in logged)
