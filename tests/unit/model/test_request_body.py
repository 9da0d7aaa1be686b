"""The bytes of a request."""

import json

import pytest

from datasphere_glue.model.request_body import request_body


@pytest.mark.parametrize("text", ["Net amount", "Größe", "销售额", "👩", 'a "quoted" \\ text\t'])
def test_a_body_is_json_in_utf8_without_blanks(text: str) -> None:
    body = request_body({"Name": text, "List": [1, text]})

    assert json.loads(body) == {"Name": text, "List": [1, text]}
    assert b'": ' not in body
    assert body.isascii() is text.isascii()


def test_a_lone_surrogate_is_counted() -> None:
    assert len(request_body("\ud800")) == 5
