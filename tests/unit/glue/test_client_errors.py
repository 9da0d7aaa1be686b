"""Each failure of a Glue call maps to the error class that decides how the run continues."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from datasphere_glue.errors import (
    ConcurrentChange,
    CredentialsRejected,
    PermissionDenied,
    SettingsError,
    SyncError,
    TableExists,
    TableMissing,
    Unavailable,
    WriteFailed,
)
from datasphere_glue.glue.client import GlueCatalog
from datasphere_glue.model.request_body import MAX_BODY


class FailingGlue:
    """A client whose every call ends in one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.requests: list[dict[str, Any]] = []

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self.requests.append(request)
            raise self.error

        return call


class PagingGlue:
    """A client that gives one page after another."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = list(pages)
        self.requests: list[dict[str, Any]] = []

    def get_tables(self, **request: Any) -> dict[str, Any]:
        self.requests.append(request)
        return self.pages.pop(0)


def refused(code: str, message: str = "", operation: str = "UpdateTable") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def over(client: Any, **options: Any) -> GlueCatalog:
    return GlueCatalog(cast("Any", client), **options)


def error_of_a_write(error: Exception) -> SyncError:
    with pytest.raises(SyncError) as caught:
        over(FailingGlue(error)).update_table("sales", {"Name": "orders"}, "3")
    assert caught.value.__cause__ is error
    return caught.value


def error_of_a_read(error: Exception) -> SyncError:
    with pytest.raises(SyncError) as caught:
        list(over(FailingGlue(error)).get_tables("sales"))
    return caught.value


@pytest.mark.parametrize(
    ("error", "when_writing", "when_reading"),
    [
        (refused("EntityNotFoundException"), TableMissing, TableMissing),
        (refused("AlreadyExistsException"), TableExists, Unavailable),
        (refused("ConcurrentModificationException"), ConcurrentChange, Unavailable),
        (refused("ResourceNotReadyException"), ConcurrentChange, Unavailable),
        (refused("OperationTimeoutException"), ConcurrentChange, Unavailable),
        (refused("AccessDeniedException"), PermissionDenied, PermissionDenied),
        (refused("ExpiredTokenException"), CredentialsRejected, CredentialsRejected),
        (refused("UnrecognizedClientException"), CredentialsRejected, CredentialsRejected),
        (refused("InvalidClientTokenId"), CredentialsRejected, CredentialsRejected),
        (NoCredentialsError(), CredentialsRejected, SettingsError),
        (refused("ThrottlingException", "Rate exceeded"), WriteFailed, Unavailable),
        (refused("InternalServiceException"), WriteFailed, Unavailable),
        (refused("ValidationException"), WriteFailed, Unavailable),
        (refused("InvalidInputException"), WriteFailed, Unavailable),
        (refused("ResourceNumberLimitExceededException"), WriteFailed, Unavailable),
        (refused("SomethingNewException"), WriteFailed, Unavailable),
        (EndpointConnectionError(endpoint_url="http://x"), WriteFailed, Unavailable),
        (ReadTimeoutError(endpoint_url="http://x"), WriteFailed, Unavailable),
        (ParamValidationError(report="Invalid length"), WriteFailed, Unavailable),
    ],
    ids=str,
)
def test_each_failure_maps_to_an_error_class(
    error: Exception, when_writing: type[SyncError], when_reading: type[SyncError]
) -> None:
    assert type(error_of_a_write(error)) is when_writing
    assert type(error_of_a_read(error)) is when_reading


def test_a_denial_names_action_resource_and_the_iam_remedy() -> None:
    denied = error_of_a_write(refused("AccessDeniedException", "not authorized"))
    assert denied.message == "glue:UpdateTable on table/sales/orders was denied: not authorized"
    assert denied.remedy.startswith(
        "allow glue:UpdateTable on catalog, database/sales, table/sales/orders in the IAM policy"
    )


@pytest.mark.parametrize(
    ("call", "grant"),
    [
        (
            lambda glue: glue.update_table("sales", {"Name": "orders"}, "3"),
            "grant ALTER and DESCRIBE on table sales.orders to the role in Lake Formation",
        ),
        (
            lambda glue: glue.create_table("sales", {"Name": "orders"}),
            "grant CREATE_TABLE and DESCRIBE on database sales",
        ),
        (
            lambda glue: glue.delete_table("sales", "orders"),
            "grant DROP and DESCRIBE on table sales.orders",
        ),
        (lambda glue: glue.get_table("sales", "orders"), "grant DESCRIBE on table sales.orders"),
        (
            lambda glue: list(glue.get_tables("sales")),
            "grant DESCRIBE on all tables of database sales",
        ),
        (
            lambda glue: glue.create_database({"Name": "sales"}),
            "grant CREATE_DATABASE on the catalog",
        ),
        (
            lambda glue: glue.update_database({"Name": "sales"}),
            "grant ALTER and DESCRIBE on database sales",
        ),
        (lambda glue: glue.get_database("sales"), "grant DESCRIBE on database sales"),
        (lambda glue: list(glue.get_databases()), "grant DESCRIBE on the databases"),
    ],
)
def test_a_lake_formation_denial_names_the_grant(
    call: Callable[[GlueCatalog], Any], grant: str
) -> None:
    text = "Insufficient Lake Formation permission(s): Required Alter on orders"
    client = FailingGlue(refused("AccessDeniedException", text))
    with pytest.raises(PermissionDenied) as caught:
        call(over(client))
    assert caught.value.remedy.startswith(grant)
    assert text in caught.value.message


def test_a_denied_role_assumption_differs_from_a_denied_call() -> None:
    denied = error_of_a_write(refused("AccessDenied", "no", operation="AssumeRole"))
    assert "sts:AssumeRole before glue:UpdateTable" in denied.message
    assert "GLUE_ROLE_ARN" in denied.remedy
    assert "trust policy" in denied.remedy


def test_rejected_credentials_have_a_remedy_in_aws_terms() -> None:
    rejected = error_of_a_write(refused("ExpiredTokenException", "expired"))
    assert rejected.remedy.startswith("renew the AWS credentials")


def test_a_long_validation_message_keeps_the_field_at_its_end() -> None:
    field = "at 'table.storageDescriptor.columns.29.member.comment' failed to satisfy constraint"
    text = f"1 validation error detected: Value '{'c' * 900}' {field}"
    failed = error_of_a_write(refused("ValidationException", text))
    assert "1 validation error detected" in failed.message
    assert field in failed.message
    assert len(failed.message) < 400


@pytest.mark.parametrize("ending", ["", "' at 'tableInput.parameters' failed"])
def test_a_message_that_quotes_the_text_of_a_definition_loses_it(ending: str) -> None:
    text = f"Value '{{a=b, datasphere.sql=RETURN 'x' || LAKES, datasphere.tags=[]}}{ending}"
    failed = error_of_a_write(refused("ValidationException", text))
    assert "a=b" in failed.message
    assert ending in failed.message
    assert "LAKES" not in failed.message


def test_a_body_that_is_too_large_is_not_sent() -> None:
    client = FailingGlue(refused("ValidationException"))
    catalog = over(client)
    # Each of these takes 2 bytes in the request, which is in UTF-8.
    body = {"Name": "orders", "Description": "ü" * (MAX_BODY // 2)}
    with pytest.raises(WriteFailed, match=r"400,0\d\d bytes, more than the 400,000"):
        catalog.create_table("sales", body)
    assert client.requests == []
    assert catalog.writes == 0


def test_pagination_continues_after_an_empty_page() -> None:
    client = PagingGlue(
        {"TableList": [{"Name": "a"}], "NextToken": "1"},
        {"TableList": [], "NextToken": "2"},
        {"TableList": [{"Name": "b"}]},
    )
    catalog = over(client)
    assert [row["Name"] for row in catalog.get_tables("sales")] == ["a", "b"]
    assert [request.get("NextToken") for request in client.requests] == [None, "1", "2"]
    assert {request["MaxResults"] for request in client.requests} == {100}
    assert catalog.reads == 3


def test_a_repeated_token_is_an_error() -> None:
    page = {"TableList": [{"Name": "a"}], "NextToken": "1"}
    with pytest.raises(Unavailable, match="same NextToken twice"):
        list(over(PagingGlue(page, page, page)).get_tables("sales"))


def test_every_call_has_the_configured_catalog() -> None:
    client = FailingGlue(refused("ThrottlingException"))
    catalog = over(client, catalog_id="222222222222")
    calls: list[Callable[[], Any]] = [
        lambda: list(catalog.get_databases()),
        lambda: list(catalog.get_tables("sales")),
        lambda: catalog.get_database("sales"),
        lambda: catalog.get_table("sales", "orders"),
        lambda: catalog.create_database({"Name": "sales"}),
        lambda: catalog.update_database({"Name": "sales"}),
        lambda: catalog.create_table("sales", {"Name": "orders"}),
        lambda: catalog.update_table("sales", {"Name": "orders"}, "1"),
        lambda: catalog.delete_table("sales", "orders"),
    ]
    for call in calls:
        with pytest.raises(SyncError):
            call()
    assert [request["CatalogId"] for request in client.requests] == ["222222222222"] * 9
    assert (catalog.reads, catalog.writes) == (4, 5)
