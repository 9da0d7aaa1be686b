"""Least privilege by simulation: each role grants exactly what its code uses.

The check is tested itself: every statement is widened and every action removed in a copy of the
template, and the check must detect each copy.
"""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.policy import Call, allows, as_list, statements_of
from deploy.stack import Stack
from tests.template.conftest import TENANT

MakeStack = Callable[..., Stack]
SRC = Path(__file__).parents[2] / "src" / "datasphere_glue"
CATALOG = "arn:aws:glue:eu-central-1:111122223333"
REPORTS = "<ReportBucket.Arn>/reports"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234"
TOPIC = "arn:aws:sns:eu-central-1:111122223333:news"
EVERYTHING = {
    "OrphanPolicy": "delete",
    "FanOut": "true",
    "Review": "true",
    "TracingMode": "Active",
    "KmsKeyArn": KEY,
    "NotificationTopicArn": TOPIC,
    "SyncConfigUri": "ssm:/dsp/map",
    "DatasphereExportUri": "s3://acme-models/exports",
    "WebhookIssuer": "https://idp.example",
}
CONFIG = "arn:aws:ssm:eu-central-1:111122223333:parameter/dsp/map"
EXECUTION = "arn:aws:states:eu-central-1:111122223333:execution:<SyncMachine.Name>"


def glue(*actions: str) -> list[Call]:
    """Return calls on a managed table; Glue authorizes catalog, database and table for each."""
    places = ("catalog", "database/datasphere_sales", "table/datasphere_sales/v_orders")
    return [Call(f"glue:{action}", f"{CATALOG}:{place}") for action in actions for place in places]


