"""Fits texts of any length and script to the limits of Glue.

Limits (Glue API model, CommentString and DescriptionString): a column comment has one line and at
most 255, a description at most 2048. AWS documents disagree on the unit, so UTF-8 bytes are
counted, the strictest unit. Both patterns forbid control characters other than tab (and line ends
in a description), lone surrogates, U+FFFE and U+FFFF.
"""

import re
from collections.abc import Iterable
from typing import Final

MAX_COMMENT: Final = 255
MAX_DESCRIPTION: Final = 2048
ELLIPSIS: Final = "…"

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONE: Final = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """Return the text with lone surrogates, which UTF-8 cannot encode, as U+FFFD."""
    return text if text.isascii() else _LONE.sub("\ufffd", text)


def comment(*texts: str | None) -> str | None:
    """Return a column comment on one line of at most 255 bytes, None when it is empty."""
    return _cut(" ".join(_join(texts, " - ").split()), MAX_COMMENT)


def cut_comment(text: str | None, most: int) -> str | None:
    """Return a column comment of at most that many bytes."""
    return _cut(text, most) if text else None


def description(*texts: str | None) -> str | None:
    """Return a table description of at most 2048 bytes, None when it is empty."""
    return _cut(_join(texts, "\n\n"), MAX_DESCRIPTION)


def is_cut(full: str | None, fitted: str | None) -> bool:
    """Return True when the end of a text was cut."""
    return bool(full and fitted and fitted.endswith(ELLIPSIS) and not full.endswith(ELLIPSIS))


def _join(texts: Iterable[str | None], between: str) -> str:
    parts = [part.strip() for part in texts if part and part.strip()]
    joined = between.join(dict.fromkeys(parts))
    # No printable character is forbidden, and `isprintable` is faster than the search.
    return joined if joined.isprintable() else _FORBIDDEN.sub(" ", joined)


def _cut(text: str, limit: int) -> str | None:
    text = text.strip()
    encoded = text.encode()
    if len(encoded) <= limit:
        return text or None
    room = limit - len(ELLIPSIS.encode())
    return encoded[:room].decode("utf-8", "ignore").rstrip() + ELLIPSIS
