"""The embedded catalog behaves as Glue does where moto does not."""

import socket
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from local.catalog.embedded import EmbeddedCatalog
from local.catalog.limits import GlueError, check
from tests.effort import examples

COLUMN = {"Name": "a", "Type": "string"}


def table(name: str = "t", *columns: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"Name": name, "StorageDescriptor": {"Columns": list(columns)}, **members}


def refusal(operation: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        operation(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def sales(glue: Any) -> Any:
    glue.create_database(DatabaseInput={"Name": "sales"})
    return glue


def test_folds_names_of_databases_tables_and_columns(glue: Any) -> None:
    glue.create_database(DatabaseInput={"Name": "Sales"})
    body = table("Orders", {"Name": "NetAmount"}, PartitionKeys=[{"Name": "YEAR"}])
    glue.create_table(DatabaseName="SALES", TableInput=body)
    stored = glue.get_table(DatabaseName="sales", Name="oRDERS")["Table"]
    assert (stored["DatabaseName"], stored["Name"]) == ("sales", "orders")
    assert stored["StorageDescriptor"]["Columns"][0]["Name"] == "netamount"
    assert stored["PartitionKeys"][0]["Name"] == "year"
    assert refusal(glue.create_table, DatabaseName="sales", TableInput=table("ORDERS"))[0] == (
        "AlreadyExistsException"
    )
    assert refusal(glue.create_database, DatabaseInput={"Name": "SALES"})[0] == (
        "AlreadyExistsException"
    )


@pytest.mark.parametrize(
    ("body", "path", "rule"),
    [
        (table("x" * 256), "table.name", "length less than or equal to 255"),
        (table("a\nb"), "table.name", "regular expression pattern"),
        (table("a\x00b"), "table.name", "regular expression pattern"),
        (table("t", Description="d" * 2049), "table.description", "equal to 2048"),
        (table("t", Description="a\x07b"), "table.description", "pattern"),
        (table("t", Description="\uffff"), "table.description", "pattern"),
        (table("t", Parameters={"k" * 256: "v"}), "table.parameters", "Map keys must"),
        (table("t", Parameters={"k": "v" * 512_001}), "table.parameters", "Map value must"),
        (table("t", Owner="o" * 256), "table.owner", "255"),
        (
            table("t", COLUMN, {"Name": "b", "Comment": "c" * 256}),
            "table.storageDescriptor.columns.2.member.comment",
            "Member must have length less than or equal to 255",
        ),
        (
            table("t", {"Name": "b", "Comment": "a\nb"}),
            "table.storageDescriptor.columns.1.member.comment",
            "pattern",
        ),
        (
            table("t", {"Name": "b", "Comment": "ü" * 128}),
            "table.storageDescriptor.columns.1.member.comment",
            "255",
        ),
        (
            {"Name": "t", "StorageDescriptor": {"InputFormat": "f" * 129}},
            "table.storageDescriptor.inputFormat",
            "128",
        ),
        (table("t", ViewOriginalText="v" * 409_601), "table.viewOriginalText", "409600"),
    ],
)
def test_refuses_what_breaks_a_constraint_of_the_model(
    sales: Any, body: dict[str, Any], path: str, rule: str
) -> None:
    code, message = refusal(sales.create_table, DatabaseName="sales", TableInput=body)
    assert code == "ValidationException"
    assert message.startswith("1 validation error detected: Value '")
    assert f"at '{path}' failed to satisfy constraint: " in message
    assert rule in message


def test_names_every_broken_constraint_at_once(sales: Any) -> None:
    body = table("t", {"Name": "a", "Comment": "\n"}, Description="d" * 3000)
    _, message = refusal(sales.create_table, DatabaseName="sales", TableInput=body)
    assert message.startswith("2 validation errors detected: ")


def test_takes_everything_up_to_its_limit(sales: Any) -> None:
    column = {"Name": "n" * 255, "Type": "t" * 131_072, "Comment": "ü" * 124 + "\t\x7f!😀"}
    body = table("t" * 255, column, Description="line\r\n" + "d" * 2042, Parameters={"k" * 255: ""})
    sales.create_table(DatabaseName="sales", TableInput=body)
    stored = sales.get_table(DatabaseName="sales", Name="t" * 255)["Table"]
    assert stored["Description"] == body["Description"]
    assert stored["StorageDescriptor"]["Columns"][0]["Comment"] == column["Comment"]


def test_refuses_enums_ranges_and_lists_out_of_bounds(sales: Any) -> None:
    many = [f"t{n}" for n in range(101)]
    refused = {
        "enum": refusal(sales.get_tables, DatabaseName="sales", AttributesToGet=["COLOUR"]),
        "low": refusal(sales.get_tables, DatabaseName="sales", MaxResults=101),
        "databases": refusal(sales.get_databases, MaxResults=1000),
        "list": refusal(sales.batch_delete_table, DatabaseName="sales", TablesToDelete=many),
    }
    assert {code for code, _ in refused.values()} == {"ValidationException"}
    assert "enum value set: [NAME, TABLE_TYPE" in refused["enum"][1]
    assert "value less than or equal to 100" in refused["low"][1]
    assert "length less than or equal to 100" in refused["list"][1]


@given(st.text(max_size=400))
@examples(25)
def test_a_comment_passes_exactly_if_it_is_one_line_of_255_bytes(comment: str) -> None:
    encoded = comment.encode("utf-8", "surrogatepass")
    clean = all(
        ch == "\t"
        or (ord(ch) >= 0x20 and ch not in "\ufffe\uffff" and not 0xD800 <= ord(ch) < 0xE000)
        for ch in comment
    )
    request = {"DatabaseName": "d", "TableInput": table("t", {"Name": "a", "Comment": comment})}
    try:
        check("CreateTable", request)
        passed = True
    except GlueError:
        passed = False
    assert passed == (clean and len(encoded) <= 255)


def test_refuses_a_lone_surrogate() -> None:
    request = {"DatabaseName": "d", "TableInput": table("t", {"Name": "a", "Comment": "\ud800"})}
    with pytest.raises(GlueError, match="regular expression pattern"):
        check("CreateTable", request)


def test_refuses_what_botocore_would_not_even_send() -> None:
    with pytest.raises(GlueError, match=r"Value null at 'table\.name'"):
        check("CreateTable", {"DatabaseName": "d", "TableInput": {}})
    with pytest.raises(GlueError, match="value greater than or equal to 0"):
        check("CreateTable", {"DatabaseName": "d", "TableInput": table(Retention=-1)})
    with pytest.raises(GlueError, match="must be a structure") as caught:
        check("CreateTable", {"DatabaseName": "d", "TableInput": "t"})
    assert caught.value.code == "SerializationException"


def test_refuses_duplicate_columns_whatever_their_case(sales: Any) -> None:
    body = table("t", {"Name": "Year"}, PartitionKeys=[{"Name": "year"}])
    code, message = refusal(sales.create_table, DatabaseName="sales", TableInput=body)
    assert code == "InvalidInputException"
    assert "year" in message


def test_refuses_a_payload_that_is_too_large(sales: Any) -> None:
    many = {f"k{n}": "v" * 100_000 for n in range(6)}
    code, message = refusal(
        sales.create_table, DatabaseName="sales", TableInput=table("t", Parameters=many)
    )
    assert (code, message) == (
        "InvalidInputException",
        "Payload size of request exceeded limit",
    )


def test_versions_begin_at_zero_and_a_stale_one_is_refused(sales: Any) -> None:
    sales.create_table(DatabaseName="sales", TableInput=table(Owner="somebody"))
    created = sales.get_table(DatabaseName="sales", Name="t")["Table"]
    assert created["VersionId"] == "0"
    assert created["UpdateTime"] == created["CreateTime"]
    sales.update_table(DatabaseName="sales", TableInput=table(Description="b"), VersionId="0")
    stored = sales.get_table(DatabaseName="sales", Name="t")["Table"]
    assert (stored["VersionId"], stored["Description"]) == ("1", "b")
    assert "Owner" not in stored
    stale = refusal(sales.update_table, DatabaseName="sales", TableInput=table(), VersionId="0")
    assert stale == (
        "ConcurrentModificationException",
        "Update table failed due to concurrent modifications.",
    )


def version_ids(glue: Any) -> list[str]:
    answer = glue.get_table_versions(DatabaseName="sales", TableName="t")
    return [row["VersionId"] for row in answer["TableVersions"]]


def test_keeps_old_versions_unless_skip_archive_is_set(sales: Any) -> None:
    sales.create_table(DatabaseName="sales", TableInput=table())
    sales.update_table(DatabaseName="sales", TableInput=table(), SkipArchive=True)
    assert version_ids(sales) == ["1"]
    sales.update_table(DatabaseName="sales", TableInput=table())
    assert version_ids(sales) == ["2", "1"]
    old = sales.get_table_version(DatabaseName="sales", TableName="t", VersionId="1")
    assert old["TableVersion"]["Table"]["VersionId"] == "1"


def test_pages_tables_and_databases(sales: Any) -> None:
    for n in range(12):
        sales.create_table(DatabaseName="sales", TableInput=table(f"t{n:02}"))
    seen: list[str] = []
    sizes: list[int] = []
    request: dict[str, Any] = {"DatabaseName": "sales", "MaxResults": 5}
    while True:
        page = sales.get_tables(**request)
        sizes.append(len(page["TableList"]))
        seen += [row["Name"] for row in page["TableList"]]
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]
    assert sizes == [5, 5, 2]
    assert seen == [f"t{n:02}" for n in range(12)]
    sales.create_database(DatabaseInput={"Name": "hr"})
    first = sales.get_databases(MaxResults=1)
    assert [row["Name"] for row in first["DatabaseList"]] == ["hr"]
    second = sales.get_databases(MaxResults=1, NextToken=first["NextToken"])
    assert [row["Name"] for row in second["DatabaseList"]] == ["sales"]
    assert "NextToken" not in second
    foreign = refusal(sales.get_databases, NextToken="%%%")
    assert foreign[0] == "InvalidInputException"


def test_returns_only_the_requested_attributes(sales: Any) -> None:
    sales.create_table(DatabaseName="sales", TableInput=table(TableType="EXTERNAL_TABLE"))
    page = sales.get_tables(DatabaseName="sales", AttributesToGet=["NAME"])
    assert page["TableList"] == [{"Name": "t"}]
    page = sales.get_databases(AttributesToGet=["NAME"])
    assert page["DatabaseList"] == [{"Name": "sales"}]


def test_filters_by_a_regular_expression_and_refuses_a_broken_one(sales: Any) -> None:
    for name in ("aa", "ab", "b"):
        sales.create_table(DatabaseName="sales", TableInput=table(name))
    page = sales.get_tables(DatabaseName="sales", Expression="a.*")
    assert [row["Name"] for row in page["TableList"]] == ["aa", "ab"]
    code, _ = refusal(sales.get_tables, DatabaseName="sales", Expression="[")
    assert code == "InvalidInputException"


def test_reports_what_is_missing(glue: Any) -> None:
    codes = {
        refusal(glue.get_tables, DatabaseName="no")[0],
        refusal(glue.create_table, DatabaseName="no", TableInput=table())[0],
        refusal(glue.get_database, Name="no")[0],
        refusal(glue.delete_table, DatabaseName="no", Name="no")[0],
    }
    assert codes == {"EntityNotFoundException"}


def test_deletes_in_batches_with_an_error_for_each_missing_table(sales: Any) -> None:
    sales.create_table(DatabaseName="sales", TableInput=table())
    answer = sales.batch_delete_table(DatabaseName="sales", TablesToDelete=["t", "nope"])
    [error] = answer["Errors"]
    assert error["TableName"] == "nope"
    assert error["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    sales.delete_database(Name="sales")
    assert sales.get_databases()["DatabaseList"] == []


def test_replaces_a_database_but_does_not_rename_it(sales: Any) -> None:
    sales.update_database(Name="sales", DatabaseInput={"Name": "sales", "Description": "d"})
    assert sales.get_database(Name="sales")["Database"]["Description"] == "d"
    code, _ = refusal(sales.update_database, Name="sales", DatabaseInput={"Name": "other"})
    assert code == "InvalidInputException"


def test_keeps_what_a_federated_database_points_to(glue: Any) -> None:
    pointer = {"Identifier": "hana", "ConnectionName": "c"}
    glue.create_database(DatabaseInput={"Name": "f", "FederatedDatabase": pointer})
    assert glue.get_database(Name="f")["Database"]["FederatedDatabase"] == pointer


def test_catalogs_and_accounts_are_separate(catalog: EmbeddedCatalog, sales: Any) -> None:
    assert sales.get_databases(CatalogId="999999999999")["DatabaseList"] == []
    assert len(sales.get_databases(CatalogId="123456789012")["DatabaseList"]) == 1
    role = {"RoleArn": "arn:aws:iam::222222222222:role/writer", "RoleSessionName": "run"}
    lent = catalog.client("sts").assume_role(**role)["Credentials"]
    other = catalog.client(
        "glue",
        aws_access_key_id=lent["AccessKeyId"],
        aws_secret_access_key=lent["SecretAccessKey"],
        aws_session_token=lent["SessionToken"],
    )
    assert other.get_databases()["DatabaseList"] == []


def test_faults_affect_the_named_calls_the_given_number_of_times(
    catalog: EmbeddedCatalog, sales: Any
) -> None:
    catalog.faults.add(operation="CreateTable", error="ThrottlingException", match="or", times=2)
    sales.create_table(DatabaseName="sales", TableInput=table("items"))
    request = {"DatabaseName": "sales", "TableInput": table("orders")}
    assert refusal(sales.create_table, **request) == ("ThrottlingException", "Rate exceeded")
    assert refusal(sales.create_table, **request)[0] == "ThrottlingException"
    sales.create_table(**request)
    catalog.faults.add(operation="GetTable", error="InternalServiceException", message="oops")
    assert refusal(sales.get_table, DatabaseName="sales", Name="orders") == (
        "InternalServiceException",
        "oops",
    )


def test_a_lost_write_is_answered_and_not_carried_out(catalog: EmbeddedCatalog, sales: Any) -> None:
    catalog.faults.add(operation="CreateTable", error="LostWrite")
    sales.create_table(DatabaseName="sales", TableInput=table())
    assert sales.get_tables(DatabaseName="sales")["TableList"] == []


def test_records_every_glue_call(catalog: EmbeddedCatalog, sales: Any) -> None:
    sales.get_tables(DatabaseName="sales")
    catalog.client("s3").list_buckets()
    assert catalog.calls.operations == ["CreateDatabase", "GetTables"]
    assert catalog.calls.of("CreateDatabase") == [{"DatabaseInput": {"Name": "sales"}}]
    assert [call.operation for call in catalog.calls.reads] == ["GetTables"]
    assert [call.operation for call in catalog.calls.writes] == ["CreateDatabase"]
    catalog.calls.clear()
    assert len(catalog.calls) == 0


def test_everything_else_is_answered_by_moto(catalog: EmbeddedCatalog, glue: Any) -> None:
    secrets = catalog.client("secretsmanager")
    secrets.create_secret(Name="s", SecretString="x")
    assert secrets.get_secret_value(SecretId="s")["SecretString"] == "x"
    assert glue.list_crawlers()["CrawlerNames"] == []
    catalog.reset()
    assert secrets.list_secrets()["SecretList"] == []


def test_listens_only_inside_its_block() -> None:
    catalog = EmbeddedCatalog()
    with pytest.raises(RuntimeError, match="inside its `with` block"):
        _ = catalog.endpoint_url
    with catalog:
        port = catalog.port
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_the_environment_directs_boto3_to_the_catalog(catalog: EmbeddedCatalog) -> None:
    names = {name.removeprefix("AWS_").lower() for name in catalog.environment}
    assert names == {
        "endpoint_url",
        "access_key_id",
        "secret_access_key",
        "default_region",
        "region",
    }
    assert catalog.environment["AWS_ENDPOINT_URL"] == catalog.endpoint_url
