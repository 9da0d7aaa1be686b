"""Expressions of CSN queries: their tokens in order, and the columns that they read."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from tools.fidelity.csn.columns import literal_text

_AGGREGATES: Final = frozenset({"sum", "count", "min", "max", "avg"})
_SCALAR: Final = frozenset(
    {
        *("abs", "ceil", "floor", "round", "power", "sqrt", "mod", "sign", "greatest", "least"),
        *("upper", "lower", "trim", "ltrim", "rtrim", "concat", "substring", "substr", "left"),
        *("right", "length", "lpad", "rpad", "replace", "locate", "coalesce", "ifnull", "nullif"),
        *("to_date", "to_varchar", "to_nvarchar", "to_decimal", "to_integer", "to_bigint"),
        *("to_double", "to_timestamp", "year", "month", "dayofmonth", "add_days", "add_months"),
        *("days_between", "cast", "convert_currency", "map"),
    }
)


class Read(NamedTuple):
    """A reference in an expression: its steps, and how it counts (`computed`, `aggregated`)."""

    steps: tuple[str, ...]
    how: str


def tokens(expression: Any) -> Iterator[str]:
    """Yield names, literals, functions and marks of an expression in their order.

    Subqueries and windows are left out: how they are written is open.
    """
    if isinstance(expression, str):
        yield expression
    elif isinstance(expression, list):
        for part in expression:
            yield from tokens(part)
    elif isinstance(expression, Mapping):
        yield from _tokens(expression)


def _tokens(node: Mapping[str, Any]) -> Iterator[str]:
    if "func" in node:
        yield str(node["func"])
        yield from tokens(node.get("args", []))
    elif "ref" in node:
        yield steps_of(node)[-1]
    elif "val" in node:
        yield literal_text(node) or "null"
    else:
        yield from tokens(node.get("xpr") or node.get("list") or [])


def reads(expression: Any, how: str = "computed") -> list[Read] | None:
    """Return the references of an expression, None where it is not understood."""
    if isinstance(expression, list):
        found = [reads(part, how) for part in expression]
        understood = [one for one in found if one is not None]
        return [r for one in understood for r in one] if len(understood) == len(found) else None
    if not isinstance(expression, Mapping):
        return []
    if {"SELECT", "SET"} & set(expression):
        return None
    if "ref" in expression:
        return [] if expression.get("param") else [Read(steps_of(expression), how)]
    if "func" in expression:
        return _of_function(expression, how)
    return reads(expression.get("xpr") or expression.get("list") or [], how)


def _of_function(node: Mapping[str, Any], how: str) -> list[Read] | None:
    name = str(node["func"]).casefold()
    args = node.get("args", [])
    args = list(args.values()) if isinstance(args, Mapping) else args
    known = name in _AGGREGATES | _SCALAR
    if not known or "xpr" in node or (name in {"min", "max"} and len(args) > 1):
        return None
    return reads(args, "aggregated" if name in _AGGREGATES else how)


def infix_filters(node: Mapping[str, Any]) -> list[Any]:
    """Return the conditions in the steps of a reference."""
    return [step["where"] for step in node["ref"] if isinstance(step, Mapping) and "where" in step]


def steps_of(node: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the steps of a reference, without filters and arguments."""
    ref = node["ref"]
    return tuple(str(step.get("id")) if isinstance(step, Mapping) else str(step) for step in ref)
