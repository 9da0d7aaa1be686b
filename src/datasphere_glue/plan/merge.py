"""Who owns which field of a table, and what a table becomes when both sides have a say.

Structure and SAP facts follow the source. Texts that people edit in Glue (the description, column
comments) and the keys that say where the data is (`classification`, `typeOfData`) are decided
three ways: what we last applied, what the source says, what the catalog holds. What is not ours
(other people's parameters, column parameters, and all of `rest`) goes through untouched.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from datasphere_glue.model.table import OWN_KEYS, PREFIX, Column, Table, is_ours, parameters
from datasphere_glue.plan.change import Conflict, FieldChange

APPLIED: Final = PREFIX + "applied"
FINGERPRINT: Final = PREFIX + "fingerprint"
_KEPT_WHEN_EDITED: Final = frozenset({"classification", "typeOfData"})
_DERIVED: Final = frozenset({f"parameters.{APPLIED}", f"parameters.{FINGERPRINT}"})
_DIGEST_HEX: Final = 8

Fields = dict[str, str | None]

Decision = Callable[[str, str | None], str | None]
"""Path and wanted value in, value to write out."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A table as it shall be, and the edits of people that were kept in it."""

    table: Table
    conflicts: tuple[Conflict, ...] = ()


def digest(value: str | None) -> str:
    """Return 8 hex digits that tell one field's value from another; absent equals empty."""
    return sha256((value or "").encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_HEX]


def fields(table: Table) -> Fields:
    """Return every attribute of a table by its path, such as `columns.amount.comment`.

    `columns` itself holds the order of the columns, comma-separated.
    """
    flat: Fields = {"description": table.description, "table_type": table.table_type}
    flat["columns"] = ",".join(column.name for column in table.columns)
    flat |= {f"parameters.{key}": value for key, value in table.parameters}
    for place, columns in (("columns", table.columns), ("partition_keys", table.partition_keys)):
        for column in columns:
            path = f"{place}.{column.name}"
            flat |= {f"{path}.type": column.type, f"{path}.comment": column.comment}
            flat |= {f"{path}.parameters.{key}": value for key, value in column.parameters}
    return flat | {"rest": table.rest}


def field_changes(before: Table | None, after: Table | None) -> tuple[FieldChange, ...]:
    """Return the attributes that differ, by path; our own digests only when nothing else does."""
    old, new = (fields(table) if table else {} for table in (before, after))
    changed = tuple(
        FieldChange(path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if (old.get(path) or "") != (new.get(path) or "")
    )
    telling = tuple(change for change in changed if change.field not in _DERIVED)
    return telling or changed


def applied_digests(table: Table) -> dict[str, str]:
    """Return what `datasphere.applied` of a table says, empty when it says nothing usable."""
    try:
        stored = json.loads(table.parameter(APPLIED) or "{}")
    except ValueError:
        return {}
    if not isinstance(stored, dict):
        return {}
    return {str(key): value for key, value in stored.items() if isinstance(value, str)}


def first(desired: Table) -> Table:
    """Return a table as it is created: as desired, with the digests of what is applied."""
    return _with_applied(desired, {path: digest(value) for path, value in _owned(desired)})


def merge(current: Table, desired: Table) -> Merged:
    """Return the table that an update writes over `current`.

    Equal to `current` when nothing is to be done.
    """
    base = applied_digests(current)
    held = fields(current)
    conflicts: list[Conflict] = []

    def decided(path: str, want: str | None) -> str | None:
        have, was = held.get(path), base.get(path)
        if (have or "") == (want or "") or was is None or digest(have) == was:
            return want
        conflicts.append(_conflict(desired, path, have, want, both=digest(want) != was))
        return have

    merged = replace(
        current,
        columns=tuple(_column(column, current, decided) for column in desired.columns),
        description=decided("description", desired.description),
        table_type=desired.table_type,
        parameters=_parameters(current, desired, decided),
    )
    applied = {path: digest(value) for path, value in _owned(desired)}
    applied |= {c.field: base[c.field] for c in conflicts if c.both}
    return Merged(_with_applied(merged, applied), tuple(conflicts))


def _conflict(
    desired: Table, path: str, have: str | None, want: str | None, *, both: bool
) -> Conflict:
    space, asset = desired.asset
    return Conflict(desired.database, desired.name, space, asset, path, have, want, both)


def _column(desired: Column, current: Table, decided: Decision) -> Column:
    before = next((column for column in current.columns if column.name == desired.name), None)
    if before is None:
        return desired
    foreign = {key: value for key, value in before.parameters if not key.startswith(PREFIX)}
    return replace(
        desired,
        comment=decided(f"columns.{desired.name}.comment", desired.comment),
        parameters=parameters(foreign | dict(desired.parameters)),
    )


def _parameters(current: Table, desired: Table, decided: Decision) -> tuple[tuple[str, str], ...]:
    pairs = {key: value for key, value in current.parameters if not is_ours(key)}
    wanted = dict(desired.parameters)
    pairs |= {key: value for key, value in wanted.items() if key not in _KEPT_WHEN_EDITED}
    for key in _KEPT_WHEN_EDITED:
        value = decided(f"parameters.{key}", wanted.get(key))
        if value is not None:
            pairs[key] = value
    return parameters(pairs)


def _owned(desired: Table) -> Iterator[tuple[str, str | None]]:
    yield "description", desired.description
    for key, value in desired.parameters:
        if key in OWN_KEYS or (key.startswith(PREFIX) and key not in {APPLIED, FINGERPRINT}):
            yield f"parameters.{key}", value
    for column in desired.columns:
        path = f"columns.{column.name}"
        yield f"{path}.comment", column.comment
        yield f"{path}.type", column.type


def _with_applied(table: Table, applied: Mapping[str, str]) -> Table:
    text = json.dumps(dict(applied), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return table.with_parameters(applied=text)
