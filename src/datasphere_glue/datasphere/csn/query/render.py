"""Writes a query or an expression (CQN) as SQL, in the style of SAP HANA, on one line.

It writes every node: one of an unknown form becomes `?`. Names stay as SAP writes them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from datasphere_glue.datasphere.csn.query.nodes import (
    OWN_COLUMNS,
    Item,
    Star,
    Step,
    alias_of,
    body_of,
    columns_of,
    expanded,
    form_of,
    is_link_cast,
    is_parameter,
    steps_of,
)

TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cds.Binary": "VARBINARY",
        "cds.Date": "DATE",
        "cds.DateTime": "SECONDDATE",
        "cds.DecimalFloat": "DECIMAL",
        "cds.Int16": "SMALLINT",
        "cds.Int32": "INTEGER",
        "cds.Int64": "BIGINT",
        "cds.Integer64": "BIGINT",
        "cds.LargeBinary": "BLOB",
        "cds.LargeString": "NCLOB",
        "cds.String": "NVARCHAR",
        "cds.UInt8": "TINYINT",
        "cds.UUID": "NVARCHAR(36)",
    }
)
"""The SQL type of each CDS type whose name is another one (CAP, mapping to SAP HANA)."""

UNKNOWN: Final = "?"

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z ]*")
_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_TYPED_LITERALS: Final = frozenset({"date", "time", "timestamp", "x"})
_LISTS: Final = (("groupBy", "GROUP BY"), ("orderBy", "ORDER BY"))


def to_sql(node: Any) -> str:
    """Return the SQL of an expression, without brackets around the whole."""
    if isinstance(node, str):
        return _token(node)
    if isinstance(node, list | tuple):
        return _tokens(node)
    if not isinstance(node, Mapping):
        return UNKNOWN
    cast = node.get("cast")
    if isinstance(cast, Mapping) and not is_link_cast(cast):
        inner = {key: value for key, value in node.items() if key != "cast"}
        return f"CAST({to_sql(inner)} AS {_type(cast)})"
    form = form_of(node)
    return _FORMS[form](node) if form else UNKNOWN


def quoted(name: str) -> str:
    """Return a name as an identifier."""
    return '"' + _one_line(name).replace('"', '""') + '"'


def _operand(node: Any) -> str:
    """Return the SQL of a part of an expression; an expression of its own gets brackets."""
    text = to_sql(node)
    nested = isinstance(node, Mapping) and "xpr" in node and "func" not in node
    return f"({text})" if nested and not isinstance(node.get("cast"), Mapping) else text


def _tokens(nodes: Iterable[Any]) -> str:
    return " ".join(_operand(node) for node in nodes)


def _token(token: str) -> str:
    return token.upper() if _WORD.fullmatch(token) else _one_line(token)


def _separated(nodes: Any) -> str:
    return ", ".join(map(to_sql, nodes)) if isinstance(nodes, list | tuple) else UNKNOWN


def _reference(node: Mapping[str, Any]) -> str:
    steps = steps_of(node["ref"])
    if not steps:
        return UNKNOWN
    if is_parameter(node) or steps[0].name == "$parameters":
        names = [step.name for step in steps if step.name != "$parameters"]
        return f":{_one_line('.'.join(names)).lstrip(':')}"
    if steps[0].name in OWN_COLUMNS and len(steps) > 1:
        steps = steps[1:]
    if steps[0].name.startswith("$"):
        return _one_line(".".join(step.name for step in steps))
    return ".".join(map(_step, steps))


def _nested(node: Mapping[str, Any]) -> str:
    path = ".".join(map(_step, steps_of(node.get("ref"))))
    columns = ", ".join(map(_column, expanded({**node, "ref": []})))
    return f"{path} {{{columns}}}".lstrip()


def _step(step: Step) -> str:
    text = quoted(step.name) if step.name != "*" else "*"
    if step.args:
        text += f"({_arguments(step.args)})"
    return text if not step.where else f"{text}[{to_sql(step.where)}]"


def _arguments(args: Any) -> str:
    if isinstance(args, Mapping):
        return ", ".join(f"{quoted(str(name))} => {to_sql(value)}" for name, value in args.items())
    if not isinstance(args, list):
        return UNKNOWN
    text = ""
    for place, arg in enumerate(args):
        word = isinstance(arg, str) and arg != "*"
        last = place == len(args) - 1
        text += to_sql(arg) + ("" if last else " " if word else ", ")
    return text


def _function(node: Mapping[str, Any]) -> str:
    text = _one_line(str(node["func"]))
    if node.get("args") is not None:
        text += f"({_arguments(node['args'])})"
    return f"{text} {to_sql(node['xpr'])}" if isinstance(node.get("xpr"), list) else text


def _literal(node: Mapping[str, Any]) -> str:
    value, kind = node["val"], node.get("literal")
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if not isinstance(value, str):
        return _one_line(str(value))
    if kind == "number":
        return _one_line(value)
    text = "'" + _one_line(value).replace("'", "''") + "'"
    return f"{kind.upper()}{text}" if kind in _TYPED_LITERALS else text


def _type(cast: Mapping[str, Any]) -> str:
    name = cast.get("type")
    if not isinstance(name, str):
        return UNKNOWN
    known = TYPES.get(name) or name.rpartition(".")[2].upper()
    if not name.startswith("cds."):
        known = quoted(name)
    facets = [cast[key] for key in ("length", "precision", "scale") if cast.get(key) is not None]
    return f"{known}({', '.join(_one_line(str(f)) for f in facets)})" if facets else known


def _set(body: Mapping[str, Any]) -> str:
    args = body.get("args")
    branches = [to_sql(arg) for arg in args] if isinstance(args, list) else [UNKNOWN]
    return _with_end(f" {operator(body)} ".join(branches), body)


def _select(body: Mapping[str, Any]) -> str:
    distinct = "DISTINCT " if body.get("distinct") else ""
    text = f"SELECT {distinct}{', '.join(_column(entry) for entry in columns_of(body))}"
    if body.get("from") is not None:
        text += f" FROM {_source(body['from'])}"
    if body.get("where"):
        text += f" WHERE {to_sql(body['where'])}"
    return _with_end(text, body)


def operator(body: Mapping[str, Any]) -> str:
    """Return the operator of a SET, such as `UNION ALL`."""
    op = body.get("op")
    word = op.upper() if isinstance(op, str) and op else "UNION"
    return f"{word} ALL" if body.get("all") is True else word


def _with_end(text: str, body: Mapping[str, Any]) -> str:
    for key, words in _LISTS:
        if isinstance(body.get(key), list) and body[key]:
            text += f" {words} {', '.join(map(_ordered, body[key]))}"
        if key == "groupBy" and body.get("having"):
            text += f" HAVING {to_sql(body['having'])}"
    limit = body.get("limit")
    if isinstance(limit, Mapping):
        for key, word in (("rows", "LIMIT"), ("offset", "OFFSET")):
            text += f" {word} {to_sql(limit[key])}" if limit.get(key) is not None else ""
    return text


def _ordered(node: Any) -> str:
    text = to_sql(node)
    if isinstance(node, Mapping):
        text += f" {node['sort'].upper()}" if isinstance(node.get("sort"), str) else ""
        text += f" NULLS {node['nulls'].upper()}" if isinstance(node.get("nulls"), str) else ""
    return text


def _column(entry: Any) -> str:
    if isinstance(entry, Star):
        return ".".join((*map(_step, entry.path), "*"))
    if not isinstance(entry, Item):
        return UNKNOWN
    alias = alias_of(entry.node)
    return to_sql(entry.node) + (f" AS {quoted(alias)}" if alias else "")


def _source(node: Any) -> str:
    if isinstance(node, list):
        return ", ".join(map(_source, node))
    if not isinstance(node, Mapping):
        return quoted(node) if isinstance(node, str) else UNKNOWN
    alias = alias_of(node)
    name = f" AS {quoted(alias)}" if alias else ""
    args = node.get("args")
    if "ref" in node or body_of(node) is not None:
        return to_sql({key: value for key, value in node.items() if key != "cast"}) + name
    if not isinstance(args, list):
        return UNKNOWN
    kind = node.get("join")
    if not isinstance(kind, str):
        return ", ".join(map(_source, args)) + name
    text = f" {kind.upper()} JOIN ".join(map(_source, args))
    condition = f" ON {to_sql(node['on'])}" if node.get("on") else ""
    return f"({text}{condition}){name}"


_FORMS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = MappingProxyType(
    {
        "SELECT": lambda node: f"({_select(node['SELECT'])})",
        "SET": lambda node: f"({_set(node['SET'])})",
        "expand": _nested,
        "func": _function,
        "xpr": lambda node: _tokens(node["xpr"]),
        "list": lambda node: f"({_separated(node['list'])})",
        "ref": _reference,
        "val": _literal,
        "#": lambda node: f"#{_one_line(str(node['#']))}",
    }
)


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", text)
