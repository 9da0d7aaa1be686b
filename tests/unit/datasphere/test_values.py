"""Texts from parsed JSON and XML."""

import pytest

from datasphere_glue.datasphere.odata.expressions import Path
from datasphere_glue.datasphere.values import as_text, text_at


@pytest.mark.parametrize(
    ("record", "expected"),
    [({"a": "x"}, "x"), ({"a": ""}, None), ({}, None), ({"a": None}, None), ({"a": 1}, None)],
)
def test_only_a_text_that_is_not_empty_is_a_value(
    record: dict[str, object], expected: object
) -> None:
    assert text_at(record, "a") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("ü", "ü"), (True, "true"), (None, "null"), ({"b": 1, "a": ["ü"]}, '{"a":["ü"],"b":1}')],
)
def test_any_other_value_is_compact_json_with_sorted_keys(value: object, expected: str) -> None:
    assert as_text(value) == expected


def test_the_path_of_an_annotation_becomes_plain_text() -> None:
    assert type(as_text(Path("Currency"))) is str
