"""Matches the columns of a CSN definition with the properties of OData."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from datasphere_glue.model.element import Element

_NOT_A_WORD: Final = re.compile(r"\W")


def match_columns(csn: Iterable[Element], odata: Iterable[Element]) -> Mapping[str, Element]:
    """Return the CSN column of each OData name that has one.

    A name matches exactly, or else by the folded form that only one column has. OData names hold
    word characters only, and not every document gives the original name.
    """
    exact = {element.name: element for element in csn}
    names = [one.name for one in odata]
    matches = {name: exact[name] for name in names if name in exact}
    folded: dict[str, list[Element]] = {}
    for element in exact.values():
        if element.name not in matches:
            folded.setdefault(_NOT_A_WORD.sub("_", element.name), []).append(element)
    for name in names:
        candidates = folded.get(name, [])
        if name not in matches and len(candidates) == 1:
            matches[name] = candidates[0]
    return matches
