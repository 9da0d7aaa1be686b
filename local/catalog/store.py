"""The databases, tables and versions of a Glue Data Catalog, in memory, as Glue treats them.

Names are folded to lower case. VersionId begins at "0" and grows by one with each update; a stale
one is refused. SkipArchive keeps only the newest version. Listings are paged. What was sent is
replaced as a whole, and the members that Glue fills in by itself (Retention 0, Compressed false
and the like) are filled in.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Final

from local.catalog.limits import GlueError

Json = Mapping[str, Any]

_PAGE: Final = 100
_TABLE_DEFAULTS: Final = {"Retention": 0, "PartitionKeys": []}
_DESCRIPTOR_DEFAULTS: Final = {
    "Columns": [],
    "Compressed": False,
    "NumberOfBuckets": 0,
    "SortColumns": [],
    "StoredAsSubDirectories": False,
}
_DATABASE_DEFAULTS: Final = {
    "CreateTableDefaultPermissions": [
        {
            "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
            "Permissions": ["ALL"],
        }
    ]
}
_READ_ONLY: Final = frozenset(
    {
        "DatabaseName",
        "CreateTime",
        "CreatedBy",
        "IsRegisteredWithLakeFormation",
        "CatalogId",
        "IsMultiDialectView",
    }
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Account and Region of the caller; its catalog is the default of a request."""

    account: str
    region: str


@dataclass(slots=True)
class _Database:
    content: Json
    # Versions of each table, oldest first; the last one is the table.
    tables: dict[str, list[Json]] = field(default_factory=dict)


Snapshot = Mapping[tuple[str, str], dict[str, _Database]]
"""What a store holds at one moment, by account and Region."""


def snapshot_of(
    place: tuple[str, str], databases: Iterable[Json], tables: Iterable[Json]
) -> Snapshot:
    """Return the snapshot of one catalog from the answers of GetDatabases and GetTables.

    It holds only the newest version of each table. `place` is account and Region.
    """
    content = {database["Name"]: _Database(database) for database in databases}
    for table in tables:
        content[table["DatabaseName"]].tables[table["Name"]] = [table]
    return {place: content}


