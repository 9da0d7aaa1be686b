"""How change events come in: by webhook and by landed data, both off by default."""

import json
import re
from collections.abc import Callable
from typing import Any

from datasphere_glue.events.parsing import parse_message
from deploy.stack import Stack

MakeStack = Callable[..., Stack]
WEBHOOK = {"WebhookIssuer": "https://idp.example/acme", "WebhookAudience": "datasphere-glue"}
LANDING = {"LandingBucket": "lake", "LandingPrefix": "sap/", "LandingSpace": "SALES"}


def test_by_default_there_is_no_public_endpoint(stack: Stack) -> None:
    assert not stack.of_type("AWS::ApiGatewayV2::Api")
    assert set(stack.of_type("AWS::Events::Rule")) == {"ChangeRule"}


def test_the_webhook_requires_a_token_and_puts_the_body_into_the_queue(
    stack_with: MakeStack,
) -> None:
    stack = stack_with(**WEBHOOK)
    (route,) = stack.of_type("AWS::ApiGatewayV2::Route").values()
    (authorizer,) = stack.of_type("AWS::ApiGatewayV2::Authorizer").values()
    (integration,) = stack.of_type("AWS::ApiGatewayV2::Integration").values()
    assert route["RouteKey"] == "POST /changes"
    assert (route["AuthorizationType"], route["AuthorizerId"]) == ("JWT", "<WebhookAuthorizer>")
    assert route["AuthorizationScopes"] == ["datasphere/changes"]
    assert route["Target"] == "integrations/<WebhookIntegration>"
    assert authorizer["JwtConfiguration"] == {
        "Issuer": "https://idp.example/acme",
        "Audience": ["datasphere-glue"],
    }
    assert integration["RequestParameters"] == {
        "QueueUrl": "<ChangeQueue>",
        "MessageBody": "$request.body",
    }


def test_the_webhook_answers_an_error_for_an_event_that_is_not_stored(
    stack_with: MakeStack,
) -> None:
    """PutEvents answers 200 with a count of failed entries; SendMessage answers an error."""
    (integration,) = stack_with(**WEBHOOK).of_type("AWS::ApiGatewayV2::Integration").values()
    assert integration["IntegrationSubtype"] == "SQS-SendMessage"
    assert "ResponseParameters" not in integration


def test_the_webhook_may_put_messages_into_its_queue_and_nothing_else(
    stack_with: MakeStack,
) -> None:
    role = stack_with(**WEBHOOK).resources["WebhookRole"]["Properties"]
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Resource"] == "<ChangeQueue.Arn>"


def test_the_webhook_is_throttled_and_logs_neither_token_nor_body(stack_with: MakeStack) -> None:
    (stage,) = stack_with(**WEBHOOK).of_type("AWS::ApiGatewayV2::Stage").values()
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] <= 10
    logged = json.loads(stage["AccessLogSettings"]["Format"])
    assert not re.search(r"request\.(body|header)|authorization", json.dumps(logged), re.IGNORECASE)


def test_a_task_chain_post_becomes_a_change_event() -> None:
    body = {
        "specversion": "1.0",
        "type": "sap.datasphere.taskchain.completed.v1",
        "source": "/eu10/sap.datasphere/acme",
        "id": "tc-daily",
        "data": {"spaceId": "SALES", "objectId": "*"},
    }
    envelope = {"source": "sap.datasphere", "detail-type": "changed", "id": "1", "detail": body}
    assert parse_message(json.dumps(envelope)).spaces == {"SALES"}
    assert parse_message(json.dumps(body)).spaces == {"SALES"}
    assert parse_message(json.dumps(body["data"])).spaces == {"SALES"}


def landing_rule(stack: Stack) -> dict[str, Any]:
    rule: dict[str, Any] = stack.of_type("AWS::Events::Rule")["LandingRule"]
    return rule


def test_landed_data_becomes_a_change_event_of_its_space(stack_with: MakeStack) -> None:
    rule = landing_rule(stack_with(**LANDING))
    assert rule["EventPattern"]["detail"] == {
        "bucket": {"name": ["lake"]},
        "object": {"key": [{"wildcard": "sap/*_SUCCESS"}]},
    }
    (target,) = rule["Targets"]
    assert target["InputTransformer"]["InputPathsMap"] == {"id": "$.id"}
    message = target["InputTransformer"]["InputTemplate"].replace("<id>", '"17"')
    requested = parse_message(message)
    assert (requested.spaces, requested.cause) == (frozenset({"SALES"}), "17")
    assert target["DeadLetterConfig"]["Arn"] == "<ChangeDeadLetters.Arn>"


def test_landed_data_reaches_the_queue_only_when_enabled(stack_with: MakeStack) -> None:
    policy = stack_with(**LANDING).resources["ChangeQueuePolicy"]["Properties"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == [
        "<ChangeRule.Arn>",
        "<LandingRule.Arn>",
    ]


def test_a_landing_bucket_without_its_space_changes_nothing(stack_with: MakeStack) -> None:
    assert "LandingRule" not in stack_with(LandingBucket="lake").of_type("AWS::Events::Rule")
