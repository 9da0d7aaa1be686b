"""Lays out text for a terminal or a pipe: typed, aligned, without control characters."""

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Final

WIDTH: Final = 100

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_QUOTED: Final = re.compile("`[^`]*`")
_GLUE: Final = "\ue000"
"""Stands for a blank inside backticks while a text is folded; no text of SAP holds it."""

_WIDE: Final = frozenset("WF")


class LineKind(StrEnum):
    """Content of a line. A terminal styles the line by its kind, never by its text.

    Changes appear in the order of the members: breaking ones and removals first, new tables last.
    """

    TITLE = "title"
    FIELD = "field"
    BREAKING = "breaking"
    RENAME = "rename"
    REMOVAL = "removal"
    DEPRECATION = "deprecation"
    UPDATE = "update"
    RESTORATION = "restoration"
    CREATION = "creation"
    EDIT = "edit"
    NOTE = "note"
    PROBLEM = "problem"
    DETAIL = "detail"
    REMEDY = "remedy"
    MORE = "more"
    CHECK = "check"
    CHECK_WARNING = "check_warning"
    CHECK_PROBLEM = "check_problem"
    TOTAL = "total"
    HEADING = "heading"
    STEP = "step"
    STATUS = "status"
    BLANK = "blank"


SIGNS: Final[Mapping[LineKind, str]] = {
    LineKind.BREAKING: "!",
    LineKind.RENAME: ">",
    LineKind.REMOVAL: "-",
    LineKind.DEPRECATION: "x",
    LineKind.UPDATE: "~",
    LineKind.RESTORATION: "^",
    LineKind.CREATION: "+",
    LineKind.EDIT: "<",
    LineKind.NOTE: "i",
    LineKind.PROBLEM: "?",
}
"""The sign at the beginning of a line of that kind, which replaces colour in a pipe."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; it begins with the sign of its kind, if there is one.

    `whole`: the line holds a command, and a terminal does not fold it.
    """

    kind: LineKind
    text: str = ""
    whole: bool = False

    @property
    def plain(self) -> str:
        """Return the line as a pipe receives it, without control characters."""
        sign = SIGNS.get(self.kind)
        return mask_controls(f"  {sign} {self.text}" if sign else self.text)


BLANK: Final = Line(LineKind.BLANK)


def mask_controls(text: str) -> str:
    """Return the text with control characters as U+FFFD, so that a label cannot steer a terminal.

    This includes characters that change the writing direction. Scripts need none of them.
    """
    return _CONTROL.sub("\ufffd", text)


def one_line(text: str, limit: int) -> str:
    """Return the text on one line of at most `limit` cells, cut with an ellipsis."""
    line = mask_controls(" ".join(text.split()))
    if cell_width(line) <= limit:
        return line
    ends = accumulate(map(_char_width, line))
    return "".join(char for char, end in zip(line, ends, strict=True) if end < limit) + "…"


def cell_width(text: str) -> int:
    """Return the width of the text in cells of a terminal."""
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in _WIDE else 1


def align_columns(
    rows: Iterable[Sequence[str]], indent: str = "", widest: int = 44
) -> Iterator[str]:
    """Yield one line per row with aligned columns; cells are cut to `widest` terminal cells.

    Leading blanks of a cell are its indent and stay.
    """
    cut = [[_indent(cell) + one_line(cell, widest) for cell in row] for row in rows]
    widths = [max(map(cell_width, column)) for column in zip(*cut, strict=True)]
    for row in cut:
        padded = (c + " " * (w - cell_width(c)) for c, w in zip(row, widths, strict=True))
        yield indent + "  ".join(padded).rstrip()


def _indent(cell: str) -> str:
    return " " * (len(cell) - len(cell.lstrip(" ")))


def fold_text(text: str, width: int, hang: str = "") -> list[str]:
    """Return the text in lines of `width` characters; no word and no command is broken.

    `hang` begins each line but the first.
    """
    glued = _QUOTED.sub(lambda match: match[0].replace(" ", _GLUE), text)
    lines = textwrap.wrap(
        glued, width, subsequent_indent=hang, break_on_hyphens=False, break_long_words=False
    )
    return [line.replace(_GLUE, " ") for line in lines] or [""]


def wrap_text(text: str, indent: str, most: int | None = None) -> Iterator[str]:
    """Yield the text in lines of at most WIDTH characters, at most `most` of them.

    Line ends of the text stay, and so do the blanks of what stands in backticks. A last line
    counts the lines that are left out.
    """
    lines = [
        line
        for paragraph in text.splitlines()
        for line in fold_text(paragraph, WIDTH - len(indent))
    ]
    for line in lines[:most]:
        yield (indent + mask_controls(line)).rstrip()
    if most is not None and len(lines) > most:
        yield f"{indent}... and {len(lines) - most} more lines (all of them in --json)"
