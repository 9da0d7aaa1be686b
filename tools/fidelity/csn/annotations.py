"""Annotations of CSN in every form that is legal.

A term is flat (`@Aggregation.default`) or nested (`@Aggregation: {default: ...}`). A word is
`{"#": "SUM"}`, `"#SUM"` or `"SUM"`. A path is `{"=": "CURR"}` or a plain text, alone or in a list.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tools.fidelity.expectations import Expectation, How

_WORD: Final = "#"
_PATH: Final = "="
_NOISE: Final = (
    "DataWarehouse.querybuilder.",
    "DataWarehouse.editorType",
    "DataWarehouse.hanaCatalog.",
    "DataWarehouse.space.",
    "DataWarehouse.consumption.external",
    "cds.autoexpose",
    "cds.persistence.",
    "cds.odata.",
    "odata.",
    "DataWarehouse.capabilities.",
    "Capabilities.",
)
"""Terms that do not describe the data: instructions to editors and compilers, and what kind and
usage of the object repeat."""


class Annotations:
    """The annotations of one CSN object by dotted term, without `@`.

    `used`: the terms that a reader has understood.
    """

    def __init__(self, *holders: Mapping[str, Any]) -> None:
        """Collect annotations: a later holder overrides a term, and null unsets it."""
        self.values: dict[str, Any] = {}
        self.used: set[str] = set()
        for holder in holders:
            for key, value in holder.items():
                if key.startswith("@"):
                    self.values.update(_flat(key[1:], value))
        self.values = {term: value for term, value in self.values.items() if value is not None}

    def texts(self, *terms: str) -> list[tuple[str, str]]:
        """Return (text, term) of each term that holds a text."""
        found = [(self.values[t], t) for t in terms if isinstance(self.values.get(t), str)]
        self.used.update(term for _, term in found)
        return [(text, term) for text, term in found if text]

    def word(self, *terms: str) -> tuple[str, str] | None:
        """Return (word, term) of the first term that holds a word."""
        for term in terms:
            if word := word_of(self.values.get(term)):
                self.used.add(term)
                return word, term
        return None

    def paths(self, *terms: str) -> tuple[list[str], str] | None:
        """Return (names, term) of the first term that holds names of elements."""
        for term in terms:
            if names := paths_of(self.values.get(term)):
                self.used.add(term)
                return names, term
        return None

    def flag(self, *terms: str) -> str | None:
        """Return the first term that is true."""
        self.used.update(term for term in terms if isinstance(self.values.get(term), bool))
        return next((term for term in terms if self.values.get(term) is True), None)

    def below(self, prefix: str) -> dict[str, Any]:
        """Return the values of all terms with a prefix, by the rest of the term."""
        found = {term: value for term, value in self.values.items() if term.startswith(prefix)}
        self.used.update(found)
        return {term.removeprefix(prefix): value for term, value in found.items()}

    def records(self, term: str) -> list[Mapping[str, Any]]:
        """Return the objects in the list of a term, each flattened."""
        value = self.values.get(term)
        single = self.below(term + ".")
        items = value if isinstance(value, list) else [single] if single else []
        self.used.add(term)
        return [dict(_flattened(item)) for item in items if isinstance(item, Mapping)]

    def rest(self) -> Iterator[tuple[str, Any]]:
        """Yield the terms that no reader has understood, without noise and empty values."""
        for term, value in self.values.items():
            empty = value in ("", [], {})
            if term not in self.used and not term.startswith(_NOISE) and not empty:
                yield term, value


def word_of(value: Any) -> str | None:
    """Return an enum word in any of its forms."""
    if isinstance(value, Mapping):
        value = value.get(_WORD)
    return value.removeprefix(_WORD) or None if isinstance(value, str) else None


def paths_of(value: Any) -> list[str]:
    """Return the names in a path, a text or a list of these."""
    items = value if isinstance(value, list) else [value]
    names = [item.get(_PATH) if isinstance(item, Mapping) else item for item in items]
    return [name for name in names if isinstance(name, str) and name]


def leaf_texts(value: Any) -> list[str]:
    """Return the texts at the ends of a value: words and paths without their marks."""
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in leaf_texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in leaf_texts(inner)]
    return [value] if isinstance(value, str) else [json.dumps(value)]


def kept_expectation(value: Any) -> Expectation:
    """Return an annotation that is kept as it is; false may be left out."""
    texts = leaf_texts(value)
    if isinstance(value, list) or len(texts) > 1:
        return Expectation(tuple(text.removeprefix(_WORD) for text in texts), How.WITHIN)
    bare = texts[0].removeprefix(_WORD) if texts else ""
    forms = (bare, *texts, json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return Expectation(tuple(dict.fromkeys(forms)), required=value is not False)


def _flat(term: str, value: Any) -> Iterator[tuple[str, Any]]:
    nested = isinstance(value, Mapping) and value and not {_WORD, _PATH} & set(value)
    if not nested:
        yield term, value
        return
    for key, inner in value.items():
        yield from _flat(f"{term}.{key}", inner)


def _flattened(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        yield from _flat(key, value)
