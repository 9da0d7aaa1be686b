"""Finds secrets in bytes, however they are written.

A secret is found plain, behind escapes (`escapes`), in base64 and base64url at any offset, in hex,
in encodings of encodings, and with white space anywhere in it, as wrapped lines have. A beginning
of BEGINNING bytes counts as the secret.
"""

import re
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from datasphere_glue.secrecy.escapes import ESCAPES, SPACE, EscapeReader, unescaped

BEGINNING: Final = 12
"""Bytes of a secret that are as confidential as all of it."""

LAYERS: Final = 3
"""Encodings of encodings that are undone."""

Span = tuple[int, int]

_SPACE: Final = frozenset({b" ", b"\t", b"\n", b"\r", b"\v", b"\f"})
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="
_HEX: Final = b"0123456789abcdefABCDEF"
_ASCII_TEXT: Final = re.compile(rb"[\t-\r\x20-\x7e]{6,}")
_ANY_TEXT: Final = re.compile(rb"[\t-\r\x20-\x7e\x80-\xff]{6,}")
_CONTINUES: Final = range(0x80, 0xC0)
"""Bytes inside a UTF-8 character."""
_ESCAPED: Final = re.compile(rb"[%&\\]")
_PART: Final = re.compile(rb"[^=]{8,}")
"""Symbols between paddings."""


class _Packing:
    """An encoding that writes `size` bytes as `symbols` symbols.

    `ignored`: the bytes that may stand between symbols.
    `unpack`: returns the bytes of symbols, whose number is any.
    """

    def __init__(
        self,
        alphabet: bytes,
        ignored: frozenset[bytes],
        ratio: tuple[int, int],
        unpack: Callable[[bytes], bytes],
    ) -> None:
        self.alphabet = frozenset(bytes([symbol]) for symbol in alphabet)
        self.ignored = ignored
        self.symbols, self.size = ratio
        self.unpack = unpack
        self.between = b"".join(sorted(ignored))
        allowed = re.escape(alphabet + self.between)
        self.runs = re.compile(rb"[%b]{8,}" % re.escape(alphabet))
        self.segments = re.compile(rb"(?:[%b]|[%%&\\][#\w\\;]*)+" % allowed)


@dataclass(frozen=True, slots=True)
class _Symbol:
    """A symbol of a packed text, and where it stands."""

    text: bytes
    start: int
    end: int


def _from_base64(symbols: bytes) -> bytes:
    whole = symbols.translate(_URL_SAFE)
    whole = whole[: len(whole) - (len(whole) % 4 == 1)]
    return a2b_base64(whole + b"=" * (-len(whole) % 4))


