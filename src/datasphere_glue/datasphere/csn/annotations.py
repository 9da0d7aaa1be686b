"""Holds the annotations of one CSN object, and keeps those that no reader interprets.

A value is a scalar, an enum word `{"#": "SUM"}`, a path `{"=": "Currency"}`, an array or an object
of these. CSN interop allows objects in place of dotted names; they are flattened first.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from datasphere_glue.datasphere.csn.document import Document
from datasphere_glue.datasphere.csn.terms import ASSET_TERMS, ELEMENT_TERMS, IGNORED, KNOWN, Form
from datasphere_glue.datasphere.values import as_flag, as_text
from datasphere_glue.model.term_globs import NO_GLOBS, TermGlobs

PROPERTIES: Final = ("default", "enum", "localized", "virtual", "value")
"""Properties of an element that are read like annotations."""

_IGNORED: Final = tuple(one.prefix for one in IGNORED)
_SETTLED: Final = (
    *(one.prefix for one in IGNORED if one.settled),
    *(
        term
        for table in (ASSET_TERMS, ELEMENT_TERMS)
        for row in table.rows
        if row.settled and row.form is Form.CODE
        for term in row.terms
    ),
)
"""Prefixes of terms that never were custom, apart from those that the rows of tables settle."""
_KNOWN: Final = (*KNOWN, *PROPERTIES)
_DEPTH: Final = 8
_FORMS: Final = frozenset("#=")


class CsnAnnotations:
    """The annotations of one CSN object, by dotted term.

    `values`: each term without its `@`, with its value.
    `used`: the terms that a reader has interpreted.
    `settled`: those among them that never were custom; `once_custom`: those that surely were. Both
        are empty without rules.
    """

    def __init__(self, *holders: Mapping[str, Any]) -> None:
        """Collect annotations; a later holder overrides a term, null or an empty text unsets it."""
        self.values: dict[str, Any] = {}
        self.used: set[str] = set()
        self.settled: set[str] = set()
        self.once_custom: set[str] = set()
        for holder in holders:
            for key, value in holder.items():
                if not key.startswith("@"):
                    continue
                if value is True or (isinstance(value, str) and value):
                    self.values[key[1:]] = value
                    continue
                for term, inner in _flattened(key[1:], value, _DEPTH):
                    if inner is None or inner == "":
                        self.values.pop(term, None)
                    else:
                        self.values[term] = inner

    def add_properties(self, *holders: Mapping[str, Any]) -> None:
        """Add `PROPERTIES` of an element; a later holder overrides one, null unsets it."""
        for holder in holders:
            for key in PROPERTIES:
                if key in holder:
                    self.values.pop(key, None)
                    if holder[key] is not None and (key == "default" or holder[key] is not False):
                        self.values[key] = holder[key]

    def text(self, *terms: str) -> str | None:
        """Return the first non-empty text; terms with the same text count as used, too."""
        matching = [t for t in terms if isinstance(self.values.get(t), str) and self.values[t]]
        if not matching:
            return None
        text = str(self.values[matching[0]])
        self.used |= {term for term in matching if self.values[term] == text}
        return text

    def word(self, *terms: str) -> str | None:
        """Return the first enum word, whether written `{"#": "X"}`, `"#X"` or `"X"`."""
        for term in terms:
            word = word_of(self.values.get(term))
            if word:
                self.used.add(term)
                return word
        return None

    def words(self, term: str) -> tuple[str, ...]:
        """Return all words of an array of enum words, without marking the term as used."""
        value = self.values.get(term)
        items = value if isinstance(value, list) else [value]
        return tuple(word for item in items if (word := word_of(item)))

    def paths(self, term: str) -> tuple[str, ...]:
        """Return the names in a path or an array of paths."""
        names = paths_of(self.values.get(term))
        if names:
            self.used.add(term)
        return names

    def path(self, *terms: str) -> str | None:
        """Return the first name in the path of the first term that has one.

        A term with several names stays unused, so that the others are kept.
        """
        for term in terms:
            names = paths_of(self.values[term]) if term in self.values else ()
            if names:
                if len(names) == 1:
                    self.used.add(term)
                return names[0]
        return None

    def flag(self, *terms: str) -> bool:
        """Return whether one of the terms is true, which may be written as text."""
        flags = {
            term: flag
            for term in terms
            if isinstance(value := self.values.get(term), bool | str)
            and (flag := as_flag(value)) is not None
        }
        self.used.update(flags)
        return any(flags.values())

    def flags(self, prefix: str) -> tuple[str, ...]:
        """Return the rest of each unused term with this prefix whose value is true."""
        matching = [
            t for t, value in self.unused() if t.startswith(prefix) and isinstance(value, bool)
        ]
        self.used.update(matching)
        return tuple(term.removeprefix(prefix) for term in matching if self.values[term])

    def records(self, term: str) -> list[Mapping[str, Any]]:
        """Return the objects in an array, or the single object that was flattened."""
        value = self.values.get(term)
        if isinstance(value, list):
            records = [item for item in value if isinstance(item, Mapping)]
            if records and len(records) == len(value):
                self.used.add(term)
                return records
            return []
        single = {t.removeprefix(term + "."): t for t in self.values if t.startswith(term + ".")}
        self.used.update(single.values())
        return [{rest: self.values[full] for rest, full in single.items()}] if single else []

    def unused(self) -> Iterator[tuple[str, Any]]:
        """Yield each term that is neither used nor ignored, with its value, in document order."""
        for term, value in self.values.items():
            if term not in self.used and not _is_ignored(term):
                yield term, value

    def unknown(self) -> Iterator[str]:
        """Yield the terms that are kept without being interpreted."""
        return (term for term, _ in self.unused() if not term.startswith(_KNOWN))

    def ignored(self) -> Iterator[str]:
        """Yield the terms that `IGNORED` excludes."""
        return (term for term in self.values if term not in self.used and _is_ignored(term))

    def custom(self, named: TermGlobs = NO_GLOBS) -> tuple[tuple[str, str], ...]:
        """Return the unused terms, sorted, with their values as text or JSON.

        `named`: the terms that rules name, which stay in any case.
        """
        kept = dict(self.unused())
        if named.globs:
            kept |= {term: self.values[term] for term in self._named(named)}
        return tuple(sorted((term, as_text(value)) for term, value in kept.items()))

    def _named(self, named: TermGlobs) -> Iterator[str]:
        """Yield the terms that rules name, or reach by a wildcard and once did as custom terms."""
        for term in self.values:
            settled = term in self.settled or term.startswith(_SETTLED)
            if named.name(term) or (
                named.match(term) and (term in self.once_custom or not settled)
            ):
                yield term


@lru_cache(maxsize=4096)
def _is_ignored(term: str) -> bool:
    """Return whether `IGNORED` excludes a term."""
    return term.startswith(_IGNORED)


def translated_text(document: Document, annotations: CsnAnnotations, *terms: str) -> str | None:
    """Return the first text of the terms, translated where it is a key of translations."""
    text = annotations.text(*terms)
    return document.translate(text) if text else None


def paths_of(value: Any) -> tuple[str, ...]:
    """Return the names in a path `{"=": name}`, a bare name, or an array of these.

    The result is empty where one of the items has no name.
    """
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    names = (item.get("=") if isinstance(item, Mapping) else item for item in items)
    valid = tuple(name for name in names if isinstance(name, str) and name)
    return valid if len(valid) == len(items) else ()


def value_at(record: Mapping[str, Any], *steps: str) -> Any:
    """Return the value at the end of the steps into a record, flattened or not."""
    dotted = record.get(".".join(steps))
    if dotted is not None or len(steps) == 1:
        return dotted
    inner = record.get(steps[0])
    return value_at(inner, *steps[1:]) if isinstance(inner, Mapping) else None


def word_of(value: Any) -> str | None:
    """Return an enum word, whether written `{"#": "X"}`, `"#X"` or `"X"`."""
    if isinstance(value, Mapping):
        value = value.get("#")
    return value.removeprefix("#") or None if isinstance(value, str) else None


def _flattened(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping) or not value or depth == 0 or _FORMS & set(value):
        yield name, value
        return
    for key, inner in value.items():
        yield from _flattened(f"{name}.{key}", inner, depth - 1)
