"""Leaves the exact names of columns out of a request that would be too large with them.

Most SAP names differ from their Glue name only in case. `datasphere.column_names` of a table then
holds which letters are small, instead of a name in each column:

    1a2b3c4d:,=,1e,-

First the digest of the Glue names of all columns without a name of their own, then one word for
each: empty for capitals only, `=` for the Glue name itself, hexadecimal bits of the small letters,
or `-` for a column that is not from SAP. A table that was read has all names in its columns, and
PACKED in their place.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from datasphere_glue.model.applied import digest
from datasphere_glue.model.glue_keys import column_key, table_key
from datasphere_glue.model.table import Column, Table, parameters, sap_name

COLUMN_NAMES: Final = table_key("column_names")
PACKED: Final = "packed"
_NAME: Final = column_key("name")
_FOREIGN: Final = "-"
_SAME: Final = "="
_WORD: Final = re.compile(f"[0-9a-f]*|{_SAME}|{_FOREIGN}")


def pack_names(table: Table) -> Table:
    """Return the table as it is sent: unchanged, unless its names are to be packed."""
    if table.parameter(COLUMN_NAMES) != PACKED:
        return table
    words = [_word(column) for column in table.columns]
    packed = [column for column, word in zip(table.columns, words, strict=True) if word is not None]
    text = f"{_digest(packed)}:{','.join(word for word in words if word is not None)}"
    return replace(
        table.with_parameters(column_names=text),
        columns=tuple(
            column if word is None else _without_name(column)
            for column, word in zip(table.columns, words, strict=True)
        ),
    )


def unpack_names(table: Table) -> Table:
    """Return the table with the names in its columns: the inverse of `pack_names`.

    Unchanged if somebody changed the columns since, so that the names cannot be assigned.
    """
    stored, colon, text = (table.parameter(COLUMN_NAMES) or "").partition(":")
    if not colon:
        return table
    unnamed = [column for column in table.columns if sap_name(column) is None]
    words = text.split(",") if unnamed else []
    readable = len(words) == len(unnamed) and all(map(_WORD.fullmatch, words))
    if stored != _digest(unnamed) or not readable:
        return table
    rest = iter(words)
    return replace(
        table.with_parameters(column_names=PACKED),
        columns=tuple(
            _with_name(column, next(rest)) if sap_name(column) is None else column
            for column in table.columns
        ),
    )


def _digest(columns: Iterable[Column]) -> str:
    return digest(",".join(column.name for column in columns))


def _word(column: Column) -> str | None:
    """Return the word of a column, None if its name cannot be packed."""
    name = sap_name(column)
    if name is None:
        return _FOREIGN
    if name == column.name:
        return _SAME
    if not name.isascii() or name.lower() != column.name:
        return None
    bits = sum(1 << place for place, letter in enumerate(name) if letter.islower())
    return f"{bits:x}" if bits else ""


def _with_name(column: Column, word: str) -> Column:
    if word == _FOREIGN:
        return column
    name = column.name if word == _SAME else "".join(_letters(column.name, word))
    return replace(column, parameters=parameters({**dict(column.parameters), _NAME: name}))


def _letters(name: str, word: str) -> Iterator[str]:
    bits = int(word or "0", 16)
    for place, letter in enumerate(name):
        yield letter if bits >> place & 1 else letter.upper()


def _without_name(column: Column) -> Column:
    return replace(column, parameters=tuple(p for p in column.parameters if p[0] != _NAME))
