"""Standard output and error that never change the exit code of a command.

A terminal may lack a character, a reader may close the pipe, and a caller may close the stream.
"""

import codecs
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TextIO, cast

_GONE: Final = (BrokenPipeError, ConnectionResetError)
"""The reader is gone: what it did not read is of no use to anybody."""


class Output:
    """A text stream that never fails; after its first error, it writes nowhere.

    `error`: why nothing more is written, None while the stream works.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.error: OSError | None = None

    @property
    def encoding(self) -> str:
        """Return the encoding; click would write UTF-8 past a stream that calls itself ASCII."""
        return self._stream.encoding if _codec(self._stream) != "ascii" else "utf-8"

    @property
    def holds_unicode(self) -> bool:
        """True if the encoding has every character."""
        return _codec(self._stream).startswith("utf")

    def write(self, text: str) -> int:
        """Write a text; a character that the encoding lacks is written as its escape."""
        with self._surviving():
            self._stream.write(text)
        return len(text)

    def write_bytes(self, pieces: Iterable[bytes]) -> None:
        """Write bytes unchanged."""
        with self._surviving():
            self._stream.flush()
            self._stream.buffer.writelines(pieces)
            self._stream.buffer.flush()

    def flush(self) -> None:
        """Flush the stream."""
        with self._surviving():
            self._stream.flush()

    @property
    def lost(self) -> OSError | None:
        """Return the error by which output was lost that somebody may still want."""
        return None if isinstance(self.error, _GONE) else self.error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextmanager
    def _surviving(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.error = self.error or error
            # The interpreter flushes the stream at its end, which must not fail either.
            with suppress(OSError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)


@contextmanager
def tolerant_output() -> Iterator[Output]:
    """Replace standard output and error in the block; yield the standard output."""
    before = sys.stdout, sys.stderr
    output, errors = Output(_stream(before[0])), Output(_stream(before[1]))
    sys.stdout, sys.stderr = cast("TextIO", output), cast("TextIO", errors)
    try:
        yield output
    finally:
        output.flush()
        errors.flush()
        sys.stdout, sys.stderr = before


def write_bytes(pieces: Iterable[bytes]) -> None:
    """Write bytes to standard output, whatever its encoding."""
    if isinstance(sys.stdout, Output):
        sys.stdout.write_bytes(pieces)
    else:
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.buffer.flush()


def is_read(stream: object) -> bool:
    """Return False after a stream has lost its reader."""
    return not (isinstance(stream, Output) and stream.error)


def holds_unicode(stream: object) -> bool:
    """Return whether a stream can write every character."""
    return not isinstance(stream, Output) or stream.holds_unicode


def _stream(stream: TextIO | None) -> TextIO:
    """Return a stream that never fails for a character; a closed one as one that writes nowhere."""
    if stream is None:
        stream = io.TextIOWrapper(io.BufferedWriter(_Nowhere()), encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


class _Nowhere(io.RawIOBase):
    """A binary stream that drops what is written."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return len(data)


def _codec(stream: TextIO) -> str:
    try:
        return codecs.lookup(stream.encoding or "utf-8").name
    except (LookupError, AttributeError):
        return "utf-8"
