"""Data access controls: the sort of each, from the shape of its definition."""

import json
from typing import Any

import pytest

from datasphere_glue.datasphere.flows.access_control import read_access_control
from datasphere_glue.errors import DocumentError

TERM = "@DataWarehouse.dataAccessControl.definition"
PLAIN = {"principalElement": {"=": "USER_ID"}, "sourceEntity": "HIERARCHY_RIGHTS"}
OPERATORS = {
    "restriction": {"=": "R"},
    "name": {"=": "N"},
    "option": {"=": "O"},
    "low": {"=": "L"},
    "high": {"=": "H"},
}


def read(definition: Any, name: str = "DAC") -> str | None:
    document = {"definitions": {name: definition}}
    return read_access_control(json.dumps(document).encode(), "DAC", space="DEPOT")


@pytest.mark.parametrize(
    ("definition", "sort"),
    [
        ({TERM: PLAIN}, "single_values"),
        ({TERM: {**PLAIN, "restrictionElements": {}}}, "single_values"),
        ({f"{TERM}.principalElement": {"=": "USER_ID"}}, "single_values"),
        ({TERM: {**PLAIN, "restrictionElements": OPERATORS}}, "operators"),
        ({f"{TERM}.restrictionElements.low": {"=": "L"}}, "operators"),
        ({TERM: {**PLAIN, "hierarchy": {"=": "H"}}}, "hierarchy"),
        ({TERM: {**PLAIN, "hierarchyEntity": "ORG"}}, "hierarchy"),
        ({TERM: {**PLAIN, "type": {"#": "HIERARCHY"}}}, "hierarchy"),
        ({TERM: {**PLAIN, "hierarchy": {"directory": "D"}}}, "hierarchy_directory"),
        ({TERM: {**PLAIN, "type": {"#": "HIERARCHY_WITH_DIRECTORY"}}}, "hierarchy_directory"),
        ({TERM: [{**PLAIN, "hierarchyWithDirectory": True}]}, "hierarchy_directory"),
        ({}, None),
        ({"@EndUserText.label": "Rights"}, None),
        (1, None),
    ],
)
def test_the_shape_shows_the_sort(definition: Any, sort: str | None) -> None:
    assert read(definition) == sort


def test_the_only_definition_counts_under_any_name() -> None:
    assert read({TERM: PLAIN}, "DEPOT.DAC") == "single_values"
    assert read({TERM: PLAIN}, "dac") == "single_values"


def test_a_deep_definition_ends() -> None:
    nested: Any = {"x": 1}
    for _ in range(150):
        nested = {"inner": nested}
    assert read({TERM: nested}) == "single_values"


@pytest.mark.parametrize("document", [b"", b"[]", b"{", b'{"definitions": 1}'])
def test_what_is_no_document_is_an_error(document: bytes) -> None:
    with pytest.raises(DocumentError):
        read_access_control(document, "DAC", space="DEPOT")
