"""Keeps a table below the size that Glue accepts in one request.

Glue documents no limit. `Payload size of request exceeded limit` was observed at about 570 KB, so
bodies stay below 400 KB (design 1.5). The estimate counts what the request holds in the end: also
the digests of `datasphere.applied`, and what the merge keeps of other people's content.
"""

import json
from collections.abc import Callable, Iterable
from typing import Final

from datasphere_glue.mapping.shortening import STEPS, ShorteningStep, cut_comments
from datasphere_glue.mapping.text import MAX_COMMENT
from datasphere_glue.model.applied import (
    MOST_DIGESTS,
    applied_digests,
    applied_text,
    digest,
    owned_fields,
)
from datasphere_glue.model.key import PREFIX
from datasphere_glue.model.packed_names import pack_names
from datasphere_glue.model.request_body import MAX_BODY, request_body
from datasphere_glue.model.table import Column, Table, is_own_key, sap_name

BUDGET: Final = MAX_BODY - 6_000
"""Bytes of a table; the rest is for other members of the request, a description that people wrote,
and foreign content up to _FEW_FOREIGN."""

_FEW_FOREIGN: Final = 2_000
"""Bytes of foreign content that cut nothing: what Glue adds to a new table cuts no second time."""

_DIGESTS: Final = MOST_DIGESTS * 5 // 4
"""Most bytes of the digests, whose quotes are escaped."""

_DIGEST: Final = "0" * 8

Watched = Callable[[str], bool]
"""Returns whether the parameter of a column at that path has a digest of its own."""


def size(table: Table) -> int:
    """Return the size in bytes of a table in a request to Glue."""
    table = pack_names(table)
    rest = json.loads(table.rest)
    descriptor = rest.pop("StorageDescriptor", {})
    content = {
        **rest,
        "Name": table.name,
        "Description": table.description,
        "TableType": table.table_type,
        "Parameters": dict(table.parameters),
        "StorageDescriptor": {**descriptor, "Columns": list(map(_column, table.columns))},
        "PartitionKeys": list(map(_column, table.partition_keys)),
    }
    return len(request_body(content))


def fit_to_limit(
    table: Table, current: Table | None = None, watched: Watched = lambda _path: False
) -> tuple[Table, tuple[str, ...]]:
    """Return the table within BUDGET, and the names of the content that was left out.

    `current`: the table in Glue, whose foreign content a write keeps.

    Identity (managed_by, tenant, space, name), column names and types are never left out; comments
    are cut only where nothing else is left. A table that is still too large is returned at its
    smallest, and only its own write fails.
    """
    foreign = _foreign_size(table, current) if current else 0
    edits = MAX_COMMENT * len(table.columns) if current else 0
    if size(table) + foreign + edits + _DIGESTS <= BUDGET:
        return table, ()
    edits = _edits_size(table, current) if current else 0
    room = BUDGET - foreign - edits - _applied_size(table, watched)

    def fits(shortened: Table) -> bool:
        return size(shortened) <= room

    steps = _least_steps(table, fits)
    shortened = _after(table, steps)
    left_out = tuple(step.what for step in steps)
    if fits(shortened):
        return shortened, left_out
    shortened, what = cut_comments(shortened, fits)
    return shortened, (*left_out, what)


def _least_steps(table: Table, fits: Callable[[Table], bool]) -> tuple[ShorteningStep, ...]:
    """Return the steps that make a table fit, without the earlier ones that later ones spare."""
    needed: list[ShorteningStep] = []
    shortened, enough = table, fits(table)
    for step in STEPS:
        if enough:
            break
        before, shortened = shortened, step.shorten(shortened)
        if shortened != before:
            needed.append(step)
            enough = fits(shortened)
    for step in reversed(needed[:-1]):
        fewer = [one for one in needed if one is not step]
        if fits(_after(table, fewer)):
            needed = fewer
    return tuple(needed)


def _after(table: Table, steps: Iterable[ShorteningStep]) -> Table:
    for step in steps:
        table = step.shorten(table)
    return table


def _column(column: Column) -> dict[str, object]:
    optional = {"Comment": column.comment, "Parameters": dict(column.parameters)}
    present = {key: value for key, value in optional.items() if value}
    return {"Name": column.name, "Type": column.type, **present}


def _applied_size(table: Table, watched: Watched) -> int:
    """Return the bytes that the digests of a table take in a request."""
    applied = dict.fromkeys((path for path, _ in owned_fields(table, watched)), _DIGEST)
    return len(request_body({"datasphere.applied": applied_text(table, applied)}))


def _foreign_size(table: Table, current: Table) -> int:
    """Return the bytes of what a write keeps of the current table, 0 for a few."""
    names = {column.name for column in (*table.columns, *table.partition_keys)}
    kept = [column for column in current.partition_keys if sap_name(column) is None]
    foreign: list[object] = [pair for pair in current.parameters if not is_own_key(pair[0])]
    for column in current.columns:
        if column.name in names:
            foreign += (pair for pair in column.parameters if not pair[0].startswith(PREFIX))
    foreign += [] if table.partition_keys else map(_column, kept)
    rest = current.rest.encode() if table.rest == "{}" else b""
    total = len(request_body(foreign)) + len(rest)
    return total if total > _FEW_FOREIGN else 0


def _edits_size(table: Table, current: Table) -> int:
    """Return the bytes by which comments that people wrote are longer than those to be written."""
    desired = {column.name: column.comment for column in table.columns}
    applied = applied_digests(current)
    longer = 0
    for column in current.columns:
        written = applied.get(f"columns.{column.name}.comment")
        if column.name in desired and written not in (None, digest(column.comment)):
            sizes = [len(request_body(text)) for text in (column.comment, desired[column.name])]
            longer += max(0, sizes[0] - sizes[1])
    return longer
