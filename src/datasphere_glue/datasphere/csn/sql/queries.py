"""Reads the tables that queries name, one pair of brackets after the other.

A method that returns `Level` reads what one pair of brackets holds; it yields the levels inside.
`read_levels` runs them by a stack of its own, so that the depth of a text costs no recursion. A
method that returns `Walk` reads a part of a level and returns the position after it.
"""

from collections.abc import Generator  # noqa: TC003 - the aliases are values for the docs
from typing import Final, TypeAlias

from datasphere_glue.datasphere.csn.sql.names import Name, QueryNames, TextNames
from datasphere_glue.datasphere.csn.sql.tokens import QUOTED, Tokens
from datasphere_glue.datasphere.csn.sql.words import (
    AFTER_SET_OPERATOR,
    CONVERSION,
    ENDS_OF_FROM,
    FAMILIES,
    FIRST_IS_TABLE,
    JOIN_WORDS,
    MAPPERS,
    METHOD,
    RESERVED,
    ROW_MAKERS,
    SET_OPERATORS,
    SYSTEM,
    TEMPORAL,
    VARIABLES_ONLY,
    Doubt,
    RowSource,
)

Level: TypeAlias = "Generator[Level, None, None]"
Walk: TypeAlias = "Generator[Level, None, int]"
_BRACKETS: Final = frozenset("([")
_BREAKS: Final = SET_OPERATORS | {"SELECT", ";"}
_BREAKS_OF_QUERY: Final = _BREAKS | {"FROM"}
_NEXT_TABLE: Final = frozenset({",", "JOIN"})
_QUERY: Final = frozenset({"SELECT", "WITH", "("})


def read_levels(first: Level) -> None:
    """Run a level and all levels inside it, in the order of the text."""
    stack = [first]
    while stack:
        inner = next(stack[-1], None)
        if inner is None:
            stack.pop()
        else:
            stack.append(inner)


