"""Annotations of CSN in all their forms, and what becomes of those that nobody understands.

A value is a scalar, an enum word `{"#": "SUM"}`, a path `{"=": "Currency"}`, an array or an object
of these; objects are legal in place of dotted names and are flattened first (CSN interop).
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

IGNORED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "DataWarehouse.querybuilder.": "drawing of the graphical view editor",
        "DataWarehouse.editorType": "which editor opens the object",
        "DataWarehouse.hanaCatalog.": "which sort of runtime object is generated",
        "DataWarehouse.sqlEditor.": "text of the query, whose sources are the lineage",
        "DataWarehouse.tableFunction.script": "text of the function, whose sources are the lineage",
        "DataWarehouse.space.": "name of the space, which is part of every name",
        "cds.autoexpose": "instruction to the compiler",
        "cds.persistence.": "instruction to the compiler",
        "cds.odata.": "instruction to the compiler",
        "odata.": "instruction to the compiler",
    }
)
"""Prefixes of what says nothing about the data, with the reason: counted, not kept."""

KNOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Analytics.dbViewType": "which sort of view it is",
        "Analytics.dimensionType": "time, geography or another sort of dimension",
        "DataWarehouse.dataAccessControl.": "row-level security",
        "DataWarehouse.dataSource.": "object of another schema that a table stands for",
        "DataWarehouse.native.dataType": "type in the remote source",
        "DataWarehouse.persistence.": "where and how the data of a table are stored",
        "DataWarehouse.pinToMemory": "where the data of a table are stored",
        "DataWarehouse.spatial.": "what becomes of coordinates that cannot be read",
        "ObjectModel.modelingPattern": "the exact word behind the usage",
        "ObjectModel.supportedCapabilities": "what else the object can be used as",
        "ObjectModel.text.element": "further text columns beside the first",
        "readonly": "no one may write",
    }
)
"""Prefixes of what is understood but has no field of its own: kept, not counted as unknown."""

_IGNORED: Final = tuple(IGNORED)
_KNOWN: Final = tuple(KNOWN)
_DEPTH: Final = 8
_FORMS: Final = frozenset("#=")


class CsnAnnotations:
    """The annotations of one thing by dotted name; remembers which of them were understood."""

    def __init__(self, *holders: Mapping[str, Any]) -> None:
        """Gather annotations; a later holder overrides a term, null or an empty text unsets it."""
        self.found: dict[str, Any] = {}
        self.used: set[str] = set()
        for holder in holders:
            for key, value in holder.items():
                if not key.startswith("@"):
                    continue
                if value is None or value == "":
                    self.found.pop(key[1:], None)
                elif isinstance(value, str | bool):
                    self.found[key[1:]] = value
                else:
                    self.found.update(_flattened(key[1:], value, _DEPTH))

    def text(self, *terms: str) -> str | None:
        """Return the first non-empty text; others that say the same count as understood too."""
        told = [t for t in terms if isinstance(self.found.get(t), str) and self.found[t]]
        if not told:
            return None
        text = str(self.found[told[0]])
        self.used |= {term for term in told if self.found[term] == text}
        return text

    def word(self, *terms: str) -> str | None:
        """Return the first enum word, whether written `{"#": "X"}`, `"#X"` or `"X"`."""
        for term in terms:
            word = _word(self.found.get(term))
            if word:
                self.used.add(term)
                return word
        return None

    def words(self, term: str) -> tuple[str, ...]:
        """Return all words of an array of enum words, without counting them as understood."""
        value = self.found.get(term)
        items = value if isinstance(value, list) else [value]
        return tuple(word for item in items if (word := _word(item)))

    def paths(self, term: str) -> tuple[str, ...]:
        """Return the names that a path, or an array of paths, leads to."""
        names = paths_of(self.found.get(term))
        if names:
            self.used.add(term)
        return names

    def path(self, *terms: str) -> str | None:
        """Return the first name that a term leads to; several names stay to be kept as well."""
        for term in terms:
            names = paths_of(self.found[term]) if term in self.found else ()
            if names:
                if len(names) == 1:
                    self.used.add(term)
                return names[0]
        return None

    def flag(self, *terms: str) -> bool:
        """Return whether one of the terms says true."""
        told = [t for t in terms if t in self.found and isinstance(self.found[t], bool)]
        if not told:
            return False
        self.used.update(told)
        return any(self.found[term] for term in told)

    def flags(self, prefix: str) -> tuple[str, ...]:
        """Return what follows the prefix in the terms not yet understood that say true."""
        told = [t for t, value in self.left() if t.startswith(prefix) and isinstance(value, bool)]
        self.used.update(told)
        return tuple(term.removeprefix(prefix) for term in told if self.found[term])

    def records(self, term: str) -> list[Mapping[str, Any]]:
        """Return the objects of an array; a single one may have been flattened."""
        value = self.found.get(term)
        if isinstance(value, list):
            records = [item for item in value if isinstance(item, Mapping)]
            if records and len(records) == len(value):
                self.used.add(term)
                return records
            return []
        single = {t.removeprefix(term + "."): t for t in self.found if t.startswith(term + ".")}
        self.used.update(single.values())
        return [{rest: self.found[full] for rest, full in single.items()}] if single else []

    def left(self) -> Iterator[tuple[str, Any]]:
        """Yield what was not understood and is not ignored by rule, in the document's order."""
        for term, value in self.found.items():
            if term not in self.used and not ignored(term):
                yield term, value

    def unknown(self) -> Iterator[str]:
        """Yield the terms that are kept without being understood."""
        return (term for term, _ in self.left() if not term.startswith(_KNOWN))

    def ignored(self) -> Iterator[str]:
        """Yield the terms that are ignored by rule."""
        return (term for term in self.found if term not in self.used and ignored(term))

    def custom(self) -> tuple[tuple[str, str], ...]:
        """Return what is left as text or JSON, so that nothing is lost."""
        return tuple(sorted((term, plain(value)) for term, value in self.left()))


@lru_cache(maxsize=4096)
def ignored(term: str) -> bool:
    """Return whether a term says nothing about the data, by rule."""
    return term.startswith(_IGNORED)


def plain(value: Any) -> str:
    """Return a value as text: itself if it is one, else JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def paths_of(value: Any) -> tuple[str, ...]:
    """Return the names that a path `{"=": name}`, a bare name, or an array of these leads to."""
    if value is None:
        return ()
    items = value if isinstance(value, list) else [value]
    names = (item.get("=") if isinstance(item, Mapping) else item for item in items)
    found = tuple(name for name in names if isinstance(name, str) and name)
    return found if len(found) == len(items) else ()


def at(record: Mapping[str, Any], *steps: str) -> Any:
    """Return what stands in a record at the end of steps, whether it was flattened or not."""
    dotted = record.get(".".join(steps))
    if dotted is not None or len(steps) == 1:
        return dotted
    inner = record.get(steps[0])
    return at(inner, *steps[1:]) if isinstance(inner, Mapping) else None


def _word(value: Any) -> str | None:
    if isinstance(value, Mapping):
        value = value.get("#")
    return value.removeprefix("#") or None if isinstance(value, str) else None


def _flattened(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping) or not value or depth == 0 or _FORMS & set(value):
        yield name, value
        return
    for key, inner in value.items():
        yield from _flattened(f"{name}.{key}", inner, depth - 1)
