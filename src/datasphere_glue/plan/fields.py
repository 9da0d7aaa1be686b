"""The fields of a table by path, the owner of each, and the digests of the last applied values."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

from datasphere_glue.errors import Skippable
from datasphere_glue.model.applied import APPLIED, applied_text, digest, owned_fields
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.table import Column, Table
from datasphere_glue.model.table_keys import TABLE_KEYS
from datasphere_glue.plan.change import FieldChange
from datasphere_glue.plan.policy import FieldPolicy

FINGERPRINT: Final = table_key("fingerprint")
RENAMED_FROM: Final = table_key("renamed_from")
MOVED_FROM: Final = table_key("moved_from")

DERIVED: Final = frozenset({f"parameters.{APPLIED}", f"parameters.{FINGERPRINT}"})
"""Paths of the keys that follow from other fields."""

_MERGED: Final = frozenset(
    {
        "description",
        "parameters.classification",
        "parameters.typeOfData",
        "rest.StorageDescriptor.Location",
    }
)
_WITHHELD: Final = frozenset(f"parameters.{key.full}" for key in TABLE_KEYS if key.withheld)
_COLUMN_PREFIXES: Final = ("columns.", "partition_keys.")

Policies = tuple[tuple[str, FieldPolicy], ...]


class FieldConflict(Skippable):
    """A person edited a field whose policy is `fail`; the table is not written."""

    code = IssueCode.FIELD_CONFLICT


def policy_of(path: str, policies: Policies) -> FieldPolicy:
    """Return the policy of a field: that of the first matching glob, else the default."""
    if policies and (chosen := _configured(path, policies)):
        return chosen
    texts = path.endswith(".comment") and path.startswith(_COLUMN_PREFIXES)
    return FieldPolicy.MERGE if texts or path in _MERGED else FieldPolicy.SOURCE


@lru_cache(maxsize=16_384)
def _configured(path: str, policies: Policies) -> FieldPolicy | None:
    return next((policy for glob, policy in policies if fnmatchcase(path, glob)), None)


def shown_value(path: str, value: str | None) -> str | None:
    """Return the value of a field as reports, messages and logs may show it."""
    if not value or path not in _WITHHELD:
        return value
    return f"text of {len(value):,} characters ({digest(value)})"


def field_change(path: str, before: str | None, after: str | None) -> FieldChange:
    """Return the change of one field, with values that may be shown."""
    return FieldChange(path, shown_value(path, before), shown_value(path, after))


def differing_fields(
    before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> tuple[FieldChange, ...]:
    """Return the fields that differ, sorted by path; absent equals empty."""
    return tuple(
        field_change(path, before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if (before.get(path) or "") != (after.get(path) or "")
    )


def with_applied(table: Table, applied: Mapping[str, str]) -> Table:
    """Return the table with these digests."""
    return table.with_parameters(applied=applied_text(table, applied))


def owned_digests(desired: Table, policies: Policies) -> dict[str, str]:
    """Return the digest of every field that sync writes, by path."""
    fields = owned_fields(desired, lambda path: is_watched(path, policies))
    return {path: digest(value) for path, value in fields}


def is_watched(path: str, policies: Policies) -> bool:
    """Return whether a parameter of a column has another policy than `source`."""
    return bool(policies) and policy_of(path, policies) is not FieldPolicy.SOURCE


def flat_columns(place: str, columns: tuple[Column, ...]) -> Iterator[tuple[str, str | None]]:
    """Yield every attribute of some columns by its path."""
    for column in columns:
        path = f"{place}.{column.name}"
        yield f"{path}.type", column.type
        yield f"{path}.comment", column.comment
        for key, value in column.parameters:
            yield f"{path}.parameters.{key}", value
