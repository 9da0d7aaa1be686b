"""Decides quickly whether bytes may hold a secret, so that only few are searched.

Eight bytes at a time, and only every eighth position, are looked up among all pieces of all forms
of the secrets: a document of a megabyte takes a few milliseconds. Forms of fewer than SHORTEST
bytes are looked for one by one.
"""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import escape
from typing import Final
from urllib.parse import quote, quote_plus

from datasphere_glue.secrecy.escapes import SPACE, unescaped

PIECE: Final = 8
SHORTEST: Final = 2 * PIECE - 1
"""A text of so many bytes holds a whole piece, wherever it begins."""

_BEGINNING: Final = 48
"""Bytes of a long secret that suffice to notice it; all forms of a long token are many."""


class QuickCheck:
    """Decides whether bytes may hold one of the secrets."""

    def __init__(self, secrets: Iterable[bytes]) -> None:
        forms = [_forms_of(_beginning(secret)) for secret in secrets]
        self._short = tuple(form for short, _ in forms for form in short)
        self._pieces = frozenset[int]().union(*(pieces for _, pieces in forms))

    def passes(self, data: bytes) -> bool:
        """Return whether no secret stands in these bytes."""
        return not any(map(self._holds, unescaped(bare(data))))

    def _holds(self, text: bytes) -> bool:
        if any(form in text for form in self._short):
            return True
        return not self._pieces.isdisjoint(_pieces(text))


def bare(data: bytes) -> bytes:
    """Return bytes without white space, which wrapped lines add and remove."""
    return data.translate(None, SPACE)


def _pieces(data: bytes) -> Iterable[int]:
    """Return each whole piece as a number: numbers are hashed faster than bytes."""
    return memoryview(data[: len(data) // PIECE * PIECE]).cast("Q")


def _beginning(secret: bytes) -> bytes:
    """Return the beginning of a secret, up to the end of a character."""
    return secret[:_BEGINNING].decode("utf-8", "ignore").encode() or secret


@lru_cache(maxsize=64)
def _forms_of(secret: bytes) -> tuple[frozenset[bytes], frozenset[int]]:
    """Return the short forms of a secret, and the pieces of the others."""
    forms = frozenset(form for form in _forms(secret) if form)
    long = (form[at:] for form in forms if len(form) >= SHORTEST for at in range(PIECE))
    return (
        frozenset(form for form in forms if len(form) < SHORTEST),
        frozenset(piece for text in long for piece in _pieces(text)),
    )


def _forms(secret: bytes) -> Iterator[bytes]:
    """Yield a secret as it may stand between other text."""
    yield bare(secret)
    yield bare(secret.replace(b"\\", b""))
    for text in {secret, bare(secret), *_escaped(secret.decode("utf-8", "surrogatepass"))}:
        for packed in _packed(text):
            yield packed
            yield from _packed(packed)


def _escaped(secret: str) -> Iterator[bytes]:
    percent = quote(secret, safe="", errors="surrogatepass")
    for text in (
        percent,
        quote_plus(secret, errors="surrogatepass"),
        re.sub("%..", lambda code: code[0].lower(), percent),
        escape(secret),
        json.dumps(secret)[1:-1],
    ):
        yield text.encode("utf-8", "surrogatepass")


def _packed(text: bytes) -> Iterator[bytes]:
    """Yield hex and base64 of a text, without the symbols that depend on its neighbours."""
    for digits in (text.hex(), text.hex(":"), text.hex("-")):
        yield digits.encode()
        yield digits.upper().encode()
    for before in range(3):
        after = -(before + len(text)) % 3
        whole = bytes(before) + text + bytes(after)
        for encode in (b64encode, urlsafe_b64encode):
            symbols = encode(whole)
            yield symbols[-(-before * 8 // 6) : len(symbols) - -(-after * 8 // 6)]
