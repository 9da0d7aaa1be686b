"""Converts between answers and requests of Glue and the model; pure, without any call.

UpdateTable replaces the whole table, so members that the model does not name are preserved in
`rest` and sent back unchanged, empty values included: an empty list of default permissions is not
the same as an absent one. botocore's Glue model (TableInput, DatabaseInput) defines which members
may be sent, so members that AWS adds later survive, too.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import botocore.session

from datasphere_glue.model.packed_names import pack_names, unpack_names
from datasphere_glue.model.table import (
    Column,
    CurrentTable,
    Database,
    Table,
    canonical_json,
    parameters,
)

if TYPE_CHECKING:
    from botocore.model import ServiceModel, Shape

_COLUMN_MEMBERS: Final = frozenset({"Name", "Type", "Comment", "Parameters"})

_UNWRITABLE: Final = {
    "TargetTable": "it is a resource link to a table elsewhere",
    "FederatedTable": "it is a federated table, kept by its own source",
    "ViewDefinition": "it is a Data Catalog view, whose definition cannot be sent back as read",
    "IsMultiDialectView": "it is a multi-dialect Data Catalog view",
    "IsMaterializedView": "it is a materialized view",
    "IcebergTableMetadata": "it is an Iceberg table, changed only by its own commits",
}


def table_from_glue(raw: Mapping[str, Any]) -> CurrentTable:
    """Return a table of GetTable or GetTables, with its lock and the reason if it is read-only."""
    # Columns are most of a table and are converted separately, so they are omitted here.
    stored = raw.get("StorageDescriptor") or {}
    without_columns = {
        **{member: value for member, value in raw.items() if member != "PartitionKeys"},
        "StorageDescriptor": {m: value for m, value in stored.items() if m != "Columns"},
    }
    accepted = _accepted(without_columns, _shape("TableInput"))
    descriptor = accepted.pop("StorageDescriptor", {})
    table = Table(
        database=raw.get("DatabaseName", ""),
        name=accepted.pop("Name"),
        columns=_columns(stored.get("Columns") or ()),
        partition_keys=_columns(raw.get("PartitionKeys") or ()),
        description=accepted.pop("Description", None) or None,
        table_type=accepted.pop("TableType", None) or None,
        parameters=parameters(accepted.pop("Parameters", {})),
        rest=canonical_json(
            {**accepted, "StorageDescriptor": descriptor} if descriptor else accepted
        ),
    )
    return CurrentTable(unpack_names(table), raw.get("VersionId"), _unwritable(raw, table))


def table_input(table: Table) -> dict[str, Any]:
    """Return the TableInput of exactly this table, with packed names if it asks for them.

    PartitionKeys and Columns are always present (Athena requires at least empty lists, Glue API
    model). SerdeInfo is always present, because old versions of Trino fail with a
    null pointer without it.
    """
    table = pack_names(table)
    rest = json.loads(table.rest)
    descriptor = rest.pop("StorageDescriptor", {})
    descriptor["SerdeInfo"] = descriptor.get("SerdeInfo") or {"Parameters": {}}
    optional = {
        "Description": table.description,
        "TableType": table.table_type,
        "Parameters": dict(table.parameters),
    }
    return {
        **rest,
        "Name": table.name,
        **_present(optional),
        "StorageDescriptor": {**descriptor, "Columns": [_column(c) for c in table.columns]},
        "PartitionKeys": [_column(c) for c in table.partition_keys],
    }


def database_from_glue(raw: Mapping[str, Any]) -> Database:
    """Return a database of GetDatabase or GetDatabases."""
    accepted = _accepted(raw, _shape("DatabaseInput"))
    return Database(
        name=accepted.pop("Name"),
        description=accepted.pop("Description", None) or None,
        parameters=parameters(accepted.pop("Parameters", {})),
        rest=canonical_json(accepted),
        link=_link(raw),
    )


def database_input(database: Database) -> dict[str, Any]:
    """Return the DatabaseInput of exactly this database."""
    optional = {"Description": database.description, "Parameters": dict(database.parameters)}
    return {**json.loads(database.rest), "Name": database.name, **_present(optional)}


@cache
def _model() -> "ServiceModel":
    return botocore.session.get_session().get_service_model("glue")


@cache
def _shape(name: str) -> "Shape":
    return _model().shape_for(name)


def _accepted(value: Any, shape: Any) -> Any:
    """Return the part of an answer that a request of this shape accepts, as JSON values."""
    if value is None:
        return None
    match shape.type_name:
        case "structure":
            members = shape.members
            pairs = ((k, v, members[k]) for k, v in value.items() if k in members)
            return {k: _accepted(v, member) for k, v, member in pairs if _may_be_sent(v, member)}
        case "list":
            return [_accepted(item, shape.member) for item in value]
        case "map":
            # All maps of Glue map text to text, and "" is a value in them.
            return dict(value)
        case _:
            return _scalar(value, shape.type_name)


def _may_be_sent(value: Any, shape: Any) -> bool:
    """Return whether a request accepts a value of an answer; some members must not be empty."""
    if value is None:
        return False
    if value in ("", [], {}):
        return not shape.metadata.get("min") and not getattr(shape, "required_members", ())
    return shape.type_name != "structure" or any(member in shape.members for member in value)


def _scalar(value: Any, kind: str) -> Any:
    if kind == "timestamp" and isinstance(value, datetime):
        # ISO 8601 text is JSON, and botocore accepts it as a timestamp; old versions of botocore
        # send whole seconds only.
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat(timespec="seconds")
    if kind in {"integer", "long"}:
        return int(value)
    if kind in {"float", "double"}:
        return float(value)
    return value


def _present(pairs: Mapping[str, Any]) -> dict[str, Any]:
    # Not `if value`: False and 0 are values (Retention, Compressed).
    return {key: value for key, value in pairs.items() if value not in (None, "", {}, [])}


def _columns(raw: Iterable[Mapping[str, Any]]) -> tuple[Column, ...]:
    return tuple(
        Column(
            name=column["Name"],
            type=column.get("Type") or "",
            comment=column.get("Comment") or None,
            parameters=parameters(column.get("Parameters") or {}),
        )
        for column in raw
    )


def _column(column: Column) -> dict[str, Any]:
    optional = {
        "Type": column.type,
        "Comment": column.comment,
        "Parameters": dict(column.parameters),
    }
    return {"Name": column.name, **_present(optional)}


def _unwritable(raw: Mapping[str, Any], table: Table) -> str | None:
    for member, reason in _UNWRITABLE.items():
        if raw.get(member):
            return reason
    if (table.parameter("table_type") or "").upper() == "ICEBERG":
        return _UNWRITABLE["IcebergTableMetadata"]
    descriptor = raw.get("StorageDescriptor") or {}
    columns = [*(descriptor.get("Columns") or []), *(raw.get("PartitionKeys") or [])]
    unknown = sorted({member for column in columns for member in column} - _COLUMN_MEMBERS)
    if unknown:
        return f"its columns have members that this version would lose: {', '.join(unknown)}"
    return None


def _link(raw: Mapping[str, Any]) -> str | None:
    if target := raw.get("TargetDatabase"):
        return _path(target, "Region", "CatalogId", "DatabaseName")
    if federated := raw.get("FederatedDatabase"):
        return _path(federated, "ConnectionType", "ConnectionName", "Identifier")
    return None


def _path(pointer: Mapping[str, str], *members: str) -> str:
    return "/".join(pointer[member] for member in members if pointer.get(member))
