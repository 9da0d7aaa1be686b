"""The fields of a table by path, the owner of each, and the digests of the last applied values."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from datasphere_glue.errors import Skippable
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.key import PREFIX, Owner
from datasphere_glue.model.table import Column, Parameters, Table, canonical_json
from datasphere_glue.model.table_keys import TABLE_KEYS
from datasphere_glue.plan.change import FieldChange
from datasphere_glue.plan.policy import FieldPolicy

APPLIED: Final = table_key("applied")
FINGERPRINT: Final = table_key("fingerprint")
RENAMED_FROM: Final = table_key("renamed_from")
MOVED_FROM: Final = table_key("moved_from")

DERIVED: Final = frozenset({f"parameters.{APPLIED}", f"parameters.{FINGERPRINT}"})
"""Paths of the keys that follow from other fields."""

IDENTITY_KEYS: Final = frozenset(key.full for key in TABLE_KEYS if key.owner is Owner.IDENTITY)
"""Keys that identify a table; no policy changes their owner."""

_MERGED: Final = frozenset(
    {
        "description",
        "parameters.classification",
        "parameters.typeOfData",
        "rest.StorageDescriptor.Location",
    }
)
_COLUMN_PREFIXES: Final = ("columns.", "partition_keys.")
_DIGEST_HEX: Final = 8
_MAX_DIGESTS: Final = 48_000
"""Most characters for the digests of one table, so that the request stays within its limit."""

Policies = tuple[tuple[str, FieldPolicy], ...]
Leaf = tuple[str, ...]


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


def differing_fields(
    before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> tuple[FieldChange, ...]:
    """Return the fields that differ, sorted by path; absent equals empty."""
    return tuple(
        FieldChange(path, before.get(path), after.get(path))
        for path in sorted({*before, *after})
        if (before.get(path) or "") != (after.get(path) or "")
    )


@lru_cache(maxsize=16_384)
def digest(value: str | None) -> str:
    """Return 8 hex digits that identify the value of a field; absent equals empty."""
    return sha256((value or "").encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_HEX]


def applied_digests(table: Table) -> dict[str, str]:
    """Return the digests in `datasphere.applied` of a table by path; empty if it is unusable."""
    try:
        stored = json.loads(table.parameter(APPLIED) or "{}")
    except ValueError:
        return {}
    if not isinstance(stored, dict):
        return {}
    return {str(key): value for key, value in stored.items() if isinstance(value, str)}


def with_applied(table: Table, applied: Mapping[str, str]) -> Table:
    """Return the table with these digests; too long ones lose those of column parameters."""
    text = canonical_json(dict(applied))
    if len(text) > _MAX_DIGESTS:
        text = canonical_json({k: v for k, v in applied.items() if not k.endswith(".parameters")})
    return table.with_parameters(applied=text)


def owned_digests(desired: Table, policies: Policies) -> dict[str, str]:
    """Return the digest of every field that sync writes, by path."""
    return {path: digest(value) for path, value in _owned(desired, policies)}


def _owned(desired: Table, policies: Policies) -> Iterator[tuple[str, str | None]]:
    yield "description", desired.description
    yield "table_type", desired.table_type
    for key, value in desired.parameters:
        if key not in IDENTITY_KEYS:
            yield f"parameters.{key}", value
    for place, columns in (
        ("columns", desired.columns),
        ("partition_keys", desired.partition_keys),
    ):
        for column in columns:
            path = f"{place}.{column.name}"
            yield f"{path}.comment", column.comment
            yield f"{path}.type", column.type
            yield f"{path}.parameters", source_parameters(column.parameters, path, policies)
            for key, value in column.parameters:
                field = f"{path}.parameters.{key}"
                if policies and policy_of(field, policies) is not FieldPolicy.SOURCE:
                    yield field, value
    for leaf, value in leaves(desired.rest).items():
        yield leaf_path(leaf), leaf_text(value)


def source_parameters(pairs: Parameters, path: str, policies: Policies) -> str:
    """Return those of our parameters of one column that only the source changes, as one text.

    A single digest for all of them keeps `datasphere.applied` short: a wide table has thousands.
    """
    return "\0".join(
        f"{key}={value}"
        for key, value in pairs
        if key.startswith(PREFIX)
        and not (
            policies and policy_of(f"{path}.parameters.{key}", policies) is not FieldPolicy.SOURCE
        )
    )


def flat_columns(place: str, columns: tuple[Column, ...]) -> Iterator[tuple[str, str | None]]:
    """Yield every attribute of some columns by its path."""
    for column in columns:
        path = f"{place}.{column.name}"
        yield f"{path}.type", column.type
        yield f"{path}.comment", column.comment
        for key, value in column.parameters:
            yield f"{path}.parameters.{key}", value


def leaves(rest: str) -> dict[Leaf, Any]:
    """Return the values inside `rest` by their path of members; lists are values."""
    return {} if rest == "{}" else dict(_walk_leaves((), json.loads(rest)))


def _walk_leaves(path: Leaf, value: Any) -> Iterator[tuple[Leaf, Any]]:
    if isinstance(value, dict) and (value or not path):
        for key, inner in value.items():
            yield from _walk_leaves((*path, key), inner)
    else:
        yield path, value


def leaf_path(leaf: Leaf) -> str:
    """Return the path of a value of `rest`, such as `rest.StorageDescriptor.Location`."""
    return ".".join(("rest", *leaf))


def leaf_text(value: Any) -> str | None:
    """Return a value of `rest` as text; None for the defaults of Glue (0, False, empty)."""
    if value in (None, "", 0, False, [], {}):
        return None
    return value if isinstance(value, str) else canonical_json(value)


def rest_from_leaves(values: Mapping[Leaf, Any]) -> str:
    """Return the `rest` that holds these values: the inverse of `leaves`."""
    tree: dict[str, Any] = {}
    for leaf, value in values.items():
        node = tree
        for member in leaf[:-1]:
            node = node.setdefault(member, {})
        # An empty map does not replace what other leaves put into it.
        if value != {} or leaf[-1] not in node:
            node[leaf[-1]] = value
    return canonical_json(tree)
