"""Adds business context that SAP interfaces lack, from custom annotations and an overlay.

Precedence, from high to low: the overlay of the mapping configuration, annotations that the
configuration maps to a field, other values of the definition, the list of objects. Tags and terms
accumulate. Provenance records the source of each value.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any, Final, TypeVar

from datasphere_glue.model.asset import Asset
from datasphere_glue.model.element import Element
from datasphere_glue.model.odata_name import callable_by
from datasphere_glue.model.term_globs import term_matches

TEXTS: Final = ("description", "owner", "steward", "certification")
LISTS: Final = ("tags", "terms")
FIELDS: Final = (*TEXTS, *LISTS)
OVERLAY: Final = "overlay"
CSN: Final = "csn"
_DIGEST_HEX: Final = 16
_ACCUMULATING: Final = (*LISTS, "custom")

_Governed = TypeVar("_Governed", Asset, Element)


@dataclass(frozen=True, slots=True)
class Overlay:
    """Business context that people give to assets or columns.

    `asset`: glob over `SPACE.asset`.
    `column`: glob over the names of columns, exact or as in OData; None for the assets themselves.
    Other fields: the values to set; None and empty values change nothing.
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
    """The sources of business context.

    `annotations`: pairs of a glob over annotation terms (case ignored) and one of FIELDS; the
        first match wins.
    `overlays`: overlays in their order; a later match refines an earlier one.
    `languages`: languages that the source is asked to prefer.
    """

    annotations: tuple[tuple[str, str], ...] = ()
    overlays: tuple[Overlay, ...] = ()
    languages: tuple[str, ...] = ()

    def overlays_for(self, space: str, asset: str) -> tuple[Overlay, ...]:
        """Return the overlays that match an asset, for itself or for its columns."""
        name = f"{space}.{asset}"
        return tuple(overlay for overlay in self.overlays if fnmatchcase(name, overlay.asset))

    def digest(self, space: str, asset: str) -> str | None:
        """Return the digest of the rules that apply to an asset, None when none applies."""
        overlays = self.overlays_for(space, asset)
        if not overlays and not self.annotations and not self.languages:
            return None
        text = repr((self.annotations, overlays, self.languages))
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_HEX]


def apply_governance(asset: Asset, rules: Governance) -> Asset:
    """Return the asset with the business context and provenance that the rules give it."""
    overlays = rules.overlays_for(asset.space, asset.name)
    if not overlays and not rules.annotations:
        return asset
    own = [overlay for overlay in overlays if overlay.column is None]
    original = dict(asset.provenance)
    governed, sources = _with_context(asset, rules, own, original)
    provenance = original | sources
    elements = []
    of_columns = [(one, one.column) for one in overlays if one.column is not None]
    names = {element.name for element in asset.elements} if of_columns else set()
    for element in asset.elements:
        called = callable_by(element.name, names)
        column_overlays = [
            overlay
            for overlay, glob in of_columns
            if any(fnmatchcase(name, glob) for name in called)
        ]
        prefix = f"elements.{element.name}."
        column, sources = _with_context(
            element, rules, column_overlays, _accumulated_sources(original, prefix)
        )
        provenance |= {prefix + field: source for field, source in sources.items()}
        elements.append(column)
    return replace(governed, elements=tuple(elements), provenance=tuple(sorted(provenance.items())))


def _accumulated_sources(provenance: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the sources of the accumulating fields of a column.

    Provenance names the column itself, the field of all columns, or all columns.
    """
    sources = {}
    for field in _ACCUMULATING:
        keys = (prefix + field, f"elements.{field}", "elements")
        if source := next((provenance[key] for key in keys if key in provenance), None):
            sources[field] = source
    return sources


def _with_context(
    thing: _Governed, rules: Governance, overlays: Iterable[Overlay], earlier: Mapping[str, str]
) -> tuple[_Governed, dict[str, str]]:
    """Return an asset or a column with its context, and the source of each field that was set."""
    result, sources = _with_annotations(thing, rules)
    for overlay in overlays:
        result, added = _with_overlay(result, overlay, {**earlier, **sources})
        sources |= added
    return result, sources


def _with_annotations(thing: _Governed, rules: Governance) -> tuple[_Governed, dict[str, str]]:
    custom = dict(thing.custom)
    changes: dict[str, Any] = {}
    for term, field in tuple(_mapped_annotations(custom, rules)):
        texts: tuple[str, ...] = _annotation_texts(custom[term])
        if not texts or (field in TEXTS and field in changes):
            continue
        del custom[term]
        if field in LISTS:
            values: tuple[str, ...] = changes.get(field) or getattr(thing, field)
            changes[field] = tuple(dict.fromkeys((*values, *texts)))
        else:
            changes[field] = ", ".join(texts)
    sources = dict.fromkeys(changes, CSN)
    if len(custom) != len(thing.custom):
        changes["custom"] = tuple(sorted(custom.items()))
    return replace(thing, **changes), sources


def _with_overlay(
    thing: _Governed, overlay: Overlay, earlier: Mapping[str, str]
) -> tuple[_Governed, dict[str, str]]:
    changes: dict[str, Any] = {
        field: getattr(overlay, field) for field in TEXTS if getattr(overlay, field)
    }
    sources = dict.fromkeys(changes, OVERLAY)
    for field in _ACCUMULATING:
        added: tuple[Any, ...] = getattr(overlay, field)
        current: tuple[Any, ...] = getattr(thing, field)
        if not added:
            continue
        if field == "custom":
            changes[field] = tuple(sorted({**dict(current), **dict(added)}.items()))
        else:
            changes[field] = tuple(dict.fromkeys((*current, *added)))
        sources[field] = _with_overlay_source(earlier.get(field) if current else None)
    return replace(thing, **changes), sources


def _with_overlay_source(other: str | None) -> str:
    if other is None or OVERLAY in other:
        return other or OVERLAY
    return f"{other}+{OVERLAY}"


def _mapped_annotations(custom: Iterable[str], rules: Governance) -> Iterator[tuple[str, str]]:
    """Yield the annotations that the configuration maps to a field, with the field."""
    for term in sorted(custom):
        for glob, field in rules.annotations:
            if term_matches(glob, term):
                yield term, field
                break


def _annotation_texts(value: str) -> tuple[str, ...]:
    """Return the texts of an annotation value: a scalar, `{"#": X}`, `{"=": X}`, or an array."""
    try:
        decoded = json.loads(value) if value[:1] in "[{" else value
    except ValueError:
        decoded = value
    items = decoded if isinstance(decoded, list) else [decoded]
    return tuple(word for item in items if (word := _annotation_text(item)))


def _annotation_text(item: Any) -> str:
    if isinstance(item, dict):
        item = item.get("#", item.get("=")) or json.dumps(item, ensure_ascii=False, sort_keys=True)
    return str(item).strip() if item is not None else ""
