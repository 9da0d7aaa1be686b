"""Least privilege: what the function's role may do, with each choice of parameters."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from deploy.policy import as_list, statements_of
from deploy.stack import Stack

MakeStack = Callable[..., Stack]
GLUE = "arn:aws:glue:eu-central-1:111122223333"
APPCONFIG = "arn:aws:appconfig:eu-central-1:111122223333"
SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:dsp-AbCdEf"
ROLE = "arn:aws:iam::444455556666:role/catalog"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234"
TOPIC = "arn:aws:sns:eu-central-1:111122223333:news"
WILDCARDS = {
    "SendTraces": "*",  # X-Ray has no resources
    "ListDatabases": f"{GLUE}:database/*",  # glue:GetDatabases is authorized on all of them
}


def statements(stack: Stack, role: str = "SyncRole") -> list[Mapping[str, Any]]:
    return list(statements_of(stack, role))


def granted(stack: Stack, role: str = "SyncRole") -> dict[str, set[str]]:
    """Return the resources that a function's role may use each action on."""
    resources: dict[str, set[str]] = {}
    for statement in statements(stack, role):
        actions = statement["Action"] if statement["Effect"] == "Allow" else []
        for action in as_list(actions):
            resources.setdefault(action, set()).update(as_list(statement["Resource"]))
    return resources


def test_the_default_role_grants_exactly_these_actions(stack: Stack) -> None:
    catalog = {
        f"{GLUE}:catalog",
        f"{GLUE}:database/datasphere_*",
        f"{GLUE}:table/datasphere_*/*",
    }
    assert granted(stack) == {
        "logs:CreateLogStream": {"<SyncLogGroup.Arn>"},
        "logs:PutLogEvents": {"<SyncLogGroup.Arn>"},
        "secretsmanager:GetSecretValue": {"<DatasphereSecret.Id>"},
        "s3:GetObject": {"<ReportBucket.Arn>/reports/*"},
        "s3:PutObject": {"<ReportBucket.Arn>/reports/*"},
        "s3:ListBucket": {"<ReportBucket.Arn>"},
        "sqs:ReceiveMessage": {"<ChangeQueue.Arn>"},
        "sqs:DeleteMessage": {"<ChangeQueue.Arn>"},
        "sqs:GetQueueAttributes": {"<ChangeQueue.Arn>"},
        "sqs:SendMessage": {"<RunDeadLetters.Arn>"},
        "glue:GetDatabase": catalog,
        "glue:CreateDatabase": catalog,
        "glue:UpdateDatabase": catalog,
        "glue:GetTable": catalog,
        "glue:GetTables": catalog,
        "glue:CreateTable": catalog,
        "glue:UpdateTable": catalog,
        "glue:GetDatabases": {f"{GLUE}:catalog", f"{GLUE}:database/*"},
    }


def test_every_statement_allows_and_has_a_name(stack_with: MakeStack) -> None:
    granting = list(statements(stack_with(TracingMode="Active", SyncConfigUri="ssm:/sync")))
    assert {statement["Effect"] for statement in granting} == {"Allow"}
    names = [statement["Sid"] for statement in granting]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"TracingMode": "Active", "OrphanPolicy": "delete", "SyncConfigUri": "s3://b/k.yaml"},
        {"CatalogRoleArn": ROLE, "SyncConfigUri": "appconfig:a/e/p"},
    ],
)
def test_no_resource_is_a_wildcard_without_a_written_reason(
    stack_with: MakeStack, parameters: dict[str, str]
) -> None:
    for statement in statements(stack_with(**parameters)):
        for resource in as_list(statement["Resource"]):
            too_wide = resource == "*" or resource.endswith((":*", "database/*", "table/*"))
            assert not too_wide or WILDCARDS.get(statement["Sid"]) == resource
        assert not [a for a in as_list(statement["Action"]) if "*" in a]


