"""Recognises the form of each exported file. Pure: bytes to values.

- A CSN export or a CSN Interop Effective document has `definitions`.
- An export of `datasphere spaces read` has one such document for each space.
- An ORD descriptor has `openResourceDiscovery` (Open Resource Discovery 1.x).

The space of a file is its first folder, or its own name without the ending.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from datasphere_glue.datasphere.csn.document import MAX_DOCUMENT, parse_bounded
from datasphere_glue.errors import DocumentError

_ORD: Final = "openResourceDiscovery"
_ENDING: Final = re.compile(r"(\.csn)?\.json$", re.IGNORECASE)


class ExportedFile(NamedTuple):
    """One file below the exports.

    `name`: path below the exports.
    `size`: bytes.
    `read`: returns the content; raises Unavailable.
    """

    name: str
    size: int
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class CsnFile:
    """One CSN document; `space` is None where the file names no space of the tenant."""

    name: str
    space: str | None
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OrdFile:
    """One ORD descriptor; `space` as in `CsnFile`."""

    name: str
    space: str | None
    document: Mapping[str, Any]


def parts_of(file: ExportedFile, spaces: Collection[str]) -> Iterator[CsnFile | OrdFile]:
    """Yield the documents of one file; `spaces` are those of the tenant.

    Raises:
        DocumentError: the file is no JSON within bounds, or has none of these forms.
        Unavailable: it cannot be read.

    """
    if file.size > MAX_DOCUMENT:
        raise DocumentError(f"the file has {file.size} bytes; at most {MAX_DOCUMENT} are read")
    root, _ = parse_bounded(file.read())
    if not isinstance(root, Mapping):
        raise DocumentError("the file holds no object", "$")
    home = _space_of(file.name, spaces)
    if _ORD in root:
        yield OrdFile(file.name, home, root)
    elif isinstance(root.get("definitions"), Mapping):
        yield CsnFile(file.name, home, root)
    else:
        found = [
            CsnFile(file.name, space, part)
            for space, part in root.items()
            if isinstance(part, Mapping) and isinstance(part.get("definitions"), Mapping)
        ]
        if not found:
            raise DocumentError("the file is no CSN document and no ORD descriptor", "$")
        yield from found


def _space_of(name: str, spaces: Collection[str]) -> str | None:
    """Return the space that the path of a file names; the only space of a tenant needs none."""
    first, _, rest = name.partition("/")
    written = first if rest else _ENDING.sub("", first)
    if written in spaces:
        return written
    return next(iter(spaces)) if len(spaces) == 1 else None
