"""Values of a business layer: words of enumerations, lists of names, and what nothing has used.

A word is written `AnalyticModelMeasureType.FactSourceMeasure` in a layer, and `{"#": "X"}` or `#X`
where a layer repeats an annotation. A column is written as a text, `{"key": "X"}` or `{"=": "X"}`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from datasphere_glue.datasphere.csn.annotations import word_of
from datasphere_glue.datasphere.values import as_text
from datasphere_glue.model.term_globs import TermGlobs

_NAME_KEYS: Final = ("key", "=", "element", "attribute", "name")
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {}, False)
_DEPTH: Final = 4
_SETTLED: Final = frozenset(
    {
        *("text", "key", "aggregation", "formulaRaw", "attributeType", "attributeMapping"),
        *("measureMapping", "identifier", "sourceModel", "variables", "version"),
        *("supportedCapabilities", "attributes", "measures"),
    }
)
"""Entries that never were custom, or not as a whole: wildcards of rules do not reach them."""


def bare_word(value: Any) -> str | None:
    """Return a word without the name of its enumeration, None for anything else."""
    word = word_of(value)
    return word.rpartition(".")[2] or None if word else None


def name_of(value: Any) -> str | None:
    """Return the name of a column or object in any of its forms."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), None)
    return value if isinstance(value, str) and value else None


def names_of(value: Any) -> tuple[str, ...]:
    """Return the names in a list, in an object by number, or of a single column, each once."""
    if isinstance(value, Mapping) and not any(isinstance(value.get(k), str) for k in _NAME_KEYS):
        items: Iterable[Any] = value.values()
    else:
        items = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(name for item in items if (name := name_of(item))))


def facts_of(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the entries as sorted (dotted word, text), without empty values.

    A text that is the word of an enumeration of SAP's stands without the enumeration's name.
    """
    return tuple(sorted(_facts("", values, _DEPTH)))


def _facts(prefix: str, values: Mapping[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value and depth and "#" not in value:
            yield from _facts(f"{name}.", value, depth - 1)
        elif value not in _EMPTY:
            yield name, _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping) or (isinstance(value, str) and value.startswith("AnalyticModel")):
        return bare_word(value) or as_text(value)
    return as_text(value)


def leftovers(part: Mapping[str, Any], understood: Iterable[str]) -> dict[str, str]:
    """Return the entries with other keys than the understood ones, without empty values."""
    known = frozenset(understood)
    return {
        key: as_text(value)
        for key, value in sorted(part.items())
        if key not in known and value not in _EMPTY
    }


def named_entries(part: Mapping[str, Any], named: TermGlobs) -> dict[str, str]:
    """Return the entries that rules name, or reach by a wildcard and once did as custom terms."""
    entries = {key: f"model.{key}" for key, value in part.items() if value not in _EMPTY}
    return {
        key: as_text(part[key])
        for key, term in entries.items()
        if named.name(term) or (not _is_settled(part, key) and named.match(term))
    }


def _is_settled(part: Mapping[str, Any], key: str) -> bool:
    """Return whether an entry never was custom; a formula was where its raw form differs."""
    repeats = part.get("formulaRaw") in (None, "", part[key])
    return key in _SETTLED or (key == "formula" and repeats)
