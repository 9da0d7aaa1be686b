"""Which of two descriptions of a column has a type that can be read."""

from dataclasses import replace

from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType

_UNTYPED = SapType("")


def _is_readable(sap_type: SapType) -> bool:
    """Return whether a type is there, and neither it nor a part of it has an odd facet."""
    parts = (*(part for _, part in sap_type.fields), *([sap_type.items] if sap_type.items else ()))
    return sap_type != _UNTYPED and not sap_type.odd_facets and all(map(_is_readable, parts))


def with_readable_type(element: Element, other: Element, place: str) -> Element:
    """Return a column with the type of the other one if only that can be read.

    `place`: where the other one is from, for the note of what was left out.
    """
    if _is_readable(element.type) or not _is_readable(other.type):
        return element
    odd = ", ".join(f"{facet} {text!r}" for facet, text in element.type.odd_facets.items())
    cause = element.unread or (f"{odd} cannot be read" if odd else None)
    note = f"{cause}; the type is that of {place}" if cause else None
    return replace(element, type=other.type, unread=note)
