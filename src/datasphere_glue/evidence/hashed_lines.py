"""Hashed lines: each is canonical JSON and ends with the hash of its preceding content.

    {"event":"change","number":2,"previous":"<hash of line 1>",...,"hash":"<64 digits>"}

The hash is the SHA-256 of the line without `,"hash":"..."`: a JSON object with sorted keys and
without white space (as RFC 8785 for these values: no number has a fraction). It covers every byte,
and standard tools of any system can check it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from datasphere_glue.secrecy import SECRETS

ORIGIN: Final = "0" * 64
"""Value of `previous` in the first line of a file and in the first link of the chain."""

HASH: Final = re.compile("[0-9a-f]{64}")
_HASH_END: Final = re.compile(rb',"hash":"([0-9a-f]{64})"\}\n')
_HASH_END_LENGTH: Final = len(',"hash":""}\n') + 64


@dataclass(frozen=True, slots=True)
class HashedLine:
    """A line that matches its hash: its values and the hash (hex digits)."""

    values: dict[str, Any]
    hash: str


def hashed_line(values: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return values as a line with their hash, and the hash; secrets in them are masked."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    body = SECRETS.mask_document(text.encode("utf-8", "replace"))
    digest = sha256(body).hexdigest()
    return body[:-1] + f',"hash":"{digest}"}}\n'.encode(), digest


def hash_of_line(line: bytes) -> str | None:
    """Return the hash at the end of a line, unchecked; None if the line has none."""
    match = _HASH_END.fullmatch(line[-_HASH_END_LENGTH:])
    return match[1].decode() if match else None


def parse_hashed_line(line: bytes) -> HashedLine | None:
    """Return the content of a line (with its line feed); None if it does not match its hash."""
    stored_hash = hash_of_line(line)
    body = line[:-_HASH_END_LENGTH] + b"}"
    if stored_hash is None or sha256(body).hexdigest() != stored_hash:
        return None
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return HashedLine(values, stored_hash) if isinstance(values, dict) else None


def chain_records(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield records as hashed lines with a number from 1 and the hash of the previous line."""
    previous = ORIGIN
    for number, record in enumerate(records, start=1):
        line, previous = hashed_line({**record, "number": number, "previous": previous})
        yield line
