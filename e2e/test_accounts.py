"""Several stacks in one account, and a catalog in another account."""

import pytest
from botocore.exceptions import ClientError

from e2e.conftest import Deploy, Stack, Stacks
from e2e.emulator_client import OTHER_ACCOUNT, REGION, ROOT, Emulator
from local.tenant.embedded import EmbeddedTenant

CATALOG = f"arn:aws:glue:{REGION}:{OTHER_ACCOUNT}"
EXTERNAL_ID = "datasphere-glue-e2e"


@pytest.fixture(scope="module")
def role(stacks: Stacks, emulator: Emulator) -> str:
    """Return the ARN of the role that the other account lends, made by the template for it."""
    cloudformation = emulator.client("cloudformation", OTHER_ACCOUNT)
    parameters = {
        "FunctionRoleArn": stacks.across.deployed.outputs["RoleArn"],
        "ExternalId": EXTERNAL_ID,
        "DatabasePrefix": stacks.across.prefix,
    }
    cloudformation.create_stack(
        StackName="catalog",
        TemplateBody=(ROOT / "catalog-role.yaml").read_text(encoding="utf-8"),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="catalog", WaiterConfig={"Delay": 1}
    )
    (stack,) = cloudformation.describe_stacks(StackName="catalog")["Stacks"]
    return str(stack["Outputs"][0]["OutputValue"])


@pytest.fixture(scope="module")
def across(role: str, deploy: Deploy, stacks: Stacks) -> Stack:
    """Return the stack whose catalog is elsewhere, updated with the role of that account."""
    return deploy(
        "across",
        stacks.across.prefix,
        OTHER_ACCOUNT,
        SyncSpaces="SALES",
        CatalogAccountId=OTHER_ACCOUNT,
        CatalogRoleArn=role,
        CatalogRoleExternalId=EXTERNAL_ID,
    )


def test_a_catalog_in_another_account_is_written_with_an_assumed_role(
    across: Stack, role: str, emulator: Emulator
) -> None:
    assert across.sync().body["counts"]["created"]
    assert "across_sales" in across.contents()
    own = [database["Name"] for database in emulator.client("glue").get_databases()["DatabaseList"]]
    assert not [name for name in own if name.startswith("across_")]
    callers = {
        decision.caller.split("/")[1]
        for decision in emulator.decisions()
        if decision.resource.startswith(f"{CATALOG}:table/across_") and decision.allowed
    }
    assert callers == {role.rpartition("/")[2]}


def test_a_wrong_external_id_halts_the_run_before_any_write(across: Stack, role: str) -> None:
    before = across.versions()
    with across.deployed.configured(GLUE_ROLE_EXTERNAL_ID="guessed"):
        answer = across.deployed.invoke()
    assert answer.body["errorType"] == "RunHalted"
    assert role in answer.body["errorMessage"]
    assert across.versions() == before


def test_only_the_function_with_the_external_id_assumes_the_catalog_role(
    across: Stack, role: str, main: Stack, emulator: Emulator
) -> None:
    def lent(stack: Stack, **more: str) -> str:
        stack.invoke({"action": "doctor"})
        sts = emulator.client_as("sts", emulator.workers(stack.deployed.function)[0].credentials)
        try:
            answer = sts.assume_role(RoleArn=role, RoleSessionName="attempt", **more)
        except ClientError as refusal:
            return str(refusal.response["Error"]["Code"])
        return str(answer["AssumedRoleUser"]["Arn"])

    assert lent(across) == "AccessDenied"
    assert lent(across, ExternalId="guessed") == "AccessDenied"
    assert lent(main, ExternalId=EXTERNAL_ID) == "AccessDenied"
    assert role.rpartition("/")[2] in lent(across, ExternalId=EXTERNAL_ID)


def test_stacks_of_one_account_share_nothing(stacks: Stacks, emulator: Emulator) -> None:
    cloudformation = emulator.client("cloudformation")
    resources = [
        {
            resource["PhysicalResourceId"]
            for page in cloudformation.get_paginator("list_stack_resources").paginate(
                StackName=stack.deployed.name
            )
            for resource in page["StackResourceSummaries"]
        }
        for stack in (stacks.main, stacks.nightly, stacks.across)
    ]
    assert sum(map(len, resources)) == len(set().union(*resources))


def test_a_stack_writes_its_own_databases_only(
    main: Stack, stacks: Stacks, tenant: EmbeddedTenant, emulator: Emulator
) -> None:
    tenant.spaces.set_label("SALES", "V_AUFTRÄGE_Nord", "Orders for the nightly stack")
    before = main.versions()
    stacks.nightly.sync()
    assert main.versions() == before
    labels = {
        table["Description"]
        for table in stacks.nightly.glue.get_tables(DatabaseName="nightly_sales")["TableList"]
    }
    assert "Orders for the nightly stack" in labels
    glue = emulator.client_as(
        "glue", emulator.workers(stacks.nightly.deployed.function)[0].credentials
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        glue.get_tables(DatabaseName="datasphere_sales")
