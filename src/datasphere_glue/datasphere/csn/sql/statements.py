"""Reads the statements of SQLScript; a single query is a script of one statement."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from datasphere_glue.datasphere.csn.sql.names import QueryNames
from datasphere_glue.datasphere.csn.sql.queries import Level, TableReader, read_levels
from datasphere_glue.datasphere.csn.sql.tokens import NUMBER, QUOTED, Tokens
from datasphere_glue.datasphere.csn.sql.words import (
    FIRST_IS_TABLE,
    LIBRARY,
    VARIABLES_ONLY,
    Doubt,
)

_BRACKETS: Final = frozenset("([")
_BLOCK_OPTIONS: Final = frozenset({"SEQUENTIAL", "PARALLEL", "AUTONOMOUS"})
_AFTER_END: Final = frozenset({"IF", "WHILE", "FOR", "LOOP"})
_OPENERS: Final = frozenset({"ELSE", "LOOP", "DO"})
"""Words after which a statement begins, where no statement has begun."""

_HEADS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"THEN": frozenset({"IF", "ELSEIF"}), "DO": frozenset({"WHILE", "FOR"})}
)
"""Words that end the head of a compound statement, with the words that begin the head."""

_WITHOUT_QUERY: Final = frozenset(
    {
        *("COMMIT", "ROLLBACK", "BREAK", "CONTINUE", "DROP", "TRUNCATE"),
        *("OPEN", "FETCH", "CLOSE"),
    }
)
_QUERY: Final = frozenset({"SELECT", "WITH"})

_ASSIGNS: Final = frozenset({"=", ":="})
_TARGET: Final = frozenset({",", ".", ":", "(", "["})
"""Symbols in the target of an assignment, besides names."""


def statements(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """Yield the range of each statement; the words of blocks and branches are part of none."""
    symbols = tokens.symbols
    start = at = cases = 0
    while at < tokens.count:
        symbol = symbols[at]
        if symbol in _BRACKETS:
            at = tokens.closing[at]
        elif symbol == "CASE":
            cases += 1
        elif symbol == "END" and cases:
            cases -= 1
        elif at == start and symbol in _OPENERS:
            start = at + 1
        elif _separates(symbols, start, at, cases):
            yield start, at
            at = _end_of_separator(symbols, at)
            start, cases = at + 1, 0
        at += 1
    yield start, tokens.count


def _separates(symbols: list[str], start: int, at: int, cases: int) -> bool:
    """Return whether a token stands between statements; `cases` counts the open CASE."""
    symbol = symbols[at]
    if symbol == ";" or cases:
        return symbol == ";"
    return symbol in {"BEGIN", "END"} or symbols[start] in _HEADS.get(symbol, ())


def _end_of_separator(symbols: list[str], at: int) -> int:
    """Return the last position of a separator with the words that belong to it."""
    if symbols[at] == "BEGIN" and symbols[at + 1] in _BLOCK_OPTIONS:
        return at + 2
    return at + (symbols[at] == "END" and symbols[at + 1] in _AFTER_END)


class ScriptReader(TableReader):
    """Reads the statements of a script in their order."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens)
        self._readers: Mapping[str, Callable[[int, int], Level]] = {
            **dict.fromkeys(("SELECT", "WITH", "("), self.level),
            **dict.fromkeys(("IF", "ELSEIF", "WHILE", "SIGNAL", "RESIGNAL"), self._expression),
            **dict.fromkeys(("EXEC", "EXECUTE"), self._execute),
            **dict.fromkeys(("INSERT", "UPSERT", "REPLACE"), self._insert),
            **dict.fromkeys(("CREATE", "FUNCTION", "PROCEDURE"), self._create),
            **dict.fromkeys(_WITHOUT_QUERY, self._nothing),
            "CALL": self._call_procedure,
            "CURSOR": self._cursor,
            "DECLARE": self._declare,
            "DELETE": self._delete,
            "FOR": self._for,
            "MERGE": self._merge,
            "RETURN": self._return,
            "UPDATE": self._update,
            "USING": self._using,
        }

    def read(self, tokens: Tokens) -> None:
        """Read all statements of the tokens."""
        for start, end in statements(tokens):
            if start < end:
                read_levels(self.statement(start, end))
                self.found.written = None

    def statement(self, at: int, end: int) -> Level:
        """Read one statement."""
        assigned = self.symbols[max(at, self.closing[at]) + 1] in _ASSIGNS
        read = self._assignment if assigned else self._readers.get(self.symbols[at])
        yield from (read or self._assignment)(at, end)

    def _next(self, at: int, end: int, *symbols: str) -> int:
        """Return the position of the first of these symbols outside of brackets, else the end."""
        while at < end and self.symbols[at] not in symbols:
            at = max(at, self.closing[at]) + 1
        return min(at, end)

    def _nothing(self, _at: int, _end: int) -> Level:
        yield from ()

    def _expression(self, at: int, end: int) -> Level:
        """Read a statement that is a word and an expression."""
        yield from self.level(at + 1, end)

    def _assignment(self, at: int, end: int) -> Level:
        """Read `names = value`; a statement of another form is not understood."""
        first, targets = at, []
        while at < end and (self.named(at) or self.symbols[at] in _TARGET):
            targets += [self.names[at]] if self.named(at) and self.symbols[at - 1] != "." else []
            at = max(at, self.closing[at]) + 1
        if at < end and self.symbols[at] in _ASSIGNS:
            yield from self._value(at + 1, end, targets)
            return
        # :rows.INSERT(...) changes a variable
        if self.symbols[first] != ":":
            self.found.doubt(Doubt.PART)
        yield from self.level(first, end)

    def _value(self, at: int, end: int, targets: Iterable[str]) -> Level:
        """Read the value of variables, which are known after it."""
        yield self.level(at, end)
        copied = self.symbols[at] == ":" and self.names[at + 1] in self.found.opaque
        if copied or self._may_be_function(at, end):
            self.found.opaque.update(targets)
        if self._returns_rows(at, end):
            self.found.variables.update(targets)

    def _returns_rows(self, at: int, end: int) -> bool:
        """Return whether a value makes its variable a table variable."""
        first, second = self.symbols[at : at + 2]
        if first == ":":
            return at + 2 == end
        return first in _QUERY or (first == "(" and second in _QUERY) or self._is_operator(at)

    def _is_operator(self, at: int) -> bool:
        word = self.symbols[at]
        return word in FIRST_IS_TABLE or word.startswith(VARIABLES_ONLY) or word == "UNNEST"

    def _may_be_function(self, at: int, end: int) -> bool:
        """Return whether a value is a bare name, or one call that may be of a table function."""
        if not self.named(at) or self._is_operator(at):
            return False
        after = self.dotted(at)[1]
        return after == end or (self.symbols[after] == "(" and self.closing[after] + 1 == end)

    def _return(self, at: int, end: int) -> Level:
        at += 1
        used = self.names[at + (self.symbols[at] == ":")]
        if used in self.found.variables or used in self.found.opaque:
            self.found.use_variable(used)
        elif self._may_be_function(at, end):
            self.found.doubt(Doubt.FUNCTION)
        yield from self.level(at, end)

    def _declare(self, at: int, end: int) -> Level:
        at += 1
        word = self.symbols[at]
        if word == "CURSOR":
            yield from self._cursor(at, end)
        elif word in {"FUNCTION", "PROCEDURE"}:
            self.found.routines.add(self.names[at + 1])
        elif self.symbols[at + 1] == "HANDLER":
            at = self._after_conditions(self._next(at, end, "FOR") + 1)
            if at < end:
                yield from self.statement(at, end)
        else:
            targets = [self.names[at]]
            while self.symbols[at + 1] == ",":
                at += 2
                targets.append(self.names[at])
            if self.symbols[at + 1] in {"TABLE", QUOTED}:
                self.found.variables.update(targets)
            yield from self._value(self._next(at, end, "=", ":=", "DEFAULT") + 1, end, targets)

    def _after_conditions(self, at: int) -> int:
        """Return the position after the conditions of a handler, such as SQL_ERROR_CODE 1299."""
        while self.named(at):
            at += 1 + (self.symbols[at + 1] == NUMBER)
            if self.symbols[at] != ",":
                break
            at += 1
        return at

    def _cursor(self, at: int, end: int) -> Level:
        yield from self.level(self._next(at, end, "FOR") + 1, end)

    def _for(self, at: int, end: int) -> Level:
        """Read the range of a loop, or the arguments of its cursor."""
        if self.symbols[at + 2] == "AS" and self.named(at + 3):
            at = self.dotted(at + 3)[1]
            if self.symbols[at] == "(":
                yield self.level(at + 1, self.closing[at])
        else:
            yield from self.level(at + 1, end)

    def _call_procedure(self, at: int, end: int) -> Level:
        name, after = self.dotted(at + 1)
        if len(name) > 1 or name[0] not in self.found.routines:
            self.found.doubt(Doubt.CALL)
        if after < end and self.symbols[after] == "(":
            yield self.level(after + 1, self.closing[after])

    def _execute(self, at: int, end: int) -> Level:
        self.found.doubt(Doubt.DYNAMIC)
        yield from self.level(at + 1, end)

    def _insert(self, at: int, end: int) -> Level:
        """Read INSERT, UPSERT or REPLACE: columns or a query in brackets, then a query."""
        at = self.dotted(at + 1 + (self.symbols[at + 1] == "INTO"))[1]
        query = self._next(at, end, "SELECT", "WITH", "VALUES")
        while (at := self._next(at, query, "(")) < query:
            yield self.level(at + 1, self.closing[at])
            at = self.closing[at] + 1
        if query < end:
            yield self.level(query, end)

    def _update(self, at: int, end: int) -> Level:
        """Read UPDATE; the table that it writes may stand in its FROM again."""
        at += 1 + 2 * (self.symbols[at + 1] == "TOP")
        self.found.written = self.dotted(at)[0]
        at = yield from self.expression(at, end, frozenset({"FROM"}))
        if at < end:
            scope = QueryNames(selects=True)
            yield from self.from_clause(at + 1, end, scope)

    def _delete(self, at: int, end: int) -> Level:
        at = self._next(at, end, "FROM") + 1
        yield from self.level(self.dotted(at)[1], end)

    def _merge(self, at: int, end: int) -> Level:
        at = yield from self.table(self._next(at, end, "USING") + 1, end)
        yield from self.level(at, end)

    def _create(self, at: int, end: int) -> Level:
        yield from self.level(self._next(at, end, "AS") + 1, end)

    def _using(self, at: int, end: int) -> Level:
        name, after = self.dotted(at + 1)
        if name[-1].startswith(LIBRARY) and self.symbols[after] == "AS":
            self.found.libraries.add(self.names[after + 1])
        yield from self._nothing(at, end)
