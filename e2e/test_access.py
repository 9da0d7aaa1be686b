"""Calls that IAM denies to the deployed function by its role's policy."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from e2e.conftest import Stack
from e2e.emulator_client import OTHER_ACCOUNT, Emulator
from local.tenant.embedded import EmbeddedTenant

REFUSED = {"AccessDenied", "AccessDeniedException"}
FOREIGN = "finance_warehouse"
OWN = {"DatabaseName": "datasphere_sales"}
# Each is what an attacker would try who runs code inside the function.
ATTEMPTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "make a foreign database": ("glue", "create_database", {"DatabaseInput": {"Name": "other"}}),
    "look at a foreign database": ("glue", "get_database", {"Name": FOREIGN}),
    "list its tables": ("glue", "get_tables", {"DatabaseName": FOREIGN}),
    "read its table": ("glue", "get_table", {"DatabaseName": FOREIGN, "Name": "ledger"}),
    "write its table": (
        "glue",
        "update_table",
        {"DatabaseName": FOREIGN, "TableInput": {"Name": "ledger"}},
    ),
    "add a table to it": (
        "glue",
        "create_table",
        {"DatabaseName": FOREIGN, "TableInput": {"Name": "new"}},
    ),
    "delete its table": ("glue", "delete_table", {"DatabaseName": FOREIGN, "Name": "ledger"}),
    "delete a table of its own": ("glue", "delete_table", {**OWN, "Name": "v_orders"}),
    "delete a database of its own": ("glue", "delete_database", {"Name": "datasphere_sales"}),
    "delete many tables": ("glue", "batch_delete_table", {**OWN, "TablesToDelete": ["a"]}),
    "read another secret": ("secretsmanager", "get_secret_value", {"SecretId": "payroll"}),
    "change its own secret": (
        "secretsmanager",
        "put_secret_value",
        {"SecretId": "{secret}", "SecretString": "{}"},
    ),
    "read outside its reports": ("s3", "get_object", {"Bucket": "{bucket}", "Key": "other.json"}),
    "write outside its reports": (
        "s3",
        "put_object",
        {"Bucket": "{bucket}", "Key": "other.json", "Body": ""},
    ),
    "delete a report": ("s3", "delete_object", {"Bucket": "{bucket}", "Key": "reports/x.json"}),
    "read the code of the function": ("s3", "list_objects_v2", {"Bucket": "artefacts"}),
    "take dead letters away": ("sqs", "receive_message", {"QueueUrl": "{letters}"}),
    "put an event on the bus": (
        "events",
        "put_events",
        {
            "Entries": [
                {
                    "EventBusName": "{bus}",
                    "Source": "sap.datasphere",
                    "DetailType": "x",
                    "Detail": "{}",
                }
            ]
        },
    ),
    "change its own role": (
        "iam",
        "put_role_policy",
        {"RoleName": "{role}", "PolicyName": "more", "PolicyDocument": "{}"},
    ),
    "take a role elsewhere": (
        "sts",
        "assume_role",
        {
            "RoleArn": f"arn:aws:iam::{OTHER_ACCOUNT}:role/datasphere-glue-catalog",
            "RoleSessionName": "x1",
        },
    ),
    "invoke functions": ("lambda", "invoke", {"FunctionName": "{function}"}),
}


@pytest.fixture(scope="module", autouse=True)
def foreign(emulator: Emulator) -> Iterator[None]:
    """Create objects in the account that the function may not reach."""
    glue, secrets = emulator.client("glue"), emulator.client("secretsmanager")
    glue.create_database(DatabaseInput={"Name": FOREIGN})
    glue.create_table(DatabaseName=FOREIGN, TableInput={"Name": "ledger"})
    secrets.create_secret(Name="payroll", SecretString=json.dumps({"client_id": "x"}))
    yield
    glue.delete_database(Name=FOREIGN)
    secrets.delete_secret(SecretId="payroll", ForceDeleteWithoutRecovery=True)


@pytest.fixture
def as_function(main: Stack, emulator: Emulator) -> Callable[[str], Any]:
    """Return the function that makes a client with the credentials that the function has."""
    function = main.deployed.function
    if not emulator.workers(function):
        main.invoke({"action": "doctor"})
    credentials = emulator.workers(function)[0].credentials
    return lambda service: emulator.client_as(service, credentials)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_code_inside_the_function_is_denied_other_calls(
    attempt: str, as_function: Callable[[str], Any], main: Stack
) -> None:
    service, operation, arguments = ATTEMPTS[attempt]
    outputs = main.deployed.outputs
    places = {
        "{secret}": outputs["SecretArn"],
        "{bucket}": outputs["ReportBucketName"],
        "{letters}": outputs["ChangeDeadLettersUrl"],
        "{bus}": outputs["ChangeBusName"],
        "{role}": outputs["RoleArn"].rpartition("/")[2],
        "{function}": main.deployed.function,
    }
    with pytest.raises(ClientError) as refused:
        getattr(as_function(service), operation)(**filled(arguments, places))
    assert refused.value.response["Error"]["Code"] in REFUSED


def filled(value: Any, places: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(member, places) for name, member in value.items()}
    if isinstance(value, list):
        return [filled(member, places) for member in value]
    return places.get(value, value)


def test_the_same_credentials_may_do_what_the_function_does(
    as_function: Callable[[str], Any], main: Stack
) -> None:
    bucket = main.deployed.outputs["ReportBucketName"]
    assert as_function("glue").get_tables(**OWN)["TableList"]
    assert as_function("s3").list_objects_v2(Bucket=bucket, Prefix="reports/")["KeyCount"]


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("GLUE_DATABASE_TEMPLATE", "other_{space}", "database/other_"),
        ("DATASPHERE_SECRET_ID", "payroll", "secret payroll could not be read"),
    ],
)
def test_a_function_configured_beyond_its_role_halts_and_writes_nothing(
    setting: str, value: str, message: str, main: Stack
) -> None:
    before = main.versions()
    with main.deployed.configured(**{setting: value}):
        answer = main.deployed.invoke({"action": "sync"})
    assert answer.body["errorType"] == "RunHalted"
    assert message in answer.body["errorMessage"]
    assert main.versions() == before
    names = [database["Name"] for database in main.glue.get_databases()["DatabaseList"]]
    assert not [name for name in names if name.startswith("other_")]


def test_the_review_function_writes_nothing_for_any_event(
    main: Stack, tenant: EmbeddedTenant, emulator: Emulator
) -> None:
    main.sync()
    before = main.versions()
    tenant.spaces.set_label("SALES", "V_AUFTRÄGE_Norden", "Seen by a plan")
    function = main.deployed.review_function
    answer = main.deployed.invoke({"action": "sync"}, function)
    assert answer.body["errorType"] == "RunHalted"
    assert main.versions() == before
    planned = main.deployed.invoke({"action": "plan"}, function)
    assert planned.error is None
    assert planned.body["counts"]["updated"] == 1
    glue = emulator.client_as("glue", emulator.workers(function)[0].credentials)
    for operation, arguments in (
        ("create_database", {"DatabaseInput": {"Name": "datasphere_new"}}),
        ("update_table", {**OWN, "TableInput": {"Name": "v_auftraege_norden"}}),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(glue, operation)(**arguments)
