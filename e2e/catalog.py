"""What a Glue Data Catalog holds, in a form in which two of them can be compared."""

from collections.abc import Iterator
from typing import Any, Final

_SET_BY_THE_CATALOG: Final = {
    "CatalogId",
    "CreateTime",
    "CreatedBy",
    "CreateTableDefaultPermissions",
    "IsRegisteredWithLakeFormation",
    "LastAccessTime",
    "UpdateTime",
    "VersionId",
}


def contents(glue: Any, prefix: str) -> dict[str, Any]:
    """Return all databases with a prefix and their tables, without what the catalog itself sets."""
    return {
        name: {key: _without_empty(value) for key, value in content.items() if _counts(key, value)}
        for name, content in _everything(glue, prefix)
    }


def versions(glue: Any, prefix: str) -> dict[str, str]:
    """Return the version of each table of the databases with a prefix: it moves with each write."""
    return {name: table["VersionId"] for name, table in _everything(glue, prefix) if "." in name}


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the names of added, removed and changed objects."""
    return {name for name in before | after if before.get(name) != after.get(name)}


def drop(glue: Any, prefix: str) -> None:
    """Remove the databases with a prefix, with all they hold."""
    for database in _databases(glue, prefix):
        glue.delete_database(Name=database["Name"])


def _everything(glue: Any, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for database in _databases(glue, prefix):
        yield database["Name"], database
        pages = glue.get_paginator("get_tables").paginate(DatabaseName=database["Name"])
        for page in pages:
            for table in page["TableList"]:
                yield f"{database['Name']}.{table['Name']}", table


def _databases(glue: Any, prefix: str) -> list[dict[str, Any]]:
    pages = glue.get_paginator("get_databases").paginate()
    databases = [database for page in pages for database in page["DatabaseList"]]
    return [database for database in databases if database["Name"].startswith(prefix)]


def _counts(key: str, value: Any) -> bool:
    return key not in _SET_BY_THE_CATALOG and _without_empty(value) not in (None, "", 0, [], {})


def _without_empty(value: Any) -> Any:
    """Return a value without its empty members, in which catalogs differ."""
    if isinstance(value, dict):
        members = ((key, _without_empty(member)) for key, member in value.items())
        return {key: member for key, member in members if member not in (None, "", 0, [], {})}
    return [_without_empty(member) for member in value] if isinstance(value, list) else value
