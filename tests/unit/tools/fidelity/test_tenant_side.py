"""Whatever a part of a document is, the judge reads it or names the object that it cannot read."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from local.tenant.store import Space, entry_of
from tests.unit.tools.fidelity.port import ARRIVALS, BERTHS, LAYER, TRAFFIC, served
from tools.fidelity.inputs import WRONG_FORM, BrokenInputError
from tools.fidelity.tenant_side import expected_of

ODD: tuple[Any, ...] = (None, 1, [], {"a": 1})
DOCUMENTS = {
    "BERTHS": {"definitions": {"BERTHS": BERTHS}},
    "ARRIVALS": {"definitions": {"ARRIVALS": ARRIVALS}},
    "TRAFFIC": {
        "definitions": {"TRAFFIC": TRAFFIC},
        "businessLayerDefinitions": {"TRAFFIC": LAYER},
    },
}


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from paths(inner, (*path, key))


def replaced(document: Any, path: tuple[Any, ...], odd: Any) -> Any:
    result = deepcopy(document)
    holder = result
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = odd
    return result


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_odd_part_is_read_or_named(name: str) -> None:
    unnamed = []
    places = [path for path in paths(DOCUMENTS[name]) if len(path) > 2]
    for path in places:
        for odd in ODD:
            document = replaced(DOCUMENTS[name], path, odd)
            try:
                entry = entry_of("PORT", name, document, exposed=False, listing={})
            except WRONG_FORM:
                continue
            try:
                expected_of(served(Space("PORT", "Port", (entry,))))
            except BrokenInputError as error:
                unnamed += [] if f"PORT.{name}" in str(error) else [path]
    assert len(places) > 40
    assert unnamed == []
