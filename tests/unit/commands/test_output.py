"""Streams that fail change no exit code and lose no command."""

import errno
import io
import sys
from collections.abc import Callable

import click
import pytest

from datasphere_glue.commands.output import (
    Output,
    holds_unicode,
    is_read,
    tolerant_output,
    write_bytes,
)

TEXT = "Größe → 数量 \U0001f600 \udc80"


class _Failing(io.RawIOBase):
    def __init__(self, error: OSError) -> None:
        self.error = error

    def writable(self) -> bool:
        return True

    def write(self, _data: object, /) -> int:
        raise self.error


def failing(error: OSError) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedWriter(_Failing(error)), encoding="utf-8")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8", "cp437"])
def test_a_character_that_is_missing_is_written_as_its_escape(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, errors="strict"))

    with tolerant_output() as output:
        click.echo(TEXT)
        click.echo(TEXT, err=True)
        assert holds_unicode(sys.stdout) is (encoding == "utf-8")

    assert output.error is None
    shown = raw.getvalue().decode(encoding)
    assert shown == TEXT.encode(encoding, "backslashreplace").decode(encoding) + "\n"


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (BrokenPipeError(errno.EPIPE, "gone"), False),
        (ConnectionResetError(errno.ECONNRESET, "gone"), False),
        (OSError(errno.ENOSPC, "No space left on device"), True),
    ],
)
@pytest.mark.parametrize("write", [click.echo, lambda text: write_bytes([text.encode()])])
def test_a_stream_that_fails_raises_nothing(
    error: OSError, *, lost: bool, write: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", failing(error))

    with tolerant_output() as output:
        write("text")
        assert not is_read(sys.stdout)
        write("more")

    assert output.error is error
    assert (output.lost is not None) is lost


def test_closed_streams_take_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)

    with tolerant_output() as output:
        click.echo(TEXT)
        click.echo(TEXT, err=True)
        write_bytes([b"text"])
        assert not sys.stdout.isatty()

    assert output.error is None
    assert sys.stdout is None


def test_a_plain_stream_is_used_as_it_is(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write_bytes([b"\xff"])

    assert capsysbinary.readouterr().out == b"\xff"
    assert holds_unicode(sys.stdout)
    assert is_read(sys.stdout)
    assert Output(sys.stdout).lost is None
