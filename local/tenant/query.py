"""The query options that collections of the embedded tenant understand."""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Predicate = Callable[[Row], bool]

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[()]|[^\s()']+)")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_LITERALS = {"true": True, "false": False, "null": None}


class QueryError(ValueError):
    """The tenant answers 400: the option cannot be understood or names an unknown property."""


def whole_number(query: Mapping[str, str], name: str) -> int | None:
    """Return the option as a number, None when absent; QueryError when it is not a number."""
    text = query.get(name)
    if text is None:
        return None
    if not text.isdecimal():
        raise QueryError(f"Invalid value for query option '{name}'")
    return int(text)


def filtered(rows: Sequence[Row], expression: str, properties: Sequence[str]) -> list[Row]:
    """Return the rows for which the expression holds; a bare word is a value, as for an enum."""
    predicate = _Parser(expression, properties).predicate()
    return [row for row in rows if predicate(row)]


def ordered(rows: Sequence[Row], expression: str, properties: Sequence[str]) -> list[Row]:
    """Return the rows in the order of `property [asc|desc], ...`."""
    result = list(rows)
    for part in reversed(expression.split(",")):
        name, _, direction = part.strip().partition(" ")
        _checked_name(name, properties)
        result.sort(key=lambda row: str(row[name] or ""), reverse=direction == "desc")
    return result


def selected(rows: Sequence[Row], expression: str, properties: Sequence[str]) -> list[Row]:
    """Return the rows with the named properties only; QueryError for one that does not exist."""
    names = [name.strip() for name in expression.split(",")]
    for name in names:
        _checked_name(name, properties)
    return [{name: row[name] for name in names} for row in rows]


def _checked_name(name: str, properties: Sequence[str]) -> str:
    if name not in properties:
        raise QueryError(f"Property '{name}' does not exist")
    return name


def _tokens(expression: str) -> Iterator[str]:
    position = 0
    while position < len(expression):
        token = _TOKEN.match(expression, position)
        if token is None:
            raise QueryError("The filter expression is malformed")
        yield token[1]
        position = token.end()


class _Parser:
    """Recursive descent over `or`, `and`, `not`, parentheses and comparisons (OData 4.01 URL)."""

    def __init__(self, expression: str, properties: Sequence[str]) -> None:
        self._tokens = list(_tokens(expression.strip()))
        self._properties = properties

    def predicate(self) -> Predicate:
        result = self._any()
        if self._tokens:
            raise QueryError(f"Unexpected '{self._tokens[0]}' in the filter expression")
        return result

    def _any(self) -> Predicate:
        parts = [self._all()]
        while self._accept("or"):
            parts.append(self._all())
        return lambda row: any(part(row) for part in parts)

    def _all(self) -> Predicate:
        parts = [self._one()]
        while self._accept("and"):
            parts.append(self._one())
        return lambda row: all(part(row) for part in parts)

    def _one(self) -> Predicate:
        if self._accept("not"):
            inner = self._one()
            return lambda row: not inner(row)
        if self._accept("("):
            inner = self._any()
            if not self._accept(")"):
                raise QueryError("A parenthesis is not closed in the filter expression")
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        name = _checked_name(self._next(), self._properties)
        compare = _COMPARISONS.get(self._next())
        if compare is None:
            raise QueryError("Unknown operator in the filter expression")
        token = self._next()
        value = (
            token[1:-1].replace("''", "'") if token.startswith("'") else _LITERALS.get(token, token)
        )
        exact = compare in (operator.eq, operator.ne)

        def holds(row: Row) -> bool:
            comparable = exact or (isinstance(row[name], str) and isinstance(value, str))
            return comparable and compare(row[name], value)

        return holds

    def _accept(self, word: str) -> bool:
        if self._tokens and self._tokens[0] == word:
            del self._tokens[0]
            return True
        return False

    def _next(self) -> str:
        if not self._tokens:
            raise QueryError("The filter expression ends too early")
        return str(self._tokens.pop(0))
