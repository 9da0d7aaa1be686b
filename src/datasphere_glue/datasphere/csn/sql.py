"""Finds the tables that SQL text reads, without a grammar of SQL.

HANA SQL and SQLScript have no well-maintained parser in Python, and lineage needs table names only.
They follow FROM, JOIN, or a comma in a FROM clause. Comments, texts and functions that spell an
argument with FROM are skipped. Names that the text itself defines do not count.
"""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

Table = tuple[tuple[str, bool], ...]
"""The parts of a table name, each with whether it was quoted."""

_TOKEN: Final = re.compile(
    r"""
      (?P<blank>  \s+ | --[^\n]* | /\*(?:.*?\*/|.*) )
    | (?P<quoted> "[^"]*(?:""[^"]*)*"? )
    | (?P<text>   '[^']*(?:''[^']*)*'? )
    | (?P<word>   [^\W\d][\w$#]* )
    | (?P<mark>   . )
    """,
    re.VERBOSE | re.DOTALL,
)
_FROM: Final = frozenset({"FROM", "JOIN"})
_ENDS: Final = frozenset(
    (
        *("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "EXCEPT", "MINUS", "INTERSECT"),
        *("SELECT", "WITH", "SET", "BEGIN", "RETURN"),
    )
)
_BEFORE_NAME: Final = frozenset({"LATERAL", "TABLE", "ONLY"})
_DYNAMIC: Final = frozenset({"EXEC", "EXECUTE", "APPLY_FILTER"})
_LONGEST: Final = 2_000_000
_NO_TABLE: Final = frozenset({"DUMMY", "UNNEST", "SERIES_GENERATE_DATE", "SERIES_GENERATE_INTEGER"})


class _Token(NamedTuple):
    kind: str
    text: str

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "word" else ""

    @property
    def is_name(self) -> bool:
        return self.kind in {"word", "quoted"}


@dataclass(slots=True)
class _Level:
    """The state inside one pair of brackets.

    `selects`: a SELECT was read.
    `in_from`: the text is inside a FROM clause.
    `expects`: a table name may follow.
    """

    selects: bool = False
    in_from: bool = False
    expects: bool = False


def read_tables(sql: str) -> tuple[tuple[Table, ...], str | None]:
    """Return the tables that SQL reads, each once and in order, and why some may be missing."""
    if len(sql) > _LONGEST:
        return (), f"it is longer than {_LONGEST} characters"
    tokens = [
        _Token(match.lastgroup or "", match[0])
        for match in _TOKEN.finditer(sql)
        if match.lastgroup != "blank"
    ]
    local_names = _names_defined(tokens)
    tables = [t for t in _tables(tokens) if not (len(t) == 1 and t[0][0] in local_names)]
    unbalanced = sum(t.text == "(" for t in tokens) - sum(t.text == ")" for t in tokens)
    gap = None
    if any(token.word in _DYNAMIC for token in tokens):
        gap = "statements built at run time are not followed"
    elif unbalanced:
        gap = "its brackets do not match"
    return tuple(dict.fromkeys(tables)), gap


def _names_defined(tokens: list[_Token]) -> frozenset[str]:
    """Return the names that the text itself defines: WITH clauses and table variables."""
    names = set()
    opening: list[int] = []
    before: dict[int, int] = {}
    for i, token in enumerate(tokens):
        if token.text == "(":
            opening.append(i)
        elif token.text == ")" and opening:
            before[i] = opening.pop() - 1
        following = [t.word or t.text for t in tokens[i + 1 : i + 4]]
        if following[1:] == ["(", "SELECT"] and following[0] == "AS":
            at = before.get(i, -1) if token.text == ")" else i
            names |= {_name(tokens[at])} if at >= 0 and tokens[at].is_name else set()
        elif token.is_name and following[:1] == ["="] and following[1:2] in (["SELECT"], ["WITH"]):
            names.add(_name(token))
    return frozenset(names)


def _tables(tokens: list[_Token]) -> list[Table]:
    tables: list[Table] = []
    levels = [_Level()]
    i = 0
    while i < len(tokens):
        token, level = tokens[i], levels[-1]
        i += 1
        if token.text == "(":
            levels.append(_Level(in_from=level.expects, expects=level.expects))
            level.expects = False
        elif token.text == ")":
            levels = levels[:-1] or [_Level()]
        elif _update_level(level, token) or not level.expects:
            continue
        elif token.is_name:
            level.expects = token.word in _BEFORE_NAME
            if not level.expects:
                table, i = _dotted(tokens, i - 1)
                tables += [table] if table[-1][0].upper() not in _NO_TABLE else []
        else:
            level.expects = False
    return tables


def _update_level(level: _Level, token: _Token) -> bool:
    """Update a level by a token; return whether the token changed it."""
    word = token.word
    if word in _FROM:
        level.in_from = level.expects = level.selects or level.in_from
    elif word in _ENDS or token.text == ";":
        level.selects = level.selects or word == "SELECT"
        level.in_from = level.expects = False
    elif token.text == "," and level.in_from:
        level.expects = True
    else:
        return False
    return True


def _dotted(tokens: list[_Token], i: int) -> tuple[Table, int]:
    """Return the dotted name that begins at a token, and the index of the token after it."""
    parts = [(_name(tokens[i]), tokens[i].kind == "quoted")]
    i += 1
    while i + 1 < len(tokens) and tokens[i].text == "." and tokens[i + 1].is_name:
        parts.append((_name(tokens[i + 1]), tokens[i + 1].kind == "quoted"))
        i += 2
    return tuple(parts), i


def _name(token: _Token) -> str:
    if token.kind == "quoted":
        return token.text.removeprefix('"').removesuffix('"').replace('""', '"')
    return token.text