READS = [
    *glue("GetTables"),
    Call("glue:GetDatabases", f"{CATALOG}:catalog"),
    Call("glue:GetDatabases", f"{CATALOG}:database/somebody_elses"),
    Call("secretsmanager:GetSecretValue", "<DatasphereSecret.Id>"),
    Call("s3:GetObject", f"{REPORTS}/state/acme/reading.json"),
    Call("s3:ListBucket", "<ReportBucket.Arn>", {"s3:prefix": "reports/runs/"}),
    Call("ssm:GetParameter", CONFIG),
    Call("s3:GetObject", "arn:aws:s3:::acme-models/exports/SALES/models.json"),
    Call("s3:ListBucket", "arn:aws:s3:::acme-models"),
    Call("kms:Decrypt", KEY),
    Call("kms:GenerateDataKey", KEY),
    Call("logs:CreateLogStream", "<SyncLogGroup.Arn>"),
    Call("logs:PutLogEvents", "<SyncLogGroup.Arn>"),
    Call("xray:PutTraceSegments", "*"),
    Call("xray:PutTelemetryRecords", "*"),
]
LOG_DELIVERY = (
    *("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery"),
    *("ListLogDeliveries", "PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"),
)
NEEDED = {
    "SyncRole": [
        *READS,
        *glue("GetDatabase", "CreateDatabase", "UpdateDatabase", "GetTable"),
        *glue("CreateTable", "UpdateTable", "DeleteTable"),
        Call("s3:PutObject", f"{REPORTS}/state/acme/reading.json"),
        Call("s3:PutObject", f"{REPORTS}/runs/night-1/before.jsonl"),
        Call("s3:PutObject", f"{REPORTS}/audit/9999999998.json"),
        Call("s3:PutObject", f"{REPORTS}/begun/000.json"),
        *(Call(f"sqs:{a}", "<ChangeQueue.Arn>") for a in ("ReceiveMessage", "DeleteMessage")),
        Call("sqs:GetQueueAttributes", "<ChangeQueue.Arn>"),
        Call("sqs:SendMessage", "<RunDeadLetters.Arn>"),
        Call("sns:Publish", TOPIC),
    ],
    "ReviewRole": [
        *READS,
        Call("s3:PutObject", f"{REPORTS}/plans/abc.json"),
        *(
            Call("s3:PutObject", f"{REPORTS}/runs/look-1/{name}")
            for name in ("report.json", "report.html", "audit.jsonl", "audit.2.jsonl")
        ),
        Call("s3:PutObject", f"{REPORTS}/audit/9999999998.json"),
        Call("s3:PutObject", f"{REPORTS}/runs.json"),
        Call("s3:PutObject", f"{REPORTS}/index.html"),
    ],
    "ScheduleRole": [
        Call("states:StartExecution", "<SyncMachine>"),
        Call("sqs:SendMessage", "<RunDeadLetters.Arn>"),
    ],
    "MachineRole": [
        Call("lambda:InvokeFunction", "<SyncFunction.Arn>"),
        Call("states:StartExecution", "<SyncMachine>"),
        *(Call(f"states:{a}", f"{EXECUTION}:1") for a in ("DescribeExecution", "StopExecution")),
        *(Call(f"states:{a}", f"{EXECUTION}/m:1") for a in ("DescribeExecution", "StopExecution")),
        *(Call(f"logs:{action}", "*") for action in LOG_DELIVERY),
        Call("xray:PutTraceSegments", "*"),
        Call("xray:PutTelemetryRecords", "*"),
    ],
    "WebhookRole": [Call("sqs:SendMessage", "<ChangeQueue.Arn>")],
}
ELSEWHERE = {
    "glue": (
        f"{CATALOG}:database/finance",
        f"{CATALOG}:table/finance/ledger",
        "arn:aws:glue:us-east-1:111122223333:database/datasphere_sales",
        f"{CATALOG}:connection/sap",
    ),
    "s3": (
        "arn:aws:s3:::other",
        "arn:aws:s3:::other/reports/runs/x",
        "<ReportBucket.Arn>/secret",
        "arn:aws:s3:::acme-models/other",
    ),
    "secretsmanager": ("arn:aws:secretsmanager:eu-central-1:111122223333:secret:other-AbCdEf",),
    "sqs": ("<ChangeDeadLetters.Arn>", "arn:aws:sqs:eu-central-1:111122223333:other"),
    "sns": ("arn:aws:sns:eu-central-1:111122223333:other", "+49170000000"),
    "lambda": ("arn:aws:lambda:eu-central-1:111122223333:function:other",),
    "states": (
        "arn:aws:states:eu-central-1:111122223333:stateMachine:other",
        "arn:aws:states:eu-central-1:111122223333:execution:other:1",
    ),
    "logs": ("arn:aws:logs:eu-central-1:111122223333:log-group:other",),
    "ssm": ("arn:aws:ssm:eu-central-1:111122223333:parameter/dsp/other",),
    "kms": ("arn:aws:kms:eu-central-1:111122223333:key/other",),
    "events": ("arn:aws:events:eu-central-1:111122223333:event-bus/default",),
    "xray": (),
}
"""Resources outside of the stack, which no role reaches with any of its actions."""

OPEN = {f"logs:{action}" for action in LOG_DELIVERY} | {"glue:GetDatabases"}
"""Actions without resources, or authorized on all of them; the template gives the reason."""

NEVER = [
    *glue("DeleteDatabase", "BatchDeleteTable", "CreatePartition", "BatchDeleteTableVersion"),
    Call("s3:DeleteObject", f"{REPORTS}/runs/night-1/audit.jsonl"),
    Call("s3:DeleteObject", f"{REPORTS}/audit/9999999998.json"),
    Call("s3:BypassGovernanceRetention", f"{REPORTS}/audit/9999999998.json"),
    Call("s3:PutBucketPolicy", "<ReportBucket.Arn>"),
    Call("s3:ListBucket", "<ReportBucket.Arn>", {"s3:prefix": ""}),
    Call("secretsmanager:PutSecretValue", "<DatasphereSecret.Id>"),
    Call("sqs:PurgeQueue", "<ChangeQueue.Arn>"),
    Call("lambda:UpdateFunctionCode", "<SyncFunction.Arn>"),
    Call("states:UpdateStateMachine", "<SyncMachine>"),
    Call("logs:DeleteLogGroup", "<SyncLogGroup.Arn>"),
    Call("ssm:PutParameter", CONFIG),
    Call("kms:ScheduleKeyDeletion", KEY),
    Call("sns:Subscribe", TOPIC),
    Call("events:PutRule", "<ChangeBus.Arn>"),
    Call("xray:GetTraceSummaries", "*"),
    Call("sts:AssumeRole", "arn:aws:iam::444455556666:role/admin"),
    Call("iam:PassRole", "<SyncRole.Arn>"),
    Call("iam:CreateUser", "*"),
]


