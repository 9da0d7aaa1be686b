"""The words of SAP HANA's SQL that decide where tables are named."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

SET_OPERATORS: Final = frozenset({"UNION", "EXCEPT", "INTERSECT", "MINUS"})
AFTER_SET_OPERATOR: Final = frozenset({"ALL", "DISTINCT"})
ENDS_OF_FROM: Final = SET_OPERATORS | {
    *("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "FOR", "INTO", "SELECT", "FROM"),
}
JOIN_WORDS: Final = frozenset(
    {
        *("AS", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS", "NATURAL"),
        *("MANY", "ONE", "EXACT", "TO", "TABLESAMPLE", "BERNOULLI", "SYSTEM"),
    }
)
"""Words that may stand between a table and the next one."""

TEMPORAL: Final = frozenset({"SYSTEM_TIME", "APPLICATION_TIME"})

RESERVED: Final = frozenset(
    {
        *("ALL", "ALTER", "AS", "BEFORE", "BEGIN", "BOTH", "CASE", "CHAR", "CONDITION", "CONNECT"),
        *("CROSS", "CUBE", "CURRENT_CONNECTION", "CURRENT_DATE", "CURRENT_SCHEMA"),
        *("CURRENT_TIME", "CURRENT_TIMESTAMP", "CURRENT_TRANSACTION_ISOLATION_LEVEL"),
        *("CURRENT_USER", "CURRENT_UTCDATE", "CURRENT_UTCTIME", "CURRENT_UTCTIMESTAMP"),
        *("CURRVAL", "CURSOR", "DECLARE", "DEFERRED", "DISTINCT", "ELSE", "ELSEIF", "END"),
        *("EXCEPT", "EXCEPTION", "EXEC", "FALSE", "FOR", "FROM", "FULL", "GROUP", "HAVING", "IF"),
        *("IN", "INNER", "INOUT", "INTERSECT", "INTO", "IS", "JOIN", "LATERAL", "LEADING", "LEFT"),
        *("LIMIT", "LOOP", "MINUS", "NATURAL", "NCHAR", "NEXTVAL", "NULL", "ON", "ORDER", "OUT"),
        *("PRIOR", "RETURN", "RETURNS", "REVERSE", "RIGHT", "ROLLUP", "ROWID", "SELECT"),
        *("SESSION_USER", "SET", "SQL", "START", "SYSUUID", "TABLESAMPLE", "TOP", "TRAILING"),
        *("TRUE", "UNION", "UNKNOWN", "USING", "UTCTIMESTAMP", "VALUES", "WHEN", "WHERE", "WHILE"),
        "WITH",
    }
)
"""Words that name nothing unless they are quoted (SAP HANA's reserved words)."""


class RowSource(StrEnum):
    """What a built-in function that returns rows can read."""

    QUERIES = "queries in its arguments only"
    DOCUMENT = "a column, which names its table where FROM does not"
    SOURCE = "the table after SOURCE"
    SERIES = "tables after SERIES TABLE"
    UNKNOWN = "objects that its arguments do not show"


_TYPES: Final = (
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "SMALLDECIMAL", "DECIMAL", "REAL", "DOUBLE"),
    *("TIME", "DATE", "SECONDDATE", "TIMESTAMP"),
)
ROW_MAKERS: Final[Mapping[str, RowSource]] = MappingProxyType(
    {
        "JSON_TABLE": RowSource.DOCUMENT,
        "XMLTABLE": RowSource.DOCUMENT,
        "UNNEST": RowSource.QUERIES,
        "SERIES_GENERATE": RowSource.SERIES,
        "SERIES_DISAGGREGATE": RowSource.SERIES,
        "SERIES_EXPAND": RowSource.SERIES,
        **{
            f"SERIES_{verb}_{kind}": RowSource.QUERIES
            for verb in ("GENERATE", "DISAGGREGATE", "EXPAND")
            for kind in _TYPES
        },
        "STRING_TOKENIZE": RowSource.QUERIES,
        "HIERARCHY": RowSource.SOURCE,
        "HIERARCHY_SPANTREE": RowSource.SOURCE,
        "HIERARCHY_TEMPORAL": RowSource.SOURCE,
        "HIERARCHY_LEVELED": RowSource.SOURCE,
        "HIERARCHY_DESCENDANTS": RowSource.SOURCE,
        "HIERARCHY_ANCESTORS": RowSource.SOURCE,
        "HIERARCHY_SIBLINGS": RowSource.SOURCE,
        "HIERARCHY_DESCENDANTS_AGGREGATE": RowSource.SOURCE,
        "HIERARCHY_ANCESTORS_AGGREGATE": RowSource.SOURCE,
        "HIERARCHY_COMPOSITE": RowSource.SOURCE,
        "OPENCYPHER_TABLE": RowSource.UNKNOWN,
        "GRAPH_TABLE": RowSource.UNKNOWN,
        "TABLE": RowSource.UNKNOWN,
    }
)
"""Built-in functions that return rows, in FROM: they are no objects."""

FAMILIES: Final = ("SERIES_", "HIERARCHY_", "STRING_TOKENIZE")
"""Prefixes of built-in functions, for members that `ROW_MAKERS` does not know."""

FIRST_IS_TABLE: Final = frozenset(
    {
        *("APPLY_FILTER", "MAP_MERGE", "MAP_REDUCE"),
        *("CE_COLUMN_TABLE", "CE_JOIN_VIEW", "CE_OLAP_VIEW", "CE_CALC_VIEW"),
    }
)
"""Operators of SQLScript whose first argument is a table or table variable."""

MAPPERS: Final = frozenset({"MAP_MERGE", "MAP_REDUCE"})
"""Operators whose further arguments are table functions."""

VARIABLES_ONLY: Final = "CE_"
"""Prefix of the other operators of SQLScript, which read table variables."""

CONVERSION: Final = "CE_CONVERSION"
"""The operator that reads tables of currencies or units that it does not name."""

SYSTEM: Final = "SYS"
LIBRARY: Final = "SQLSCRIPT_"
"""Prefix of the libraries that SAP delivers; they read no tables."""

METHOD: Final = "ST_"
"""Prefix of the methods of spatial values."""


class Doubt(StrEnum):
    """Why sources of a text may be missing; none quotes the text."""

    DYNAMIC = "a statement built at run time is not followed"
    CALL = "a called procedure is not followed"
    FUNCTION = "a function called outside of FROM is not followed"
    ASSOCIATION = "an association in FROM is not followed"
    VARIABLE = "a name stands for a table or a variable"
    ARGUMENT = "an argument of a function may be a table"
    PART = "a part of it is not understood"
