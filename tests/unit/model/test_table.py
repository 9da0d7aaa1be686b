"""Empty values in `rest`: what Glue returned empty is neither lost nor taken for a change."""

import json
from typing import Any

import pytest

from datasphere_glue.model.table import canonical_json, with_empty_values, without_empty_values

FULL = {
    "CreateTableDefaultPermissions": [],
    "StorageDescriptor": {
        "Location": "s3://x",
        "SortColumns": [],
        "Parameters": {"kept": ""},
        "SerdeInfo": {"Parameters": {}},
    },
}


def test_empty_values_are_left_out_except_in_maps() -> None:
    dense = {"StorageDescriptor": {"Location": "s3://x", "Parameters": {"kept": ""}}}

    assert without_empty_values(canonical_json(FULL)) == canonical_json(dense)


@pytest.mark.parametrize("rest", ["{}", '{"Owner":"me","Retention":0}', '{"A":{"B":false}}'])
def test_a_text_without_empty_values_is_the_same_text(rest: str) -> None:
    assert without_empty_values(rest) == rest


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ({}, {"CreateTableDefaultPermissions": []}),
        ({"CreateTableDefaultPermissions": [1]}, {"CreateTableDefaultPermissions": [1]}),
        (
            {"StorageDescriptor": {"Location": "s3://y"}},
            {
                "CreateTableDefaultPermissions": [],
                "StorageDescriptor": {
                    "Location": "s3://y",
                    "SortColumns": [],
                    "SerdeInfo": {"Parameters": {}},
                },
            },
        ),
    ],
)
def test_empty_values_of_the_current_state_are_added_and_nothing_else(
    rest: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert json.loads(with_empty_values(canonical_json(rest), canonical_json(FULL))) == expected
