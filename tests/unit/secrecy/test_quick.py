"""The quick check passes ordinary documents and no secret of any length."""

import base64

import pytest

from datasphere_glue.secrecy.quick import QuickCheck

LONG = b"eyJhbGciOiJSUzI1NiJ9." + bytes(range(48, 58)) * 60
SHORT = b"p&s/w+9"


@pytest.mark.parametrize("before", range(9))
@pytest.mark.parametrize("secret", [LONG, SHORT, b"between-9-and-15"])
def test_a_secret_is_noticed_wherever_it_begins(before: int, secret: bytes) -> None:
    check = QuickCheck([LONG, SHORT, b"between-9-and-15"])

    for written in (secret, base64.b64encode(b"id:" + secret), secret.hex().encode()):
        assert not check.passes(b"." * before + written + b" and more")


def test_an_ordinary_document_passes() -> None:
    check = QuickCheck([LONG, SHORT])

    assert check.passes(
        b'{"value": [{"name": "ORDERS", "label": "Orders & \\"more\\" at 10%"}]}' * 99
    )
    assert QuickCheck([]).passes(b"anything")
