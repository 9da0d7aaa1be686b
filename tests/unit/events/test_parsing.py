"""Events: the request of each trigger, and errors that name the field."""

import base64
import json
from typing import Any

import pytest

from datasphere_glue.errors import EventError
from datasphere_glue.events.parsing import is_queue_batch, parse, parse_message
from datasphere_glue.events.request import Request, RunStep, Trigger
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Slice

CHANGE = {"spaceId": "SALES", "objectId": "V_ORDERS", "objectType": "view", "action": "deployed"}
CLOUD = {"specversion": "1.0", "type": "t", "source": "s", "id": "tc-1", "data": CHANGE}
ORDERS = frozenset({("SALES", "V_ORDERS")})


def envelope(detail: Any, **more: Any) -> dict[str, Any]:
    return {"source": "sap.datasphere", "detail-type": "t", "id": "e-1", "detail": detail} | more


def webhook(body: str, **more: Any) -> dict[str, Any]:
    return {"requestContext": {"http": {"method": "POST"}}, "body": body} | more


@pytest.mark.parametrize("event", [{}, None])
def test_an_empty_event_syncs_everything(event: Any) -> None:
    assert parse(event) == Request(RunAction.SYNC, Trigger.MANUAL)


def test_a_direct_event_has_action_scope_and_run_id() -> None:
    request = parse(
        {
            "action": "plan",
            "spaces": ["SALES"],
            "assets": ["FINANCE.SAP.TIME.DAY"],
            "full": True,
            "plan_digest": "abc",
            "run_id": "night-1",
        }
    )

    assert request.action is RunAction.PLAN
    assert request.spaces == {"SALES"}
    assert request.assets == {("FINANCE", "SAP.TIME.DAY")}
    assert (request.full, request.plan_digest, request.run_id) == (True, "abc", "night-1")


@pytest.mark.parametrize("detail", [{}, "{}", ""])
def test_events_of_rules_and_of_the_scheduler_are_schedules(detail: Any) -> None:
    for source in ("aws.events", "aws.scheduler"):
        event = {
            "source": source,
            "detail-type": "Scheduled Event",
            "resources": ["arn:rule"],
            "detail": detail,
        }
        assert parse(event) == Request(trigger=Trigger.SCHEDULE, cause="arn:rule")


@pytest.mark.parametrize(
    "event",
    [
        envelope(CHANGE),
        envelope(json.dumps(CHANGE)),
        envelope(CLOUD),
        CLOUD,
        webhook(json.dumps(CLOUD)),
        webhook(json.dumps(CHANGE), headers={"CE-SpecVersion": "1.0", "ce-id": "x"}),
        webhook(base64.b64encode(json.dumps(CHANGE).encode()).decode(), isBase64Encoded=True),
    ],
)
def test_a_change_is_read_from_every_envelope(event: Any) -> None:
    request = parse(event)

    assert request.trigger is Trigger.CHANGE
    assert request.action is RunAction.SYNC
    assert request.assets == ORDERS


def test_custom_input_of_a_schedule_is_a_direct_event_with_trigger_schedule() -> None:
    request = parse(
        {
            "trigger": "schedule",
            "schedule": "arn:night",
            "time": "t",
            "action": "plan",
            "full": None,
        }
    )

    assert request == Request(RunAction.PLAN, Trigger.SCHEDULE, cause="arn:night")


@pytest.mark.parametrize("missing", [{}, {"resources": []}, {"resources": None}])
def test_a_schedule_without_an_arn_has_the_event_id_as_cause(missing: dict[str, Any]) -> None:
    event = {"source": "aws.events", "detail-type": "Scheduled Event", "id": "e-9"} | missing

    assert parse(event) == Request(trigger=Trigger.SCHEDULE, cause="e-9")


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        (envelope(CHANGE), "e-1"),
        (envelope(CLOUD), "e-1"),
        (CLOUD, "tc-1"),
        (webhook(json.dumps(CLOUD)), "tc-1"),
        (webhook(json.dumps(CHANGE), headers={"Ce-Id": "binary-7"}), "binary-7"),
        (webhook(json.dumps(CHANGE)), None),
    ],
)
def test_the_cause_of_a_run_is_the_id_of_its_event(event: Any, cause: str | None) -> None:
    assert parse(event).cause == cause


@pytest.mark.parametrize("action", ["deployed", "changed", "deleted"])
def test_every_change_event_requests_the_same_run(action: str) -> None:
    """`deleted` only names the asset to read: it requests the same run as the others."""
    assert parse(envelope(CHANGE | {"action": action})) == parse(envelope(CHANGE))


