"""Splits SQL text into tokens and pairs its brackets.

Rules of SAP HANA: an unquoted name folds to upper case, quotes inside quotes are doubled, comments
do not nest.
"""

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 1_000_000
"""Most characters of a text; the longest procedure in sight has 760,000."""

DEEPEST: Final = 10_000
"""Most brackets inside each other."""

QUOTED: Final = '"'
TEXT: Final = "'"
NUMBER: Final = "0"
NOTHING: Final = ""
"""Symbols of the tokens that are no word and no mark; `NOTHING` follows the last token."""

_AHEAD: Final = 8
"""Tokens that a reader may look ahead or back without regard to the end."""

_TOKEN: Final = re.compile(
    r"""
      (?P<blank>  [\s\ufeff]+ | --[^\n]* | /\*.*?\*/ )
    | (?P<quoted> "[^"]*(?:""[^"]*)*" )
    | (?P<text>   '[^']*(?:''[^']*)*' )
    | (?P<broken> ["'] | /\* )
    | (?P<number> \d+(?:\.\d+)?(?:[eE][+-]?\d+)? )
    | (?P<word>   (?:[^\W\d]|\#)[\w$#]* )
    | (?P<mark>   := | => | :: | \.\. | \|\| | [<>!]= | <> | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_PAIRS: Final = {"(": ")", "[": "]"}
_CLOSING: Final = frozenset(_PAIRS.values())


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text as lists of the same length, with empty ones at the end.

    `symbols`: an unquoted word in upper case, a mark, or `QUOTED`, `TEXT` or `NUMBER`.
    `names`: the name that a word or quoted token stands for; empty for other tokens.
    `closing`: the position of the bracket that closes an opening one; 0 for other tokens.
    `count`: number of tokens without the empty ones.
    """

    symbols: list[str]
    names: list[str]
    closing: list[int]
    count: int


class Unreadable(Exception):
    """A text has no tokens; the message says why, without quoting the text."""


def read_tokens(sql: str) -> Tokens:
    """Return the tokens of a text without comments.

    Raises:
        Unreadable: the text is too long, nested too deeply, or a quote, comment or bracket of it
            is not closed.

    """
    if len(sql) > LONGEST:
        raise Unreadable(f"it is longer than {LONGEST} characters")
    symbols: list[str] = []
    names: list[str] = []
    for match in _TOKEN.finditer(sql):
        kind, text = match.lastgroup, match[0]
        if kind == "blank":
            continue
        if kind == "broken":
            raise Unreadable("a quote or comment of it is not closed")
        if kind == "word":
            text = text.upper()
            symbols.append(text)
            names.append(text)
        elif kind == "quoted":
            symbols.append(QUOTED)
            names.append(text[1:-1].replace('""', '"'))
        else:
            symbols.append(TEXT if kind == "text" else NUMBER if kind == "number" else text)
            names.append("")
    count = len(symbols)
    symbols += [NOTHING] * _AHEAD
    names += [""] * _AHEAD
    return Tokens(symbols, names, _closing(symbols), count)


def _closing(symbols: list[str]) -> list[int]:
    closing = [0] * len(symbols)
    opened: list[int] = []
    for at, symbol in enumerate(symbols):
        if symbol in _PAIRS:
            opened.append(at)
            if len(opened) > DEEPEST:
                raise Unreadable(f"it is nested deeper than {DEEPEST} levels")
        elif symbol in _CLOSING:
            if not opened or _PAIRS[symbols[opened[-1]]] != symbol:
                raise Unreadable("its brackets do not match")
            closing[opened.pop()] = at
    if opened:
        raise Unreadable("its brackets do not match")
    return closing