def findings(stack: Stack, *, deletes: bool = True) -> Iterator[str]:
    """Yield what is wrong with the roles of a stack: what they lack, and what they have beyond."""
    for role, needed in NEEDED.items():
        if role not in stack.resources:
            continue
        statements = list(statements_of(stack, role))
        actions = {action for one in statements for action in as_list(one["Action"])}
        for call in needed:
            if not allows(statements, call) and (deletes or call.action != "glue:DeleteTable"):
                yield f"{role} lacks {call.action} on {call.resource}"
        needed_actions = {call.action for call in needed}
        yield from (f"{role} has {action}" for action in sorted(actions - needed_actions))
        for call in NEVER:
            if allows(statements, call):
                yield f"{role} may {call.action} on {call.resource}"
        for action in sorted(needed_actions - OPEN):
            for resource in ELSEWHERE[action.split(":")[0]]:
                if allows(statements, Call(action, resource)):
                    yield f"{role} may {action} on {resource}"


def test_every_role_grants_exactly_what_it_needs(stack_with: MakeStack) -> None:
    assert list(findings(stack_with(**EVERYTHING))) == []


@pytest.mark.parametrize(
    "key",
    [
        "runs/night-1/before.jsonl",
        "runs/night-1/applied.jsonl",
        "runs/night-1/parts/1/before.2.jsonl",
        "runs/night-1/parts/audit.x/before.jsonl",
        "runs/night-1/parts/audit.x/applied.2.jsonl",
        "state/acme/reading.json",
    ],
)
def test_the_review_role_cannot_forge_stored_state(stack_with: MakeStack, key: str) -> None:
    statements = list(statements_of(stack_with(**EVERYTHING), "ReviewRole"))
    assert not allows(statements, Call("s3:PutObject", f"{REPORTS}/{key}"))


def test_every_role_of_the_stack_is_checked(stack_with: MakeStack) -> None:
    assert set(stack_with(**EVERYTHING).of_type("AWS::IAM::Role")) == set(NEEDED)


def test_without_orphan_policy_delete_no_role_may_delete(stack_with: MakeStack) -> None:
    parameters = EVERYTHING | {"OrphanPolicy": "deprecate"}
    stack = stack_with(**parameters)
    assert list(findings(stack, deletes=False)) == []
    for role in NEEDED:
        assert not any(allows(statements_of(stack, role), call) for call in glue("DeleteTable"))


def test_what_the_code_calls_is_what_the_role_needs() -> None:
    text = (SRC / "glue" / "client.py").read_text()
    called = {
        "glue:" + "".join(word.title() for word in name.split("_"))
        for name in re.findall(r"self\._client\.(\w+)\(", text)
    }
    needed = {call.action for call in NEEDED["SyncRole"] if call.action.startswith("glue:")}
    assert called == needed


