"""Reads the tables that a text of SQL or SQLScript names."""

from dataclasses import dataclass

from datasphere_glue.datasphere.csn.sql.names import Name
from datasphere_glue.datasphere.csn.sql.statements import ScriptReader
from datasphere_glue.datasphere.csn.sql.tokens import Unreadable, read_tokens


@dataclass(frozen=True, slots=True)
class SqlSources:
    """The tables that a text reads.

    `tables`: each once, in the order of the text, as the parts of its name.
    `doubts`: why further tables may be missing; empty where the text was understood.
    """

    tables: tuple[Name, ...] = ()
    doubts: tuple[str, ...] = ()


def read_sources(sql: str) -> SqlSources:
    """Return the tables and views that a text reads; total, and linear in the text.

    TextNames that the text defines itself are no tables: those of WITH in their scope, variables,
    aliases. Neither are tables that it only writes, and functions of HANA that return rows.
    """
    try:
        tokens = read_tokens(sql)
    except Unreadable as error:
        return SqlSources(doubts=(str(error),))
    reader = ScriptReader(tokens)
    reader.read(tokens)
    found = reader.found
    tables = sorted(found.tables, key=lambda name: found.tables[name])
    return SqlSources(tuple(tables), tuple(map(str, found.doubts)))