def test_tables_may_be_deleted_only_with_orphan_policy_delete(stack_with: MakeStack) -> None:
    assert "glue:DeleteTable" not in granted(stack_with(OrphanPolicy="deprecate"))
    assert "glue:DeleteTable" not in granted(stack_with(OrphanPolicy="keep"))
    deleting = granted(stack_with(OrphanPolicy="delete"))
    assert deleting["glue:DeleteTable"] == deleting["glue:UpdateTable"]


def test_no_choice_allows_to_delete_a_database(stack_with: MakeStack) -> None:
    assert "glue:DeleteDatabase" not in granted(stack_with(OrphanPolicy="delete"))


def test_the_database_prefix_bounds_what_can_be_written(stack_with: MakeStack) -> None:
    assert granted(stack_with(DatabasePrefix="sap_prod_"))["glue:UpdateTable"] == {
        f"{GLUE}:catalog",
        f"{GLUE}:database/sap_prod_*",
        f"{GLUE}:table/sap_prod_*/*",
    }


def test_another_account_and_region_change_the_catalog_arns(stack_with: MakeStack) -> None:
    stack = stack_with(CatalogAccountId="444455556666", CatalogRegion="us-east-1")
    assert {resource.rpartition(":")[0] for resource in granted(stack)["glue:UpdateTable"]} == {
        "arn:aws:glue:us-east-1:444455556666"
    }


def test_with_a_role_to_assume_that_one_role_replaces_every_glue_permission(
    stack_with: MakeStack,
) -> None:
    allowed = granted(stack_with(CatalogRoleArn=ROLE, OrphanPolicy="delete"))
    assert allowed["sts:AssumeRole"] == {ROLE}
    assert not [action for action in allowed if action.startswith("glue:")]


def test_an_existing_secret_replaces_the_one_of_the_stack(stack_with: MakeStack) -> None:
    stack = stack_with(DatasphereSecretArn=SECRET)
    assert granted(stack)["secretsmanager:GetSecretValue"] == {SECRET}
    assert stack.of_type("AWS::SecretsManager::Secret") == {}


@pytest.mark.parametrize(
    ("uri", "actions", "resource"),
    [
        ("s3://conf/dsp/map.yaml", ["s3:GetObject"], "arn:aws:s3:::conf/dsp/map.yaml"),
        (
            "ssm:/dsp/map",
            ["ssm:GetParameter"],
            "arn:aws:ssm:eu-central-1:111122223333:parameter/dsp/map",
        ),
        (
            "appconfig:abc1234/def5678/ghi9012",
            ["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"],
            f"{APPCONFIG}:application/abc1234/environment/def5678/configuration/ghi9012",
        ),
    ],
)
def test_only_the_configuration_document_can_be_read(
    stack_with: MakeStack, uri: str, actions: list[str], resource: str
) -> None:
    before, after = granted(stack_with()), granted(stack_with(SyncConfigUri=uri))
    new = {action: after[action] - before.get(action, set()) for action in after}
    assert {action: resources for action, resources in new.items() if resources} == {
        action: {resource} for action in actions
    }


def test_only_the_exports_can_be_read(stack_with: MakeStack) -> None:
    before = granted(stack_with())
    after = granted(stack_with(DatasphereExportUri="s3://acme-models/csn/exports"))
    new = {action: after[action] - before.get(action, set()) for action in after}
    assert {action: resources for action, resources in new.items() if resources} == {
        "s3:GetObject": {"arn:aws:s3:::acme-models/csn/exports/*"},
        "s3:ListBucket": {"arn:aws:s3:::acme-models"},
    }


def test_traces_may_be_sent_only_when_tracing_is_on(stack_with: MakeStack) -> None:
    assert "xray:PutTraceSegments" not in granted(stack_with(TracingMode="PassThrough"))
    assert "xray:PutTraceSegments" in granted(stack_with(TracingMode="Active"))


