"""What starts the deployed function by itself: its schedule, and change events on its bus."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from e2e.catalog import changed
from e2e.conftest import LANDING_BUCKET, Stack, Stacks
from e2e.emulator_client import REGION, Emulator, until
from e2e.figures import Figures
from e2e.issuer import OTHER_SCOPE, Issuer
from local.tenant.embedded import EmbeddedTenant

PATIENCE_S = 30.0


def test_a_change_event_on_the_bus_changes_exactly_its_table(
    main: Stack, tenant: EmbeddedTenant, emulator: Emulator
) -> None:
    main.sync()
    before = main.versions()
    tenant.spaces.set_label("SALES", "V_AUFTRÄGE_Ost", "Told by an event")
    tenant.spaces.set_label("SALES", "V_AUFTRÄGE_West", "Not yet announced")
    put(emulator, main, change("SALES", "V_AUFTRÄGE_Ost"))
    until(lambda: changed(before, main.versions()), PATIENCE_S, "the event to arrive")
    drained(main)
    assert changed(before, main.versions()) == {"datasphere_sales.v_auftraege_ost"}


def test_a_poison_event_ends_as_a_dead_letter_and_the_others_of_its_batch_are_processed(
    main: Stack, tenant: EmbeddedTenant, emulator: Emulator
) -> None:
    main.sync()
    before = main.versions()
    tenant.spaces.set_label("SALES", "V_AUFTRÄGE_Benelux", "Before the poison")
    tenant.spaces.set_label("FINANCE", "V_JOURNAL_2020", "After the poison")
    with polling_stopped(main, emulator) as mapping:
        put(
            emulator,
            main,
            change("SALES", "V_AUFTRÄGE_Benelux"),
            {"spaceId": "SALES", "subject": "names no object"},
            change("FINANCE", "V_JOURNAL_2020"),
        )
        until(lambda: main.deployed.depth("ChangeQueueUrl") == 3, PATIENCE_S, "three messages")
    until(
        lambda: "2 records, 1 partial" in last_result(emulator, mapping),
        PATIENCE_S,
        "the batch to be worked off",
    )
    come_back_after(1, main, emulator)
    until(lambda: main.deployed.depth("ChangeDeadLettersUrl"), PATIENCE_S, "a dead letter")
    drained(main)
    assert changed(before, main.versions()) == {
        "datasphere_sales.v_auftraege_benelux",
        "datasphere_finance.v_journal_2020",
    }
    (letter,) = dead_letters(main, emulator, "ChangeDeadLettersUrl")
    assert json.loads(letter)["detail"]["subject"] == "names no object"


def test_a_webhook_call_with_a_token_changes_exactly_its_table(
    main: Stack, tenant: EmbeddedTenant, webhook: Issuer
) -> None:
    main.sync()
    before = main.versions()
    tenant.spaces.set_label("SALES", "V_AUFTRÄGE_Schweiz", "Told by a task chain")
    tenant.spaces.set_label("SALES", "V_AUFTRÄGE_West", "Still not announced")
    assert called(main, change("SALES", "V_AUFTRÄGE_Schweiz"), webhook.token()) == 200
    until(lambda: changed(before, main.versions()), PATIENCE_S, "the call to arrive")
    drained(main)
    assert changed(before, main.versions()) == {"datasphere_sales.v_auftraege_schweiz"}


def test_a_webhook_call_without_the_right_token_does_not_reach_the_queue(
    main: Stack, webhook: Issuer, emulator: Emulator
) -> None:
    event, token = change("SALES", "V_AUFTRÄGE_Schweiz"), webhook.token()
    with polling_stopped(main, emulator):
        assert called(main, event) == 401
        assert called(main, event, token[:-4] + "AAAA") == 401
        assert called(main, event, webhook.token(OTHER_SCOPE)) in {401, 403}
        assert main.deployed.depth("ChangeQueueUrl") == 0
        assert called(main, event, token) == 200
        until(lambda: main.deployed.depth("ChangeQueueUrl"), PATIENCE_S, "the last call")
    drained(main)


def called(stack: Stack, event: dict[str, str], token: str | None = None) -> int:
    """Return how the webhook answered a call."""
    api = stack.deployed.outputs["WebhookUrl"].partition("//")[2].partition(".")[0]
    answer = requests.post(
        f"{stack.emulator.url}/_aws/execute-api/{api}/changes",
        json=event,
        headers={"Authorization": f"Bearer {token}"} if token else {},
        verify=str(stack.emulator.certificate),
        timeout=30,
    )
    return answer.status_code


def test_landed_data_syncs_only_its_space(
    main: Stack, tenant: EmbeddedTenant, emulator: Emulator
) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(
        Bucket=LANDING_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    s3.put_bucket_notification_configuration(
        Bucket=LANDING_BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    main.sync()
    before = main.versions()
    tenant.spaces.set_label("LOGISTICS", "V_STOCK_1100", "Landed")
    tenant.spaces.set_label("FINANCE", "V_JOURNAL_2021", "Not landed")
    with polling_stopped(main, emulator):
        for key in ("stock/part-0.parquet", "stock/_SUCCESS"):
            s3.put_object(Bucket=LANDING_BUCKET, Key=key, Body=b"")
        until(lambda: main.deployed.depth("ChangeQueueUrl"), PATIENCE_S, "the notification")
        assert main.deployed.depth("ChangeQueueUrl") == 1
    drained(main)
    assert changed(before, main.versions()) == {"datasphere_logistics.v_stock_1100"}


def test_an_event_of_another_source_does_not_reach_the_queue(
    main: Stack, emulator: Emulator
) -> None:
    with polling_stopped(main, emulator):
        put(emulator, main, change("SALES", "V_AUFTRÄGE_Ost"), source="somebody.else")
        put(emulator, main, change("SALES", "V_AUFTRÄGE_Ost"))
        until(lambda: main.deployed.depth("ChangeQueueUrl"), PATIENCE_S, "the other event")
        assert main.deployed.depth("ChangeQueueUrl") == 1
    drained(main)


def test_an_asynchronous_run_that_fails_again_becomes_a_dead_letter(
    main: Stack, emulator: Emulator
) -> None:
    emulator.client("lambda").invoke(
        FunctionName=main.deployed.function,
        InvocationType="Event",
        Payload=json.dumps({"action": "explode"}),
    )
    until(lambda: main.deployed.depth("RunDeadLettersUrl"), PATIENCE_S, "a dead letter")
    (letter,) = dead_letters(main, emulator, "RunDeadLettersUrl")
    record = json.loads(letter)
    assert record["requestPayload"] == {"action": "explode"}
    assert record["responsePayload"]["errorType"] == "RunFailed"


def test_the_schedule_starts_a_run_that_creates_tables(stacks: Stacks, figures: Figures) -> None:
    nightly = stacks.nightly
    reports = until(lambda: scheduled_runs(nightly), 90.0, "the schedule to fire")
    assert nightly.versions()
    assert {report["result"]["action"] for report in reports} == {"sync"}
    assert not {report["result"]["status"] for report in reports} & {"HALTED", "FAILED"}
    figures.add("runs that the schedule started", str(len(reports)))


def scheduled_runs(stack: Stack) -> list[dict[str, Any]]:
    """Return the reports of the runs that the stack's schedule started."""
    s3, bucket = stack.emulator.client("s3"), stack.deployed.outputs["ReportBucketName"]
    objects = s3.list_objects_v2(Bucket=bucket, Prefix="reports/runs/").get("Contents", [])
    reports = [
        json.loads(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
        for entry in objects
        if entry["Key"].endswith("/report.json")
    ]
    return [report for report in reports if report["trigger"] == "schedule"]


def change(space: str, asset: str) -> dict[str, str]:
    return {"spaceId": space, "objectId": asset, "objectType": "view", "action": "deployed"}


def put(
    emulator: Emulator, stack: Stack, *details: dict[str, str], source: str = "sap.datasphere"
) -> None:
    entries = [
        {
            "EventBusName": stack.deployed.outputs["ChangeBusName"],
            "Source": source,
            "DetailType": "sap.datasphere.object.deployed.v1",
            "Detail": json.dumps(detail),
        }
        for detail in details
    ]
    assert emulator.client("events").put_events(Entries=entries)["FailedEntryCount"] == 0


@contextmanager
def polling_stopped(stack: Stack, emulator: Emulator) -> Iterator[str]:
    """Let messages gather in the queue, as the batching window does; yield the mapping's id."""
    functions = emulator.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName=stack.deployed.function)[
        "EventSourceMappings"
    ]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    come_back_after(5, stack, emulator)
    yield mapping["UUID"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def come_back_after(seconds: int, stack: Stack, emulator: Emulator) -> None:
    """Set the visibility timeout of the queue in seconds; the template sets 90 minutes."""
    emulator.client("sqs").set_queue_attributes(
        QueueUrl=stack.deployed.outputs["ChangeQueueUrl"],
        Attributes={"VisibilityTimeout": str(seconds)},
    )


def last_result(emulator: Emulator, mapping: str) -> str:
    configuration = emulator.client("lambda").get_event_source_mapping(UUID=mapping)
    return str(configuration["LastProcessingResult"])


def drained(stack: Stack) -> None:
    until(lambda: not stack.deployed.depth("ChangeQueueUrl"), PATIENCE_S, "an empty queue")


def dead_letters(stack: Stack, emulator: Emulator, queue: str) -> list[str]:
    response = emulator.client("sqs").receive_message(
        QueueUrl=stack.deployed.outputs[queue], MaxNumberOfMessages=10
    )
    return [message["Body"] for message in response.get("Messages", [])]