class TableReader:
    """Walks the levels of a text and gives every name to `found`."""

    def __init__(self, tokens: Tokens) -> None:
        self.symbols, self.names, self.closing = tokens.symbols, tokens.names, tokens.closing
        self.found = TextNames()

    def named(self, at: int) -> bool:
        """Return whether a token can name something."""
        return bool(self.names[at]) and self.symbols[at] not in RESERVED

    def dotted(self, at: int) -> tuple[Name, int]:
        """Return the dotted name that begins at a token, and the position after it."""
        parts = [self.names[at]]
        at += 1
        while self.symbols[at] == "." and self.names[at + 1]:
            parts.append(self.names[at + 1])
            at += 2
        return tuple(parts), at

    def level(self, at: int, end: int) -> Level:
        """Read queries with their set operators, or an expression."""
        scope = QueryNames()
        at = yield from self._operand(at, end, scope)
        yield from self._rest(at, end, scope)
        self.found.leave(scope)

    def from_clause(self, at: int, end: int, scope: QueryNames) -> Level:
        """Read the tables of FROM, what follows them, and close their scope."""
        at = yield from self._tables(at, end, scope)
        yield from self._rest(at, end, scope)
        self.found.leave(scope)

    def table(self, at: int, end: int) -> Walk:
        """Read one table and return the position after it; its alias is not read."""
        scope = QueryNames()
        at = yield from self._table(at, end, scope)
        self.found.leave(scope)
        return at

    def expression(self, at: int, end: int, stops: frozenset[str]) -> Walk:
        """Read an expression up to one of the symbols outside of its brackets."""
        while at < end:
            if self.symbols[at] in stops and not self._compares(at):
                return at
            if self.symbols[at] in _BRACKETS:
                yield self._bracket(at)
                at = self.closing[at]
            at += 1
        return end

    def _compares(self, at: int) -> bool:
        """Return whether a token is the FROM of IS [NOT] DISTINCT FROM."""
        before = self.symbols[at - 2]
        return self.symbols[at - 1] == "DISTINCT" and before in {"IS", "NOT"}

    def _operand(self, at: int, end: int, scope: QueryNames) -> Walk:
        """Read WITH and SELECT up to the end of FROM, if there is a query."""
        at = yield from self._with(at, end, scope)
        if at < end and self.symbols[at] == "SELECT":
            scope.selects = True
            at = yield from self.expression(at + 1, end, _BREAKS_OF_QUERY)
            if at < end and self.symbols[at] == "FROM":
                at = yield from self._tables(at + 1, end, scope)
        return at

    def _rest(self, at: int, end: int, scope: QueryNames) -> Level:
        """Read what follows FROM, and the further queries after set operators."""
        while True:
            stops = _BREAKS_OF_QUERY if scope.selects else _BREAKS
            at = yield from self.expression(at, end, stops)
            if at >= end:
                return
            if self.symbols[at] in SET_OPERATORS:
                at += 1 + (self.symbols[at + 1] in AFTER_SET_OPERATOR)
                understood = self.symbols[at] in _QUERY
            else:
                at += self.symbols[at] != "SELECT"
                understood = False
            if not understood:
                self.found.doubt(Doubt.PART)
            at = yield from self._operand(at, end, scope)

    def _with(self, at: int, end: int, scope: QueryNames) -> Walk:
        """Read the queries that WITH defines; each name is known after its own definition."""
        if at >= end or self.symbols[at] != "WITH":
            return at
        recursive = self.symbols[at + 1] == "RECURSIVE" and self._entry(at + 2) > 0
        at += 1 + recursive
        for name in self._entries(at) if recursive else ():
            self.found.define(name, scope)
        while body := self._entry(at):
            yield self.level(body + 1, self.closing[body])
            if not recursive:
                self.found.define(self.names[at], scope)
            at = self.closing[body] + 1
            if self.symbols[at] != ",":
                break
            at += 1
        if self.symbols[at] not in _QUERY:
            self.found.doubt(Doubt.PART)
        return at

    def _entry(self, at: int) -> int:
        """Return where the bracket of `name [(columns)] AS (query)` opens, 0 for another text."""
        if not self.named(at):
            return 0
        at += 1
        if self.symbols[at] == "(":
            at = self.closing[at] + 1
        return at + 1 if self.symbols[at : at + 2] == ["AS", "("] else 0

    def _entries(self, at: int) -> list[str]:
        names = []
        while body := self._entry(at):
            names.append(self.names[at])
            at = self.closing[body] + 1
            at += self.symbols[at] == ","
        return names

    def _tables(self, at: int, end: int, scope: QueryNames) -> Walk:
        """Read the tables of FROM and return the position of what follows them."""
        while True:
            at = yield from self._table(at, end, scope)
            at = yield from self._after_table(at, end, scope)
            if at >= end or self.symbols[at] not in _NEXT_TABLE:
                return at
            at += 1

    def _table(self, at: int, end: int, scope: QueryNames) -> Walk:
        at += self.symbols[at] == "LATERAL"
        if at < end and self.symbols[at] == "(":
            yield self._bracket_in_from(at + 1, self.closing[at], scope)
            return self.closing[at] + 1
        if at < end and self.symbols[at] == ":" and self.names[at + 1]:
            self.found.use_variable(self.names[at + 1])
            return at + 2
        if at >= end or not self.named(at):
            self.found.doubt(Doubt.PART)
            return at
        name, after = self.dotted(at)
        if self.symbols[after] == ":" and self.symbols[after + 2] == "(":
            return (yield from self._library_call(name, after + 2))
        if self.symbols[after] == "(":
            yield self._call(name, at, after, scope)
            after = self.closing[after] + 1
        elif len(name) > 1 and name[0] in scope.aliases:
            self.found.doubt(Doubt.PART)
        else:
            self.found.claim(name, at)
        self.found.alias(name[-1], scope)
        if self.symbols[after] == "[":
            yield self.level(after + 1, self.closing[after])
            after = self.closing[after] + 1
        if self.symbols[after] == ":":
            self.found.doubt(Doubt.ASSOCIATION)
            after += 2
        return after

    def _bracket_in_from(self, at: int, end: int, scope: QueryNames) -> Level:
        """Read a subquery, or tables with their joins."""
        if self.symbols[at] in {"SELECT", "WITH", "VALUES"}:
            yield self.level(at, end)
            return
        at = yield from self._tables(at, end, scope)
        rest = QueryNames(selects=True)
        yield from self._rest(at, end, rest)
        self.found.leave(rest)

    def _after_table(self, at: int, end: int, scope: QueryNames) -> Walk:
        """Read alias, options and join condition, up to the next table or the end of FROM."""
        named = condition = False
        while at < end:
            symbol = self.symbols[at]
            if symbol == "FOR" and self.symbols[at + 1] in TEMPORAL:
                # FOR SYSTEM_TIME FROM x TO y
                condition = True
                at += 2 + (self.symbols[at + 2] == "FROM")
                continue
            if symbol in _NEXT_TABLE or (symbol in ENDS_OF_FROM and not self._compares(at)):
                return at
            if symbol in _BRACKETS:
                yield self._bracket(at) if condition else self.level(at + 1, self.closing[at])
                at = self.closing[at]
            elif self.named(at) and (not condition or self.symbols[at - 1] == "AS"):
                understood = self._is_option(at) or not named
                named = named or not self._is_option(at)
                self.found.alias(self.names[at], scope)
                if not understood:
                    self.found.doubt(Doubt.PART)
            elif symbol == "WITH":
                at += bool(self.names[at + 1])
            elif symbol == "ON":
                condition = True
            elif not condition and symbol not in JOIN_WORDS:
                self.found.doubt(Doubt.PART)
            at += 1
        return end

    def _is_option(self, at: int) -> bool:
        """Return whether a word belongs to a join or an option, where it is no alias."""
        symbol = self.symbols[at]
        return symbol in JOIN_WORDS or (symbol == "PARTITION" and self.symbols[at + 1] == "(")

    def _call(self, name: Name, at: int, opened: int, scope: QueryNames) -> Level:
        """Read a function in FROM: what a built-in one reads, or a user's function as object."""
        word, inside = name[-1], (opened + 1, self.closing[opened])
        if self.symbols[at] != QUOTED and name[:-1] in {(), (SYSTEM,)}:
            if word in ROW_MAKERS:
                yield from self._arguments(*inside, ROW_MAKERS[word], scope)
                return
            if word in FIRST_IS_TABLE or word.startswith(VARIABLES_ONLY):
                yield self._operator(opened)
                return
            if word.startswith(FAMILIES):
                self.found.doubt(Doubt.PART)
                yield self.level(*inside)
                return
        if len(name) == 1 and word in self.found.routines:
            yield self.level(*inside)
            return
        self.found.claim(name, at)
        yield from self._user_arguments(*inside)

    def _arguments(self, at: int, end: int, rows: RowSource, scope: QueryNames) -> Level:
        """Read what a built-in function that returns rows reads."""
        if rows is RowSource.UNKNOWN:
            self.found.doubt(Doubt.PART)
        while at < end:
            symbol = self.symbols[at]
            if rows is RowSource.SOURCE and symbol == "SOURCE":
                at = yield from self._table(at + 1, end, scope)
            elif rows is RowSource.SERIES and self.symbols[at : at + 2] == ["SERIES", "TABLE"]:
                at = yield from self._table(at + 2, end, scope)
            elif rows is RowSource.DOCUMENT and self.named(at) and self.symbols[at - 1] != ":":
                name, after = self.dotted(at)
                if len(name) > 1:
                    scope.documents.append((name[:-1], at))
                at = after
            elif symbol in _BRACKETS:
                yield self._bracket(at)
                at = self.closing[at] + 1
            else:
                if rows is RowSource.SOURCE and symbol == "START" and self.named(at + 1):
                    self.found.doubt(Doubt.ARGUMENT)
                at += 1

    def _user_arguments(self, at: int, end: int) -> Level:
        """Read the arguments of a user's function; a bare name may be a table or a column."""
        if self.symbols[at] in {"SELECT", "WITH"}:
            yield self.level(at, end)
            return
        begins = True
        while at < end:
            symbol = self.symbols[at]
            if symbol in _BRACKETS:
                yield self._bracket(at)
                at = self.closing[at]
            elif begins and self.named(at):
                name, after = self.dotted(at)
                ends = after == end or self.symbols[after] == ","
                if ends and not self.found.may_be_column(name):
                    self.found.doubt(Doubt.ARGUMENT)
                at = after - 1
            begins = symbol in {",", "=>"}
            at += 1

    def _library_call(self, library: Name, opened: int) -> Walk:
        """Read a member function of a library as a table."""
        self.found.use_library(library[-1])
        yield self.level(opened + 1, self.closing[opened])
        return self.closing[opened] + 1

    def _bracket(self, at: int) -> Level:
        """Return the level that a bracket of an expression opens."""
        word = self.symbols[at - 1]
        if self.symbols[at] == "(":
            if word in FIRST_IS_TABLE or word.startswith(VARIABLES_ONLY):
                return self._operator(at)
            if self.names[at - 1]:
                self._note_call(at - 1)
        return self.level(at + 1, self.closing[at])

    def _note_call(self, at: int) -> None:
        """Doubt a call of a function that is none of HANA: quoted, of a schema or a library."""
        if self.symbols[at - 1] == ":":
            if self.names[at - 2]:
                self.found.use_library(self.names[at - 2])
            return
        first = at
        while self.symbols[first - 1] == "." and self.names[first - 2]:
            first -= 2
        qualified = first < at and not self.symbols[at].startswith(METHOD)
        variable = self.symbols[first - 1] == ":"
        if (qualified or self.symbols[at] == QUOTED) and not variable:
            self.found.doubt(Doubt.FUNCTION)

    def _operator(self, opened: int) -> Level:
        """Read an operator of SQLScript, whose arguments are tables or table variables."""
        word, at, end = self.symbols[opened - 1], opened + 1, self.closing[opened]
        if word in FIRST_IS_TABLE:
            at = yield from self.table(at, end)
        elif word == CONVERSION:
            self.found.doubt(Doubt.FUNCTION)
        elif self.named(at):
            self.found.doubt(Doubt.VARIABLE)
        while word in MAPPERS and at < end and self.symbols[at] not in _BRACKETS:
            name, after = self.dotted(at)
            if self.named(at) and self.symbols[after] == "(":
                self.found.claim(name, at)
                after = self.closing[after] + 1
            at = after
        yield self.level(at, end)
