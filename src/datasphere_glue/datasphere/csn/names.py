"""Which column of a definition is which property of OData."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from datasphere_glue.model.asset import Element

_NOT_A_WORD: Final = re.compile(r"\W")


def partners(csn: Iterable[Element], odata: Iterable[Element]) -> Mapping[str, Element]:
    """Return the CSN column for each OData name, by exact name, else by its only folded form.

    OData names hold word characters only; the exact name is not always told beside.
    """
    exact = {element.name: element for element in csn}
    names = [one.name for one in odata]
    found = {name: exact[name] for name in names if name in exact}
    folded: dict[str, list[Element]] = {}
    for element in exact.values():
        if element.name not in found:
            folded.setdefault(_NOT_A_WORD.sub("_", element.name), []).append(element)
    for name in names:
        alike = folded.get(name, [])
        if name not in found and len(alike) == 1:
            found[name] = alike[0]
    return found
