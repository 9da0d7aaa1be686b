"""Reads the annotations of one CSN object into fields, by the tables of `terms`."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import (
    CsnAnnotations,
    paths_of,
    translated_text,
    word_of,
)
from datasphere_glue.datasphere.csn.document import Document
from datasphere_glue.datasphere.csn.terms import (
    DECOMMISSIONING,
    RELEASE_STATE,
    SEMANTICS,
    Form,
    Term,
    TermTable,
)
from datasphere_glue.datasphere.values import as_flag, as_text, upper_snake

CALENDAR: Final[Mapping[str, str]] = {
    "date": "IsCalendarDate",
    "calendar.year": "IsCalendarYear",
    "calendar.halfyear": "IsCalendarHalfyear",
    "calendar.quarter": "IsCalendarQuarter",
    "calendar.month": "IsCalendarMonth",
    "calendar.week": "IsCalendarWeek",
    "calendar.dayOfMonth": "IsDayOfCalendarMonth",
    "calendar.dayOfYear": "IsDayOfCalendarYear",
    "calendar.yearHalfyear": "IsCalendarYearHalfyear",
    "calendar.yearQuarter": "IsCalendarYearQuarter",
    "calendar.yearMonth": "IsCalendarYearMonth",
    "calendar.yearWeek": "IsCalendarYearWeek",
    "fiscal.year": "IsFiscalYear",
    "fiscal.period": "IsFiscalPeriod",
    "fiscal.yearPeriod": "IsFiscalYearPeriod",
    "fiscal.quarter": "IsFiscalQuarter",
    "fiscal.yearQuarter": "IsFiscalYearQuarter",
    "fiscal.week": "IsFiscalWeek",
    "fiscal.yearWeek": "IsFiscalYearWeek",
    "fiscal.dayOfYear": "IsDayOfFiscalYear",
    "fiscal.yearVariant": "IsFiscalYearVariant",
    "language": "IsLanguageIdentifier",
}
"""Terms of CDS semantics, each with the OData term that publishes it (SAP Common vocabulary)."""

INTERNAL: Final = "_DWC_"
"""Prefix of capabilities that only editors of Datasphere use."""

_FIXED: Final = {*SEMANTICS, RELEASE_STATE}
_FIXED_INSIDE: Final = frozenset({"temporalIntervalType", "temporalType", "category"})
"""Members of entity relationships that held plain words before CSN Interop 1.2."""

_YEAR_MONTH: Final = re.compile(r"(\d{4})(\d{2})")
_TRUTH: Final = re.compile(r"is[A-Z]")


@dataclass(frozen=True, slots=True)
class TermReader:
    """The annotations of one object, with what their values refer to.

    `columns`: names of the columns of the entity.
    """

    document: Document
    annotations: CsnAnnotations
    columns: Collection[str] = ()

    def fields(self, table: TermTable) -> dict[str, Any]:
        """Return the fields that the terms of a table fill; absent fields are left out."""
        values: dict[str, Any] = {}
        pairs: dict[str, dict[str, str]] = {}
        for term in table.rows_of(self.annotations.values):
            if term.form is Form.CODE:
                continue
            before = frozenset(self.annotations.used) if self.document.named.globs else None
            if term.form is Form.PAIR:
                self._add_pairs(term, pairs.setdefault(term.field, {}))
            elif value := _READ[term.form](self, term):
                values |= value
            if before is not None:
                kind = self.annotations.settled if term.settled else self.annotations.once_custom
                kind |= self.annotations.used - before
        return values | {name: tuple(sorted(one.items())) for name, one in pairs.items() if one}

    def _add_pairs(self, term: Term, pairs: dict[str, str]) -> None:
        """Add the members that the terms give; one that another term gave differently stays."""
        for name, word in list(self._members(term)):
            text = self._member_text(word, self.annotations.values[name])
            if text is not None and pairs.setdefault(word, text) == text:
                self.annotations.used.add(name)

    def _members(self, term: Term) -> Iterator[tuple[str, str]]:
        """Yield the terms that are present, each with the name of its member."""
        for name in term.terms:
            if not name.endswith("."):
                if name in self.annotations.values:
                    yield name, term.word
                continue
            for full, _ in self.annotations.unused():
                if full.startswith(name):
                    rest = full.removeprefix(name)
                    yield full, rest[:1].lower() + rest[1:]

    def _member_text(self, word: str, value: Any) -> str | None:
        """Return the text of a member, None where it is empty."""
        if _TRUTH.match(word) and (flag := as_flag(value)) is not None:
            return as_text(flag)
        plain = _plain(value)
        if plain is None or plain in ("", [], {}):
            return None
        text = as_text(plain)
        if word in _FIXED:
            return upper_snake(text)
        if word == DECOMMISSIONING and (match := _YEAR_MONTH.fullmatch(text)):
            return f"{match[1]}-{match[2]}"
        return self.document.translate(text)


def _translated(reader: TermReader, term: Term) -> dict[str, Any]:
    text = translated_text(reader.document, reader.annotations, *term.terms)
    return {term.field: text} if text else {}


def _text(reader: TermReader, term: Term) -> dict[str, Any]:
    text = reader.annotations.text(*term.terms)
    return {term.field: text} if text else {}


def _word(reader: TermReader, term: Term) -> dict[str, Any]:
    """Read a word from a term that nothing has used."""
    word = reader.annotations.word(*(t for t in term.terms if t not in reader.annotations.used))
    return {term.field: word} if word else {}


def _flag(reader: TermReader, term: Term) -> dict[str, Any]:
    return {term.field: True} if reader.annotations.flag(*term.terms) else {}


def _name(reader: TermReader, term: Term) -> dict[str, Any]:
    name = reader.annotations.path(*term.terms)
    return {term.field: name} if name else {}


def _names(reader: TermReader, term: Term) -> dict[str, Any]:
    names = next(filter(None, map(reader.annotations.paths, term.terms)), ())
    return {term.field: names} if names else {}


def _further(reader: TermReader, term: Term) -> dict[str, Any]:
    for name in term.terms:
        if name not in reader.annotations.used and (names := reader.annotations.paths(name)[1:]):
            return {term.field: names}
    return {}


def _words(reader: TermReader, term: Term) -> dict[str, Any]:
    """Read the words of a term that nothing has used, without those of editors."""
    (name,) = term.terms
    words = reader.annotations.words(name)
    if name in reader.annotations.used or not words:
        return {}
    reader.annotations.used.add(name)
    return {term.field: tuple(word for word in words if not word.startswith(INTERNAL))}


def _marks(reader: TermReader, term: Term) -> dict[str, Any]:
    (prefix,) = term.terms
    marks = tuple(CALENDAR.get(mark, mark) for mark in reader.annotations.flags(prefix))
    return {term.field: marks} if marks else {}


def _reference(reader: TermReader, term: Term) -> dict[str, Any]:
    """Read the name of a column, or a literal, which has a field of its own."""
    values = reader.annotations.values
    given = [(name, values[name]) for name in term.terms if name in values]
    for name, value in given:
        literal, column = _literal(value, reader.columns), reader.annotations.path(name)
        if literal is None and column is None:
            continue
        if literal:
            reader.annotations.used.add(name)
        if name in reader.annotations.used:
            # Another term with the same value repeats this one.
            reader.annotations.used |= {other for other, same in given if same == value}
        return {term.literal: literal} if literal else {term.field: column}
    return {}


def _literal(value: Any, columns: Collection[str]) -> str | None:
    """Return a literal; a text that is the name of a column is the column."""
    if isinstance(value, Mapping):
        value = value.get("val", word_of(value))
    return value if isinstance(value, str) and value and value not in columns else None


_READ: Final[Mapping[Form, Callable[[TermReader, Term], dict[str, Any]]]] = {
    Form.TEXT: _text,
    Form.TRANSLATED: _translated,
    Form.WORD: _word,
    Form.FLAG: _flag,
    Form.NAME: _name,
    Form.NAMES: _names,
    Form.FURTHER: _further,
    Form.WORDS: _words,
    Form.MARKS: _marks,
    Form.REFERENCE: _reference,
}


def _plain(value: Any, inside: str = "") -> Any:
    """Return a value with its enum words in `UPPER_SNAKE` and its paths as names."""
    if isinstance(value, Mapping):
        word = word_of(value)
        if word is not None:
            return upper_snake(word)
        names = paths_of(value)
        return names[0] if names else {k: _plain(one, str(k)) for k, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return upper_snake(value) if inside in _FIXED_INSIDE and isinstance(value, str) else value
