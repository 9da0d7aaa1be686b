"""What Glue must hold at one place, by the documents of SAP."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from tools.fidelity.kinds import Kind

_ELLIPSIS: Final = "…"
_TOKEN: Final = re.compile(r"\w+|[^\w\s\"'`()\[\]{},.\\]")
_MARKS: Final = re.compile(r"[\s\"'`()\[\]{}\\]+")


class Place(NamedTuple):
    """Where a fact belongs: `column` is empty for the table itself."""

    kind: Kind
    asset: str
    column: str = ""
    detail: str = ""


class How(StrEnum):
    """How the text in Glue compares with the texts of a expectation."""

    EQUAL = "one of the texts"
    FOLDED = "one of the texts, in any case, with or without underscores"
    STARTS = "begins with one of the texts"
    OPENS = "one of the texts, or as much of it as Glue takes, and then anything"
    WITHIN = "all texts occur"
    IN_ORDER = "all texts occur, in this order"
    SAME_SET = "a list of exactly these texts"
    ANY = "not judged"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What Glue must hold at one place.

    `required`: False where Glue may leave it out.
    `terms`: annotations that hold it, to recognise it in `datasphere.custom`.
    """

    texts: tuple[str, ...] = ("true",)
    how: How = How.EQUAL
    required: bool = True
    terms: tuple[str, ...] = ()

    def accepts(self, text: str) -> bool:
        """Return whether the text in Glue repeats the expectation."""
        return _ACCEPTS[self.how](text, self.texts)

    @property
    def shown(self) -> str:
        """The expectation in one line."""
        joint = {How.WITHIN: " and ", How.IN_ORDER: " ... ", How.SAME_SET: ", "}.get(
            self.how, " or "
        )
        return joint.join(dict.fromkeys(self.texts))


Expected = dict[tuple[Kind, str], Expectation]
"""The facts about one column, or about one table, by kind and detail."""

UNJUDGED: Final = Expectation((), How.ANY, required=False)
ABSENT: Final = Expectation((), required=False)
"""Nothing may be there."""


def optional(expectation: Expectation) -> Expectation:
    """Return the expectation as one that Glue may leave out."""
    return replace(expectation, required=False)


def either(one: Expectation, other: Expectation) -> Expectation:
    """Return a expectation that the texts of both satisfy."""
    if ABSENT in {one, other}:
        return ABSENT
    if one.how is not other.how or one.how is How.ANY:
        return UNJUDGED
    texts = tuple(dict.fromkeys((*one.texts, *other.texts)))
    return replace(one, texts=texts, required=one.required or other.required)


def plain(text: str) -> str:
    """Return a text without quotes, brackets, case and repeated blanks."""
    return _MARKS.sub(" ", text).strip().casefold()


def folded(text: str) -> str:
    """Return a word without case and underscores: `DATA_SUBJECT` is `DataSubject`."""
    return text.replace("_", "").casefold()


def in_order(text: str, parts: Iterable[str]) -> bool:
    """Return whether a text holds the words and marks of all parts, one after the other."""
    rest = iter(_tokens(text))
    return all(token in rest for part in parts for token in _tokens(part))


def _tokens(text: str) -> list[str]:
    """Return words and marks of an expression, without quotes, brackets, commas and dots."""
    return _TOKEN.findall(text.replace("!=", "<>").casefold())


def places(
    asset: str, column: str, expected: Mapping[tuple[Kind, str], Expectation]
) -> dict[Place, Expectation]:
    """Return what is expected, by place."""
    return {
        Place(kind, asset, column, detail): expectation
        for (kind, detail), expectation in expected.items()
    }


def _opens(text: str, beginning: str) -> bool:
    """Return whether a text on one line, which may be cut, begins with another one."""
    line, begin = (" ".join(one.split()) for one in (text, beginning))
    cut = line.removesuffix(_ELLIPSIS)
    return line.startswith(begin) or (cut != line and begin.startswith(cut.rstrip()))


_ACCEPTS: Final[Mapping[How, Callable[[str, tuple[str, ...]], bool]]] = {
    How.EQUAL: lambda text, texts: text in texts,
    How.FOLDED: lambda text, texts: folded(text) in map(folded, texts),
    How.STARTS: lambda text, texts: text.startswith(texts),
    How.OPENS: lambda text, texts: any(_opens(text, one) for one in texts),
    How.WITHIN: lambda text, texts: all(plain(one) in plain(text) for one in texts),
    How.IN_ORDER: in_order,
    How.SAME_SET: lambda text, texts: sorted(json.loads(text)) == sorted(texts),
    How.ANY: lambda _text, _texts: True,
}
