"""Business context that no interface of SAP gives: from annotations of one's own, and an overlay.

Strength, from strong to weak: the overlay of the mapping configuration, annotations that the
configuration gives a place, what else the definition says, the list of objects. Tags and terms add
up. Provenance tells which of them gave a value.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any, Final, TypeVar

from datasphere_glue.model.asset import Asset, Element

TEXTS: Final = ("description", "owner", "steward", "certification")
LISTS: Final = ("tags", "terms")
FIELDS: Final = (*TEXTS, *LISTS)
OVERLAY: Final = "overlay"
CSN: Final = "csn"
_DIGEST_HEX: Final = 16
_ADDING: Final = (*LISTS, "custom")

_Governed = TypeVar("_Governed", Asset, Element)


@dataclass(frozen=True, slots=True)
class Overlay:
    """What people say about assets, or about columns of theirs.

    `asset` is a glob over `SPACE.asset`, `column` one over exact SAP column names, None for the
    assets themselves. What is None or empty says nothing.
    """

    asset: str
    column: str | None = None
    description: str | None = None
    owner: str | None = None
    steward: str | None = None
    certification: str | None = None
    tags: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Governance:
    """Where business context comes from.

    `annotations` pairs a glob over annotation terms, in any case, with one of FIELDS; the first
    match wins. Of the overlays that match, a later one refines an earlier one. `languages` are
    those that the source was asked to prefer.
    """

    annotations: tuple[tuple[str, str], ...] = ()
    overlays: tuple[Overlay, ...] = ()
    languages: tuple[str, ...] = ()

    def overlays_for(self, space: str, asset: str) -> tuple[Overlay, ...]:
        """Return the overlays that say something about an asset or columns of it."""
        name = f"{space}.{asset}"
        return tuple(one for one in self.overlays if fnmatchcase(name, one.asset))

    def digest(self, space: str, asset: str) -> str | None:
        """Return what tells whether an asset was governed by just these rules, None without any."""
        about = self.overlays_for(space, asset)
        if not about and not self.annotations and not self.languages:
            return None
        told = repr((self.annotations, about, self.languages))
        return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_HEX]


def apply_governance(asset: Asset, rules: Governance) -> Asset:
    """Return the asset with the business context that the rules give it, and where it is from."""
    overlays = rules.overlays_for(asset.space, asset.name)
    if not overlays and not rules.annotations:
        return asset
    own = [one for one in overlays if one.column is None]
    told_by = dict(asset.provenance)
    told, sources = _governed(asset, rules, own, told_by)
    provenance = told_by | sources
    elements = []
    for element in asset.elements:
        said = [
            one
            for one in overlays
            if one.column is not None and fnmatchcase(element.name, one.column)
        ]
        place = f"elements.{element.name}."
        column, sources = _governed(element, rules, said, _known(told_by, place))
        provenance |= {place + field: source for field, source in sources.items()}
        elements.append(column)
    return replace(told, elements=tuple(elements), provenance=tuple(sorted(provenance.items())))


def _known(told_by: Mapping[str, str], place: str) -> dict[str, str]:
    """Return where what adds up in a column is from: said of itself, of its field, of columns."""
    found = {}
    for field in _ADDING:
        places = (place + field, f"elements.{field}", "elements")
        if source := next((told_by[one] for one in places if one in told_by), None):
            found[field] = source
    return found


def _governed(
    thing: _Governed, rules: Governance, overlays: Iterable[Overlay], known: Mapping[str, str]
) -> tuple[_Governed, dict[str, str]]:
    """Return an asset or a column with its context, and the sources of what was given to it."""
    told, sources = _annotated(thing, rules)
    for one in overlays:
        told, given = _overlaid(told, one, {**known, **sources})
        sources |= given
    return told, sources


def _annotated(thing: _Governed, rules: Governance) -> tuple[_Governed, dict[str, str]]:
    custom = dict(thing.custom)
    news: dict[str, Any] = {}
    for term, field in tuple(_placed(custom, rules)):
        words: tuple[str, ...] = _words(custom[term])
        if not words or (field in TEXTS and field in news):
            continue
        del custom[term]
        if field in LISTS:
            before: tuple[str, ...] = news.get(field) or getattr(thing, field)
            news[field] = tuple(dict.fromkeys((*before, *words)))
        else:
            news[field] = ", ".join(words)
    sources = dict.fromkeys(news, CSN)
    if len(custom) != len(thing.custom):
        news["custom"] = tuple(sorted(custom.items()))
    return replace(thing, **news), sources


def _overlaid(
    thing: _Governed, one: Overlay, known: Mapping[str, str]
) -> tuple[_Governed, dict[str, str]]:
    news: dict[str, Any] = {field: getattr(one, field) for field in TEXTS if getattr(one, field)}
    sources = dict.fromkeys(news, OVERLAY)
    for field in _ADDING:
        added: tuple[Any, ...] = getattr(one, field)
        before: tuple[Any, ...] = getattr(thing, field)
        if not added:
            continue
        if field == "custom":
            news[field] = tuple(sorted({**dict(before), **dict(added)}.items()))
        else:
            news[field] = tuple(dict.fromkeys((*before, *added)))
        sources[field] = _joined(known.get(field) if before else None)
    return replace(thing, **news), sources


def _joined(other: str | None) -> str:
    if other is None or OVERLAY in other:
        return other or OVERLAY
    return f"{other}+{OVERLAY}"


def _placed(custom: Iterable[str], rules: Governance) -> Iterator[tuple[str, str]]:
    """Yield the annotations that have a place, with the field that it is."""
    for term in sorted(custom):
        for glob, field in rules.annotations:
            if fnmatchcase(term.lower(), glob.lower().removeprefix("@")):
                yield term, field
                break


def _words(value: str) -> tuple[str, ...]:
    """Return the texts of an annotation value: a scalar, `{"#": X}`, `{"=": X}`, or an array."""
    try:
        said = json.loads(value) if value[:1] in "[{" else value
    except ValueError:
        said = value
    items = said if isinstance(said, list) else [said]
    return tuple(word for item in items if (word := _word(item)))


def _word(item: Any) -> str:
    if isinstance(item, dict):
        item = item.get("#", item.get("=")) or json.dumps(item, ensure_ascii=False, sort_keys=True)
    return str(item).strip() if item is not None else ""
