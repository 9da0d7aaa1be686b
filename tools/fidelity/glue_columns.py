"""The columns of a Glue table, in the order of SAP and under their exact names.

A very wide table holds names in `datasphere.column_names` alone: after a digest one word for each
column without a name, which is empty for capitals only, `=` for the name in Glue, `-` for a column
that is not from SAP, else hexadecimal bits of the small letters.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

PREFIX: Final = "datasphere."

_SAME: Final = "="
_FOREIGN: Final = "-"


class GlueColumn(NamedTuple):
    """One column: exact name, type and comment in Glue, and our parameters without prefix."""

    name: str
    type: str
    comment: str
    about: Mapping[str, str]


def own_parameters(holder: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters of ours, without prefix."""
    parameters: Mapping[str, str] = holder.get("Parameters", {})
    return {
        key.removeprefix(PREFIX): text for key, text in parameters.items() if key.startswith(PREFIX)
    }


def columns_of(table: Mapping[str, Any]) -> list[GlueColumn]:
    """Return the columns of SAP, partition keys in their places."""
    packed = iter(own_parameters(table).get("column_names", ":").partition(":")[2].split(","))
    plain = table.get("StorageDescriptor", {}).get("Columns", [])
    columns = list(_named(plain, packed))
    keys = list(_named(table.get("PartitionKeys", []), iter(())))
    for key in sorted(keys, key=_position):
        columns.insert(_position(key), key)
    return columns


def _named(columns: list[Mapping[str, Any]], packed: Iterator[str]) -> Iterator[GlueColumn]:
    for column in columns:
        about = own_parameters(column)
        name = about.get("name")
        if name is None:
            name = _unpacked(column["Name"], next(packed, _FOREIGN))
        if name is not None:
            yield GlueColumn(name, column["Type"], column.get("Comment", ""), about)


def _unpacked(name: str, word: str) -> str | None:
    if word in {_SAME, _FOREIGN}:
        return name if word == _SAME else None
    bits = int(word or "0", 16)
    return "".join(c if bits >> place & 1 else c.upper() for place, c in enumerate(name))


def _position(column: GlueColumn) -> int:
    return int(column.about.get("position", "0"))