def mutants(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a copy of the template for each statement widened, and for each action removed."""
    for name, resource in template["Resources"].items():
        if resource["Type"] not in {"AWS::IAM::Role", "AWS::IAM::Policy"}:
            continue
        own = [resource["Properties"]] if resource["Type"] == "AWS::IAM::Policy" else None
        policies = own or resource["Properties"].get("Policies", [])
        for place, policy in enumerate(policies):
            count = len(policy["PolicyDocument"]["Statement"])
            for number in range(count):
                yield from _of_statement(template, name, place, number, attached=own is not None)


def _of_statement(
    template: dict[str, Any], name: str, place: int, number: int, *, attached: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        resource = copy.deepcopy(template["Resources"][name])
        properties = resource["Properties"]
        policy = properties if attached else properties["Policies"][place]
        statement = policy["PolicyDocument"]["Statement"][number]
        for branch in _branches(statement):
            change(branch)
        return {**template, "Resources": {**template["Resources"], name: resource}}

    policy = template["Resources"][name]["Properties"]
    policy = policy if attached else policy["Policies"][place]
    for branch in _branches(policy["PolicyDocument"]["Statement"][number]):
        sid, actions = branch["Sid"], as_list(branch["Action"])
        yield f"{name}.{sid}: every action", changed(lambda one: one.update(Action="*"))
        if branch["Resource"] != "*":
            yield f"{name}.{sid}: every resource", changed(_everywhere)
        for action in actions:
            if isinstance(action, str):
                yield f"{name}.{sid}: no {action}", changed(_without(action))


def _branches(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a statement, or those between which a condition chooses."""
    if "Fn::If" in statement:
        for branch in statement["Fn::If"][1:]:
            if "Sid" in branch:
                yield branch
    else:
        yield statement


def _everywhere(statement: dict[str, Any]) -> None:
    statement["Resource"] = "*"
    statement.pop("Condition", None)


def _without(action: str) -> Callable[[dict[str, Any]], None]:
    def remove(statement: dict[str, Any]) -> None:
        remaining = [one for one in as_list(statement["Action"]) if one != action]
        statement["Action"] = remaining or ["none:None"]

    return remove


INACTIVE = {
    "AssumeCatalogRole",
    "AssumeReviewRole",
    "ReadConfigFromS3",
    "ReadConfigFromAppConfig",
    "StartRuns",
}
"""Statements that other parameters choose; tests of their own look at them."""


def test_a_widened_or_narrowed_statement_is_detected(template: dict[str, Any]) -> None:
    tried, missed = 0, []
    for what, mutant in mutants(template):
        sid = what.split(".")[1].split(":")[0]
        if sid in INACTIVE or what.endswith("ListDatabases: every resource"):
            continue
        tried += 1
        if next(findings(Stack(mutant, TENANT | EVERYTHING)), None) is None:
            missed.append(what)
    assert missed == []
    assert tried > 80


def _attached(kind: str, to: dict[str, Any]) -> dict[str, Any]:
    everything = {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}
    return {"Type": kind, "Properties": {**to, "PolicyDocument": {"Statement": [everything]}}}


@pytest.mark.parametrize(
    "policy",
    [
        _attached("AWS::IAM::ManagedPolicy", {"Roles": [{"Ref": "SyncRole"}]}),
        _attached("AWS::IAM::RolePolicy", {"RoleName": {"Ref": "SyncRole"}}),
    ],
)
def test_an_externally_attached_policy_is_detected(
    template: dict[str, Any], policy: dict[str, Any]
) -> None:
    resources = {**template["Resources"], "Attached": policy}
    assert list(findings(Stack({**template, "Resources": resources}, TENANT | EVERYTHING)))


@pytest.mark.parametrize("role", NEEDED)
def test_a_policy_whose_statements_are_elsewhere_is_an_error(
    template: dict[str, Any], role: str
) -> None:
    copied = copy.deepcopy(template)
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    copied["Resources"][role]["Properties"]["ManagedPolicyArns"] = [arn]
    with pytest.raises(ValueError, match="ManagedPolicyArns"):
        list(findings(Stack(copied, TENANT | EVERYTHING)))


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ({"NotAction": "s3:*", "Effect": "Allow", "Resource": "*"}, "NotAction"),
        (
            {
                "Effect": "Allow",
                "Action": "*",
                "Resource": "*",
                "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
            },
            "IpAddress",
        ),
    ],
)
def test_the_simulator_rejects_unknown_elements(statement: dict[str, Any], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        allows([statement], Call("s3:GetObject", "arn:aws:s3:::b/k"))


def test_a_denial_wins_and_conditions_must_hold() -> None:
    allow = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}
    deny = {
        **allow,
        "Effect": "Deny",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    plain = Call("S3:GetObject", "arn:aws:s3:::b/k", {"aws:SecureTransport": "false"})
    assert allows([allow], plain)
    assert not allows([allow, deny], plain)
    assert allows([allow, deny], Call("s3:GetObject", "arn:aws:s3:::b/k"))
    assert not allows([allow], Call("s3:PutObject", "arn:aws:s3:::b/k"))