def test_fields_of_a_change_event_beyond_the_contract_are_ignored() -> None:
    more = {"user": "JDOE", "tenant": {"id": 1}}

    assert parse(envelope(CHANGE | more, account="1", region="x")).assets == ORDERS
    assert parse(CLOUD | {"datacontenttype": "application/json", "custom": 1}).assets == ORDERS


def test_a_bare_change_may_omit_its_action() -> None:
    assert parse(envelope({"spaceId": "SALES", "objectId": "V_ORDERS"})).assets == ORDERS


def test_an_approved_digest_is_accepted_as_printed() -> None:
    """The text of a plan prints the prefix `sha256:`, the JSON result does not."""
    assert parse({"plan_digest": "sha256:abc"}).plan_digest == "abc"


@pytest.mark.parametrize("digest", ["", "sha256:", 7, []])
def test_an_empty_approval_is_an_error_and_not_an_absent_approval(digest: Any) -> None:
    """An unset shell variable must not turn an approved sync into an unapproved sync."""
    with pytest.raises(EventError, match="plan_digest"):
        parse({"plan_digest": digest})


def test_a_rollback_names_the_run_that_it_undoes() -> None:
    request = parse({"action": "rollback", "rollback_of": "night-1", "run_id": "back-1"})
    shown = parse({"action": "plan", "rollback_of": "night-1"})

    assert (request.action, request.rollback_of, request.run_id) == (
        RunAction.ROLLBACK,
        "night-1",
        "back-1",
    )
    assert (shown.action, shown.rollback_of) == (RunAction.PLAN, "night-1")


@pytest.mark.parametrize("body", ["{}", "null", '{"action": "sync"}', "[" * 100_000])
def test_a_queued_message_without_a_change_event_is_an_error(body: str) -> None:
    with pytest.raises(EventError, match="body"):
        parse_message(body)


def test_a_change_of_all_objects_is_a_change_of_the_space() -> None:
    request = parse(envelope(CHANGE | {"objectId": "*"}))

    assert (request.spaces, request.assets) == (frozenset({"SALES"}), frozenset())


def test_a_queued_message_is_the_event_as_text() -> None:
    assert parse_message(json.dumps(envelope(CHANGE))).assets == ORDERS
    assert is_queue_batch({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]})
    assert not is_queue_batch({"Records": [{"eventSource": "aws:s3"}]})
    assert not is_queue_batch({})


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ([], "event"),
        ({"action": "drop"}, "action"),
        ({"action": ["sync"]}, "action"),
        ({"spaces": "SALES"}, "spaces"),
        ({"assets": ["SALES"]}, "assets"),
        ({"full": "yes"}, "full"),
        ({"run_id": "../../etc"}, "run_id"),
        ({"plan_digest": 7}, "plan_digest"),
        ({"action": "rollback"}, "rollback_of"),
        ({"action": "rollback", "rollback_of": ""}, "rollback_of"),
        ({"action": "rollback", "rollback_of": ["night-1"]}, "rollback_of"),
        ({"action": "rollback", "rollback_of": "../night-1"}, "rollback_of"),
        ({"action": "plan", "rollback_of": ""}, "rollback_of"),
        ({"rollback_of": "night-1"}, "rollback_of: goes with the action rollback or plan"),
        ({"action": "verify", "rollback_of": "night-1"}, "rollback_of"),
        ({"action": "rollback", "rollback_of": "a", "run_id": "a"}, "run_id"),
        ({"spcaes": []}, "spcaes"),
        ({"spaces": ["SALES", ""]}, "spaces"),
        ({"assets": ["SALES."]}, "assets"),
        ({"assets": [".V"]}, "assets"),
        ({"run_id": "x" * 81}, "run_id"),
        ({"run_id": "night-1\n"}, "run_id"),
        (envelope(CHANGE, source=["sap.datasphere"]), "source"),
        (envelope(CHANGE, id=7), "id"),
        (
            {"source": "aws.events", "detail-type": "Scheduled Event", "resources": [7]},
            "resources",
        ),
        ({"source": "aws.s3", "detail-type": "Object Created", "detail": {}}, "source"),
        (envelope("[" * 100_000), "detail"),
        (envelope({"spaceId": " ", "objectId": "V"}), "detail.spaceId"),
        (CLOUD | {"data": "text"}, "event.data"),
        (webhook(json.dumps(CHANGE | {"spaceId": 1})), "body.spaceId"),
        (webhook("/w==", isBase64Encoded=True), "body"),
        ({"requestContext": {"http": {}}}, "body"),
        (envelope(CHANGE, source="x"), "source"),
        (envelope("["), "detail"),
        (envelope([]), "detail"),
        (envelope({"objectId": "V"}), "detail.spaceId"),
        (envelope({"spaceId": "S"}), "detail.objectId"),
        (envelope(CHANGE | {"action": "exploded"}), "detail.action"),
        (envelope(CHANGE | {"objectType": 1}), "detail.objectType"),
        (envelope(CLOUD | {"specversion": "0.3"}), "detail.specversion"),
        (envelope(CLOUD | {"data": None}), "detail.data"),
        (webhook(""), "body"),
        (webhook("{"), "body"),
        (webhook("[]"), "body"),
        (webhook("%", isBase64Encoded=True), "body"),
        (webhook(json.dumps(CHANGE), headers={"ce-specversion": "2"}), "ce-specversion"),
    ],
)
def test_an_invalid_event_is_an_error_with_the_field(event: Any, field: str) -> None:
    with pytest.raises(EventError, match=field):
        parse(event)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"spaces": ["A", ""]}, "spaces[1]: must be a non-empty string"),
        (
            {"action": "drop"},
            "action: must be 'sync', 'plan', 'verify', 'doctor' or 'rollback', not 'drop'",
        ),
        (webhook("[]"), "body: must be an object"),
        (
            webhook(json.dumps(CLOUD | {"data": {"spaceId": "A"}})),
            "body.data.objectId: is required",
        ),
        (CLOUD | {"data": {"spaceId": "A"}}, "event.data.objectId: is required"),
        ({"step": "split", "event": 7}, "event.event: must be an object, not int"),
        (
            {"step": "split", "event": {"step": "x"}},
            "event.step: must be one of split, work, finish",
        ),
        ({"step": "split", "event": CLOUD | {"data": 1}}, "event.event.data: must be an object"),
        (
            {"step": "split", "event": {"action": "rollback"}},
            "event.rollback_of: must name the run to undo",
        ),
        ({"full": 1}, "full: must be true or false"),
        (
            {"step": "finish", "b": 1, "a": 1},
            "a, b: unknown; the step finish has action, run_id, step",
        ),
    ],
)
def test_the_message_of_an_error_has_the_place_and_the_reason(event: Any, message: str) -> None:
    with pytest.raises(EventError) as error:
        parse(event)

    assert error.value.message == message
    assert error.value.remedy == EventError.code.remedy


