"""What a name of SQL stands for: an object, or something that the text itself defines."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from datasphere_glue.datasphere.csn.sql.words import LIBRARY, Doubt

Name = tuple[str, ...]
"""The parts of a dotted name, as HANA stores them."""

_DUMMY: Final = frozenset({("DUMMY",), ("SYS", "DUMMY")})
_TEMPORARY: Final = "#"
"""Begins the name of a table that lives as long as a session."""


@dataclass(slots=True)
class QueryNames:
    """The names that one query defines.

    `selects`: a SELECT of it was read.
    `queries`: names defined by WITH.
    `aliases`: names of the tables in FROM.
    `documents`: tables that a document function may name, each with its position.
    """

    selects: bool = False
    queries: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    documents: list[tuple[Name, int]] = field(default_factory=list)


@dataclass(slots=True)
class TextNames:
    """The tables that a text names, and the names that it defines.

    `tables`: each table with its first position.
    `doubts`: why tables may be missing.
    `variables`: names that the script assigned or declared so far.
    `opaque`: those variables whose rows come from a function.
    `routines`: functions and procedures that the script defines.
    `libraries`: other names of SAP's libraries.
    `written`: the table that the current statement writes.
    `queries`, `aliases`: the names of all open scopes, counted.
    """

    tables: dict[Name, int] = field(default_factory=dict)
    doubts: dict[Doubt, None] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)
    routines: set[str] = field(default_factory=set)
    libraries: set[str] = field(default_factory=set)
    written: Name | None = None
    queries: Counter[str] = field(default_factory=Counter)
    aliases: Counter[str] = field(default_factory=Counter)

    def doubt(self, doubt: Doubt) -> None:
        """Record why tables may be missing."""
        self.doubts[doubt] = None

    def define(self, query: str, scope: QueryNames) -> None:
        """Open the scope of a name that WITH defines."""
        scope.queries.append(query)
        self.queries[query] += 1

    def alias(self, name: str, scope: QueryNames) -> None:
        """Open the scope of a name of a table in FROM."""
        scope.aliases.append(name)
        self.aliases[name] += 1

    def leave(self, scope: QueryNames) -> None:
        """Close the scope of a query, and record the tables that its document functions read."""
        for name, at in scope.documents:
            if name[0] not in self.aliases:
                self.claim(name, at)
        for counted, names in ((self.queries, scope.queries), (self.aliases, scope.aliases)):
            for one in names:
                counted[one] -= 1
                if not counted[one]:
                    del counted[one]

    def claim(self, name: Name, at: int) -> None:
        """Record a table, unless the text defines the name or it stands for no object."""
        only = name[0] if len(name) == 1 else ""
        if only in self.queries or name in _DUMMY or only.startswith(_TEMPORARY):
            return
        if only in self.variables and name not in self.tables:
            self.doubt(Doubt.VARIABLE)
        elif name != self.written:
            self.tables[name] = min(at, self.tables.get(name, at))

    def may_be_column(self, name: Name) -> bool:
        """Return whether a name can be a column of a table in an open FROM."""
        return name[0] in self.aliases if len(name) > 1 else bool(self.aliases)

    def use_variable(self, name: str) -> None:
        """Record that the rows of a variable are read."""
        if name in self.opaque:
            self.doubt(Doubt.FUNCTION)

    def use_library(self, name: str) -> None:
        """Record that a function of a library is called; those of SAP read no tables."""
        if name not in self.libraries and not name.startswith(LIBRARY):
            self.doubt(Doubt.FUNCTION)
