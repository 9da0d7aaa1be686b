"""Reads bytes through their escapes: percent codes, HTML entities and backslash escapes.

A position may stand for several bytes: `%41` is three characters, or `A`. All readings are given,
because only the caller knows what it looks for. Escapes may be escaped again, up to DEPTH times.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final
from urllib.parse import unquote_to_bytes

DEPTH: Final = 3

Reading = tuple[bytes, int]
"""The bytes that a position may stand for, and the position behind them."""

ESCAPES: Final = b"%&\\+"
"""The bytes that begin an escape; a form writes a space as `+`."""

SPACE: Final = b" \t\n\r\v\f"

_HEX: Final = frozenset(bytes([digit]) for digit in b"0123456789abcdefABCDEF")
_CONTROLS: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_THEMSELVES: Final = frozenset({b'"', b"'", b"/", b"\\"})
_LONGEST_ENTITY: Final = 12
_HIGH: Final = range(0xD800, 0xDC00)
_LOW: Final = range(0xDC00, 0xE000)
_CODE: Final = re.compile(rb"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_CONTROL: Final = re.compile(rb"\\+[nrt]")
_ENTITY: Final = re.compile(rb"&(?:amp;)*(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")


class EscapeReader:
    """Gives the readings of each position of some bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._escapes: dict[tuple[int, int], tuple[Reading, ...]] = {}

    def at(self, place: int, depth: int = DEPTH) -> tuple[Reading, ...]:
        """Return the readings of a position, the bytes themselves first; none at the end."""
        if place >= len(self.data):
            return ()
        if not depth or self.data[place] not in ESCAPES:
            return ((self.data[place : place + 1], place + 1),)
        key = place, depth
        if key not in self._escapes:
            self._escapes[key] = tuple(dict.fromkeys(self._readings(place, depth)))
        return self._escapes[key]

    def _readings(self, place: int, depth: int) -> Iterator[Reading]:
        for read, end in self.at(place, depth - 1):
            yield read, end
            if read == b"%":
                yield from ((bytes([code]), stop) for code, stop in self._hex(end, 2, depth - 1))
            elif read == b"&":
                yield from self._entity(end, depth - 1)
            elif read == b"\\":
                yield from self._backslash(end, depth - 1)
            elif read == b"+":
                yield b" ", end

    def _hex(self, place: int, count: int, depth: int) -> Iterator[tuple[int, int]]:
        """Yield the value of that many hexadecimal digits, and the position behind them."""
        digits = [(b"", place)]
        for _ in range(count):
            digits = [
                (text + read, end)
                for text, at in digits
                for read, end in self.at(at, depth)
                if read in _HEX
            ]
        for text, end in digits:
            yield int(text, 16), end

    def _entity(self, place: int, depth: int) -> Iterator[Reading]:
        names = [(b"", place)]
        for _ in range(_LONGEST_ENTITY):
            longer = []
            for name, at in names:
                for read, end in self.at(at, depth):
                    if read == b";":
                        entity = f"&{name.decode()};"
                        text = unescape(entity)
                        if text != entity:
                            yield text.encode("utf-8", "surrogatepass"), end
                    elif read == b"#" or (read.isalnum() and read.isascii()):
                        longer.append((name + read, end))
            names = longer

    def _backslash(self, place: int, depth: int) -> Iterator[Reading]:
        for read, end in self.at(place, depth):
            if read == b"u":
                yield from self._unicode(end, depth)
            elif read == b"x":
                yield from ((bytes([code]), stop) for code, stop in self._hex(end, 2, depth))
            elif read in _CONTROLS:
                yield _CONTROLS[read], end
            elif read in _THEMSELVES:
                yield read, end

    def _unicode(self, place: int, depth: int) -> Iterator[Reading]:
        for code, end in self._hex(place, 4, depth):
            if code not in _HIGH:
                yield chr(code).encode("utf-8", "surrogatepass"), end
                continue
            for slash, after in self.at(end, depth):
                for letter, digits in self.at(after, depth) if slash == b"\\" else ():
                    for low, stop in self._hex(digits, 4, depth) if letter == b"u" else ():
                        if low in _LOW:
                            pair = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
                            yield chr(pair).encode(), stop


def unescaped(data: bytes) -> Iterator[bytes]:
    """Yield bytes as they are, and then without one layer of escapes after the other.

    Only one reading of each position is taken, so this is quick, and wrong beside odd texts.
    """
    for _ in range(DEPTH):
        yield data
        plainer = _without_escapes(data)
        if plainer == data:
            return
        data = plainer
    yield data


def _without_escapes(bare: bytes) -> bytes:
    """Return bytes without one layer of escapes, backslashes and white space."""
    if b"\\" in bare:
        bare = _CONTROL.sub(b"", _CODE.sub(_character, bare)).replace(b"\\", b"")
    if b"&" in bare:
        bare = _ENTITY.sub(_named, bare)
    bare = unquote_to_bytes(bare) if b"%" in bare else bare
    return bare.translate(None, SPACE)


def _character(match: re.Match[bytes]) -> bytes:
    return chr(int(match[1] or match[2], 16)).encode("utf-8", "surrogatepass")


def _named(match: re.Match[bytes]) -> bytes:
    return unescape(f"&{match[1].decode()};").encode("utf-8", "surrogatepass")