def test_only_lambda_may_take_the_role(stack: Stack) -> None:
    (trust,) = stack.resources["SyncRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert set(stack.of_type("AWS::IAM::Role")) == {"SyncRole", "ScheduleRole"}


def test_the_scheduler_may_start_the_function_and_report_that_it_could_not(stack: Stack) -> None:
    allowed = {s["Action"]: s["Resource"] for s in statements(stack, "ScheduleRole")}
    assert allowed == {
        "lambda:InvokeFunction": "<SyncFunction.Arn>",
        "sqs:SendMessage": "<RunDeadLetters.Arn>",
    }


def test_with_a_fan_out_the_scheduler_may_start_the_machine_alone(stack_with: MakeStack) -> None:
    stack = stack_with(FanOut="true")
    allowed = {s["Action"]: s["Resource"] for s in statements(stack, "ScheduleRole")}
    assert allowed == {
        "states:StartExecution": "<SyncMachine>",
        "sqs:SendMessage": "<RunDeadLetters.Arn>",
    }


def test_the_machine_may_take_its_steps_start_its_workers_and_deliver_its_logs(
    stack_with: MakeStack,
) -> None:
    stack = stack_with(FanOut="true")
    may = {s["Sid"]: s for s in statements(stack, "MachineRole")}
    executions = "arn:aws:states:eu-central-1:111122223333:execution:<SyncMachine.Name>"

    assert set(may) == {"TakeSteps", "DeliverLogs", "StartWorkers", "WatchWorkers"}
    assert may["TakeSteps"]["Action"] == "lambda:InvokeFunction"
    assert may["TakeSteps"]["Resource"] == "<SyncFunction.Arn>"
    assert all(action.startswith("logs:") for action in may["DeliverLogs"]["Action"])
    assert may["StartWorkers"]["Resource"] == "<SyncMachine>"
    assert may["WatchWorkers"]["Resource"] == [f"{executions}:*", f"{executions}/*"]


def test_each_role_trusts_exactly_one_service(stack_with: MakeStack) -> None:
    parameters = {"FanOut": "true", "Review": "true", "WebhookIssuer": "https://idp.example"}
    roles = stack_with(**parameters).of_type("AWS::IAM::Role")
    trusted = {
        name: [
            (s["Effect"], s["Principal"], s["Action"])
            for s in role["AssumeRolePolicyDocument"]["Statement"]
        ]
        for name, role in roles.items()
    }
    services = {
        "SyncRole": "lambda.amazonaws.com",
        "ReviewRole": "lambda.amazonaws.com",
        "ScheduleRole": "scheduler.amazonaws.com",
        "MachineRole": "states.amazonaws.com",
        "WebhookRole": "apigateway.amazonaws.com",
    }
    assert trusted == {
        name: [("Allow", {"Service": service}, "sts:AssumeRole")]
        for name, service in services.items()
    }


def statements_for_services(stack: Stack) -> dict[str, list[dict[str, Any]]]:
    """Return the statements of all policies of resources that let a service in."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, resource in stack.resources.items():
        properties = resource.get("Properties", {})
        for policy in ("AssumeRolePolicyDocument", "PolicyDocument"):
            for statement in properties.get(policy, {}).get("Statement", ()):
                principal = statement.get("Principal")
                if isinstance(principal, dict) and "Service" in principal:
                    found.setdefault(name, []).append(statement)
    return found


def test_each_service_acts_for_this_account_alone(stack_with: MakeStack) -> None:
    parameters = {
        "FanOut": "true",
        "Review": "true",
        "WebhookIssuer": "https://idp.example",
        "LandingBucket": "lake",
        "LandingSpace": "SALES",
    }
    statements = statements_for_services(stack_with(**parameters))

    roles = {"SyncRole", "ReviewRole", "ScheduleRole", "MachineRole", "WebhookRole"}
    assert set(statements) == roles | {"ChangeQueuePolicy", "ChangeDeadLettersPolicy"}
    for name, found in statements.items():
        for statement in found:
            condition = statement["Condition"]
            assert condition["StringEquals"] == {"aws:SourceAccount": "111122223333"}, name


@pytest.mark.parametrize(
    ("role", "operator", "source"),
    [
        ("ScheduleRole", "ArnEquals", "arn:aws:scheduler:{}:schedule-group/default"),
        ("MachineRole", "ArnLike", "arn:aws:states:{}:stateMachine:*"),
    ],
)
def test_a_role_names_the_source_that_is_known(
    stack_with: MakeStack, role: str, operator: str, source: str
) -> None:
    (statement,) = statements_for_services(stack_with(FanOut="true"))[role]
    place = "eu-central-1:111122223333"
    assert statement["Condition"][operator] == {"aws:SourceArn": source.format(place)}


def test_with_a_key_a_run_may_use_that_one_alone(stack_with: MakeStack) -> None:
    allowed = granted(stack_with(KmsKeyArn=KEY))
    kms = {action: allowed[action] for action in allowed if action.startswith("kms:")}
    assert kms == {"kms:Decrypt": {KEY}, "kms:GenerateDataKey": {KEY}}


def test_with_a_topic_a_run_may_publish_to_that_one_alone(stack_with: MakeStack) -> None:
    allowed = granted(stack_with(NotificationTopicArn=TOPIC))
    sns = {action: allowed[action] for action in allowed if action.startswith("sns:")}
    assert sns == {"sns:Publish": {TOPIC}}


def test_the_review_function_may_not_publish(stack_with: MakeStack) -> None:
    allowed = granted(stack_with(NotificationTopicArn=TOPIC, Review="true"), "ReviewRole")
    assert [action for action in allowed if action.startswith("sns:")] == []


REVIEW = {"Review": "true"}
OTHERS = {"CatalogRoleArn": ROLE, "CatalogAccountId": "444455556666"}
LOOKING = "arn:aws:iam::444455556666:role/looking"


def test_by_default_there_is_one_function(stack_with: MakeStack) -> None:
    assert set(stack_with().of_type("AWS::Lambda::Function")) == {"SyncFunction"}


def test_the_review_role_may_only_read(
    stack_with: MakeStack,
) -> None:
    stack = stack_with(**REVIEW, OrphanPolicy="delete", SyncConfigUri="ssm:/dsp/map")
    looks, writes = granted(stack, "ReviewRole"), granted(stack)
    only_to_write = {
        "glue:GetDatabase",  # what was written is read back one by one
        "glue:GetTable",
        "glue:CreateDatabase",
        "glue:UpdateDatabase",
        "glue:CreateTable",
        "glue:UpdateTable",
        "glue:DeleteTable",
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:SendMessage",
    }
    assert set(writes) - set(looks) == only_to_write
    assert looks.pop("s3:PutObject") == {
        "<ReportBucket.Arn>/reports/plans/*",
        "<ReportBucket.Arn>/reports/runs/*/report.json",
        "<ReportBucket.Arn>/reports/runs/*/report.html",
        "<ReportBucket.Arn>/reports/runs/*/audit.*",
        "<ReportBucket.Arn>/reports/audit/*",
        "<ReportBucket.Arn>/reports/runs.json",
        "<ReportBucket.Arn>/reports/index.html",
    }
    assert looks == {action: writes[action] for action in looks}


def test_the_review_function_differs_only_in_its_role(
    stack_with: MakeStack,
) -> None:
    functions = stack_with(**REVIEW).of_type("AWS::Lambda::Function")
    looks, writes = functions["ReviewFunction"], functions["SyncFunction"]
    assert looks["Role"] == "<ReviewRole.Arn>"
    assert {name for name in writes if looks[name] != writes[name]} == {"Description", "Role"}
    (mapping,) = stack_with(**REVIEW).of_type("AWS::Lambda::EventSourceMapping").values()
    assert mapping["FunctionName"] == "<SyncFunction>"


def test_in_another_account_review_has_its_own_role_or_is_absent(
    stack_with: MakeStack,
) -> None:
    assert "ReviewFunction" not in stack_with(**REVIEW, **OTHERS).resources
    stack = stack_with(**REVIEW, **OTHERS, CatalogReviewRoleArn=LOOKING)
    looks = granted(stack, "ReviewRole")
    variables = stack.resources["ReviewFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["GLUE_ROLE_ARN"] == LOOKING
    assert looks["sts:AssumeRole"] == {LOOKING}
    assert not [action for action in looks if action.startswith("glue:")]
