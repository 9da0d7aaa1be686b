"""Finds assets by names, texts and people, in the terms of SAP or Glue. Pure functions."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from datasphere_glue.browse.describe import Entry
from datasphere_glue.text_layout import one_line

SCHEMA: Final = "datasphere-glue/search/1"

_WEIGHTS: Final[Mapping[str, int]] = {
    "name": 70,
    "table": 70,
    "label": 40,
    "term": 35,
    "tag": 35,
    "owner": 30,
    "steward": 30,
    "column": 20,
    "column label": 15,
    "column term": 12,
    "column tag": 12,
    "description": 8,
    "column description": 4,
}
"""Weight of a match by its location; a whole word counts double, a whole text triple."""

_WHOLE: Final = 3
_WORD: Final = 2
_SHOWN: Final = 5
_SUGGESTED: Final = 5
_EXCERPT: Final = 60


@dataclass(frozen=True, slots=True)
class Match:
    """A text that contains a search word.

    `where`: location of the text, a key of the weights.
    `column`: (SAP name, Glue name) of the column, None for a text of the asset.
    """

    where: str
    text: str
    column: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One asset that contains every search word; `score` has no unit and only ranks."""

    entry: Entry
    score: int
    matches: tuple[Match, ...]


def search(words: Iterable[str], entries: Iterable[Entry]) -> tuple[Hit, ...]:
    """Return the assets that contain all words, best match first.

    Case and accents are ignored. A word can match a part of a longer word.
    """
    terms = tuple(dict.fromkeys(word for text in words for word in fold_case(text).split()))
    hits = (hit for entry in entries if terms and (hit := _hit(entry, terms)))
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.entry.source, hit.entry.place)))


def suggestions(words: Iterable[str], entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return names and words that are spelt similarly to the words without any match."""
    originals = {
        fold_case(part): part
        for entry in entries
        for match in _all_matches(entry)
        if "description" not in match.where
        for part in (match.text, *match.text.split())
    }
    folded_text = "\n".join(originals)
    terms = [word for text in words for word in fold_case(text).split()]
    missing = [word for word in terms if word not in folded_text]
    close = (name for word in missing for name in get_close_matches(word, originals, n=_SUGGESTED))
    return tuple(dict.fromkeys(originals[name] for name in close))[:_SUGGESTED]


def fold_case(text: str) -> str:
    """Return the text without case and accents: `Größe`, `GROSSE` and `grosse` are equal."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).casefold())
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


def _hit(entry: Entry, words: tuple[str, ...]) -> Hit | None:
    texts = [(match, fold_case(match.text)) for match in _all_matches(entry)]
    score, matches = 0, dict[Match, None]()
    for word in words:
        matching = [(_score(word, match, text), match) for match, text in texts if word in text]
        if not matching:
            return None
        score += max(points for points, _ in matching)
        matches |= dict.fromkeys(match for _, match in matching)
    return Hit(entry, score, tuple(matches))


def _score(word: str, match: Match, text: str) -> int:
    weight = _WEIGHTS[match.where]
    if word == text or text.endswith(f".{word}"):
        return weight * _WHOLE
    return weight * _WORD if word in text.replace("_", " ").split() else weight


def _all_matches(entry: Entry) -> Iterator[Match]:
    asset = entry.asset
    yield Match("name", entry.source)
    yield Match("table", entry.place)
    yield from _text_matches("", (asset.label, asset.description), asset.tags, asset.terms)
    for where, person in (("owner", asset.owner), ("steward", asset.steward)):
        if person:
            yield Match(where, person)
    for element, column in entry.columns:
        names = (element.name, column.name)
        for name in names:
            yield Match("column", name, names)
        texts = (element.label, element.description)
        yield from _text_matches("column ", texts, element.tags, element.terms, names)


def _text_matches(
    prefix: str,
    texts: tuple[str | None, str | None],
    tags: tuple[str, ...],
    terms: tuple[str, ...],
    column: tuple[str, str] | None = None,
) -> Iterator[Match]:
    for where, text in zip(("label", "description"), texts, strict=True):
        if text:
            yield Match(prefix + where, text, column)
    for where, values in (("tag", tags), ("term", terms)):
        for value in values:
            yield Match(prefix + where, value, column)


def search_text(words: Iterable[str], hits: tuple[Hit, ...], close: Iterable[str]) -> str:
    """Return the hits as text: one line per asset, with the locations of matches below."""
    if hits:
        return "\n".join(line for hit in hits for line in _hit_lines(hit))
    query = one_line(" ".join(words), _EXCERPT)
    near = ", ".join(one_line(name, _EXCERPT) for name in close)
    return f'Nothing in the catalog matches "{query}".' + (f" Close to it: {near}" if near else "")


def _hit_lines(hit: Hit) -> Iterator[str]:
    entry, asset = hit.entry, hit.entry.asset
    suffix = "  (deprecated)" if entry.table.deprecated else ""
    parts = (entry.place, entry.source, str(asset.kind), asset.label or "")
    yield "  ".join(one_line(part, 2 * _EXCERPT) for part in parts if part) + suffix
    places = list(dict.fromkeys(_place(match) for match in hit.matches))
    yield from (f"    {place}" for place in places[:_SHOWN])
    if len(places) > _SHOWN:
        yield f"    ... and {len(places) - _SHOWN} more (all of them in --json)"


def _place(match: Match) -> str:
    text = f'"{one_line(match.text, _EXCERPT)}"'
    if match.column is None:
        return f"{match.where} {text}"
    place = one_line(f"column {' = '.join(match.column)}", 2 * _EXCERPT)
    what = match.where.removeprefix("column").strip()
    return f"{place} {what} {text}" if what else place


def search_value(words: Iterable[str], hits: Iterable[Hit], close: Iterable[str]) -> dict[str, Any]:
    """Return the hits as one JSON document."""
    return {
        "schema": SCHEMA,
        "words": list(words),
        "hits": [_hit_value(hit) for hit in hits],
        "suggestions": list(close),
    }


def _hit_value(hit: Hit) -> dict[str, Any]:
    asset, table = hit.entry.asset, hit.entry.table
    return {
        "database": table.database,
        "table": table.name,
        "space": asset.space,
        "asset": asset.name,
        "kind": str(asset.kind),
        "label": asset.label,
        "deprecated": table.deprecated,
        "matches": [
            {
                "where": match.where,
                "text": match.text,
                "element": match.column[0] if match.column else None,
                "column": match.column[1] if match.column else None,
            }
            for match in hit.matches
        ],
    }
