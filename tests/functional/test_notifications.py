"""Notifications by SNS, each sent once: through the function, to a topic."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from moto.sns.models import sns_backends

from datasphere_glue import bootstrap
from datasphere_glue.errors import RunHalted
from datasphere_glue.events.parsing import parse
from datasphere_glue.handler import lambda_handler
from datasphere_glue.runs import lifecycle
from datasphere_glue.runs.ports import Caller
from local.catalog.embedded import ACCOUNT, REGION
from tests.functional.conftest import World, small_space

SCHEDULE = {"trigger": "schedule", "schedule": "arn:aws:scheduler:::schedule/default/often"}


class Inbox:
    """The topic and what was published to it; moto would sign each copy for a subscriber."""

    def __init__(self, world: World) -> None:
        self.topic: str = world.catalog.client("sns").create_topic(Name="news")["TopicArn"]
        self._read_ids: set[str] = set()

    def read(self) -> list[dict[str, Any]]:
        """Return the messages since the last call."""
        published = sns_backends[ACCOUNT][REGION].topics[self.topic].sent_notifications
        messages = [
            {"Subject": subject, "Message": text, "MessageAttributes": attributes}
            for message_id, text, subject, attributes, _ in published
            if message_id not in self._read_ids
        ]
        self._read_ids |= {message_id for message_id, *_ in published}
        return messages

    def only(self) -> dict[str, Any]:
        """Return the one message since the last call."""
        (message,) = self.read()
        return message


@pytest.fixture
def subscribed(
    world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> tuple[World, Inbox]:
    """Return a world of two spaces with a topic, before its first run."""
    world = world_of(small_space("SHOP", 6), small_space("STOCK", 4))
    inbox = Inbox(world)
    world.environment |= {"NOTIFICATION_TOPIC_ARN": inbox.topic, "SYNC_ENVIRONMENT": "prod"}
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "sync")
    return world, inbox


@pytest.fixture
def notified(subscribed: tuple[World, Inbox]) -> tuple[World, Inbox]:
    """Return that world after its first run."""
    world, _ = subscribed
    world.after("two notified spaces", first_run)
    return subscribed


def first_run() -> None:
    assert scheduled()["status"] == "SUCCESS"


def context() -> Any:
    return SimpleNamespace(
        get_remaining_time_in_millis=lambda: 900_000, function_name="sync", aws_request_id="7c1d"
    )


def scheduled(event: dict[str, Any] | None = None) -> dict[str, Any]:
    return lambda_handler(SCHEDULE if event is None else event, context())


def changed(space: str, asset: str) -> dict[str, Any]:
    detail = {"spaceId": space, "objectId": asset, "objectType": "view", "action": "changed"}
    kind = "sap.datasphere.object.changed.v1"
    return {"id": "e1", "source": "sap.datasphere", "detail-type": kind, "detail": detail}


def test_a_first_load_is_notified_with_names_and_the_report_location(
    subscribed: tuple[World, Inbox],
) -> None:
    world, inbox = subscribed
    first_run()

    message = inbox.only()

    assert message["Subject"] == "[prod] Datasphere to Glue: 12 changes (SUCCESS)"
    assert "created: View 0 (SHOP.V_00) as datasphere_shop.v_00" in message["Message"]
    assert "... and 2 more changes in the report" in message["Message"]
    (page,) = world.reports.glob("runs/*/report.html")
    assert f"Report: {page}\n" in message["Message"]
    assert f"All runs: {world.reports / 'index.html'}\n" in message["Message"]
    attributes = {name: one["Value"] for name, one in message["MessageAttributes"].items()}
    assert attributes == {
        "status": "SUCCESS",
        "tenant": "127.0.0.1",
        "environment": "prod",
        "changed": "12",
    }


@pytest.mark.ci_only
def test_a_change_is_notified_with_both_values_and_an_unchanged_run_is_not(
    notified: tuple[World, Inbox],
) -> None:
    world, inbox = notified
    inbox.read()
    world.tenant.spaces.set_label("SHOP", "V_03", "Revenue per customer")

    assert [scheduled()["status"] for _ in range(3)] == ["SUCCESS", "NO_CHANGES", "NO_CHANGES"]

    text = inbox.only()["Message"]
    assert "updated: Revenue per customer (SHOP.V_03) as datasphere_shop.v_03" in text
    assert '"View 3" -> "Revenue per customer"' in text


def test_a_problem_and_its_resolution_are_each_notified_once(
    notified: tuple[World, Inbox],
) -> None:
    world, inbox = notified
    inbox.read()
    world.tenant.spaces.forbid("STOCK")
    assert [scheduled()["status"] for _ in range(3)] == ["DEGRADED"] * 3

    message = inbox.only()
    assert message["Subject"] == "[prod] Datasphere to Glue: 1 to look at (DEGRADED)"
    assert "[SPACE_FORBIDDEN]" in message["Message"]
    assert "1) make the technical user a member of space STOCK" in message["Message"]

    world.tenant.spaces.forbid("STOCK", forbidden=False)
    assert [scheduled()["status"] for _ in range(2)] == ["NO_CHANGES"] * 2

    message = inbox.only()
    assert message["Subject"] == "[prod] Datasphere to Glue: all good again (NO_CHANGES)"
    assert "All is good again" in message["Message"]


def test_a_run_over_one_asset_does_not_resolve_the_problems_of_others(
    notified: tuple[World, Inbox],
) -> None:
    world, inbox = notified
    world.tenant.spaces.forbid("STOCK")
    scheduled()
    inbox.read()

    scheduled(changed("SHOP", "V_01"))
    scheduled()

    assert inbox.read() == []


def test_without_stored_reports_a_problem_is_notified_again(
    notified: tuple[World, Inbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, inbox = notified
    inbox.read()
    monkeypatch.delenv("REPORT_URI")
    world.tenant.spaces.forbid("STOCK")

    scheduled()
    scheduled()

    assert len(inbox.read()) == 2


def test_a_halted_run_is_notified_although_the_function_raises(
    notified: tuple[World, Inbox],
) -> None:
    world, inbox = notified
    inbox.read()
    for number in range(5):
        world.tenant.spaces.remove("SHOP", f"V_{number:02}")

    for _ in range(2):
        with pytest.raises(RunHalted):
            scheduled()

    message = inbox.only()
    assert message["MessageAttributes"]["status"]["Value"] == "HALTED"
    assert "Not changed, but would have been:" in message["Message"]
    assert "deprecated: View 0 (SHOP.V_00)" in message["Message"]


def test_a_report_in_a_bucket_has_a_link_into_the_console(
    notified: tuple[World, Inbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, inbox = notified
    inbox.read()
    where = {"LocationConstraint": "eu-central-1"}
    s3 = world.catalog.client("s3")
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration=where)
    monkeypatch.setenv("REPORT_URI", "s3://kept/reports")
    world.tenant.spaces.set_label("SHOP", "V_03", "Newest")

    run_id = scheduled()["run_id"]

    text = inbox.only()["Message"]
    page = f"reports/runs/{run_id}/report.html"
    assert f"Report: s3://kept/{page}\n" in text
    console = "https://eu-central-1.console.aws.amazon.com/s3/object/kept"
    assert f"{console}?region=eu-central-1&prefix={page}\n" in text
    assert s3.head_object(Bucket="kept", Key=page)["ContentLength"] > 0
    assert "All runs: s3://kept/reports/index.html\n" in text


@pytest.mark.parametrize("action", ["plan", "verify", "doctor"])
def test_a_read_only_run_sends_no_notification(notified: tuple[World, Inbox], action: str) -> None:
    world, inbox = notified
    inbox.read()
    world.tenant.spaces.set_label("SHOP", "V_03", "Newest")
    world.tenant.spaces.forbid("STOCK")

    scheduled({"action": action})

    assert inbox.read() == []


def test_a_manual_run_sends_no_notification(notified: tuple[World, Inbox]) -> None:
    world, inbox = notified
    inbox.read()
    world.tenant.spaces.set_label("SHOP", "V_03", "Newest")

    run = lifecycle.execute_run(
        lambda: parse({}), world.environment, Caller(trigger="cli"), bootstrap
    )

    assert run.status == "SUCCESS"

    assert inbox.read() == []


def test_a_fan_out_run_is_notified_once_by_its_last_step(notified: tuple[World, Inbox]) -> None:
    world, inbox = notified
    inbox.read()
    world.tenant.spaces.set_label("SHOP", "V_03", "Newest")

    split = scheduled({"action": "sync", "step": "split", "run_id": "night"})
    for item in split["items"]:
        work = {"action": "sync", "step": "work", "run_id": "night", "share": split["share"]}
        scheduled(work | {"spaces": item["spaces"]})
    assert inbox.read() == []
    scheduled({"action": "sync", "step": "finish", "run_id": "night"})

    assert inbox.only()["Subject"] == "[prod] Datasphere to Glue: 1 change (SUCCESS)"


def test_a_refused_notification_is_reported_and_does_not_affect_the_catalog(
    notified: tuple[World, Inbox],
) -> None:
    world, inbox = notified
    inbox.read()
    world.tenant.spaces.set_label("SHOP", "V_03", "Newest")
    world.catalog.client("sns").delete_topic(TopicArn=inbox.topic)

    answer = scheduled()

    assert answer["status"] == "DEGRADED"
    (error,) = answer["errors"]
    assert error["code"] == "NOTIFICATION_FAILED"
    assert inbox.topic in error["message"]
    assert answer["counts"]["updated"] == 1
    assert world.tables("datasphere_shop")["v_03"]["Description"] == "Newest"
    assert Path(answer["report"]).is_file()


def test_a_failed_notification_is_sent_by_the_next_run(
    notified: tuple[World, Inbox],
) -> None:
    world, inbox = notified
    inbox.read()
    world.tenant.spaces.forbid("STOCK")
    sns = world.catalog.client("sns")
    sns.delete_topic(TopicArn=inbox.topic)
    scheduled()

    assert sns.create_topic(Name="news")["TopicArn"] == inbox.topic
    scheduled()

    assert "[SPACE_FORBIDDEN]" in inbox.only()["Message"]