def test_a_split_parses_the_start_event_like_a_direct_invocation() -> None:
    scheduled = {"trigger": "schedule", "schedule": "arn:schedule", "spaces": ["SALES"]}

    request = parse({"step": "split", "run_id": "n-1", "event": scheduled, "workers": 5})

    assert request == Request(
        trigger=Trigger.SCHEDULE,
        cause="arn:schedule",
        spaces=frozenset({"SALES"}),
        run_id="n-1",
        step=RunStep.SPLIT,
        workers=5,
    )


@pytest.mark.parametrize("event", [{}, {"event": None}, {"event": {}, "slice_size": 3}])
def test_a_split_without_a_scope_covers_everything(event: dict[str, Any]) -> None:
    request = parse({"action": "sync", "step": "split", **event})

    assert (request.step, request.workers, request.spaces) == (RunStep.SPLIT, 1, frozenset())
    assert request.slice_size == event.get("slice_size")


def test_a_worker_event_has_spaces_slice_and_share() -> None:
    request = parse(
        {"step": "work", "run_id": "n-1", "spaces": ["SALES"], "slice": "2/3", "share": 0.25}
    )

    assert (request.step, request.run_id, request.spaces) == (
        RunStep.WORK,
        "n-1",
        frozenset({"SALES"}),
    )
    assert (request.slice, request.share) == (Slice(2, 3), 0.25)


def test_the_event_of_the_last_step_has_only_the_run_id() -> None:
    assert parse({"step": "finish", "run_id": "n-1"}) == Request(step=RunStep.FINISH, run_id="n-1")


