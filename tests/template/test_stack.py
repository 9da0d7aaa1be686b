"""What must never regress in the deployed stack: names, limits, dead letters, protections."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.config import settings
from datasphere_glue.config.loading import load
from datasphere_glue.events.parsing import parse
from datasphere_glue.events.request import Trigger
from datasphere_glue.model.run_action import RunAction
from deploy.stack import Stack

MakeStack = Callable[..., Stack]
DEPLOYED = {setting.name for setting in settings.SETTINGS if not setting.local_only}
IN_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "sync"}
LINEAGE_LAYER = "arn:aws:lambda:eu-central-1:111122223333:layer:openlineage:3"


def function_of(stack: Stack) -> dict[str, Any]:
    function: dict[str, Any] = stack.resources["SyncFunction"]["Properties"]
    return function


def environment_of(stack: Stack) -> dict[str, str]:
    variables = function_of(stack)["Environment"]["Variables"]
    return {name: str(value) for name, value in variables.items()}


def test_the_environment_holds_every_setting_but_the_local_ones(stack: Stack) -> None:
    names = {name for name in environment_of(stack) if not name.startswith("POWERTOOLS_")}
    assert names == DEPLOYED


def test_the_defaults_of_the_template_are_the_defaults_of_the_code(stack: Stack) -> None:
    deployed = load(environment_of(stack) | IN_LAMBDA)
    needed = {
        name: environment_of(stack)[name]
        for name in ("DATASPHERE_URL", "DATASPHERE_TOKEN_URL", "DATASPHERE_SECRET_ID")
    }
    by_code = load(needed | IN_LAMBDA)
    stack_fields = {"catalog_id", "region", "report_uri"}
    assert deployed.model_dump(exclude=stack_fields) == by_code.model_dump(exclude=stack_fields)


def test_lineage_events_come_with_the_layer_that_holds_their_library(
    stack: Stack, stack_with: MakeStack
) -> None:
    exporting = stack_with(LineageLayerArn=LINEAGE_LAYER)

    assert function_of(exporting)["Layers"] == [LINEAGE_LAYER]
    assert environment_of(exporting)["LINEAGE_EXPORT"] == "on"
    assert "Layers" not in function_of(stack)
    assert environment_of(stack)["LINEAGE_EXPORT"] == "off"


def test_every_parameter_reaches_its_setting(stack_with: MakeStack) -> None:
    loaded = load(
        IN_LAMBDA
        | environment_of(
            stack_with(
                DatabasePrefix="sap_",
                CatalogAccountId="444455556666",
                CatalogRegion="us-east-1",
                CatalogRoleArn="arn:aws:iam::444455556666:role/catalog",
                CatalogRoleExternalId="acme-42",
                SyncSpaces="SALES,FINANCE.V_*",
                SyncExclude="*.TMP_*",
                SyncConfigUri="ssm:/dsp/map",
                DatasphereExportUri="s3://acme-models/exports",
                SyncEnvironment="prod",
                OrphanPolicy="delete",
                OrphanGraceDays="7",
                MaxRemovalPercent="5",
                DatasphereDefinitions="on",
                DatasphereConcurrency="4",
                DatasphereRequestsPerMinute="60",
                NotificationTopicArn="arn:aws:sns:eu-central-1:111122223333:news",
                LineageLayerArn=LINEAGE_LAYER,
            )
        )
    )
    assert loaded.model_dump(exclude={"url", "token_url", "secret_id", "report_uri"}) == {
        "client_id": None,
        "client_secret": None,
        "database_template": "sap_{space}",
        "catalog_id": "444455556666",
        "region": "us-east-1",
        "role_arn": "arn:aws:iam::444455556666:role/catalog",
        "role_external_id": "acme-42",
        "spaces": "SALES,FINANCE.V_*",
        "exclude": "*.TMP_*",
        "config_uri": "ssm:/dsp/map",
        "export_uri": "s3://acme-models/exports",
        "environment": "prod",
        "orphan_policy": "delete",
        "orphan_grace_days": 7,
        "max_removal_percent": 5,
        "definitions": "on",
        "lineage_export": "on",
        "concurrency": 4,
        "requests_per_minute": 60,
        "notification_topic_arn": "arn:aws:sns:eu-central-1:111122223333:news",
    }


def test_reports_go_where_the_role_may_write(stack: Stack) -> None:
    assert environment_of(stack)["REPORT_URI"] == "s3://<ReportBucket>/reports"


def test_the_handler_of_the_template_exists(stack: Stack) -> None:
    module, _, name = function_of(stack)["Handler"].rpartition(".")
    assert callable(getattr(import_module(module), name))


def test_the_function_runs_on_python_3_13_for_arm_by_default(
    stack_with: MakeStack,
) -> None:
    assert function_of(stack_with())["Runtime"] == "python3.13"
    assert function_of(stack_with())["Architectures"] == ["arm64"]
    assert function_of(stack_with(Architecture="x86_64"))["Architectures"] == ["x86_64"]


def test_the_function_has_no_reserved_concurrency_that_would_throttle_its_queue(
    stack: Stack,
) -> None:
    assert "ReservedConcurrentExecutions" not in function_of(stack)
    (mapping,) = stack.of_type("AWS::Lambda::EventSourceMapping").values()
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}


def test_only_failed_messages_of_a_batch_are_redelivered(stack: Stack) -> None:
    (mapping,) = stack.of_type("AWS::Lambda::EventSourceMapping").values()
    assert mapping["EventSourceArn"] == "<ChangeQueue.Arn>"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_message_stays_hidden_for_six_runs_and_the_batching_window(stack: Stack) -> None:
    (mapping,) = stack.of_type("AWS::Lambda::EventSourceMapping").values()
    queue = stack.resources["ChangeQueue"]["Properties"]
    least = 6 * function_of(stack)["Timeout"] + mapping["MaximumBatchingWindowInSeconds"]
    assert queue["VisibilityTimeout"] >= least


def test_every_asynchronous_edge_has_dead_letters(stack: Stack) -> None:
    (rule,) = stack.of_type("AWS::Events::Rule").values()
    (schedule,) = stack.of_type("AWS::Scheduler::Schedule").values()
    (invoke,) = stack.of_type("AWS::Lambda::EventInvokeConfig").values()
    queue = stack.resources["ChangeQueue"]["Properties"]
    assert [target["DeadLetterConfig"]["Arn"] for target in rule["Targets"]] == [
        "<ChangeDeadLetters.Arn>"
    ]
    assert schedule["Target"]["DeadLetterConfig"]["Arn"] == "<RunDeadLetters.Arn>"
    assert invoke["DestinationConfig"]["OnFailure"]["Destination"] == "<RunDeadLetters.Arn>"
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == "<ChangeDeadLetters.Arn>"
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5  # Lambda's own advice for a queue


def test_dead_letters_outlive_the_queue_and_all_queues_are_encrypted(stack: Stack) -> None:
    queues = stack.of_type("AWS::SQS::Queue")
    retention = {name: queue["MessageRetentionPeriod"] for name, queue in queues.items()}
    assert retention["ChangeDeadLetters"] > retention["ChangeQueue"]
    assert retention["RunDeadLetters"] > retention["ChangeQueue"]
    assert all(queue["SqsManagedSseEnabled"] is True for queue in queues.values())


def test_change_events_of_datasphere_alone_reach_the_queue(stack: Stack) -> None:
    (rule,) = stack.of_type("AWS::Events::Rule").values()
    assert rule["EventBusName"] == "<ChangeBus>"
    assert rule["EventPattern"] == {"source": ["sap.datasphere"]}
    assert [target["Arn"] for target in rule["Targets"]] == ["<ChangeQueue.Arn>"]


def test_only_the_rule_may_send_to_the_queues_of_change_events(stack: Stack) -> None:
    policies = stack.of_type("AWS::SQS::QueuePolicy")
    for queue in ("ChangeQueue", "ChangeDeadLetters"):
        document = policies[f"{queue}Policy"]["PolicyDocument"]
        (statement,) = document["Statement"]
        assert policies[f"{queue}Policy"]["Queues"] == [f"<{queue}>"]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert statement["Action"] == "sqs:SendMessage"
        assert statement["Resource"] == f"<{queue}.Arn>"
        assert statement["Condition"] == {
            "ArnEquals": {"aws:SourceArn": ["<ChangeRule.Arn>"]},
            "StringEquals": {"aws:SourceAccount": "111122223333"},
        }


def test_the_schedule_follows_its_parameters(stack_with: MakeStack) -> None:
    parameters = {
        "ScheduleExpression": "cron(0 2 * * ? *)",
        "ScheduleTimezone": "Europe/Berlin",
        "ScheduleState": "DISABLED",
    }
    (schedule,) = stack_with(**parameters).of_type("AWS::Scheduler::Schedule").values()
    assert schedule["ScheduleExpression"] == "cron(0 2 * * ? *)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert schedule["State"] == "DISABLED"
    assert schedule["Target"]["Arn"] == "<SyncFunction.Arn>"


def test_the_schedule_sends_a_valid_event(stack: Stack) -> None:
    (schedule,) = stack.of_type("AWS::Scheduler::Schedule").values()
    request = parse(json.loads(schedule["Target"]["Input"]))
    assert (request.action, request.trigger) == (RunAction.SYNC, Trigger.SCHEDULE)
    assert request.cause == "<aws.scheduler.schedule-arn>"


def test_every_log_group_has_a_retention_and_the_function_writes_to_it(stack: Stack) -> None:
    groups = stack.of_type("AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] for group in groups.values())
    logging = function_of(stack)["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    assert logging["LogGroup"] in {f"<{name}>" for name in groups}


def test_the_log_level_is_the_same_for_lambda_and_powertools(stack_with: MakeStack) -> None:
    stack = stack_with(LogLevel="DEBUG")
    assert function_of(stack)["LoggingConfig"]["ApplicationLogLevel"] == "DEBUG"
    assert environment_of(stack)["POWERTOOLS_LOG_LEVEL"] == "DEBUG"


def test_the_bucket_is_private_encrypted_versioned_and_tidied(stack: Stack) -> None:
    (bucket,) = stack.of_type("AWS::S3::Bucket").values()
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert {rule["Status"] for rule in rules} == {"Enabled"}
    assert {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "Prefix" in rule} == {
        "reports/runs/": 400,
        "reports/plans/": 400,
    }
    assert not {"ObjectLockEnabled", "ObjectLockConfiguration"} & set(bucket)


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_a_locked_bucket_lets_evidence_be_written_once_and_removed_by_nobody(
    stack_with: MakeStack, mode: str
) -> None:
    stack = stack_with(AuditLock=mode, AuditLockDays=3650)
    (bucket,) = stack.of_type("AWS::S3::Bucket").values()
    assert bucket["ObjectLockEnabled"] is True
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["ObjectLockConfiguration"] == {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": mode, "Days": 3650}},
    }
    (policy,) = stack.of_type("AWS::S3::BucketPolicy").values()
    _, once, hidden = policy["PolicyDocument"]["Statement"]
    assert (once["Effect"], once["Principal"], once["Action"]) == ("Deny", "*", "s3:PutObject")
    assert once["Condition"] == {"Null": {"s3:if-none-match": "true"}}
    assert once["Resource"] == [
        "<ReportBucket.Arn>/reports/audit/*",
        "<ReportBucket.Arn>/reports/runs/*/audit.*",
        "<ReportBucket.Arn>/reports/runs/*/before.*",
        "<ReportBucket.Arn>/reports/runs/*/applied.*",
    ]
    assert (hidden["Effect"], hidden["Principal"]) == ("Deny", "*")
    assert (hidden["Action"], hidden["Resource"]) == ("s3:DeleteObject", once["Resource"])
    assert "Condition" not in hidden


def test_the_bucket_refuses_requests_without_tls(stack: Stack) -> None:
    (policy,) = stack.of_type("AWS::S3::BucketPolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Action"] == "s3:*"
    assert statement["Resource"] == ["<ReportBucket.Arn>", "<ReportBucket.Arn>/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("name", ["ReportBucket", "DatasphereSecret", "SyncLogGroup"])
def test_stateful_resources_are_retained(stack: Stack, name: str) -> None:
    resource = stack.resources[name]
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_the_template_holds_no_secret(stack: Stack) -> None:
    (secret,) = stack.of_type("AWS::SecretsManager::Secret").values()
    assert "SecretString" not in secret
    assert secret["GenerateSecretString"]["GenerateStringKey"] == "client_secret"


def test_two_stacks_fit_into_one_account(stack: Stack) -> None:
    naming = (
        *("Name", "BucketName", "QueueName", "FunctionName", "RoleName", "LogGroupName"),
        "DashboardName",
    )
    fixed = {
        (logical, key): resource["Properties"][key]
        for logical, resource in stack.resources.items()
        for key in naming
        if not str(resource.get("Properties", {}).get(key, "<")).startswith("<")
    }
    assert ("ChangeBus", "Name") in fixed
    assert all(name.startswith("stack") for name in fixed.values())


def test_every_parameter_is_described_bounded_and_grouped(template: dict[str, Any]) -> None:
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in interface["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(template["Parameters"])
    free_text = {"SyncSpaces", "SyncExclude"}  # lists of glob patterns, read by the code
    for name, parameter in template["Parameters"].items():
        assert parameter["Description"]
        bounded = {"AllowedPattern", "AllowedValues", "MinValue"} & set(parameter)
        assert bounded or name in free_text


def test_the_template_uses_no_yaml_alias_which_cloudformation_does_not_read() -> None:
    text = (Path(__file__).parents[2] / "template.yaml").read_text(encoding="utf-8")
    lines = [line.split("#")[0] for line in text.splitlines()]
    assert [n for n, line in enumerate(lines, 1) if ": &" in line or ": *" in line] == []