def _from_hex(symbols: bytes) -> bytes:
    return bytes.fromhex(symbols[: len(symbols) // 2 * 2].decode())


_PACKINGS: Final = (
    _Packing(_BASE64, _SPACE, (4, 3), _from_base64),
    _Packing(_HEX, _SPACE | {b":", b"-"}, (2, 1), _from_hex),
)


class Wanted:
    """The secrets to find; they hold no white space, and at least one byte."""

    def __init__(self, secrets: Iterable[bytes]) -> None:
        self.by_first: dict[bytes, list[bytes]] = {}
        for secret in secrets:
            self.by_first.setdefault(secret[:1], []).append(secret)
        starts = [_start(first, group) for first, group in sorted(self.by_first.items())]
        self.starts = re.compile(b"|".join([_ESCAPED.pattern, *starts]))
        is_ascii = all(one.isascii() for group in self.by_first.values() for one in group)
        self.text = _ASCII_TEXT if is_ascii else _ANY_TEXT


def _start(first: bytes, secrets: list[bytes]) -> bytes:
    """Return the pattern of a first byte with what may follow it."""
    seconds = b"".join(sorted({secret[1:2] for secret in secrets}))
    return rb"%b(?=[%b%b\s]|$)" % (re.escape(first), re.escape(ESCAPES), re.escape(seconds))


class _Text:
    """The bytes to search, without white space, and where each of them stood."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.bare = data.translate(None, SPACE)

    @cached_property
    def _places(self) -> Sequence[int]:
        if len(self.bare) == len(self._data):
            return range(len(self._data))
        return [place for place, byte in enumerate(self._data) if byte not in SPACE]

    def adjoins(self, place: int) -> bool:
        """Return whether no white space stood before a byte."""
        return self._places[place - 1] + 1 == self._places[place]

    def original(self, span: Span) -> Span:
        """Return where a span stood."""
        return self._places[span[0]], self._places[span[1] - 1] + 1


def secret_spans(data: bytes, wanted: Wanted, layers: int = LAYERS) -> list[Span]:
    """Return where secrets stand in `data`, sorted and without overlaps."""
    text = _Text(data)
    reader = EscapeReader(text.bare)
    spans = list(_written(reader, wanted))
    for packing in _PACKINGS if layers else ():
        for match in packing.segments.finditer(text.bare):
            texts = unescaped(match[0]) if _ESCAPED.search(match[0]) else (match[0],)
            if any(_hides(one, packing, wanted, layers - 1) for one in texts):
                for run in _runs(reader, packing, *match.span()):
                    spans += _packed(run, text, packing, wanted, layers - 1)
    return _joined(map(text.original, spans))


def _written(reader: EscapeReader, wanted: Wanted) -> Iterator[Span]:
    """Yield where secrets stand plain or behind escapes."""
    for match in wanted.starts.finditer(reader.data):
        start = match.start()
        firsts = {read[:1] for read, _ in reader.at(start)}
        for secret in (one for first in firsts for one in wanted.by_first.get(first, ())):
            length, end = _longest(reader, secret, start)
            if length == len(secret) or length >= BEGINNING:
                yield start, _character_end(reader.data, end)


def _longest(reader: EscapeReader, secret: bytes, start: int) -> tuple[int, int]:
    """Return how many bytes of a secret stand at a position, and the position behind them."""
    best, waiting, seen = (0, start), [(0, start)], set[tuple[int, int]]()
    while waiting:
        length, place = waiting.pop()
        for read, end in reader.at(place):
            after = length
            if secret.startswith(read, length):
                after += len(read)
            elif not length or read not in _SPACE:
                continue
            best = (after, end) if after > best[0] else best
            if after < len(secret) and (after, end) not in seen:
                seen.add((after, end))
                waiting.append((after, end))
    return best


def _character_end(data: bytes, end: int) -> int:
    """Return the end of the UTF-8 character that a position may lie in."""
    while end < len(data) and data[end] in _CONTINUES:
        end += 1
    return end


def _runs(
    reader: EscapeReader, packing: _Packing, place: int, stop: int
) -> Iterator[list[_Symbol]]:
    """Yield the longest runs of symbols between two positions."""
    run: list[_Symbol] = []
    while place < stop:
        readings = reader.at(place)
        symbol = next((one for one in reversed(readings) if one[0] in packing.alphabet), None)
        if symbol is not None:
            run.append(_Symbol(symbol[0], place, symbol[1]))
            place = symbol[1]
            continue
        between = next((end for read, end in readings if read in packing.ignored), None)
        if between is None:
            yield run
            run = []
        place = between or place + 1
    yield run


def _packed(
    run: list[_Symbol], text: _Text, packing: _Packing, wanted: Wanted, layers: int
) -> Iterator[Span]:
    """Yield where a run of symbols holds secrets, each up to the next gaps."""
    symbols = b"".join(symbol.text for symbol in run)
    for low, high in _unpacked(symbols, packing, wanted, layers):
        yield _whole(run, text, low, high)


def _hides(text: bytes, packing: _Packing, wanted: Wanted, layers: int) -> bool:
    return any(
        next(_unpacked(run[0], packing, wanted, layers), None)
        for run in packing.runs.finditer(text.translate(None, packing.between))
    )


def _unpacked(text: bytes, packing: _Packing, wanted: Wanted, layers: int) -> Iterator[Span]:
    """Yield the first and the last symbol of each secret in a text of symbols."""
    for part in _PART.finditer(text):
        for offset in range(packing.symbols):
            unpacked = packing.unpack(part[0][offset:])
            first = part.start() + offset
            for piece in wanted.text.finditer(unpacked):
                for start, stop in secret_spans(piece[0], wanted, layers):
                    low = (piece.start() + start) * packing.symbols // packing.size
                    high = -(-(piece.start() + stop) * packing.symbols // packing.size) - 1
                    yield first + low, min(first + high, part.end() - 1)


def _whole(run: list[_Symbol], text: _Text, low: int, high: int) -> Span:
    """Return the place of some symbols and of those that adjoin them."""
    while low and run[low - 1].end == run[low].start and text.adjoins(run[low].start):
        low -= 1
    last = len(run) - 1
    while high < last and run[high].end == run[high + 1].start and text.adjoins(run[high].end):
        high += 1
    return run[low].start, run[high].end


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
