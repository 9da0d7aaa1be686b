"""Lines that prove themselves: each is canonical JSON and ends with the hash of all before it.

    {"event":"change","number":2,"previous":"<hash of line 1>",...,"hash":"<64 digits>"}

The hash is the SHA-256 of the line without `,"hash":"..."`, which is one JSON object whose keys are
sorted and which holds no white space (RFC 8785 for what stands here: no number has a fraction). So
it covers every byte, and can be checked with nothing but the standard tools of any system.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

ORIGIN: Final = "0" * 64
"""What the first line of a file, and the first link of a chain, follow."""

HASH: Final = re.compile("[0-9a-f]{64}")
_SEAL: Final = re.compile(rb',"hash":"([0-9a-f]{64})"\}\n')
_SEAL_LENGTH: Final = len(',"hash":""}\n') + 64


@dataclass(frozen=True, slots=True)
class HashedLine:
    """A line that holds what was written: its values, and its hash."""

    values: dict[str, Any]
    hash: str


def hashed_line(values: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return values as a line with their hash, and the hash."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    body = text.encode("utf-8", "replace")
    told = sha256(body).hexdigest()
    return body[:-1] + f',"hash":"{told}"}}\n'.encode(), told


def hash_of_line(line: bytes) -> str | None:
    """Return the hash at the end of a line, right or not; None when there is none."""
    seal = _SEAL.fullmatch(line[-_SEAL_LENGTH:])
    return seal[1].decode() if seal else None


def parse_hashed_line(line: bytes) -> HashedLine | None:
    """Return what a line with its end holds, None when it is not as it was sealed."""
    told = hash_of_line(line)
    body = line[:-_SEAL_LENGTH] + b"}"
    if told is None or sha256(body).hexdigest() != told:
        return None
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return HashedLine(values, told) if isinstance(values, dict) else None


def chain_records(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield records as lines that are numbered from 1 and each tell the hash of the one before."""
    previous = ORIGIN
    for number, record in enumerate(records, start=1):
        line, previous = hashed_line({**record, "number": number, "previous": previous})
        yield line
