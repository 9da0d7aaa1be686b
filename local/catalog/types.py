"""Which column types Athena can read: the grammar of Hive types, as its DDL and Glue spell them.

Glue itself stores any text; one type that does not parse makes Athena refuse the whole table.
Source: Athena user guide, "Data types"; Hive's TypeInfo grammar (lower case, no blanks).
"""

import re
from typing import Final

_PRIMITIVES: Final = frozenset(
    {
        "boolean",
        "tinyint",
        "smallint",
        "int",
        "bigint",
        "float",
        "double",
        "decimal",
        "string",
        "binary",
        "date",
        "timestamp",
    }
)
_DECIMAL: Final = re.compile(r"decimal\((\d{1,2}),(\d{1,2})\)")
_TEXT: Final = re.compile(r"(char|varchar)\((\d{1,5})\)")
_LONGEST: Final = {"char": 255, "varchar": 65_535}
_MAX_PRECISION: Final = 38
_FIELD: Final = re.compile(r"[A-Za-z0-9_.]+")


def column_type_is_valid(text: str) -> bool:
    """Return whether Athena can parse a column type."""
    if text.startswith("array<") and text.endswith(">"):
        return column_type_is_valid(text[6:-1])
    if text.startswith("map<") and text.endswith(">"):
        key, *values = _parts(text[4:-1])
        return len(values) == 1 and _is_primitive(key) and column_type_is_valid(values[0])
    if text.startswith("struct<") and text.endswith(">"):
        return all(_is_field(part) for part in _parts(text[7:-1]))
    return _is_primitive(text)


def _is_primitive(text: str) -> bool:
    if match := _DECIMAL.fullmatch(text):
        precision, scale = int(match[1]), int(match[2])
        return 1 <= precision <= _MAX_PRECISION and scale <= precision
    if match := _TEXT.fullmatch(text):
        return 1 <= int(match[2]) <= _LONGEST[match[1]]
    return text in _PRIMITIVES


def _is_field(text: str) -> bool:
    name, _, kind = text.partition(":")
    return bool(_FIELD.fullmatch(name)) and column_type_is_valid(kind)


def _parts(text: str) -> list[str]:
    """Split at the commas that stand outside of brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts
