"""Client of the Glue Data Catalog: one short method for each call; translates every error.

One boto3 client serves all threads (clients are thread-safe). botocore retries throttling and
server errors. It never retries conflicts (Glue API model); these become ConcurrentChange, and the
caller reads again.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol, TypedDict, cast

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)

from datasphere_glue.aws.environment import environment_error
from datasphere_glue.aws.session import GaveUp
from datasphere_glue.errors import (
    EXCERPT,
    ConcurrentChange,
    CredentialsRejected,
    PermissionDenied,
    SyncError,
    TableExists,
    TableMissing,
    Unavailable,
    WriteFailed,
    excerpt,
    foreign_line,
)
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.request_body import MAX_BODY, request_body

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_glue.type_defs import DatabaseInputTypeDef, TableInputTypeDef

PAGE: Final = 100
"""Rows per page, the maximum of Glue (CatalogGetterPageSize, Glue API model)."""

_OUTCOMES: Final[Mapping[str, type[WriteFailed]]] = {
    "EntityNotFoundException": TableMissing,
    "AlreadyExistsException": TableExists,
    "ConcurrentModificationException": ConcurrentChange,
    "ResourceNotReadyException": ConcurrentChange,
    "OperationTimeoutException": ConcurrentChange,
}

_SQL: Final = table_key("sql")
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})

_BAD_CREDENTIALS: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)

_CREDENTIAL_ERRORS: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
    SSOError,
)

_RENEW: Final = (
    "renew the AWS credentials (execution role, profile, session token, or GLUE_ROLE_ARN and its "
    "trust policy) and check the clock of this machine"
)

_REFUSED: Final[Mapping[str, str]] = {
    "ValidationException": "correct the field that the message names at its source",
    "InvalidInputException": "correct what the message names at its source",
    "ResourceNumberLimitExceededException": (
        "raise the quota in Service Quotas (AWS Glue), or remove what is not used any more"
    ),
    "GlueEncryptionException": (
        "allow the role to use the KMS key of the Data Catalog (kms:Decrypt, kms:GenerateDataKey)"
    ),
}

_LATER: Final = (
    "nothing to do if the next run succeeds; else lower the load on Glue in this account, or ask "
    "AWS for a higher request rate"
)

_GRANTS: Final[Mapping[str, str]] = {
    "GetDatabases": "DESCRIBE on the databases",
    "GetDatabase": "DESCRIBE on {database}",
    "GetTables": "DESCRIBE on all tables of {database}",
    "GetTable": "DESCRIBE on {table}",
    "CreateDatabase": "CREATE_DATABASE on the catalog",
    "UpdateDatabase": "ALTER and DESCRIBE on {database}",
    "CreateTable": "CREATE_TABLE and DESCRIBE on {database}",
    "UpdateTable": "ALTER and DESCRIBE on {table}",
    "DeleteTable": "DROP and DESCRIBE on {table}",
}


class CallObserver(Protocol):
    """Receives every finished call with its duration in seconds, retries included."""

    def __call__(self, operation: str, resource: str, seconds: float, *, failed: bool) -> None:
        """Record one call."""
        ...


class _Scope(TypedDict, total=False):
    CatalogId: str


class _Page(TypedDict, total=False):
    MaxResults: int
    NextToken: str


class GlueCatalog:
    """One Glue Data Catalog behind one boto3 client.

    `on_call` receives every call.

    Raises, from every method:
        PermissionDenied: the identity may not make the call.
        CredentialsRejected: AWS refuses the credentials.
        TableMissing: the object does not exist.
        TableExists: the object exists already.
        Unavailable: another error of a read.
        ConcurrentChange: a conflict of a write that a fresh read may resolve.
        WriteFailed: another error of a write.

    """

    def __init__(
        self,
        client: "GlueClient",
        *,
        catalog_id: str | None = None,
        on_call: CallObserver = lambda *_, **__: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._on_call = on_call
        self._clock = clock
        self._scope: _Scope = {"CatalogId": catalog_id} if catalog_id else {}
        self._lock = Lock()
        self._reads = 0
        self._writes = 0

    @property
    def reads(self) -> int:
        """Return the number of read calls; retries inside botocore do not count."""
        with self._lock:
            return self._reads

    @property
    def writes(self) -> int:
        """Return the number of attempted writes, successful or not."""
        with self._lock:
            return self._writes

    def get_databases(self) -> Iterator[Mapping[str, Any]]:
        """Yield every database that is visible to the identity, one page in memory at a time."""
        return self._paged(
            "GetDatabases",
            "catalog",
            lambda page: self._client.get_databases(**self._scope, **page),
            "DatabaseList",
        )

    def get_tables(self, database: str) -> Iterator[Mapping[str, Any]]:
        """Yield every table of one database, one page in memory at a time."""
        return self._paged(
            "GetTables",
            f"table/{database}/*",
            lambda page: self._client.get_tables(DatabaseName=database, **self._scope, **page),
            "TableList",
        )

    def get_database(self, name: str) -> Mapping[str, Any]:
        """Return one database."""
        with self._reading("GetDatabase", f"database/{name}"):
            return self._client.get_database(Name=name, **self._scope)["Database"]

    def get_table(self, database: str, name: str) -> Mapping[str, Any]:
        """Return one table."""
        with self._reading("GetTable", f"table/{database}/{name}"):
            answer = self._client.get_table(DatabaseName=database, Name=name, **self._scope)
            return answer["Table"]

    def create_database(self, body: Mapping[str, Any]) -> None:
        """Create a database from a DatabaseInput."""
        with self._writing("CreateDatabase", f"database/{body['Name']}", body):
            self._client.create_database(
                DatabaseInput=cast("DatabaseInputTypeDef", body), **self._scope
            )

    def update_database(self, body: Mapping[str, Any]) -> None:
        """Replace a database by a DatabaseInput of the same name."""
        with self._writing("UpdateDatabase", f"database/{body['Name']}", body):
            self._client.update_database(
                Name=body["Name"],
                DatabaseInput=cast("DatabaseInputTypeDef", body),
                **self._scope,
            )

    def create_table(self, database: str, body: Mapping[str, Any]) -> None:
        """Create a table from a TableInput."""
        with self._writing("CreateTable", f"table/{database}/{body['Name']}", body):
            self._client.create_table(
                DatabaseName=database, TableInput=cast("TableInputTypeDef", body), **self._scope
            )

    def update_table(self, database: str, body: Mapping[str, Any], version_id: str) -> None:
        """Replace a table by a TableInput if it still has this version.

        The replaced version is not archived: versions have a quota (100,000 per table), and the
        report of a run contains its changes.
        """
        with self._writing("UpdateTable", f"table/{database}/{body['Name']}", body):
            self._client.update_table(
                DatabaseName=database,
                TableInput=cast("TableInputTypeDef", body),
                VersionId=version_id,
                SkipArchive=True,
                **self._scope,
            )

    def delete_table(self, database: str, name: str) -> None:
        """Delete one table."""
        with self._writing("DeleteTable", f"table/{database}/{name}", {}):
            self._client.delete_table(DatabaseName=database, Name=name, **self._scope)

    def _paged(
        self,
        operation: str,
        resource: str,
        fetch: Callable[[_Page], Mapping[str, Any]],
        member: str,
    ) -> Iterator[Mapping[str, Any]]:
        rows = 0
        page: _Page = {"MaxResults": PAGE}
        tokens: set[str] = set()
        while True:
            with self._reading(operation, resource):
                answer = fetch(page)
            # A page may hold fewer rows than requested, or none, without being the last.
            yield from answer[member]
            rows += len(answer[member])
            token = answer.get("NextToken")
            if not token:
                return
            if token in tokens:
                raise Unavailable(
                    f"glue:{operation} on {resource} answered the same NextToken twice after "
                    f"{rows} rows: the listing has no end"
                )
            tokens.add(token)
            page = {"MaxResults": PAGE, "NextToken": token}

    @contextmanager
    def _reading(self, operation: str, resource: str) -> Iterator[None]:
        with self._lock:
            self._reads += 1
        with self._called(operation, resource, writing=False):
            yield

    @contextmanager
    def _writing(self, operation: str, resource: str, body: Mapping[str, Any]) -> Iterator[None]:
        size = len(request_body(body))
        if size > MAX_BODY:
            raise WriteFailed(
                f"the body of glue:{operation} on {resource} has {size:,} bytes, more than the "
                f"{MAX_BODY:,} that are sent to Glue",
                remedy="shorten the texts or split the object at its source",
            )
        with self._lock:
            self._writes += 1
        with self._called(operation, resource, writing=True):
            yield

    @contextmanager
    def _called(self, operation: str, resource: str, *, writing: bool) -> Iterator[None]:
        start, failed = self._clock(), True
        try:
            yield
            failed = False
        except (ClientError, BotoCoreError) as err:
            raise _translate(err, operation, resource, writing=writing) from err
        finally:
            self._on_call(operation, resource, self._clock() - start, failed=failed)


def may_have_succeeded(error: SyncError) -> bool:
    """Return whether a write that ended in this error may have been applied nevertheless.

    Either no answer arrived, or botocore repeated the call because an answer was lost.
    """
    cause = error.__cause__
    if isinstance(cause, ClientError):
        return bool(cause.response.get("ResponseMetadata", {}).get("RetryAttempts"))
    return isinstance(cause, HTTPClientError) or isinstance(error, GaveUp)


def _translate(
    err: ClientError | BotoCoreError, operation: str, resource: str, *, writing: bool
) -> SyncError:
    """Return the error of this package for an error of botocore."""
    what = f"glue:{operation} on {resource}"
    other = WriteFailed if writing else Unavailable
    if isinstance(err, ClientError):
        return _service_error(err, operation, resource, other)
    if not writing and (mistake := environment_error(err)):
        return mistake
    if isinstance(err, _CREDENTIAL_ERRORS):
        return CredentialsRejected(f"{what}: {excerpt(str(err))}", remedy=_RENEW)
    if isinstance(err, ParamValidationError):
        remedy = _REFUSED["ValidationException"]
        return other(f"{what} cannot be sent: {excerpt(_without_sql(str(err)))}", remedy=remedy)
    return other(f"{what} got no answer: {excerpt(str(err))}", remedy=_LATER)


def _service_error(
    err: ClientError, operation: str, resource: str, other: type[WriteFailed | Unavailable]
) -> SyncError:
    error = err.response.get("Error", {})
    code, text = error.get("Code", ""), _both_ends(_without_sql(error.get("Message", "")))
    what = f"glue:{operation} on {resource}"
    message = f"{what} failed with {code}: {text}"
    if code in _DENIED:
        if err.operation_name.startswith("AssumeRole"):
            what = f"sts:{err.operation_name} before {what}"
        remedy = _grant_remedy(err.operation_name, text, operation, resource)
        return PermissionDenied(f"{what} was denied: {text}", remedy=remedy)
    if code in _BAD_CREDENTIALS:
        return CredentialsRejected(message, remedy=_RENEW)
    if code in _OUTCOMES and (other is WriteFailed or _OUTCOMES[code] is TableMissing):
        return _OUTCOMES[code](message)
    return other(message, remedy=_REFUSED.get(code, _LATER))


def _without_sql(text: str) -> str:
    """Return an error text without the text of a definition, which a validation error quotes."""
    at = text.find(_SQL)
    if at < 0:
        return text
    end = text.rfind("' at '")
    return f"{text[:at]}…{text[end:] if end > at else ''}"


def _both_ends(text: str) -> str:
    """Return start and end of a text, at most EXCERPT characters.

    A validation error names its field after a long value.
    """
    line = foreign_line(text)
    return line if len(line) <= EXCERPT else f"{line[:64]}…{line[65 - EXCERPT :]}"


def _grant_remedy(called: str, text: str, operation: str, resource: str) -> str:
    """Return the permission to grant, in the terms of the service that refused."""
    if called.startswith("AssumeRole"):
        return (
            f"allow sts:{called} on GLUE_ROLE_ARN, and this identity (with GLUE_ROLE_EXTERNAL_ID) "
            "in the trust policy of that role"
        )
    _, database, table = (*resource.split("/"), "", "")[:3]
    if "lake formation" in text.lower():
        grant = _GRANTS[operation].format(
            database=f"database {database}", table=f"table {database}.{table}"
        )
        return f"grant {grant} to the role in Lake Formation (its IAM policy is not enough)"
    scope = ["catalog", *([f"database/{database}"] if table else []), resource]
    return (
        f"allow glue:{operation} on {', '.join(dict.fromkeys(scope))} in the IAM policy of the "
        "role; if it is allowed there, look for a permissions boundary, a service control policy "
        "or Lake Formation"
    )
