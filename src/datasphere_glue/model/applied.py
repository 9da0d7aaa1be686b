"""The digests of the values that we last wrote to a table, as `datasphere.applied` holds them.

The text is an object of digests by the path of the field. A table with many columns would need
more for its digests than for its content, so that its columns have one text for each field: six
characters for each column, in the order of `names`, which identifies the columns in the same way.

    {"columns": {"names": "...", "comment": "...", "type": "..."}, "description": "1a2b3c4d"}

Beside the digests stands the version of the reader that created the table.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.key import PREFIX, Owner
from datasphere_glue.model.rest import leaf_path, leaf_text, leaves
from datasphere_glue.model.table import Column, Parameters, Table, canonical_json
from datasphere_glue.model.table_keys import TABLE_KEYS

APPLIED: Final = table_key("applied")
IDENTITY_KEYS: Final = frozenset(key.full for key in TABLE_KEYS if key.owner is Owner.IDENTITY)
"""Keys that identify a table; no policy changes their owner."""

MOST_DIGESTS: Final = 48_000
"""Most characters for the digests of one table, so that the request stays within its limit."""

PLACES: Final = ("columns", "partition_keys")
PARAMETERS: Final = ".parameters"
"""End of the path of one digest for all our parameters of a column."""

READER: Final = "reader"
"""Entry next to the digests: the version of the reader that created the table."""

_DIGEST_HEX: Final = 8
_DIGEST: Final = re.compile(r"[0-9a-f]{8}")
_SHORT: Final = 6
"""Characters of a digest in base 64."""

_NONE: Final = "." * _SHORT
_NAMES: Final = "names"


@lru_cache(maxsize=16_384)
def digest(value: str | None) -> str:
    """Return 8 hex digits that identify the value of a field; absent equals empty."""
    return sha256((value or "").encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_HEX]


def owned_fields(table: Table, watched: Callable[[str], bool]) -> Iterator[tuple[str, str | None]]:
    """Yield path and value of every field of a desired table that has a digest.

    `watched`: True for the path of a parameter of a column that needs a digest of its own.
    """
    yield "description", table.description
    yield "table_type", table.table_type
    for key, value in table.parameters:
        if key not in IDENTITY_KEYS:
            yield f"parameters.{key}", value
    for place, columns in zip(PLACES, (table.columns, table.partition_keys), strict=True):
        for column in columns:
            path = f"{place}.{column.name}"
            yield f"{path}.comment", column.comment
            yield f"{path}.type", column.type
            yield path + PARAMETERS, source_parameters(column.parameters, path, watched)
            for key, value in column.parameters:
                field = f"{path}.parameters.{key}"
                if watched(field):
                    yield field, value
    for leaf, value in leaves(table.rest).items():
        yield leaf_path(leaf), leaf_text(value)


def source_parameters(pairs: Parameters, path: str, watched: Callable[[str], bool]) -> str:
    """Return those of our parameters of one column that only the source changes, as one text.

    A single digest for all of them keeps `datasphere.applied` short: a wide table has thousands.
    """
    return "\0".join(
        f"{key}={value}"
        for key, value in pairs
        if key.startswith(PREFIX) and not watched(f"{path}.parameters.{key}")
    )


def applied_text(table: Table, applied: Mapping[str, str]) -> str:
    """Return the digests of a table, by path, as one text.

    Too many of them lose those of column parameters, whose edits are then not reported.
    """
    text = canonical_json(dict(applied))
    if len(text) <= MOST_DIGESTS:
        return text
    text = _compact_text(table, applied)
    if len(text) <= MOST_DIGESTS:
        return text
    return _compact_text(table, {k: v for k, v in applied.items() if not k.endswith(PARAMETERS)})


def applied_digests(table: Table) -> dict[str, str]:
    """Return the digests in `datasphere.applied` of a table by path; empty if it is unusable."""
    try:
        stored = json.loads(table.parameter(APPLIED) or "{}")
    except ValueError:
        return {}
    if not isinstance(stored, dict):
        return {}
    digests: dict[str, str] = {}
    for place, columns in zip(PLACES, (table.columns, table.partition_keys), strict=True):
        if isinstance(block := stored.pop(place, None), dict):
            digests |= dict(_expanded(place, columns, block))
    return digests | {str(key): value for key, value in stored.items() if isinstance(value, str)}


def _compact_text(table: Table, applied: Mapping[str, str]) -> str:
    texts: dict[str, Any] = dict(applied)
    for place, columns in zip(PLACES, (table.columns, table.partition_keys), strict=True):
        texts |= _compact(place, columns, texts)
    return canonical_json(texts)


def _compact(place: str, columns: Iterable[Column], texts: dict[str, Any]) -> dict[str, Any]:
    """Move the digests of columns out of `texts`; return them as one text for each field."""
    uses = Counter(digest(column.name) for column in columns)
    names = [column.name for column in columns if uses[digest(column.name)] == 1]
    places = {name: index for index, name in enumerate(names)}
    fields: dict[str, list[str]] = {}
    for path in [path for path in texts if path.startswith(f"{place}.")]:
        # Glue names of ours contain no dot, so the second part is the column.
        _, name, field = path.split(".", 2)
        if name in places and _DIGEST.fullmatch(texts[path]):
            digests = fields.setdefault(field, [_NONE] * len(names))
            digests[places[name]] = _shortened(texts.pop(path))
    if not fields:
        return {}
    joined = {field: "".join(digests) for field, digests in fields.items()}
    return {place: joined | {_NAMES: "".join(_shortened(digest(name)) for name in names)}}


def _expanded(
    place: str, columns: Iterable[Column], texts: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield the digests of columns by path; those of columns that the table lacks are lost."""
    names = {_shortened(digest(column.name)): column.name for column in columns}
    known = [names.get(short) for short in _pieces(texts.get(_NAMES))]
    for field, text in texts.items():
        pieces = _pieces(text) if field != _NAMES else []
        for name, short in zip(known, pieces, strict=False):
            if name is not None and (long := _restored(short)):
                yield f"{place}.{name}.{field}", long


def _pieces(text: Any) -> list[str]:
    if not isinstance(text, str):
        return []
    return [text[start : start + _SHORT] for start in range(0, len(text), _SHORT)]


def _shortened(long: str) -> str:
    return urlsafe_b64encode(bytes.fromhex(long)).decode().rstrip("=")


def _restored(short: str) -> str | None:
    """Return a digest from its short form, None where there is none."""
    try:
        return None if short == _NONE else urlsafe_b64decode(f"{short}==").hex()
    except (Error, ValueError):
        return None