WORK = {"step": "work", "run_id": "n-1", "spaces": ["A"]}


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ({"step": "walk"}, "step: must be one of split, work, finish"),
        ({"step": ["split"]}, "step: must be one of"),
        ({"step": "split", "spaces": ["A"]}, "spaces: unknown; the step split has"),
        ({"step": "finish", "run_id": "n-1", "full": True}, "full: unknown"),
        ({"step": "split", "action": "plan"}, "action: must be sync"),
        ({"step": "split", "workers": 0}, "workers: must be a whole number"),
        ({"step": "split", "workers": True}, "workers: must be a whole number"),
        ({"step": "split", "slice_size": "3"}, "slice_size: must be a whole number"),
        ({"step": "split", "event": {"action": "verify"}}, "event.action: cannot be divided"),
        ({"step": "split", "event": {"assets": ["A.B"]}}, "event.assets: cannot be divided"),
        ({"step": "split", "event": {"plan_digest": "x"}}, "event.plan_digest: cannot"),
        ({"step": "split", "event": {"run_id": "x"}}, "event.run_id: cannot be divided"),
        ({"step": "split", "event": {"step": "split"}}, "event.step: cannot be divided"),
        ({"step": "split", "event": {"odd": 1}}, "event.odd: unknown"),
        ({"step": "work", "spaces": ["A"]}, "run_id: is required for the step work"),
        ({"step": "finish"}, "run_id: is required for the step finish"),
        ({"step": "work", "run_id": "n-1"}, "spaces: is required"),
        ({**WORK, "slice": "3"}, "slice: must read NUMBER/OF"),
        ({**WORK, "slice": "4/3"}, "slice: must read NUMBER/OF"),
        ({**WORK, "slice": 1}, "slice: must read NUMBER/OF"),
        ({**WORK, "spaces": ["A", "B"], "slice": "1/3"}, "slice: goes with a single space"),
        ({**WORK, "share": 0}, "share: must be a number above 0"),
        ({**WORK, "share": 1.5}, "share: must be a number above 0"),
        ({**WORK, "share": "1"}, "share: must be a number above 0"),
    ],
)
def test_an_invalid_step_is_an_error_with_the_field(event: dict[str, Any], named: str) -> None:
    with pytest.raises(EventError, match=named):
        parse(event)


MEGABYTE = "x" * 1024 * 1024
HTTP: dict[str, Any] = {"requestContext": {"http": {}}}
TOO_LONG = {
    "spaces[0]": {"spaces": [MEGABYTE]},
    "spaces": {"spaces": ["S"] * 10_001},
    "assets[0]": {"assets": [f"S.{MEGABYTE}"]},
    "assets": {"assets": ["S.A"] * 10_001},
    "plan_digest": {"plan_digest": f"sha256:{MEGABYTE}"},
    "run_id": {"run_id": MEGABYTE},
    "rollback_of": {"action": "rollback", "rollback_of": MEGABYTE},
    "trigger": {"trigger": MEGABYTE},
    "schedule": {"schedule": MEGABYTE},
    "time": {"time": MEGABYTE},
    "executionId": {"executionId": MEGABYTE},
    "action": {"action": MEGABYTE},
    MEGABYTE[:200]: {MEGABYTE: 1},
    "detail.spaceId": {"source": "sap.datasphere", "detail": {"spaceId": MEGABYTE}},
    "detail.objectId": {
        "source": "sap.datasphere",
        "detail": {"spaceId": "S", "objectId": MEGABYTE},
    },
    "detail.objectType": {
        "source": "sap.datasphere",
        "detail": {"spaceId": "S", "objectId": "O", "objectType": MEGABYTE},
    },
    "detail.action": {
        "source": "sap.datasphere",
        "detail": {"spaceId": "S", "objectId": "O", "action": MEGABYTE},
    },
    "detail": {"source": "sap.datasphere", "detail": MEGABYTE + "x"},
    "id": {"source": "sap.datasphere", "id": MEGABYTE, "detail": {"spaceId": "S", "objectId": "*"}},
    "event.id": {"specversion": "1.0", "id": MEGABYTE, "data": {"spaceId": "S", "objectId": "*"}},
    "source": {"detail-type": "x", "source": MEGABYTE, "detail": {"spaceId": "S"}},
    "resources": {
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "resources": ["arn"] * 10_001,
    },
    "body.spaceId": {**HTTP, "body": '{"spaceId": "' + MEGABYTE[:900_000] + '", "objectId": "*"}'},
    "body": {**HTTP, "body": MEGABYTE * 3},
    "headers.ce-id": {
        **HTTP,
        "body": '{"spaceId": "S", "objectId": "*"}',
        "headers": {"CE-ID": MEGABYTE},
    },
    "step": {"step": MEGABYTE},
    "slice": {"step": "work", "run_id": "r", "spaces": ["S"], "slice": MEGABYTE},
    "event.spaces[0]": {"step": "split", "event": {"spaces": [MEGABYTE]}},
}


@pytest.mark.parametrize("field", TOO_LONG, ids=lambda field: field[:20])
def test_a_field_that_is_too_long_is_an_error_that_names_it_and_does_not_repeat_it(
    field: str,
) -> None:
    with pytest.raises(EventError) as caught:
        parse(TOO_LONG[field])

    assert caught.value.message.startswith(field)
    assert len(caught.value.message) < 600


def test_a_queued_body_that_is_too_long_is_an_error() -> None:
    with pytest.raises(EventError, match="body: must have at most 1048576 characters"):
        parse_message('"' + MEGABYTE + '"')
