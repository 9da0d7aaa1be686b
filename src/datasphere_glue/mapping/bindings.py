"""Binds tables to data: files on S3 that Athena queries, or a connection that Glue jobs use.

A view of Datasphere has no files, so a table has no location by default. The configuration can
bind it to the folder that a replication flow writes to. Formats and serialisers are those that
Athena and AWS SDK for pandas write. Hive clients recognise an external table by `EXTERNAL=TRUE`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Final

from datasphere_glue.mapping.context import POSITION
from datasphere_glue.mapping.names import glue_name
from datasphere_glue.model.glue_keys import column_key
from datasphere_glue.model.table import Column, Table, canonical_json, parameters, sap_name

LOSS: Final = column_key("loss")
_POSITION: Final = column_key(POSITION)
_UNREAD: Final = column_key("unread")
PLACEHOLDERS: Final = ("space", "asset", "database", "table")
REPLICATION: Final = (
    Column("__operation_type", "string", "Replication flow: L, I, U, A, B, X, D or M"),
    Column("__sequence_number", "bigint", "Replication flow: order within the source"),
    Column("__timestamp", "timestamp", "Replication flow: when the row was written, UTC"),
)
"""The columns that a replication flow adds to every file (SAP Datasphere, replication flows)."""

_TEXT_INPUT: Final = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT: Final = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
_PARQUET: Final = "org.apache.hadoop.hive.ql.io.parquet."


@dataclass(frozen=True, slots=True)
class Format:
    """How Hive-compatible engines read files of one format.

    `input`, `output`, `library`: Java class names of input format, output format and serialiser.
    `nested`: True when the serialiser reads arrays, structs and maps.
    `binary`: True when the serialiser reads binary columns.
    """

    input: str
    output: str
    library: str
    nested: bool = True
    binary: bool = True


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "parquet": Format(
            _PARQUET + "MapredParquetInputFormat",
            _PARQUET + "MapredParquetOutputFormat",
            _PARQUET + "serde.ParquetHiveSerDe",
        ),
        "csv": Format(
            _TEXT_INPUT,
            _TEXT_OUTPUT,
            "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            nested=False,
            binary=False,
        ),
        "json": Format(
            _TEXT_INPUT, _TEXT_OUTPUT, "org.openx.data.jsonserde.JsonSerDe", binary=False
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Files:
    """Files on S3.

    `location`: S3 URI with placeholders (PLACEHOLDERS).
    `format`: one of FORMATS.
    `partitions`: partition keys in their order: an exact SAP column name with None, or a new
        column with its Glue type.
    `replicated`: True when a replication flow writes the files.
    `delimiter`: separator of CSV fields.
    `header`: True when the first line of a CSV file is a header.
    """

    location: str
    format: str = "parquet"
    partitions: tuple[tuple[str, str | None], ...] = ()
    replicated: bool = False
    delimiter: str = ","
    header: bool = True


@dataclass(frozen=True, slots=True)
class Binding:
    """The data that assets are bound to.

    `asset`: glob over `SPACE.asset`, case sensitive.
    `files`: files on S3, None for none.
    `connection`: name of a Glue connection, None for none.
    """

    asset: str
    files: Files | None = None
    connection: str | None = None


def apply_bindings(table: Table, bindings: Iterable[Binding]) -> Table:
    """Return the table with the first binding that matches its asset, unchanged without one."""
    space, asset = table.asset
    for binding in bindings:
        if fnmatchcase(f"{space}.{asset}", binding.asset):
            connected = _with_connection(table, binding.connection)
            return _with_files(connected, binding.files) if binding.files else connected
    return table


def _with_connection(table: Table, connection: str | None) -> Table:
    if connection is None:
        return table
    return _with_parameters(table, {"connectionName": connection})


def _with_files(table: Table, files: Files) -> Table:
    file_format = FORMATS[files.format]
    columns, keys = _split_columns(table, files)
    readable = tuple(_readable_column(column, file_format) for column in columns)
    pairs = {"classification": files.format, "typeOfData": "file", "EXTERNAL": "TRUE"}
    serde = {"serialization.format": "1"}
    if files.format == "csv":
        serde = {"field.delim": files.delimiter, "serialization.format": files.delimiter}
        pairs |= {"skip.header.line.count": "1"} if files.header else {}
    descriptor = {
        "Location": _location(table, files.location),
        "InputFormat": file_format.input,
        "OutputFormat": file_format.output,
        "SerdeInfo": {"SerializationLibrary": file_format.library, "Parameters": serde},
    }
    names = {column.name for column in (*columns, *keys)}
    added = [column for column in REPLICATION if files.replicated and column.name not in names]
    return replace(
        _with_parameters(table, pairs),
        columns=(*readable, *added),
        partition_keys=keys,
        rest=canonical_json({"StorageDescriptor": descriptor}),
    )


def _split_columns(table: Table, files: Files) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """Return the columns in the files, and the partition keys.

    A partition key that is an SAP column keeps its position in a parameter, so that the asset can
    be read back in its order. A new key with the name of a Glue column is that column, because
    column names are unique. A type that a folder name cannot express becomes text.
    """
    by_sap_name = {sap_name(column): column for column in table.columns}
    by_glue_name = {column.name: column for column in table.columns}
    places = {column.name: place for place, column in enumerate(table.columns)}
    keys: dict[str, Column] = {}
    for name, kind in files.partitions:
        new_name = glue_name(name, "c_")
        column = by_sap_name.get(name) or by_glue_name.get(new_name)
        if (column.name if column else new_name) in keys:
            continue
        if column is None:
            keys[new_name] = Column(new_name, kind or "string")
        else:
            place = {_POSITION: str(places[column.name])}
            column_parameters = parameters({**dict(column.parameters), **place})
            key = replace(column, type=kind or column.type, parameters=column_parameters)
            keys[column.name] = _to_text(key) if _is_nested(key) or key.type == "binary" else key
    return tuple(c for c in table.columns if c.name not in keys), tuple(keys.values())


def _readable_column(column: Column, file_format: Format) -> Column:
    fits = (
        file_format.binary
        if column.type == "binary"
        else file_format.nested or not _is_nested(column)
    )
    return column if fits else _to_text(column)


def _is_nested(column: Column) -> bool:
    return column.type.startswith(("array<", "struct<", "map<"))


def _to_text(column: Column) -> Column:
    current = dict(column.parameters)
    unread = f"{current[_UNREAD]}; " if _UNREAD in current else ""
    loss = f"{unread}{column.type} is read as text from these files"
    column_parameters = parameters({**current, LOSS: loss})
    return replace(column, type="string", parameters=column_parameters)


def _location(table: Table, template: str) -> str:
    space, asset = table.asset
    return template.format(space=space, asset=asset, database=table.database, table=table.name)


def _with_parameters(table: Table, pairs: Mapping[str, str]) -> Table:
    return replace(table, parameters=parameters({**dict(table.parameters), **pairs}))