class GlueStore:
    """All catalogs of all accounts; every method is one Glue operation.

    Contents are replaced, never changed in place, so an answer stays what it was. `clock` gives
    seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = RLock()
        self._catalogs: dict[tuple[str, str], dict[str, _Database]] = {}
        self._operations: Mapping[str, Callable[[Json, Caller], Json]] = {
            "BatchDeleteTable": self._batch_delete_table,
            "CreateDatabase": self._create_database,
            "CreateTable": self._create_table,
            "DeleteDatabase": self._delete_database,
            "DeleteTable": self._delete_table,
            "GetDatabase": self._get_database,
            "GetDatabases": self._get_databases,
            "GetTable": self._get_table,
            "GetTableVersion": self._get_table_version,
            "GetTableVersions": self._get_table_versions,
            "GetTables": self._get_tables,
            "UpdateDatabase": self._update_database,
            "UpdateTable": self._update_table,
        }

    def knows(self, operation: str) -> bool:
        """Return whether the store supports an operation."""
        return operation in self._operations

    def answer(self, operation: str, request: Json, caller: Caller) -> Json:
        """Carry out one operation.

        Raises:
            GlueError: as Glue answers it.

        """
        with self._lock:
            return self._operations[operation](request, caller)

    def clear(self) -> None:
        """Delete every catalog."""
        with self._lock:
            self._catalogs.clear()

    def snapshot(self) -> Snapshot:
        """Return the present content."""
        with self._lock:
            return {place: _copied(databases) for place, databases in self._catalogs.items()}

    def restore(self, snapshot: Snapshot) -> None:
        """Restore the content of a snapshot."""
        with self._lock:
            self._catalogs = {place: _copied(databases) for place, databases in snapshot.items()}

    def _databases(self, request: Json, caller: Caller) -> dict[str, _Database]:
        place = (request.get("CatalogId", caller.account), caller.region)
        return self._catalogs.setdefault(place, {})

    def _database(self, request: Json, caller: Caller, member: str = "DatabaseName") -> _Database:
        name = request[member].lower()
        database = self._databases(request, caller).get(name)
        if database is None:
            raise GlueError("EntityNotFoundException", f"Database {name} not found.")
        return database

    def _versions(self, request: Json, caller: Caller, member: str = "Name") -> list[Json]:
        name = request[member].lower()
        table = self._database(request, caller).tables.get(name)
        if table is None:
            raise GlueError("EntityNotFoundException", f"Table {name} not found.")
        return table

    def _create_database(self, request: Json, caller: Caller) -> Json:
        databases = self._databases(request, caller)
        body = _folded(request["DatabaseInput"])
        if body["Name"] in databases:
            raise GlueError("AlreadyExistsException", "Database already exists.")
        databases[body["Name"]] = _Database(
            {
                **_DATABASE_DEFAULTS,
                **body,
                "CreateTime": self._clock(),
                "CatalogId": request.get("CatalogId", caller.account),
            }
        )
        return {}

    def _update_database(self, request: Json, caller: Caller) -> Json:
        database = self._database(request, caller, "Name")
        body = _folded(request["DatabaseInput"])
        if body["Name"] != database.content["Name"]:
            raise GlueError("InvalidInputException", "A database cannot be renamed.")
        preserved = {key: database.content[key] for key in ("CreateTime", "CatalogId")}
        database.content = {**_DATABASE_DEFAULTS, **body, **preserved}
        return {}

    def _delete_database(self, request: Json, caller: Caller) -> Json:
        self._database(request, caller, "Name")
        del self._databases(request, caller)[request["Name"].lower()]
        return {}

    def _get_database(self, request: Json, caller: Caller) -> Json:
        return {"Database": self._database(request, caller, "Name").content}

    def _get_databases(self, request: Json, caller: Caller) -> Json:
        databases = self._databases(request, caller)
        filters = {"NAME": "Name", "TARGET_DATABASE": "TargetDatabase"}
        names, more = _page(databases, request)
        rows = [_projected(databases[name].content, request, filters) for name in names]
        return {"DatabaseList": rows, **more}

    def _create_table(self, request: Json, caller: Caller) -> Json:
        database = self._database(request, caller)
        if "TableInput" not in request:
            raise GlueError("InvalidInputException", "TableInput must be given.")
        body = _table(request["TableInput"])
        if body["Name"] in database.tables:
            raise GlueError("AlreadyExistsException", "Table already exists.")
        now = self._clock()
        database.tables[body["Name"]] = [
            {
                **body,
                "DatabaseName": database.content["Name"],
                "CreateTime": now,
                "UpdateTime": now,
                "CreatedBy": f"arn:aws:sts::{caller.account}:assumed-role/local/local",
                "IsRegisteredWithLakeFormation": False,
                "CatalogId": request.get("CatalogId", caller.account),
                "VersionId": "0",
                "IsMultiDialectView": False,
            }
        ]
        return {}

    def _update_table(self, request: Json, caller: Caller) -> Json:
        if "TableInput" not in request:
            raise GlueError("InvalidInputException", "TableInput must be given.")
        body = _table(request["TableInput"])
        versions = self._versions({**request, "Name": body["Name"]}, caller)
        current = versions[-1]
        if request.get("VersionId", current["VersionId"]) != current["VersionId"]:
            raise GlueError(
                "ConcurrentModificationException",
                "Update table failed due to concurrent modifications.",
            )
        preserved = {key: value for key, value in current.items() if key in _READ_ONLY}
        if request.get("SkipArchive"):
            versions.pop()
        versions.append(
            {
                **body,
                **preserved,
                "UpdateTime": self._clock(),
                "VersionId": str(int(current["VersionId"]) + 1),
            }
        )
        return {}

    def _delete_table(self, request: Json, caller: Caller) -> Json:
        self._versions(request, caller)
        del self._database(request, caller).tables[request["Name"].lower()]
        return {}

    def _batch_delete_table(self, request: Json, caller: Caller) -> Json:
        database = self._database(request, caller)
        errors = [
            {
                "TableName": name,
                "ErrorDetail": {
                    "ErrorCode": "EntityNotFoundException",
                    "ErrorMessage": "Table not found",
                },
            }
            for name in request["TablesToDelete"]
            if database.tables.pop(name.lower(), None) is None
        ]
        return {"Errors": errors} if errors else {}

    def _get_table(self, request: Json, caller: Caller) -> Json:
        return {"Table": self._versions(request, caller)[-1]}

    def _get_tables(self, request: Json, caller: Caller) -> Json:
        tables = self._database(request, caller).tables
        try:
            expression = re.compile(request.get("Expression") or ".*", re.DOTALL)
        except re.error as err:
            raise GlueError("InvalidInputException", f"Expression is invalid: {err}") from err
        names, more = _page(filter(expression.fullmatch, tables), request)
        filters = {"NAME": "Name", "TABLE_TYPE": "TableType"}
        return {
            "TableList": [_projected(tables[name][-1], request, filters) for name in names],
            **more,
        }

    def _get_table_version(self, request: Json, caller: Caller) -> Json:
        versions = self._versions(request, caller, "TableName")
        version_id = request.get("VersionId", versions[-1]["VersionId"])
        for table in versions:
            if table["VersionId"] == version_id:
                return {"TableVersion": {"Table": table, "VersionId": version_id}}
        raise GlueError("EntityNotFoundException", f"Version {version_id} not found.")

    def _get_table_versions(self, request: Json, caller: Caller) -> Json:
        versions = self._versions(request, caller, "TableName")
        # Newest first; the page key must grow, hence the place in that order.
        newest_first = {f"{place:09}": table for place, table in enumerate(reversed(versions))}
        places, more = _page(newest_first, request)
        rows = [newest_first[place] for place in places]
        return {
            "TableVersions": [{"Table": row, "VersionId": row["VersionId"]} for row in rows],
            **more,
        }


def _copied(databases: Mapping[str, _Database]) -> dict[str, _Database]:
    return {
        name: _Database(
            database.content, {table: list(rows) for table, rows in database.tables.items()}
        )
        for name, database in databases.items()
    }


def _folded(body: Json) -> Json:
    return {**body, "Name": body["Name"].lower()}


def _table(body: Json) -> Json:
    """Return the stored form of a TableInput."""
    table = {**_TABLE_DEFAULTS, **_folded(body)}
    table["PartitionKeys"] = [_folded(column) for column in table["PartitionKeys"]]
    columns: list[Json] = []
    if "StorageDescriptor" in body:
        descriptor = {**_DESCRIPTOR_DEFAULTS, **body["StorageDescriptor"]}
        columns = [_folded(column) for column in descriptor["Columns"]]
        table["StorageDescriptor"] = {**descriptor, "Columns": columns}
    names = [column["Name"] for column in (*columns, *table["PartitionKeys"])]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise GlueError(
            "InvalidInputException", f"Duplicate column name(s) found: {', '.join(twice)}"
        )
    return table


def _page(keys: Iterable[str], request: Json) -> tuple[list[str], Json]:
    """Return the sorted keys of the requested page, and the member with the next token."""
    after = _opened(request["NextToken"]) if request.get("NextToken") else ""
    waiting = sorted(key for key in keys if key > after)
    page = waiting[: request.get("MaxResults", _PAGE)]
    more = len(page) < len(waiting)
    return page, {"NextToken": b64encode(page[-1].encode()).decode()} if more else {}


def _opened(token: str) -> str:
    try:
        return b64decode(token, validate=True).decode()
    except ValueError as err:
        raise GlueError("InvalidInputException", "NextToken is not one of ours.") from err


def _projected(row: Json, request: Json, members: Mapping[str, str]) -> Json:
    attributes = request.get("AttributesToGet", [])
    if not attributes or "DEFAULT" in attributes:
        return row
    projected = {members[attribute] for attribute in attributes if attribute in members}
    return {key: value for key, value in row.items() if key in projected}
