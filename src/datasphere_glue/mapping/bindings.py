"""Tables bound to data: files on S3 that Athena queries, or a connection that Glue jobs use.

A view of Datasphere has no files, so a table has no location unless the configuration binds it to
where a replication flow lands its data. Formats and serialisers are those that Athena and AWS SDK
for pandas write; `EXTERNAL=TRUE` is what Hive's clients decide by.
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
    """How files of one format are read."""

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
    """Files on S3: `location` holds placeholders, `format` is one of FORMATS.

    `partitions` names the partition keys in their order: an exact SAP column name with None, or a
    name of its own with its Glue type. `replicated` tells that a replication flow writes the files;
    `delimiter` and `header` are those of CSV.
    """

    location: str
    format: str = "parquet"
    partitions: tuple[tuple[str, str | None], ...] = ()
    replicated: bool = False
    delimiter: str = ","
    header: bool = True


@dataclass(frozen=True, slots=True)
class Binding:
    """What the assets of a glob over `SPACE.asset` are bound to."""

    asset: str
    files: Files | None = None
    connection: str | None = None


def apply_bindings(table: Table, bindings: Iterable[Binding]) -> Table:
    """Return the table as the first binding that fits its asset makes it, as it is without one."""
    space, asset = table.asset
    for binding in bindings:
        if fnmatchcase(f"{space}.{asset}", binding.asset):
            linked = _connected(table, binding.connection)
            return _stored(linked, binding.files) if binding.files else linked
    return table


def _connected(table: Table, connection: str | None) -> Table:
    if connection is None:
        return table
    return _with(table, {"connectionName": connection})


def _stored(table: Table, files: Files) -> Table:
    form = FORMATS[files.format]
    columns, keys = _split(table, files)
    readable = tuple(_readable(column, form) for column in columns)
    told = {"classification": files.format, "typeOfData": "file", "EXTERNAL": "TRUE"}
    serde = {"serialization.format": "1"}
    if files.format == "csv":
        serde = {"field.delim": files.delimiter, "serialization.format": files.delimiter}
        told |= {"skip.header.line.count": "1"} if files.header else {}
    descriptor = {
        "Location": _location(table, files.location),
        "InputFormat": form.input,
        "OutputFormat": form.output,
        "SerdeInfo": {"SerializationLibrary": form.library, "Parameters": serde},
    }
    held = {column.name for column in (*columns, *keys)}
    added = [column for column in REPLICATION if files.replicated and column.name not in held]
    return replace(
        _with(table, told),
        columns=(*readable, *added),
        partition_keys=keys,
        rest=canonical_json({"StorageDescriptor": descriptor}),
    )


def _split(table: Table, files: Files) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """Return the columns that stand in the files, and the partition keys.

    A column of SAP that is a partition key keeps its place among the others in a parameter, so that
    the asset can be read back in its own order. A name of its own that is a Glue column's is that
    column, for no table holds a name twice. A type that no folder can
    be named by becomes text.
    """
    names = {sap_name(column): column for column in table.columns}
    glue_names = {column.name: column for column in table.columns}
    places = {column.name: place for place, column in enumerate(table.columns)}
    keys: dict[str, Column] = {}
    for name, kind in files.partitions:
        own = glue_name(name, "c_")
        known = names.get(name) or glue_names.get(own)
        if (known.name if known else own) in keys:
            continue
        if known is None:
            keys[own] = Column(own, kind or "string")
        else:
            place = {_POSITION: str(places[known.name])}
            marked = parameters({**dict(known.parameters), **place})
            key = replace(known, type=kind or known.type, parameters=marked)
            keys[known.name] = _as_text(key) if _is_nested(key) or key.type == "binary" else key
    return tuple(c for c in table.columns if c.name not in keys), tuple(keys.values())


def _readable(column: Column, form: Format) -> Column:
    fits = form.binary if column.type == "binary" else form.nested or not _is_nested(column)
    return column if fits else _as_text(column)


def _is_nested(column: Column) -> bool:
    return column.type.startswith(("array<", "struct<", "map<"))


def _as_text(column: Column) -> Column:
    loss = f"{column.type} is read as text from these files"
    marked = parameters({**dict(column.parameters), LOSS: loss})
    return replace(column, type="string", parameters=marked)


def _location(table: Table, template: str) -> str:
    space, asset = table.asset
    return template.format(space=space, asset=asset, database=table.database, table=table.name)


def _with(table: Table, pairs: Mapping[str, str]) -> Table:
    return replace(table, parameters=parameters({**dict(table.parameters), **pairs}))
