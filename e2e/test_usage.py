"""The policies of the roles, compared with the actions that the functions used."""

from dataclasses import replace
from typing import Any

from e2e.conftest import Stack
from e2e.emulator_client import Emulator
from e2e.figures import Figures
from local.tenant.embedded import EmbeddedTenant

# Done by Lambda itself in the role's name; the emulator makes no call to IAM for it.
LOGGING = {"logs:CreateLogStream", "logs:PutLogEvents"}
QUEUES = {
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:SendMessage",
}
NEEDS_NO_PERMISSION = {"sts:GetCallerIdentity"}


def test_the_sync_role_grants_only_actions_that_are_used(
    main: Stack, tenant: EmbeddedTenant, emulator: Emulator, figures: Figures
) -> None:
    space = tenant.spaces.space("LOGISTICS")
    assert space is not None
    entries = tuple(tenant.spaces.entries("LOGISTICS"))
    tenant.spaces.add_space(replace(space, label="Another label", entries=entries))
    tenant.spaces.set_label("LOGISTICS", "V_STOCK_1000", "Another label too")
    main.sync()
    role = role_of(main, emulator, main.deployed.function)
    used, granted = actions_used(emulator, role), actions_granted(emulator, role)
    assert used <= granted
    assert granted - used == LOGGING | QUEUES
    figures.add("actions used of those granted", f"{len(used)} of {len(granted)}")


def test_the_review_role_grants_only_actions_that_are_used(
    main: Stack, tenant: EmbeddedTenant, emulator: Emulator, figures: Figures
) -> None:
    function = main.deployed.review_function
    tenant.spaces.set_label("LOGISTICS", "V_STOCK_1010", "To be looked at")
    for action in ("plan", "verify", "doctor"):
        answer = main.deployed.invoke({"action": action}, function)
        assert answer.error is None, answer.body
    role = role_of(main, emulator, function)
    used, granted = actions_used(emulator, role), actions_granted(emulator, role)
    assert used <= granted
    assert granted - used == LOGGING
    refused = sum(not decision.allowed for decision in emulator.decisions())
    figures.add("of the review role", f"{len(used)} of {len(granted)}")
    figures.add("calls refused by IAM", f"{refused} of {len(emulator.decisions())}")


def role_of(stack: Stack, emulator: Emulator, function: str) -> str:
    assert stack.deployed.name in function
    configuration = emulator.client("lambda").get_function_configuration(FunctionName=function)
    return str(configuration["Role"]).rpartition("/")[2]


def actions_used(emulator: Emulator, role: str) -> set[str]:
    mine = (d for d in emulator.decisions() if d.caller.split("/")[1] == role)
    return {decision.action for decision in mine if decision.allowed} - NEEDS_NO_PERMISSION


def actions_granted(emulator: Emulator, role: str) -> set[str]:
    iam = emulator.client("iam")
    granted: set[str] = set()
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document: Any = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for statement in document["Statement"]:
            actions = statement["Action"]
            granted |= {actions} if isinstance(actions, str) else set(actions)
    return granted
